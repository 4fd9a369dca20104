//! Noise of a sensor, by the linear model of EMVA 1288.
//!
//! Light frees electrons, a Poisson number of them; reading adds a normal number; the sum is
//! scaled and rounded to a digital value: `var y = K^2 s_d^2 + 1/12 + K mean y`, `K` in digital
//! values per electron. The picture comes back in the units in which it went in.

use glam::{UVec2, Vec3};
use rayon::prelude::*;

use crate::fast_math::{exp, ln, sin_cos_turns};
use crate::sampler::{IndependentSampler, Sampler};

/// Exposed value at which the sensor is full: where the widest tone curve ends.
const FULL_VALUE: f32 = 16.0;
/// Largest digital value: 16 bits, so that reading noise always spans a step.
const FULL_DIGITAL: f32 = 65_535.0;
/// Means from which the Poisson distribution is drawn by its expansion about the normal one.
const MANY: f32 = 32.0;

/// A sensor, per pixel of the finished picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sensor {
    /// Electrons that exposed value 1 frees at ISO 100.
    pub electrons: f32,
    /// Standard deviation of reading, in electrons.
    pub read_noise_e: f32,
    /// Sensitivity: the light, and so the electrons, fall with it.
    pub iso: f32,
}

impl Sensor {
    /// Electrons per unit of exposed value.
    fn electrons_per_unit(&self) -> f32 {
        self.electrons * 100.0 / self.iso.max(1.0)
    }

    /// Variance of the picture at exposed value `x`, in squared exposed value.
    pub fn variance(&self, x: f32) -> f32 {
        let e = self.electrons_per_unit();
        let step = FULL_VALUE / FULL_DIGITAL;
        self.read_noise_e * self.read_noise_e / (e * e) + step * step / 12.0 + x / e
    }

    /// Puts the noise on a picture `width` pixels wide, row by row. Each pixel depends on the
    /// seed and its place only.
    pub fn expose(&self, width: u32, rgb: &mut [Vec3], seed: u64) {
        let per_unit = self.electrons_per_unit();
        // Digital values per electron.
        let gain = FULL_DIGITAL / (FULL_VALUE * per_unit);
        (rgb.par_chunks_mut(width.max(1) as usize).enumerate()).for_each(|(y, row)| {
            let mut sampler = IndependentSampler::new(seed);
            for (x, pixel) in row.iter_mut().enumerate() {
                sampler.start_pixel_sample(UVec2::new(x as u32, y as u32), 0);
                *pixel = Vec3::from_array(pixel.to_array().map(|value| {
                    let freed = poisson(value.max(0.0) * per_unit, &mut sampler);
                    let read = freed + self.read_noise_e * normal(&mut sampler);
                    let digital = (gain * read).round_ties_even().min(FULL_DIGITAL);
                    digital * (FULL_VALUE / FULL_DIGITAL)
                }));
            }
        });
    }
}

/// A standard normal number (Box and Muller).
fn normal<S: Sampler>(sampler: &mut S) -> f32 {
    let u = sampler.next_2d();
    (-2.0 * ln(1.0 - u.x)).max(0.0).sqrt() * sin_cos_turns(u.y).1
}

/// A Poisson number of this mean.
fn poisson<S: Sampler>(mean: f32, sampler: &mut S) -> f32 {
    if MANY <= mean {
        // The expansion of Cornish and Fisher to the skewness.
        let z = normal(sampler);
        let number = mean + mean.sqrt() * z + (z * z - 1.0) / 6.0;
        return number.round_ties_even().max(0.0);
    }
    let mut rest = sampler.next_1d();
    let mut probability = exp(-mean);
    let mut number = 0.0;
    while probability <= rest && number < 8.0 * MANY {
        rest -= probability;
        number += 1.0;
        probability *= mean / number;
    }
    number
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moments(values: &[Vec3]) -> (f64, f64, f64) {
        let all = || (values.iter()).flat_map(|v| v.to_array()).map(f64::from);
        let n = all().count() as f64;
        let mean = all().sum::<f64>() / n;
        let about = |k: i32| all().map(|x| (x - mean).powi(k)).sum::<f64>() / n;
        (mean, about(2), about(3))
    }

    #[test]
    fn mean_and_variance_follow_the_standard_from_black_to_white() {
        for (electrons, read_noise_e, iso) in [
            (12_000.0, 3.0, 100.0),
            (12_000.0, 3.0, 3200.0),
            (2000.0, 6.0, 400.0),
        ] {
            let sensor = Sensor {
                electrons,
                read_noise_e,
                iso,
            };
            for x in [0.0, 0.002, 0.02, 0.18, 0.9, 6.0] {
                let mut picture = vec![Vec3::splat(x); 200 * 200];
                sensor.expose(200, &mut picture, 7);
                let (mean, variance, _) = moments(&picture);
                let wanted = f64::from(sensor.variance(x));
                let error = (wanted / 120_000.0).sqrt();
                assert!(
                    (mean - f64::from(x)).abs() < 5.0 * error,
                    "{sensor:?} at {x}: mean {mean}"
                );
                assert!(
                    (variance / wanted - 1.0).abs() < 0.03,
                    "{sensor:?} at {x}: variance {variance} against {wanted}"
                );
            }
        }
    }

    #[test]
    fn few_and_many_electrons_have_the_skewness_of_their_law() {
        // The third moment of a Poisson number is its mean.
        for mean in [3.0_f32, 31.0, 33.0, 80.0] {
            let mut sampler = IndependentSampler::new(3);
            let draws: Vec<Vec3> = (0..400_000)
                .map(|_| Vec3::splat(poisson(mean, &mut sampler)))
                .collect();
            let (m1, m2, m3) = moments(&draws);
            let mean = f64::from(mean);
            assert!((m1 / mean - 1.0).abs() < 0.005, "{mean}: {m1}");
            assert!((m2 / mean - 1.0).abs() < 0.02, "{mean}: {m2}");
            assert!((m3 / mean - 1.0).abs() < 0.25, "{mean}: {m3}");
        }
    }

    #[test]
    fn the_same_seed_gives_the_same_noise_and_full_wells_clip() {
        let sensor = Sensor {
            electrons: 5000.0,
            read_noise_e: 4.0,
            iso: 800.0,
        };
        let picture = |seed| {
            let mut rgb = vec![Vec3::new(0.1, 0.2, 50.0); 64];
            sensor.expose(8, &mut rgb, seed);
            rgb
        };
        assert!(picture(1) == picture(1) && picture(1) != picture(2));
        assert!(picture(1).iter().all(|p| p.z == FULL_VALUE));
    }
}
