//! Light that scatters below the skin: a random walk inside one mesh.
//!
//! The walk enters with a cosine lobe (or straight on), scatters evenly in all directions and leaves where it next
//! meets the mesh. Its coefficients come from the wanted albedo A and the diffuse mean free path
//! ld of each channel: d = ld / (3.5 + 100 (A - 0.33)^4) is the scale of the profile (Christensen
//! and Burley 2015); the extinction 1 / (d (1.9 - A + 3.5 (A - 0.8)^2)) gives the walk that scale
//! (Chiang, Kutz and Burley 2016); the single-scattering albedo is 1 - s^2 with s = 4.09712 +
//! 4.20863 A - sqrt(9.59217 + 41.6808 A + 17.7126 A^2). The tests check albedo and distance.
//!
//! Most flights are guided back to the surface: directions and lengths are drawn as in a half space
//! whose light falls off with Dwivedi's diffusion length (Krivanek and d'Eon 2014; Meng, Hanika and
//! Dachsbacher 2016), which shortens walks and evens out what they carry.

mod diffusion;

pub(crate) use diffusion::Diffusion;

use glam::{Vec2, Vec3};

use crate::accel::{Accel, Hit};
use crate::fast_math::{exp, ln, pow, sin_cos_turns};
use crate::frame::Frame;
use crate::material::Subsurface;
use crate::ray::Ray;
use crate::sampler::{Sampler, mix};
use crate::sampling::{cosine_hemisphere, free_path, uniform_sphere};

/// Share of flights that are guided to the surface.
const GUIDED: f32 = 0.75;
/// Walks for one entry: they and the light at their ends are cheap against the rest of a path, and
/// without them their noise would be the largest of the picture.
pub(crate) const WALKS: u32 = 3;
/// Longest walk, in free flights.
const STEPS_MAX: u32 = 1024;
/// Walks that carry less than this are ended by roulette: early roulette would cost more in noise
/// than it saves in flights.
const ROULETTE_BELOW: f32 = 0.15;
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

/// A medium; its coefficients are per channel.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Medium {
    /// Mesh that bounds it.
    object: u32,
    /// Wanted albedo of the surface.
    surface_albedo: Vec3,
    /// Extinction, per metre.
    sigma_t: Vec3,
    /// Single-scattering albedo.
    albedo: Vec3,
    /// Diffusion length, in free paths.
    length: Vec3,
    inverse_length: Vec3,
    /// Norm of the density of guided cosines.
    direction_norm: Vec3,
}

impl Medium {
    /// The medium that shows the wanted albedo and spreads light over the mean free path.
    pub(crate) fn new(subsurface: &Subsurface) -> Self {
        let Subsurface {
            object,
            albedo,
            mean_free_path_m,
        } = *subsurface;
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
        let length = Vec3::from_array(single.to_array().map(diffusion_length));
        let direction_norm = (length + Vec3::ONE) / (length - Vec3::ONE);
        Self {
            object,
            surface_albedo: albedo,
            sigma_t,
            albedo: single,
            length,
            inverse_length: length.recip(),
            direction_norm: Vec3::from_array(direction_norm.to_array().map(ln)).recip(),
        }
    }

    /// Draws the cosine to the outward normal of a guided direction.
    #[inline]
    fn guided_cosine(&self, channel: usize, u: f32) -> f32 {
        let length = self.length[channel];
        // The ratio (length - 1) / (length + 1) to the power u.
        let ratio = exp(-u / self.direction_norm[channel]);
        (length - (length + 1.0) * ratio).clamp(-1.0, 1.0)
    }

    /// Follows light that enters at `position` through a surface of outward unit normal `normal`,
    /// along `straight` or, without it, with a cosine lobe; `None` when it is absorbed.
    pub(crate) fn walk(
        &self,
        accel: &Accel,
        (position, normal): (Vec3, Vec3),
        straight: Option<Vec3>,
        u: WalkNumbers,
    ) -> Option<Exit> {
        let mut random = WalkRandom::new(u.rest);
        let outward = Frame::from_normal(normal);
        let direction = straight.unwrap_or_else(|| {
            let entry = cosine_hemisphere(u.entry);
            outward.to_world(Vec3::new(entry.x, entry.y, -entry.z))
        });
        // A step of a few units in the last place: a larger one is not small against the free path.
        let depth = position.abs().max_element().max(0.1) * ENTRY_STEP;
        let mut ray = Ray::new(position - normal * depth, direction);
        let mut throughput = Vec3::ONE;
        for step in 0..STEPS_MAX {
            // A channel is drawn by what it still carries, and the flight counts as drawn from all
            // channels and both ways of flying (the balance heuristic).
            let share = throughput * self.albedo;
            let share = share / (share.x + share.y + share.z);
            let flight_u = if step == 0 {
                u.first_flight
            } else {
                random.next_2d()
            };
            let channel =
                usize::from(share.x <= flight_u.x) + usize::from(share.x + share.y <= flight_u.x);
            let mut sigma = self.sigma_t[channel];
            let mut guided = 0.0;
            if 0 < step {
                guided = GUIDED;
                let (u_way, u_direction) = (random.next_2d().x, random.next_2d());
                if u_way < guided {
                    let (sin, cos) = sin_cos_turns(u_direction.y);
                    let mu = self.guided_cosine(channel, u_direction.x);
                    let radius = (1.0 - mu * mu).max(0.0).sqrt();
                    ray.direction = outward.to_world(Vec3::new(radius * cos, radius * sin, mu));
                    sigma *= 1.0 - mu * self.inverse_length[channel];
                } else {
                    ray.direction = uniform_sphere(u_direction);
                }
            }
            let flight = free_path(flight_u.y, sigma);
            ray.t_max = flight;
            let hit = accel.intersect_mesh(&ray, self.object);
            let t = hit.map_or(flight, |hit| hit.t);

            let mu = normal.dot(ray.direction);
            let transmitted = exp_of(self.sigma_t * -t);
            let stretch = Vec3::ONE - self.inverse_length * mu;
            let guided_transmitted = if 0.0 < guided {
                // Density of the direction over the even one, times transmittance as if stretched.
                2.0 * self.direction_norm / (self.length - Vec3::splat(mu))
                    * exp_of(self.sigma_t * stretch * -t)
            } else {
                Vec3::ZERO
            };
            if let Some(hit) = hit {
                let drawn = transmitted * (1.0 - guided) + guided_transmitted * guided;
                throughput *= transmitted / share.dot(drawn).max(1e-30);
                return Some(Exit {
                    weight: throughput,
                    place: Some((ray, hit)),
                });
            }
            let drawn = self.sigma_t
                * (transmitted * (1.0 - guided) + guided_transmitted * stretch * guided);
            throughput *= self.albedo * self.sigma_t * transmitted / share.dot(drawn).max(1e-30);
            let carried = throughput.max_element();
            if carried < ROULETTE_BELOW {
                let survival = carried / ROULETTE_BELOW;
                if survival <= random.next_2d().x {
                    return None;
                }
                throughput /= survival;
            }
            ray.origin = ray.at(flight);
        }
        // So long a walk is lost in an open mesh: light leaves as if it had not entered.
        Some(Exit {
            weight: self.surface_albedo,
            place: None,
        })
    }
}

/// The diffusion length of a medium in free paths, by the single-scattering albedo: a fit to
/// Dwivedi's root that is also exact in both limits.
fn diffusion_length(albedo: f32) -> f32 {
    let a = albedo.clamp(0.2, 0.9999);
    let exponent = 2.442_94 - 0.021_581_3 * a + 0.578_637 / a;
    (1.0 / (1.0 - pow(a, exponent)).sqrt()).max(1.0005)
}

/// [`exp`] of each component.
#[inline]
fn exp_of(x: Vec3) -> Vec3 {
    Vec3::new(exp(x.x), exp(x.y), exp(x.z))
}

/// The numbers of one walk: its start is stratified over the samples of a pixel.
#[derive(Clone, Copy, Debug)]
pub(crate) struct WalkNumbers {
    /// Draws the direction in which light enters.
    entry: Vec2,
    /// Draws channel and length of the first flight.
    first_flight: Vec2,
    /// Seeds everything after.
    rest: Vec2,
}

impl WalkNumbers {
    /// The next numbers of `sampler`.
    pub(crate) fn draw<S: Sampler>(sampler: &mut S) -> Self {
        Self {
            entry: sampler.next_2d(),
            first_flight: sampler.next_2d(),
            rest: sampler.next_2d(),
        }
    }
}

/// Random numbers of the later part of a walk: too many for stratification to matter.
#[derive(Clone, Copy, Debug)]
struct WalkRandom(u64);

impl WalkRandom {
    /// Numbers that follow from two uniform ones.
    fn new(u: Vec2) -> Self {
        Self(u64::from(u.x.to_bits()) << 32 | u64::from(u.y.to_bits()))
    }

    fn next_2d(&mut self) -> Vec2 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let bits = mix(self.0);
        let unit = |bits: u64| (bits & 0xff_ffff) as f32 * (1.0 / 16_777_216.0);
        Vec2::new(unit(bits >> 40), unit(bits >> 8))
    }
}

#[cfg(test)]
mod tests;
