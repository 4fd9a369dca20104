//! Distributions of one label in two datasets: a test and an effect size.
//!
//! - words and whole numbers of few values: chi-square test of homogeneity, effect Cramer's V;
//! - numbers: two-sample Kolmogorov-Smirnov test, effect the distance D itself.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use bottega_schemas::column::{Group, Value};
use bottega_schemas::sample::COLUMNS;
use bottega_schemas::{Kind, SampleMeta};

use crate::statistics::contingency::Association;
use crate::statistics::ks::kolmogorov_smirnov;
use crate::statistics::{mean, median, variance};

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
            } else if let Some(number) = value.as_f64().filter(|number| !number.is_nan()) {
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
    let mut words: Vec<&String> = a.keys().chain(b.keys()).collect();
    words.sort();
    words.dedup();
    let counts = |side: &BTreeMap<String, u64>| -> Vec<u64> {
        let count = |word: &&String| side.get(*word).copied().unwrap_or(0);
        words.iter().map(count).collect()
    };
    // One word alone is the same on both sides. Of two rows, Cramer's V is the root of chi2 / n.
    let found = Association::of(&[counts(a), counts(b)]);
    let (statistic, p, effect) = found.map_or((0.0, 1.0, 0.0), |found| {
        (found.chi2, found.chi2_p, found.cramers_v)
    });
    AttributeDiff {
        name,
        known_a: a.values().sum(),
        known_b: b.values().sum(),
        test: "chi-square",
        statistic,
        p,
        effect,
        a: Summary::Words(a.clone()),
        b: Summary::Words(b.clone()),
    }
}

fn compare_numbers(name: &'static str, a: &[f64], b: &[f64]) -> AttributeDiff {
    let (distance, p) = kolmogorov_smirnov(a, b);
    AttributeDiff {
        name,
        known_a: a.len() as u64,
        known_b: b.len() as u64,
        test: "kolmogorov-smirnov",
        statistic: distance,
        p,
        effect: distance,
        a: summary(a),
        b: summary(b),
    }
}

fn summary(numbers: &[f64]) -> Summary {
    let deviation = variance(numbers).sqrt();
    Summary::Numbers {
        mean: mean(numbers),
        // One number has none.
        deviation: if numbers.len() < 2 { 0.0 } else { deviation },
        median: median(numbers),
    }
}
