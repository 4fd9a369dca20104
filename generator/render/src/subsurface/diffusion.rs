//! Light below the skin by normalised diffusion (Christensen and Burley 2015), instead of a walk.
//!
//! Light that enters at one point leaves around it with the density per area
//! R(r) = A (exp(-r/d) + exp(-r/(3d))) / (8 pi d r) of the straight distance r. The places are
//! found by probes: a point is drawn on a disc across one of three axes, and a ray along the axis
//! looks for the surface there (King, Kulla, Conty and Fajardo 2013). All channels and axes count
//! as having been drawn (the balance heuristic).

use glam::Vec3;

use super::{Exit, MEAN_FREE_PATH_MIN_M, WalkNumbers};
use crate::accel::Accel;
use crate::fast_math::{exp, ln, sin_cos_turns};
use crate::frame::Frame;
use crate::interaction::SurfaceHit;
use crate::material::Subsurface;
use crate::ray::Ray;
use crate::scene::Scene;

/// Probability of a probe along the normal and along each tangent.
const AXES: [f32; 3] = [0.25, 0.25, 0.5];
/// Share of the light that is looked for: beyond, the profile is so faint that probes would be
/// long and would find other limbs.
const SHARE: f32 = 0.995;
/// Most surfaces that one probe crosses.
const HITS_MAX: usize = 6;

/// The profile of each channel below one surface.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Diffusion {
    object: u32,
    albedo: Vec3,
    /// Scale d of the profile, in metres.
    scale_m: Vec3,
    /// Probability with which the radius is drawn for each channel.
    channel: Vec3,
}

impl Diffusion {
    /// The profile of the wanted albedo and diffuse mean free path.
    pub(crate) fn new(subsurface: &Subsurface) -> Self {
        let Subsurface {
            object,
            albedo,
            mean_free_path_m,
        } = *subsurface;
        let off = albedo - Vec3::splat(0.33);
        let off2 = off * off;
        let shape = Vec3::splat(3.5) + 100.0 * off2 * off2;
        let carried = albedo.max(Vec3::splat(1e-3));
        Self {
            object,
            albedo,
            scale_m: mean_free_path_m.max(Vec3::splat(MEAN_FREE_PATH_MIN_M)) / shape,
            channel: carried / carried.element_sum(),
        }
    }

    /// Density per area of light that leaves at distance `r`, of each channel.
    #[inline]
    fn profile(&self, r: f32) -> Vec3 {
        let x = self.scale_m.recip() * -r;
        let far = Vec3::new(exp(x.x / 3.0), exp(x.y / 3.0), exp(x.z / 3.0));
        // exp(-r/d) is the cube of exp(-r/(3d)).
        let near = far * far * far;
        (near + far) / (8.0 * std::f32::consts::PI * r.max(1e-9)) * self.scale_m.recip()
    }

    /// The greatest distance of each channel.
    #[inline]
    fn reach_m(&self) -> Vec3 {
        // Of the profile's distribution 1 - exp(-x)/4 - 3 exp(-x/3)/4 the first term has ended.
        self.scale_m * (3.0 * -ln((1.0 - SHARE) * (4.0 / 3.0)))
    }

    /// A place where light leaves that entered at `position`; `None` where the probe finds none.
    pub(crate) fn probe(
        &self,
        (scene, accel): (&Scene, &Accel),
        position: Vec3,
        normal: Vec3,
        u: WalkNumbers,
    ) -> Option<Exit> {
        let frame = Frame::from_normal(normal);
        let axes = [frame.x, frame.y, frame.z];
        // One number draws the channel, what is left of it the axis, and another the place.
        let mut rest = u.first_flight.x;
        let channel = if rest < self.channel.x {
            rest /= self.channel.x;
            0
        } else if rest < self.channel.x + self.channel.y {
            rest = (rest - self.channel.x) / self.channel.y;
            1
        } else {
            rest = (rest - self.channel.x - self.channel.y) / self.channel.z;
            2
        };
        let axis = usize::from(AXES[0] <= rest) + usize::from(AXES[0] + AXES[1] <= rest);
        let (along, across, over) = (axes[axis], axes[(axis + 1) % 3], axes[(axis + 2) % 3]);

        // A quarter of the light falls off with d, the rest with 3 d.
        let (widen, left) = if u.entry.x < 0.25 {
            (1.0, u.entry.x * 4.0)
        } else {
            (3.0, (u.entry.x - 0.25) / 0.75)
        };
        let reach = self.reach_m();
        let r = -self.scale_m[channel] * widen * ln((1.0 - left).max(1e-7));
        if reach[channel] <= r {
            return None;
        }
        let half = (reach[channel] * reach[channel] - r * r).sqrt();
        let (sin, cos) = sin_cos_turns(u.entry.y);
        let start = position + across * (r * cos) + over * (r * sin) - along * half;

        let mut ray = Ray::new(start, along);
        ray.t_max = 2.0 * half;
        let mut found = None;
        let mut n_found = 0;
        let mut choice = u.first_flight.y;
        while n_found < HITS_MAX {
            let Some(hit) = accel.intersect_mesh(&ray, self.object) else {
                break;
            };
            n_found += 1;
            let share = 1.0 / n_found as f32;
            if choice < share {
                found = Some(hit);
                choice /= share;
            } else {
                choice = (choice - share) / (1.0 - share);
            }
            ray.t_min = hit.t + 1e-6;
        }
        let hit = found?;
        let surface = SurfaceHit::new(scene, &ray, &hit);
        let offset = surface.position - position;
        let distance = offset.length();

        let local = frame.to_local(offset);
        let radius = [
            local.y * local.y + local.z * local.z,
            local.z * local.z + local.x * local.x,
            local.x * local.x + local.y * local.y,
        ];
        let in_reach = Vec3::select(reach.cmpgt(Vec3::splat(distance)), self.channel, Vec3::ZERO);
        let mut density = 0.0;
        for k in 0..3 {
            let facing = surface.geometric_normal.dot(axes[k]).abs();
            density += AXES[k] * facing * self.profile(radius[k].sqrt()).dot(in_reach);
        }
        // Rounding may put a place just beyond every reach: nothing could have found it.
        if density <= 0.0 {
            return None;
        }
        let weight = self.albedo * self.profile(distance) * (n_found as f32 / density);
        let outward = Ray::new(surface.position, surface.geometric_normal);
        Some(Exit {
            weight,
            place: Some((outward, hit)),
        })
    }
}
