//! Members of ZIP archives, read one by one without unpacking.
//!
//! Archives of any size are read (ZIP64); members may be stored or deflated, which is all that
//! archives of pictures use. A list of members takes some ten megabytes for an archive of the
//! official SynthHuman, so that only few are kept.

use std::io::{ErrorKind, Read as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use zip::ZipArchive;
use zip::result::ZipError;

use crate::error::FormatError;
use crate::shard::{PositionedFile, WindowedRead};

/// Size of a member that is believed.
const MEMBER_BYTES_MAX: u64 = 1 << 30;
/// Lists of members that are kept; readers go through archives in order.
const OPEN_MAX: usize = 4;
/// Bytes of a list of members that are read at a time.
const WINDOW: usize = 1 << 16;

type Archive = ZipArchive<WindowedRead>;

/// Archives, by their numbers; threads may share them.
#[derive(Debug, Default)]
pub(crate) struct ZipArchives {
    paths: Vec<PathBuf>,
    /// The archives that were read last, the last of them first.
    open: Mutex<Vec<(usize, Archive)>>,
}

impl ZipArchives {
    /// Adds an archive; returns its number and its members that are files, as their number in the
    /// archive and their path.
    pub(crate) fn add(&mut self, path: &Path) -> Result<(usize, Vec<(u32, String)>), FormatError> {
        let number = self.paths.len();
        self.paths.push(path.to_owned());
        let archive = self.archive(number)?;
        let mut members = Vec::with_capacity(archive.len());
        for member in 0..u32::try_from(archive.len()).unwrap_or(u32::MAX) {
            let Some(name) = archive.name_for_index(member as usize) else {
                break;
            };
            if leaves(name) {
                let reason = format!(
                    "member {name:?} has a path that leads out of the archive; nothing of it is \
                     believed, pack it again"
                );
                return Err(malformed(path, reason));
            }
            if !name.ends_with('/') {
                members.push((member, name.to_owned()));
            }
        }
        Ok((number, members))
    }

    /// The bytes of a member, unpacked and compared with their CRC.
    pub(crate) fn read(&self, archive: usize, member: u32) -> Result<Vec<u8>, FormatError> {
        let path = &self.paths[archive];
        let mut archive = self.archive(archive)?;
        let name = archive.name_for_index(member as usize).unwrap_or_default();
        let name = name.to_owned();
        let tell = |error: ZipError| tell(path, &name, error);
        let mut file = archive.by_index(member as usize).map_err(tell)?;
        let size = file.size();
        if size > MEMBER_BYTES_MAX {
            return Err(malformed(path, format!("member {name} has {size} bytes")));
        }
        // No more than the list says, and one to see that it lies: a small member may unpack to
        // much.
        let mut bytes = Vec::with_capacity(size as usize + 1);
        (&mut file)
            .take(size + 1)
            .read_to_end(&mut bytes)
            .map_err(|error| tell(error.into()))?;
        if bytes.len() as u64 != size {
            let found = bytes.len();
            let reason = format!("member {name} has other than the {size} bytes listed ({found})");
            return Err(malformed(path, reason));
        }
        Ok(bytes)
    }

    /// Hash of the list of members of an archive, which names them with their sizes and CRCs.
    pub(crate) fn digest(&self, archive: usize) -> Result<blake3::Hash, FormatError> {
        let path = &self.paths[archive];
        let opened = self.archive(archive)?;
        let start = opened.central_directory_start();
        let mut list = opened.into_inner();
        let mut hasher = blake3::Hasher::new();
        std::io::Seek::seek(&mut list, std::io::SeekFrom::Start(start))
            .and_then(|_| std::io::copy(&mut list, &mut hasher))
            .map_err(|error| FormatError::io("read", path, error))?;
        Ok(hasher.finalize())
    }

    /// An archive with its list of members, read again if it was put away.
    fn archive(&self, number: usize) -> Result<Archive, FormatError> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(at) = open.iter().position(|(opened, _)| *opened == number) {
            // The last that was used comes first.
            open[..=at].rotate_right(1);
            return Ok(open[0].1.clone());
        }
        let path = &self.paths[number];
        let file =
            PositionedFile::open(path).map_err(|error| FormatError::io("open", path, error))?;
        let archive =
            ZipArchive::new(file.windowed(WINDOW)).map_err(|error| tell(path, "", error))?;
        open.truncate(OPEN_MAX - 1);
        open.insert(0, (number, archive.clone()));
        Ok(archive)
    }
}

/// Whether a path of a member leads out of the folder it is unpacked in.
fn leaves(name: &str) -> bool {
    let is_absolute = name.starts_with(['/', '\\']) || name.get(1..2) == Some(":");
    is_absolute || name.split(['/', '\\']).any(|part| part == "..")
}

fn malformed(path: &Path, reason: impl Into<String>) -> FormatError {
    FormatError::malformed("zip archive", reason).in_file(path)
}

/// What an error of the crate means; `name` is the member it is about, if it is about one.
fn tell(path: &Path, name: &str, error: ZipError) -> FormatError {
    let again = "pack it again with an ordinary zip program";
    let reason = match error {
        ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) => {
            format!("member {name} is encrypted; {again}, without a password")
        }
        ZipError::CompressionMethodNotSupported(method) => format!(
            "member {name} is packed by method {method}, wanted stored (0) or deflated (8); {again}"
        ),
        ZipError::Io(error) if error.kind() == ErrorKind::InvalidData && !name.is_empty() => {
            format!("member {name} does not match its CRC-32, or cannot be unpacked: {error}")
        }
        ZipError::Io(error) if error.kind() == ErrorKind::UnexpectedEof => {
            format!("it ends too early, so that its download was cut ({name} {error})")
        }
        ZipError::Io(error) => return FormatError::io("read", path, error),
        error if name.is_empty() => {
            format!("{error}; it is no zip archive, or its download was cut")
        }
        error => format!("member {name}: {error}"),
    };
    malformed(path, reason)
}

#[cfg(test)]
mod tests;
