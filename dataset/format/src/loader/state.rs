//! Where a loader stands: a few numbers in the checkpoint of a training run.

use serde::{Deserialize, Serialize};

use crate::error::FormatError;

use super::order::Shuffle;

/// Version of [`LoaderState`].
const VERSION: u32 = 1;

/// Where a loader stands. Resuming from it is a matter of arithmetic, and the samples that follow
/// are those of a run that never stopped, for any number of threads; with another number of ranks
/// the order over all ranks stays the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LoaderState {
    /// Version of this document.
    pub version: u32,
    /// Seed of the orders.
    pub seed: u64,
    /// Epoch of the next sample.
    pub epoch: u64,
    /// Position in the epoch, over all ranks, that rank 0 takes next.
    pub position: u64,
    /// How rows are mixed.
    pub shuffle: Shuffle,
    /// Row groups in a window of [`Shuffle::Block`].
    pub block: u64,
    /// BLAKE3 of what is read: manifest, chosen rows, weights.
    pub manifest_blake3: String,
}

impl LoaderState {
    /// The state before the first sample.
    pub(crate) fn start(seed: u64, shuffle: Shuffle, block: u64, manifest_blake3: String) -> Self {
        Self {
            version: VERSION,
            seed,
            epoch: 0,
            position: 0,
            shuffle,
            block,
            manifest_blake3,
        }
    }

    /// Refuses a state that belongs to another dataset or another order.
    pub(crate) fn check(&self, start: &Self) -> Result<(), FormatError> {
        let refuse = |field: &str,
                      found: &dyn std::fmt::Display,
                      wanted: &dyn std::fmt::Display| {
            Err(FormatError::unusable(
                "loader state",
                format!(
                    "its {field} is {found}, this run has {wanted}; resume with the dataset and \
                     the options that the state was saved with, or start anew without it"
                ),
            ))
        };
        if self.version != VERSION {
            return refuse("version", &self.version, &VERSION);
        }
        if self.manifest_blake3 != start.manifest_blake3 {
            let dataset = "dataset (manifest_blake3)";
            return refuse(dataset, &self.manifest_blake3, &start.manifest_blake3);
        }
        if self.seed != start.seed {
            return refuse("seed", &self.seed, &start.seed);
        }
        if self.shuffle != start.shuffle {
            let name = |shuffle: Shuffle| format!("{shuffle:?}").to_lowercase();
            return refuse("shuffle", &name(self.shuffle), &name(start.shuffle));
        }
        if self.shuffle == Shuffle::Block && self.block != start.block {
            return refuse("block", &self.block, &start.block);
        }
        Ok(())
    }
}
