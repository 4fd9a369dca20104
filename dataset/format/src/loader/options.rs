//! What a loader is told, and what it tells.

use bottega_schemas::Plane;

use super::decode::PlaneLoad;
use super::order::Shuffle;
use super::planes::PlaneSet;

/// What happens to a sample that cannot be read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Broken {
    /// It is an error.
    #[default]
    Refuse,
    /// It is left out, counted, and told as a warning.
    Skip,
}

/// How samples are read. Threads and depth change the speed alone, never the stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoaderOptions {
    /// Seed of the orders.
    pub seed: u64,
    /// How rows are mixed.
    pub shuffle: Shuffle,
    /// Row groups in a window of [`Shuffle::Block`].
    pub block: usize,
    /// Planes that are read.
    pub planes: PlaneSet,
    /// Threads that read and decode.
    pub threads: usize,
    /// Samples that may wait or be in the making, all threads together.
    pub prefetch: usize,
    /// Number of this reader among `ranks`.
    pub rank: u64,
    /// Readers that share the stream.
    pub ranks: u64,
    /// Samples of a batch of one rank: an epoch is cut to whole batches of all ranks, so that all
    /// take the same number of steps. `None` reads every sample of an epoch.
    pub batch: Option<u64>,
    /// Epochs after which the stream ends, counted from epoch 0; `None` is endless.
    pub epochs: Option<u64>,
    /// Samples of an epoch over all ranks; `None` is the number of rows of all sources.
    pub samples_per_epoch: Option<u64>,
    /// What happens to a sample that cannot be read.
    pub broken: Broken,
}

impl Default for LoaderOptions {
    fn default() -> Self {
        Self {
            seed: 0,
            shuffle: Shuffle::Global,
            block: 64,
            planes: PlaneSet::default(),
            threads: std::thread::available_parallelism().map_or(1, usize::from),
            prefetch: 32,
            rank: 0,
            ranks: 1,
            batch: None,
            epochs: None,
            samples_per_epoch: None,
            broken: Broken::Refuse,
        }
    }
}

/// What a loader has done so far.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LoaderStats {
    /// Samples given out.
    pub samples: u64,
    /// Samples left out because they could not be read.
    pub skipped: u64,
    /// What was wrong with the first of them.
    pub first_skipped: Vec<String>,
    /// Time that the reader waited for samples, in seconds.
    pub wait_s: f64,
    /// The same for the last sample or batch.
    pub last_wait_s: f64,
    /// Time of reading bytes, in seconds, all threads together.
    pub read_s: f64,
    /// Sizes and times of decoding by plane.
    pub planes: Vec<(Plane, PlaneLoad)>,
}
