//! The ring: every rank sends to the next and receives from the one before.
//!
//! A mean of n ranks cuts a bucket into n chunks. In n - 1 rounds the sums of chunks travel round
//! the ring, each rank adding its own values; in n - 1 further rounds the finished chunks do
//! (Patarasuk and Yuan, "Bandwidth optimal all-reduce algorithms for clusters of workstations",
//! 2009). Chunk c is added in the order of ranks c, c + 1, ..., c - 1, however fast each is: the
//! result has the same bits on every rank and in every run.

use std::ops::Range;

use half::bf16;
use half::slice::HalfFloatSliceExt as _;

use bottega_schemas::train::Wire;

use super::Collective;
use crate::error::TrainError;

/// Values of a bucket: large enough for the network, and small beside the gradients.
const BUCKET: usize = 1 << 22;

/// Values of a message that is handed on.
const SEGMENT: usize = 1 << 20;

/// A rank's place in a ring, and the way to its neighbours.
pub trait Link {
    /// Number of this process, from 0.
    fn rank(&self) -> usize;

    /// Number of processes, at least 2.
    fn ranks(&self) -> usize;

    /// What carries the bytes, for the log.
    fn name(&self) -> &'static str;

    /// Sends bytes to the next rank while it receives as many as `received` holds from the one
    /// before. Either may be empty, and then nothing is sent or received.
    ///
    /// # Errors
    /// A neighbour that is gone, or that does not answer in time.
    fn exchange(&mut self, sent: &[u8], received: &mut [u8]) -> Result<(), TrainError>;

    /// Ends in order; every rank has said that it does.
    fn close(&mut self) {}
}

/// Ranks in a ring.
#[derive(Debug)]
pub struct Ring<L> {
    link: L,
    wire: Wire,
    incoming: Vec<f32>,
    halves_out: Vec<bf16>,
    halves_in: Vec<bf16>,
}

/// What the ranks do next; all must do the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Act {
    Mean,
    MeanBf16,
    Broadcast { root: usize },
    Gather,
}

impl<L: Link> Ring<L> {
    /// A ring whose gradients travel as `wire` says.
    pub fn new(link: L, wire: Wire) -> Self {
        Self {
            link,
            wire,
            incoming: Vec::new(),
            halves_out: Vec::new(),
            halves_in: Vec::new(),
        }
    }

    /// Makes sure that the rank before does the same, which turns a hang or nonsense into words.
    fn agree(&mut self, act: Act, length: usize) -> Result<(), TrainError> {
        let own = act.bytes(length);
        let mut theirs = own;
        self.link.exchange(&own, &mut theirs)?;
        if own == theirs {
            return Ok(());
        }
        let n = self.link.ranks();
        let (rank, before) = (self.link.rank(), (self.link.rank() + n - 1) % n);
        let theirs = Act::words(theirs);
        let own = Act::words(own);
        Err(TrainError::stopped(format!(
            "the ranks are out of step: rank {rank} {own}, rank {before} {theirs}; every rank must \
             run the same program with the same configuration"
        )))
    }

    /// Where a chunk of a bucket lies.
    fn chunk(&self, length: usize, index: usize) -> Range<usize> {
        let n = self.link.ranks();
        let i = index % n;
        length * i / n..length * (i + 1) / n
    }

    /// Sends a chunk, and receives another into `self.incoming`.
    fn pass(&mut self, outgoing: &[f32], incoming: usize) -> Result<(), TrainError> {
        self.incoming.resize(incoming, 0.0);
        if self.wire == Wire::F32 {
            let received = bytemuck::cast_slice_mut(&mut self.incoming);
            return self.link.exchange(bytemuck::cast_slice(outgoing), received);
        }
        self.halves_out.resize(outgoing.len(), bf16::ZERO);
        self.halves_out.convert_from_f32_slice(outgoing);
        self.halves_in.resize(incoming, bf16::ZERO);
        self.link.exchange(
            bytemuck::cast_slice(self.halves_out.reinterpret_cast()),
            bytemuck::cast_slice_mut(self.halves_in.reinterpret_cast_mut()),
        )?;
        self.halves_in.convert_to_f32_slice(&mut self.incoming);
        Ok(())
    }

    fn mean_of_bucket(&mut self, values: &mut [f32]) -> Result<(), TrainError> {
        let (rank, n, length) = (self.link.rank(), self.link.ranks(), values.len());
        for round in 0..n - 1 {
            let outgoing = self.chunk(length, rank + n - round);
            let own = self.chunk(length, rank + n - round - 1);
            self.pass(&values[outgoing], own.len())?;
            for (own, sum) in values[own].iter_mut().zip(&self.incoming) {
                *own += sum;
            }
        }
        // The chunk after its own number is now whole on this rank.
        let whole = self.chunk(length, rank + 1);
        for v in &mut values[whole] {
            *v /= n as f32;
            if self.wire == Wire::Bf16 {
                // What the other ranks will receive.
                *v = bf16::from_f32(*v).to_f32();
            }
        }
        for round in 0..n - 1 {
            let outgoing = self.chunk(length, rank + 1 + n - round);
            let missing = self.chunk(length, rank + n - round);
            if self.wire == Wire::F32 {
                let (whole, missing) = apart(values, outgoing, missing);
                let received = bytemuck::cast_slice_mut(missing);
                self.link.exchange(bytemuck::cast_slice(whole), received)?;
            } else {
                self.pass(&values[outgoing], missing.len())?;
                values[missing].copy_from_slice(&self.incoming);
            }
        }
        Ok(())
    }
}

/// Two chunks that do not overlap, the second one to be written.
fn apart(values: &mut [f32], read: Range<usize>, write: Range<usize>) -> (&[f32], &mut [f32]) {
    if read.end <= write.start {
        let (head, tail) = values.split_at_mut(write.start);
        (&head[read], &mut tail[..write.len()])
    } else {
        let (head, tail) = values.split_at_mut(read.start);
        (&tail[..read.len()], &mut head[write])
    }
}

impl<L: Link> Collective for Ring<L> {
    fn rank(&self) -> usize {
        self.link.rank()
    }

    fn ranks(&self) -> usize {
        self.link.ranks()
    }

    fn engine(&self) -> &'static str {
        self.link.name()
    }

    fn all_reduce_mean(&mut self, values: &mut [f32]) -> Result<(), TrainError> {
        let act = match self.wire {
            Wire::F32 => Act::Mean,
            Wire::Bf16 => Act::MeanBf16,
        };
        self.agree(act, values.len())?;
        let mut buckets = values.chunks_mut(BUCKET);
        buckets.try_for_each(|bucket| self.mean_of_bucket(bucket))
    }

    fn broadcast(&mut self, values: &mut [f32], root: usize) -> Result<(), TrainError> {
        self.agree(Act::Broadcast { root }, values.len())?;
        let (rank, n) = (self.link.rank(), self.link.ranks());
        let receives = rank != root;
        let sends = (rank + 1) % n != root;
        // A segment is sent on while the next one comes in.
        let segments = values.len().div_ceil(SEGMENT);
        for i in 0..=segments {
            let here = (i * SEGMENT).min(values.len());
            let (old, new) = values.split_at_mut(here);
            let out = if sends && i > 0 {
                &old[(i - 1) * SEGMENT..]
            } else {
                &[]
            };
            let coming = if receives { new.len().min(SEGMENT) } else { 0 };
            let received = bytemuck::cast_slice_mut(&mut new[..coming]);
            self.link.exchange(bytemuck::cast_slice(out), received)?;
        }
        Ok(())
    }

    fn all_gather(&mut self, values: &[f64]) -> Result<Vec<Vec<f64>>, TrainError> {
        self.agree(Act::Gather, 0)?;
        let (rank, n) = (self.link.rank(), self.link.ranks());
        let mut gathered = vec![Vec::new(); n];
        gathered[rank] = values.to_vec();
        for round in 0..n - 1 {
            let (outgoing, incoming) = ((rank + n - round) % n, (rank + n - round - 1) % n);
            let mut length = [0; 8];
            let own = (gathered[outgoing].len() as u64).to_le_bytes();
            self.link.exchange(&own, &mut length)?;
            let mut received = vec![0.0; u64::from_le_bytes(length) as usize];
            let bytes = bytemuck::cast_slice_mut(&mut received);
            self.link
                .exchange(bytemuck::cast_slice(&gathered[outgoing]), bytes)?;
            gathered[incoming] = received;
        }
        Ok(gathered)
    }

    fn finish(&mut self) -> Result<(), TrainError> {
        self.barrier()?;
        self.link.close();
        Ok(())
    }
}

impl Act {
    fn bytes(self, length: usize) -> [u8; 24] {
        let (code, root) = match self {
            Self::Mean => (1, 0),
            Self::MeanBf16 => (2, 0),
            Self::Broadcast { root } => (3, root),
            Self::Gather => (4, 0),
        };
        let mut bytes = [0; 24];
        for (field, number) in bytes.chunks_exact_mut(8).zip([code, root, length]) {
            field.copy_from_slice(&(number as u64).to_le_bytes());
        }
        bytes
    }

    fn words(bytes: [u8; 24]) -> String {
        let mut numbers = [0_u64; 3];
        for (number, field) in numbers.iter_mut().zip(bytes.chunks_exact(8)) {
            *number = field
                .iter()
                .rev()
                .fold(0, |n, byte| n << 8 | u64::from(*byte));
        }
        let [code, root, length] = numbers;
        match code {
            1 => format!("averages {length} values"),
            2 => format!("averages {length} values in 16 bits"),
            3 => format!("takes {length} values of rank {root}"),
            4 => "gathers numbers".to_owned(),
            _ => "speaks of something else".to_owned(),
        }
    }
}

#[cfg(test)]
#[path = "ring_tests.rs"]
mod tests;
