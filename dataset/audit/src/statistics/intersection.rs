//! Cells where several attributes meet.

use super::representation::Representation;

/// Coverage of the cells of a table of any number of attributes, laid out flat.
#[derive(Clone, Debug, PartialEq)]
pub struct Coverage {
    /// Flat indices of the cells without a sample.
    pub empty: Vec<usize>,
    /// Flat indices of the cells with some samples, but fewer than the support.
    pub under: Vec<usize>,
    /// Share of the cells that have the support.
    pub coverage: f64,
    /// Pielou's evenness over all cells.
    pub evenness: f64,
    /// Jensen-Shannon divergence from equal shares, in bits.
    pub js_to_uniform_bits: f64,
}

impl Coverage {
    /// Of the counts of all cells.
    pub fn of(counts: &[u64], support: u64) -> Self {
        let cells = |fits: &dyn Fn(u64) -> bool| -> Vec<usize> {
            let cells = counts.iter().enumerate();
            cells
                .filter(|(_, k)| fits(**k))
                .map(|(cell, _)| cell)
                .collect()
        };
        let against_equal = Representation::of(counts, &vec![1.0; counts.len()]);
        Self {
            empty: cells(&|k| k == 0),
            under: cells(&|k| 0 < k && k < support),
            coverage: cells(&|k| k >= support).len() as f64 / counts.len() as f64,
            evenness: against_equal.evenness,
            js_to_uniform_bits: against_equal.js_bits,
        }
    }
}
