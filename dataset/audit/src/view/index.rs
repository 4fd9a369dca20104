//! The labels of a dataset in memory, and where each of its samples lies.
//!
//! A shard that cannot be read is kept by name with the reason, and its samples are not counted:
//! one broken file must not hide the others.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};

use rayon::prelude::*;

use bottega_format::{LabelColumn, ShardReader, read_manifest};
use bottega_schemas::sample::COLUMNS;
use bottega_schemas::{Column, Plane};

use super::values::{Texts, Use, Values, use_of};
use crate::error::AuditError;
use crate::files::{DatasetFiles, ShardPath};

/// A shard of the dataset that is shown.
#[derive(Clone, Debug)]
pub(super) struct Shard {
    /// Path in the dataset, with forward slashes.
    pub(super) name: String,
    /// The file itself, links followed.
    pub(super) path: PathBuf,
    /// Number of the first of its samples.
    pub(super) first_row: usize,
    /// Number of its samples; none where it is broken.
    pub(super) rows: usize,
    /// Why it is not shown.
    pub(super) broken: Option<String>,
    /// Size and time of change of the file when its labels were read.
    pub(super) stamp: Stamp,
}

/// What tells one state of a file from another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Stamp {
    bytes: u64,
    changed: Duration,
}

impl Stamp {
    /// The state of a file now.
    pub(super) fn of(path: &Path) -> Option<Self> {
        let metadata = fs::metadata(path).ok()?;
        let changed = metadata.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
        Some(Self {
            bytes: metadata.len(),
            changed,
        })
    }
}

/// The labels of a dataset.
#[derive(Debug)]
pub(super) struct Index {
    /// Name for people.
    pub(super) name: String,
    /// Where it lies.
    pub(super) root: PathBuf,
    /// Changes with every file of the dataset, so that browsers never show an older picture.
    pub(super) key: String,
    /// Number of samples.
    pub(super) rows: usize,
    /// The shards, in the order of their samples.
    pub(super) shards: Vec<Shard>,
    /// The planes that any shard has.
    pub(super) planes: Vec<Plane>,
    values: Vec<Option<Values>>,
}

/// What reading one shard gave.
struct Part {
    shard: Shard,
    columns: BTreeMap<&'static str, LabelColumn>,
    planes: Vec<Plane>,
}

impl Index {
    /// Reads the labels of all shards, in parallel.
    ///
    /// Shards that are links out of the dataset are not read unless `follow_links`.
    pub(super) fn read(files: &DatasetFiles, follow_links: bool) -> Result<Self, AuditError> {
        let io = |source| AuditError::Io {
            action: "open",
            path: files.root.clone(),
            source,
        };
        let given = if files.root.as_os_str().is_empty() {
            Path::new(".")
        } else {
            &files.root
        };
        let root = fs::canonicalize(given).map_err(io)?;
        let names: Vec<&'static str> = COLUMNS
            .iter()
            .filter(|column| use_of(column) != Use::None)
            .map(|column| column.name)
            .collect();
        let fence = (!follow_links).then_some(root.as_path());
        let parts: Vec<Part> = (files.shards.par_iter())
            .map(|shard| read_part(shard, &names, fence))
            .collect();
        let planes = [Plane::Rgb8, Plane::Alpha, Plane::Depth, Plane::Normal]
            .into_iter()
            .chain(Plane::OPTIONAL)
            .filter(|plane| parts.iter().any(|part| part.planes.contains(plane)))
            .collect();
        let values = (COLUMNS.par_iter())
            .map(|column| {
                let of_shards = parts.iter().map(|part| {
                    let values = part.columns.get(column.name);
                    values.ok_or(part.shard.rows)
                });
                Values::gather(column, &of_shards.collect::<Vec<_>>())
            })
            .collect();
        let mut rows = 0;
        let mut shards: Vec<Shard> = parts.into_iter().map(|part| part.shard).collect();
        for shard in &mut shards {
            shard.first_row = rows;
            rows += shard.rows;
        }
        Ok(Self {
            name: name_of(files, &root),
            key: key_of(&root, &shards),
            root,
            rows,
            shards,
            planes,
            values,
        })
    }

    /// The values of a column, and what it is.
    pub(super) fn column(&self, name: &str) -> Option<(&'static Column, &Values)> {
        let at = COLUMNS.iter().position(|column| column.name == name)?;
        Some((&COLUMNS[at], self.values[at].as_ref()?))
    }

    /// Every column that can be filtered.
    pub(super) fn columns(&self) -> impl Iterator<Item = (&'static Column, &Values)> {
        (COLUMNS.iter().zip(&self.values))
            .filter_map(|(column, values)| Some((column, values.as_ref()?)))
    }

    /// Names of the samples.
    pub(super) fn ids(&self) -> &Texts {
        match self.column("sample_id") {
            Some((_, Values::Texts(ids))) => ids,
            _ => unreachable!("the name of a sample is a text"),
        }
    }

    /// The shard of a sample and its row there.
    pub(super) fn place(&self, row: usize) -> Option<(usize, usize)> {
        if row >= self.rows {
            return None;
        }
        let after = (self.shards).partition_point(|shard| shard.first_row <= row);
        // Broken shards have no rows, so the last that starts at or before the row holds it.
        let shard_idx = after.checked_sub(1)?;
        Some((shard_idx, row - self.shards[shard_idx].first_row))
    }

    /// Width and height of a sample, as its labels say.
    pub(super) fn size(&self, row: usize) -> (usize, usize) {
        let number = |name| match self.column(name) {
            Some((_, Values::Long(numbers))) => numbers[row].max(0.0) as usize,
            _ => 0,
        };
        (number("width"), number("height"))
    }
}

fn read_part(shard: &ShardPath, names: &[&'static str], fence: Option<&Path>) -> Part {
    let mut part = Part {
        shard: Shard {
            name: shard.name.clone(),
            path: shard.path.clone(),
            first_row: 0,
            rows: 0,
            broken: None,
            stamp: Stamp::default(),
        },
        columns: BTreeMap::new(),
        planes: Vec::new(),
    };
    if let Err(reason) = part.fill(names, fence) {
        part.shard.broken = Some(reason);
    }
    part
}

impl Part {
    fn fill(&mut self, names: &[&'static str], fence: Option<&Path>) -> Result<(), String> {
        let path = fs::canonicalize(&self.shard.path)
            .map_err(|error| format!("it cannot be opened: {error}"))?;
        if fence.is_some_and(|root| !path.starts_with(root)) {
            return Err(format!(
                "it is a link out of the dataset, to {}; --follow-links shows it",
                path.display()
            ));
        }
        self.shard.stamp = Stamp::of(&path).unwrap_or_default();
        self.shard.path = path;
        let reader = ShardReader::open_for_labels(&self.shard.path).map_err(|e| told(&e))?;
        let present = |name: &&&str| reader.columns().iter().any(|column| column == **name);
        let names: Vec<&str> = names.iter().filter(present).copied().collect();
        let columns = reader.label_columns(&names).map_err(|e| told(&e))?;
        if let Some((name, column)) = columns.iter().find(|(_, c)| c.len() != reader.rows()) {
            let (found, wanted) = (column.len(), reader.rows());
            return Err(format!("column {name} has {found} rows, wanted {wanted}"));
        }
        self.planes = reader.stored_planes();
        self.shard.rows = reader.rows();
        self.columns = columns;
        Ok(())
    }
}

/// An error and its causes in one line.
pub(super) fn told(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let more = error.to_string();
        if !text.contains(&more) {
            text = format!("{text}: {more}");
        }
        cause = error.source();
    }
    text
}

/// The name that the manifest gives, or that of the folder.
fn name_of(files: &DatasetFiles, root: &Path) -> String {
    let manifest = read_manifest(&files.root).ok().flatten();
    match (manifest, files.shards.as_slice()) {
        (Some(manifest), _) if !files.is_single_shard => manifest.plan.dataset,
        (_, [only]) if files.is_single_shard => only.name.clone(),
        _ => {
            let name = root.file_name().unwrap_or(root.as_os_str());
            name.to_string_lossy().into_owned()
        }
    }
}

fn key_of(root: &Path, shards: &[Shard]) -> String {
    let mut hasher = blake3::Hasher::new();
    hasher.update(root.as_os_str().as_encoded_bytes());
    for shard in shards {
        hasher.update(shard.name.as_bytes());
        hasher.update(&shard.stamp.bytes.to_le_bytes());
        hasher.update(&shard.stamp.changed.as_nanos().to_le_bytes());
        hasher.update(&(shard.rows as u64).to_le_bytes());
    }
    hasher.finalize().to_hex().as_str()[..16].to_owned()
}
