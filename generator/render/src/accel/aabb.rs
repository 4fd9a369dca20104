//! Axis-aligned boxes.

use glam::Vec3A;

/// A box; empty while `lo` exceeds `hi`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Aabb {
    /// Smallest coordinates.
    pub(super) lo: Vec3A,
    /// Largest coordinates.
    pub(super) hi: Vec3A,
}

impl Aabb {
    /// The box of nothing.
    pub(super) const EMPTY: Self = Self {
        lo: Vec3A::INFINITY,
        hi: Vec3A::NEG_INFINITY,
    };

    /// The box of a ball.
    pub(super) fn of_ball(center: Vec3A, radius: f32) -> Self {
        let radius = Vec3A::splat(radius);
        Self {
            lo: center - radius,
            hi: center + radius,
        }
    }

    /// The smallest box around both.
    #[must_use]
    pub(super) fn union(self, other: Self) -> Self {
        Self {
            lo: self.lo.min(other.lo),
            hi: self.hi.max(other.hi),
        }
    }

    /// The smallest box around this one and a point.
    #[must_use]
    pub(super) fn with_point(self, point: Vec3A) -> Self {
        Self {
            lo: self.lo.min(point),
            hi: self.hi.max(point),
        }
    }

    /// Half the surface area; zero when empty.
    pub(super) fn half_area(self) -> f32 {
        let d = (self.hi - self.lo).max(Vec3A::ZERO);
        d.x * d.y + d.y * d.z + d.z * d.x
    }

    /// Twice the centre.
    pub(super) fn double_center(self) -> Vec3A {
        self.lo + self.hi
    }

    /// The part common to both.
    #[must_use]
    pub(super) fn intersection(self, other: Self) -> Self {
        Self {
            lo: self.lo.max(other.lo),
            hi: self.hi.min(other.hi),
        }
    }

    /// Whether `other` lies inside.
    pub(super) fn contains(self, other: Self) -> bool {
        self.lo.cmple(other.lo).all() && other.hi.cmple(self.hi).all()
    }
}
