//! The lock of a dataset folder: one writer at a time.
//!
//! It is a lock of the operating system on an empty file, so it dies with the process that holds
//! it, however that dies; the file stays and means nothing.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;

use crate::error::FormatError;

/// Name of the file that is locked.
pub(crate) const LOCK_FILE: &str = ".lock";

/// The lock; released when dropped.
#[derive(Debug)]
pub(crate) struct FolderLock {
    _file: File,
}

impl FolderLock {
    /// Takes the lock of a folder; waits for another writer to finish.
    pub(crate) fn take(folder: &Path) -> Result<Self, FormatError> {
        let path = folder.join(LOCK_FILE);
        let failed = |error| FormatError::write("lock the folder through", &path, 4096, error);
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                tracing::warn!(
                    "{} is being written by another run; waiting",
                    folder.display()
                );
                file.lock().map_err(failed)?;
            }
            Err(TryLockError::Error(error)) if error.kind() == std::io::ErrorKind::Unsupported => {
                tracing::warn!("no locks on {}: run one writer at a time", folder.display());
            }
            Err(TryLockError::Error(error)) => return Err(failed(error)),
        }
        Ok(Self { _file: file })
    }
}
