//! Finished samples of a shard that is not published yet: `_work/<shard>/<index>.sample`.
//!
//! Each is an encoded row that ends in its own hash, written atomically, so that a killed run
//! loses only the samples that were being made. A damaged one is made again.

use std::collections::BTreeSet;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::atomic::write_atomically;
use crate::error::FormatError;
use crate::shard::EncodedRow;

/// Folder of the unfinished shards in a dataset.
pub(crate) const WORK_FOLDER: &str = "_work";

/// The checkpoints of one shard.
#[derive(Clone, Debug)]
pub(crate) struct Checkpoints {
    folder: PathBuf,
}

impl Checkpoints {
    /// Those of the shard called `shard` (its file name without extension).
    pub(crate) fn of(root: &Path, shard: &str) -> Self {
        Self {
            folder: root.join(WORK_FOLDER).join(shard),
        }
    }

    fn path(&self, index: u64) -> PathBuf {
        self.folder.join(format!("{index:07}.sample"))
    }

    /// Keeps a row.
    pub(crate) fn keep(&self, row: &EncodedRow) -> Result<(), FormatError> {
        let bytes = row.to_bytes();
        let path = self.path(u64::try_from(row.meta.index).unwrap_or(u64::MAX));
        fs::create_dir_all(&self.folder)
            .map_err(|error| FormatError::write("make the folder", &self.folder, 4096, error))?;
        write_atomically(&path, &bytes)
    }

    /// The row of an index; `None` if it is not there or damaged.
    pub(crate) fn read(&self, index: u64) -> Result<Option<EncodedRow>, FormatError> {
        let path = self.path(index);
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(FormatError::io("read", &path, error)),
        };
        match EncodedRow::from_bytes(&bytes) {
            Ok(row) if row.meta.index == index as i64 => Ok(Some(row)),
            _ => {
                tracing::warn!("{} is damaged; the sample is made again", path.display());
                Ok(None)
            }
        }
    }

    /// Indices of the checkpoints that are whole.
    pub(crate) fn finished(&self) -> Result<BTreeSet<u64>, FormatError> {
        let mut finished = BTreeSet::new();
        for name in file_names(&self.folder)? {
            let index = name
                .strip_suffix(".sample")
                .and_then(|index| index.parse().ok());
            if let Some(index) = index
                && self.read(index)?.is_some()
            {
                finished.insert(index);
            }
        }
        Ok(finished)
    }

    /// Size of the checkpoints, which is about that of the shard.
    pub(crate) fn bytes(&self) -> u64 {
        let names = file_names(&self.folder).unwrap_or_default();
        let sizes = names
            .iter()
            .filter_map(|name| fs::metadata(self.folder.join(name)).ok());
        sizes.map(|metadata| metadata.len()).sum()
    }

    /// Removes the checkpoints of a published shard.
    pub(crate) fn remove(&self) -> Result<(), FormatError> {
        remove_folder(&self.folder)
    }
}

/// Names in a folder, sorted; none if it is not there.
pub(crate) fn file_names(folder: &Path) -> Result<Vec<String>, FormatError> {
    let failed = |error| FormatError::io("list", folder, error);
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(vec![]),
        Err(error) => return Err(failed(error)),
    };
    let mut names = Vec::new();
    for entry in entries {
        names.push(
            entry
                .map_err(failed)?
                .file_name()
                .to_string_lossy()
                .into_owned(),
        );
    }
    names.sort();
    Ok(names)
}

/// Removes a folder if it is there.
pub(crate) fn remove_folder(folder: &Path) -> Result<(), FormatError> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(FormatError::io("remove", folder, error))
        }
        _ => Ok(()),
    }
}

/// Removes a file if it is there.
pub(crate) fn remove_file(path: &Path) -> Result<(), FormatError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(FormatError::io("remove", path, error))
        }
        _ => Ok(()),
    }
}
