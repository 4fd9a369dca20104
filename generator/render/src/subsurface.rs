//! Light that scatters below the skin: a random walk inside one mesh.
//!
//! The walk enters with a cosine lobe, scatters evenly in all directions and leaves where it next
//! meets the mesh. Its coefficients come from the wanted albedo A and the diffuse mean free path
//! ld of each channel: d = ld / (3.5 + 100 (A - 0.33)^4) is the scale of the profile (Christensen
//! and Burley 2015); the extinction 1 / (d (1.9 - A + 3.5 (A - 0.8)^2)) gives the walk that scale
//! (Chiang, Kutz and Burley 2016); the single-scattering albedo is 1 - s^2 with s = 4.09712 +
//! 4.20863 A - sqrt(9.59217 + 41.6808 A + 17.7126 A^2). The tests check albedo and distance.

use glam::{Vec2, Vec3};

use crate::accel::{Accel, Hit};
use crate::fast_math::exp;
use crate::frame::Frame;
use crate::material::Subsurface;
use crate::ray::Ray;
use crate::sampler::mix;
use crate::sampling::{cosine_hemisphere, free_path, uniform_sphere};

/// Longest walk, in free flights.
const STEPS_MAX: u32 = 1024;
/// Flights before roulette.
const STEPS_SURE: u32 = 6;
/// Bounds on the albedo for which the inversion was fitted.
const ALBEDO_RANGE: (f32, f32) = (0.02, 0.98);
/// Depth of the first point of a walk below the surface, relative to its coordinates.
const ENTRY_STEP: f32 = 2e-6;
/// Least mean free path: below this light leaves where it entered.
const MEAN_FREE_PATH_MIN_M: f32 = 1e-5;

/// Where and how strongly light leaves.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Exit {
    /// Factor on the throughput.
    pub(crate) weight: Vec3,
    /// The ray inside and what it met; `None` when light leaves where it entered.
    pub(crate) place: Option<(Ray, Hit)>,
}

/// Coefficients of the medium, per channel.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Medium {
    /// Extinction, per metre.
    pub(crate) sigma_t: Vec3,
    /// Single-scattering albedo.
    pub(crate) albedo: Vec3,
}

impl Medium {
    /// The medium that shows `albedo` and spreads light over `mean_free_path_m`.
    pub(crate) fn new(albedo: Vec3, mean_free_path_m: Vec3) -> Self {
        let (mut sigma_t, mut single) = (Vec3::ZERO, Vec3::ZERO);
        for channel in 0..3 {
            let a = albedo[channel].clamp(ALBEDO_RANGE.0, ALBEDO_RANGE.1);
            let off = a - 0.33;
            let d = mean_free_path_m[channel].max(MEAN_FREE_PATH_MIN_M)
                / (3.5 + 100.0 * off * off * off * off);
            let s = 4.09712 + 4.20863 * a - (9.59217 + a * (41.6808 + 17.7126 * a)).sqrt();
            sigma_t[channel] = 1.0 / (d * (1.9 - a + 3.5 * (a - 0.8) * (a - 0.8)));
            single[channel] = 1.0 - s * s;
        }
        Self {
            sigma_t,
            albedo: single,
        }
    }
}

/// Follows light that enters at `position` through a surface of outward unit normal `normal`;
/// `None` when it is absorbed.
pub(crate) fn walk(
    accel: &Accel,
    subsurface: &Subsurface,
    position: Vec3,
    normal: Vec3,
    mut random: WalkRandom,
) -> Option<Exit> {
    let medium = Medium::new(subsurface.albedo, subsurface.mean_free_path_m);
    let inward = Frame::from_normal(-normal);
    // A step of a few units in the last place: a larger one is not small against the free path.
    let depth = position.abs().max_element().max(0.1) * ENTRY_STEP;
    let mut ray = Ray::new(
        position - normal * depth,
        inward.to_world(cosine_hemisphere(random.next_2d())),
    );
    let mut throughput = Vec3::ONE;
    for step in 0..STEPS_MAX {
        // A channel is drawn by what it still carries, and the flight counts as drawn from all
        // of them (the balance heuristic over channels).
        let share = throughput * medium.albedo;
        let share = share / (share.x + share.y + share.z);
        let u = random.next_1d();
        let channel = usize::from(share.x <= u) + usize::from(share.x + share.y <= u);
        let flight = free_path(random.next_1d(), medium.sigma_t[channel]);
        ray.t_max = flight;
        let hit = accel.intersect_mesh(&ray, subsurface.object);
        let t = hit.map_or(flight, |hit| hit.t);
        let transmitted = Vec3::from_array((medium.sigma_t * -t).to_array().map(exp));
        if let Some(hit) = hit {
            throughput *= transmitted / share.dot(transmitted).max(1e-30);
            return Some(Exit {
                weight: throughput,
                place: Some((ray, hit)),
            });
        }
        let density = medium.sigma_t * transmitted;
        throughput *= medium.albedo * density / share.dot(density).max(1e-30);
        if STEPS_SURE <= step {
            let survival = throughput.max_element().min(1.0);
            if survival <= random.next_1d() {
                return None;
            }
            throughput /= survival;
        }
        ray.origin = ray.at(flight);
        ray.direction = uniform_sphere(random.next_2d());
    }
    // So long a walk is lost in an open mesh: light leaves as if it had not entered.
    Some(Exit {
        weight: subsurface.albedo,
        place: None,
    })
}

/// Random numbers of one walk: too many for stratification to matter.
#[derive(Clone, Copy, Debug)]
pub(crate) struct WalkRandom(u64);

impl WalkRandom {
    /// Numbers that follow from two uniform ones.
    pub(crate) fn new(u: Vec2) -> Self {
        Self(u64::from(u.x.to_bits()) << 32 | u64::from(u.y.to_bits()))
    }

    fn next_2d(&mut self) -> Vec2 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let bits = mix(self.0);
        let unit = |bits: u64| (bits & 0xff_ffff) as f32 * (1.0 / 16_777_216.0);
        Vec2::new(unit(bits >> 40), unit(bits >> 8))
    }

    fn next_1d(&mut self) -> f32 {
        self.next_2d().x
    }
}

#[cfg(test)]
mod tests;
