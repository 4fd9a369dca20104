//! Gives back the detail that a fit lost.
//!
//! What a fitted picture lacks shows in both halves alike, noise shows in each by itself: the
//! product of what is left of two halves, each after a fit to the other, is the squared detail
//! that was lost. A fit to the other half holds a part of the pixel's own colour there, so the
//! noise of each half is taken off the other's remainder by that part, which is given back here:
//! among hairs, where next to nothing is alike, that part is large. Where lost detail outweighs
//! the noise, the noisy picture is the better one, and the two are mixed as Wiener would.
//!
//! Among fibres the estimate is averaged over fibres alone and farther about, and more is given
//! back than the least squared error asks for: what is missing there is structure the eye looks
//! for, and noise hides in it.

use bottega_geometry::math;
use glam::Vec3;
use rayon::prelude::*;

use super::{EXPLAINING, Half, solve::Fitted};

/// Radius of the neighbourhood over which lost detail and noise are compared, in pixels.
const RADIUS: usize = 3;
/// The same among fibres.
const FIBER_RADIUS: usize = 8;
/// Share of the noise by which an estimate of lost detail is off by chance.
const DOUBT: f32 = 0.3;
/// The same among fibres, where there is always lost detail.
const FIBER_DOUBT: f32 = 0.0;
/// Exponent of Wiener's share among fibres: one third of the light given back becomes 0.46, for
/// which the squared error is 6 % above the least.
const FIBER_EXPONENT: f32 = 0.7;
/// Squared light below which differences count less.
const DARK_SQUARED: f32 = 1e-3;

/// The mean of both `fits` with lost detail given back; `fits[i]` holds no light of half `i`.
pub(super) fn restore(
    width: usize,
    height: usize,
    halves: &[Half; 2],
    fits: &[Vec<Fitted>; 2],
) -> Vec<Vec3> {
    let fiber = |i: usize| {
        let [a, b] = [0, 1].map(|half: usize| halves[half].features[i][EXPLAINING]);
        (0.5 * (a + b)).clamp(0.0, 1.0)
    };
    // Lost detail and noise of each pixel, relative to its brightness, summed over channels.
    let raw: Vec<[f32; 2]> = (0..width * height)
        .into_par_iter()
        .map(|i| {
            let [a, b] = [0, 1].map(|half: usize| halves[half].color[i]);
            let [fit_a, fit_b] = [0, 1].map(|half: usize| fits[half][i]);
            let fit = 0.5 * (fit_a.color + fit_b.color);
            let own = 0.5 * (fit_a.own + fit_b.own);
            let scale = 1.0 / (fit.length_squared() + DARK_SQUARED);
            // The variance of the mean of both halves; that of one half is twice as large.
            let noise = 0.25 * (a - b).length_squared();
            let lost = (a - fit_a.color).dot(b - fit_b.color) + 4.0 * own * noise;
            // What the fit has of the pixel's own noise is not saved by fitting.
            [lost * scale, (1.0 - own) * noise * scale]
        })
        .collect();
    let about = |radius: usize, weight: &(dyn Fn(usize) -> f32 + Sync)| {
        let weighted: Vec<[f32; 2]> = (raw.par_iter().enumerate())
            .map(|(i, values)| values.map(|value| weight(i) * value))
            .collect();
        let rows = blurred(&weighted, (width, height), radius, true);
        blurred(&rows, (width, height), radius, false)
    };
    let of_rest = about(RADIUS, &|i| 1.0 - fiber(i));
    let of_fibers = about(FIBER_RADIUS, &fiber);
    (0..width * height)
        .into_par_iter()
        .map(|i| {
            let among = math::pow(wiener(of_fibers[i], FIBER_DOUBT), FIBER_EXPONENT);
            let share = math::lerp(wiener(of_rest[i], DOUBT), among, fiber(i));
            let fit = 0.5 * (fits[0][i].color + fits[1][i].color);
            let noisy = 0.5 * (halves[0].color[i] + halves[1].color[i]);
            fit + share * (noisy - fit)
        })
        .collect()
}

/// Share of the noisy picture with the least squared error, for `[lost, noise]`.
fn wiener([lost, noise]: [f32; 2], doubt: f32) -> f32 {
    let lost = (lost - doubt * noise).max(0.0);
    lost / (lost + noise).max(1e-20)
}

/// Sum over a piece of a row or of a column.
fn blurred(
    values: &[[f32; 2]],
    (width, height): (usize, usize),
    radius: usize,
    along_row: bool,
) -> Vec<[f32; 2]> {
    (0..width * height)
        .into_par_iter()
        .map(|i| {
            let (x, y) = (i % width, i / width);
            let (at, end, step) = if along_row {
                (x, width, 1)
            } else {
                (y, height, width)
            };
            let span = at.saturating_sub(radius)..(at + radius + 1).min(end);
            let start = i - at * step;
            let mut sum = [0.0; 2];
            for k in span {
                let value = values[start + k * step];
                sum = [sum[0] + value[0], sum[1] + value[1]];
            }
            sum
        })
        .collect()
}
