//! Distributions of one label in two datasets: a test and an effect size.
//!
//! - words and whole numbers of few values: chi-square test of homogeneity, effect Cramer's V;
//! - numbers: two-sample Kolmogorov-Smirnov test, effect the distance D itself.
//!
//! The tail of chi-square is that of Wilson and Hilferty (1931), that of Kolmogorov the series
//! with the correction of Stephens (1970).

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use bottega_schemas::column::{Group, Value};
use bottega_schemas::sample::COLUMNS;
use bottega_schemas::{Kind, SampleMeta};

/// The distribution of a label in one dataset.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Summary {
    /// How often each word occurs.
    Words(BTreeMap<String, u64>),
    /// Where the numbers lie.
    Numbers {
        /// Mean.
        mean: f64,
        /// Standard deviation.
        deviation: f64,
        /// Median.
        median: f64,
    },
}

/// A label in two datasets.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AttributeDiff {
    /// Name of the column.
    pub name: &'static str,
    /// Rows of the first dataset that know it.
    pub known_a: u64,
    /// Rows of the second that know it.
    pub known_b: u64,
    /// Which test was made: `chi-square` or `kolmogorov-smirnov`.
    pub test: &'static str,
    /// Its statistic.
    pub statistic: f64,
    /// Probability of such a statistic if both were drawn alike.
    pub p: f64,
    /// Effect size, 0 to 1: Cramer's V, or the distance of the distribution functions.
    pub effect: f64,
    /// The first dataset.
    pub a: Summary,
    /// The second.
    pub b: Summary,
}

/// The known values of every compared column.
#[derive(Clone, Debug, Default)]
pub(super) struct Labels {
    words: BTreeMap<usize, BTreeMap<String, u64>>,
    numbers: BTreeMap<usize, Vec<f64>>,
}

/// Whether a column tells of people and circumstances rather than of rows.
fn is_compared(column: usize) -> bool {
    let column = &COLUMNS[column];
    match column.group {
        Group::Identity => matches!(column.name, "split" | "framing"),
        Group::Provenance => !matches!(column.name, "source_index"),
        _ => true,
    }
}

impl Labels {
    /// Names of the compared columns of which any row knows a value.
    pub(super) fn known(&self) -> BTreeSet<&'static str> {
        let columns = self.words.keys().chain(self.numbers.keys());
        columns.map(|column| COLUMNS[*column].name).collect()
    }

    pub(super) fn add(&mut self, meta: &SampleMeta) {
        for (i, value) in meta.values().into_iter().enumerate() {
            if !is_compared(i) {
                continue;
            }
            let word = match (&value, COLUMNS[i].kind) {
                (Value::Text(word), _) => Some(word.clone()),
                (Value::Bool(is_true), _) => Some(is_true.to_string()),
                (Value::Int(number), Kind::I8) => Some(number.to_string()),
                _ => None,
            };
            if let Some(word) = word {
                *self.words.entry(i).or_default().entry(word).or_default() += 1;
            } else if let Some(number) = value.as_f64() {
                self.numbers.entry(i).or_default().push(number);
            }
        }
    }
}

/// Compares every column that both datasets know, the largest effect first.
pub(super) fn compare(a: &Labels, b: &Labels) -> Vec<AttributeDiff> {
    let mut diffs = Vec::new();
    for (i, column) in COLUMNS.iter().enumerate() {
        if let (Some(a), Some(b)) = (a.words.get(&i), b.words.get(&i)) {
            diffs.push(compare_words(column.name, a, b));
        }
        if let (Some(a), Some(b)) = (a.numbers.get(&i), b.numbers.get(&i)) {
            diffs.push(compare_numbers(column.name, a, b));
        }
    }
    // Stable: equal effects stay in the order of the columns.
    diffs.sort_by(|x, y| y.effect.total_cmp(&x.effect));
    diffs
}

fn compare_words(
    name: &'static str,
    a: &BTreeMap<String, u64>,
    b: &BTreeMap<String, u64>,
) -> AttributeDiff {
    let (n_a, n_b): (u64, u64) = (a.values().sum(), b.values().sum());
    let n = (n_a + n_b) as f64;
    let mut words: Vec<&String> = a.keys().chain(b.keys()).collect();
    words.sort();
    words.dedup();
    let mut chi2 = 0.0;
    for word in &words {
        let counts = [a, b].map(|side| side.get(*word).copied().unwrap_or(0) as f64);
        let of_word = counts[0] + counts[1];
        for (count, n_side) in counts.into_iter().zip([n_a, n_b]) {
            let expected = of_word * n_side as f64 / n;
            chi2 += (count - expected) * (count - expected) / expected;
        }
    }
    // Two rows: Cramer's V is the root of chi2 / n.
    let df = (words.len() - 1) as f64;
    AttributeDiff {
        name,
        known_a: n_a,
        known_b: n_b,
        test: "chi-square",
        statistic: chi2,
        p: chi2_tail(chi2, df),
        effect: (chi2 / n).sqrt(),
        a: Summary::Words(a.clone()),
        b: Summary::Words(b.clone()),
    }
}

fn compare_numbers(name: &'static str, a: &[f64], b: &[f64]) -> AttributeDiff {
    let sorted = |values: &[f64]| {
        let mut values = values.to_vec();
        values.sort_unstable_by(f64::total_cmp);
        values
    };
    let (a, b) = (sorted(a), sorted(b));
    let d = ks_distance(&a, &b);
    AttributeDiff {
        name,
        known_a: a.len() as u64,
        known_b: b.len() as u64,
        test: "kolmogorov-smirnov",
        statistic: d,
        p: ks_tail(d, a.len(), b.len()),
        effect: d,
        a: summary(&a),
        b: summary(&b),
    }
}

fn summary(sorted: &[f64]) -> Summary {
    let n = sorted.len() as f64;
    let mean = sorted.iter().sum::<f64>() / n;
    let variance = sorted.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / (n - 1.0).max(1.0);
    Summary::Numbers {
        mean,
        deviation: variance.sqrt(),
        median: 0.5 * (sorted[(sorted.len() - 1) / 2] + sorted[sorted.len() / 2]),
    }
}

/// Largest distance of two empirical distribution functions.
fn ks_distance(a: &[f64], b: &[f64]) -> f64 {
    let (mut i, mut j, mut d) = (0, 0, 0.0f64);
    while i < a.len() && j < b.len() {
        let x = a[i].min(b[j]);
        // Equal values move both, else ties would look like distance.
        while i < a.len() && a[i] <= x {
            i += 1;
        }
        while j < b.len() && b[j] <= x {
            j += 1;
        }
        d = d.max((i as f64 / a.len() as f64 - j as f64 / b.len() as f64).abs());
    }
    d
}

fn ks_tail(d: f64, n_a: usize, n_b: usize) -> f64 {
    let (n_a, n_b) = (n_a as f64, n_b as f64);
    let n = (n_a * n_b / (n_a + n_b)).sqrt();
    let lambda = (n + 0.12 + 0.11 / n) * d;
    if lambda < 0.2 {
        return 1.0;
    }
    let term = |k: i32| {
        let k2 = f64::from(k * k);
        let sign = if k % 2 == 1 { 2.0 } else { -2.0 };
        sign * libm::exp(-2.0 * k2 * lambda * lambda)
    };
    (1..=50).map(term).sum::<f64>().clamp(0.0, 1.0)
}

fn chi2_tail(chi2: f64, df: f64) -> f64 {
    if df < 1.0 {
        return 1.0;
    }
    let spread = 2.0 / (9.0 * df);
    let z = (libm::cbrt(chi2 / df) - (1.0 - spread)) / spread.sqrt();
    0.5 * libm::erfc(z * std::f64::consts::FRAC_1_SQRT_2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tails_have_their_tabled_values() {
        for (chi2, df, p) in [
            (3.841, 1.0, 0.05),
            (18.307, 10.0, 0.05),
            (23.209, 10.0, 0.01),
        ] {
            assert!(
                (chi2_tail(chi2, df) - p).abs() < 4e-3,
                "{chi2} {}",
                chi2_tail(chi2, df)
            );
        }
        // 1.358 / sqrt(n) is the five-per-cent point for many samples.
        let n = 20_000;
        let d = 1.358 / (n as f64 / 2.0).sqrt();
        assert!((ks_tail(d, n, n) - 0.05).abs() < 1e-3);
    }

    #[test]
    fn equal_samples_have_no_distance_and_apart_ones_the_largest() {
        assert_eq!(ks_distance(&[1.0, 1.0, 2.0], &[1.0, 1.0, 2.0]), 0.0);
        assert_eq!(ks_distance(&[1.0, 2.0], &[3.0, 4.0]), 1.0);
        assert_eq!(
            ks_distance(&[1.0, 2.0, 3.0, 4.0], &[3.0, 4.0, 5.0, 6.0]),
            0.5
        );
    }
}
