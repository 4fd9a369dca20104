//! A sample in memory, and the buffers that go round.

use std::sync::{Arc, Mutex, PoisonError};

use crate::shard::StoredPlanes;

use super::source::RowFacts;

/// Where a sample stands in the stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Epoch.
    pub epoch: u64,
    /// Position in the epoch, over all ranks.
    pub position: u64,
    /// Number of the source.
    pub source: usize,
    /// Row among those that the source reads.
    pub row: u64,
}

/// A sample; its buffers go back to the loader when it is dropped.
///
/// Of the planes, only those that were asked for hold values, and each is a slice of
/// `height * width` pixels, row by row from the top:
///
/// | plane | field | type | values |
/// | --- | --- | --- | --- |
/// | image | `rgb8` | `u8`, H x W x 3 | display-referred sRGB, 0 to 255 |
/// | alpha | `alpha8` | `u8`, H x W | coverage, 0 to 255 |
/// | depth | `depth_m` | `f32`, H x W | metres along the optical axis, `+inf` for no surface |
/// | normal | `normal` | `[f32; 3]`, H x W x 3 | unit vector in camera space, 0 for no surface |
/// | others | `optional` | [`crate::PlaneValues`] | as [`bottega_schemas::plane`] says |
#[derive(Debug)]
pub struct LoadedSample {
    place: Place,
    facts: RowFacts,
    planes: StoredPlanes,
    pool: Arc<Pool>,
}

impl LoadedSample {
    pub(super) fn new(
        place: Place,
        facts: RowFacts,
        planes: StoredPlanes,
        pool: Arc<Pool>,
    ) -> Self {
        Self {
            place,
            facts,
            planes,
            pool,
        }
    }

    /// Where it stands in the stream.
    pub fn place(&self) -> Place {
        self.place
    }

    /// Name, index and camera.
    pub fn facts(&self) -> &RowFacts {
        &self.facts
    }

    /// The planes.
    pub fn planes(&self) -> &StoredPlanes {
        &self.planes
    }

    /// Key of what is random about this sample at its place in the stream, for augmentations: the
    /// same for any number of threads and ranks, and after a resume. A sample that a mix shows more
    /// than once in an epoch has another key each time.
    pub fn augmentation_seed(&self, seed: u64) -> u64 {
        let seed = bottega_schemas::Seed(seed).child("augmentation");
        let Place {
            epoch, position, ..
        } = self.place;
        seed.index(epoch).index(position).0
    }
}

impl Drop for LoadedSample {
    fn drop(&mut self) {
        self.pool.give(std::mem::take(&mut self.planes));
    }
}

/// Buffers that wait to be used again.
#[derive(Debug)]
pub(super) struct Pool {
    free: Mutex<Vec<StoredPlanes>>,
    max: usize,
}

impl Pool {
    /// Room for at most `max` waiting buffers.
    pub(super) fn new(max: usize) -> Self {
        Self {
            free: Mutex::new(Vec::new()),
            max,
        }
    }

    /// A used buffer, or a new one.
    pub(super) fn take(&self) -> StoredPlanes {
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        free.pop().unwrap_or_default()
    }

    pub(super) fn give(&self, planes: StoredPlanes) {
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        if free.len() < self.max {
            free.push(planes);
        }
    }
}
