//! The statistics of an audit, on plain slices: no file, no column, no threshold.
//!
//! Formulas are written at their functions. Logarithms are natural unless a name says bits. All of
//! them are checked against values that other people's programs computed (`tests/golden_statistics`).

pub mod bootstrap;
pub mod contingency;
pub mod correction;
pub mod groups;
pub mod intersection;
pub mod interval;
pub mod ks;
pub mod parity;
pub mod rank;
pub mod rates;
pub mod regression;
pub mod representation;
pub mod skin_color;
pub mod special;

/// Mean; NaN where there is nothing.
pub fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// Variance as an estimate for more of the same kind, over n - 1.
pub fn variance(values: &[f64]) -> f64 {
    let mean = mean(values);
    let squares: f64 = values.iter().map(|v| (v - mean) * (v - mean)).sum();
    squares / (values.len() as f64 - 1.0)
}

/// Quantile of sorted numbers, linear between the two nearest ranks (Hyndman and Fan, type 7); NaN
/// where there is nothing.
pub fn quantile_sorted(sorted: &[f64], q: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else {
        return f64::NAN;
    };
    let position = q * last as f64;
    let below = (position as usize).min(last);
    let above = (below + 1).min(last);
    let part = position - below as f64;
    // Infinities stay what they are; their difference would be NaN.
    if part == 0.0 || sorted[below] == sorted[above] {
        return sorted[below];
    }
    sorted[below] + part * (sorted[above] - sorted[below])
}

/// Median; NaN where there is nothing.
pub fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    quantile_sorted(&sorted, 0.5)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_interpolate_between_ranks() {
        assert_eq!(quantile_sorted(&[1.0, 2.0], 0.25), 1.25);
        assert_eq!(quantile_sorted(&[7.0], 0.95), 7.0);
        assert!(quantile_sorted(&[], 0.5).is_nan());
        let infinite = [1.0, f64::INFINITY, f64::INFINITY];
        assert_eq!(quantile_sorted(&infinite, 0.0), 1.0);
        assert_eq!(quantile_sorted(&infinite, 0.75), f64::INFINITY);
    }
}
