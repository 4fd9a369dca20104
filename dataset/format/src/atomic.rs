//! Files that are complete under their name or not there at all.
//!
//! Written under a temporary name in the same folder (ending in `.tmp`), flushed to the disk, then
//! renamed; the folder is flushed too, so that the name survives a power cut.

use std::fs::{self, File};
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};

use crate::error::FormatError;

/// Bytes that are written to the system at once.
const BUFFER_BYTES: usize = 1 << 20;

/// The temporary name of a file; the same in every run, so that a later run removes or replaces
/// what an earlier one left.
pub(crate) fn temporary(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".tmp");
    path.with_file_name(name)
}

/// Writes a small file.
///
/// # Errors
/// What the operating system refuses; a file that stood there before is whole.
pub fn write_atomically(path: &Path, bytes: &[u8]) -> Result<(), FormatError> {
    let needed = bytes.len() as u64;
    write_large(path, Some(needed), |out| {
        let written = out.write_all(bytes);
        written.map_err(|error| FormatError::write("write", path, needed, error))
    })
}

/// Writes a large file piece by piece: under its name only when `write` is through. `needed` is
/// its length in bytes, where that is known before, for the message of a full disk.
///
/// # Errors
/// What `write` returns, and what the operating system refuses; a file that stood there before is
/// whole.
pub fn write_large<E: From<FormatError>>(
    path: &Path,
    needed: Option<u64>,
    write: impl FnOnce(&mut BufWriter<File>) -> Result<(), E>,
) -> Result<(), E> {
    let tmp = temporary(path);
    let failed = |error| {
        let written = || fs::metadata(&tmp).map_or(0, |file| file.len() + BUFFER_BYTES as u64);
        FormatError::write("write", path, needed.unwrap_or_else(written), error)
    };
    let file = File::create(&tmp).map_err(failed)?;
    let mut out = BufWriter::with_capacity(BUFFER_BYTES, file);
    let written = write(&mut out).and_then(|()| {
        let file = out
            .into_inner()
            .map_err(|error| failed(error.into_error()))?;
        Ok(file.sync_all().map_err(failed)?)
    });
    match written {
        Ok(()) => Ok(publish(&tmp, path)?),
        Err(error) => {
            // Gives the space back.
            let _ = fs::remove_file(&tmp);
            Err(error)
        }
    }
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
