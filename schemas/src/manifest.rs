//! The manifest of a dataset: which shards it has, how large, with which hashes.
//!
//! A pure function of the published files: no totals, no attempts, no dates, so that two halves
//! made apart give the bytes of one whole.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::plane::OptionalPlanes;

/// Value of [`Manifest::format`].
pub const MANIFEST_FORMAT: &str = "bottega-manifest";

/// Version of the manifest document.
pub const MANIFEST_VERSION: u32 = 1;

/// Note of a dataset that was imported: the layout its samples came in.
pub const NOTE_SOURCE_LAYOUT: &str = "source_layout";

/// What makes two runs the same dataset: runs with equal plans may fill one folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DatasetPlan {
    /// Name of the dataset, from the recipe.
    pub dataset: String,
    /// BLAKE3 of the resolved recipe (seed, size, samples a pixel and everything else included).
    pub config_blake3: String,
    /// BLAKE3 of the assets used.
    pub assets_blake3: String,
    /// Version of the program.
    pub renderer_version: String,
    /// Version of the shard columns.
    pub schema_version: String,
    /// Licence of the samples, as an SPDX expression.
    pub license: String,
    /// Split that is written.
    pub split: String,
    /// Rows in a full shard; shard k holds the indices from k times this.
    pub shard_size: u64,
    /// Optional planes that are stored.
    pub planes: OptionalPlanes,
    /// Further notes that every shard carries, such as `hair_normals` -> `fiber`.
    pub notes: BTreeMap<String, String>,
}

impl DatasetPlan {
    /// Whether the samples were made elsewhere, so that labels and scene documents may be null.
    pub fn is_imported(&self) -> bool {
        self.notes.contains_key(NOTE_SOURCE_LAYOUT)
    }
}

/// One published shard.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShardEntry {
    /// Path in the dataset, with forward slashes.
    pub path: String,
    /// Split.
    pub split: String,
    /// First index.
    pub index_start: u64,
    /// Index after the last.
    pub index_end: u64,
    /// Rows.
    pub rows: u64,
    /// Size of the file.
    pub bytes: u64,
    /// SHA-256 of the file, hexadecimal.
    pub sha256: String,
    /// BLAKE3 of the file, hexadecimal.
    pub blake3: String,
}

/// The manifest, in file order of its keys after sorting.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// [`MANIFEST_FORMAT`].
    pub format: String,
    /// [`MANIFEST_VERSION`].
    pub version: u32,
    /// What was made.
    pub plan: DatasetPlan,
    /// The shards, in order of index.
    pub shards: Vec<ShardEntry>,
}

impl Manifest {
    /// The manifest of a dataset without shards.
    pub fn new(plan: DatasetPlan) -> Self {
        Self {
            format: MANIFEST_FORMAT.into(),
            version: MANIFEST_VERSION,
            plan,
            shards: vec![],
        }
    }

    /// Number of rows in all shards.
    pub fn rows(&self) -> u64 {
        self.shards.iter().map(|shard| shard.rows).sum()
    }
}
