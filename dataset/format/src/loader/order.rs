//! The order of an epoch: a pure function of seed, epoch, number of rows and kind of shuffle.
//!
//! - `global`: position p holds row pi(p), pi a keyed Feistel permutation walked along its cycles
//!   until the number is a row. No memory, and the inverse is as cheap.
//! - `block`: row groups are permuted in the same way, every `window` of them in a row form a
//!   window, and the rows of a window are permuted inside it. Reads of one window stay within its
//!   row groups, which is what an object store or a spinning disk wants.
//! - `sequential`: as the rows lie.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use bottega_schemas::Seed;
use bottega_schemas::index::{shuffled, unshuffled};

/// How the rows of an epoch are mixed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shuffle {
    /// As they lie.
    Sequential,
    /// Any row may follow any other.
    Global,
    /// Within windows of row groups.
    Block,
}

impl std::str::FromStr for Shuffle {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "sequential" => Ok(Self::Sequential),
            "global" => Ok(Self::Global),
            "block" => Ok(Self::Block),
            _ => Err("wanted global, block or sequential".to_owned()),
        }
    }
}

/// The order of one epoch over `rows` rows.
#[derive(Clone, Debug)]
pub struct Order {
    rows: u64,
    kind: Kind,
}

#[derive(Clone, Debug)]
enum Kind {
    Sequential,
    Global(Seed),
    Block(Blocks),
}

/// Row groups in the order of an epoch.
#[derive(Clone, Debug)]
struct Blocks {
    key: Seed,
    /// First row of each row group, and the number of rows.
    groups: Arc<[u64]>,
    /// First position of each group in the order of the epoch, and the number of rows.
    starts: Vec<u64>,
    /// Row groups in a window.
    window: usize,
}

impl Order {
    /// The order of epoch `epoch`; `groups` holds the first row of each row group and, last, the
    /// number of rows; `window` is the number of row groups in a window of [`Shuffle::Block`].
    pub fn new(
        seed: u64,
        epoch: u64,
        shuffle: Shuffle,
        groups: &Arc<[u64]>,
        window: usize,
    ) -> Self {
        let rows = groups.last().copied().unwrap_or(0);
        let key = Seed(seed).child("loader").index(epoch);
        let kind = match shuffle {
            Shuffle::Sequential => Kind::Sequential,
            Shuffle::Global => Kind::Global(key),
            Shuffle::Block => Kind::Block(Blocks::new(key, groups.clone(), window.max(1))),
        };
        Self { rows, kind }
    }

    /// Number of rows.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// The row at a position below the number of rows.
    pub fn row_at(&self, position: u64) -> u64 {
        debug_assert!(position < self.rows, "position {position} of {}", self.rows);
        match &self.kind {
            Kind::Sequential => position,
            Kind::Global(key) => shuffled(*key, position, self.rows),
            Kind::Block(blocks) => blocks.row_at(position),
        }
    }

    /// The position of a row: the inverse of [`Self::row_at`].
    pub fn position_of(&self, row: u64) -> u64 {
        match &self.kind {
            Kind::Sequential => row,
            Kind::Global(key) => unshuffled(*key, row, self.rows),
            Kind::Block(blocks) => blocks.position_of(row),
        }
    }
}

impl Blocks {
    fn new(key: Seed, groups: Arc<[u64]>, window: usize) -> Self {
        let n = groups.len() as u64 - 1;
        let mut starts = vec![0];
        let mut end = 0;
        for slot in 0..n {
            let group = shuffled(key.child("groups"), slot, n) as usize;
            end += groups[group + 1] - groups[group];
            starts.push(end);
        }
        Self {
            key,
            groups,
            starts,
            window,
        }
    }

    fn n_groups(&self) -> u64 {
        self.groups.len() as u64 - 1
    }

    /// The slot in the order of the epoch that holds a position.
    fn slot_of(&self, position: u64) -> usize {
        self.starts.partition_point(|&start| start <= position) - 1
    }

    /// Key, first position and length of the window of a slot.
    fn window_of(&self, slot: usize) -> (Seed, u64, u64) {
        let window = slot / self.window;
        let first = self.starts[window * self.window];
        let end = self.starts[((window + 1) * self.window).min(self.starts.len() - 1)];
        let key = self.key.child("window").index(window as u64);
        (key, first, end - first)
    }

    fn row_at(&self, position: u64) -> u64 {
        let (key, first, length) = self.window_of(self.slot_of(position));
        let inside = first + shuffled(key, position - first, length);
        let slot = self.slot_of(inside);
        let group = shuffled(self.key.child("groups"), slot as u64, self.n_groups());
        self.groups[group as usize] + inside - self.starts[slot]
    }

    fn position_of(&self, row: u64) -> u64 {
        let group = self.groups.partition_point(|&first| first <= row) - 1;
        let slot = unshuffled(self.key.child("groups"), group as u64, self.n_groups()) as usize;
        let inside = self.starts[slot] + row - self.groups[group];
        let (key, first, length) = self.window_of(slot);
        first + unshuffled(key, inside - first, length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Row groups of 32 rows, the last of each shard of 72 shorter.
    fn groups(rows: u64) -> Arc<[u64]> {
        let mut firsts: Vec<u64> = (0..rows)
            .filter(|row| [0, 32, 64].contains(&(row % 72)))
            .collect();
        firsts.push(rows);
        firsts.into()
    }

    #[test]
    fn every_order_is_a_bijection_with_its_inverse() {
        for rows in [1, 2, 3, 31, 32, 33, 72, 300, 1009] {
            let groups = groups(rows);
            for shuffle in [Shuffle::Sequential, Shuffle::Global, Shuffle::Block] {
                for epoch in 0..3 {
                    let order = Order::new(7, epoch, shuffle, &groups, 3);
                    let mut seen = vec![false; rows as usize];
                    for position in 0..rows {
                        let row = order.row_at(position);
                        assert!(!std::mem::replace(&mut seen[row as usize], true));
                        assert_eq!(order.position_of(row), position, "{shuffle:?} of {rows}");
                    }
                    assert!(seen.iter().all(|seen| *seen));
                }
            }
        }
    }

    #[test]
    fn epochs_and_seeds_have_different_orders() {
        let groups = groups(500);
        for shuffle in [Shuffle::Global, Shuffle::Block] {
            let rows = |seed, epoch| -> Vec<u64> {
                let order = Order::new(seed, epoch, shuffle, &groups, 4);
                (0..500).map(|p| order.row_at(p)).collect()
            };
            assert_eq!(rows(1, 0), rows(1, 0));
            let same = |a: &[u64], b: &[u64]| a.iter().zip(b).filter(|(a, b)| a == b).count();
            assert!(same(&rows(1, 0), &rows(1, 1)) < 20);
            assert!(same(&rows(1, 0), &rows(2, 0)) < 20);
        }
    }

    #[test]
    fn a_window_of_blocks_stays_within_its_row_groups() {
        let groups = groups(720);
        let order = Order::new(3, 0, Shuffle::Block, &groups, 4);
        let group_of = |row: u64| groups.partition_point(|&first| first <= row) - 1;
        // Thirty groups in windows of four: each group shows up within one window only.
        let mut windows: Vec<std::collections::BTreeSet<usize>> = Vec::new();
        let mut position = 0;
        while position < 720 {
            let mut seen = std::collections::BTreeSet::new();
            while position < 720 {
                let group = group_of(order.row_at(position));
                if seen.len() == 4 && !seen.contains(&group) {
                    break;
                }
                seen.insert(group);
                position += 1;
            }
            windows.push(seen);
        }
        assert_eq!(windows.len(), 8, "{windows:?}");
        let total: usize = windows.iter().map(|seen| seen.len()).sum();
        assert_eq!(total, groups.len() - 1, "no group is in two windows");
    }

    #[test]
    fn three_hundred_thousand_rows_are_mixed_in_place() {
        let order = Order::new(1, 0, Shuffle::Global, &Arc::from([0, 300_000]), 1);
        let first: Vec<u64> = (0..1000).map(|p| order.row_at(p)).collect();
        let mean = first.iter().sum::<u64>() / 1000;
        assert!((120_000..180_000).contains(&mean), "{mean}");
    }
}
