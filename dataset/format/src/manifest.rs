//! Reads and writes `manifest.json` and `checksums.sha256`, and finds the shards of a dataset.

use std::collections::BTreeMap;
use std::fs;
use std::io::{ErrorKind, Read as _};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use bottega_schemas::Manifest;
use bottega_schemas::manifest::{MANIFEST_FORMAT, MANIFEST_VERSION};

use crate::atomic::write_atomically;
use crate::canonical_json::sorted_pretty_json;
use crate::checkpoint::{WORK_FOLDER, file_names};
use crate::error::FormatError;
use crate::shard::writer::hex;

/// Name of the manifest in a dataset.
pub const MANIFEST_FILE: &str = "manifest.json";

/// Name of the list of hashes in a dataset, for `sha256sum -c`.
pub const CHECKSUMS_FILE: &str = "checksums.sha256";

/// Reads the manifest of a dataset; `None` if the folder has none.
pub fn read_manifest(root: &Path) -> Result<Option<Manifest>, FormatError> {
    let path = root.join(MANIFEST_FILE);
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(FormatError::io("read", &path, error)),
    };
    let malformed = |reason: String| FormatError::malformed("manifest", reason).in_file(&path);
    let manifest: Manifest = serde_json::from_str(&text).map_err(|error| {
        malformed(format!(
            "{error}; remove it and generate again to rebuild it from the shards"
        ))
    })?;
    if manifest.format != MANIFEST_FORMAT || manifest.version != MANIFEST_VERSION {
        let found = format!("{} version {}", manifest.format, manifest.version);
        return Err(malformed(format!(
            "it is {found}, this program reads {MANIFEST_FORMAT} version {MANIFEST_VERSION}"
        )));
    }
    Ok(Some(manifest))
}

/// Writes the manifest of a dataset.
pub(crate) fn write_manifest(root: &Path, manifest: &Manifest) -> Result<(), FormatError> {
    write_atomically(
        &root.join(MANIFEST_FILE),
        sorted_pretty_json(manifest).as_bytes(),
    )
}

/// Writes `checksums.sha256`: the shards by their manifest, the other files by reading them.
pub(crate) fn write_checksums(root: &Path, manifest: &Manifest) -> Result<(), FormatError> {
    let mut sums: BTreeMap<String, String> = manifest
        .shards
        .iter()
        .map(|shard| (shard.path.clone(), shard.sha256.clone()))
        .collect();
    for name in file_names(root)? {
        let is_ours = !name.starts_with('.') && !name.ends_with(".tmp") && name != CHECKSUMS_FILE;
        if is_ours && root.join(&name).is_file() {
            sums.insert(name.clone(), sha256_of(&root.join(&name))?);
        }
    }
    let lines: String = sums
        .iter()
        .map(|(path, sha256)| format!("{sha256}  {path}\n"))
        .collect();
    write_atomically(&root.join(CHECKSUMS_FILE), lines.as_bytes())
}

/// SHA-256 of a file, hexadecimal.
pub fn sha256_of(path: &Path) -> Result<String, FormatError> {
    let failed = |error| FormatError::io("read", path, error);
    let mut file = fs::File::open(path).map_err(failed)?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 1 << 20];
    loop {
        match file.read(&mut buffer).map_err(failed)? {
            0 => return Ok(hex(&hasher.finalize())),
            n => hasher.update(&buffer[..n]),
        }
    }
}

/// The sample shards under a path, sorted: the file itself, or every `*.parquet` under the folder
/// whose path below it has no part called `metadata`.
pub fn find_shards(path: &Path) -> Result<Vec<PathBuf>, FormatError> {
    if path.is_file() {
        return Ok(vec![path.into()]);
    }
    let mut shards = Vec::new();
    let mut folders = vec![path.to_path_buf()];
    // A missing folder is an error; a missing one below was there a moment ago.
    fs::read_dir(path).map_err(|error| FormatError::io("list", path, error))?;
    while let Some(folder) = folders.pop() {
        for name in file_names(&folder)? {
            let found = folder.join(&name);
            if found.is_dir() {
                if name != "metadata" && name != WORK_FOLDER {
                    folders.push(found);
                }
            } else if name.ends_with(".parquet") {
                shards.push(found);
            }
        }
    }
    shards.sort();
    Ok(shards)
}
