//! The files of a dataset: its shards and its manifest, as they lie on the disk.

use std::fs;
use std::path::{Path, PathBuf};

use bottega_format::ShardReader;

use crate::error::AuditError;

/// Name of the manifest in a dataset.
pub const MANIFEST_NAME: &str = "manifest.json";

/// A folder is looked at no deeper than this; shards lie one folder down.
const DEPTH_MAX: usize = 8;

/// The files of a dataset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DatasetFiles {
    /// Folder of the dataset, or of the single shard.
    pub root: PathBuf,
    /// The shards, sorted by their path.
    pub shards: Vec<ShardPath>,
    /// The manifest, where there is one. A single shard has none.
    pub manifest: Option<PathBuf>,
    /// Whether one shard was named rather than a folder.
    pub is_single_shard: bool,
}

/// A shard on the disk.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ShardPath {
    /// Path in the dataset, with forward slashes.
    pub name: String,
    /// Where it is.
    pub path: PathBuf,
}

impl DatasetFiles {
    /// Looks for the files of the dataset at `path`: a folder, or one shard.
    ///
    /// Every `*.parquet` below the folder is a shard unless its path says `metadata`.
    pub fn find(path: &Path) -> Result<Self, AuditError> {
        if path.is_file() && is_parquet(path) {
            let root = path.parent().unwrap_or(Path::new("")).to_owned();
            let name = path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            let shards = vec![ShardPath {
                name,
                path: path.to_owned(),
            }];
            return Ok(Self {
                root,
                shards,
                manifest: None,
                is_single_shard: true,
            });
        }
        let none = || AuditError::NoDataset {
            path: path.to_owned(),
        };
        if !path.is_dir() {
            return Err(none());
        }
        let mut shards = Vec::new();
        collect(path, "", DEPTH_MAX, &mut shards)?;
        shards.sort();
        let manifest = Some(path.join(MANIFEST_NAME)).filter(|manifest| manifest.exists());
        if shards.is_empty() && manifest.is_none() {
            return Err(none());
        }
        Ok(Self {
            root: path.to_owned(),
            shards,
            manifest,
            is_single_shard: false,
        })
    }
}

impl DatasetFiles {
    /// Number of rows the shards promise; those that cannot be opened promise none.
    pub fn rows_promised(&self) -> u64 {
        let rows = |shard: &ShardPath| ShardReader::open(&shard.path).map_or(0, |r| r.rows());
        self.shards.iter().map(|shard| rows(shard) as u64).sum()
    }
}

fn collect(
    folder: &Path,
    prefix: &str,
    depth_left: usize,
    shards: &mut Vec<ShardPath>,
) -> Result<(), AuditError> {
    let io = |source| AuditError::Io {
        action: "list",
        path: folder.to_owned(),
        source,
    };
    for entry in fs::read_dir(folder).map_err(io)? {
        let path = entry.map_err(io)?.path();
        let file_name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let name = format!("{prefix}{file_name}");
        if name.contains("metadata") {
            continue;
        }
        if path.is_dir() {
            if depth_left > 0 {
                collect(&path, &format!("{name}/"), depth_left - 1, shards)?;
            }
        } else if is_parquet(&path) {
            shards.push(ShardPath { name, path });
        }
    }
    Ok(())
}

fn is_parquet(path: &Path) -> bool {
    path.extension().is_some_and(|ext| ext == "parquet")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shards_are_found_and_metadata_is_not_a_shard() {
        let dir = tempfile::tempdir().unwrap();
        for name in [
            "data/b.parquet",
            "data/a.parquet",
            "metadata/samples.parquet",
            "a.txt",
        ] {
            let path = dir.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        }
        let files = DatasetFiles::find(dir.path()).unwrap();
        let names: Vec<&str> = files
            .shards
            .iter()
            .map(|shard| shard.name.as_str())
            .collect();
        assert_eq!(names, ["data/a.parquet", "data/b.parquet"]);
        assert_eq!(files.manifest, None);
        let single = DatasetFiles::find(&dir.path().join("data/a.parquet")).unwrap();
        assert!(single.is_single_shard);
    }

    #[test]
    fn an_empty_folder_and_a_missing_one_are_no_dataset() {
        let dir = tempfile::tempdir().unwrap();
        for path in [dir.path().to_owned(), dir.path().join("absent")] {
            let err = DatasetFiles::find(&path).unwrap_err();
            assert!(matches!(err, AuditError::NoDataset { .. }), "{err}");
        }
    }
}
