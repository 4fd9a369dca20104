//! Reads of a file at a position, without a shared cursor, so that threads can share one reader.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
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
        // Checked before allocating: a damaged file may claim any length.
        let end = at.checked_add(length as u64);
        if end.is_none_or(|end| end > self.length) {
            let reason = format!(
                "{length} bytes from {at} reach beyond the {} bytes of the file",
                self.length
            );
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, reason));
        }
        let mut bytes = vec![0; length];
        let file = self.clone();
        PositionedRead { file, at }.read_exact(&mut bytes)?;
        Ok(bytes)
    }

    /// Reads on from its start, a `window` of bytes at a time.
    pub(crate) fn windowed(&self, window: usize) -> WindowedRead {
        WindowedRead {
            file: self.clone(),
            at: 0,
            window: Vec::new(),
            window_at: 0,
            window_max: window,
        }
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
        let bytes = self.read_exact_at(start, length);
        bytes
            .map(Into::into)
            .map_err(|error| ParquetError::EOF(error.to_string()))
    }
}

/// A reader with a place that looks at the file through a window, so that many small reads are few
/// large ones. Its clones share the file, start where it stands, and have windows of their own.
#[derive(Debug)]
pub(crate) struct WindowedRead {
    file: PositionedFile,
    at: u64,
    window: Vec<u8>,
    window_at: u64,
    window_max: usize,
}

impl Clone for WindowedRead {
    fn clone(&self) -> Self {
        Self {
            at: self.at,
            ..self.file.windowed(self.window_max)
        }
    }
}

impl Read for WindowedRead {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let offset = self.at.wrapping_sub(self.window_at);
        if offset >= self.window.len() as u64 {
            if out.len() >= self.window_max {
                let n = read_at(&self.file.file, out, self.at)?;
                self.at += n as u64;
                return Ok(n);
            }
            self.window.resize(self.window_max, 0);
            let n = read_at(&self.file.file, &mut self.window, self.at);
            self.window.truncate(*n.as_ref().unwrap_or(&0));
            self.window_at = self.at;
            n?;
        }
        let start = (self.at - self.window_at) as usize;
        let n = out.len().min(self.window.len() - start);
        out[..n].copy_from_slice(&self.window[start..start + n]);
        self.at += n as u64;
        Ok(n)
    }
}

impl Seek for WindowedRead {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(offset) => self.file.length.checked_add_signed(offset),
            SeekFrom::Current(offset) => self.at.checked_add_signed(offset),
        };
        self.at = at.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
        Ok(self.at)
    }
}
