//! Rays, what they may hit, and how they leave a surface.

use glam::{IVec3, Vec3};

/// Kinds of objects a ray looks at; an object is seen when it has one of the kinds of the ray.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RayMask(pub u32);

impl RayMask {
    /// Every object.
    pub const ALL: Self = Self(1);
    /// What label rays stop at: every object that is not see-through.
    pub const LABEL: Self = Self(1 << 1);
    /// What stops shadow rays: every object that is not a dielectric boundary.
    pub const SHADOW: Self = Self(1 << 2);
    /// Dielectric boundaries only, for stepping through them.
    pub const DIELECTRIC: Self = Self(1 << 3);
    /// What label rays stop at and count.
    pub const SUBJECT: Self = Self(1 << 4);
    /// What label rays stop at and do not count.
    pub const SURROUNDINGS: Self = Self(1 << 5);
    /// What label rays pass through: see-through objects.
    pub const GLASS: Self = Self(1 << 6);

    /// Whether the two have a kind in common.
    pub fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// The kinds of both.
    #[must_use]
    pub fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// Pieces of fibre that a ray does not see: the one it starts on and its neighbours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StrandSkip {
    /// First piece not seen.
    pub(crate) first: u32,
    /// Last piece not seen; below `first` when all are seen.
    pub(crate) last: u32,
}

impl StrandSkip {
    /// Every piece is seen.
    pub const NONE: Self = Self { first: 1, last: 0 };

    /// Whether no piece is skipped.
    pub fn is_none(self) -> bool {
        self.last < self.first
    }

    #[inline(always)]
    pub(crate) fn contains(self, piece: u32) -> bool {
        self.first <= piece && piece <= self.last
    }
}

/// A half line, in world space.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ray {
    /// Where it starts, in metres.
    pub origin: Vec3,
    /// Where it goes; unit length.
    pub direction: Vec3,
    /// Hits lie beyond this distance, in metres; not negative.
    pub t_min: f32,
    /// Hits lie before this distance, in metres.
    pub t_max: f32,
    /// Which objects it sees.
    pub mask: RayMask,
    /// Which fibre pieces it does not see.
    pub skip: StrandSkip,
}

impl Ray {
    /// A ray that sees everything, without end.
    pub fn new(origin: Vec3, direction: Vec3) -> Self {
        Self {
            origin,
            direction,
            t_min: 0.0,
            t_max: f32::INFINITY,
            mask: RayMask::ALL,
            skip: StrandSkip::NONE,
        }
    }

    /// The same ray for other eyes.
    #[must_use]
    pub fn with_mask(self, mask: RayMask) -> Self {
        Self { mask, ..self }
    }

    /// The same ray blind to some fibre pieces.
    #[must_use]
    pub fn with_skip(self, skip: StrandSkip) -> Self {
        Self { skip, ..self }
    }

    /// The same ray, ending at distance `t_max`.
    #[must_use]
    pub fn with_t_max(self, t_max: f32) -> Self {
        Self { t_max, ..self }
    }

    /// The point at distance `t`.
    pub fn at(&self, t: f32) -> Vec3 {
        self.origin + self.direction * t
    }
}

/// Moves a point off a surface to the side of `normal`, just far enough that a ray from there
/// does not meet the same surface again.
///
/// Waechter and Binder, "A Fast and Robust Method for Avoiding Self-Intersection", Ray Tracing
/// Gems, 2019: a step of some units in the last place, or a fixed one near the origin.
/// `position` should be interpolated on the triangle, `normal` geometric and of unit length.
pub fn offset_origin(position: Vec3, normal: Vec3) -> Vec3 {
    const NEAR_ORIGIN_M: f32 = 1.0 / 32.0;
    const FIXED_STEP_M: f32 = 1.0 / 65536.0;
    const ULPS: f32 = 256.0;
    let ulps = IVec3::new(
        (ULPS * normal.x) as i32,
        (ULPS * normal.y) as i32,
        (ULPS * normal.z) as i32,
    );
    Vec3::from_array(std::array::from_fn(|k| {
        let p = position[k];
        if p.abs() < NEAR_ORIGIN_M {
            p + FIXED_STEP_M * normal[k]
        } else {
            let away = if p < 0.0 { -ulps[k] } else { ulps[k] };
            f32::from_bits((p.to_bits() as i32).wrapping_add(away) as u32)
        }
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offset_moves_to_the_side_of_the_normal_by_microns() {
        for position in [
            Vec3::new(1.5, -2.0, 0.01),
            Vec3::new(-0.3, 0.0, -4.0),
            Vec3::ZERO,
        ] {
            for normal in [Vec3::X, Vec3::NEG_Y, Vec3::new(0.6, 0.0, -0.8)] {
                let moved = offset_origin(position, normal);
                let step = moved - position;
                assert!(0.0 < step.dot(normal), "{position} along {normal}: {step}");
                assert!(step.length() < 2e-4, "{position} along {normal}: {step}");
            }
        }
    }

    #[test]
    fn masks_meet_where_they_share_a_kind() {
        let glass = RayMask::ALL.with(RayMask::DIELECTRIC);
        assert!(glass.meets(RayMask::ALL));
        assert!(glass.meets(RayMask::DIELECTRIC));
        assert!(!glass.meets(RayMask::SHADOW));
        assert!(StrandSkip::NONE.is_none());
        assert!(!StrandSkip::NONE.contains(0) && !StrandSkip::NONE.contains(1));
    }
}
