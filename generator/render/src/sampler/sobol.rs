//! Owen-scrambled Sobol points by hashing (Burley 2020, "Practical Hash-based Owen Scrambling").
//!
//! Every draw (one value, or one pair) is its own scrambled sequence over the samples of the
//! pixel: the first two Sobol dimensions, with the sample index shuffled and the coordinates
//! scrambled by hashes of seed, pixel and draw number ("padding"). Pairs are (0,2)-sequences in
//! base 2, so that any power of two of samples is stratified; different draws are independent.

use glam::{UVec2, Vec2};

use super::{Sampler, mix, mix_pixel, unit_f32};

/// Owen-scrambled Sobol points, padded draw by draw.
#[derive(Clone, Copy, Debug)]
pub struct SobolSampler {
    seed: u64,
    pixel_seed: u64,
    /// The sample index with its bits reversed, as the shuffle wants it.
    reversed_idx: u32,
    dimension: u64,
}

impl SobolSampler {
    /// A sampler for one picture.
    pub fn new(seed: u64) -> Self {
        Self {
            seed,
            pixel_seed: mix(seed),
            reversed_idx: 0,
            dimension: 0,
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
        self.pixel_seed = mix_pixel(self.seed, pixel);
        self.reversed_idx = pixel_sample_idx.reverse_bits();
        self.dimension = 0;
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
