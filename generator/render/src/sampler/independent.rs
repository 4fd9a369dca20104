//! White noise: for tests, and for judging what the Sobol points gain.

use glam::{UVec2, Vec2};

use super::{Sampler, mix, mix_pixel, unit_f32};

/// Independent uniform numbers.
#[derive(Clone, Copy, Debug)]
pub struct IndependentSampler {
    seed: u64,
    stream: u64,
    dimension: u64,
}

impl IndependentSampler {
    /// A sampler for one picture.
    pub fn new(seed: u64) -> Self {
        Self {
            seed,
            stream: mix(seed),
            dimension: 0,
        }
    }
}

impl Sampler for IndependentSampler {
    fn start_pixel_sample(&mut self, pixel: UVec2, pixel_sample_idx: u32) {
        self.stream = mix(mix_pixel(self.seed, pixel) ^ u64::from(pixel_sample_idx));
        self.dimension = 0;
    }

    fn start_group(&mut self, group: u32) {
        self.dimension = u64::from(group) << 32;
    }

    fn next_1d(&mut self) -> f32 {
        let bits = mix(self.stream.wrapping_add(self.dimension));
        self.dimension += 1;
        unit_f32((bits >> 32) as u32)
    }

    fn next_2d(&mut self) -> Vec2 {
        let x = self.next_1d();
        let y = self.next_1d();
        Vec2::new(x, y)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_pixels_does_not_matter() {
        let (a, b) = (UVec2::new(3, 4), UVec2::new(4, 3));
        let draw = |order: [UVec2; 2]| {
            let mut sampler = IndependentSampler::new(7);
            let mut draws = order.map(|pixel| {
                sampler.start_pixel_sample(pixel, 2);
                (pixel.x, sampler.next_2d())
            });
            draws.sort_by_key(|(x, _)| *x);
            draws
        };
        assert_eq!(draw([a, b]), draw([b, a]));
        assert_ne!(draw([a, b])[0].1, draw([a, b])[1].1);
    }

    #[test]
    fn the_mean_and_variance_are_those_of_the_uniform_distribution() {
        let mut sampler = IndependentSampler::new(1);
        sampler.start_pixel_sample(UVec2::ZERO, 0);
        let n = 100_000;
        let draws: Vec<f64> = (0..n).map(|_| f64::from(sampler.next_1d())).collect();
        let mean = draws.iter().sum::<f64>() / f64::from(n);
        let variance = draws.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / f64::from(n);
        assert!((mean - 0.5).abs() < 0.004, "mean {mean}");
        assert!((variance - 1.0 / 12.0).abs() < 0.002, "variance {variance}");
    }
}
