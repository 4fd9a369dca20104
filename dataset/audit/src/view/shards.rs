//! Opens the shards of the samples that are looked at, a few of them at a time.

use std::fs;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use bottega_format::ShardReader;

use super::index::{Index, Stamp, told};
use super::refusal::Refusal;

/// Shards that are kept open; each holds the index of its pages in memory.
const OPEN_MAX: usize = 16;

/// The open shards, the last used first.
#[derive(Debug, Default)]
pub(super) struct OpenShards {
    open: Mutex<Vec<(usize, Arc<ShardReader>)>>,
}

/// A sample in its shard.
#[derive(Clone, Debug)]
pub(super) struct Place {
    /// The shard.
    pub(super) reader: Arc<ShardReader>,
    /// Number of the sample in the shard.
    pub(super) row: usize,
    /// Path of the shard.
    pub(super) path: PathBuf,
    /// Path of the shard in the dataset.
    pub(super) name: String,
}

impl OpenShards {
    /// The shard of a sample, opened where it is not.
    pub(super) fn place(&self, index: &Index, row: usize) -> Result<Place, Refusal> {
        let (shard_idx, row_in_shard) = index.place(row).ok_or_else(|| {
            Refusal::missing(format!("no sample {row}: the dataset shows {}", index.rows))
        })?;
        let shard = &index.shards[shard_idx];
        let place = |reader| Place {
            reader,
            row: row_in_shard,
            path: shard.path.clone(),
            name: shard.name.clone(),
        };
        {
            let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(at) = open.iter().position(|(idx, _)| *idx == shard_idx) {
                let found = open.remove(at);
                let reader = found.1.clone();
                open.insert(0, found);
                return Ok(place(reader));
            }
        }
        // The labels in memory belong to the file as it was.
        let is_same = Stamp::of(&shard.path) == Some(shard.stamp)
            && fs::canonicalize(&shard.path).is_ok_and(|path| path == shard.path);
        if !is_same {
            return Err(Refusal::broken(format!(
                "{} has changed since the dataset was opened; start the viewer again",
                shard.name
            )));
        }
        let reader = ShardReader::open(&shard.path).map_err(|e| Refusal::broken(told(&e)))?;
        let reader = Arc::new(reader);
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.truncate(OPEN_MAX - 1);
        open.insert(0, (shard_idx, reader.clone()));
        Ok(place(reader))
    }
}
