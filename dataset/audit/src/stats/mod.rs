//! How every sampled attribute of a dataset is distributed.
//!
//! Only columns of labels are read, whole columns at a time and shards in parallel; pixels are read
//! when they are asked for. Text columns, truth values and the small
//! integers of a scale are counted; numbers get quantiles. A word of a declared vocabulary that
//! never occurs is listed with a count of zero, since its absence is the finding.

mod gather;
mod numbers;
mod table;

use std::path::PathBuf;

use rayon::prelude::*;
use serde::Serialize;

use bottega_schemas::audit::DERIVED;
use bottega_schemas::column::{Column, Group, Kind, Value};
use bottega_schemas::sample::{COLUMNS, SampleMeta};
use bottega_schemas::spelling;

use gather::Gathered;
pub use numbers::NumberSummary;

use crate::error::AuditError;
use crate::labels::{LabelTable, SHARDS_AT_ONCE, read_columns, shards_of, source_column};
use crate::pixels::{PIXEL_MEASURES, PixelMeasures, measure_pixels};

/// Statistics of every column of a dataset.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DatasetStats {
    /// Number of samples.
    pub samples: u64,
    /// One entry for each column that is counted, in the order of the file.
    pub columns: Vec<ColumnStats>,
    /// Counts of two columns together, for the pairs that were asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub joint: Vec<JointTable>,
    /// Measures of pixels, where they were asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub pixels: Vec<PixelStats>,
}

/// Counts of two columns together.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct JointTable {
    /// Column of the rows.
    pub rows: String,
    /// Column of the columns.
    pub columns: String,
    /// Categories of the rows.
    pub row_values: Vec<String>,
    /// Categories of the columns.
    pub column_values: Vec<String>,
    /// Number of samples of each row and column.
    pub counts: Vec<Vec<u64>>,
}

/// A measure of pixels over the samples that were read.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PixelStats {
    /// Name of the measure.
    pub name: &'static str,
    /// Unit of its values; empty where there is none.
    pub unit: &'static str,
    /// Number of samples on which it could be measured.
    pub known: u64,
    /// Its quantiles.
    pub summary: NumberSummary,
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

/// Cells of a joint table beyond which it is refused.
const CELLS_MAX: u64 = 1_000_000;

/// The columns that are counted: all but the coordinates of points, which take most of the bytes of
/// labels and say nothing when they are counted. Their visibilities tell which samples have them.
fn counted_columns() -> impl Iterator<Item = &'static Column> {
    COLUMNS.iter().filter(|column| is_counted(column))
}

fn is_counted(column: &Column) -> bool {
    column.group != Group::Points || column.kind != Kind::F32List
}

/// Collects labels sample by sample; its result does not depend on their order.
#[derive(Debug)]
pub struct StatsBuilder {
    samples: u64,
    columns: Vec<Gathered>,
}

impl Default for StatsBuilder {
    fn default() -> Self {
        Self::new()
    }
}

impl StatsBuilder {
    /// Nothing yet.
    pub fn new() -> Self {
        let columns = counted_columns().map(Gathered::of).collect();
        Self {
            samples: 0,
            columns,
        }
    }

    /// Takes the labels of one more sample.
    pub fn push(&mut self, meta: &SampleMeta) {
        self.samples += 1;
        let values = COLUMNS.iter().zip(meta.values());
        let values = values.filter(|(column, _)| is_counted(column));
        for (gathered, (_, value)) in self.columns.iter_mut().zip(values) {
            if value != Value::Null {
                gathered.known += 1;
                gathered.values.push(value);
            }
        }
    }

    /// Takes whole shards, several at once; the result does not depend on how many.
    fn absorb(&mut self, shards: &[PathBuf]) -> Result<(), AuditError> {
        let columns: Vec<&Column> = counted_columns().collect();
        let names: Vec<&str> = columns.iter().map(|column| column.name).collect();
        for batch in shards.chunks(SHARDS_AT_ONCE) {
            let parts = read_columns(batch, &names)?;
            self.samples += parts.iter().map(|(rows, _)| *rows as u64).sum::<u64>();
            self.columns
                .par_iter_mut()
                .zip(&columns)
                .for_each(|(gathered, column)| {
                    for (_, part) in &parts {
                        if let Some(values) = part.get(column.name) {
                            gathered.absorb(values);
                        }
                    }
                });
        }
        Ok(())
    }

    /// The statistics of what was taken.
    pub fn finish(self) -> DatasetStats {
        let samples = self.samples;
        let columns = counted_columns()
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
        DatasetStats {
            samples,
            columns,
            joint: Vec::new(),
            pixels: Vec::new(),
        }
    }
}

impl DatasetStats {
    /// The statistics of all shards of the given datasets together.
    pub fn of_datasets(paths: &[PathBuf]) -> Result<Self, AuditError> {
        let mut builder = StatsBuilder::new();
        builder.absorb(&shards_of(paths)?)?;
        Ok(builder.finish())
    }

    /// Adds the counts of pairs of columns together.
    pub fn add_joint(
        &mut self,
        paths: &[PathBuf],
        pairs: &[(String, String)],
    ) -> Result<(), AuditError> {
        let names: Vec<&str> = pairs
            .iter()
            .flat_map(|(a, b)| [a.as_str(), b.as_str()])
            .collect();
        for name in &names {
            check_name(name)?;
        }
        let labels = LabelTable::read(paths, &names)?;
        for (rows, columns) in pairs {
            let categories = |name: &String| {
                let hint = DERIVED.iter().find(|(_, source)| source == name);
                let hint = hint.map_or(String::new(), |(class, _)| format!(", such as {class}"));
                let known = labels.categories(name);
                known.ok_or_else(|| AuditError::NoCategories {
                    column: name.as_str().into(),
                    hint: hint.into(),
                })
            };
            let (a, b) = (categories(rows)?, categories(columns)?);
            let cells = a.words.len() as u64 * b.words.len() as u64;
            if cells > CELLS_MAX {
                return Err(AuditError::LargeTable {
                    rows: rows.as_str().into(),
                    columns: columns.as_str().into(),
                    cells,
                });
            }
            self.joint.push(JointTable {
                rows: rows.clone(),
                columns: columns.clone(),
                counts: a.table_with(&b),
                row_values: a.words,
                column_values: b.words,
            });
        }
        Ok(())
    }

    /// Adds measures of the pixels of at most `samples_max` samples, evenly spaced.
    pub fn add_pixels(&mut self, paths: &[PathBuf], samples_max: usize) -> Result<(), AuditError> {
        self.add_measures(&measure_pixels(paths, samples_max)?);
        Ok(())
    }

    /// Adds measures of pixels that were taken already.
    pub(crate) fn add_measures(&mut self, measured: &[(usize, PixelMeasures)]) {
        for (i, (name, unit)) in PIXEL_MEASURES.into_iter().enumerate() {
            let values = measured.iter().map(|(_, measures)| measures.values()[i]);
            let values: Vec<f64> = values.filter(|v| !v.is_nan()).collect();
            self.pixels.push(PixelStats {
                name,
                unit,
                known: values.len() as u64,
                summary: NumberSummary::of(values),
            });
        }
    }

    /// The statistics as a text for people.
    pub fn to_table(&self) -> String {
        table::format(self)
    }
}

/// Refuses a name that is no column.
fn check_name(name: &str) -> Result<(), AuditError> {
    if source_column(name).is_some() {
        return Ok(());
    }
    let known = COLUMNS.iter().map(|column| column.name);
    let known = known.chain(DERIVED.iter().map(|(class, _)| *class));
    let hint = match spelling::nearest(name, known) {
        Some(best) => format!("did you mean {best:?}?"),
        None => "docs/formats.md lists the columns".to_owned(),
    };
    Err(AuditError::NoColumn {
        column: name.into(),
        hint: hint.into(),
    })
}

fn group_name(group: Group) -> &'static str {
    match group {
        Group::Identity => "identity",
        Group::Camera => "camera",
        Group::Subject => "subject",
        Group::Nuisance => "nuisance",
        Group::Points => "points",
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
