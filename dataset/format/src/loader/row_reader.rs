//! Single rows of a dataset, read when they are asked for.

use std::sync::{Mutex, PoisonError};

use crate::error::FormatError;
use crate::pixels::Scratch;
use crate::shard::StoredPlanes;

use super::decode::{Counters, read_row};
use super::planes::PlaneSet;
use super::source::{RowFacts, Source};

/// Reads rows of a source in any order, from any number of threads.
#[derive(Debug)]
pub struct RowReader {
    source: Source,
    planes: PlaneSet,
    counters: Counters,
    /// Scratch memory of decoders that nobody uses now.
    free: Mutex<Vec<Scratch>>,
}

impl RowReader {
    /// A reader of these planes.
    ///
    /// # Errors
    /// A plane that a shard, or the cache, lacks.
    pub fn new(source: &Source, planes: PlaneSet) -> Result<Self, FormatError> {
        source.check_planes(&planes)?;
        Ok(Self {
            source: source.clone(),
            counters: Counters::new(&planes),
            planes,
            free: Mutex::new(Vec::new()),
        })
    }

    /// Number of rows.
    pub fn rows(&self) -> u64 {
        self.source.rows()
    }

    /// What is known of a row without its pixels.
    pub fn facts(&self, row: u64) -> &RowFacts {
        self.source.facts(row)
    }

    /// The planes of a row below [`Self::rows`].
    ///
    /// # Errors
    /// A row that cannot be read, with shard, row and plane.
    pub fn read(&self, row: u64) -> Result<StoredPlanes, FormatError> {
        let lock = || self.free.lock().unwrap_or_else(PoisonError::into_inner);
        let mut scratch = lock().pop().unwrap_or_default();
        let mut planes = StoredPlanes::default();
        let row = self.source.dataset_row(row);
        let read = read_row(
            &self.source.data,
            row,
            &self.planes,
            &self.counters,
            &mut scratch,
            &mut planes,
        );
        lock().push(scratch);
        read.map(|()| planes)
    }
}
