//! How far apart the errors of groups are.

use super::rank::mann_whitney;
use super::special::{t_critical, t_two_sided};
use super::{mean, variance};

/// Gaps of group means, as Fairlearn defines them.
#[derive(Clone, Debug, PartialEq)]
pub struct Gaps {
    /// Mean of each group.
    pub means: Vec<f64>,
    /// Mean of all values.
    pub overall: f64,
    /// Largest mean less smallest.
    pub between: f64,
    /// Largest distance of a mean from the overall.
    pub to_overall: f64,
    /// Smallest mean by largest.
    pub ratio_between: f64,
    /// Smallest ratio of a mean and the overall, either way up.
    pub ratio_to_overall: f64,
    /// Standard deviation of the means themselves.
    pub deviation: f64,
    /// The same by their mean.
    pub variation: f64,
}

impl Gaps {
    /// Of groups that all hold something.
    pub fn of(groups: &[&[f64]]) -> Self {
        let means: Vec<f64> = groups.iter().map(|group| mean(group)).collect();
        let all: Vec<f64> = groups
            .iter()
            .flat_map(|group| group.iter().copied())
            .collect();
        let overall = mean(&all);
        let low = means.iter().copied().fold(f64::INFINITY, f64::min);
        let high = means.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let center = mean(&means);
        let deviation = (means
            .iter()
            .map(|m| (m - center) * (m - center))
            .sum::<f64>()
            / means.len() as f64)
            .sqrt();
        Self {
            overall,
            between: high - low,
            to_overall: means
                .iter()
                .map(|m| (m - overall).abs())
                .fold(0.0, f64::max),
            ratio_between: low / high,
            ratio_to_overall: means
                .iter()
                .map(|m| (m / overall).min(overall / m))
                .fold(f64::INFINITY, f64::min),
            deviation,
            variation: deviation / center,
            means,
        }
    }

    /// The group of the worst mean: the highest where lower is better.
    pub fn worst(&self, lower_is_better: bool) -> usize {
        let key = |g: &usize| {
            if lower_is_better {
                self.means[*g]
            } else {
                -self.means[*g]
            }
        };
        (0..self.means.len())
            .max_by(|a, b| key(a).total_cmp(&key(b)))
            .unwrap_or(0)
    }
}

/// Two groups against each other.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pair {
    /// Mean of the first less that of the second.
    pub mean_difference: f64,
    /// Welch's t.
    pub t: f64,
    /// Its degrees of freedom (Welch and Satterthwaite).
    pub df: f64,
    /// Its two-sided p-value.
    pub p: f64,
    /// Interval of the difference.
    pub interval: [f64; 2],
    /// Mann and Whitney's U of the first group.
    pub u: f64,
    /// Its p-value.
    pub u_p: f64,
    /// Cliff's delta: how much more often the first is larger than smaller.
    pub cliffs_delta: f64,
    /// Cohen's d with pooled deviation.
    pub cohens_d: f64,
    /// The same without the bias of small groups.
    pub hedges_g: f64,
}

impl Pair {
    /// Of two groups of at least two values each.
    pub fn of(a: &[f64], b: &[f64], confidence: f64) -> Self {
        let (n1, n2) = (a.len() as f64, b.len() as f64);
        let (v1, v2) = (variance(a), variance(b));
        let (e1, e2) = (v1 / n1, v2 / n2);
        let mean_difference = mean(a) - mean(b);
        let error = (e1 + e2).sqrt();
        let df = (e1 + e2) * (e1 + e2) / (e1 * e1 / (n1 - 1.0) + e2 * e2 / (n2 - 1.0));
        let t = mean_difference / error;
        let half = t_critical(1.0 - confidence, df) * error;
        let u = mann_whitney(a, b);
        let pooled = (((n1 - 1.0) * v1 + (n2 - 1.0) * v2) / (n1 + n2 - 2.0)).sqrt();
        let cohens_d = mean_difference / pooled;
        Self {
            mean_difference,
            t,
            df,
            p: if error > 0.0 { t_two_sided(t, df) } else { 1.0 },
            interval: [mean_difference - half, mean_difference + half],
            u: u.value,
            u_p: u.p,
            cliffs_delta: 2.0 * u.value / (n1 * n2) - 1.0,
            cohens_d,
            hedges_g: cohens_d * (1.0 - 3.0 / (4.0 * (n1 + n2) - 9.0)),
        }
    }
}

/// The difference of two means that a two-sided test of size 0.05 finds four times in five.
pub fn detectable_difference(deviation: f64, n1: usize, n2: usize) -> f64 {
    (1.959964 + 0.841621) * deviation * (1.0 / n1 as f64 + 1.0 / n2 as f64).sqrt()
}
