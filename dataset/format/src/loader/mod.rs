//! Random-order, resumable reading of shards, for training.
//!
//! ```text
//! (seed, epoch, position) --Order, Mix--> source, row      a pure function: no state but a number
//!        | ticket                             |
//!        v                                    v
//!      Ring <------ workers: read pages, decode into buffers, as many threads as you like
//!        | in order of position
//!        v
//!      Loader::next -> LoadedSample -- dropped --> its buffers are used again
//! ```
//!
//! [`Loader::mapped`] makes something else of each sample, in the threads that read; [`RowReader`]
//! reads single rows.
//!
//! The stream depends on the datasets, the seed and the kind of shuffle alone: never on the number
//! of threads, the depth of the ring, or on what was read before. Rank r of R takes the positions
//! r, r + R, ... of each epoch, and [`LoaderState`] is enough to go on from any sample. See
//! `docs/loader.md`.

mod decode;
mod mix;
mod options;
mod order;
pub(crate) mod planes;
mod report;
mod ring;
mod row_reader;
mod sample;
mod source;
mod state;
mod stream_hash;
mod workers;

pub use decode::PlaneLoad;
pub use options::{Broken, LoaderOptions, LoaderStats};
pub use order::{Order, Shuffle};
pub use planes::PlaneSet;
pub use report::{LoadReport, PlaneReport};
pub use row_reader::RowReader;
pub use sample::{LoadedSample, Place};
pub(crate) use source::dataset_fingerprint;
pub use source::{RowFacts, RowLabels, Source};
pub use state::LoaderState;
pub use stream_hash::StreamHash;

use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::error::FormatError;

use workers::{Finished, Shared};

/// Reads samples in a shuffled order, ahead of whoever takes them; gives out what is made of each.
#[derive(Debug)]
pub struct Loader<T = LoadedSample> {
    shared: Arc<Shared<T>>,
    workers: Vec<JoinHandle<()>>,
    /// Tickets taken so far.
    taken: u64,
    samples: u64,
    skipped: u64,
    first_skipped: Vec<String>,
    wait: Duration,
    last_wait: Duration,
}

impl Loader {
    /// Starts to read one dataset; `state` is where an earlier run stood.
    ///
    /// # Errors
    /// Options that contradict each other, a plane that a shard lacks, a state of another dataset.
    pub fn new(
        source: &Source,
        options: LoaderOptions,
        state: Option<&LoaderState>,
    ) -> Result<Self, FormatError> {
        Self::mixed(&[(source.clone(), 1.0)], options, state)
    }

    /// Starts to read several sources, each with its weight in the stream.
    ///
    /// # Errors
    /// As [`Loader::new`], and weights that are not positive numbers.
    pub fn mixed(
        sources: &[(Source, f64)],
        options: LoaderOptions,
        state: Option<&LoaderState>,
    ) -> Result<Self, FormatError> {
        Self::mapped(sources, options, state, |sample| sample)
    }

    /// The next `n` samples, fewer at the end; a batch never spans two epochs.
    ///
    /// # Errors
    /// As [`Loader::next_sample`].
    pub fn next_batch(&mut self, n: usize) -> Result<Vec<LoadedSample>, FormatError> {
        let mut batch = Vec::with_capacity(n);
        let mut wait = Duration::ZERO;
        while batch.len() < n {
            let Some(sample) = self.next_sample()? else {
                break;
            };
            wait += self.last_wait;
            let epoch = sample.place().epoch;
            batch.push(sample);
            if self.state().epoch != epoch {
                break;
            }
        }
        self.last_wait = wait;
        Ok(batch)
    }
}

impl<T: Send + 'static> Loader<T> {
    /// Starts to read several sources, each with its weight in the stream, and to make something
    /// of each sample with `make`, which runs in the threads that read. The stream is the same for
    /// any number of them if what `make` gives depends on the sample alone.
    ///
    /// # Errors
    /// As [`Loader::mixed`].
    pub fn mapped(
        sources: &[(Source, f64)],
        options: LoaderOptions,
        state: Option<&LoaderState>,
        make: impl Fn(LoadedSample) -> T + Send + Sync + 'static,
    ) -> Result<Self, FormatError> {
        let shared = Arc::new(Shared::new(sources, options, state, Box::new(make))?);
        let spawn = |i: usize| {
            let shared = shared.clone();
            std::thread::Builder::new()
                .name(format!("loader-{i}"))
                .spawn(move || shared.work())
                .map_err(|error| {
                    FormatError::io("start a thread for", "the loader".as_ref(), error)
                })
        };
        let workers: Result<Vec<_>, _> = (0..shared.options.threads.max(1)).map(spawn).collect();
        if workers.is_err() {
            shared.close();
        }
        Ok(Self {
            workers: workers?,
            shared,
            taken: 0,
            samples: 0,
            skipped: 0,
            first_skipped: Vec::new(),
            wait: Duration::ZERO,
            last_wait: Duration::ZERO,
        })
    }

    /// Where the loader stands: before the sample that comes next.
    pub fn state(&self) -> LoaderState {
        self.shared.state_after(self.taken)
    }

    /// What was read so far, and how long the reader waited.
    pub fn stats(&self) -> LoaderStats {
        let counters = self.shared.counters.planes();
        LoaderStats {
            samples: self.samples,
            skipped: self.skipped,
            first_skipped: self.first_skipped.clone(),
            wait_s: self.wait.as_secs_f64(),
            last_wait_s: self.last_wait.as_secs_f64(),
            read_s: self.shared.counters.read_s(),
            planes: self.shared.options.planes.iter().zip(counters).collect(),
        }
    }

    /// Samples of this rank in an epoch.
    pub fn samples_per_epoch(&self) -> u64 {
        self.shared.schedule.samples_per_epoch()
    }

    /// The next sample.
    ///
    /// # Errors
    /// A sample that cannot be read, with shard, row and plane, where [`Broken::Refuse`] is the
    /// rule; the call after it goes on with the sample after it.
    pub fn next_sample(&mut self) -> Result<Option<T>, FormatError> {
        let start = Instant::now();
        let mut skipped = Ok(None);
        while let Some(finished) = self.shared.ring.take() {
            self.taken += 1;
            match finished {
                Finished::Sample(sample) => {
                    self.samples += 1;
                    skipped = Ok(Some(*sample));
                    break;
                }
                Finished::Broken(error) if self.shared.options.broken == Broken::Skip => {
                    self.skipped += 1;
                    if self.first_skipped.len() < 10 {
                        self.first_skipped.push(error.to_string());
                    }
                    tracing::warn!("skipped: {error}");
                }
                Finished::Broken(error) => {
                    skipped = Err(error);
                    break;
                }
            }
        }
        self.last_wait = start.elapsed();
        self.wait += self.last_wait;
        skipped
    }
}

impl<T: Send + 'static> Iterator for Loader<T> {
    type Item = Result<T, FormatError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.next_sample().transpose()
    }
}

impl<T> Drop for Loader<T> {
    fn drop(&mut self) {
        self.shared.close();
        for worker in self.workers.drain(..) {
            // A worker that panicked has nothing more to say.
            let _ = worker.join();
        }
    }
}
