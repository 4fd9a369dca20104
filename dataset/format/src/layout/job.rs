//! What all exports share: rows in order, a folder to write into, progress.

use std::fs::{self, File};
use std::io::BufWriter;
use std::path::Path;

use rayon::prelude::*;
use serde::Serialize;

use super::rows::{RowPlace, Rows, make_folder};
use crate::atomic::{publish, temporary};
use crate::error::FormatError;
use crate::shard::EncodedRow;

/// Rows that are encoded at a time.
const BATCH: usize = 32;

/// Which dataset goes where.
#[derive(Clone, Copy, Debug)]
pub struct Export<'a> {
    /// Dataset folder or shard.
    pub dataset: &'a Path,
    /// Folder that receives the files.
    pub out: &'a Path,
    /// Whether files that are there are replaced.
    pub overwrite: bool,
}

/// What was exported.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Exported {
    /// Samples.
    pub samples: u64,
    /// Files.
    pub files: u64,
}

impl Export<'_> {
    /// The rows of the dataset, and the folder made.
    pub(super) fn open(&self) -> Result<Rows, FormatError> {
        let rows = Rows::of(self.dataset)?;
        make_folder(self.out, self.overwrite)?;
        Ok(rows)
    }
}

/// Encodes rows in parallel and hands them on in order.
pub(super) fn for_each_row<T: Send>(
    rows: &Rows,
    places: &[RowPlace],
    encode: impl Fn(&EncodedRow) -> Result<T, FormatError> + Sync,
    mut take: impl FnMut(&RowPlace, T) -> Result<(), FormatError>,
) -> Result<(), FormatError> {
    for batch in places.chunks(BATCH) {
        let encoded: Vec<T> = batch
            .par_iter()
            .map(|place| encode(&rows.row(place)?))
            .collect::<Result<_, _>>()?;
        for (place, encoded) in batch.iter().zip(encoded) {
            take(place, encoded)?;
        }
    }
    Ok(())
}

/// Writes one of many files.
pub(super) fn write_file(path: &Path, bytes: &[u8]) -> Result<(), FormatError> {
    fs::write(path, bytes)
        .map_err(|error| FormatError::write("write", path, bytes.len() as u64, error))
}

/// Makes a folder below an export.
pub(super) fn make_subfolder(path: &Path) -> Result<(), FormatError> {
    fs::create_dir_all(path)
        .map_err(|error| FormatError::write("make the folder", path, 4096, error))
}

/// Writes a large file piece by piece: under its name only when `write` is through.
pub(super) fn write_large(
    path: &Path,
    write: impl FnOnce(&mut BufWriter<File>) -> Result<(), FormatError>,
) -> Result<(), FormatError> {
    let failed = |error| FormatError::write("write", path, 0, error);
    let tmp = temporary(path);
    let mut out = BufWriter::with_capacity(1 << 20, File::create(&tmp).map_err(failed)?);
    let written = write(&mut out).and_then(|()| {
        let file = out
            .into_inner()
            .map_err(|error| failed(error.into_error()))?;
        file.sync_all().map_err(failed)
    });
    match written {
        Ok(()) => publish(&tmp, path),
        Err(error) => {
            // Gives the space back.
            let _ = fs::remove_file(&tmp);
            Err(error)
        }
    }
}
