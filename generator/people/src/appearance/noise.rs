//! Gradient noise in space, the same on every machine.
//!
//! Perlin 2002: lattice gradients blended with a quintic. Values lie in about [-1, 1] with mean 0.

use bottega_geometry::math::lerp;
use bottega_schemas::Seed;
use glam::Vec3;

/// Noise with features of size 1.
pub(crate) fn noise(p: Vec3, seed: Seed) -> f32 {
    let cell = p.floor();
    let f = p - cell;
    let fade = f * f * f * (f * (f * 6.0 - Vec3::splat(15.0)) + Vec3::splat(10.0));
    let [x, y, z] = cell.to_array().map(|c| c as i32);
    let corner = |dx: i32, dy: i32, dz: i32| {
        let hash = hash(
            seed.0,
            [x.wrapping_add(dx), y.wrapping_add(dy), z.wrapping_add(dz)],
        );
        let d = f - Vec3::new(dx as f32, dy as f32, dz as f32);
        // Gradients to the twelve edges of a cube, four of them twice.
        let (u, v) = match hash & 15 {
            0..=3 | 12 | 14 => (d.x, d.y),
            4..=7 => (d.x, d.z),
            _ => (d.y, d.z),
        };
        (if hash & 16 == 0 { u } else { -u }) + (if hash & 32 == 0 { v } else { -v })
    };
    let row = |dy, dz| lerp(corner(0, dy, dz), corner(1, dy, dz), fade.x);
    let sheet = |dz| lerp(row(0, dz), row(1, dz), fade.y);
    lerp(sheet(0), sheet(1), fade.z)
}

/// Sum of `n_octaves` of noise, each twice as fine and half as strong as the one before.
pub(crate) fn fractal(p: Vec3, seed: Seed, n_octaves: u32) -> f32 {
    let (mut sum, mut scale, mut weight) = (0.0, 1.0, 1.0);
    for octave in 0..n_octaves {
        let own = Seed(seed.0 ^ u64::from(octave).wrapping_mul(0x9e37_79b9));
        sum += weight * noise(p * scale, own);
        scale *= 2.0;
        weight *= 0.5;
    }
    sum
}

fn hash(seed: u64, cell: [i32; 3]) -> u32 {
    let [x, y, z] = cell.map(|c| u64::from(c as u32));
    let mut h = seed
        ^ x.wrapping_mul(0x9e37_79b9_7f4a_7c15)
        ^ y.wrapping_mul(0xc2b2_ae3d_27d4_eb4f)
        ^ z.wrapping_mul(0x1656_67b1_9e37_79f9);
    h ^= h >> 32;
    h = h.wrapping_mul(0xd6e8_feb8_6659_fd93);
    h ^= h >> 32;
    h = h.wrapping_mul(0xd6e8_feb8_6659_fd93);
    (h >> 40) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn noise_is_smooth_centred_and_seeded() {
        let n = 20_000u32;
        let at = |i: u32| Vec3::new(i as f32 * 0.137, i as f32 * 0.071, 0.5);
        let values: Vec<f32> = (0..n).map(|i| noise(at(i), Seed(3))).collect();
        let mean = values.iter().sum::<f32>() / n as f32;
        assert!(mean.abs() < 0.03, "{mean}");
        assert!(values.iter().all(|v| v.abs() < 1.5));
        for i in 0..100 {
            let step = noise(at(i) + Vec3::splat(1e-3), Seed(3)) - noise(at(i), Seed(3));
            assert!(step.abs() < 0.02);
        }
        assert_ne!(noise(at(7), Seed(3)), noise(at(7), Seed(4)));
    }
}
