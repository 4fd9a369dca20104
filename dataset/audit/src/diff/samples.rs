//! Samples of equal names, label by label and plane by plane.

use std::collections::BTreeMap;

use serde::Serialize;

use bottega_format::LabelRow;
use bottega_schemas::sample::COLUMNS;

/// Names of samples that are listed as examples.
const EXAMPLES_MAX: usize = 10;

/// The samples of two datasets, matched by `sample_id`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct SampleDiff {
    /// Names in both.
    pub common: u64,
    /// Names only in the first.
    pub only_a: u64,
    /// Names only in the second.
    pub only_b: u64,
    /// Of the common ones, those that are the same in every label and hash.
    pub equal: u64,
    /// Columns of labels, and stored hashes, that differ, with the number of samples.
    pub differs: BTreeMap<String, u64>,
    /// The first samples that differ, each with the columns in which it does.
    pub examples: BTreeMap<String, Vec<String>>,
}

impl SampleDiff {
    /// Whether both datasets hold the same samples.
    pub fn is_same(&self) -> bool {
        self.only_a == 0 && self.only_b == 0 && self.equal == self.common
    }
}

/// Short hashes of every value of every sample, by its name.
#[derive(Clone, Debug, Default)]
pub(super) struct Prints {
    samples: BTreeMap<String, Vec<u32>>,
}

/// Columns that are compared beside the labels: hashes of planes and of the scene document.
const HASHES: [&str; 5] = [
    "image_blake3",
    "alpha_blake3",
    "depth_blake3",
    "normal_blake3",
    "scene_blake3",
];

impl Prints {
    pub(super) fn add(&mut self, row: &LabelRow) {
        let print = |text: &str| {
            let hash = blake3::hash(text.as_bytes());
            u32::from_le_bytes(*hash.as_bytes().first_chunk().expect("a hash has 32 bytes"))
        };
        // Rust writes the shortest digits that give a number back, so equal texts are equal bits.
        let values = row.meta.values();
        let mut prints: Vec<u32> = values
            .iter()
            .map(|value| print(&format!("{value:?}")))
            .collect();
        for name in HASHES {
            prints.push(row.hashes.get(name).map_or(0, |hash| print(hash)));
        }
        self.samples.insert(row.meta.sample_id.clone(), prints);
    }
}

pub(super) fn compare(a: &Prints, b: &Prints) -> SampleDiff {
    let names: Vec<&str> = COLUMNS
        .iter()
        .map(|column| column.name)
        .chain(HASHES)
        .collect();
    let mut diff = SampleDiff::default();
    for (id, a) in &a.samples {
        let Some(b) = b.samples.get(id) else {
            diff.only_a += 1;
            continue;
        };
        diff.common += 1;
        let pairs = names.iter().zip(a.iter().zip(b));
        let differing: Vec<String> = pairs
            .filter(|(_, (a, b))| a != b)
            .map(|(name, _)| (*name).to_owned())
            .collect();
        if differing.is_empty() {
            diff.equal += 1;
            continue;
        }
        for name in &differing {
            *diff.differs.entry(name.clone()).or_default() += 1;
        }
        if diff.examples.len() < EXAMPLES_MAX {
            diff.examples.insert(id.clone(), differing);
        }
    }
    diff.only_b = b
        .samples
        .keys()
        .filter(|id| !a.samples.contains_key(*id))
        .count() as u64;
    diff
}
