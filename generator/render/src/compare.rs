//! How noisy a picture is: the measures by which presets and tracers are compared.
//!
//! relMSE is the mean over pixels of a squared error over `m^2 + 0.01`, averaged over channels,
//! where `m` is the local brightness: errors count relative to what they disturb, and the dark does
//! not count endlessly. It falls as one over the number of paths, so that processor seconds times
//! relMSE is a constant of a tracer and a scene: its price.

use glam::Vec3;

use crate::tone::srgb_encode;

/// Added to the squared brightness, in exposed light.
const DARK: f32 = 0.01;
/// Radius of the neighbourhood whose mean is the local brightness, in pixels.
const RADIUS: isize = 2;

/// relMSE of either of two renders of the same scene that differ in their noise alone.
///
/// Half the mean squared difference is the variance of one render; `m` is the mean of both over
/// 5 x 5 pixels. `width` is the number of pixels in a row; both are row by row.
pub fn rel_mse_of_pair(a: &[Vec3], b: &[Vec3], width: usize) -> f64 {
    let mean: Vec<Vec3> = a.iter().zip(b).map(|(a, b)| 0.5 * (*a + *b)).collect();
    let local = local_mean(&mean, width);
    let sum = a.iter().zip(b).zip(&local).map(|((a, b), m)| {
        let difference = *a - *b;
        relative(0.5 * difference * difference, *m)
    });
    sum.sum::<f64>() / a.len().max(1) as f64
}

/// relMSE of `picture` against a converged `reference`, bias of a denoiser included.
///
/// `m` is the mean of the reference over 5 x 5 pixels. The reference's own noise adds to the
/// result: with `n` times the paths, one nth.
pub fn rel_mse(picture: &[Vec3], reference: &[Vec3], width: usize) -> f64 {
    let local = local_mean(reference, width);
    let sum = picture
        .iter()
        .zip(reference)
        .zip(&local)
        .map(|((p, r), m)| {
            let difference = *p - *r;
            relative(difference * difference, *m)
        });
    sum.sum::<f64>() / picture.len().max(1) as f64
}

/// Root of the mean squared noise after the sRGB curve, of either render of a pair.
pub fn srgb_rmse_of_pair(a: &[Vec3], b: &[Vec3]) -> f64 {
    let sum = a.iter().zip(b).map(|(a, b)| {
        let squares = (0..3).map(|c| {
            let difference = f64::from(srgb_encode(a[c]) - srgb_encode(b[c]));
            0.5 * difference * difference
        });
        squares.sum::<f64>() / 3.0
    });
    (sum.sum::<f64>() / a.len().max(1) as f64).sqrt()
}

fn relative(squared: Vec3, local: Vec3) -> f64 {
    let ratio = squared / (local * local + DARK);
    f64::from((ratio.x + ratio.y + ratio.z) / 3.0)
}

/// Mean over 5 x 5 pixels, fewer at the border.
fn local_mean(pixels: &[Vec3], width: usize) -> Vec<Vec3> {
    let [width, height] = [width as isize, (pixels.len() / width.max(1)) as isize];
    let around = |at: isize, end: isize| (at - RADIUS).max(0)..(at + RADIUS + 1).min(end);
    let mean = |x: isize, y: isize| {
        let (columns, rows) = (around(x, width), around(y, height));
        let n = columns.len() * rows.len();
        let sum: Vec3 = rows
            .flat_map(|y| {
                columns
                    .clone()
                    .map(move |x| pixels[(y * width + x) as usize])
            })
            .sum();
        sum / n as f32
    };
    (0..height)
        .flat_map(|y| (0..width).map(move |x| (x, y)))
        .map(|(x, y)| mean(x, y))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sampler::{IndependentSampler, Sampler as _};
    use glam::UVec2;

    const WIDTH: usize = 64;

    /// Grey pictures with even noise of a known spread.
    fn noisy(seed: u64, level: f32, spread: f32) -> Vec<Vec3> {
        let mut sampler = IndependentSampler::new(seed);
        sampler.start_pixel_sample(UVec2::ZERO, 0);
        let mut noise = || spread * (2.0 * sampler.next_1d() - 1.0);
        (0..WIDTH * WIDTH)
            .map(|_| Vec3::splat(level) + Vec3::new(noise(), noise(), noise()))
            .collect()
    }

    #[test]
    fn a_pair_gives_the_variance_over_the_squared_brightness() {
        let (level, spread) = (0.5, 0.1);
        let measured = rel_mse_of_pair(&noisy(1, level, spread), &noisy(2, level, spread), WIDTH);
        // Even noise in [-s, s] has the variance s^2 / 3.
        let expected = f64::from(spread * spread / 3.0 / (level * level + DARK));
        assert!(
            (measured / expected - 1.0).abs() < 0.05,
            "{measured} {expected}"
        );
    }

    #[test]
    fn against_a_reference_noise_and_bias_add_up() {
        let reference = vec![Vec3::splat(0.5); WIDTH * WIDTH];
        let measured = rel_mse(&noisy(3, 0.7, 0.1), &reference, WIDTH);
        let expected = (0.04 + 0.01 / 3.0) / 0.26;
        assert!(
            (measured / expected - 1.0).abs() < 0.02,
            "{measured} {expected}"
        );
        assert_eq!(rel_mse(&reference, &reference, WIDTH), 0.0);
    }

    #[test]
    fn display_noise_is_measured_after_the_curve() {
        let (a, b) = ([Vec3::splat(0.5)], [Vec3::ONE]);
        let expected = f64::from(srgb_encode(1.0) - srgb_encode(0.5)) / 2.0_f64.sqrt();
        assert!((srgb_rmse_of_pair(&a, &b) - expected).abs() < 1e-6);
    }
}
