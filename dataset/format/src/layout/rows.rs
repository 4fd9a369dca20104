//! The rows of a dataset, one after the other, for whoever writes them in another layout.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use serde_json::Value;

use bottega_schemas::sample::COLUMNS;
use bottega_schemas::{DatasetPlan, Group, SampleMeta};

use crate::error::FormatError;
use crate::manifest::find_shards;
use crate::shard::{EncodedRow, ShardReader};

/// Where a row lies, and what orders it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RowPlace {
    pub(crate) shard: usize,
    pub(crate) row: usize,
    pub(crate) index: i64,
    pub(crate) sample_id: String,
    pub(crate) split: String,
    pub(crate) framing: Option<String>,
    /// Whether joints and face landmarks are known.
    pub(crate) has_points: [bool; 2],
}

/// The rows of a dataset.
#[derive(Debug)]
pub(crate) struct Rows {
    pub(crate) shards: Vec<ShardReader>,
    paths: Vec<PathBuf>,
    /// In order of index.
    pub(crate) places: Vec<RowPlace>,
}

impl Rows {
    /// Opens the shards of a dataset, or one shard, and lists the rows of a split, or of all.
    pub(crate) fn of(path: &Path, split: Option<&str>) -> Result<Self, FormatError> {
        let mut rows = Self {
            shards: Vec::new(),
            paths: find_shards(path)?,
            places: Vec::new(),
        };
        let mut splits = BTreeSet::new();
        for file in &rows.paths {
            let reader = ShardReader::open(file)?;
            for (row, meta) in reader.labels().enumerate() {
                let meta = meta?;
                splits.insert(meta.split.clone());
                if split.is_some_and(|split| meta.split != split) {
                    continue;
                }
                rows.places.push(RowPlace {
                    shard: rows.shards.len(),
                    row,
                    index: meta.index,
                    sample_id: meta.sample_id,
                    split: meta.split,
                    framing: meta.framing,
                    has_points: [meta.joints_px.is_some(), meta.landmarks_px.is_some()],
                });
            }
            rows.shards.push(reader);
        }
        if rows.places.is_empty() {
            let reason = match split {
                Some(split) if !splits.is_empty() => {
                    format!("it has no rows of the split {split}, only of {splits:?}")
                }
                _ => "it has no rows; wanted a folder with *.parquet shards, or one shard".into(),
            };
            return Err(FormatError::malformed("dataset", reason).in_file(path));
        }
        rows.refuse_namesakes(path)?;
        rows.places.sort_by_key(|place| place.index);
        Ok(rows)
    }

    /// Files are named after samples, so that no two may have the same name.
    fn refuse_namesakes(&self, path: &Path) -> Result<(), FormatError> {
        let mut owners: BTreeMap<&str, &RowPlace> = BTreeMap::new();
        for place in &self.places {
            if let Some(owner) = owners.insert(&place.sample_id, place) {
                let [one, other] = [owner, place].map(|place| self.paths[place.shard].display());
                let reason = format!(
                    "sample {} is in {one} and in {other}; export one of them, or one --split",
                    place.sample_id
                );
                return Err(FormatError::malformed("dataset", reason).in_file(path));
            }
        }
        Ok(())
    }

    /// The splits of the rows, in order.
    fn splits(&self) -> BTreeSet<&str> {
        let splits = self.places.iter().map(|place| place.split.as_str());
        splits.collect()
    }

    /// Refuses rows of several splits, where a layout has no place to tell them apart.
    pub(crate) fn refuse_splits(&self, layout: &'static str) -> Result<(), FormatError> {
        let splits = self.splits();
        if splits.len() < 2 {
            return Ok(());
        }
        Err(FormatError::Lacks {
            layout,
            needed: "samples of one split",
            reason: format!("it has the splits {splits:?}; pass --split to export one of them")
                .into(),
        })
    }

    /// Hash of what the shards hold, as their names, sizes and ends tell it: the footer of a shard
    /// knows the place, size and statistics of every page.
    pub(crate) fn digest(&self) -> Result<String, FormatError> {
        const END_BYTES: u64 = 1 << 16;
        let mut hasher = blake3::Hasher::new();
        for path in &self.paths {
            let read_end = || -> std::io::Result<(u64, Vec<u8>)> {
                let mut file = File::open(path)?;
                let length = file.metadata()?.len();
                file.seek(SeekFrom::Start(length.saturating_sub(END_BYTES)))?;
                let mut end = Vec::new();
                file.take(END_BYTES).read_to_end(&mut end)?;
                Ok((length, end))
            };
            let (length, end) = read_end().map_err(|error| FormatError::io("read", path, error))?;
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            hasher.update(name.as_bytes());
            hasher.update(&length.to_le_bytes());
            hasher.update(&end);
        }
        Ok(hasher.finalize().to_hex().to_string())
    }

    /// One row, its hashes compared.
    pub(crate) fn row(&self, place: &RowPlace) -> Result<EncodedRow, FormatError> {
        self.shards[place.shard].row(place.row)
    }

    /// What the shards say they are of, where they are of one plan.
    pub(crate) fn plan(&self) -> Option<DatasetPlan> {
        self.shards
            .first()
            .and_then(ShardReader::info)
            .map(|info| info.plan)
    }
}

/// The known labels but for points, where a layout lists those in its own way.
pub(in crate::layout) fn known_words(meta: &SampleMeta) -> serde_json::Map<String, Value> {
    let mut labels = known_labels(meta);
    let points = COLUMNS.iter().filter(|c| c.group == Group::Points);
    points.for_each(|column| {
        labels.remove(column.name);
    });
    labels
}

/// The labels of a sample that are known.
///
/// Readers that take the type of a column from the first samples fail on one that is null there.
pub(in crate::layout) fn known_labels(meta: &SampleMeta) -> serde_json::Map<String, Value> {
    let labels = serde_json::to_value(meta).expect("labels are plain data");
    let Value::Object(mut labels) = labels else {
        unreachable!("labels are a record");
    };
    labels.retain(|_, label| !label.is_null());
    labels
}
