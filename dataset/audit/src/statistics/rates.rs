//! Rates of success in groups.

use super::special::{ln_gamma, normal_sf};

/// How rates differ between groups.
#[derive(Clone, Debug, PartialEq)]
pub struct RateGaps {
    /// Rate of each group.
    pub rates: Vec<f64>,
    /// Rate of all together.
    pub overall: f64,
    /// Highest less lowest.
    pub difference: f64,
    /// Lowest by highest.
    pub ratio: f64,
    /// Largest distance from the rate of all.
    pub difference_to_overall: f64,
}

impl RateGaps {
    /// Of successes and trials of each group.
    pub fn of(groups: &[(u64, u64)]) -> Self {
        let rates: Vec<f64> = groups.iter().map(|(k, n)| *k as f64 / *n as f64).collect();
        let (k, n) = groups
            .iter()
            .fold((0, 0), |sum, g| (sum.0 + g.0, sum.1 + g.1));
        let overall = k as f64 / n as f64;
        let low = rates.iter().copied().fold(f64::INFINITY, f64::min);
        let high = rates.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let off = |rate: &f64| (rate - overall).abs();
        Self {
            overall,
            difference: high - low,
            ratio: low / high,
            difference_to_overall: rates.iter().map(off).fold(0.0, f64::max),
            rates,
        }
    }

    /// Whether the lowest rate is at least four fifths of the highest (EEOC 1978).
    pub fn passes_four_fifths(&self) -> bool {
        self.ratio >= 0.8
    }
}

/// z of the difference of two rates with pooled variance, and its two-sided p-value.
pub fn two_proportion_z(a: (u64, u64), b: (u64, u64)) -> (f64, f64) {
    let (n1, n2) = (a.1 as f64, b.1 as f64);
    let pooled = (a.0 + b.0) as f64 / (n1 + n2);
    let spread = (pooled * (1.0 - pooled) * (1.0 / n1 + 1.0 / n2)).sqrt();
    let off = a.0 as f64 / n1 - b.0 as f64 / n2;
    if spread == 0.0 {
        return (0.0, 1.0);
    }
    (off / spread, 2.0 * normal_sf((off / spread).abs()))
}

/// Fisher's exact test of two rates: the two-sided p-value and the odds ratio of the sample.
pub fn fisher_exact(a: (u64, u64), b: (u64, u64)) -> (f64, f64) {
    let (k, rest) = (a.0 + b.0, a.1 + b.1 - a.0 - b.0);
    let ln_choose = |n: u64, k: u64| {
        ln_gamma(n as f64 + 1.0) - ln_gamma(k as f64 + 1.0) - ln_gamma((n - k) as f64 + 1.0)
    };
    let all = ln_choose(k + rest, a.1);
    let ln_p = |x: u64| ln_choose(k, x) + ln_choose(rest, a.1 - x) - all;
    let seen = ln_p(a.0);
    // Equal probabilities differ in their last digits.
    let as_rare = |x: &u64| ln_p(*x) <= seen + 1e-7;
    let range = a.1.saturating_sub(rest)..=k.min(a.1);
    let p: f64 = range.filter(as_rare).map(|x| libm::exp(ln_p(x))).sum();
    let odds = (a.0 as f64 * (b.1 - b.0) as f64) / ((a.1 - a.0) as f64 * b.0 as f64);
    (p.min(1.0), odds)
}
