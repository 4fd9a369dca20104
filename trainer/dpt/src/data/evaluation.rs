//! What is held out, in order, as it is: no augmentation, pictures at their own size, with the
//! labels that results are grouped by.

use std::collections::BTreeMap;
use std::sync::Arc;

use bottega_format::loader::{Loader, LoaderOptions, PlaneSet, Shuffle};
use bottega_schemas::Kind;
use bottega_schemas::sample::COLUMNS;

use super::frame::Frame;
use super::sources::{HeldOut, label_of};
use crate::error::TrainError;

/// A sample that is evaluated on.
#[derive(Clone, Debug)]
pub struct HeldOutSample {
    /// Number of its dataset among those that are held out.
    pub dataset: usize,
    /// Row among those of its dataset that are held out.
    pub row: u64,
    /// Name of the sample.
    pub sample_id: Arc<str>,
    /// The person, where the dataset knows.
    pub identity_id: Option<String>,
    /// Every label that makes groups and that the row knows, by its column.
    pub labels: BTreeMap<&'static str, String>,
    /// Picture and truth.
    pub frame: Frame,
}

/// Labels of one row.
type Labels = (Option<String>, BTreeMap<&'static str, String>);

/// Row, name, picture and truth.
type Read = (u64, Arc<str>, Frame);

/// Reads what is held out, ahead of whoever takes it.
#[derive(Debug)]
pub struct Evaluation {
    held_out: Vec<HeldOut>,
    options: LoaderOptions,
    /// Number of the dataset that is read now.
    dataset: usize,
    /// Its reader and the labels of its rows.
    reading: Option<(Loader<Read>, Vec<Labels>)>,
    total: u64,
}

impl Evaluation {
    /// Reads the part of `rank` among `ranks`, which share each dataset sample by sample. `threads`
    /// decode; 0 takes the number of cores.
    ///
    /// # Errors
    /// A rank that is none.
    pub fn new(
        held_out: &[HeldOut],
        planes: PlaneSet,
        threads: usize,
        (rank, ranks): (u64, u64),
    ) -> Result<Self, TrainError> {
        if rank >= ranks {
            let reason = format!("rank {rank} of {ranks}; ranks count from 0");
            return Err(TrainError::stopped(reason));
        }
        let threads = super::feed::threads(threads);
        let options = LoaderOptions {
            shuffle: Shuffle::Sequential,
            planes,
            threads,
            prefetch: threads + 2,
            rank,
            ranks,
            epochs: Some(1),
            ..LoaderOptions::default()
        };
        let share = |rows: u64| rows.saturating_sub(rank).div_ceil(ranks);
        Ok(Self {
            total: held_out.iter().map(|held| share(held.source.rows())).sum(),
            held_out: held_out.to_vec(),
            options,
            dataset: 0,
            reading: None,
        })
    }

    /// Samples of this rank.
    pub fn total(&self) -> u64 {
        self.total
    }

    /// Names of the datasets.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.held_out.iter().map(|held| held.name.as_str())
    }

    /// The next sample.
    ///
    /// # Errors
    /// A sample that cannot be read, with shard, row and plane.
    pub fn next_sample(&mut self) -> Result<Option<HeldOutSample>, TrainError> {
        loop {
            if let Some((loader, labels)) = &mut self.reading {
                if let Some((row, sample_id, frame)) = loader.next_sample()? {
                    let (identity_id, labels) = labels
                        .get_mut(row as usize)
                        .map(std::mem::take)
                        .unwrap_or_default();
                    return Ok(Some(HeldOutSample {
                        dataset: self.dataset,
                        row,
                        sample_id,
                        identity_id,
                        labels,
                        frame,
                    }));
                }
                self.reading = None;
                self.dataset += 1;
            }
            let Some(held) = self.held_out.get(self.dataset) else {
                return Ok(None);
            };
            if held.source.rows() <= self.options.rank {
                self.dataset += 1;
                continue;
            }
            let mut options = self.options.clone();
            // Fewer rows than ranks: each rank that has one reads it.
            options.ranks = options.ranks.min(held.source.rows());
            let mix = [(held.source.clone(), 1.0)];
            let loader = Loader::mapped(&mix, options, None, |sample| {
                let id = sample.facts().sample_id.clone();
                (sample.place().row, id, Frame::of_sample(&sample))
            })?;
            self.reading = Some((loader, labels(held)?));
        }
    }
}

impl Iterator for Evaluation {
    type Item = Result<HeldOutSample, TrainError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.next_sample().transpose()
    }
}

/// The labels of every row that make groups: words of a vocabulary, truth values, small numbers.
fn labels(held: &HeldOut) -> Result<Vec<Labels>, TrainError> {
    let columns: Vec<&'static str> = COLUMNS
        .iter()
        .filter(|column| matches!(column.kind, Kind::Category | Kind::Bool | Kind::I8))
        .map(|column| column.name)
        .collect();
    let wanted: Vec<&str> = columns.iter().copied().chain(["identity_id"]).collect();
    let labels = held.source.map_labels(&wanted, |row| {
        let known = columns.iter().filter_map(|&name| {
            let value = label_of(row, name).filter(|value| !value.is_empty())?;
            Some((name, value))
        });
        (row.word("identity_id").map(str::to_owned), known.collect())
    })?;
    Ok(labels)
}
