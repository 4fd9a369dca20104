//! The manifest of a dataset against what lies on the disk.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::Path;

use sha2::{Digest as _, Sha256};

use bottega_schemas::manifest::{MANIFEST_FORMAT, MANIFEST_VERSION};
use bottega_schemas::{Manifest, ShardEntry};

use crate::files::{DatasetFiles, MANIFEST_NAME};
use crate::finding::{Check, Finding};

/// Reads the manifest and compares the list of its shards with those that are there. Hashes are
/// compared shard by shard, in [`check_file`].
pub(super) fn check_manifest(
    files: &DatasetFiles,
    findings: &mut Vec<Finding>,
) -> Option<Manifest> {
    let mut push = |message: String| {
        findings.push(Finding::new(Check::Manifest, message).in_file(MANIFEST_NAME));
    };
    let Some(path) = &files.manifest else {
        push("the manifest is missing; without it no file can be checked against its hash".into());
        return None;
    };
    let manifest: Manifest = match fs::read(path).map(|bytes| serde_json::from_slice(&bytes)) {
        Ok(Ok(manifest)) => manifest,
        Ok(Err(err)) => {
            push(format!("cannot be understood: {err}"));
            return None;
        }
        Err(err) => {
            push(format!("cannot be read: {err}"));
            return None;
        }
    };
    if manifest.format != MANIFEST_FORMAT || manifest.version != MANIFEST_VERSION {
        push(format!(
            "is {:?} of version {}, this program knows {MANIFEST_FORMAT:?} of version \
             {MANIFEST_VERSION}",
            manifest.format, manifest.version
        ));
    }
    let mut index_end = 0;
    let mut listed = BTreeSet::new();
    for entry in &manifest.shards {
        if entry.index_start < index_end {
            push(format!(
                "{} starts at index {}, but the shard before it ends at {index_end}",
                entry.path, entry.index_start
            ));
        }
        index_end = entry.index_end;
        if !listed.insert(entry.path.as_str()) {
            push(format!("{} is listed twice", entry.path));
        }
        if !files.shards.iter().any(|shard| shard.name == entry.path) {
            push(format!("{} is listed, but it is not there", entry.path));
        }
    }
    for shard in files
        .shards
        .iter()
        .filter(|shard| !listed.contains(shard.name.as_str()))
    {
        push(format!("{} is there, but it is not listed", shard.name));
    }
    Some(manifest)
}

/// Compares a shard file with its line in the manifest; without `checksums`, its rows alone.
pub(super) fn check_file(
    path: &Path,
    entry: &ShardEntry,
    rows: u64,
    checksums: bool,
    findings: &mut Vec<Finding>,
) {
    if rows != entry.rows {
        let message = format!("has {rows} rows, the manifest says {}", entry.rows);
        findings.push(Finding::new(Check::Manifest, message).in_file(&entry.path));
    }
    if !checksums {
        return;
    }
    let mut push = |message: String| {
        findings.push(Finding::new(Check::Checksum, message).in_file(&entry.path));
    };
    let (bytes, sha256, blake3) = match digests(path) {
        Ok(digests) => digests,
        Err(err) => {
            push(format!("cannot be read: {err}"));
            return;
        }
    };
    if bytes != entry.bytes {
        push(format!(
            "has {bytes} bytes, the manifest says {}",
            entry.bytes
        ));
    }
    if sha256 != entry.sha256 {
        push(format!(
            "has the SHA-256 {sha256}, the manifest says {}",
            entry.sha256
        ));
    }
    if blake3 != entry.blake3 {
        push(format!(
            "has the BLAKE3 {blake3}, the manifest says {}",
            entry.blake3
        ));
    }
}

/// Size and both hashes of a file, in one pass.
fn digests(path: &Path) -> io::Result<(u64, String, String)> {
    let mut file = File::open(path)?;
    let mut sha256 = Sha256::new();
    let mut blake3 = blake3::Hasher::new();
    let mut buffer = vec![0; 1 << 20];
    let mut bytes = 0;
    loop {
        let n = match file.read(&mut buffer) {
            Ok(0) => break,
            Ok(n) => n,
            Err(err) if err.kind() == io::ErrorKind::Interrupted => continue,
            Err(err) => return Err(err),
        };
        sha256.update(&buffer[..n]);
        blake3.update(&buffer[..n]);
        bytes += n as u64;
    }
    let sha256 = sha256
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    Ok((bytes, sha256, blake3.finalize().to_hex().to_string()))
}
