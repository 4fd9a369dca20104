//! Ranks and what is computed from them.

use super::special::{normal_sf, t_two_sided};

/// Ranks from 1, equal values sharing their mean rank, and the sizes of the groups of equals.
pub fn ranks(values: &[f64]) -> (Vec<f64>, Vec<f64>) {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_unstable_by(|&a, &b| values[a].total_cmp(&values[b]));
    let (mut ranks, mut ties) = (vec![0.0; values.len()], Vec::new());
    let mut start = 0;
    while start < order.len() {
        let mut end = start + 1;
        while end < order.len() && values[order[end]] == values[order[start]] {
            end += 1;
        }
        for &at in &order[start..end] {
            ranks[at] = 0.5 * (start + end + 1) as f64;
        }
        ties.push((end - start) as f64);
        start = end;
    }
    (ranks, ties)
}

/// A measure of association and its two-sided p-value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Correlation {
    /// From -1 to 1.
    pub value: f64,
    /// p-value of "there is none".
    pub p: f64,
}

/// Pearson's correlation of two rows of numbers.
pub fn pearson(x: &[f64], y: &[f64]) -> f64 {
    let (mx, my) = (super::mean(x), super::mean(y));
    let (mut xx, mut yy, mut xy) = (0.0, 0.0, 0.0);
    for (a, b) in x.iter().zip(y) {
        xx += (a - mx) * (a - mx);
        yy += (b - my) * (b - my);
        xy += (a - mx) * (b - my);
    }
    xy / (xx * yy).sqrt()
}

/// Spearman's rank correlation; the p-value is that of Student's t.
pub fn spearman(x: &[f64], y: &[f64]) -> Correlation {
    let value = pearson(&ranks(x).0, &ranks(y).0);
    let df = x.len() as f64 - 2.0;
    let t = value * (df / ((1.0 + value) * (1.0 - value))).sqrt();
    Correlation {
        value,
        p: if value.abs() >= 1.0 {
            0.0
        } else {
            t_two_sided(t, df)
        },
    }
}

/// Kendall's tau-b by Knight's method (1966); the p-value is that of the normal limit.
pub fn kendall(x: &[f64], y: &[f64]) -> Correlation {
    let n = x.len();
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_unstable_by(|&a, &b| x[a].total_cmp(&x[b]).then(y[a].total_cmp(&y[b])));
    let runs = |same: &dyn Fn(usize, usize) -> bool| -> Vec<f64> {
        let mut sizes = Vec::new();
        let mut start = 0;
        for i in 1..=n {
            if i == n || !same(order[i - 1], order[i]) {
                sizes.push((i - start) as f64);
                start = i;
            }
        }
        sizes
    };
    let x_ties = runs(&|a, b| x[a] == x[b]);
    let both_ties = runs(&|a, b| x[a] == x[b] && y[a] == y[b]);
    let (_, y_ties) = ranks(y);

    let mut ordered: Vec<f64> = order.iter().map(|&i| y[i]).collect();
    let swaps = sort_counting(&mut ordered) as f64;
    let pairs = |ties: &[f64]| -> f64 { ties.iter().map(|t| t * (t - 1.0) / 2.0).sum() };
    let (n, nx, ny) = (n as f64, pairs(&x_ties), pairs(&y_ties));
    let all = n * (n - 1.0) / 2.0;
    let score = all - nx - ny + pairs(&both_ties) - 2.0 * swaps;

    let sum =
        |ties: &[f64], term: &dyn Fn(f64) -> f64| -> f64 { ties.iter().map(|t| term(*t)).sum() };
    let spread = |t: f64| t * (t - 1.0) * (2.0 * t + 5.0);
    let third = |t: f64| t * (t - 1.0) * (t - 2.0);
    let m = n * (n - 1.0);
    let variance = (m * (2.0 * n + 5.0) - sum(&x_ties, &spread) - sum(&y_ties, &spread)) / 18.0
        + 2.0 * nx * ny / m
        + sum(&x_ties, &third) * sum(&y_ties, &third) / (9.0 * m * (n - 2.0));
    Correlation {
        value: score / ((all - nx).sqrt() * (all - ny).sqrt()),
        p: 2.0 * normal_sf(score.abs() / variance.sqrt()),
    }
}

/// Sorts by merging and counts the exchanges of neighbours that it took.
fn sort_counting(values: &mut [f64]) -> u64 {
    let n = values.len();
    let mut exchanges = 0;
    let (mut from, mut to) = (values.to_vec(), vec![0.0; n]);
    let mut width = 1;
    while width < n {
        for start in (0..n).step_by(2 * width) {
            let (middle, end) = ((start + width).min(n), (start + 2 * width).min(n));
            let (mut i, mut j) = (start, middle);
            for slot in &mut to[start..end] {
                if i < middle && (j >= end || from[i] <= from[j]) {
                    *slot = from[i];
                    i += 1;
                } else {
                    *slot = from[j];
                    exchanges += (middle - i) as u64;
                    j += 1;
                }
            }
        }
        std::mem::swap(&mut from, &mut to);
        width *= 2;
    }
    values.copy_from_slice(&from);
    exchanges
}

/// Mann and Whitney's U of the first group, and its p-value (normal limit, corrected for ties and
/// continuity).
pub fn mann_whitney(a: &[f64], b: &[f64]) -> Correlation {
    let (n1, n2) = (a.len() as f64, b.len() as f64);
    let both: Vec<f64> = a.iter().chain(b).copied().collect();
    let (ranks, ties) = ranks(&both);
    let u = ranks[..a.len()].iter().sum::<f64>() - n1 * (n1 + 1.0) / 2.0;
    let n = n1 + n2;
    let tied: f64 = ties.iter().map(|t| t * t * t - t).sum();
    let spread = (n1 * n2 / 12.0 * (n + 1.0 - tied / (n * (n - 1.0)))).sqrt();
    let z = (u.max(n1 * n2 - u) - n1 * n2 / 2.0 - 0.5) / spread;
    Correlation {
        value: u,
        p: if spread > 0.0 {
            (2.0 * normal_sf(z)).min(1.0)
        } else {
            1.0
        },
    }
}
