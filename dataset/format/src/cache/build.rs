//! Makes a training cache, or brings one up to date.
//!
//! A file is written beside its place and renamed when it is whole; files of shards that have not
//! changed are kept, so a killed run goes on where it stood. `cache.json` goes first when
//! something must be made and comes back last.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use rayon::prelude::*;

use crate::atomic::{publish, temporary, write_atomically};
use crate::canonical_json::sorted_pretty_json;
use crate::checkpoint::{file_names, remove_file};
use crate::error::FormatError;
use crate::loader::planes::{column_of, plane_name};
use crate::loader::{PlaneSet, dataset_fingerprint};
use crate::lock::FolderLock;
use crate::manifest::{find_shards, read_manifest};
use crate::shard::ShardReader;

use super::codec::pack;
use super::file::{
    CACHE_FILE, CacheDocument, ENDING, FileEntry, FileIndex, MAGIC, VERSION, file_name, open_file,
    read_document,
};

/// Rows that are packed at once, and so in memory.
const CHUNK_ROWS: usize = 32;

/// A cache to be made.
#[derive(Clone, Debug)]
pub struct CacheJob {
    /// The dataset folder, or a single shard.
    pub dataset: PathBuf,
    /// The folder of the cache.
    pub out: PathBuf,
    /// Planes that it holds.
    pub planes: PlaneSet,
    /// Level of zstd, 1 to 19; 0 stores the planes as they are.
    pub level: i32,
}

/// What a run has done.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct CacheReport {
    /// Rows of the cache.
    pub rows: usize,
    /// Files that were made now.
    pub files_made: usize,
    /// Files that were there already.
    pub files_kept: usize,
    /// Bytes of the cache.
    pub cache_bytes: u64,
    /// Bytes of the same planes in the shards; 0 if nothing was made.
    pub shard_bytes: u64,
}

impl CacheJob {
    /// Runs the job on the threads of the current pool; `on_row` is called for each finished row.
    ///
    /// # Errors
    /// A shard that is damaged or lacks a plane, a folder that holds something else, a full disk.
    pub fn run(&self, on_row: &(dyn Fn() + Sync)) -> Result<CacheReport, FormatError> {
        let shards = find_shards(&self.dataset)?;
        let mut names: BTreeMap<String, &Path> = BTreeMap::new();
        for shard in &shards {
            if names.insert(file_name(shard), shard).is_some() {
                let reason = "two shards have the same name; make a cache of each part alone";
                return Err(FormatError::unusable("dataset", reason).in_file(shard));
            }
        }
        self.check_folder()?;
        fs::create_dir_all(&self.out)
            .map_err(|error| FormatError::write("create", &self.out, 4096, error))?;
        let _lock = FolderLock::take(&self.out)?;
        let hashes = shard_hashes(&self.dataset, &shards)?;

        let mut report = CacheReport::default();
        let mut files = Vec::with_capacity(shards.len());
        for (shard, hash) in shards.iter().zip(&hashes) {
            let path = self.out.join(file_name(shard));
            let kept = open_file(&path)
                .ok()
                .filter(|(_, index)| self.is_of(index, hash));
            let rows = match kept {
                Some((_, index)) => {
                    report.files_kept += 1;
                    index.rows.len()
                }
                None => {
                    // From here on the cache is incomplete until the end.
                    remove_file(&self.out.join(CACHE_FILE))?;
                    report.files_made += 1;
                    self.make_file(shard, hash, &path, &mut report, on_row)?
                }
            };
            let length = fs::metadata(&path)
                .map_err(|error| FormatError::io("read", &path, error))?
                .len();
            report.rows += rows;
            report.cache_bytes += length;
            files.push(FileEntry {
                name: file_name(shard),
                rows,
                bytes: length,
            });
        }
        self.remove_strangers(&names)?;
        let document = CacheDocument {
            format: "bottega-cache".into(),
            version: VERSION,
            manifest_blake3: dataset_fingerprint(&self.dataset, &shards, report.rows)?,
            planes: self.plane_names(),
            level: self.level,
            files,
        };
        let text = sorted_pretty_json(&document);
        write_atomically(&self.out.join(CACHE_FILE), text.as_bytes())?;
        Ok(report)
    }

    fn plane_names(&self) -> Vec<String> {
        let names = self.planes.iter().map(plane_name);
        names.map(str::to_owned).collect()
    }

    fn is_of(&self, index: &FileIndex, shard_blake3: &str) -> bool {
        index.shard_blake3 == shard_blake3
            && index.planes == self.plane_names()
            && index.level == self.level
    }

    /// Refuses a folder with files that no cache has.
    fn check_folder(&self) -> Result<(), FormatError> {
        if !self.out.is_dir() || read_document(&self.out).is_ok() {
            return Ok(());
        }
        let is_ours = |name: &String| {
            let name = name.trim_end_matches(".tmp");
            name.starts_with('.') || name == CACHE_FILE || name.ends_with(&format!(".{ENDING}"))
        };
        if file_names(&self.out)?.iter().all(is_ours) {
            return Ok(());
        }
        let reason = "the folder holds other files; choose an empty or a new one";
        Err(FormatError::unusable("cache", reason).in_file(&self.out))
    }

    /// Removes the files of shards that are gone, and what killed runs left.
    fn remove_strangers(&self, names: &BTreeMap<String, &Path>) -> Result<(), FormatError> {
        for name in file_names(&self.out)? {
            let is_old = name.ends_with(&format!(".{ENDING}")) && !names.contains_key(&name);
            if is_old || name.ends_with(".tmp") {
                remove_file(&self.out.join(name))?;
            }
        }
        Ok(())
    }

    /// Makes the file of a shard; the number of its rows.
    fn make_file(
        &self,
        shard: &Path,
        shard_blake3: &str,
        path: &Path,
        report: &mut CacheReport,
        on_row: &(dyn Fn() + Sync),
    ) -> Result<usize, FormatError> {
        let reader = ShardReader::open(shard)?;
        for plane in self.planes.iter() {
            let column = column_of(plane);
            if !reader.columns().iter().any(|found| found == column) {
                return Err(FormatError::MissingColumn { column }.in_file(shard));
            }
        }
        let tmp = temporary(path);
        let needed = fs::metadata(shard).map_or(0, |metadata| metadata.len());
        let failed = |error| FormatError::write("write", path, needed, error);
        let stored = AtomicU64::new(0);
        let written: Result<usize, FormatError> = (|| {
            let file = File::create(&tmp).map_err(failed)?;
            let mut out = BufWriter::with_capacity(1 << 20, file);
            out.write_all(MAGIC).map_err(failed)?;
            let mut at = MAGIC.len() as u64;
            let mut rows = Vec::with_capacity(reader.rows());
            for first in (0..reader.rows()).step_by(CHUNK_ROWS) {
                let chunk = first..reader.rows().min(first + CHUNK_ROWS);
                let packed: Result<Vec<Vec<Vec<u8>>>, FormatError> = chunk
                    .into_par_iter()
                    .map(|row| {
                        let packed = self.pack_row(&reader, row, &stored)?;
                        on_row();
                        Ok(packed)
                    })
                    .collect();
                for planes in packed? {
                    let start = at;
                    let mut entries = Vec::with_capacity(planes.len());
                    for plane in planes {
                        out.write_all(&plane).map_err(failed)?;
                        at += plane.len() as u64;
                        entries.push((plane.len() as u32, crc32fast::hash(&plane)));
                    }
                    rows.push((start, entries));
                }
            }
            let n_rows = rows.len();
            let index = FileIndex {
                version: VERSION,
                shard_blake3: shard_blake3.to_owned(),
                planes: self.plane_names(),
                level: self.level,
                rows,
            };
            let index = serde_json::to_vec(&index).expect("plain data");
            out.write_all(&index).map_err(failed)?;
            let tail = [index.len() as u32, crc32fast::hash(&index)];
            for number in tail {
                out.write_all(&number.to_le_bytes()).map_err(failed)?;
            }
            out.write_all(MAGIC).map_err(failed)?;
            let file = out
                .into_inner()
                .map_err(|error| failed(error.into_error()))?;
            file.sync_all().map_err(failed)?;
            Ok(n_rows)
        })();
        if written.is_err() {
            // Gives the space back; a failure here is told by the error that led here.
            let _ = fs::remove_file(&tmp);
        }
        let rows = written?;
        publish(&tmp, path)?;
        report.shard_bytes += stored.load(Ordering::Relaxed);
        Ok(rows)
    }

    /// The packed planes of a row, whose stored hashes are right.
    fn pack_row(
        &self,
        reader: &ShardReader,
        row: usize,
        stored: &AtomicU64,
    ) -> Result<Vec<Vec<u8>>, FormatError> {
        let encoded = reader.row(row)?;
        let planes = encoded
            .decode()
            .map_err(|error| error.in_file(reader.path()))?;
        let bytes = encoded.blob_bytes() - encoded.preview.as_ref().map_or(0, Vec::len);
        stored.fetch_add(bytes as u64, Ordering::Relaxed);
        let pack = |plane| pack(plane, &planes, self.level);
        let packed: Result<Vec<_>, FormatError> = self.planes.iter().map(pack).collect();
        packed.map_err(|error| error.in_file(reader.path()))
    }
}

/// The BLAKE3 of each shard: from the manifest, or of the file.
fn shard_hashes(dataset: &Path, shards: &[PathBuf]) -> Result<Vec<String>, FormatError> {
    let manifest = dataset
        .is_dir()
        .then(|| read_manifest(dataset))
        .transpose()?
        .flatten();
    let listed: BTreeMap<PathBuf, String> = manifest
        .into_iter()
        .flat_map(|manifest| manifest.shards)
        .map(|shard| (dataset.join(shard.path), shard.blake3))
        .collect();
    shards
        .par_iter()
        .map(|shard| match listed.get(shard) {
            Some(hash) => Ok(hash.clone()),
            None => {
                let mut hasher = blake3::Hasher::new();
                File::open(shard)
                    .and_then(|file| hasher.update_reader(file).map(|_| ()))
                    .map_err(|error| FormatError::io("read", shard, error))?;
                Ok(hasher.finalize().to_hex().to_string())
            }
        })
        .collect()
}
