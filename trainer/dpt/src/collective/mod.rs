//! Training on more than one device: one process (rank) each, which average their gradients.
//!
//! ```text
//! Place (rank of ranks, from the environment) -- connect --> Box<dyn Collective>
//!    Alone                       one process
//!    Ring over TCP (std)         nothing to install
//!    Ring over MPI               feature `mpi`
//!    Nccl beside one of these    feature `nccl`
//! gradients -- FlatBuffer --> one &mut [f32] -- all_reduce_mean --> FlatBuffer --> gradients
//! ```
//!
//! TCP and MPI share one algorithm ([`Ring`]), which adds in an order that depends on
//! the number of ranks alone: the mean has the same bits on every rank, in every run, and over
//! either network.
//!
//! Every rank must call the same functions in the same order with the same lengths.

mod alone;
mod flat;
#[cfg(feature = "mpi")]
mod mpi;
#[cfg(feature = "nccl")]
mod nccl;
mod place;
mod ring;
mod tcp;

use crate::error::TrainError;

pub use alone::Alone;
pub use flat::FlatBuffer;
#[cfg(feature = "mpi")]
pub use mpi::MpiLink;
#[cfg(feature = "nccl")]
pub use nccl::Nccl;
pub use place::{Place, connect, on_gpu};
pub use ring::{Link, Ring};
pub use tcp::{TcpLink, TcpPlan};

/// What ranks do together.
pub trait Collective {
    /// Number of this process, from 0.
    fn rank(&self) -> usize;

    /// Number of processes.
    fn ranks(&self) -> usize;

    /// What carries the bytes, for the log: `alone`, `tcp`, `mpi`.
    fn engine(&self) -> &'static str;

    /// Replaces the values by their mean over all ranks; every rank gets the same bits.
    ///
    /// # Errors
    /// A rank that is gone or that calls something else.
    fn all_reduce_mean(&mut self, values: &mut [f32]) -> Result<(), TrainError>;

    /// Replaces the values by those of rank `root`.
    ///
    /// # Errors
    /// As [`Self::all_reduce_mean`].
    fn broadcast(&mut self, values: &mut [f32], root: usize) -> Result<(), TrainError>;

    /// What every rank gave, in the order of the ranks. The ranks may give different numbers of
    /// values. For numbers of metrics and flags, not for tensors.
    ///
    /// # Errors
    /// As [`Self::all_reduce_mean`].
    fn all_gather(&mut self, values: &[f64]) -> Result<Vec<Vec<f64>>, TrainError>;

    /// Says that this rank ends well; without it the other ranks take its end for a failure.
    ///
    /// # Errors
    /// A rank that is gone.
    fn finish(&mut self) -> Result<(), TrainError> {
        self.barrier()
    }

    /// Waits until every rank has come here.
    ///
    /// # Errors
    /// As [`Self::all_reduce_mean`].
    fn barrier(&mut self) -> Result<(), TrainError> {
        self.all_gather(&[]).map(drop)
    }

    /// Whether any rank says yes, so that all stop together.
    ///
    /// # Errors
    /// As [`Self::all_reduce_mean`].
    fn any(&mut self, flag: bool) -> Result<bool, TrainError> {
        let flags = self.all_gather(&[f64::from(u8::from(flag))])?;
        Ok(flags.iter().flatten().any(|flag| *flag != 0.0))
    }

    /// Whether this is the rank that writes: log, checkpoints, report.
    fn is_first(&self) -> bool {
        self.rank() == 0
    }
}
