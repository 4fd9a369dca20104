//! How a count in cells stands against a declared target.

use super::interval::{clopper_pearson, wilson};
use super::special::chi2_sf;

/// Shares, diversity and divergence of counts in K declared cells.
#[derive(Clone, Debug, PartialEq)]
pub struct Representation {
    /// Sum of the counts.
    pub n: u64,
    /// Share of each cell.
    pub shares: Vec<f64>,
    /// Declared share of each cell.
    pub target_shares: Vec<f64>,
    /// Share by declared share.
    pub ratio: Vec<f64>,
    /// Shannon entropy H, in nats.
    pub entropy: f64,
    /// Pielou's evenness H / ln K; K counts declared cells, not seen ones.
    pub evenness: f64,
    /// Hill numbers of order 0, 1 and 2: effective numbers of cells.
    pub hill: [f64; 3],
    /// Probability that two samples differ.
    pub gini_simpson: f64,
    /// Kullback-Leibler divergence from the target, in nats; infinite where a cell should be empty.
    pub kl: f64,
    /// Jensen-Shannon divergence from the target, in bits.
    pub js_bits: f64,
    /// Total variation from the target.
    pub total_variation: f64,
    /// Hellinger distance to the target.
    pub hellinger: f64,
    /// Pearson's chi-square against the target.
    pub chi2: f64,
    /// Degrees of freedom.
    pub df: f64,
    /// Its p-value.
    pub chi2_p: f64,
    /// Likelihood-ratio statistic G against the target.
    pub g: f64,
    /// Its p-value.
    pub g_p: f64,
    /// Cohen's w.
    pub cohen_w: f64,
    /// Largest share by smallest; infinite where a cell is empty.
    pub max_min_ratio: f64,
    /// Smallest share.
    pub min_share: f64,
}

impl Representation {
    /// Of counts and target weights of the same cells; weights need not sum to 1.
    ///
    /// Cells of weight 0 that are empty take no part in chi-square and its degrees of freedom.
    pub fn of(counts: &[u64], target: &[f64]) -> Self {
        let n: u64 = counts.iter().sum();
        let n_f = n as f64;
        let weight: f64 = target.iter().sum();
        let share = |k: &u64| if n == 0 { 0.0 } else { *k as f64 / n_f };
        let shares: Vec<f64> = counts.iter().map(share).collect();
        let target_shares: Vec<f64> = target.iter().map(|q| q / weight).collect();
        let cells = || shares.iter().copied().zip(target_shares.iter().copied());
        let sum = |term: &dyn Fn(f64, f64) -> f64| cells().map(|(p, q)| term(p, q)).sum::<f64>();

        let entropy = sum(&|p, _| -p_ln(p, p));
        let simpson = sum(&|p, _| p * p);
        let js = sum(&|p, q| {
            let m = 0.5 * (p + q);
            0.5 * (p_ln(p, p / m) + p_ln(q, q / m))
        });
        let chi2 = n_f
            * sum(&|p, q| match (p, q) {
                (0.0, 0.0) => 0.0,
                (p, q) => (p - q) * (p - q) / q,
            });
        let kl = sum(&|p, q| p_ln(p, p / q));
        let g = 2.0 * n_f * kl;
        let open = target
            .iter()
            .zip(counts)
            .filter(|(q, k)| **q > 0.0 || **k > 0);
        let df = open.count().saturating_sub(1) as f64;
        let (min, max) = shares
            .iter()
            .fold((f64::INFINITY, 0.0_f64), |(low, high), &p| {
                (low.min(p), high.max(p))
            });
        Self {
            n,
            ratio: cells().map(|(p, q)| p / q).collect(),
            entropy,
            evenness: entropy / libm::log(counts.len() as f64),
            hill: [
                counts.iter().filter(|k| **k > 0).count() as f64,
                libm::exp(entropy),
                1.0 / simpson,
            ],
            gini_simpson: 1.0 - simpson,
            kl,
            js_bits: js.max(0.0) / std::f64::consts::LN_2,
            total_variation: 0.5 * sum(&|p, q| (p - q).abs()),
            hellinger: (1.0 - sum(&|p, q| (p * q).sqrt())).max(0.0).sqrt(),
            chi2,
            df,
            chi2_p: chi2_sf(chi2, df),
            g,
            g_p: chi2_sf(g, df),
            cohen_w: (chi2 / n_f).sqrt(),
            max_min_ratio: max / min,
            min_share: min,
            shares,
            target_shares,
        }
    }

    /// Jensen-Shannon distance: the root of the divergence in bits.
    pub fn js_distance(&self) -> f64 {
        self.js_bits.sqrt()
    }
}

/// Wilson intervals of each cell's share.
pub fn wilson_cells(counts: &[u64], confidence: f64) -> Vec<[f64; 2]> {
    let n = counts.iter().sum();
    counts.iter().map(|&k| wilson(k, n, confidence)).collect()
}

/// Clopper-Pearson intervals of each cell's share.
pub fn clopper_pearson_cells(counts: &[u64], confidence: f64) -> Vec<[f64; 2]> {
    let n = counts.iter().sum();
    let cell = |&k: &u64| clopper_pearson(k, n, confidence);
    counts.iter().map(cell).collect()
}

/// `p ln x`, 0 where `p` is 0.
pub(super) fn p_ln(p: f64, x: f64) -> f64 {
    if p == 0.0 { 0.0 } else { p * libm::log(x) }
}
