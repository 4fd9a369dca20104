//! Gives back the detail that a fit lost.
//!
//! What a fitted picture lacks shows in both halves alike, noise shows in each by itself: the
//! product of what is left of two halves, each after a fit to the other, is the squared detail
//! that was lost, without noise. Where it outweighs the variance of the noise, the noisy picture
//! is the better one, and the two are mixed as Wiener would.

use glam::Vec3;
use rayon::prelude::*;

use super::Half;

/// Radius of the neighbourhood over which lost detail and noise are compared, in pixels.
const RADIUS: usize = 3;
/// Share of the noise by which an estimate of lost detail is off by chance.
const DOUBT: f32 = 0.25;
/// Squared light below which differences count less.
const DARK_SQUARED: f32 = 1e-3;

/// The mean of both `fits` with lost detail given back; `fits[i]` holds no light of half `i`.
pub(super) fn restore(
    width: usize,
    height: usize,
    halves: &[Half; 2],
    fits: &[Vec<Vec3>; 2],
) -> Vec<Vec3> {
    // Lost detail and noise of each pixel, relative to its brightness, summed over channels.
    let raw: Vec<[f32; 2]> = (0..width * height)
        .into_par_iter()
        .map(|i| {
            let [a, b] = [0, 1].map(|half: usize| halves[half].color[i]);
            let [fit_a, fit_b] = [0, 1].map(|half: usize| fits[half][i]);
            let fit = 0.5 * (fit_a + fit_b);
            let scale = 1.0 / (fit.length_squared() + DARK_SQUARED);
            let noise = 0.25 * (a - b).length_squared();
            let lost = (a - fit_a).dot(b - fit_b);
            [lost * scale, noise * scale]
        })
        .collect();
    let rows = blurred(&raw, width, height, true);
    let about = blurred(&rows, width, height, false);
    (0..width * height)
        .into_par_iter()
        .map(|i| {
            let [lost, noise] = about[i];
            let lost = (lost - DOUBT * noise).max(0.0);
            let share = lost / (lost + noise).max(1e-20);
            let fit = 0.5 * (fits[0][i] + fits[1][i]);
            let noisy = 0.5 * (halves[0].color[i] + halves[1].color[i]);
            fit + share * (noisy - fit)
        })
        .collect()
}

/// Mean over a piece of a row or of a column.
fn blurred(values: &[[f32; 2]], width: usize, height: usize, along_row: bool) -> Vec<[f32; 2]> {
    (0..width * height)
        .into_par_iter()
        .map(|i| {
            let (x, y) = (i % width, i / width);
            let (at, end, step) = if along_row {
                (x, width, 1)
            } else {
                (y, height, width)
            };
            let span = at.saturating_sub(RADIUS)..(at + RADIUS + 1).min(end);
            let start = i - at * step;
            let n = span.len() as f32;
            let mut sum = [0.0; 2];
            for k in span {
                let value = values[start + k * step];
                sum = [sum[0] + value[0], sum[1] + value[1]];
            }
            sum.map(|sum| sum / n)
        })
        .collect()
}
