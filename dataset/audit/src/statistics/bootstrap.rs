//! Intervals by drawing again from what was seen.

use rayon::prelude::*;

use super::{mean, quantile_sorted};

/// The values of a group, by whom they belong to: people, not pictures, are drawn again, since
/// pictures of one person say nearly the same.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Clusters {
    /// Sum and number of the values of each person.
    people: Vec<(f64, f64)>,
}

impl Clusters {
    /// Every value by itself.
    pub fn single(values: &[f64]) -> Self {
        Self {
            people: values.iter().map(|v| (*v, 1.0)).collect(),
        }
    }

    /// Values with the sums of each person.
    pub fn of(people: Vec<(f64, f64)>) -> Self {
        Self { people }
    }

    /// Number of people.
    pub fn len(&self) -> usize {
        self.people.len()
    }

    /// Whether there is nobody.
    pub fn is_empty(&self) -> bool {
        self.people.is_empty()
    }
}

/// Percentile intervals of group means and of what follows from them.
#[derive(Clone, Debug, PartialEq)]
pub struct Intervals {
    /// Interval of the mean of each group.
    pub means: Vec<[f64; 2]>,
    /// Interval of largest less smallest mean.
    pub gap: [f64; 2],
    /// Interval of smallest by largest mean.
    pub ratio: [f64; 2],
    /// Means of the first replicate.
    pub first: Vec<f64>,
}

/// Draws every group again `replicates` times, as many as it has people; `uniform(b, j)` is the
/// `j`-th number in [0, 1) of replicate `b`, counted through the groups in order.
pub fn stratified(
    groups: &[Clusters],
    replicates: usize,
    confidence: f64,
    uniform: impl Fn(usize, usize) -> f64 + Sync,
) -> Intervals {
    let means: Vec<Vec<f64>> = (0..replicates)
        .into_par_iter()
        .map(|b| {
            let mut j = 0;
            let replicate = |group: &Clusters| {
                let n = group.len();
                let (mut sum, mut count) = (0.0, 0.0);
                for _ in 0..n {
                    let at = ((uniform(b, j) * n as f64) as usize).min(n - 1);
                    sum += group.people[at].0;
                    count += group.people[at].1;
                    j += 1;
                }
                sum / count
            };
            groups.iter().map(replicate).collect()
        })
        .collect();
    let tail = 0.5 * (1.0 - confidence);
    let interval = |value: &dyn Fn(&[f64]) -> f64| {
        let mut values: Vec<f64> = means.iter().map(|means| value(means)).collect();
        values.sort_unstable_by(f64::total_cmp);
        [
            quantile_sorted(&values, tail),
            quantile_sorted(&values, 1.0 - tail),
        ]
    };
    Intervals {
        means: (0..groups.len())
            .map(|g| interval(&|means| means[g]))
            .collect(),
        gap: interval(&|means| max(means) - min(means)),
        ratio: interval(&|means| min(means) / max(means)),
        first: means.first().cloned().unwrap_or_default(),
    }
}

/// Interval of the mean of one row of values.
pub fn mean_interval(
    values: &[f64],
    replicates: usize,
    confidence: f64,
    uniform: impl Fn(usize, usize) -> f64 + Sync,
) -> [f64; 2] {
    if values.is_empty() {
        let mean = mean(values);
        return [mean, mean];
    }
    stratified(&[Clusters::single(values)], replicates, confidence, uniform).means[0]
}

fn min(values: &[f64]) -> f64 {
    values.iter().copied().fold(f64::INFINITY, f64::min)
}

fn max(values: &[f64]) -> f64 {
    values.iter().copied().fold(f64::NEG_INFINITY, f64::max)
}

/// The `n`-th number in [0, 1) of a stream (SplitMix64; Steele, Lea and Flood 2014).
pub fn uniform(key: u64, n: u64) -> f64 {
    let mut z = key.wrapping_add((n + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((z ^ (z >> 31)) >> 11) as f64 * (1.0 / (1_u64 << 53) as f64)
}
