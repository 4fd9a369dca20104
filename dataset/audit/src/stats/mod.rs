//! How every sampled attribute of a dataset is distributed.
//!
//! Only columns of labels are read, never pixels. Text columns, truth values and the small
//! integers of a scale are counted; numbers get quantiles. A word of a declared vocabulary that
//! never occurs is listed with a count of zero, since its absence is the finding.

mod numbers;
mod table;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use serde::Serialize;

use bottega_format::ShardReader;
use bottega_schemas::column::{Column, Group, Kind, Value};
use bottega_schemas::sample::{COLUMNS, SampleMeta};

pub use numbers::NumberSummary;

use crate::error::AuditError;
use crate::files::DatasetFiles;

/// Statistics of every column of a dataset.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DatasetStats {
    /// Number of samples.
    pub samples: u64,
    /// One entry for each column, in the order of the file.
    pub columns: Vec<ColumnStats>,
}

/// Statistics of one column.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ColumnStats {
    /// Name of the column.
    pub name: &'static str,
    /// Unit of its values; empty where there is none.
    pub unit: &'static str,
    /// What the column speaks of.
    pub group: &'static str,
    /// Whether it names a sensitive attribute of the person.
    pub sensitive: bool,
    /// Number of samples that know a value.
    pub known: u64,
    /// Number of samples that do not.
    pub unknown: u64,
    /// Distribution of the known values.
    pub distribution: Distribution,
}

/// Distribution of the values of a column.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Distribution {
    /// Counts of words, of truth values or of the steps of a scale.
    Counts {
        /// Each value that occurs or could, in the order of the vocabulary, else sorted.
        values: Vec<CountedValue>,
    },
    /// Quantiles of numbers.
    Numbers(NumberSummary),
    /// Names that tell samples apart: only how many differ.
    Names {
        /// Number of different names.
        distinct: u64,
    },
    /// Lists of numbers or matrices: only their lengths.
    Lists {
        /// Length of the shortest.
        length_min: u64,
        /// Length of the longest.
        length_max: u64,
    },
}

/// How often a value occurs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CountedValue {
    /// The value.
    pub value: String,
    /// Number of samples that have it.
    pub count: u64,
    /// Share of the samples that know the column.
    pub share: f64,
}

/// Collects labels sample by sample; its result does not depend on their order.
#[derive(Debug)]
pub struct StatsBuilder {
    samples: u64,
    columns: Vec<Gathered>,
}

#[derive(Debug)]
struct Gathered {
    known: u64,
    values: GatheredValues,
}

#[derive(Debug)]
enum GatheredValues {
    Counts(BTreeMap<String, u64>),
    Numbers(Vec<f64>),
    Names(BTreeSet<String>),
    Lengths { min: u64, max: u64 },
}

impl Default for StatsBuilder {
    fn default() -> Self {
        Self::new()
    }
}

impl StatsBuilder {
    /// Nothing yet.
    pub fn new() -> Self {
        let columns = COLUMNS
            .iter()
            .map(|column| Gathered {
                known: 0,
                values: GatheredValues::of(column.kind),
            })
            .collect();
        Self {
            samples: 0,
            columns,
        }
    }

    /// Takes the labels of one more sample.
    pub fn push(&mut self, meta: &SampleMeta) {
        self.samples += 1;
        for (gathered, value) in self.columns.iter_mut().zip(meta.values()) {
            if value != Value::Null {
                gathered.known += 1;
                gathered.values.push(value);
            }
        }
    }

    /// The statistics of what was taken.
    pub fn finish(self) -> DatasetStats {
        let samples = self.samples;
        let columns = COLUMNS
            .iter()
            .zip(self.columns)
            .map(|(column, gathered)| ColumnStats {
                name: column.name,
                unit: column.unit,
                group: group_name(column.group),
                sensitive: column.sensitive,
                known: gathered.known,
                unknown: samples - gathered.known,
                distribution: gathered.values.finish(column, gathered.known),
            })
            .collect();
        DatasetStats { samples, columns }
    }
}

impl DatasetStats {
    /// The statistics of all shards of the given datasets together.
    pub fn of_datasets(paths: &[PathBuf]) -> Result<Self, AuditError> {
        let mut builder = StatsBuilder::new();
        for path in paths {
            for shard in DatasetFiles::find(path)?.shards {
                for meta in ShardReader::open(&shard.path)?.labels() {
                    builder.push(&meta?);
                }
            }
        }
        Ok(builder.finish())
    }

    /// The statistics as a text for people.
    pub fn to_table(&self) -> String {
        table::format(self)
    }
}

impl GatheredValues {
    fn of(kind: Kind) -> Self {
        match kind {
            Kind::Category | Kind::Bool | Kind::I8 | Kind::TextList => {
                Self::Counts(BTreeMap::new())
            }
            Kind::I32 | Kind::I64 | Kind::F32 | Kind::F64 => Self::Numbers(Vec::new()),
            Kind::Text => Self::Names(BTreeSet::new()),
            Kind::F32List | Kind::Matrix4 => Self::Lengths {
                min: u64::MAX,
                max: 0,
            },
        }
    }

    fn push(&mut self, value: Value) {
        match self {
            Self::Counts(counts) => {
                for word in words(value) {
                    *counts.entry(word).or_default() += 1;
                }
            }
            Self::Numbers(numbers) => numbers.extend(value.as_f64().filter(|v| !v.is_nan())),
            Self::Names(names) => names.extend(words(value)),
            Self::Lengths { min, max } => {
                let length = match value {
                    Value::F32List(list) => list.len() as u64,
                    _ => 16,
                };
                *min = length.min(*min);
                *max = length.max(*max);
            }
        }
    }

    fn finish(self, column: &Column, known: u64) -> Distribution {
        match self {
            Self::Counts(counts) => Distribution::Counts {
                values: counted(column, counts, known),
            },
            Self::Numbers(numbers) => Distribution::Numbers(NumberSummary::of(numbers)),
            Self::Names(names) => Distribution::Names {
                distinct: names.len() as u64,
            },
            Self::Lengths { min, max } => Distribution::Lists {
                length_min: min.min(max),
                length_max: max,
            },
        }
    }
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

fn group_name(group: Group) -> &'static str {
    match group {
        Group::Identity => "identity",
        Group::Camera => "camera",
        Group::Subject => "subject",
        Group::Nuisance => "nuisance",
        Group::Measured => "measured",
        Group::Provenance => "provenance",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stats_of(metas: &[SampleMeta]) -> DatasetStats {
        let mut builder = StatsBuilder::new();
        for meta in metas {
            builder.push(meta);
        }
        builder.finish()
    }

    fn column<'a>(stats: &'a DatasetStats, name: &str) -> &'a ColumnStats {
        stats
            .columns
            .iter()
            .find(|column| column.name == name)
            .unwrap()
    }

    fn count_of(column: &ColumnStats, wanted: &str) -> Option<u64> {
        let Distribution::Counts { values } = &column.distribution else {
            return None;
        };
        values
            .iter()
            .find(|counted| counted.value == wanted)
            .map(|counted| counted.count)
    }

    #[test]
    fn words_are_counted_and_absent_words_of_the_vocabulary_are_shown() {
        let meta = |framing: &str| SampleMeta {
            framing: Some(framing.to_owned()),
            ..SampleMeta::default()
        };
        let stats = stats_of(&[
            meta("face"),
            meta("face"),
            meta("full_body"),
            SampleMeta::default(),
        ]);
        let framing = column(&stats, "framing");
        assert_eq!((framing.known, framing.unknown), (3, 1));
        assert_eq!(count_of(framing, "face"), Some(2));
        assert_eq!(count_of(framing, "upper_body"), Some(0));
        let Distribution::Counts { values } = &framing.distribution else {
            unreachable!()
        };
        assert!((values.iter().map(|v| v.share).sum::<f64>() - 1.0).abs() < 1e-12);
    }

    #[test]
    fn steps_of_a_scale_are_ordered_as_numbers() {
        let meta = |tone: i8| SampleMeta {
            skin_tone_mst: Some(tone),
            ..SampleMeta::default()
        };
        let stats = stats_of(&[meta(10), meta(2), meta(2)]);
        let Distribution::Counts { values } = &column(&stats, "skin_tone_mst").distribution else {
            panic!("a scale is counted");
        };
        let steps: Vec<&str> = values.iter().map(|v| v.value.as_str()).collect();
        assert_eq!(steps, ["2", "10"]);
    }

    #[test]
    fn a_list_counts_each_sample_once() {
        let garments = Some(vec![
            "shirt".to_owned(),
            "shirt".to_owned(),
            "jeans".to_owned(),
        ]);
        let stats = stats_of(&[SampleMeta {
            garments,
            ..SampleMeta::default()
        }]);
        assert_eq!(count_of(column(&stats, "garments"), "shirt"), Some(1));
    }

    #[test]
    fn the_order_of_samples_does_not_matter() {
        let meta = |age: f32| SampleMeta {
            age_years: Some(age),
            ..SampleMeta::default()
        };
        let forward = stats_of(&[meta(20.0), meta(30.5), meta(71.25)]);
        let backward = stats_of(&[meta(71.25), meta(30.5), meta(20.0)]);
        assert_eq!(forward, backward);
        assert!(forward.to_table().contains("age_years"));
    }

    #[test]
    fn an_empty_dataset_has_statistics() {
        let stats = stats_of(&[]);
        assert_eq!(stats.samples, 0);
        assert!(!stats.to_table().is_empty());
        assert!(
            serde_json::to_string(&stats)
                .unwrap()
                .contains("\"samples\":0")
        );
    }
}
