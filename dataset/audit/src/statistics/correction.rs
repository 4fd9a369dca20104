//! p-values when many questions are asked at once.

/// Bonferroni: times the number of questions.
pub fn bonferroni(p: &[f64]) -> Vec<f64> {
    p.iter().map(|v| (v * p.len() as f64).min(1.0)).collect()
}

/// Holm (1979): holds the chance of any false alarm.
pub fn holm(p: &[f64]) -> Vec<f64> {
    let n = p.len();
    let mut out = vec![0.0; n];
    let mut largest = 0.0_f64;
    for (rank, at) in order(p).into_iter().enumerate() {
        largest = largest.max(p[at] * (n - rank) as f64);
        out[at] = largest.min(1.0);
    }
    out
}

/// Benjamini and Hochberg (1995): holds the share of false alarms among the alarms.
pub fn benjamini_hochberg(p: &[f64]) -> Vec<f64> {
    step_up(p, 1.0)
}

/// Benjamini and Yekutieli (2001): the same under any dependence.
pub fn benjamini_yekutieli(p: &[f64]) -> Vec<f64> {
    step_up(p, (1..=p.len()).map(|i| 1.0 / i as f64).sum())
}

fn step_up(p: &[f64], factor: f64) -> Vec<f64> {
    let n = p.len();
    let mut out = vec![0.0; n];
    let mut smallest = 1.0_f64;
    for (rank, at) in order(p).into_iter().enumerate().rev() {
        smallest = smallest.min(p[at] * factor * n as f64 / (rank + 1) as f64);
        out[at] = smallest;
    }
    out
}

fn order(p: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..p.len()).collect();
    order.sort_by(|&a, &b| p[a].total_cmp(&p[b]));
    order
}
