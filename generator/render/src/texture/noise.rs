//! Lattice noise with its gradient, and hashes of lattice points.

use glam::{IVec3, Vec3};

/// Mixes a lattice point and a salt into 32 bits.
#[inline]
pub(super) fn hash(cell: IVec3, salt: u32) -> u32 {
    let mut x = (cell.x as u32).wrapping_mul(0x9e37_79b1)
        ^ (cell.y as u32).wrapping_mul(0x85eb_ca77)
        ^ (cell.z as u32).wrapping_mul(0xc2b2_ae3d)
        ^ salt.wrapping_mul(0x27d4_eb2f);
    x = (x ^ (x >> 16)).wrapping_mul(0x7feb_352d);
    x = (x ^ (x >> 15)).wrapping_mul(0x846c_a68b);
    x ^ (x >> 16)
}

/// Three numbers in `[0, 1)` from the bits of a hash.
#[inline]
pub(super) fn unit_vec3(bits: u32) -> Vec3 {
    let part = |shift: u32| ((bits >> shift) & 0x3ff) as f32 * (1.0 / 1024.0);
    Vec3::new(part(0), part(10), part(20))
}

/// Gradient noise in about `[-1, 1]`, of feature size one, and its gradient.
pub(super) fn noise(p: Vec3, salt: u32) -> (f32, Vec3) {
    let floor = p.floor();
    let cell = floor.as_ivec3();
    let f = p - floor;
    // Quintic steps have no jump in the second derivative, so relief shows no lattice.
    let step = f * f * f * (f * (f * 6.0 - Vec3::splat(15.0)) + Vec3::splat(10.0));
    let slope = 30.0 * f * f * (f - Vec3::ONE) * (f - Vec3::ONE);
    let mut value = 0.0;
    let mut gradient = Vec3::ZERO;
    for corner in 0..8 {
        let bit = IVec3::new(corner & 1, corner >> 1 & 1, corner >> 2 & 1);
        let toward = unit_vec3(hash(cell + bit, salt)) * 2.0 - Vec3::ONE;
        let at = toward.dot(f - bit.as_vec3());
        let side = |s: f32, b: i32| if b == 1 { s } else { 1.0 - s };
        let sign = |b: i32| if b == 1 { 1.0 } else { -1.0 };
        let w = Vec3::new(
            side(step.x, bit.x),
            side(step.y, bit.y),
            side(step.z, bit.z),
        );
        let dw = Vec3::new(
            sign(bit.x) * slope.x * w.y * w.z,
            sign(bit.y) * slope.y * w.x * w.z,
            sign(bit.z) * slope.z * w.x * w.y,
        );
        let weight = w.x * w.y * w.z;
        value += weight * at;
        gradient += toward * weight + dw * at;
    }
    (value, gradient)
}

/// Three octaves of noise, each half as large and half as strong; about `[-1, 1]`.
pub(super) fn fractal_noise(p: Vec3, salt: u32) -> (f32, Vec3) {
    let (mut value, mut gradient) = (0.0, Vec3::ZERO);
    let mut scale = 1.0;
    for octave in 0..3 {
        let (v, g) = noise(p * scale, salt + octave);
        value += v / scale;
        // The octave's amplitude and its frequency cancel in the gradient.
        gradient += g;
        scale *= 2.0;
    }
    (value, gradient)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gradients_are_the_slopes_of_the_values() {
        let step = 1e-2;
        for i in 0..50 {
            let p = Vec3::new(0.37 * i as f32, -0.21 * i as f32, 0.11 * i as f32 + 0.3);
            for function in [noise, fractal_noise] {
                let (_, gradient) = function(p, 5);
                let slope = |axis: Vec3| {
                    (function(p + axis * step, 5).0 - function(p - axis * step, 5).0) / (2.0 * step)
                };
                let wanted = Vec3::new(slope(Vec3::X), slope(Vec3::Y), slope(Vec3::Z));
                assert!(
                    (gradient - wanted).length() < 0.03,
                    "{p}: {gradient} against {wanted}"
                );
            }
        }
    }

    #[test]
    fn noise_has_no_mean_and_stays_bounded() {
        let mut sum = 0.0;
        for i in 0..8000 {
            let p = Vec3::new((i % 20) as f32, (i / 20 % 20) as f32, (i / 400) as f32) * 0.47;
            let (value, _) = noise(p, 1);
            assert!(value.abs() < 1.5);
            sum += value / 8000.0;
        }
        assert!(sum.abs() < 0.03, "{sum}");
    }
}
