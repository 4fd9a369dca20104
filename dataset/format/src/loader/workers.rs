//! What the threads of a loader share, and what each of them does.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};

use crate::error::FormatError;
use crate::pixels::Scratch;

use super::decode::{Counters, read_row};
use super::mix::Mix;
use super::options::LoaderOptions;
use super::order::{Order, Shuffle};
use super::ring::Ring;
use super::sample::{LoadedSample, Place, Pool};
use super::source::Source;
use super::state::LoaderState;

/// A ticket that was worked off.
#[derive(Debug)]
pub(super) enum Finished<T> {
    Sample(Box<T>),
    Broken(FormatError),
}

/// What is made of each sample, in the threads that read.
pub(super) type Make<T> = Box<dyn Fn(LoadedSample) -> T + Send + Sync>;

/// Which positions this rank takes, as a function of the number of the ticket.
#[derive(Clone, Copy, Debug)]
pub(super) struct Schedule {
    /// Positions of an epoch, over all ranks.
    epoch_length: u64,
    rank: u64,
    ranks: u64,
    /// Where rank 0 starts.
    start: (u64, u64),
}

impl Schedule {
    /// Tickets of this rank in an epoch that starts at `from`.
    fn tickets_from(&self, from: u64) -> u64 {
        self.epoch_length
            .saturating_sub(from + self.rank)
            .div_ceil(self.ranks)
    }

    pub(super) fn samples_per_epoch(&self) -> u64 {
        self.tickets_from(0)
    }

    /// Epoch and position of a ticket.
    fn at(&self, ticket: u64) -> (u64, u64) {
        let (epoch, from) = self.start;
        let first = self.tickets_from(from);
        if ticket < first {
            return (epoch, from + self.rank + ticket * self.ranks);
        }
        // Never zero where there are tickets: see `Shared::new`.
        let each = self.tickets_from(0);
        let later = ticket - first;
        let position = self.rank + later % each * self.ranks;
        (epoch + 1 + later / each, position)
    }

    /// Epoch and position that rank 0 takes when this many tickets of a rank are done.
    fn state_after(&self, tickets: u64) -> (u64, u64) {
        if tickets == 0 {
            return self.start;
        }
        let (epoch, position) = self.at(tickets - 1);
        let next = position - self.rank + self.ranks;
        if next + self.rank < self.epoch_length {
            (epoch, next)
        } else {
            (epoch + 1, 0)
        }
    }

    /// Tickets before epoch `end`.
    fn tickets_until(&self, end: Option<u64>) -> u64 {
        let Some(end) = end else {
            return u64::MAX;
        };
        let (epoch, from) = self.start;
        if epoch >= end {
            return 0;
        }
        self.tickets_from(from) + (end - epoch - 1) * self.tickets_from(0)
    }
}

/// What the threads of a loader share.
pub(super) struct Shared<T> {
    pub(super) options: LoaderOptions,
    pub(super) schedule: Schedule,
    pub(super) ring: Ring<Finished<T>>,
    pub(super) counters: Counters,
    start: LoaderState,
    sources: Vec<Source>,
    mix: Mix,
    pool: Arc<Pool>,
    /// The orders in use: source, its epoch, order.
    orders: Mutex<Vec<(usize, u64, Arc<Order>)>>,
    make: Make<T>,
}

impl<T> std::fmt::Debug for Shared<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut shared = f.debug_struct("Shared");
        shared.field("options", &self.options);
        shared.finish_non_exhaustive()
    }
}

impl<T> Shared<T> {
    pub(super) fn new(
        sources: &[(Source, f64)],
        options: LoaderOptions,
        state: Option<&LoaderState>,
        make: Make<T>,
    ) -> Result<Self, FormatError> {
        let wrong = |reason: String| FormatError::unusable("loader options", reason);
        if options.ranks == 0 || options.rank >= options.ranks {
            let (rank, ranks) = (options.rank, options.ranks);
            return Err(wrong(format!(
                "rank {rank} of {ranks}; ranks count from 0 and are less than their number"
            )));
        }
        if sources.is_empty() {
            return Err(wrong("no dataset".to_owned()));
        }
        for (source, _) in sources {
            source.check_planes(&options.planes)?;
        }
        let weights: Vec<f64> = sources.iter().map(|(_, weight)| *weight).collect();
        let mix = Mix::new(&weights, options.seed)?;

        let rows: u64 = sources.iter().map(|(source, _)| source.rows()).sum();
        let wanted = options.samples_per_epoch.unwrap_or(rows);
        let step = options
            .batch
            .map_or(1, |batch| batch.max(1) * options.ranks);
        let epoch_length = wanted / step * step;
        if epoch_length < options.ranks {
            return Err(wrong(format!(
                "an epoch of {wanted} samples has no whole step of {} ranks with batches of {}; \
                 use fewer ranks or smaller batches",
                options.ranks,
                options.batch.unwrap_or(1)
            )));
        }

        let fingerprint = match sources {
            [(source, _)] if options.samples_per_epoch.is_none() => source.fingerprint().to_owned(),
            sources => {
                let mut hasher = blake3::Hasher::new();
                for (source, weight) in sources {
                    hasher.update(source.fingerprint().as_bytes());
                    hasher.update(&weight.to_bits().to_le_bytes());
                }
                hasher.update(&wanted.to_le_bytes());
                hasher.finalize().to_hex().to_string()
            }
        };
        let start = LoaderState::start(
            options.seed,
            options.shuffle,
            options.block as u64,
            fingerprint,
        );
        let start = match state {
            Some(state) => {
                state.check(&start)?;
                state.clone()
            }
            None => start,
        };
        // A state saved with other batches may stand beyond the last whole step.
        let at = if start.position + options.rank < epoch_length {
            (start.epoch, start.position)
        } else {
            (start.epoch + 1, 0)
        };
        let schedule = Schedule {
            epoch_length,
            rank: options.rank,
            ranks: options.ranks,
            start: at,
        };
        let tickets = schedule.tickets_until(options.epochs);
        let depth = options.prefetch.max(options.threads).max(1);
        Ok(Self {
            ring: Ring::new(depth, tickets),
            counters: Counters::new(&options.planes),
            sources: sources.iter().map(|(source, _)| source.clone()).collect(),
            pool: Arc::new(Pool::new(2 * depth)),
            orders: Mutex::new(Vec::new()),
            schedule,
            start,
            mix,
            make,
            options,
        })
    }

    pub(super) fn state_after(&self, tickets: u64) -> LoaderState {
        let (epoch, position) = self.schedule.state_after(tickets);
        LoaderState {
            epoch,
            position,
            ..self.start.clone()
        }
    }

    pub(super) fn close(&self) {
        self.ring.close();
    }

    /// What a thread does until there is no more.
    pub(super) fn work(&self) {
        let mut scratch = Scratch::default();
        while let Some(ticket) = self.ring.ticket() {
            let finished = self.finish(ticket, &mut scratch);
            self.ring.put(ticket, finished);
        }
    }

    fn finish(&self, ticket: u64, scratch: &mut Scratch) -> Finished<T> {
        let place = self.place(ticket);
        let source = &self.sources[place.source];
        let row = source.dataset_row(place.row);
        let mut planes = self.pool.take();
        let planes_wanted = &self.options.planes;
        // A decoder that panics would leave the reader waiting for this ticket for ever.
        let read = catch_unwind(AssertUnwindSafe(|| {
            let counters = &self.counters;
            read_row(
                &source.data,
                row,
                planes_wanted,
                counters,
                scratch,
                &mut planes,
            )
        }));
        let gave_up = || {
            let reason = format!("the reader gave up on row {row} of the dataset");
            FormatError::malformed("sample", reason)
        };
        match read.unwrap_or_else(|_| Err(gave_up())) {
            Ok(()) => {
                let facts = source.data.facts(row).clone();
                let sample = LoadedSample::new(place, facts, planes, self.pool.clone());
                match catch_unwind(AssertUnwindSafe(|| (self.make)(sample))) {
                    Ok(made) => Finished::Sample(Box::new(made)),
                    Err(_) => Finished::Broken(gave_up()),
                }
            }
            Err(error) => {
                self.pool.give(planes);
                Finished::Broken(error)
            }
        }
    }

    /// Where a ticket stands in the stream.
    fn place(&self, ticket: u64) -> Place {
        let (epoch, position) = self.schedule.at(ticket);
        let (source, count) = if self.sources.len() == 1 && self.options.samples_per_epoch.is_none()
        {
            // Cut epochs start anew, each with its own order.
            (0, epoch * self.sources[0].rows() + position)
        } else {
            self.mix
                .source_at(epoch * self.schedule.epoch_length + position)
        };
        let rows = self.sources[source].rows();
        let order = self.order(source, count / rows);
        Place {
            epoch,
            position,
            source,
            row: order.row_at(count % rows),
        }
    }

    /// The order of an epoch of a source; the last few are kept.
    fn order(&self, source: usize, epoch: u64) -> Arc<Order> {
        let mut orders = self.orders.lock().unwrap_or_else(PoisonError::into_inner);
        let is_it = |(s, e, _): &(usize, u64, Arc<Order>)| (*s, *e) == (source, epoch);
        if let Some((_, _, order)) = orders.iter().find(|entry| is_it(entry)) {
            return order.clone();
        }
        // Sources of a mix are mixed each in its own way.
        let seed = self.options.seed.wrapping_add(source as u64);
        let LoaderOptions { shuffle, block, .. } = self.options;
        let order = Order::new(seed, epoch, shuffle, &self.sources[source].groups, block);
        let order = Arc::new(order);
        orders.insert(0, (source, epoch, order.clone()));
        // Orders of two epochs meet at their border; only blocks take memory.
        orders.truncate(if shuffle == Shuffle::Block { 4 } else { 2 } * self.sources.len());
        order
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_share_the_positions_and_a_state_goes_on_where_it_stood() {
        for (length, ranks) in [(10, 1), (10, 3), (12, 4), (7, 2)] {
            let schedule = |rank, start| Schedule {
                epoch_length: length,
                rank,
                ranks,
                start,
            };
            let mut seen: Vec<u64> = (0..ranks)
                .flat_map(|rank| {
                    let schedule = schedule(rank, (0, 0));
                    (0..schedule.samples_per_epoch()).map(move |t| schedule.at(t).1)
                })
                .collect();
            seen.sort_unstable();
            assert_eq!(seen, (0..length).collect::<Vec<_>>());
            for rank in 0..ranks {
                let whole = schedule(rank, (0, 0));
                for done in 0..3 * whole.samples_per_epoch() {
                    let rest = schedule(rank, whole.state_after(done));
                    assert_eq!(rest.at(0), whole.at(done), "{rank} of {ranks} after {done}");
                    assert_eq!(rest.at(9), whole.at(done + 9));
                    let end = whole.tickets_until(Some(3));
                    assert_eq!(rest.tickets_until(Some(3)), end - done);
                }
            }
        }
    }
}
