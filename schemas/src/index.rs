//! Index arithmetic: from the number of a sample to its seed, its person, its framing and its
//! quantiles.
//!
//! Everything here is a pure function of the recipe's seed and an index, so any range of a dataset
//! can be made anywhere. Identity `i` belongs to the aligned block `i div 100`; a keyed permutation
//! of the block deals it one of the 100 cells tone 10 x sex 2 x age 5, so that every aligned block
//! covers each cell once. All other attributes follow scrambled low-discrepancy sequences, one per
//! name, that know nothing of each other.

use crate::seed::{Seed, mix};

/// Identities in a block that covers every cell once.
pub const QUOTA_BLOCK: u64 = 100;

/// Samples in a block that covers every third of the framing choice once.
pub const FRAMING_BLOCK: u64 = 3;

/// How far quantiles stay away from the edges of their stratum, in shares of it, so that rounding
/// in cumulated shares never moves a person to the neighbouring cell.
const EDGE: f64 = 1e-5;

/// The derived seed of a sample, 63 bits: the column `seed`.
pub fn sample_seed(recipe_seed: u64, index: u64) -> u64 {
    Seed(recipe_seed).child("sample").index(index).0 >> 1
}

/// The name of a sample, `<dataset>-<index>` with seven digits or more.
pub fn sample_id(dataset: &str, index: u64) -> String {
    format!("{dataset}-{index:07}")
}

/// The number of the person in sample `index`.
pub fn identity_index(index: u64, frames_per_identity: u64) -> u64 {
    index / frames_per_identity.max(1)
}

/// The seed of a person.
pub fn identity_seed(recipe_seed: u64, identity: u64) -> Seed {
    Seed(recipe_seed).child("identity").index(identity)
}

/// Stratum of a person in the three quota attributes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct QuotaCell {
    /// Tenth of the skin tones, 0 to 9.
    pub tone: u8,
    /// Half of the sexes, 0 or 1.
    pub sex: u8,
    /// Fifth of the ages, 0 to 4.
    pub age: u8,
}

/// The cell of person `identity`.
pub fn quota_cell(recipe_seed: u64, identity: u64) -> QuotaCell {
    let key = Seed(recipe_seed)
        .child("quota")
        .index(identity / QUOTA_BLOCK);
    let cell = permutation(key, QUOTA_BLOCK as usize)[(identity % QUOTA_BLOCK) as usize];
    let cell = cell as u8;
    QuotaCell {
        tone: cell % 10,
        sex: cell / 10 % 2,
        age: cell / 20,
    }
}

/// A quantile inside stratum `stratum` of `n`, at the share `u` of its width.
pub fn stratified(stratum: u32, n: u32, u: f64) -> f64 {
    (f64::from(stratum) + EDGE + u * (1.0 - 2.0 * EDGE)) / f64::from(n)
}

/// The quantile of the framing choice for sample `index`: each aligned block of three covers each
/// third once.
pub fn framing_quantile(recipe_seed: u64, index: u64) -> f64 {
    let key = Seed(recipe_seed).child("framing");
    let block = key.index(index / FRAMING_BLOCK);
    let stratum = permutation(block, FRAMING_BLOCK as usize)[(index % FRAMING_BLOCK) as usize];
    stratified(
        stratum,
        FRAMING_BLOCK as u32,
        key.child("within").index(index).unit_f64(),
    )
}

/// A permutation of `0..n` that depends on the key alone (Fisher and Yates).
pub fn permutation(key: Seed, n: usize) -> Vec<u32> {
    let mut order: Vec<u32> = (0..n as u32).collect();
    for i in (1..n).rev() {
        let j = (key.index(i as u64).unit_f64() * (i + 1) as f64) as usize;
        order.swap(i, j.min(i));
    }
    order
}

/// Where a keyed permutation of `0..n` puts `i`, without writing the permutation down.
///
/// Four rounds of a Feistel network over the next power of four, walked along until the number is
/// below `n` again (Black and Rogaway 2002): at most four steps on average.
pub fn shuffled(key: Seed, i: u64, n: u64) -> u64 {
    let half_bits = feistel_half_bits(n);
    let mask = (1_u64 << half_bits) - 1;
    let mut at = i;
    loop {
        let (mut left, mut right) = (at >> half_bits, at & mask);
        for round in 0..4 {
            let turned = mix(key.0 ^ mix((round << 40) ^ right)) & mask;
            (left, right) = (right, left ^ turned);
        }
        at = (left << half_bits) | right;
        if at < n {
            return at;
        }
    }
}

/// Which `i` [`shuffled`] puts at `at`: the same walk backward.
pub fn unshuffled(key: Seed, at: u64, n: u64) -> u64 {
    let half_bits = feistel_half_bits(n);
    let mask = (1_u64 << half_bits) - 1;
    let mut i = at;
    loop {
        let (mut left, mut right) = (i >> half_bits, i & mask);
        for round in (0..4).rev() {
            let turned = mix(key.0 ^ mix((round << 40) ^ left)) & mask;
            (left, right) = (right ^ turned, left);
        }
        i = (left << half_bits) | right;
        if i < n {
            return i;
        }
    }
}

/// Half of the bits of the numbers below the next power of four.
fn feistel_half_bits(n: u64) -> u32 {
    (64 - n.saturating_sub(1).leading_zeros())
        .div_ceil(2)
        .max(1)
}

/// A scrambled van der Corput sequence in `[0, 1)`: every aligned block of 2^k indices has one
/// point in each of the 2^k equal parts of the interval.
///
/// Both the order of the points and their digits are scrambled by nested uniform (Owen) scrambling
/// with their own keys, which makes sequences of different names independent of each other
/// (Burley, "Practical Hash-based Owen Scrambling", JCGT 9(4), 2020).
#[derive(Clone, Copy, Debug)]
pub struct Sequence {
    order: u64,
    digits: u64,
}

impl Sequence {
    /// The sequence that belongs to `key`.
    pub fn new(key: Seed) -> Self {
        Self {
            order: key.child("order").0,
            digits: key.child("digits").0,
        }
    }

    /// Its point with number `index`.
    pub fn at(self, index: u64) -> f64 {
        // Indices above 2^32 start afresh with another key.
        let high = mix(index >> 32);
        let place = scramble(index as u32, self.order ^ high);
        let digits = scramble(place.reverse_bits(), self.digits ^ high);
        let rest = mix(self.digits ^ mix(index)) >> 11;
        (f64::from(digits) + rest as f64 * (1.0 / (1_u64 << 53) as f64)) * (1.0 / 4_294_967_296.0)
    }
}

/// Flips each bit by a hash of the bits above it.
fn scramble(bits: u32, key: u64) -> u32 {
    (0..32).fold(0, |out, level| {
        let above = u64::from(bits) >> (32 - level);
        let flip = (mix(key ^ mix((1_u64 << level) | above)) >> 63) as u32;
        let shift = 31 - level;
        out | ((((bits >> shift) & 1) ^ flip) << shift)
    })
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;

    #[test]
    fn every_aligned_block_of_identities_covers_each_cell_once() {
        for seed in [0, 7, i64::MAX as u64] {
            for block in [0, 1, 41, 1 << 40] {
                let cells: BTreeSet<QuotaCell> = (0..100)
                    .map(|r| quota_cell(seed, block * 100 + r))
                    .collect();
                assert_eq!(cells.len(), 100);
            }
        }
        assert_ne!(quota_cell(0, 0), quota_cell(1, 0));
        let cell = |i| quota_cell(0, i);
        assert!(
            (0..100).any(|i| cell(i) != cell(i + 100)),
            "blocks must differ"
        );
    }

    #[test]
    fn shuffling_is_a_permutation_of_any_length() {
        for n in [1, 2, 3, 100, 257] {
            let places: BTreeSet<u64> = (0..n).map(|i| shuffled(Seed(5), i, n)).collect();
            assert_eq!(
                (places.len() as u64, places.last().copied()),
                (n, Some(n - 1))
            );
        }
        for n in [1, 2, 3, 100, 257, 1 << 40] {
            let i = n - 1;
            assert_eq!(unshuffled(Seed(5), shuffled(Seed(5), i, n), n), i);
        }
        let moved = (0..100).filter(|&i| shuffled(Seed(5), i, 100) != i).count();
        assert!(moved > 90, "{moved}");
    }

    #[test]
    fn prefixes_of_identities_are_nearly_balanced() {
        let mut counts: BTreeMap<(u8, u8, u8), i32> = BTreeMap::new();
        for i in 0..250 {
            let cell = quota_cell(3, i);
            *counts.entry((cell.tone, cell.sex, cell.age)).or_default() += 1;
        }
        assert!(counts.values().all(|c| (2..=3).contains(c)));
        let mut tones = [0; 10];
        for i in 0..1037 {
            tones[quota_cell(3, i).tone as usize] += 1;
        }
        let spread = tones.iter().max().expect("ten") - tones.iter().min().expect("ten");
        assert!(spread <= 10, "{tones:?}");
    }

    #[test]
    fn every_aligned_block_of_three_covers_each_framing_third_once() {
        let mut firsts = BTreeSet::new();
        for block in 0..200 {
            let thirds: Vec<u32> = (0..3)
                .map(|r| (framing_quantile(5, block * 3 + r) * 3.0) as u32)
                .collect();
            assert_eq!(thirds.iter().collect::<BTreeSet<_>>().len(), 3);
            firsts.insert(thirds);
        }
        assert_eq!(firsts.len(), 6, "all six orders occur");
    }

    #[test]
    fn sample_seeds_of_a_million_indices_and_of_near_recipes_differ() {
        let mut seeds: Vec<u64> = (0..1_000_000).map(|i| sample_seed(0, i)).collect();
        seeds.extend((1..1000).map(|s| sample_seed(s, 0)));
        assert!(seeds.iter().all(|s| *s <= i64::MAX as u64));
        seeds.sort_unstable();
        assert!(seeds.windows(2).all(|w| w[0] != w[1]));
    }

    #[test]
    fn a_sequence_stratifies_every_aligned_block() {
        let sequence = Sequence::new(Seed(0).child("hair"));
        for bits in [1, 4, 8] {
            let n = 1_u64 << bits;
            for block in [0, 3, (1 << 33) / n] {
                let parts: BTreeSet<u64> = (0..n)
                    .map(|i| (sequence.at(block * n + i) * n as f64) as u64)
                    .collect();
                assert_eq!(parts.len() as u64, n);
            }
        }
        assert!((0..10_000).all(|i| (0.0..1.0).contains(&sequence.at(i))));
    }

    #[test]
    fn sequences_of_different_names_are_independent() {
        // Chi-square of an 8 x 8 table with 4096 points; 63 - 14 = 49 degrees of freedom, and
        // stratified margins make it smaller: 99.9 % of independent draws stay below 86.
        let names = [
            "groom/texture",
            "groom/color",
            "eyes/color",
            "person/bmi",
            "lighting/kind",
        ];
        for (i, a) in names.iter().enumerate() {
            for b in &names[..i] {
                let (a, b) = (
                    Sequence::new(Seed(9).child(a)),
                    Sequence::new(Seed(9).child(b)),
                );
                let mut table = [[0.0_f64; 8]; 8];
                for i in 0..4096 {
                    table[(a.at(i) * 8.0) as usize][(b.at(i) * 8.0) as usize] += 1.0;
                }
                let chi2: f64 = table
                    .iter()
                    .flatten()
                    .map(|n| (n - 64.0) * (n - 64.0) / 64.0)
                    .sum();
                assert!(chi2 < 86.0, "{chi2}");
            }
        }
    }

    #[test]
    fn a_sequence_and_the_quota_are_independent() {
        let sequence = Sequence::new(Seed(2).child("groom/texture"));
        let mut table = [[0.0_f64; 4]; 10];
        for i in 0..10_000 {
            table[quota_cell(2, i).tone as usize][(sequence.at(i) * 4.0) as usize] += 1.0;
        }
        let chi2: f64 = table
            .iter()
            .flatten()
            .map(|n| (n - 250.0) * (n - 250.0) / 250.0)
            .sum();
        assert!(chi2 < 60.0, "{chi2}");
    }
}
