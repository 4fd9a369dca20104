//! Reads of a file at a position, without a shared cursor, so that threads can share one reader.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;
use std::sync::Arc;

use parquet::errors::{ParquetError, Result};
use parquet::file::reader::{ChunkReader, Length};

/// A file that is read at positions.
#[derive(Clone, Debug)]
pub(crate) struct PositionedFile {
    file: Arc<File>,
    length: u64,
}

impl PositionedFile {
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        let metadata = file.metadata()?;
        if metadata.is_dir() {
            return Err(io::Error::new(
                io::ErrorKind::IsADirectory,
                "it is a folder",
            ));
        }
        Ok(Self {
            file: Arc::new(file),
            length: metadata.len(),
        })
    }

    /// Size of the file when it was opened.
    pub(crate) fn length(&self) -> u64 {
        self.length
    }

    /// The `length` bytes from `at`.
    pub(crate) fn read_exact_at(&self, at: u64, length: usize) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; length];
        let mut rest = PositionedRead {
            file: self.clone(),
            at,
        };
        rest.read_exact(&mut bytes)?;
        Ok(bytes)
    }
}

#[cfg(unix)]
fn read_at(file: &File, out: &mut [u8], at: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, out, at)
}

#[cfg(windows)]
fn read_at(file: &File, out: &mut [u8], at: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, out, at)
}

/// Reads on from a position.
#[derive(Debug)]
pub(crate) struct PositionedRead {
    file: PositionedFile,
    at: u64,
}

impl Read for PositionedRead {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let n = read_at(&self.file.file, out, self.at)?;
        self.at += n as u64;
        Ok(n)
    }
}

impl Length for PositionedFile {
    fn len(&self) -> u64 {
        self.length
    }
}

impl ChunkReader for PositionedFile {
    type T = BufReader<PositionedRead>;

    fn get_read(&self, start: u64) -> Result<Self::T> {
        Ok(BufReader::new(PositionedRead {
            file: self.clone(),
            at: start,
        }))
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<bytes::Bytes> {
        // Checked before allocating: a damaged footer may claim any length.
        let end = start.checked_add(length as u64);
        if end.is_none_or(|end| end > self.length) {
            return Err(ParquetError::EOF(format!(
                "{length} bytes from {start} reach beyond the {} bytes of the file",
                self.length
            )));
        }
        let mut out = vec![0; length];
        PositionedRead {
            file: self.clone(),
            at: start,
        }
        .read_exact(&mut out)?;
        Ok(out.into())
    }
}
