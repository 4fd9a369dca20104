//! The shading frame: an orthonormal basis whose +Z is the normal.

use bottega_geometry::math::orthonormal_basis;
use glam::Vec3;

/// A right-handed orthonormal basis in world space.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Frame {
    /// Local +X.
    pub x: Vec3,
    /// Local +Y.
    pub y: Vec3,
    /// Local +Z: the normal of a surface.
    pub z: Vec3,
}

impl Frame {
    /// A frame about the unit normal `z`; the tangents are arbitrary but continuous almost
    /// everywhere.
    #[inline]
    pub fn from_normal(z: Vec3) -> Self {
        let (x, y) = orthonormal_basis(z);
        Self { x, y, z }
    }

    /// A frame about the unit normal `z` whose +X lies as near to `tangent` as it can.
    #[inline]
    pub fn from_tangent(z: Vec3, tangent: Vec3) -> Self {
        match (tangent - z * z.dot(tangent)).try_normalize() {
            Some(x) => Self {
                x,
                y: z.cross(x),
                z,
            },
            None => Self::from_normal(z),
        }
    }

    /// The frame in which fibres are shaded: +X along the unit `tangent`, and `wo` in the plane of
    /// +X and +Y with a component along +Y that is not negative.
    #[inline]
    pub fn from_fiber(tangent: Vec3, wo: Vec3) -> Self {
        let across = wo - tangent * tangent.dot(wo);
        let length_squared = across.length_squared();
        let y = if 1e-12 < length_squared {
            across / length_squared.sqrt()
        } else {
            orthonormal_basis(tangent).0
        };
        Self {
            x: tangent,
            y,
            z: tangent.cross(y),
        }
    }

    /// World direction to local direction.
    #[inline]
    pub fn to_local(&self, w: Vec3) -> Vec3 {
        Vec3::new(self.x.dot(w), self.y.dot(w), self.z.dot(w))
    }

    /// Local direction to world direction.
    #[inline]
    pub fn to_world(&self, w: Vec3) -> Vec3 {
        self.x * w.x + self.y * w.y + self.z * w.z
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back_is_the_same_direction() {
        let w = Vec3::new(0.3, -0.5, 0.8).normalize();
        for n in [Vec3::X, Vec3::NEG_Z, Vec3::new(1.0, 2.0, -3.0).normalize()] {
            for frame in [
                Frame::from_normal(n),
                Frame::from_fiber(n, w),
                Frame::from_tangent(n, w),
            ] {
                assert!((frame.to_world(frame.to_local(w)) - w).length() < 1e-6);
                assert!((frame.x.cross(frame.y) - frame.z).length() < 1e-6);
            }
        }
        let fiber = Frame::from_fiber(Vec3::X, w).to_local(w);
        assert!(fiber.z.abs() < 1e-6 && 0.0 <= fiber.y);
    }
}
