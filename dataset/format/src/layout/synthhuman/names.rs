//! Which files of which samples lie where: in folders, in archives, in folders of archives.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::archive::ZipArchives;
use crate::error::FormatError;

/// The files of a sample: first part and ending of their names.
pub(super) const KINDS: [(&str, &str); 5] = [
    ("rgb", "png"),
    ("alpha", "png"),
    ("depth", "exr"),
    ("normal", "exr"),
    ("cam", "txt"),
];

/// Folders are looked at no deeper than this: people sort files by kind and by framing.
const DEPTH_MAX: usize = 6;

/// Where a file of a sample lies.
#[derive(Clone, Debug)]
enum Place {
    File(PathBuf),
    Member { archive: usize, member: u32 },
}

/// The files of one sample, in the order of [`KINDS`].
#[derive(Clone, Debug, Default)]
struct Files {
    source: usize,
    places: [Option<Place>; 5],
}

/// A sample of which files are missing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Incomplete {
    /// Number of the sample in its source.
    pub index: u64,
    /// First parts of the names of the files that are missing.
    pub missing: Vec<&'static str>,
}

/// What lies in some folders and archives.
#[derive(Debug, Default)]
pub(super) struct Listing {
    /// Names of the folders and archives.
    sources: Vec<String>,
    archives: ZipArchives,
    samples: BTreeMap<u64, Files>,
}

/// Kind and index of a file name of the layout.
pub(super) fn parse(name: &str) -> Option<(usize, u64)> {
    let (kind, rest) = name.split_once('_')?;
    let (digits, ending) = rest.split_once('.')?;
    let is_number = digits.len() == 7 && digits.bytes().all(|b| b.is_ascii_digit());
    let kind = KINDS.iter().position(|known| *known == (kind, ending))?;
    is_number.then(|| (kind, digits.parse().expect("seven digits are a number")))
}

pub(super) fn base_name(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}

impl Listing {
    /// Looks through folders and archives.
    pub(super) fn of(paths: &[PathBuf]) -> Result<Self, FormatError> {
        let mut listing = Self::default();
        for path in paths {
            if path.is_dir() {
                let folder = path.canonicalize().unwrap_or_else(|_| path.clone());
                let name = folder.file_name().unwrap_or_default().to_string_lossy();
                let source = listing.add_source(&name);
                listing.add_folder(path, source, DEPTH_MAX)?;
            } else {
                listing.add_archive(path)?;
            }
        }
        if listing.samples.is_empty() {
            return Err(FormatError::malformed(
                "SynthHuman layout",
                format!(
                    "no rgb_NNNNNNN.png or its like in {}; wanted a folder with such files, zip \
                     archives of them, or a folder of such archives",
                    paths
                        .iter()
                        .map(|p| p.display().to_string())
                        .collect::<Vec<_>>()
                        .join(", ")
                ),
            ));
        }
        Ok(listing)
    }

    fn add_source(&mut self, name: &str) -> usize {
        self.sources.push(name.to_owned());
        self.sources.len() - 1
    }

    fn add_folder(
        &mut self,
        folder: &Path,
        source: usize,
        depth_left: usize,
    ) -> Result<(), FormatError> {
        let failed = |error| FormatError::io("list", folder, error);
        let mut paths = Vec::new();
        for entry in fs::read_dir(folder).map_err(failed)? {
            paths.push(entry.map_err(failed)?.path());
        }
        // Sorted, so that messages and numbers of sources are the same each time.
        paths.sort();
        for path in paths {
            let name = path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            if path.is_dir() {
                if depth_left > 0 {
                    self.add_folder(&path, source, depth_left - 1)?;
                }
            } else if let Some((kind, index)) = parse(&name) {
                self.add(kind, index, source, Place::File(path))?;
            } else if path.extension().is_some_and(|ext| ext == "zip") {
                self.add_archive(&path)?;
            }
        }
        Ok(())
    }

    fn add_archive(&mut self, path: &Path) -> Result<(), FormatError> {
        let (archive, members) = self.archives.add(path)?;
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let source = self.add_source(&name);
        for (member, name) in members {
            if let Some((kind, index)) = parse(base_name(&name)) {
                self.add(kind, index, source, Place::Member { archive, member })?;
            }
        }
        Ok(())
    }

    fn add(
        &mut self,
        kind: usize,
        index: u64,
        source: usize,
        place: Place,
    ) -> Result<(), FormatError> {
        let files = self.samples.entry(index).or_insert_with(|| Files {
            source,
            ..Files::default()
        });
        if files.places[kind].is_some() {
            let (name, ending) = KINDS[kind];
            let reason = format!(
                "{name}_{index:07}.{ending} is in {} and in {}; import one of them at a time",
                self.sources[files.source], self.sources[source]
            );
            return Err(FormatError::malformed("SynthHuman layout", reason));
        }
        files.places[kind] = Some(place);
        Ok(())
    }

    /// Indices of the samples that have all their files, in order.
    pub(super) fn complete(&self) -> Vec<u64> {
        let is_complete = |files: &Files| files.places.iter().all(Option::is_some);
        let samples = self.samples.iter().filter(|(_, files)| is_complete(files));
        samples.map(|(index, _)| *index).collect()
    }

    /// The samples that lack files, in order.
    pub(super) fn incomplete(&self) -> Vec<Incomplete> {
        let missing = |files: &Files| -> Vec<&'static str> {
            let kinds = KINDS.iter().zip(&files.places);
            kinds
                .filter(|(_, place)| place.is_none())
                .map(|(kind, _)| kind.0)
                .collect()
        };
        let samples = self.samples.iter().map(|(&index, files)| Incomplete {
            index,
            missing: missing(files),
        });
        samples
            .filter(|sample| !sample.missing.is_empty())
            .collect()
    }

    /// Name of the folder or archive of a sample.
    pub(super) fn source_of(&self, index: u64) -> &str {
        self.samples
            .get(&index)
            .map_or("", |files| &self.sources[files.source])
    }

    /// The bytes of the files of a complete sample, in the order of [`KINDS`].
    pub(super) fn read(&self, index: u64) -> Result<[Vec<u8>; 5], FormatError> {
        let files = &self.samples[&index];
        let mut read = [const { Vec::new() }; 5];
        for (bytes, place) in read.iter_mut().zip(&files.places) {
            *bytes = match place {
                Some(Place::File(path)) => {
                    fs::read(path).map_err(|error| FormatError::io("read", path, error))?
                }
                Some(Place::Member { archive, member }) => self.archives.read(*archive, *member)?,
                None => Vec::new(),
            };
        }
        Ok(read)
    }

    /// Hash of what is there: names, sizes and, in archives, checksums. A changed source is
    /// another source.
    pub(super) fn digest(&self, indices: &[u64]) -> Result<String, FormatError> {
        let mut hasher = blake3::Hasher::new();
        let mut archives = BTreeSet::new();
        for index in indices {
            let files = &self.samples[index];
            hasher.update(self.sources[files.source].as_bytes());
            hasher.update(&index.to_le_bytes());
            for place in files.places.iter().flatten() {
                let numbers = match place {
                    Place::File(path) => {
                        let metadata = fs::metadata(path)
                            .map_err(|error| FormatError::io("look at", path, error))?;
                        [metadata.len(), 0]
                    }
                    Place::Member { archive, member } => {
                        archives.insert(*archive);
                        [*archive as u64, u64::from(*member)]
                    }
                };
                for number in numbers {
                    hasher.update(&number.to_le_bytes());
                }
            }
        }
        for archive in archives {
            hasher.update(self.archives.digest(archive)?.as_bytes());
        }
        Ok(hasher.finalize().to_hex().to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_the_layout_are_known_and_others_are_not() {
        assert_eq!(parse("rgb_0000012.png"), Some((0, 12)));
        assert_eq!(parse("cam_9999999.txt"), Some((4, 9_999_999)));
        for name in [
            "rgb_12.png",
            "rgb_0000012.jpg",
            "depth_0000012.png",
            "xrgb_0000012.png",
        ] {
            assert_eq!(parse(name), None, "{name}");
        }
        assert_eq!(base_name("SynthHuman/rgb_0000012.png"), "rgb_0000012.png");
    }
}
