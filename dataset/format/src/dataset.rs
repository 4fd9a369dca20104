//! A dataset folder being made: which shards are there, which samples of the next are finished.
//!
//! ```text
//! <dataset>/
//!   README.md  dataset.toml  asset_licenses.json    texts of the caller
//!   manifest.json  checksums.sha256                 what is there, with hashes
//!   croissant.json                                  the same for dataset search, MLCommons Croissant
//!   data/<split>-<NNNNN>.parquet                    published shards
//!   _work/<split>-<NNNNN>/<index>.sample            finished samples of unpublished shards
//!   .lock                                           one writer at a time
//! ```
//!
//! Whatever the history (kills, resumes, ranges made apart) the published files are the same
//! bytes: shards lie on absolute multiples of the shard size and hold nothing but their rows.
//!
//! Read [`DatasetWriter::open`], then `missing`, `keep`, `publish`, `finish`: the order of a run.

use std::collections::BTreeSet;
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

use bottega_schemas::shard_schema::shard_path;
use bottega_schemas::{DatasetPlan, Manifest, ShardEntry};

use crate::atomic::write_atomically;
use crate::checkpoint::{Checkpoints, WORK_FOLDER, file_names, remove_file, remove_folder};
use crate::croissant::{self, CROISSANT_FILE};
use crate::error::{FormatError, PlanMismatch};
use crate::lock::FolderLock;
use crate::manifest::{
    CHECKSUMS_FILE, MANIFEST_FILE, read_manifest, write_checksums, write_manifest,
};
use crate::shard::writer::write_shard;
use crate::shard::{EncodedRow, ShardFile, ShardInfo, ShardReader};

/// Name of the frozen recipe in a dataset.
pub const RECIPE_FILE: &str = "dataset.toml";
/// Name of the card in a dataset.
pub const CARD_FILE: &str = "README.md";
/// Name of the licence list in a dataset.
pub const LICENSES_FILE: &str = "asset_licenses.json";

/// About what a shard holds besides its rows: schema, column and page indices.
const FOOTER_BYTES: u64 = 96 << 10;

/// Texts of a dataset that this crate does not write itself.
#[derive(Clone, Debug, Default)]
pub struct Documents {
    /// The dataset card.
    pub card: String,
    /// Licence and origin of every asset used, as JSON.
    pub asset_licenses_json: String,
}

/// A shard that is to be made, or made larger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShardTask {
    /// Number of the shard.
    pub shard_idx: u64,
    /// Indices that it must hold.
    pub indices: Range<u64>,
    /// Of these, the samples that are finished: kept by an earlier run or already published.
    pub finished: BTreeSet<u64>,
}

impl ShardTask {
    /// Indices that remain to be made, in order.
    pub fn remaining(&self) -> impl Iterator<Item = u64> + '_ {
        self.indices
            .clone()
            .filter(|index| !self.finished.contains(index))
    }
}

/// A dataset folder, locked for writing.
#[derive(Debug)]
pub struct DatasetWriter {
    root: PathBuf,
    manifest: Manifest,
    _lock: FolderLock,
}

impl DatasetWriter {
    /// Opens a folder for the plan, makes it if it is not there, waits for another writer.
    ///
    /// Removes temporary files of killed runs and takes in whole shards that the manifest does not
    /// list yet. A folder of another plan is refused, or emptied of its dataset if `overwrite`.
    pub fn open(
        root: &Path,
        plan: DatasetPlan,
        recipe_toml: &str,
        overwrite: bool,
    ) -> Result<Self, FormatError> {
        let data = root.join("data");
        fs::create_dir_all(&data)
            .map_err(|error| FormatError::write("make the folder", &data, 4096, error))?;
        let lock = FolderLock::take(root)?;
        if overwrite {
            remove_dataset(root)?;
        }
        remove_temporaries(root)?;
        let manifest = match read_manifest(root)? {
            Some(manifest) => {
                check_plan(root, &manifest.plan, &plan)?;
                manifest
            }
            None => {
                // Without a manifest nothing says which plan the checkpoints belong to.
                remove_folder(&root.join(WORK_FOLDER))?;
                Manifest::new(plan)
            }
        };
        let mut writer = Self {
            root: root.into(),
            manifest,
            _lock: lock,
        };
        writer.manifest.shards.retain(|shard| {
            let metadata = fs::metadata(root.join(&shard.path));
            metadata.is_ok_and(|metadata| metadata.len() == shard.bytes)
        });
        writer.take_in_shards()?;
        write_manifest(root, &writer.manifest)?;
        let recipe = root.join(RECIPE_FILE);
        if fs::read(&recipe).ok().as_deref() != Some(recipe_toml.as_bytes()) {
            write_atomically(&recipe, recipe_toml.as_bytes())?;
        }
        Ok(writer)
    }

    /// The manifest as it stands.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The shards that the range of indices still needs, in order.
    ///
    /// A shard is complete when its published file holds at least the wanted part of its range.
    pub fn missing(&self, indices: Range<u64>) -> Result<Vec<ShardTask>, FormatError> {
        let size = self.manifest.plan.shard_size;
        let below = indices.start - indices.start % size;
        if below != indices.start {
            return Err(FormatError::Misaligned {
                start: indices.start,
                shard_size: size,
                below,
            });
        }
        let mut tasks = Vec::new();
        for shard_idx in indices.start / size..indices.end.div_ceil(size) {
            let start = shard_idx * size;
            let wanted = start..indices.end.min(start + size);
            let published = self
                .published(shard_idx)
                .map_or(start, |shard| shard.index_end);
            if published < wanted.end {
                let mut finished = self.checkpoints(shard_idx).finished()?;
                finished.retain(|index| wanted.contains(index));
                finished.extend(start..published);
                tasks.push(ShardTask {
                    shard_idx,
                    indices: wanted,
                    finished,
                });
            }
        }
        Ok(tasks)
    }

    /// Keeps a finished sample until its shard is published; any thread, any order.
    pub fn keep(&self, row: &EncodedRow) -> Result<(), FormatError> {
        let index = u64::try_from(row.meta.index).unwrap_or(u64::MAX);
        self.checkpoints(index / self.manifest.plan.shard_size)
            .keep(row)
    }

    /// Publishes a shard whose samples are all kept, one row in memory at a time.
    pub fn publish(&mut self, task: &ShardTask) -> Result<&ShardEntry, FormatError> {
        let info = ShardInfo {
            plan: self.manifest.plan.clone(),
            shard_idx: task.shard_idx,
        };
        let path = self.shard_path(task.shard_idx);
        let checkpoints = self.checkpoints(task.shard_idx);
        let published = match self.published(task.shard_idx) {
            Some(shard) => Some((shard.index_start..shard.index_end, self.open_shard(shard)?)),
            None => None,
        };
        let row = |index: u64| -> Result<EncodedRow, FormatError> {
            if let Some((indices, reader)) = &published
                && indices.contains(&index)
            {
                return reader.row((index - indices.start) as usize);
            }
            checkpoints
                .read(index)?
                .ok_or_else(|| FormatError::InvalidSample {
                    sample_id: bottega_schemas::shard_schema::sample_id(&info.plan.dataset, index)
                        .into(),
                    reason: "it was not kept before its shard was published".into(),
                })
        };
        let old_bytes = self
            .published(task.shard_idx)
            .map_or(0, |shard| shard.bytes);
        let expected_bytes = checkpoints.bytes() + old_bytes + FOOTER_BYTES;
        let rows = task.indices.clone().map(row);
        let file = write_shard(&self.root.join(&path), info.clone(), rows, expected_bytes)?;
        self.enter(path, file);
        write_manifest(&self.root, &self.manifest)?;
        checkpoints.remove()?;
        Ok(self.published(task.shard_idx).expect("it was just entered"))
    }

    /// Writes the texts and the list of hashes, and removes the work folder once it is empty.
    pub fn finish(self, documents: &Documents) -> Result<Manifest, FormatError> {
        write_atomically(&self.root.join(CARD_FILE), documents.card.as_bytes())?;
        let licenses = documents.asset_licenses_json.as_bytes();
        write_atomically(&self.root.join(LICENSES_FILE), licenses)?;
        let croissant = croissant::document(&self.manifest);
        write_atomically(&self.root.join(CROISSANT_FILE), croissant.as_bytes())?;
        write_checksums(&self.root, &self.manifest)?;
        // Fails while shards of another range are unfinished, which is right.
        let _ = fs::remove_dir(self.root.join(WORK_FOLDER));
        Ok(self.manifest)
    }

    fn shard_path(&self, shard_idx: u64) -> String {
        shard_path(&self.manifest.plan.split, shard_idx)
    }

    fn checkpoints(&self, shard_idx: u64) -> Checkpoints {
        Checkpoints::of(
            &self.root,
            &format!("{}-{shard_idx:05}", self.manifest.plan.split),
        )
    }

    fn published(&self, shard_idx: u64) -> Option<&ShardEntry> {
        let path = self.shard_path(shard_idx);
        self.manifest.shards.iter().find(|shard| shard.path == path)
    }

    fn open_shard(&self, shard: &ShardEntry) -> Result<ShardReader, FormatError> {
        ShardReader::open(&self.root.join(&shard.path))
    }

    fn enter(&mut self, path: String, file: ShardFile) {
        self.manifest.shards.retain(|shard| shard.path != path);
        self.manifest.shards.push(ShardEntry {
            path,
            split: self.manifest.plan.split.clone(),
            index_start: file.index_start,
            index_end: file.index_end,
            rows: file.rows,
            bytes: file.bytes,
            sha256: file.sha256,
            blake3: file.blake3,
        });
        self.manifest.shards.sort_by_key(|shard| shard.index_start);
    }

    /// Enters whole shards that the manifest does not list: published just before a kill, or
    /// copied here from another machine. A damaged one is removed and made again.
    fn take_in_shards(&mut self) -> Result<(), FormatError> {
        let prefix = format!("{}-", self.manifest.plan.split);
        for name in file_names(&self.root.join("data"))? {
            let path = format!("data/{name}");
            let number = name
                .strip_prefix(&prefix)
                .and_then(|name| name.strip_suffix(".parquet"));
            let listed = self.manifest.shards.iter().any(|shard| shard.path == path);
            let Some(shard_idx) = number.and_then(|number| number.parse().ok()) else {
                continue;
            };
            if listed || path != self.shard_path(shard_idx) {
                continue;
            }
            let file = self.root.join(&path);
            match read_shard_file(&file, shard_idx) {
                Ok((plan, shard)) => {
                    check_plan(&self.root, &plan, &self.manifest.plan)?;
                    self.enter(path, shard);
                }
                Err(error) => {
                    tracing::warn!("{error}; the shard is made again");
                    remove_file(&file)?;
                }
            }
        }
        Ok(())
    }
}

/// Checks every row of a shard and computes its manifest entry.
fn read_shard_file(path: &Path, shard_idx: u64) -> Result<(DatasetPlan, ShardFile), FormatError> {
    let reader = ShardReader::open(path)?;
    let foreign = |reason: &str| FormatError::malformed("shard", reason).in_file(path);
    let info = reader
        .info()
        .ok_or_else(|| foreign("it does not say which dataset it is of"))?;
    let index_start = shard_idx * info.plan.shard_size;
    let rows = reader.rows() as u64;
    for row in 0..reader.rows() {
        if reader.row(row)?.meta.index != (index_start + row as u64) as i64 {
            return Err(foreign("its rows are not those of its number"));
        }
    }
    let bytes = fs::read(path).map_err(|error| FormatError::io("read", path, error))?;
    let shard = ShardFile {
        index_start,
        index_end: index_start + rows,
        rows,
        bytes: bytes.len() as u64,
        sha256: crate::manifest::sha256_of(path)?,
        blake3: blake3::hash(&bytes).to_hex().to_string(),
    };
    Ok((info.plan, shard))
}

/// Fails with the first field in which two plans differ.
fn check_plan(root: &Path, found: &DatasetPlan, wanted: &DatasetPlan) -> Result<(), FormatError> {
    if found == wanted {
        return Ok(());
    }
    let fields = |plan| match serde_json::to_value(plan) {
        Ok(serde_json::Value::Object(fields)) => fields,
        _ => unreachable!("a plan is a record of plain data"),
    };
    let (found, wanted) = (fields(found), fields(wanted));
    // The name and the recipe tell people more than the hashes that follow from them.
    let order = [
        "dataset",
        "config_blake3",
        "assets_blake3",
        "renderer_version",
        "shard_size",
    ];
    let differs = |name: &&str| found.get(*name) != wanted.get(*name);
    let mut names: Vec<&str> = order.to_vec();
    names.extend(wanted.keys().map(String::as_str));
    let field = names.into_iter().find(differs).unwrap_or("plan");
    let show = |fields: &serde_json::Map<String, serde_json::Value>| {
        fields
            .get(field)
            .map(ToString::to_string)
            .unwrap_or_default()
    };
    Err(FormatError::PlanMismatch(Box::new(PlanMismatch {
        path: root.into(),
        field: match field {
            "config_blake3" => "recipe (config_blake3)".into(),
            field => field.into(),
        },
        found: show(&found),
        wanted: show(&wanted),
    })))
}

/// Removes the dataset in a folder, and nothing else that lies there.
fn remove_dataset(root: &Path) -> Result<(), FormatError> {
    // The manifest goes first: a kill in between leaves a folder that holds no dataset.
    for name in [
        MANIFEST_FILE,
        CHECKSUMS_FILE,
        RECIPE_FILE,
        CARD_FILE,
        LICENSES_FILE,
        CROISSANT_FILE,
    ] {
        remove_file(&root.join(name))?;
    }
    remove_folder(&root.join(WORK_FOLDER))?;
    let data = root.join("data");
    for name in file_names(&data)?
        .iter()
        .filter(|name| name.ends_with(".parquet"))
    {
        remove_file(&data.join(name))?;
    }
    Ok(())
}

/// Removes what killed runs were writing.
fn remove_temporaries(root: &Path) -> Result<(), FormatError> {
    let work = root.join(WORK_FOLDER);
    let mut folders = vec![root.to_path_buf(), root.join("data"), work.clone()];
    folders.extend(file_names(&work)?.iter().map(|name| work.join(name)));
    for folder in folders.iter().filter(|folder| folder.is_dir()) {
        for name in file_names(folder)?
            .iter()
            .filter(|name| name.ends_with(".tmp"))
        {
            remove_file(&folder.join(name))?;
        }
    }
    Ok(())
}
