//! Several sources in one stream, by weights.
//!
//! Positions are dealt in cycles of [`CYCLE`]: each source owns a share of the slots of a cycle in
//! proportion to its weight (largest remainders), and a keyed permutation of the slots mixes them.
//! So any stretch of the stream has the shares that were asked for, and the source and the count of
//! a position follow by arithmetic, without what came before.

use bottega_schemas::Seed;
use bottega_schemas::index::shuffled;

use crate::error::FormatError;

/// Slots of a cycle where there is more than one source.
const CYCLE: u64 = 1024;

/// How positions are dealt to sources.
#[derive(Clone, Debug)]
pub(super) struct Mix {
    /// First slot of each source in a cycle, and the length of a cycle.
    firsts: Vec<u64>,
    key: Option<Seed>,
}

impl Mix {
    /// Deals to sources with these weights; one source alone gets every position in order.
    pub(super) fn new(weights: &[f64], seed: u64) -> Result<Self, FormatError> {
        let wrong = |reason: String| Err(FormatError::unusable("mix of datasets", reason));
        if weights.len() <= 1 {
            return Ok(Self {
                firsts: vec![0, 1],
                key: None,
            });
        }
        let total: f64 = weights.iter().sum();
        if let Some(weight) = weights.iter().find(|w| !(w.is_finite() && **w > 0.0)) {
            return wrong(format!("weight {weight}; wanted a positive number"));
        }
        if weights.len() as u64 > CYCLE / 4 {
            return wrong(format!("{} sources; at most {}", weights.len(), CYCLE / 4));
        }
        // One slot for each, the rest by largest remainders; the first of equals wins.
        let free = (CYCLE - weights.len() as u64) as f64;
        let exact: Vec<f64> = weights
            .iter()
            .map(|w| (w / total * CYCLE as f64 - 1.0).max(0.0))
            .collect();
        let exact_total: f64 = exact.iter().sum();
        let exact: Vec<f64> = exact.iter().map(|e| e / exact_total * free).collect();
        let mut counts: Vec<u64> = exact.iter().map(|e| 1 + e.floor() as u64).collect();
        let mut by_remainder: Vec<usize> = (0..weights.len()).collect();
        by_remainder.sort_by(|&a, &b| {
            exact[b]
                .fract()
                .total_cmp(&exact[a].fract())
                .then(a.cmp(&b))
        });
        let left = CYCLE - counts.iter().sum::<u64>().min(CYCLE);
        for &source in by_remainder.iter().cycle().take(left as usize) {
            counts[source] += 1;
        }
        let mut firsts = vec![0];
        for count in counts {
            firsts.push(firsts.last().copied().unwrap_or(0) + count);
        }
        Ok(Self {
            firsts,
            key: Some(Seed(seed).child("mix")),
        })
    }

    /// The source of a position of the endless stream, and how many of that source's samples stand
    /// in front of it, give or take the order inside one cycle.
    pub(super) fn source_at(&self, position: u64) -> (usize, u64) {
        let Some(key) = self.key else {
            return (0, position);
        };
        let length = self.firsts[self.firsts.len() - 1];
        let (cycle, slot) = (position / length, position % length);
        let slot = shuffled(key.index(cycle), slot, length);
        let source = self.firsts.partition_point(|&first| first <= slot) - 1;
        let share = self.firsts[source + 1] - self.firsts[source];
        (source, cycle * share + slot - self.firsts[source])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_follow_the_weights_and_no_count_repeats() {
        let mix = Mix::new(&[1.0, 2.0, 5.0, 0.001], 9).unwrap();
        let mut counts = vec![Vec::new(); 4];
        for position in 0..8 * CYCLE {
            let (source, count) = mix.source_at(position);
            counts[source].push(count);
        }
        for (counts, wanted) in counts.iter_mut().zip([1.0, 2.0, 5.0, 0.0]) {
            let share = counts.len() as f64 / (8 * CYCLE) as f64;
            assert!((share - wanted / 8.0).abs() < 2e-3, "{share}");
            counts.sort_unstable();
            let whole: Vec<u64> = (0..counts.len() as u64).collect();
            assert_eq!(*counts, whole);
        }
        // Sources alternate within a cycle, too.
        let first = (0..64).filter(|&p| mix.source_at(p).0 == 2).count();
        assert!((25..=55).contains(&first), "{first}");
    }

    #[test]
    fn one_source_is_taken_as_it_comes_and_wrong_weights_are_refused() {
        let mix = Mix::new(&[3.0], 1).unwrap();
        assert_eq!(mix.source_at(12_345), (0, 12_345));
        for weights in [[1.0, 0.0], [f64::NAN, 1.0], [1.0, -2.0]] {
            assert!(Mix::new(&weights, 1).is_err());
        }
    }
}
