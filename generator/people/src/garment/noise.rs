//! Smooth value noise, for folds that no pose explains.

use glam::Vec3;

/// Noise in about `[-1, 1]` with features of size 1.
pub(crate) fn value(p: Vec3, seed: u32) -> f32 {
    let cell = p.floor();
    let f = p - cell;
    let s = f * f * (Vec3::splat(3.0) - 2.0 * f);
    let (x, y, z) = (cell.x as i32, cell.y as i32, cell.z as i32);
    let corner = |i: i32, j: i32, k: i32| hash(x + i, y + j, z + k, seed);
    let mix = |a: f32, b: f32, t: f32| a + (b - a) * t;
    let line = |j: i32, k: i32| mix(corner(0, j, k), corner(1, j, k), s.x);
    let plane = |k: i32| mix(line(0, k), line(1, k), s.y);
    mix(plane(0), plane(1), s.z)
}

/// A number in `[-1, 1)` for a lattice point.
fn hash(x: i32, y: i32, z: i32, seed: u32) -> f32 {
    let mut h = seed
        ^ (x as u32).wrapping_mul(0x8da6_b343)
        ^ (y as u32).wrapping_mul(0xd816_3841)
        ^ (z as u32).wrapping_mul(0xcb1a_b31f);
    h = (h ^ (h >> 16)).wrapping_mul(0x7feb_352d);
    h = (h ^ (h >> 15)).wrapping_mul(0x846c_a68b);
    h ^= h >> 16;
    (h >> 8) as f32 * (2.0 / (1u32 << 24) as f32) - 1.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn noise_is_smooth_bounded_and_has_no_bias() {
        let mut sum = 0.0;
        for i in 0..4000 {
            let p = Vec3::new(i as f32 * 0.37, i as f32 * 0.11, -(i as f32) * 0.23);
            let a = value(p, 7);
            assert!((-1.0..=1.0).contains(&a));
            assert!((value(p + Vec3::splat(1e-3), 7) - a).abs() < 0.02);
            sum += a;
        }
        assert!((sum / 4000.0).abs() < 0.05, "{sum}");
    }
}
