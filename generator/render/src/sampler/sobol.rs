//! Owen-scrambled Sobol points by hashing (Burley 2020, "Practical Hash-based Owen Scrambling").
//!
//! Every draw (one value, or one pair) is its own scrambled sequence over the samples of the
//! pixel: the first two Sobol dimensions, with the sample index shuffled and the coordinates
//! scrambled by hashes of seed, pixel and draw number ("padding"). Pairs are (0,2)-sequences in
//! base 2, so that any power of two of samples is stratified; different draws are independent.

use glam::{UVec2, Vec2};

use super::{Sampler, mix, mix_pixel, unit_f32};
use crate::scene::{PixelOrder, RenderSettings};

/// Owen-scrambled Sobol points, padded draw by draw.
#[derive(Clone, Copy, Debug)]
pub struct SobolSampler {
    seed: u64,
    /// Bits of the sample index within a pixel, where pixels share one sequence.
    shared_bits: Option<u32>,
    pixel_seed: u64,
    /// The sample index with its bits reversed, as the shuffle wants it.
    reversed_idx: u32,
    dimension: u64,
}

impl SobolSampler {
    /// A sampler whose pixels are independent.
    pub fn new(seed: u64) -> Self {
        Self {
            seed,
            shared_bits: None,
            pixel_seed: mix(seed),
            reversed_idx: 0,
            dimension: 0,
        }
    }

    /// A sampler whose pixels share one sequence in the order of a Morton curve, `2^index_bits`
    /// samples each (Ahmed and Wonka 2020, "Screen-Space Blue-Noise Diffusion of Monte Carlo
    /// Sampling Error via Hierarchical Ordering of Pixels"). The scrambling of the index shuffles
    /// the pixels of each level of the curve.
    pub fn shared(seed: u64, index_bits: u32) -> Self {
        Self {
            shared_bits: Some(index_bits.min(31)),
            ..Self::new(seed)
        }
    }

    /// The sampler that these settings ask for, for a picture of this size.
    pub(crate) fn of_picture(settings: &RenderSettings, resolution_px: [u32; 2]) -> Self {
        match settings.pixel_order {
            PixelOrder::Independent => Self::new(settings.seed),
            PixelOrder::BlueNoise => {
                let side = resolution_px[0].max(resolution_px[1]).next_power_of_two();
                let room = 32_u32.saturating_sub(2 * side.trailing_zeros());
                let bits = settings.spp.max(1).next_power_of_two().trailing_zeros();
                Self::shared(settings.seed, bits.min(room))
            }
        }
    }

    /// Seed of the next draw.
    #[inline]
    fn next_seed(&mut self) -> u64 {
        let seed = mix(self.pixel_seed.wrapping_add(self.dimension));
        self.dimension += 1;
        seed
    }
}

impl Sampler for SobolSampler {
    #[inline]
    fn start_pixel_sample(&mut self, pixel: UVec2, pixel_sample_idx: u32) {
        self.dimension = 0;
        let Some(bits) = self.shared_bits else {
            self.pixel_seed = mix_pixel(self.seed, pixel);
            self.reversed_idx = pixel_sample_idx.reverse_bits();
            return;
        };
        // Samples beyond those that have room in the index start another sequence.
        self.pixel_seed = mix(self.seed ^ u64::from(pixel_sample_idx >> bits) << 32);
        let within = pixel_sample_idx & ((1 << bits) - 1);
        let curve = u64::from(spread(pixel.x)) | u64::from(spread(pixel.y)) << 1;
        self.reversed_idx = (((curve << bits) as u32) | within).reverse_bits();
    }

    #[inline]
    fn start_group(&mut self, group: u32) {
        self.dimension = u64::from(group) << 32;
    }

    #[inline]
    fn next_1d(&mut self) -> f32 {
        let seed = self.next_seed();
        let idx = permute(self.reversed_idx, seed as u32).reverse_bits();
        unit_f32(permute(idx, (seed >> 32) as u32).reverse_bits())
    }

    #[inline]
    fn next_2d(&mut self) -> Vec2 {
        let seed = self.next_seed();
        let idx = permute(self.reversed_idx, seed as u32).reverse_bits();
        // The first Sobol dimension is the index with its bits reversed; scrambling reverses
        // again before it permutes, so the reversals cancel. Likewise in the second dimension.
        let x = permute(idx, (seed >> 32) as u32).reverse_bits();
        let y = permute(pascal(idx), mix(seed) as u32).reverse_bits();
        Vec2::new(unit_f32(x), unit_f32(y))
    }
}

/// The lower 16 bits, each moved to an even place.
#[inline]
fn spread(x: u32) -> u32 {
    let mut x = x & 0xffff;
    x = (x | x << 8) & 0x00ff_00ff;
    x = (x | x << 4) & 0x0f0f_0f0f;
    x = (x | x << 2) & 0x3333_3333;
    (x | x << 1) & 0x5555_5555
}

/// A hash in which each bit of the result depends only on the bits at and below it: applied to
/// bit-reversed numbers it is a nested uniform (Owen) scramble. After Laine and Karras 2011.
#[inline]
fn permute(mut x: u32, seed: u32) -> u32 {
    x = x.wrapping_add(seed);
    x ^= x.wrapping_mul(0x6c50_b47c);
    x ^= x.wrapping_mul(0xb82f_1e52);
    x ^= x.wrapping_mul(0xc7af_e638);
    x ^= x.wrapping_mul(0x8d22_f6e6);
    x
}

/// The second Sobol dimension, bit-reversed: Pascal's triangle modulo 2 times the bits of `idx`.
///
/// C(j, i) is odd when the binary digits of i are a subset of those of j (Lucas), so the product
/// is a sum over supersets, which takes one step for each of the five digits of a bit position.
#[inline]
fn pascal(idx: u32) -> u32 {
    let mut x = idx;
    x ^= (x >> 16) & 0x0000_ffff;
    x ^= (x >> 8) & 0x00ff_00ff;
    x ^= (x >> 4) & 0x0f0f_0f0f;
    x ^= (x >> 2) & 0x3333_3333;
    x ^= (x >> 1) & 0x5555_5555;
    x
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_dimension_follows_its_direction_numbers() {
        for idx in [1_u32, 2, 3, 5, 100, 0xdead_beef] {
            let mut direction = 1_u32 << 31;
            let mut wanted = 0;
            for bit in 0..32 {
                if idx >> bit & 1 == 1 {
                    wanted ^= direction;
                }
                direction ^= direction >> 1;
            }
            assert_eq!(pascal(idx).reverse_bits(), wanted, "index {idx}");
        }
    }

    #[test]
    fn pairs_are_a_zero_two_sequence() {
        // In every aligned block of 2^m samples each elementary interval of area 2^-m has one point.
        for seed in 0..6 {
            for m in 1..=8_u32 {
                for block in 0..3_u32 {
                    let points: Vec<Vec2> = (0..1 << m)
                        .map(|i| {
                            let mut sampler = SobolSampler::new(seed);
                            sampler.start_pixel_sample(UVec2::new(5, 9), (block << m) + i);
                            sampler.next_1d();
                            sampler.next_2d()
                        })
                        .collect();
                    for split in 0..=m {
                        let (nx, ny) = (1_usize << split, 1_usize << (m - split));
                        let mut hits = vec![0; nx * ny];
                        for p in &points {
                            hits[(p.y * ny as f32) as usize * nx + (p.x * nx as f32) as usize] += 1;
                        }
                        assert!(
                            hits.iter().all(|&h| h == 1),
                            "seed {seed}, m {m}, {nx} x {ny}: {hits:?}"
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn single_values_are_stratified_and_pixels_differ() {
        let draw = |pixel: UVec2| -> Vec<f32> {
            (0..16)
                .map(|i| {
                    let mut sampler = SobolSampler::new(3);
                    sampler.start_pixel_sample(pixel, i);
                    sampler.next_1d()
                })
                .collect()
        };
        let mut cells: Vec<u32> = draw(UVec2::ZERO)
            .iter()
            .map(|u| (u * 16.0) as u32)
            .collect();
        cells.sort_unstable();
        assert_eq!(cells, (0..16).collect::<Vec<_>>());
        assert_ne!(draw(UVec2::ZERO), draw(UVec2::new(1, 0)));
    }

    #[test]
    fn shared_sequences_are_stratified_within_pixels_and_over_blocks_of_them() {
        let (bits, n) = (2, 4);
        for corner in [UVec2::new(4, 8), UVec2::new(300, 404)] {
            let mut all = Vec::new();
            for pixel in 0..16 {
                let pixel = corner + UVec2::new(pixel % 4, pixel / 4);
                let mut own: Vec<u32> = (0..n)
                    .map(|i| {
                        let mut sampler = SobolSampler::shared(9, bits);
                        sampler.start_pixel_sample(pixel, i);
                        sampler.next_2d();
                        let u = sampler.next_2d().x;
                        all.push((u * 64.0) as u32);
                        (u * n as f32) as u32
                    })
                    .collect();
                own.sort_unstable();
                assert_eq!(own, [0, 1, 2, 3], "{pixel}");
            }
            all.sort_unstable();
            assert_eq!(all, (0..64).collect::<Vec<_>>(), "{corner}");
        }
    }

    #[test]
    fn shared_sequences_push_the_error_to_high_frequencies() {
        // The error of an integral per pixel, and what is left of it after a mean over 4 x 4.
        let error = |shared: bool| {
            let mut sampler = if shared {
                SobolSampler::shared(5, 2)
            } else {
                SobolSampler::new(5)
            };
            let side = 64;
            let mut errors = vec![0.0_f64; side * side];
            for (i, error) in errors.iter_mut().enumerate() {
                let pixel = UVec2::new((i % side) as u32, (i / side) as u32);
                for k in 0..4 {
                    sampler.start_pixel_sample(pixel, k);
                    let u = sampler.next_2d();
                    *error += 0.25 * f64::from(f32::from(u.x * u.x + u.y < 0.8));
                }
            }
            let mean = errors.iter().sum::<f64>() / errors.len() as f64;
            let blocks = (0..256).map(|block| {
                let (x, y) = (block % 16 * 4, block / 16 * 4);
                let sum: f64 = (0..16)
                    .map(|k| errors[(y + k / 4) * side + x + k % 4] - mean)
                    .sum();
                (sum / 16.0) * (sum / 16.0)
            });
            let low = blocks.sum::<f64>() / 256.0;
            let all = errors.iter().map(|e| (e - mean) * (e - mean)).sum::<f64>() / 4096.0;
            (low, all)
        };
        let ((low, all), (low_shared, all_shared)) = (error(false), error(true));
        assert!(low_shared < 0.3 * low, "{low_shared} against {low}");
        assert!((all_shared / all - 1.0).abs() < 0.3, "{all_shared}, {all}");
    }

    #[test]
    fn draws_are_uncorrelated_with_each_other() {
        let n = 4096;
        let mut sum = 0.0;
        for i in 0..n {
            let mut sampler = SobolSampler::new(11);
            sampler.start_pixel_sample(UVec2::new(1, 2), i);
            let (a, b) = (sampler.next_2d(), sampler.next_2d());
            sum += f64::from((a.x - 0.5) * (b.x - 0.5) + (a.y - 0.5) * (b.x - 0.5));
        }
        // The standard error of the mean for independent values is 0.0018.
        assert!((sum / f64::from(n)).abs() < 0.006, "{}", sum / f64::from(n));
    }
}
