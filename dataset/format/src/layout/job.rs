//! What all exports share: rows in order, a folder to write into, progress.
//!
//! A folder says in `.bottega-export.json` what is exported into it. The same export goes on where
//! it was stopped: archives that are finished stay, loose files are written again, with the same
//! bytes. Anything else is refused unless it may be replaced, and files of the layout that are
//! none of the export are refused always, since its readers would take them for it.

use std::fs;
use std::path::Path;

use rayon::prelude::*;
use serde::Serialize;
use serde_json::json;

use super::rows::{RowPlace, Rows};
use crate::atomic::{temporary, write_atomically};
use crate::error::FormatError;
use crate::shard::EncodedRow;

/// Rows that are encoded at a time.
const BATCH: usize = 32;

/// Name of the file that says what is exported into a folder.
const MARKER: &str = ".bottega-export.json";

/// Folders of an export lie no deeper than this.
const DEPTH_MAX: usize = 2;

/// Which dataset goes where.
#[derive(Clone, Copy, Debug)]
pub struct Export<'a> {
    /// Dataset folder or shard.
    pub dataset: &'a Path,
    /// Folder that receives the files.
    pub out: &'a Path,
    /// The split whose samples are exported; `None` takes all.
    pub split: Option<&'a str>,
    /// Whether another export in the folder is replaced.
    pub overwrite: bool,
}

impl<'a> Export<'a> {
    /// All samples, into a folder that is empty, or holds a part of this very export.
    pub fn new(dataset: &'a Path, out: &'a Path) -> Self {
        Self {
            dataset,
            out,
            split: None,
            overwrite: false,
        }
    }
}

/// What was exported.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Exported {
    /// Samples.
    pub samples: u64,
    /// Files; archives count as one.
    pub files: u64,
    /// What the layout has room for and the dataset does not hold.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<&'static str>,
}

impl Export<'_> {
    /// The rows that are exported.
    pub(super) fn rows(&self) -> Result<Rows, FormatError> {
        Rows::of(self.dataset, self.split)
    }

    /// Makes the folder ready for `layout` with its `options`.
    ///
    /// `belongs` says of a path below the folder, with forward slashes, whether it is a file of the
    /// layout, and if so, whether this export writes it.
    pub(super) fn begin(
        &self,
        rows: &Rows,
        (layout, options): (&str, &str),
        belongs: impl Fn(&str) -> Option<bool>,
    ) -> Result<(), FormatError> {
        fs::create_dir_all(self.out)
            .map_err(|error| FormatError::write("make the folder", self.out, 4096, error))?;
        let marker = json!({
            "format": "bottega-export",
            "layout": layout,
            "options": options,
            "split": self.split,
            "source_blake3": rows.digest()?,
        });
        let marker = format!("{marker}\n");
        let marker_path = self.out.join(MARKER);
        let is_resumed = fs::read(&marker_path).is_ok_and(|found| found == marker.as_bytes());
        let mut found = Vec::new();
        list(self.out, "", DEPTH_MAX, &mut found)?;
        if !is_resumed && !self.overwrite && !found.is_empty() {
            return Err(FormatError::NotEmpty {
                path: self.out.to_owned(),
            });
        }
        for name in &found {
            // What a run that was stopped left behind.
            if let Some(whole) = name.strip_suffix(".tmp")
                && belongs(whole).is_some()
            {
                let path = self.out.join(name);
                fs::remove_file(&path).map_err(|error| FormatError::io("remove", &path, error))?;
            }
        }
        let mut strangers = found.iter().filter(|name| belongs(name) == Some(false));
        if let Some(first) = strangers.next() {
            return Err(FormatError::Strangers {
                path: self.out.to_owned(),
                first: first.as_str().into(),
                count: 1 + strangers.count(),
            });
        }
        if is_resumed {
            return Ok(());
        }
        // What another export left under the names of this one must not be taken for done later.
        for name in found.iter().filter(|name| belongs(name) == Some(true)) {
            let path = self.out.join(name);
            fs::remove_file(&path).map_err(|error| FormatError::io("remove", &path, error))?;
        }
        write_atomically(&marker_path, marker.as_bytes())
    }
}

/// Paths of the files below a folder, in order.
fn list(
    folder: &Path,
    prefix: &str,
    depth_left: usize,
    found: &mut Vec<String>,
) -> Result<(), FormatError> {
    let failed = |error| FormatError::io("list", folder, error);
    let mut entries = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        entries.push((
            entry.file_name().to_string_lossy().into_owned(),
            entry.path(),
        ));
    }
    entries.sort();
    for (name, path) in entries {
        if path.is_dir() && depth_left > 0 {
            list(&path, &format!("{prefix}{name}/"), depth_left - 1, found)?;
        } else {
            found.push(format!("{prefix}{name}"));
        }
    }
    Ok(())
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

/// Writes one of many files: whole under its name, or not at all. It is not flushed to the disk,
/// which would take longer than all else; an export that a power cut stopped is run again.
pub(super) fn write_file(path: &Path, bytes: &[u8]) -> Result<(), FormatError> {
    let tmp = temporary(path);
    fs::write(&tmp, bytes)
        .and_then(|()| fs::rename(&tmp, path))
        .map_err(|error| {
            // Gives the space back.
            let _ = fs::remove_file(&tmp);
            FormatError::write("write", path, bytes.len() as u64, error)
        })
}

/// Makes a folder below an export.
pub(super) fn make_subfolder(path: &Path) -> Result<(), FormatError> {
    fs::create_dir_all(path)
        .map_err(|error| FormatError::write("make the folder", path, 4096, error))
}
