//! Ranges of a file that are fetched before a decoder asks for them: neighbors in one read.

use bytes::Bytes;
use parquet::errors::{ParquetError, Result as ParquetResult};
use parquet::file::reader::{ChunkReader, Length};

use super::pread::PositionedFile;

/// Ranges closer than this are read at once.
const GAP_BYTES: u64 = 16 << 10;

/// A file of which some ranges are in memory.
#[derive(Clone, Debug)]
pub(super) struct Prefetched {
    file: PositionedFile,
    /// Start of a range and what stands there, in ascending order.
    ranges: Vec<(u64, u64, Bytes)>,
}

impl Prefetched {
    /// Nothing yet.
    pub(super) fn new(file: PositionedFile) -> Self {
        Self {
            file,
            ranges: Vec::new(),
        }
    }

    /// Notes ranges of (start, length) to be fetched.
    pub(super) fn want(&mut self, ranges: impl Iterator<Item = (u64, u64)>) {
        for (start, length) in ranges {
            let end = start.saturating_add(length);
            match self.ranges.last_mut() {
                Some((_, last_end, _)) if start >= *last_end && start - *last_end <= GAP_BYTES => {
                    *last_end = end;
                }
                _ => self.ranges.push((start, end, Bytes::new())),
            }
        }
        self.ranges.sort_by_key(|range| range.0);
    }

    /// Reads what is wanted.
    pub(super) fn fetch(&mut self) -> ParquetResult<()> {
        for (start, end, bytes) in &mut self.ranges {
            *bytes = self.file.get_bytes(*start, (*end - *start) as usize)?;
        }
        Ok(())
    }

    fn find(&self, start: u64) -> Option<&(u64, u64, Bytes)> {
        let after = self.ranges.partition_point(|range| range.0 <= start);
        self.ranges
            .get(after.checked_sub(1)?)
            .filter(|range| start < range.1)
    }
}

impl Length for Prefetched {
    fn len(&self) -> u64 {
        self.file.len()
    }
}

impl ChunkReader for Prefetched {
    type T = Box<dyn std::io::Read>;

    fn get_read(&self, start: u64) -> ParquetResult<Self::T> {
        Ok(match self.find(start) {
            Some((from, _, bytes)) => {
                Box::new(std::io::Cursor::new(bytes.slice((start - from) as usize..)))
            }
            None => Box::new(self.file.get_read(start)?),
        })
    }

    fn get_bytes(&self, start: u64, length: usize) -> ParquetResult<Bytes> {
        match self.find(start) {
            Some((from, end, bytes)) if start + length as u64 <= *end => {
                let at = (start - from) as usize;
                Ok(bytes.slice(at..at + length))
            }
            Some(_) => Err(ParquetError::EOF(format!(
                "{length} bytes from {start} leave a column"
            ))),
            None => self.file.get_bytes(start, length),
        }
    }
}
