//! Whether numbers differ between groups, and by how much.

use super::rank::ranks;
use super::special::{chi2_sf, f_sf};
use super::{mean, median, variance};

/// A test statistic and its p-value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Test {
    /// The statistic.
    pub value: f64,
    /// Its p-value.
    pub p: f64,
}

/// One-way analysis of variance with its effect sizes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Anova {
    /// F test of equal means.
    pub f: Test,
    /// Share of the variance between the groups.
    pub eta_squared: f64,
    /// The same without its bias.
    pub omega_squared: f64,
}

/// Groups that hold something; tests are of these.
fn occupied<'a>(groups: &[&'a [f64]]) -> Vec<&'a [f64]> {
    groups
        .iter()
        .copied()
        .filter(|group| !group.is_empty())
        .collect()
}

/// One-way analysis of variance; NaN for fewer than two groups.
pub fn anova(groups: &[&[f64]]) -> Anova {
    let groups = occupied(groups);
    let all: Vec<f64> = groups
        .iter()
        .flat_map(|group| group.iter().copied())
        .collect();
    let (grand, n, k) = (mean(&all), all.len() as f64, groups.len() as f64);
    let between: f64 = groups
        .iter()
        .map(|group| group.len() as f64 * (mean(group) - grand) * (mean(group) - grand))
        .sum();
    let within: f64 = groups
        .iter()
        .map(|group| {
            let mean = mean(group);
            group.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>()
        })
        .sum();
    let (df1, df2) = (k - 1.0, n - k);
    let within_mean = within / df2;
    let f = between / df1 / within_mean;
    Anova {
        f: Test {
            value: f,
            p: f_sf(f, df1, df2),
        },
        eta_squared: between / (between + within),
        omega_squared: (between - df1 * within_mean) / (between + within + within_mean),
    }
}

/// Welch's analysis of variance (1951), for groups of unequal spread.
pub fn welch_anova(groups: &[&[f64]]) -> Test {
    let groups = occupied(groups);
    let k = groups.len() as f64;
    let weight = |group: &[f64]| group.len() as f64 / variance(group);
    let total: f64 = groups.iter().map(|group| weight(group)).sum();
    let grand = groups
        .iter()
        .map(|group| weight(group) * mean(group))
        .sum::<f64>()
        / total;
    let between = groups
        .iter()
        .map(|group| weight(group) * (mean(group) - grand) * (mean(group) - grand))
        .sum::<f64>()
        / (k - 1.0);
    let lambda: f64 = groups
        .iter()
        .map(|group| {
            let rest = 1.0 - weight(group) / total;
            rest * rest / (group.len() as f64 - 1.0)
        })
        .sum();
    let value = between / (1.0 + 2.0 * (k - 2.0) / (k * k - 1.0) * lambda);
    let df2 = (k * k - 1.0) / (3.0 * lambda);
    Test {
        value,
        p: f_sf(value, k - 1.0, df2),
    }
}

/// Kruskal and Wallis's H with its effect size.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Kruskal {
    /// H, corrected for ties.
    pub h: Test,
    /// (H - k + 1) / (n - k).
    pub epsilon_squared: f64,
}

/// Whether ranks differ between groups (Kruskal and Wallis 1952).
pub fn kruskal(groups: &[&[f64]]) -> Kruskal {
    let groups = occupied(groups);
    let all: Vec<f64> = groups
        .iter()
        .flat_map(|group| group.iter().copied())
        .collect();
    let (ranks, ties) = ranks(&all);
    let (n, k) = (all.len() as f64, groups.len() as f64);
    let mut sum = 0.0;
    let mut start = 0;
    for group in &groups {
        let ranked: f64 = ranks[start..start + group.len()].iter().sum();
        sum += ranked * ranked / group.len() as f64;
        start += group.len();
    }
    let tied = 1.0 - ties.iter().map(|t| t * t * t - t).sum::<f64>() / (n * n * n - n);
    let raw = 12.0 / (n * (n + 1.0)) * sum - 3.0 * (n + 1.0);
    // Where all values are equal, nothing differs.
    let value = if tied > 0.0 { raw / tied } else { 0.0 };
    Kruskal {
        h: Test {
            value,
            p: chi2_sf(value, k - 1.0),
        },
        epsilon_squared: (value - k + 1.0) / (n - k),
    }
}

/// Whether the spread differs between groups (Levene's test about the median: Brown and Forsythe).
pub fn levene(groups: &[&[f64]]) -> Test {
    let spread = |group: &&[f64]| -> Vec<f64> {
        let center = median(group);
        group.iter().map(|v| (v - center).abs()).collect()
    };
    let spreads: Vec<Vec<f64>> = occupied(groups).iter().map(spread).collect();
    let views: Vec<&[f64]> = spreads.iter().map(Vec::as_slice).collect();
    anova(&views).f
}
