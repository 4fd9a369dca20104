//! Random numbers of one pixel sample, dimension by dimension.

mod independent;
mod sobol;

pub use independent::IndependentSampler;
pub use sobol::SobolSampler;

use glam::{UVec2, Vec2};

/// Supplies the random numbers of one pixel sample, dimension by dimension.
///
/// The numbers depend only on the seed, the pixel, the sample index and how many were drawn
/// before: never on the thread or on the order of pixels. That is what makes a render independent
/// of the number of cores.
pub trait Sampler: Clone + Send {
    /// Points the sampler at one sample of one pixel and at its first dimension.
    fn start_pixel_sample(&mut self, pixel: UVec2, pixel_sample_idx: u32);

    /// Goes to dimension group `group`, whatever was drawn before: paths of different length then
    /// use the same numbers for the same purpose.
    fn start_group(&mut self, group: u32);

    /// Next value, uniform in `[0, 1)`.
    fn next_1d(&mut self) -> f32;

    /// Next pair of values, each uniform in `[0, 1)`.
    fn next_2d(&mut self) -> Vec2;
}

/// The finaliser of SplitMix64 (Steele, Lea and Flood 2014): a bijection that mixes all bits.
#[inline]
pub(crate) fn mix(mut x: u64) -> u64 {
    x = x.wrapping_add(0x9e37_79b9_7f4a_7c15);
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

/// One number from the seed and the pixel.
#[inline]
fn mix_pixel(seed: u64, pixel: UVec2) -> u64 {
    mix(seed ^ mix(u64::from(pixel.x) << 32 | u64::from(pixel.y)))
}

/// The top 24 bits as a value in `[0, 1)`: they fill the significand, so 1.0 cannot occur.
#[inline]
fn unit_f32(bits: u32) -> f32 {
    (bits >> 8) as f32 * (1.0 / 16_777_216.0)
}
