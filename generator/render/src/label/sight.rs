//! Which points of a scene the camera sees.
//!
//! A point is in sight when nothing stops the pinhole ray to it by more than its depth before it:
//! a point on a surface has next to none, one inside a limb that of the flesh and cloth about it.
//! See-through objects stop nothing, and neither do the parts that are named clear (the cornea
//! before the pupil).
//!
//! Single fibres hide nothing either. They count together: where at least half of a small disc
//! about the point lies behind fibres, it is hidden.

use bottega_geometry::math;
use glam::Vec3;

use crate::accel::{Accel, Hit, HitKind};
use crate::ray::{Ray, RayMask, StrandSkip};
use crate::scene::{Label, Scene};

/// A point that may be in sight.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SightPoint {
    /// Where it is, in world space, in metres.
    pub position: Vec3,
    /// What is seen less than so far before it is its own cover, in metres.
    pub depth_m: f32,
}

/// Rays that ask how much of a disc fibres cover.
const DISC_RAYS: u32 = 16;

/// Radius of that disc, in metres.
const DISC_RADIUS_M: f32 = 0.002;

/// Clear objects that a ray passes; one that meets more is stopped.
const CLEAR_MAX: u32 = 64;

/// Every piece of fibre.
const ALL_STRANDS: StrandSkip = StrandSkip {
    first: 0,
    last: u32::MAX,
};

/// Whether each point is in sight of the camera in the middle of its exposure, the borders of the
/// picture aside. `clear_parts` are the parts, by number, that hide nothing.
pub fn in_sight(
    scene: &Scene,
    accel: &Accel,
    points: &[SightPoint],
    clear_parts: &[u8],
) -> Vec<bool> {
    let sight = Sight {
        scene,
        accel,
        clear_parts,
    };
    let is_seen = |point: &SightPoint| !sight.is_behind_solid(point) && !sight.is_in_hair(point);
    points.iter().map(is_seen).collect()
}

struct Sight<'a> {
    scene: &'a Scene,
    accel: &'a Accel,
    clear_parts: &'a [u8],
}

impl Sight<'_> {
    fn label_of(&self, hit: &Hit) -> Label {
        match hit.kind {
            HitKind::Triangle { object, .. } => self.scene.meshes[object as usize].label,
            HitKind::Strand { object, .. } => self.scene.strands[object as usize].label,
        }
    }

    /// The ray from the camera that ends a depth before a point; `None` for one that is nearer.
    fn ray_to(&self, position: Vec3, depth_m: f32) -> Option<Ray> {
        let eye = self.scene.camera.position();
        let way = position - eye;
        let distance_m = way.length();
        let end_m = distance_m - depth_m;
        (0.0 < end_m).then(|| {
            Ray::new(eye, way / distance_m)
                .with_mask(RayMask::LABEL)
                .with_t_max(end_m)
        })
    }

    /// What stops a ray: its first hit that is not clear.
    fn stop(&self, mut ray: Ray) -> Option<Hit> {
        let mut last = None;
        for _ in 0..CLEAR_MAX {
            let hit = self.accel.intersect(&ray)?;
            if !self.clear_parts.contains(&self.label_of(&hit).part) {
                return Some(hit);
            }
            ray.t_min = hit.t;
            last = Some(hit);
        }
        last
    }

    fn is_behind_solid(&self, point: &SightPoint) -> bool {
        let ray = self.ray_to(point.position, point.depth_m);
        ray.is_some_and(|ray| self.stop(ray.with_skip(ALL_STRANDS)).is_some())
    }

    fn is_in_hair(&self, point: &SightPoint) -> bool {
        if self.scene.strands.is_empty() {
            return false;
        }
        let toward = (point.position - self.scene.camera.position()).normalize_or(Vec3::Z);
        let (across, up) = toward.any_orthonormal_pair();
        let is_hair = |i: &u32| {
            // Points of a sunflower, each for the same share of the disc.
            let radius_m = DISC_RADIUS_M * ((*i as f32 + 0.5) / DISC_RAYS as f32).sqrt();
            let (sin, cos) = math::sin_cos(*i as f32 * GOLDEN_ANGLE_RAD);
            let position = point.position + radius_m * (cos * across + sin * up);
            let ray = self.ray_to(position, point.depth_m);
            let hit = ray.and_then(|ray| self.stop(ray));
            hit.is_some_and(|hit| matches!(hit.kind, HitKind::Strand { .. }))
        };
        let n_hair = (0..DISC_RAYS).filter(is_hair).count();
        DISC_RAYS as usize <= 2 * n_hair
    }
}

/// The angle between seeds of a sunflower.
const GOLDEN_ANGLE_RAD: f32 = 2.399_963_2;
