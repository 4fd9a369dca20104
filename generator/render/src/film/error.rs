//! How noisy a picture is, from two halves of its paths.
//!
//! The variance of the mean of two halves is a quarter of the mean squared difference between
//! them. It is taken relative to the squared brightness about the pixel plus 0.01, as people see
//! it: the error of a picture is the mean of that over channels and pixels.

use glam::Vec3;
use rayon::prelude::*;

use crate::denoise::Half;

/// Reach of the mean that stands for the brightness about a pixel: 5 x 5 pixels.
const REACH: isize = 2;
/// Squared brightness below which differences count less.
const DARK_SQUARED: f32 = 0.01;

/// The picture of both halves.
pub(super) fn mean_of(halves: &[Half; 2]) -> Vec<Vec3> {
    (halves[0].color.iter())
        .zip(&halves[1].color)
        .map(|(a, b)| 0.5 * (*a + *b))
        .collect()
}

/// Relative squared error of each pixel of the picture of both halves.
pub(super) fn of_pixels(width: usize, height: usize, halves: &[Half; 2]) -> Vec<f32> {
    let picture = mean_of(halves);
    (0..width * height)
        .into_par_iter()
        .map(|i| {
            let (x, y) = ((i % width) as isize, (i / width) as isize);
            let mut sum = Vec3::ZERO;
            let mut n = 0.0;
            for row in (y - REACH).max(0)..=(y + REACH).min(height as isize - 1) {
                for column in (x - REACH).max(0)..=(x + REACH).min(width as isize - 1) {
                    sum += picture[row as usize * width + column as usize];
                    n += 1.0;
                }
            }
            let mean = sum / n;
            let difference = halves[0].color[i] - halves[1].color[i];
            let variance = 0.25 * difference * difference;
            (variance / (mean * mean + Vec3::splat(DARK_SQUARED))).element_sum() / 3.0
        })
        .collect()
}

/// The mean over all pixels.
pub(super) fn mean(errors: &[f32]) -> f32 {
    let sum: f64 = errors.iter().map(|&error| f64::from(error)).sum();
    (sum / errors.len().max(1) as f64) as f32
}
