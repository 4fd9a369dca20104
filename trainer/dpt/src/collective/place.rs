//! Where a process stands among those that train together, as its launcher says.

use std::time::Duration;

use bottega_schemas::train::Wire;

use super::ring::Ring;
use super::tcp::{TcpLink, TcpPlan};
use super::{Alone, Collective};
use crate::error::TrainError;

/// `host:port` of rank 0 for the ring over TCP.
const RENDEZVOUS: &str = "BOTTEGA_RENDEZVOUS";
/// Seconds that ranks wait for each other at the start, and that a rank may be silent.
const GATHER_S: &str = "BOTTEGA_GATHER_S";
const SILENCE_S: &str = "BOTTEGA_SILENCE_S";

const GATHER_TIME: Duration = Duration::from_secs(600);
const SILENCE_TIME: Duration = Duration::from_secs(1800);

const SLURM_LOCAL: &str = "SLURM_LOCALID";

/// Variables of a launcher: its name, rank, number of ranks, rank on the machine.
const LAUNCHERS: [[&str; 4]; 4] = [
    [
        "the environment",
        "BOTTEGA_RANK",
        "BOTTEGA_RANKS",
        "BOTTEGA_LOCAL_RANK",
    ],
    [
        "Open MPI",
        "OMPI_COMM_WORLD_RANK",
        "OMPI_COMM_WORLD_SIZE",
        "OMPI_COMM_WORLD_LOCAL_RANK",
    ],
    ["MPICH", "PMI_RANK", "PMI_SIZE", "MPI_LOCALRANKID"],
    // Set by `srun` for each task, not in a batch script, which is one process.
    ["Slurm", "SLURM_PROCID", "SLURM_STEP_NUM_TASKS", SLURM_LOCAL],
];

/// A process's place among those that train together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Number of this process, from 0.
    pub rank: usize,
    /// Number of processes.
    pub ranks: usize,
    /// Number of this process on its machine, from 0: which GPU it takes.
    pub local_rank: usize,
    /// Who said so.
    pub launcher: &'static str,
    /// `host:port` where rank 0 listens, for the ring over TCP.
    pub rendezvous: Option<String>,
    /// How long ranks wait for each other to come.
    pub gather_time: Duration,
    /// How long a rank may be silent before it counts as lost.
    pub silence_time: Duration,
}

impl Place {
    /// The place that the launcher of this process gave it; alone where there is none.
    ///
    /// # Errors
    /// Variables that are no numbers or contradict each other; their names are in the message.
    pub fn from_environment() -> Result<Self, TrainError> {
        Self::from_variables(|name| std::env::var(name).ok())
    }

    fn from_variables(variable: impl Fn(&str) -> Option<String>) -> Result<Self, TrainError> {
        let number = |name: &str| {
            let text = variable(name).filter(|text| !text.is_empty());
            let parsed = text.map(|text| {
                text.trim().parse::<usize>().map_err(|_| {
                    TrainError::stopped(format!("{name} is `{text}`, wanted a whole number"))
                })
            });
            parsed.transpose()
        };
        let seconds = |name: &str, usual| {
            let seconds = number(name)?;
            Ok::<_, TrainError>(seconds.map_or(usual, |s| Duration::from_secs(s.max(1) as u64)))
        };
        let alone = Self {
            rank: 0,
            ranks: 1,
            local_rank: 0,
            launcher: "none",
            rendezvous: variable(RENDEZVOUS).filter(|text| !text.is_empty()),
            gather_time: seconds(GATHER_S, GATHER_TIME)?,
            silence_time: seconds(SILENCE_S, SILENCE_TIME)?,
        };
        for [launcher, rank_name, ranks_name, local_name] in LAUNCHERS {
            match (number(rank_name)?, number(ranks_name)?) {
                (Some(rank), Some(ranks)) if rank < ranks => {
                    // `srun` with MPICH's interface names the rank on the machine in its own way.
                    let local_rank = number(local_name)?.or(number(SLURM_LOCAL)?);
                    return Ok(Self {
                        rank,
                        ranks,
                        local_rank: local_rank.unwrap_or(0),
                        launcher,
                        ..alone
                    });
                }
                (Some(rank), Some(ranks)) => {
                    return Err(TrainError::stopped(format!(
                        "{rank_name} is {rank} and {ranks_name} is {ranks}; ranks count from 0"
                    )));
                }
                (None, None) => {}
                // Other programs set one of the pair; ours are ours alone.
                _ if launcher == LAUNCHERS[0][0] => {
                    return Err(TrainError::stopped(format!(
                        "set both {rank_name} and {ranks_name}, or neither"
                    )));
                }
                _ => {}
            }
        }
        Ok(alone)
    }
}

/// Joins the other ranks: over TCP where there is a rendezvous, else over MPI.
///
/// `run_id` says what is trained; ranks that train something else are refused. It is the hash of
/// the configuration.
///
/// # Errors
/// Ranks that cannot find each other; several ranks and no way between them.
pub fn connect(place: &Place, run_id: &str, wire: Wire) -> Result<Box<dyn Collective>, TrainError> {
    if place.ranks == 1 {
        return Ok(Box::new(Alone));
    }
    if let Some(rendezvous) = &place.rendezvous {
        let link = TcpLink::connect(&TcpPlan {
            rank: place.rank,
            ranks: place.ranks,
            rendezvous: rendezvous.clone(),
            run_id: run_id.to_owned(),
            gather_time: place.gather_time,
            silence_time: place.silence_time,
        })?;
        return Ok(Box::new(Ring::new(link, wire)));
    }
    over_mpi(place, wire)
}

#[cfg(feature = "mpi")]
fn over_mpi(place: &Place, wire: Wire) -> Result<Box<dyn Collective>, TrainError> {
    let link = super::mpi::MpiLink::connect(place.ranks)?;
    Ok(Box::new(Ring::new(link, wire)))
}

#[cfg(not(feature = "mpi"))]
fn over_mpi(place: &Place, _wire: Wire) -> Result<Box<dyn Collective>, TrainError> {
    Err(TrainError::stopped(format!(
        "{} started {} ranks, but there is no way between them: set {RENDEZVOUS} to `host:port` of \
         the machine of rank 0, or build with the feature `mpi`",
        place.launcher, place.ranks
    )))
}

/// Lets the GPUs of the ranks average the gradients, in builds with the feature `nccl`; in others
/// the ranks stay joined as they are. `device` is the number of this rank's GPU.
///
/// # Errors
/// Libraries of CUDA or NCCL that are missing, and what they refuse.
pub fn on_gpu(
    collective: Box<dyn Collective>,
    device: usize,
) -> Result<Box<dyn Collective>, TrainError> {
    if collective.ranks() == 1 {
        return Ok(collective);
    }
    #[cfg(feature = "nccl")]
    let collective: Box<dyn Collective> = Box::new(super::nccl::Nccl::connect(collective, device)?);
    #[cfg(not(feature = "nccl"))]
    let _ = device;
    Ok(collective)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(variables: &[(&str, &str)]) -> Result<Place, String> {
        let variable = |name: &str| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        Place::from_variables(variable).map_err(|error| error.to_string())
    }

    fn rank_of(variables: &[(&str, &str)]) -> (usize, usize, usize, &'static str) {
        let place = place(variables).unwrap();
        (place.rank, place.ranks, place.local_rank, place.launcher)
    }

    #[test]
    fn launchers_are_understood_and_our_own_variables_win() {
        assert_eq!(rank_of(&[]), (0, 1, 0, "none"));
        let mpirun = [
            ("OMPI_COMM_WORLD_RANK", "5"),
            ("OMPI_COMM_WORLD_SIZE", "8"),
            ("OMPI_COMM_WORLD_LOCAL_RANK", "1"),
        ];
        assert_eq!(rank_of(&mpirun), (5, 8, 1, "Open MPI"));
        let srun = [
            ("SLURM_PROCID", "3"),
            ("SLURM_STEP_NUM_TASKS", "4"),
            ("SLURM_NTASKS", "4"),
            ("SLURM_LOCALID", "3"),
        ];
        assert_eq!(rank_of(&srun), (3, 4, 3, "Slurm"));
        let pmi2 = [("PMI_RANK", "3"), ("PMI_SIZE", "4"), ("SLURM_LOCALID", "1")];
        assert_eq!(rank_of(&pmi2), (3, 4, 1, "MPICH"));
        // A batch script is one process, however many tasks its job may start.
        assert_eq!(
            rank_of(&[("SLURM_PROCID", "0"), ("SLURM_NTASKS", "4")]),
            (0, 1, 0, "none")
        );
        let both = [
            &mpirun[..],
            &[("BOTTEGA_RANK", "1"), ("BOTTEGA_RANKS", "2")],
        ]
        .concat();
        assert_eq!(rank_of(&both), (1, 2, 0, "the environment"));
    }

    #[test]
    fn contradictions_name_their_variables() {
        for (variables, wanted) in [
            (
                &[("BOTTEGA_RANK", "2"), ("BOTTEGA_RANKS", "2")][..],
                "BOTTEGA_RANKS is 2",
            ),
            (
                &[("BOTTEGA_RANK", "2")][..],
                "both BOTTEGA_RANK and BOTTEGA_RANKS",
            ),
            (&[("OMPI_COMM_WORLD_RANK", "x")][..], "`x`"),
            (&[("BOTTEGA_GATHER_S", "soon")][..], "BOTTEGA_GATHER_S"),
        ] {
            let message = place(variables).unwrap_err();
            assert!(message.contains(wanted), "{message}");
        }
    }

    #[test]
    fn one_process_is_alone_and_needs_no_network() {
        let place = place(&[("BOTTEGA_RENDEZVOUS", "nowhere:1")]).unwrap();
        let mut alone = connect(&place, "run", Wire::F32).unwrap();
        let mut values = [1.0, 2.0];
        alone.all_reduce_mean(&mut values).unwrap();
        assert_eq!((alone.ranks(), values), (1, [1.0, 2.0]));
        assert_eq!(alone.all_gather(&[3.0]).unwrap(), [[3.0]]);
        assert!(alone.is_first() && alone.any(true).unwrap() && !alone.any(false).unwrap());
    }
}
