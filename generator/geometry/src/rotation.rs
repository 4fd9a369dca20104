//! Rotations built from portable mathematics.
//!
//! glam's own constructors call `std`'s sine and cosine, whose last bits depend on the machine.

use glam::{Quat, Vec3};

use crate::math;

/// Rotation by `angle_rad` about the unit vector `axis`, counter-clockwise seen against it.
pub fn about_axis(axis: Vec3, angle_rad: f32) -> Quat {
    let (sin, cos) = math::sin_cos(0.5 * angle_rad);
    Quat::from_xyzw(axis.x * sin, axis.y * sin, axis.z * sin, cos)
}

/// Rotation whose axis is the direction of `v` and whose angle in radians is its length.
pub fn from_vector(v: Vec3) -> Quat {
    let angle_rad = v.length();
    if angle_rad < 1e-12 {
        return Quat::IDENTITY;
    }
    about_axis(v / angle_rad, angle_rad)
}

/// The rotation vector of `q`: axis times angle, the angle in `[0, pi]`.
pub fn to_vector(q: Quat) -> Vec3 {
    let q = if q.w < 0.0 { -q } else { q };
    let v = Vec3::new(q.x, q.y, q.z);
    let sin_half = v.length();
    if sin_half < 1e-9 {
        return v * 2.0;
    }
    v * (2.0 * math::atan2(sin_half, q.w) / sin_half)
}

/// The smallest rotation that takes the unit vector `from` to the unit vector `to`.
pub fn between(from: Vec3, to: Vec3) -> Quat {
    let cross = from.cross(to);
    let dot = from.dot(to);
    if dot < -0.999_999 {
        let (side, _) = math::orthonormal_basis(from);
        return Quat::from_xyzw(side.x, side.y, side.z, 0.0);
    }
    let q = Quat::from_xyzw(cross.x, cross.y, cross.z, 1.0 + dot);
    q / q.length()
}

/// The rotation `q` scaled by `t`: `t = 0` is no rotation, `t = 1` is `q`.
pub fn scaled(q: Quat, t: f32) -> Quat {
    from_vector(to_vector(q) * t)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vector_and_quaternion_forms_agree() {
        for v in [
            Vec3::ZERO,
            Vec3::new(0.3, -0.2, 1.1),
            Vec3::new(0.0, 3.0, 0.0),
        ] {
            assert!(to_vector(from_vector(v)).distance(v) < 1e-5, "{v}");
        }
    }

    #[test]
    fn between_takes_one_vector_to_the_other() {
        let pairs = [(Vec3::X, Vec3::Y), (Vec3::Z, -Vec3::Z), (Vec3::Y, Vec3::Y)];
        for (from, to) in pairs {
            assert!(
                (between(from, to) * from).distance(to) < 1e-6,
                "{from} {to}"
            );
        }
    }
}
