//! Two datasets compared: schema, provenance, distributions of labels, and samples of equal names.
//!
//! Labels and stored hashes alone are read; pixels are compared by their hashes.

mod attributes;
mod samples;
mod text;

use std::collections::BTreeSet;
use std::path::Path;

use serde::Serialize;

use bottega_format::ShardReader;
use bottega_schemas::DatasetPlan;

use crate::error::AuditError;
use crate::files::DatasetFiles;

use self::attributes::Labels;
use self::samples::Prints;

pub use self::attributes::{AttributeDiff, Summary};
pub use self::samples::SampleDiff;

/// One of the two datasets.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Side {
    /// Where it is.
    pub path: String,
    /// Rows.
    pub rows: u64,
    /// What its shards say they are of, if they say so.
    pub plan: Option<DatasetPlan>,
}

/// A field of the plan that differs; null is unknown.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FieldDiff {
    /// Name of the field.
    pub field: String,
    /// Its value in the first dataset.
    pub a: serde_json::Value,
    /// Its value in the second.
    pub b: serde_json::Value,
}

/// How two datasets differ.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DatasetDiff {
    /// The first.
    pub a: Side,
    /// The second.
    pub b: Side,
    /// Whether both hold the same samples with the same labels and pixels.
    pub is_same: bool,
    /// Columns that only the first has.
    pub columns_only_a: Vec<String>,
    /// Columns that only the second has.
    pub columns_only_b: Vec<String>,
    /// Labels that only rows of the first know.
    pub labels_only_a: Vec<&'static str>,
    /// Labels that only rows of the second know.
    pub labels_only_b: Vec<&'static str>,
    /// Where the datasets come from, as far as that differs.
    pub provenance: Vec<FieldDiff>,
    /// Samples matched by their names.
    pub samples: SampleDiff,
    /// Distributions of labels that both know, the largest effect first.
    pub attributes: Vec<AttributeDiff>,
}

/// What is read of one dataset.
struct Read {
    side: Side,
    columns: BTreeSet<String>,
    labels: Labels,
    prints: Prints,
}

impl Read {
    fn of(path: &Path) -> Result<Self, AuditError> {
        let files = DatasetFiles::find(path)?;
        let mut read = Self {
            side: Side {
                path: path.display().to_string(),
                rows: 0,
                plan: None,
            },
            columns: BTreeSet::new(),
            labels: Labels::default(),
            prints: Prints::default(),
        };
        for shard in &files.shards {
            let reader = ShardReader::open(&shard.path)?;
            read.columns.extend(reader.columns().iter().cloned());
            if read.side.plan.is_none() {
                read.side.plan = reader.info().map(|info| info.plan);
            }
            for row in reader.label_rows() {
                let row = row?;
                read.side.rows += 1;
                read.labels.add(&row.meta);
                read.prints.add(&row);
            }
        }
        Ok(read)
    }
}

/// Compares two datasets, or two shards.
pub fn diff_datasets(a: &Path, b: &Path) -> Result<DatasetDiff, AuditError> {
    let (a, b) = (Read::of(a)?, Read::of(b)?);
    let only = |a: &BTreeSet<String>, b: &BTreeSet<String>| a.difference(b).cloned().collect();
    let samples = samples::compare(&a.prints, &b.prints);
    let columns_only_a: Vec<String> = only(&a.columns, &b.columns);
    let columns_only_b: Vec<String> = only(&b.columns, &a.columns);
    let (known_a, known_b) = (a.labels.known(), b.labels.known());
    let is_same = a.side.rows == b.side.rows
        && samples.is_same()
        && columns_only_a.is_empty()
        && columns_only_b.is_empty();
    Ok(DatasetDiff {
        is_same,
        columns_only_a,
        columns_only_b,
        labels_only_a: known_a.difference(&known_b).copied().collect(),
        labels_only_b: known_b.difference(&known_a).copied().collect(),
        provenance: provenance(&a.side, &b.side),
        attributes: attributes::compare(&a.labels, &b.labels),
        samples,
        a: a.side,
        b: b.side,
    })
}

fn provenance(a: &Side, b: &Side) -> Vec<FieldDiff> {
    let fields = |side: &Side| match serde_json::to_value(&side.plan) {
        Ok(serde_json::Value::Object(fields)) => fields,
        _ => serde_json::Map::new(),
    };
    let (a, b) = (fields(a), fields(b));
    let names: BTreeSet<&String> = a.keys().chain(b.keys()).collect();
    let value = |fields: &serde_json::Map<_, _>, name: &String| {
        fields.get(name).cloned().unwrap_or_default()
    };
    names
        .into_iter()
        .map(|name| FieldDiff {
            field: name.clone(),
            a: value(&a, name),
            b: value(&b, name),
        })
        .filter(|field| field.a != field.b)
        .collect()
}

#[cfg(test)]
mod tests;
