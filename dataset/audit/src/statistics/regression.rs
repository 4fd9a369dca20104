//! A line through points of which some are astray.

use super::special::normal_quantile;
use super::{mean, median};

/// The line of Theil (1950) and Sen (1968).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TheilSen {
    /// Median of the slopes of all pairs.
    pub slope: f64,
    /// median(y) - slope median(x).
    pub intercept: f64,
    /// Interval of the slope, by the normal limit of Kendall's score.
    pub slope_interval: [f64; 2],
}

/// Points beyond which every k-th stands for all: the pairs are the square of their number.
const POINTS_MAX: usize = 1500;

/// The Theil-Sen line; `None` where all `x` are equal. Of more than 1500 points evenly spaced ones
/// are taken.
pub fn theil_sen(x: &[f64], y: &[f64], confidence: f64) -> Option<TheilSen> {
    let step = x.len().div_ceil(POINTS_MAX).max(1);
    let thin = |values: &[f64]| values.iter().copied().step_by(step).collect::<Vec<f64>>();
    let (x, y) = (thin(x), thin(y));
    let mut slopes = Vec::with_capacity(x.len() * x.len() / 2);
    for i in 0..x.len() {
        for j in 0..i {
            if x[i] != x[j] {
                slopes.push((y[i] - y[j]) / (x[i] - x[j]));
            }
        }
    }
    let last = slopes.len().checked_sub(1)?;
    slopes.sort_unstable_by(f64::total_cmp);
    let slope = super::quantile_sorted(&slopes, 0.5);

    let n = x.len() as f64;
    let spread = |t: f64| t * (t - 1.0) * (2.0 * t + 5.0);
    let tied =
        |values: &[f64]| -> f64 { super::rank::ranks(values).1.into_iter().map(spread).sum() };
    let sigma = ((spread(n) - tied(&x) - tied(&y)) / 18.0).sqrt();
    let z = normal_quantile(0.5 - 0.5 * confidence);
    let count = slopes.len() as f64;
    let rank = |sign: f64| ((count - sign * z * sigma) / 2.0).round_ties_even();
    let high = (rank(1.0).max(0.0) as usize).min(last);
    let low = (rank(-1.0) - 1.0).max(0.0) as usize;
    Some(TheilSen {
        slope,
        intercept: median(&y) - slope * median(&x),
        slope_interval: [slopes[low.min(last)], slopes[high]],
    })
}

/// Slope of the line of least squares.
pub fn least_squares_slope(x: &[f64], y: &[f64]) -> f64 {
    let (mx, my) = (mean(x), mean(y));
    let (mut xx, mut xy) = (0.0, 0.0);
    for (a, b) in x.iter().zip(y) {
        xx += (a - mx) * (a - mx);
        xy += (a - mx) * (b - my);
    }
    xy / xx
}

/// Median distance from the median.
pub fn median_deviation(values: &[f64]) -> f64 {
    let center = median(values);
    median(
        &values
            .iter()
            .map(|v| (v - center).abs())
            .collect::<Vec<f64>>(),
    )
}
