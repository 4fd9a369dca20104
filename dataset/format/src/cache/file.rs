//! The files of a cache, read.
//!
//! ```text
//! <shard>.planes:  magic | planes of row 0 | planes of row 1 | ... | index | length | sum | magic
//! ```
//!
//! The index is JSON: which shard this was made of, which planes, and where each plane of each row
//! lies, with its CRC-32. The last 24 bytes say where the index is.

use std::path::{Path, PathBuf};

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use bottega_schemas::Plane;

use crate::error::FormatError;
use crate::loader::PlaneSet;
use crate::loader::planes::plane_name;
use crate::shard::{BlobPages, PositionedFile};

/// Name of the document of a cache.
pub(super) const CACHE_FILE: &str = "cache.json";
/// Ending of the file of a shard.
pub(super) const ENDING: &str = "planes";
/// First and last bytes of a file; the digit is the version of the layout.
pub(super) const MAGIC: &[u8; 16] = b"BOTTEGA-PLANES-1";
/// Version of the documents.
pub(super) const VERSION: u32 = 1;

/// `cache.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CacheDocument {
    pub(super) format: String,
    pub(super) version: u32,
    /// BLAKE3 of the manifest of the dataset.
    pub(super) manifest_blake3: String,
    /// Planes, by their names in `--planes`.
    pub(super) planes: Vec<String>,
    /// Level of zstd; 0 is none.
    pub(super) level: i32,
    /// The files, in the order of the shards.
    pub(super) files: Vec<FileEntry>,
}

/// A file of a cache.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileEntry {
    pub(super) name: String,
    pub(super) rows: usize,
    pub(super) bytes: u64,
}

/// The index of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileIndex {
    pub(super) version: u32,
    /// BLAKE3 of the shard.
    pub(super) shard_blake3: String,
    pub(super) planes: Vec<String>,
    pub(super) level: i32,
    /// For each row its first byte, then length and CRC-32 of each plane.
    pub(super) rows: Vec<(u64, Vec<(u32, u32)>)>,
}

/// A training cache that is open.
#[derive(Debug)]
pub struct Cache {
    folder: PathBuf,
    planes: PlaneSet,
    files: Vec<OpenFile>,
}

/// Files of a cache stay open: there is one for each shard of a local dataset.
#[derive(Debug)]
struct OpenFile {
    path: PathBuf,
    file: PositionedFile,
    rows: Vec<(u64, Vec<(u32, u32)>)>,
}

impl Cache {
    /// Opens the cache in a folder, which must be that of the dataset with this fingerprint.
    pub(crate) fn open(
        folder: &Path,
        fingerprint: &str,
        shards: &[&BlobPages],
    ) -> Result<Self, FormatError> {
        let document = read_document(folder)?;
        if document.manifest_blake3 != fingerprint {
            let reason = format!(
                "it was made of the dataset with manifest {}, this one is {fingerprint}; run \
                 `bottega cache` again to bring it up to date",
                document.manifest_blake3
            );
            return Err(FormatError::unusable("cache", reason).in_file(folder));
        }
        let planes = PlaneSet::parse(&document.planes.join(","))
            .map_err(|reason| FormatError::unusable("cache", reason).in_file(folder))?;
        let mut files = Vec::with_capacity(shards.len());
        for shard in shards {
            let path = folder.join(file_name(shard.path()));
            let (file, index) = open_file(&path).map_err(|error| error.in_file(&path))?;
            let is_whole = index.planes == document.planes
                && index.rows.len() == shard.rows()
                && index.rows.iter().all(|(_, row)| row.len() == planes.len());
            if !is_whole {
                let reason = "it has other rows or planes than the dataset; run `bottega cache` \
                              again"
                    .to_owned();
                return Err(FormatError::unusable("cache", reason).in_file(&path));
            }
            files.push(OpenFile {
                path,
                file,
                rows: index.rows,
            });
        }
        Ok(Self {
            folder: folder.into(),
            planes,
            files,
        })
    }

    /// The folder.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The planes that it holds.
    pub fn planes(&self) -> &PlaneSet {
        &self.planes
    }

    /// The file of a shard.
    pub(crate) fn path_of(&self, shard: usize) -> &Path {
        &self.files[shard].path
    }

    /// A packed plane of a row, whose sum is right.
    pub(crate) fn read(
        &self,
        shard: usize,
        row: usize,
        plane: Plane,
    ) -> Result<Bytes, FormatError> {
        let OpenFile { path, file, rows } = &self.files[shard];
        let (start, planes) = &rows[row];
        let at = self.planes.iter().position(|found| found == plane);
        let at = at.ok_or_else(|| {
            let reason = format!("it has no plane {}", plane_name(plane));
            FormatError::unusable("cache", reason)
        })?;
        let before: u64 = planes[..at]
            .iter()
            .map(|(length, _)| u64::from(*length))
            .sum();
        let (length, sum) = planes[at];
        let bytes = file
            .read_exact_at(start.saturating_add(before), length as usize)
            .map_err(|error| FormatError::io("read", path, error))?;
        if crc32fast::hash(&bytes) != sum {
            let reason = "its checksum is wrong; remove the file and run `bottega cache` again";
            return Err(FormatError::malformed("plane in the cache", reason));
        }
        Ok(bytes.into())
    }
}

/// Name of the file of a shard.
pub(super) fn file_name(shard: &Path) -> String {
    let stem = shard.file_stem().unwrap_or_default().to_string_lossy();
    format!("{stem}.{ENDING}")
}

/// Reads `cache.json`.
pub(super) fn read_document(folder: &Path) -> Result<CacheDocument, FormatError> {
    let path = folder.join(CACHE_FILE);
    let text = std::fs::read_to_string(&path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => {
            let reason = format!(
                "it has no {CACHE_FILE}, so it is no cache or not finished; run `bottega cache`"
            );
            FormatError::unusable("cache", reason).in_file(folder)
        }
        _ => FormatError::io("read", &path, error),
    })?;
    let document: CacheDocument = serde_json::from_str(&text)
        .map_err(|error| FormatError::malformed("cache", error.to_string()).in_file(&path))?;
    if document.version != VERSION {
        let reason = format!(
            "it has version {}, this program reads {VERSION}; run `bottega cache` again",
            document.version
        );
        return Err(FormatError::unusable("cache", reason).in_file(&path));
    }
    Ok(document)
}

/// Opens a file and reads its index.
pub(super) fn open_file(path: &Path) -> Result<(PositionedFile, FileIndex), FormatError> {
    let malformed = |reason: &str| FormatError::unusable("cache", reason);
    let file = PositionedFile::open(path).map_err(|error| FormatError::io("open", path, error))?;
    let read = |at: u64, length: usize| {
        file.read_exact_at(at, length)
            .map_err(|error| FormatError::io("read", path, error))
    };
    let end = file.length();
    if end < 48 {
        return Err(malformed("it is cut"));
    }
    let tail = read(end - 24, 24)?;
    let number =
        |at: usize| u32::from_le_bytes([tail[at], tail[at + 1], tail[at + 2], tail[at + 3]]);
    let (length, sum) = (number(0), number(4));
    if tail[8..] != *MAGIC || u64::from(length) > end - 40 || read(0, 16)? != MAGIC {
        return Err(malformed("it is cut, or of another version"));
    }
    let index_at = end - 24 - u64::from(length);
    let index = read(index_at, length as usize)?;
    if crc32fast::hash(&index) != sum {
        return Err(malformed("the checksum of its index is wrong"));
    }
    let index: FileIndex =
        serde_json::from_slice(&index).map_err(|error| malformed(&error.to_string()))?;
    let is_inside = index.rows.iter().all(|(start, planes)| {
        let length: u64 = planes.iter().map(|(length, _)| u64::from(*length)).sum();
        start
            .checked_add(length)
            .is_some_and(|row_end| row_end <= index_at)
    });
    if index.version != VERSION || !is_inside {
        return Err(malformed(
            "its index is of another version or reaches beyond the file",
        ));
    }
    Ok((file, index))
}
