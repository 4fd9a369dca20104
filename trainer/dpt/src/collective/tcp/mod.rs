//! The ring over plain TCP sockets: nothing to install, for a few machines that trust each other
//! (nothing is encrypted). Use MPI or NCCL where the network is faster than TCP can use.

mod message;
mod rendezvous;

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use super::ring::Link;
use crate::error::TrainError;

/// Bytes that the buffers of two sockets hold for certain, so that both sides may write first.
const SMALL: usize = 16 << 10;

/// How ranks find each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TcpPlan {
    /// Number of this process, from 0.
    pub rank: usize,
    /// Number of processes, at least 2.
    pub ranks: usize,
    /// `host:port` where rank 0 listens. The host must be an address of its machine that the
    /// others reach.
    pub rendezvous: String,
    /// What is trained; ranks of another run are refused.
    pub run_id: String,
    /// How long ranks wait for each other to come.
    pub gather_time: Duration,
    /// How long a rank may be silent before it counts as lost.
    pub silence_time: Duration,
}

/// A rank's sockets to its neighbours.
#[derive(Debug)]
pub struct TcpLink {
    rank: usize,
    ranks: usize,
    next: TcpStream,
    before: TcpStream,
    silence_time: Duration,
}

impl TcpLink {
    /// Waits until all ranks have come, and joins the ring.
    ///
    /// # Errors
    /// A rank that does not come in time, an address that cannot be used, a rank of another run or
    /// of another version of the program.
    pub fn connect(plan: &TcpPlan) -> Result<Self, TrainError> {
        let (next, before) = rendezvous::meet(plan)?;
        let ready = |stream: &TcpStream| {
            stream.set_nonblocking(false)?;
            stream.set_nodelay(true)?;
            stream.set_read_timeout(Some(plan.silence_time))?;
            stream.set_write_timeout(Some(plan.silence_time))
        };
        ready(&next)
            .and_then(|()| ready(&before))
            .map_err(|error| TrainError::stopped(format!("cannot set up the sockets: {error}")))?;
        Ok(Self {
            rank: plan.rank,
            ranks: plan.ranks,
            next,
            before,
            silence_time: plan.silence_time,
        })
    }

    fn lost(&self, rank: usize, error: &std::io::Error) -> TrainError {
        let silence_s = self.silence_time.as_secs_f64();
        let what = match error.kind() {
            ErrorKind::WouldBlock | ErrorKind::TimedOut => {
                format!("was silent for {silence_s} s")
            }
            ErrorKind::UnexpectedEof
            | ErrorKind::ConnectionReset
            | ErrorKind::ConnectionAborted
            | ErrorKind::BrokenPipe => "has ended".to_owned(),
            _ => format!("cannot be reached ({error})"),
        };
        TrainError::stopped(format!(
            "rank {} stops because rank {rank} {what}; its own output says why. Start all ranks \
             again, and they go on at the last checkpoint",
            self.rank
        ))
    }
}

impl Link for TcpLink {
    fn rank(&self) -> usize {
        self.rank
    }

    fn ranks(&self) -> usize {
        self.ranks
    }

    fn name(&self) -> &'static str {
        "tcp"
    }

    fn exchange(&mut self, sent: &[u8], received: &mut [u8]) -> Result<(), TrainError> {
        let (mut next, mut before) = (&self.next, &self.before);
        let (wrote, read) = if sent.len() <= SMALL || received.is_empty() {
            let wrote = next.write_all(sent);
            let read = if wrote.is_ok() {
                before.read_exact(received)
            } else {
                Ok(())
            };
            (wrote, read)
        } else {
            // If all ranks wrote before they read, full buffers would stop them all.
            std::thread::scope(|scope| {
                let writer = scope.spawn(move || next.write_all(sent));
                let read = before.read_exact(received);
                if read.is_err() {
                    // Wakes a writer that nobody reads from any more.
                    let _ = self.next.shutdown(std::net::Shutdown::Both);
                }
                (writer.join().expect("the writer does not panic"), read)
            })
        };
        let n = self.ranks;
        read.map_err(|error| self.lost((self.rank + n - 1) % n, &error))?;
        wrote.map_err(|error| self.lost((self.rank + 1) % n, &error))
    }
}

#[cfg(test)]
mod tests;
