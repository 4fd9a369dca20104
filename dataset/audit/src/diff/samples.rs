//! Samples of equal names, label by label and plane by plane, and pictures of equal bytes under
//! other names.

use std::collections::BTreeMap;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash as _, Hasher as _};

use serde::Serialize;

use bottega_format::LabelRow;
use bottega_schemas::column::Value;
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
    /// Rows of the first whose name an earlier row of it has; they are not compared.
    pub repeated_a: u64,
    /// The same of the second.
    pub repeated_b: u64,
    /// Columns of labels, and stored hashes, that differ, with the number of samples.
    pub differs: BTreeMap<String, u64>,
    /// The first samples that differ, each with the columns in which it does.
    pub examples: BTreeMap<String, Vec<String>>,
    /// Names only in the first whose picture the second has under a name that the first lacks.
    pub renamed: u64,
    /// Planes of these, by their stored hashes, and labels known to both that differ, with the
    /// number of samples; what names and numbers a row is left out.
    pub renamed_differs: BTreeMap<String, u64>,
    /// The first of these names, each with that of the second.
    pub renamed_examples: BTreeMap<String, String>,
}

impl SampleDiff {
    /// Whether both datasets hold the same samples.
    pub fn is_same(&self) -> bool {
        let apart = self.only_a + self.only_b + self.repeated_a + self.repeated_b;
        apart == 0 && self.equal == self.common
    }
}

/// Short hashes of every value of a sample.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Print {
    /// Of all values together, long enough that no two are taken for one.
    whole: u64,
    /// Value by value, to name what differs; 0 is null.
    values: Vec<u32>,
    /// Of the bytes of the picture, where its hash is stored.
    picture: Option<u64>,
}

/// The samples of a dataset, by their names.
#[derive(Clone, Debug, Default)]
pub(super) struct Prints {
    samples: BTreeMap<String, Print>,
    repeated: u64,
}

/// Columns that are compared beside the labels: hashes of planes and of the scene document.
const HASHES: [&str; 5] = [
    "image_blake3",
    "alpha_blake3",
    "depth_blake3",
    "normal_blake3",
    "scene_blake3",
];

/// What names or numbers a row, and says nothing of what it shows.
const NAMES: [&str; 5] = ["sample_id", "index", "split", "source_name", "source_index"];

fn hash_of(feed: impl FnOnce(&mut DefaultHasher)) -> u64 {
    let mut hasher = DefaultHasher::new();
    feed(&mut hasher);
    hasher.finish()
}

fn feed(value: &Value, hasher: &mut DefaultHasher) {
    std::mem::discriminant(value).hash(hasher);
    match value {
        Value::Null => {}
        Value::Text(text) => text.hash(hasher),
        Value::Bool(is_true) => is_true.hash(hasher),
        Value::Int(number) => number.hash(hasher),
        Value::F32(number) => number.to_bits().hash(hasher),
        Value::F64(number) => number.to_bits().hash(hasher),
        Value::F32List(list) => list.iter().for_each(|v| v.to_bits().hash(hasher)),
        Value::I8List(list) => list.hash(hasher),
        Value::TextList(list) => list.hash(hasher),
        Value::Matrix4(matrix) => matrix.iter().for_each(|v| v.to_bits().hash(hasher)),
    }
}

impl Prints {
    pub(super) fn add(&mut self, row: &LabelRow) {
        let mut whole = DefaultHasher::new();
        let mut values = Vec::with_capacity(COLUMNS.len() + HASHES.len());
        for value in row.meta.values() {
            let hash = hash_of(|hasher| feed(&value, hasher));
            whole.write_u64(hash);
            values.push(match value {
                Value::Null => 0,
                _ => hash as u32 | 1,
            });
        }
        for name in HASHES {
            let hash = row.hashes.get(name);
            let hash = hash.map(|text| hash_of(|hasher| text.hash(hasher)));
            whole.write_u64(hash.unwrap_or(0));
            values.push(hash.map_or(0, |hash| hash as u32 | 1));
        }
        let picture = row.hashes.get(HASHES[0]);
        let print = Print {
            whole: whole.finish(),
            values,
            picture: picture.map(|text| hash_of(|hasher| text.hash(hasher))),
        };
        let name = row.meta.sample_id.clone();
        if self.samples.insert(name, print).is_some() {
            self.repeated += 1;
        }
    }
}

/// Compares samples of equal names, then pictures of equal bytes among the others.
pub(super) fn compare(a: &Prints, b: &Prints) -> SampleDiff {
    let names: Vec<&str> = COLUMNS
        .iter()
        .map(|column| column.name)
        .chain(HASHES)
        .collect();
    let mut diff = SampleDiff {
        repeated_a: a.repeated,
        repeated_b: b.repeated,
        ..SampleDiff::default()
    };
    // Of several of the same picture, the first by name.
    let mut others: BTreeMap<u64, &str> = BTreeMap::new();
    for (id, print) in b.samples.iter().rev() {
        if !a.samples.contains_key(id) {
            diff.only_b += 1;
            others.extend(print.picture.map(|picture| (picture, id.as_str())));
        }
    }
    for (id, print) in &a.samples {
        if let Some(other) = b.samples.get(id) {
            diff.common += 1;
            if print.whole == other.whole {
                diff.equal += 1;
                continue;
            }
            let pairs = names.iter().zip(print.values.iter().zip(&other.values));
            let differing: Vec<String> = pairs
                .filter(|(_, (a, b))| a != b)
                .map(|(name, _)| (*name).to_owned())
                .collect();
            for name in &differing {
                *diff.differs.entry(name.clone()).or_default() += 1;
            }
            if diff.examples.len() < EXAMPLES_MAX {
                diff.examples.insert(id.clone(), differing);
            }
            continue;
        }
        diff.only_a += 1;
        let Some(other_id) = print.picture.and_then(|picture| others.get(&picture)) else {
            continue;
        };
        diff.renamed += 1;
        let other = &b.samples[*other_id];
        for (name, (a, b)) in names.iter().zip(print.values.iter().zip(&other.values)) {
            let is_known = *a != 0 && *b != 0;
            if is_known && a != b && !NAMES.contains(name) {
                *diff.renamed_differs.entry((*name).to_owned()).or_default() += 1;
            }
        }
        if diff.renamed_examples.len() < EXAMPLES_MAX {
            diff.renamed_examples
                .insert(id.clone(), (*other_id).to_owned());
        }
    }
    diff
}
