//! The rows of a dataset, one after the other, for whoever writes them in another layout.

use std::fs;
use std::path::Path;

use bottega_schemas::DatasetPlan;

use crate::error::FormatError;
use crate::manifest::find_shards;
use crate::shard::{EncodedRow, ShardReader};

/// Where a row lies, and what orders it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RowPlace {
    pub(crate) shard: usize,
    pub(crate) row: usize,
    pub(crate) index: i64,
    pub(crate) split: String,
    pub(crate) framing: Option<String>,
}

/// The rows of a dataset.
#[derive(Debug)]
pub(crate) struct Rows {
    pub(crate) shards: Vec<ShardReader>,
    /// In order of index.
    pub(crate) places: Vec<RowPlace>,
}

impl Rows {
    /// Opens the shards of a dataset, or one shard.
    pub(crate) fn of(path: &Path) -> Result<Self, FormatError> {
        let mut rows = Self {
            shards: Vec::new(),
            places: Vec::new(),
        };
        for file in find_shards(path)? {
            let reader = ShardReader::open(&file)?;
            for (row, meta) in reader.labels().enumerate() {
                let meta = meta?;
                rows.places.push(RowPlace {
                    shard: rows.shards.len(),
                    row,
                    index: meta.index,
                    split: meta.split,
                    framing: meta.framing,
                });
            }
            rows.shards.push(reader);
        }
        if rows.places.is_empty() {
            let reason = "it has no rows; wanted a folder with *.parquet shards, or one shard";
            return Err(FormatError::malformed("dataset", reason).in_file(path));
        }
        rows.places.sort_by_key(|place| place.index);
        Ok(rows)
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

/// Makes the folder of an export; refuses one that holds something unless that may be replaced.
pub(in crate::layout) fn make_folder(folder: &Path, overwrite: bool) -> Result<(), FormatError> {
    fs::create_dir_all(folder)
        .map_err(|error| FormatError::write("make the folder", folder, 4096, error))?;
    let mut entries =
        fs::read_dir(folder).map_err(|error| FormatError::io("list", folder, error))?;
    if !overwrite && entries.next().is_some() {
        return Err(FormatError::NotEmpty {
            path: folder.to_owned(),
        });
    }
    Ok(())
}
