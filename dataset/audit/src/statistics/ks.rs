//! Distances of two distributions of numbers.

/// The largest difference of the two empirical distribution functions (Kolmogorov and Smirnov),
/// and the p-value of "the same distribution". No number may be NaN.
pub fn kolmogorov_smirnov(a: &[f64], b: &[f64]) -> (f64, f64) {
    let mut d = 0.0_f64;
    walk(a, b, |fa, fb, _| d = d.max((fa - fb).abs()));
    let (n1, n2) = (a.len() as f64, b.len() as f64);
    // Half to even, as the reference does.
    let n = (n1 * n2 / (n1 + n2)).round_ties_even();
    (d, kolmogorov_sf(d, n as usize))
}

/// The area between the two empirical distribution functions (Wasserstein-1).
/// No number may be NaN.
pub fn wasserstein_1(a: &[f64], b: &[f64]) -> f64 {
    let mut area = 0.0;
    walk(a, b, |fa, fb, width| area += (fa - fb).abs() * width);
    area
}

/// Calls with both distribution functions and the width of the step on which they hold.
fn walk(a: &[f64], b: &[f64], mut step: impl FnMut(f64, f64, f64)) {
    let sorted = |values: &[f64]| {
        let mut sorted = values.to_vec();
        sorted.sort_unstable_by(f64::total_cmp);
        sorted
    };
    let (a, b) = (sorted(a), sorted(b));
    let (mut i, mut j) = (0, 0);
    while i < a.len() || j < b.len() {
        let at = match (a.get(i), b.get(j)) {
            (Some(x), Some(y)) => x.min(*y),
            (Some(x), None) | (None, Some(x)) => *x,
            (None, None) => break,
        };
        while a.get(i) == Some(&at) {
            i += 1;
        }
        while b.get(j) == Some(&at) {
            j += 1;
        }
        let next = match (a.get(i), b.get(j)) {
            (Some(x), Some(y)) => x.min(*y),
            (Some(x), None) | (None, Some(x)) => *x,
            (None, None) => at,
        };
        step(
            i as f64 / a.len() as f64,
            j as f64 / b.len() as f64,
            next - at,
        );
    }
}

/// Upper tail of Kolmogorov's statistic for `n` draws: exact up to 140 (Marsaglia, Tsang and Wang
/// 2003), beyond by the limit with Stephens's correction.
pub fn kolmogorov_sf(d: f64, n: usize) -> f64 {
    let n_f = n as f64;
    if d <= 0.0 || n == 0 {
        return 1.0;
    }
    if d >= 1.0 {
        return 0.0;
    }
    if n > 140 {
        let root = n_f.sqrt();
        return kolmogorov_limit(d * (root + 0.12 + 0.11 / root));
    }
    let k = (n_f * d).floor() as usize + 1;
    let (m, h) = (2 * k - 1, k as f64 - n_f * d);
    let mut step = vec![0.0; m * m];
    for i in 0..m {
        for j in 0..m {
            step[i * m + j] = if i + 1 < j { 0.0 } else { 1.0 };
        }
    }
    for i in 0..m {
        step[i * m] -= libm::pow(h, (i + 1) as f64);
        step[(m - 1) * m + i] -= libm::pow(h, (m - i) as f64);
    }
    if 2.0 * h > 1.0 {
        step[(m - 1) * m] += libm::pow(2.0 * h - 1.0, m as f64);
    }
    for i in 0..m {
        for j in 0..=i {
            for g in 1..=(i + 1 - j) {
                step[i * m + j] /= g as f64;
            }
        }
    }
    // Row k of the n-th power, one step at a time, times n! / n^n.
    let mut row = vec![0.0; m];
    row[k - 1] = 1.0;
    for i in 1..=n {
        let next = (0..m).map(|j| (0..m).map(|l| row[l] * step[l * m + j]).sum::<f64>());
        row = next.map(|v: f64| v * i as f64 / n_f).collect();
    }
    (1.0 - row[k - 1]).clamp(0.0, 1.0)
}

fn kolmogorov_limit(x: f64) -> f64 {
    let mut sum = 0.0;
    for k in 1..=100 {
        let k = f64::from(k);
        let term = libm::exp(-2.0 * k * k * x * x);
        sum += if k % 2.0 == 1.0 { term } else { -term };
        if term < 1e-18 {
            break;
        }
    }
    (2.0 * sum).clamp(0.0, 1.0)
}
