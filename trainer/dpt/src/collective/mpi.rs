//! The ring over MPI (feature `mpi`): uses whatever network the installed MPI knows.
//!
//! Only messages between neighbours are MPI's; the order of sums is the ring's own, so that the
//! result has the same bits as over TCP. MPI ends all ranks when one is lost.

use ::mpi::environment::Universe;
use ::mpi::point_to_point::send_receive_into;
use ::mpi::traits::{Communicator as _, Destination as _, Source as _};
use ::mpi::{Rank, Threading};

use super::ring::Link;
use crate::error::TrainError;

/// A rank of MPI's world.
pub struct MpiLink {
    universe: Universe,
    rank: usize,
    ranks: usize,
    is_closed: bool,
}

impl MpiLink {
    /// Starts MPI, which is possible once in a process; `ranks` is what the launcher said.
    ///
    /// # Errors
    /// MPI that was started before, or that sees another number of ranks than the launcher did.
    pub fn connect(ranks: usize) -> Result<Self, TrainError> {
        let (universe, _) = ::mpi::initialize_with_threading(Threading::Funneled)
            .ok_or_else(|| TrainError::stopped("MPI was started before in this process"))?;
        let world = universe.world();
        let (rank, found) = (world.rank() as usize, world.size() as usize);
        let link = Self {
            universe,
            rank,
            ranks,
            // A world of one has nobody to warn.
            is_closed: found == 1,
        };
        if found != ranks || ranks < 2 {
            return Err(TrainError::stopped(format!(
                "MPI sees {found} ranks where {ranks} were started; start them with the `mpirun` of \
                 the MPI that this program was built with, or with `srun --mpi=pmix`"
            )));
        }
        Ok(link)
    }
}

impl Link for MpiLink {
    fn rank(&self) -> usize {
        self.rank
    }

    fn ranks(&self) -> usize {
        self.ranks
    }

    fn name(&self) -> &'static str {
        "mpi"
    }

    fn exchange(&mut self, sent: &[u8], received: &mut [u8]) -> Result<(), TrainError> {
        let world = self.universe.world();
        let next = world.process_at_rank(((self.rank + 1) % self.ranks) as Rank);
        let before = world.process_at_rank(((self.rank + self.ranks - 1) % self.ranks) as Rank);
        match (sent.is_empty(), received.is_empty()) {
            (true, true) => {}
            (false, true) => next.send(sent),
            (true, false) => drop(before.receive_into(received)),
            (false, false) => drop(send_receive_into(sent, &next, received, &before)),
        }
        Ok(())
    }

    fn close(&mut self) {
        self.is_closed = true;
    }
}

impl Drop for MpiLink {
    /// A rank that ends without a word would leave the others waiting for ever.
    fn drop(&mut self) {
        if !self.is_closed {
            self.universe.world().abort(1);
        }
    }
}
