//! Batches that are ready before the step asks for them.
//!
//! ```text
//! Loader threads: read, decode, augment, fit -- in order --> one thread: tensors -- at most 2 --> next_batch
//! ```
//!
//! A sample becomes what it is in the batch in the very thread that decoded it, as a pure function
//! of its planes and its place in the stream, so batches are the same for any number of threads, and
//! a run that goes on from [`Feed::state`] gets the batches that were to come. Memory is bounded:
//! `data.prefetch` samples and three batches.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Instant;

use bottega_format::loader::{
    LoadedSample, Loader, LoaderOptions, LoaderState, Place, PlaneSet, RowReader, Shuffle,
};
use bottega_schemas::train::{AugmentConfig, Fit, ShuffleChoice};
use bottega_schemas::{Plane, Seed, Task, TrainConfig};

use super::augment::{augment_in_place, wants_background};
use super::batch::Batch;
use super::fit::Fitting;
use super::frame::Frame;
use super::planar::PlanarFrame;
use super::sources::DataSources;
use crate::error::TrainError;

/// Batches that wait while another is in the making.
const BATCHES_AHEAD: usize = 1;

/// A sample as it goes into a batch.
struct Ready {
    sample_id: Arc<str>,
    place: Place,
    frame: PlanarFrame,
}

/// A batch, and where the stream stands after it.
type Message = Result<(Batch, LoaderState), TrainError>;

/// Gives out batches of augmented samples, ahead of whoever takes them.
#[derive(Debug)]
pub struct Feed {
    batches: Option<Receiver<Message>>,
    thread: Option<JoinHandle<()>>,
    state: LoaderState,
    images: u64,
    images_per_epoch: u64,
    wait_s: f64,
    last_wait_s: f64,
}

impl Feed {
    /// Starts to make the batches of `rank` among `ranks`; `state` is where an earlier run stood.
    /// An epoch is cut to whole batches of all ranks; sources with fewer samples than one such step
    /// are read as often as it takes.
    ///
    /// # Errors
    /// A plane that a shard lacks, a state of another dataset, a rank that is none.
    pub fn new(
        config: &TrainConfig,
        sources: &DataSources,
        (rank, ranks): (u64, u64),
        state: Option<&LoaderState>,
    ) -> Result<Self, TrainError> {
        let data = &config.data;
        let threads = threads(data.threads);
        let step = data.batch as u64 * ranks.max(1);
        let rows: u64 = (sources.training.iter().map(|(source, _)| source.rows())).sum();
        let options = LoaderOptions {
            seed: config.run.seed,
            shuffle: match data.shuffle {
                ShuffleChoice::Global => Shuffle::Global,
                ShuffleChoice::Block => Shuffle::Block,
                ShuffleChoice::None => Shuffle::Sequential,
            },
            planes: planes_of(&config.model.tasks),
            threads,
            prefetch: data.prefetch.max(threads),
            rank,
            ranks,
            batch: Some(data.batch as u64),
            samples_per_epoch: (rows < step).then_some(step),
            ..LoaderOptions::default()
        };
        let free = Arc::new(Free::default());
        let maker = Maker::new(config, sources, free.clone())?;
        let loader = Loader::mapped(&sources.training, options, state, move |sample| {
            maker.make(&sample)
        })?;
        let (state, images_per_epoch) = (loader.state(), loader.samples_per_epoch());
        let (sender, batches) = sync_channel(BATCHES_AHEAD);
        let size = data.batch;
        let thread = std::thread::Builder::new()
            .name("feed".to_owned())
            .spawn(move || assemble(loader, size, &free, &sender))
            .map_err(|error| TrainError::io("start a thread for", "the feed".as_ref(), error))?;
        Ok(Self {
            batches: Some(batches),
            thread: Some(thread),
            state,
            images: 0,
            images_per_epoch,
            wait_s: 0.0,
            last_wait_s: 0.0,
        })
    }

    /// The next batch. The stream has no end.
    ///
    /// # Errors
    /// A sample that cannot be read, with shard, row and plane; nothing comes after it.
    pub fn next_batch(&mut self) -> Result<Batch, TrainError> {
        let start = Instant::now();
        let received = self
            .batches
            .as_ref()
            .and_then(|batches| batches.recv().ok());
        self.last_wait_s = start.elapsed().as_secs_f64();
        self.wait_s += self.last_wait_s;
        let message = received.unwrap_or_else(|| {
            let reason = "the feed of training samples has ended after an error";
            Err(TrainError::stopped(reason))
        });
        let (batch, state) = message?;
        self.state = state;
        self.images += batch.len() as u64;
        Ok(batch)
    }

    /// Where the stream stands after the last batch that was given out: for the checkpoint.
    pub fn state(&self) -> &LoaderState {
        &self.state
    }

    /// Time that the last batch was waited for, in seconds.
    pub fn last_wait_s(&self) -> f64 {
        self.last_wait_s
    }

    /// Time that all batches were waited for, in seconds.
    pub fn wait_s(&self) -> f64 {
        self.wait_s
    }

    /// Pictures given out so far.
    pub fn images(&self) -> u64 {
        self.images
    }

    /// Pictures of this rank in an epoch.
    pub fn images_per_epoch(&self) -> u64 {
        self.images_per_epoch
    }
}

impl Drop for Feed {
    fn drop(&mut self) {
        // Whoever makes batches sees that nobody takes them.
        self.batches = None;
        if let Some(thread) = self.thread.take() {
            // A thread that panicked has nothing more to say.
            let _ = thread.join();
        }
    }
}

/// Number of threads; 0 is one for each core.
pub(super) fn threads(wanted: usize) -> usize {
    match wanted {
        0 => std::thread::available_parallelism().map_or(1, usize::from),
        wanted => wanted,
    }
}

/// The planes that tasks need. Depth says where normals count, too.
pub fn planes_of(tasks: &[Task]) -> PlaneSet {
    let mut planes = vec![Plane::Rgb8, Plane::Alpha];
    if tasks.iter().any(|task| *task != Task::Alpha) {
        planes.push(Plane::Depth);
    }
    if tasks.contains(&Task::Normal) {
        planes.push(Plane::Normal);
    }
    PlaneSet::of(&planes).expect("every shard may store these planes")
}

/// Puts samples together to batches until nobody takes them or one is broken.
fn assemble(
    mut loader: Loader<Result<Ready, TrainError>>,
    size: usize,
    free: &Free<PlanarFrame>,
    sender: &SyncSender<Message>,
) {
    loop {
        let message = next_batch(&mut loader, size, free);
        let is_last = message.is_err();
        if sender.send(message).is_err() || is_last {
            return;
        }
    }
}

fn next_batch(
    loader: &mut Loader<Result<Ready, TrainError>>,
    size: usize,
    free: &Free<PlanarFrame>,
) -> Message {
    let mut samples = Vec::with_capacity(size);
    while samples.len() < size {
        let Some(sample) = loader.next_sample()? else {
            return Err(TrainError::stopped("the stream of samples has ended"));
        };
        samples.push(sample?);
    }
    let frames: Vec<&PlanarFrame> = samples.iter().map(|sample| &sample.frame).collect();
    let mut batch = Batch::of_planes(&frames)?;
    batch.places = samples.iter().map(|sample| sample.place).collect();
    for sample in samples {
        batch.sample_ids.push(sample.sample_id);
        free.give(sample.frame);
    }
    Ok((batch, loader.state()))
}

/// Memory that waits to be used again: large blocks that come and go cost more in page faults than
/// what is done with them.
struct Free<T>(Mutex<Vec<T>>);

impl<T> Default for Free<T> {
    fn default() -> Self {
        Self(Mutex::new(Vec::new()))
    }
}

impl<T: Default> Free<T> {
    fn take(&self) -> T {
        let mut free = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        free.pop().unwrap_or_default()
    }

    fn give(&self, used: T) {
        let mut free = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        free.push(used);
    }
}

/// Makes of each sample what goes into a batch.
struct Maker {
    augment: AugmentConfig,
    fit: Fit,
    size: (usize, usize),
    seed: u64,
    /// Pictures and coverage of what is trained on, and the weights, for backgrounds.
    backgrounds: Vec<(RowReader, f64)>,
    /// What threads work in: a frame, and another that its augmentation needs.
    benches: Free<(Frame, Frame)>,
    planes: Arc<Free<PlanarFrame>>,
}

impl Maker {
    fn new(
        config: &TrainConfig,
        sources: &DataSources,
        free: Arc<Free<PlanarFrame>>,
    ) -> Result<Self, TrainError> {
        let mut backgrounds = Vec::new();
        if config.augment.enabled && config.augment.background > 0.0 {
            for (source, weight) in &sources.training {
                let planes = planes_of(&[Task::Alpha]);
                backgrounds.push((RowReader::new(source, planes)?, *weight));
            }
        }
        Ok(Self {
            augment: config.augment.clone(),
            fit: config.data.fit,
            size: config.data.size_px.into(),
            seed: config.run.seed,
            backgrounds,
            benches: Free::default(),
            planes: free,
        })
    }

    fn make(&self, sample: &LoadedSample) -> Result<Ready, TrainError> {
        let (mut frame, mut spare) = self.benches.take();
        frame.fill(sample.planes(), sample.facts().camera_px);
        let seed = sample.augmentation_seed(self.seed);
        if self.augment.enabled {
            let inner = Fitting::new((frame.width, frame.height), self.size, self.fit).inner();
            let background = match wants_background(&self.augment, seed) {
                true => self.background(seed, sample.place())?,
                false => None,
            };
            let (config, background) = (&self.augment, background.as_ref());
            augment_in_place(&mut frame, config, seed, inner, background, &mut spare);
        }
        let mut planes = self.planes.take();
        planes.fill(&frame, self.size, self.fit);
        self.benches.give((frame, spare));
        Ok(Ready {
            sample_id: sample.facts().sample_id.clone(),
            place: sample.place(),
            frame: planes,
        })
    }

    /// Another picture than that of a place, chosen by a seed; `None` where there is no other.
    fn background(&self, seed: u64, place: Place) -> Result<Option<Frame>, TrainError> {
        let key = Seed(seed).child("background/sample");
        let total: f64 = self.backgrounds.iter().map(|(_, weight)| weight).sum();
        let mut at = key.child("source").unit_f64() * total;
        let chosen = self.backgrounds.iter().position(|(_, weight)| {
            at -= weight;
            at < 0.0
        });
        let source = chosen.unwrap_or(0);
        let Some((reader, _)) = self.backgrounds.get(source) else {
            return Ok(None);
        };
        let rows = reader.rows();
        let mut row = (key.child("row").unit_f64() * rows as f64) as u64;
        if source == place.source && row == place.row {
            if rows == 1 {
                return Ok(None);
            }
            row = (row + 1) % rows;
        }
        let planes = reader.read(row)?;
        Ok(Some(Frame::of_planes(&planes, [f64::NAN; 4])))
    }
}
