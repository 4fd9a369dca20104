//! ZIP archives of stored members, always with the same bytes.
//!
//! Pictures are packed already, so members are stored. Every member bears the time 1980-01-01,
//! the first that the format knows, and the rights 0644. ZIP64 records appear only where the
//! archive needs them.

use std::io::{self, Seek, SeekFrom, Write};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, System};

/// Nothing here comes from the clock or from the system that runs.
const STORED: SimpleFileOptions = SimpleFileOptions::DEFAULT
    .compression_method(CompressionMethod::Stored)
    .unix_permissions(0o644)
    .system(System::Unix);

/// Writes members one after the other.
pub(crate) struct ZipWriter<W: Write + Seek> {
    zip: zip::ZipWriter<Guarded<W>>,
}

impl<W: Write + Seek> ZipWriter<W> {
    pub(crate) fn new(out: W) -> Self {
        Self {
            zip: zip::ZipWriter::new(Guarded {
                out,
                at: 0,
                is_broken: false,
            }),
        }
    }

    /// Adds a member of less than 4 GiB.
    pub(crate) fn add(&mut self, name: &str, bytes: &[u8]) -> io::Result<()> {
        self.zip.start_file(name, STORED)?;
        self.zip.write_all(bytes)
    }

    /// Writes the list of members and gives the file back.
    pub(crate) fn finish(self) -> io::Result<W> {
        let mut out = self.zip.finish()?.out;
        out.flush()?;
        Ok(out)
    }
}

/// A file that only seems to take more after an error.
///
/// The `zip` crate finishes an archive that is dropped and prints what goes wrong then; after an
/// error nothing may be printed, and nothing is left to be saved.
struct Guarded<W> {
    out: W,
    /// Where the next byte would go.
    at: u64,
    is_broken: bool,
}

impl<W> Guarded<W> {
    fn note<T>(&mut self, done: io::Result<T>) -> io::Result<T> {
        self.is_broken = matches!(&done, Err(error) if error.kind() != io::ErrorKind::Interrupted);
        done
    }
}

impl<W: Write> Write for Guarded<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let done = match self.is_broken {
            true => bytes.len(),
            false => {
                let done = self.out.write(bytes);
                self.note(done)?
            }
        };
        self.at += done as u64;
        Ok(done)
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.is_broken {
            return Ok(());
        }
        let done = self.out.flush();
        self.note(done)
    }
}

impl<W: Seek> Seek for Guarded<W> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.at = match (self.is_broken, to) {
            (false, to) => {
                let done = self.out.seek(to);
                self.note(done)?
            }
            (true, SeekFrom::Start(at)) => at,
            (true, SeekFrom::Current(offset)) => self.at.saturating_add_signed(offset),
            (true, SeekFrom::End(_)) => self.at,
        };
        Ok(self.at)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    #[test]
    fn the_bytes_are_those_that_are_documented() {
        let write = || {
            let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
            zip.add("a/b.txt", b"hello").unwrap();
            zip.add("empty", b"").unwrap();
            zip.finish().unwrap().into_inner()
        };
        let bytes = write();
        assert_eq!(bytes, write());
        // Stored, midnight of 1980-01-01, no extra field.
        assert_eq!(bytes[8..14], [0, 0, 0, 0, 0x21, 0]);
        assert_eq!(bytes[26..30], [7, 0, 0, 0]);
        assert_eq!(&bytes[30..42], b"a/b.txthello");
        assert_eq!(blake3::hash(&bytes).to_hex()[..16], *"aa58dc446e1d6e1e");
    }

    #[test]
    fn a_full_disk_is_told_once_and_nothing_is_written_after_it() {
        /// Holds so many bytes.
        struct Full(Cursor<Vec<u8>>, usize);
        impl Write for Full {
            fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
                if self.0.get_ref().len() + bytes.len() > self.1 {
                    return Err(io::ErrorKind::StorageFull.into());
                }
                self.0.write(bytes)
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        impl Seek for Full {
            fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
                self.0.seek(to)
            }
        }
        let mut zip = ZipWriter::new(Full(Cursor::new(Vec::new()), 3000));
        zip.add("fits", &[1; 1000]).unwrap();
        let error = zip.add("does-not", &[1; 5000]).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::StorageFull);
        // What dropping it would print.
        let finished = zip.zip.finish();
        assert!(finished.is_ok_and(|guarded| guarded.is_broken));
    }
}
