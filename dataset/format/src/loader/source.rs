//! A dataset opened for random access: where its rows lie, who they are, which of them are read.
//!
//! Opening reads the footer of each shard and a few columns of labels, in parallel. What stays in
//! memory is about a hundred bytes a row and ten kilobytes a shard.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use rayon::prelude::*;

use bottega_schemas::Plane;

use crate::cache::Cache;
use crate::error::FormatError;
use crate::manifest::{MANIFEST_FILE, find_shards, read_manifest};
use crate::shard::{BlobPages, LabelColumn, NO_WORD, PositionedFile, ShardReader};

use super::planes::{PlaneSet, column_of, plane_name};

/// Most shards that are open at a time.
const MAX_OPEN: usize = 64;

/// Columns that are read when a dataset is opened.
const FACTS: [&str; 6] = ["sample_id", "index", "fx", "fy", "cx", "cy"];

/// Rows of a dataset that a loader reads: all, or those that were selected.
#[derive(Clone, Debug)]
pub struct Source {
    pub(super) data: Arc<SourceData>,
    /// The rows of the dataset that are read; all of them if `None`.
    rows: Option<Arc<[u64]>>,
    /// First row (among those that are read) of each row group, and their number.
    pub(super) groups: Arc<[u64]>,
    fingerprint: String,
}

/// What is known of a row without its pixels.
#[derive(Clone, Debug, PartialEq)]
pub struct RowFacts {
    /// Name of the sample.
    pub sample_id: Arc<str>,
    /// Index in the dataset.
    pub index: i64,
    /// Focal lengths and principal point, in pixels: fx, fy, cx, cy.
    pub camera_px: [f64; 4],
}

/// A shard of a source.
#[derive(Debug)]
pub(super) struct SourceShard {
    pub(super) pages: BlobPages,
    /// Its first row in the dataset.
    pub(super) first_row: u64,
}

/// The dataset behind a [`Source`] and its selections.
#[derive(Debug)]
pub(super) struct SourceData {
    pub(super) shards: Vec<SourceShard>,
    facts: Vec<RowFacts>,
    pub(super) cache: Option<Cache>,
    /// Open shards, the last used first.
    open: Mutex<Vec<(usize, Arc<PositionedFile>)>>,
}

/// The labels of a row, for a selection.
#[derive(Clone, Copy, Debug)]
pub struct RowLabels<'a> {
    columns: &'a BTreeMap<&'static str, LabelColumn>,
    row: usize,
}

impl<'a> RowLabels<'a> {
    /// The word in a column of words; `None` if it is unknown or no such column was asked for.
    pub fn word(&self, name: &str) -> Option<&'a str> {
        match self.columns.get(name)? {
            LabelColumn::Words { codes, words } => {
                let code = *codes.get(self.row)?;
                (code != NO_WORD).then(|| words[code as usize].as_str())
            }
            _ => None,
        }
    }

    /// The number in a column of numbers, truth values as 0 and 1; `None` if it is unknown or no
    /// such column was asked for.
    pub fn number(&self, name: &str) -> Option<f64> {
        match self.columns.get(name)? {
            LabelColumn::Numbers(numbers) => numbers.get(self.row).copied().filter(|v| !v.is_nan()),
            _ => None,
        }
    }
}

impl Source {
    /// Opens a dataset folder, or a single shard.
    pub fn open(path: &Path) -> Result<Self, FormatError> {
        Self::open_with(path, None)
    }

    /// Opens a dataset and a training cache of it (see [`crate::cache`]), from which the planes are
    /// read; a cache of another dataset is refused.
    pub fn open_cached(path: &Path, cache: &Path) -> Result<Self, FormatError> {
        Self::open_with(path, Some(cache))
    }

    fn open_with(path: &Path, cache: Option<&Path>) -> Result<Self, FormatError> {
        let paths = find_shards(path)?;
        let opened: Result<Vec<(BlobPages, Vec<RowFacts>)>, FormatError> =
            paths.par_iter().map(|path| open_shard(path)).collect();
        let mut shards = Vec::with_capacity(paths.len());
        let (mut facts, mut groups) = (Vec::new(), Vec::new());
        for (pages, rows) in opened? {
            let first_row = facts.len() as u64;
            groups.extend(pages.group_starts().map(|row| first_row + row as u64));
            facts.extend(rows);
            shards.push(SourceShard { pages, first_row });
        }
        if facts.is_empty() {
            let reason = format!("{} holds no sample", path.display());
            return Err(FormatError::unusable("dataset", reason));
        }
        groups.push(facts.len() as u64);
        let fingerprint = dataset_fingerprint(path, &paths, facts.len())?;
        let cache = match cache {
            Some(folder) => {
                let pages: Vec<&BlobPages> = shards.iter().map(|shard| &shard.pages).collect();
                Some(Cache::open(folder, &fingerprint, &pages)?)
            }
            None => None,
        };
        Ok(Self {
            data: Arc::new(SourceData {
                shards,
                facts,
                cache,
                open: Mutex::new(Vec::new()),
            }),
            rows: None,
            groups: groups.into(),
            fingerprint,
        })
    }

    /// Number of rows that are read.
    pub fn rows(&self) -> u64 {
        self.groups.last().copied().unwrap_or(0)
    }

    /// BLAKE3 of the dataset and the selection.
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// The row of the dataset behind a row that is read.
    pub fn dataset_row(&self, row: u64) -> u64 {
        match &self.rows {
            Some(rows) => rows[row as usize],
            None => row,
        }
    }

    /// What is known of a row that is read.
    pub fn facts(&self, row: u64) -> &RowFacts {
        &self.data.facts[self.dataset_row(row) as usize]
    }

    /// The rows among these for which `keep` holds; `columns` names the labels that it asks for.
    /// One dataset opened once serves any number of selections: a quota by label is a mix of one
    /// selection for each value.
    pub fn select(
        &self,
        columns: &[&str],
        keep: impl Fn(RowLabels<'_>) -> bool + Sync,
    ) -> Result<Self, FormatError> {
        let is_read = self.rows.as_ref().map(|rows| {
            let mut is_read = vec![false; self.data.facts.len()];
            rows.iter().for_each(|&row| is_read[row as usize] = true);
            is_read
        });
        let kept: Result<Vec<Vec<u64>>, FormatError> = self
            .data
            .shards
            .par_iter()
            .map(|shard| {
                let reader = ShardReader::open_for_labels(shard.pages.path())?;
                let labels = reader.label_columns(columns)?;
                let rows = 0..shard.pages.rows();
                let rows = rows.filter(|&row| {
                    let at = shard.first_row as usize + row;
                    is_read.as_ref().is_none_or(|is_read| is_read[at])
                        && keep(RowLabels {
                            columns: &labels,
                            row,
                        })
                });
                Ok(rows.map(|row| shard.first_row + row as u64).collect())
            })
            .collect();
        let rows: Vec<u64> = kept?.concat();
        if rows.is_empty() {
            let reason = "no sample is left by the selection".to_owned();
            return Err(FormatError::unusable("dataset", reason));
        }
        // The row groups of the dataset, as far as they have a row that is left.
        let all = self.data.shards.iter().flat_map(|shard| {
            let starts = shard.pages.group_starts();
            starts.map(|row| shard.first_row + row as u64)
        });
        let mut groups: Vec<u64> = all
            .map(|first| rows.partition_point(|&row| row < first) as u64)
            .chain([rows.len() as u64])
            .collect();
        groups.dedup();
        let mut hasher = blake3::Hasher::new();
        hasher.update(self.fingerprint.as_bytes());
        rows.iter().for_each(|row| {
            hasher.update(&row.to_le_bytes());
        });
        Ok(Self {
            data: self.data.clone(),
            rows: Some(rows.into()),
            groups: groups.into(),
            fingerprint: hasher.finalize().to_hex().to_string(),
        })
    }

    /// What `make` makes of the labels of each row that is read, in their order; `columns` names
    /// the labels that it asks for.
    pub fn map_labels<T: Send>(
        &self,
        columns: &[&str],
        make: impl Fn(RowLabels<'_>) -> T + Sync,
    ) -> Result<Vec<T>, FormatError> {
        let made: Result<Vec<Vec<T>>, FormatError> = (self.data.shards.par_iter())
            .map(|shard| {
                let rows = match &self.rows {
                    Some(rows) => {
                        let end = shard.first_row + shard.pages.rows() as u64;
                        let from = rows.partition_point(|&row| row < shard.first_row);
                        let to = rows.partition_point(|&row| row < end);
                        rows[from..to].to_vec()
                    }
                    None => {
                        (shard.first_row..shard.first_row + shard.pages.rows() as u64).collect()
                    }
                };
                if rows.is_empty() {
                    return Ok(Vec::new());
                }
                let reader = ShardReader::open_for_labels(shard.pages.path())?;
                let labels = reader.label_columns(columns)?;
                let make = |row: u64| {
                    make(RowLabels {
                        columns: &labels,
                        row: (row - shard.first_row) as usize,
                    })
                };
                Ok(rows.into_iter().map(make).collect())
            })
            .collect();
        Ok(made?.into_iter().flatten().collect())
    }

    /// Refuses planes that a shard, or the cache, lacks.
    pub(super) fn check_planes(&self, planes: &PlaneSet) -> Result<(), FormatError> {
        for shard in &self.data.shards {
            for plane in planes.iter() {
                if !shard.pages.has(column_of(plane)) {
                    let lacks = FormatError::MissingColumn {
                        column: column_of(plane),
                    };
                    return Err(lacks.in_file(shard.pages.path()));
                }
            }
        }
        if let Some(cache) = &self.data.cache
            && let Some(plane) = planes.iter().find(|plane| !cache.planes().contains(*plane))
        {
            let reason = format!(
                "it has no plane {}; make it again with --planes naming it",
                plane_name(plane)
            );
            return Err(FormatError::unusable("cache", reason).in_file(cache.folder()));
        }
        Ok(())
    }
}

impl SourceData {
    /// The shard of a row of the dataset, and the row in it.
    pub(super) fn place(&self, row: u64) -> (usize, usize) {
        let shard = self.shards.partition_point(|shard| shard.first_row <= row) - 1;
        (shard, (row - self.shards[shard].first_row) as usize)
    }

    /// What is known of a row of the dataset.
    pub(super) fn facts(&self, row: u64) -> &RowFacts {
        &self.facts[row as usize]
    }

    /// A shard, opened now or still open.
    pub(super) fn file(&self, shard: usize) -> Result<Arc<PositionedFile>, FormatError> {
        let lock = || self.open.lock().unwrap_or_else(PoisonError::into_inner);
        {
            let mut open = lock();
            if let Some(at) = open.iter().position(|(found, _)| *found == shard) {
                let entry = open.remove(at);
                let file = entry.1.clone();
                open.insert(0, entry);
                return Ok(file);
            }
        }
        // Opened outside the lock, since it may take long; two threads may both open it.
        let file = self.shards[shard].pages.open()?;
        let mut open = lock();
        open.insert(0, (shard, file.clone()));
        open.truncate(MAX_OPEN);
        Ok(file)
    }
}

fn open_shard(path: &Path) -> Result<(BlobPages, Vec<RowFacts>), FormatError> {
    let reader = ShardReader::open(path)?;
    let all = PlaneSet::of(&Plane::OPTIONAL)
        .into_iter()
        .chain([PlaneSet::default()]);
    let columns: Vec<&'static str> = all
        .flat_map(|set| set.iter().map(column_of).collect::<Vec<_>>())
        .collect();
    let pages = reader.blob_pages(&columns)?;
    let labels = reader.label_columns(&FACTS)?;
    let facts = (0..pages.rows()).map(|row| {
        let labels = RowLabels {
            columns: &labels,
            row,
        };
        let number = |name: &str| labels.number(name).unwrap_or(f64::NAN);
        RowFacts {
            sample_id: labels.word("sample_id").unwrap_or_default().into(),
            index: number("index") as i64,
            camera_px: ["fx", "fy", "cx", "cy"].map(number),
        }
    });
    let facts: Vec<RowFacts> = facts.collect();
    Ok((pages, facts))
}

/// BLAKE3 of the manifest, whose hashes are those of the shards; of names, sizes and rows where
/// there is none.
pub(crate) fn dataset_fingerprint(
    root: &Path,
    shards: &[PathBuf],
    rows: usize,
) -> Result<String, FormatError> {
    if let Some(manifest) = root
        .is_dir()
        .then(|| read_manifest(root))
        .transpose()?
        .flatten()
    {
        if manifest.rows() != rows as u64 || manifest.shards.len() != shards.len() {
            let reason = format!(
                "it lists {} rows in {} shards, the folder holds {rows} in {}; `bottega verify` \
                 says which are missing",
                manifest.rows(),
                manifest.shards.len(),
                shards.len()
            );
            return Err(FormatError::unusable("manifest", reason).in_file(root));
        }
        let path = root.join(MANIFEST_FILE);
        let bytes = std::fs::read(&path).map_err(|error| FormatError::io("read", &path, error))?;
        return Ok(blake3::hash(&bytes).to_hex().to_string());
    }
    let mut hasher = blake3::Hasher::new();
    for path in shards {
        let length = std::fs::metadata(path)
            .map_err(|error| FormatError::io("read", path, error))?
            .len();
        hasher.update(path.file_name().unwrap_or_default().as_encoded_bytes());
        hasher.update(&length.to_le_bytes());
    }
    hasher.update(&(rows as u64).to_le_bytes());
    Ok(hasher.finalize().to_hex().to_string())
}
