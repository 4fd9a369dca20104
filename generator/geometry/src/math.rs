//! Transcendental functions whose bits are the same on every machine.
//!
//! `std` forwards to the platform's libm, which differs between systems and processors; these
//! forward to the pure-Rust `libm` crate. Angles are radians.

use glam::Vec3;

/// Sine of `x`.
pub fn sin(x: f32) -> f32 {
    libm::sinf(x)
}

/// Cosine of `x`.
pub fn cos(x: f32) -> f32 {
    libm::cosf(x)
}

/// Sine and cosine of `x`.
pub fn sin_cos(x: f32) -> (f32, f32) {
    libm::sincosf(x)
}

/// Tangent of `x`.
pub fn tan(x: f32) -> f32 {
    libm::tanf(x)
}

/// Arc sine of `x`, which is clamped to `[-1, 1]`.
pub fn asin(x: f32) -> f32 {
    libm::asinf(x.clamp(-1.0, 1.0))
}

/// Arc cosine of `x`, which is clamped to `[-1, 1]`.
pub fn acos(x: f32) -> f32 {
    libm::acosf(x.clamp(-1.0, 1.0))
}

/// Angle of the point `(x, y)`, in `(-pi, pi]`.
pub fn atan2(y: f32, x: f32) -> f32 {
    libm::atan2f(y, x)
}

/// Natural exponential.
pub fn exp(x: f32) -> f32 {
    libm::expf(x)
}

/// Natural logarithm.
pub fn ln(x: f32) -> f32 {
    libm::logf(x)
}

/// Logarithm to base two.
pub fn log2(x: f32) -> f32 {
    libm::log2f(x)
}

/// `x` to the power of `y`.
pub fn pow(x: f32, y: f32) -> f32 {
    libm::powf(x, y)
}

/// Cube root of `x`.
pub fn cbrt(x: f32) -> f32 {
    libm::cbrtf(x)
}

/// Linear interpolation from `a` (at 0) to `b` (at 1).
pub fn lerp(a: f32, b: f32, t: f32) -> f32 {
    a + (b - a) * t
}

/// Smooth Hermite step: 0 below `edge0`, 1 above `edge1`.
pub fn smoothstep(edge0: f32, edge1: f32, x: f32) -> f32 {
    let t = ((x - edge0) / (edge1 - edge0)).clamp(0.0, 1.0);
    t * t * (3.0 - 2.0 * t)
}

/// Two unit vectors that complete the unit vector `n` to a right-handed frame `(t, b, n)`.
///
/// Duff et al., "Building an Orthonormal Basis, Revisited", JCGT 6(1), 2017.
pub fn orthonormal_basis(n: Vec3) -> (Vec3, Vec3) {
    let sign = 1.0_f32.copysign(n.z);
    let a = -1.0 / (sign + n.z);
    let b = n.x * n.y * a;
    (
        Vec3::new(1.0 + sign * n.x * n.x * a, sign * b, -sign * n.x),
        Vec3::new(b, sign + n.y * n.y * a, -n.y),
    )
}
