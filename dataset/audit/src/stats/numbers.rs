//! Quantiles of numbers.

use serde::Serialize;

/// Summary of the numbers of a column; every field is zero where there is no number.
///
/// Quantiles interpolate linearly between the two nearest ranks (Hyndman and Fan 1996, type 7).
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct NumberSummary {
    /// Arithmetic mean.
    pub mean: f64,
    /// Standard deviation over the samples themselves, not an estimate for more.
    pub std: f64,
    /// Smallest.
    pub min: f64,
    /// 5th percentile.
    pub p05: f64,
    /// First quartile.
    pub p25: f64,
    /// Median.
    pub p50: f64,
    /// Third quartile.
    pub p75: f64,
    /// 95th percentile.
    pub p95: f64,
    /// Largest.
    pub max: f64,
}

impl NumberSummary {
    /// The summary of `numbers`, none of which is NaN.
    pub fn of(mut numbers: Vec<f64>) -> Self {
        if numbers.is_empty() {
            return Self::default();
        }
        // Sorted before the sums, so that these do not depend on the order of the samples.
        numbers.sort_by(f64::total_cmp);
        let n = numbers.len() as f64;
        let mean = numbers.iter().sum::<f64>() / n;
        let variance = numbers.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / n;
        Self {
            mean,
            std: variance.sqrt(),
            min: numbers[0],
            p05: quantile(&numbers, 0.05),
            p25: quantile(&numbers, 0.25),
            p50: quantile(&numbers, 0.5),
            p75: quantile(&numbers, 0.75),
            p95: quantile(&numbers, 0.95),
            max: numbers[numbers.len() - 1],
        }
    }
}

/// The quantile `q` of numbers that are sorted and not empty.
pub(crate) fn quantile(sorted: &[f64], q: f64) -> f64 {
    let rank = q * (sorted.len() - 1) as f64;
    let below = rank.floor() as usize;
    let above = (below + 1).min(sorted.len() - 1);
    let part = rank - below as f64;
    // Infinities stay what they are; their difference would be NaN.
    if sorted[below] == sorted[above] {
        return sorted[below];
    }
    sorted[below] + (sorted[above] - sorted[below]) * part
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_of_a_ramp_are_exact() {
        let summary = NumberSummary::of((0..=100).rev().map(f64::from).collect());
        assert_eq!((summary.min, summary.p50, summary.max), (0.0, 50.0, 100.0));
        assert_eq!(
            (summary.p05, summary.p25, summary.p75, summary.p95),
            (5.0, 25.0, 75.0, 95.0)
        );
        assert_eq!(summary.mean, 50.0);
        assert!((summary.std - 850.0f64.sqrt()).abs() < 1e-9);
    }

    #[test]
    fn quantiles_interpolate_between_ranks() {
        assert_eq!(quantile(&[1.0, 2.0], 0.25), 1.25);
        assert_eq!(quantile(&[7.0], 0.95), 7.0);
    }
}
