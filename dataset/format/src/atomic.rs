//! Files that are complete under their name or not there at all.
//!
//! Written under a temporary name in the same folder (ending in `.tmp`), flushed to the disk, then
//! renamed; the folder is flushed too, so that the name survives a power cut.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use crate::error::FormatError;

/// The temporary name of a file; the same in every run, so that a later run removes or replaces
/// what an earlier one left.
pub(crate) fn temporary(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".tmp");
    path.with_file_name(name)
}

/// Writes a small file.
pub fn write_atomically(path: &Path, bytes: &[u8]) -> Result<(), FormatError> {
    let tmp = temporary(path);
    let needed = bytes.len() as u64;
    let result = (|| {
        let mut file =
            File::create(&tmp).map_err(|e| FormatError::write("create", path, needed, e))?;
        file.write_all(bytes)
            .map_err(|e| FormatError::write("write", path, needed, e))?;
        file.sync_all()
            .map_err(|e| FormatError::write("flush", path, needed, e))
    })();
    if let Err(error) = result {
        // Gives the space back; what is published stays as it was.
        let _ = fs::remove_file(&tmp);
        return Err(error);
    }
    publish(&tmp, path)
}

/// Renames a finished and flushed temporary file to its name.
pub(crate) fn publish(tmp: &Path, path: &Path) -> Result<(), FormatError> {
    fs::rename(tmp, path).map_err(|error| FormatError::io("publish", path, error))?;
    match path.parent() {
        Some(folder) => sync_folder(folder),
        None => Ok(()),
    }
}

/// Flushes the names in a folder.
pub(crate) fn sync_folder(folder: &Path) -> Result<(), FormatError> {
    let folder = if folder.as_os_str().is_empty() {
        Path::new(".")
    } else {
        folder
    };
    // Only Unix opens folders as files; elsewhere a rename is flushed with the file system.
    if cfg!(unix) {
        File::open(folder)
            .and_then(|file| file.sync_all())
            .map_err(|error| FormatError::io("flush the folder", folder, error))?;
    }
    Ok(())
}
