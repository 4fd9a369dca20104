//! The values of one column, gathered in bounded memory.

use std::collections::{BTreeMap, BTreeSet};

use bottega_format::{LabelColumn, NO_WORD};
use bottega_schemas::column::{Column, Kind, Value};

use super::numbers::NumberSketch;
use super::{CountedValue, Distribution};

#[derive(Debug)]
pub(super) struct Gathered {
    is_bool: bool,
    pub(super) known: u64,
    pub(super) values: GatheredValues,
}

#[derive(Debug)]
pub(super) enum GatheredValues {
    Counts(BTreeMap<String, u64>),
    Numbers(NumberSketch),
    /// Hashes of names.
    Names(Vec<u64>),
    Lengths {
        min: u64,
        max: u64,
    },
}

impl Gathered {
    pub(super) fn of(column: &Column) -> Self {
        Self {
            is_bool: column.kind == Kind::Bool,
            known: 0,
            values: GatheredValues::of(column.kind),
        }
    }
}

impl GatheredValues {
    fn of(kind: Kind) -> Self {
        match kind {
            Kind::Category | Kind::Bool | Kind::I8 | Kind::TextList => {
                Self::Counts(BTreeMap::new())
            }
            Kind::I32 | Kind::I64 | Kind::F32 | Kind::F64 => Self::Numbers(NumberSketch::default()),
            Kind::Text => Self::Names(Vec::new()),
            Kind::F32List | Kind::I8List | Kind::Matrix4 => Self::Lengths {
                min: u64::MAX,
                max: 0,
            },
        }
    }

    pub(super) fn push(&mut self, value: Value) {
        match self {
            Self::Counts(counts) => {
                for word in words(value) {
                    *counts.entry(word).or_default() += 1;
                }
            }
            Self::Numbers(numbers) => {
                if let Some(number) = value.as_f64().filter(|v| !v.is_nan()) {
                    numbers.absorb(&[number]);
                }
            }
            Self::Names(names) => names.extend(words(value).iter().map(|name| hash(name))),
            Self::Lengths { min, max } => {
                let length = match value {
                    Value::F32List(list) => list.len() as u64,
                    Value::I8List(list) => list.len() as u64,
                    _ => 16,
                };
                *min = length.min(*min);
                *max = length.max(*max);
            }
        }
    }

    pub(super) fn finish(self, column: &Column, known: u64) -> Distribution {
        match self {
            Self::Counts(counts) => Distribution::Counts {
                values: counted(column, counts, known),
            },
            Self::Numbers(numbers) => Distribution::Numbers(numbers.summary()),
            Self::Names(mut names) => {
                names.sort_unstable();
                names.dedup();
                Distribution::Names {
                    distinct: names.len() as u64,
                }
            }
            Self::Lengths { min, max } => Distribution::Lists {
                length_min: min.min(max),
                length_max: max,
            },
        }
    }
}

impl Gathered {
    /// Takes the values of a whole column.
    pub(super) fn absorb(&mut self, column: &LabelColumn) {
        match (column, &mut self.values) {
            (LabelColumn::Numbers(values), GatheredValues::Numbers(numbers)) => {
                let known: Vec<f64> = values.iter().copied().filter(|v| !v.is_nan()).collect();
                self.known += known.len() as u64;
                numbers.absorb(&known);
            }
            // Truth values and steps of a scale come as numbers.
            (LabelColumn::Numbers(values), GatheredValues::Counts(counts)) => {
                let mut steps: BTreeMap<i64, u64> = BTreeMap::new();
                for &value in values.iter().filter(|v| !v.is_nan()) {
                    *steps.entry(value as i64).or_default() += 1;
                    self.known += 1;
                }
                for (step, n) in steps {
                    let word = if self.is_bool {
                        (step != 0).to_string()
                    } else {
                        step.to_string()
                    };
                    *counts.entry(word).or_default() += n;
                }
            }
            (LabelColumn::Words { codes, words }, GatheredValues::Counts(counts)) => {
                let mut by_code = vec![0_u64; words.len()];
                for &code in codes.iter().filter(|code| **code != NO_WORD) {
                    by_code[code as usize] += 1;
                    self.known += 1;
                }
                for (word, n) in words.iter().zip(by_code).filter(|(_, n)| *n > 0) {
                    count(counts, word, n);
                }
            }
            (LabelColumn::Words { codes, words }, GatheredValues::Names(names)) => {
                let known = codes.iter().filter(|code| **code != NO_WORD);
                names.extend(known.map(|code| hash(&words[*code as usize])));
                self.known += codes.iter().filter(|code| **code != NO_WORD).count() as u64;
            }
            (LabelColumn::WordLists { lists, words }, GatheredValues::Counts(counts)) => {
                for list in lists.iter().flatten() {
                    self.known += 1;
                    let words = list.iter().map(|code| &words[*code as usize]);
                    for word in words.collect::<BTreeSet<_>>() {
                        count(counts, word, 1);
                    }
                }
            }
            (LabelColumn::Lengths(lengths), GatheredValues::Lengths { min, max }) => {
                for length in lengths.iter().flatten() {
                    self.known += 1;
                    *min = u64::from(*length).min(*min);
                    *max = u64::from(*length).max(*max);
                }
            }
            _ => unreachable!("the kind of a column decides both"),
        }
    }
}

fn count(counts: &mut BTreeMap<String, u64>, word: &str, n: u64) {
    match counts.get_mut(word) {
        Some(count) => *count += n,
        None => {
            counts.insert(word.to_owned(), n);
        }
    }
}

/// A 64-bit hash of a name (FNV-1a, with a finaliser): two of a million names collide once in ten
/// million datasets.
fn hash(name: &str) -> u64 {
    let mut h = 0xcbf2_9ce4_8422_2325_u64;
    for byte in name.bytes() {
        h = (h ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    h = (h ^ (h >> 32)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    h ^ (h >> 29)
}

/// The words of a value; a list may say the same word twice and is still one sample.
fn words(value: Value) -> BTreeSet<String> {
    match value {
        Value::Text(text) => BTreeSet::from([text]),
        Value::Bool(truth) => BTreeSet::from([truth.to_string()]),
        Value::Int(step) => BTreeSet::from([step.to_string()]),
        Value::TextList(list) => list.into_iter().collect(),
        _ => BTreeSet::new(),
    }
}

fn counted(column: &Column, mut counts: BTreeMap<String, u64>, known: u64) -> Vec<CountedValue> {
    let mut ordered: Vec<(String, u64)> = column
        .vocabulary
        .iter()
        .map(|word| ((*word).to_owned(), counts.remove(*word).unwrap_or(0)))
        .collect();
    let mut others: Vec<(String, u64)> = counts.into_iter().collect();
    // Steps of a scale are sorted as numbers: 2 comes before 10.
    others.sort_by_key(|(word, _)| word.parse::<i64>().ok());
    ordered.extend(others);
    let share = |count: u64| {
        if known == 0 {
            0.0
        } else {
            count as f64 / known as f64
        }
    };
    ordered
        .into_iter()
        .map(|(value, count)| CountedValue {
            value,
            count,
            share: share(count),
        })
        .collect()
}
