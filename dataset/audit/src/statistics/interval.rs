//! Confidence intervals of shares.

use super::special::{beta_quantile, normal_quantile};

fn z_of(confidence: f64) -> f64 {
    normal_quantile(0.5 + 0.5 * confidence)
}

/// Wilson's score interval of `k` among `n` (Wilson 1927).
pub fn wilson(k: u64, n: u64, confidence: f64) -> [f64; 2] {
    if n == 0 {
        return [0.0, 1.0];
    }
    let (k_f, n_f, z) = (k as f64, n as f64, z_of(confidence));
    let (p, z2) = (k_f / n_f, z * z);
    let scale = 2.0 * (n_f + z2);
    let center = (2.0 * n_f * p + z2) / scale;
    let half = z * (z2 + 4.0 * n_f * p * (1.0 - p)).sqrt() / scale;
    ends(k, n, center - half, center + half)
}

/// Wilson's interval with continuity correction (Newcombe 1998).
pub fn wilson_corrected(k: u64, n: u64, confidence: f64) -> [f64; 2] {
    if n == 0 {
        return [0.0, 1.0];
    }
    let (n_f, z) = (n as f64, z_of(confidence));
    let (p, z2) = (k as f64 / n_f, z * z);
    let q = 1.0 - p;
    let scale = 2.0 * (n_f + z2);
    let center = (2.0 * n_f * p + z2) / scale;
    let below = (z2 - 2.0 - 1.0 / n_f + 4.0 * p * (n_f * q + 1.0)).max(0.0);
    let above = (z2 + 2.0 - 1.0 / n_f + 4.0 * p * (n_f * q - 1.0)).max(0.0);
    ends(
        k,
        n,
        center - (1.0 + z * below.sqrt()) / scale,
        center + (1.0 + z * above.sqrt()) / scale,
    )
}

/// The exact interval of Clopper and Pearson (1934): never covers less than it says.
pub fn clopper_pearson(k: u64, n: u64, confidence: f64) -> [f64; 2] {
    if n == 0 {
        return [0.0, 1.0];
    }
    let (k_f, n_f, tail) = (k as f64, n as f64, 0.5 * (1.0 - confidence));
    let low = if k == 0 {
        0.0
    } else {
        beta_quantile(tail, k_f, n_f - k_f + 1.0)
    };
    let high = if k >= n {
        1.0
    } else {
        beta_quantile(1.0 - tail, k_f + 1.0, n_f - k_f)
    };
    [low, high]
}

/// Newcombe's interval of the difference of two shares, by their Wilson intervals (1998, method 10).
pub fn newcombe_difference(a: (u64, u64), b: (u64, u64), confidence: f64) -> [f64; 2] {
    let (p, q) = (a.0 as f64 / a.1 as f64, b.0 as f64 / b.1 as f64);
    let [p_low, p_high] = wilson(a.0, a.1, confidence);
    let [q_low, q_high] = wilson(b.0, b.1, confidence);
    let root = |u: f64, v: f64| (u * u + v * v).sqrt();
    [
        p - q - root(p - p_low, q_high - q),
        p - q + root(p_high - p, q - q_low),
    ]
}

/// Shares of nothing and of everything end at 0 and at 1.
fn ends(k: u64, n: u64, low: f64, high: f64) -> [f64; 2] {
    [
        if k == 0 { 0.0 } else { low },
        if k >= n { 1.0 } else { high },
    ]
}
