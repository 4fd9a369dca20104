//! The ring over MPI: this program starts itself under `mpirun` with 2 and with 4 ranks, which
//! must make the steps of one process. No harness, since each rank is a process.

#![allow(
    clippy::unwrap_used,
    reason = "helpers of tests fail as their tests would"
)]

mod parallel;

use std::process::Command;

use bottega_schemas::train::Wire;
use bottega_trainer::collective::{Alone, Collective, Place, connect};

use parallel::{difference, train};

/// What a rank is to do: this, or `leave`.
const ROLE: &str = "BOTTEGA_TEST_ROLE";

fn main() {
    match std::env::var(ROLE).as_deref() {
        Ok("train") => train_together(),
        Ok("leave") => leave(),
        _ => start(),
    }
}

fn start() {
    for ranks in [2, 4] {
        let output = mpirun(ranks, "train");
        let said = String::from_utf8_lossy(&output.stdout);
        let talk = String::from_utf8_lossy(&output.stderr);
        assert!(
            output.status.success(),
            "{ranks} ranks failed:\n{said}{talk}"
        );
        assert_eq!(said.matches("the same step").count(), ranks, "{said}");
        println!("{ranks} ranks over MPI ... ok\n{said}");
    }
    // The others wait for the rank that left; MPI must end them.
    let output = mpirun(2, "leave");
    assert!(!output.status.success(), "a lost rank went unnoticed");
    println!("a lost rank ends the others ... ok");
}

fn mpirun(ranks: usize, role: &str) -> std::process::Output {
    // Debian's mpirun is Open MPI's; the flags let it run in containers and on few cores.
    Command::new("mpirun")
        .args(["--allow-run-as-root", "--oversubscribe", "-n"])
        .arg(ranks.to_string())
        .arg(std::env::current_exe().unwrap())
        .env(ROLE, role)
        .output()
        .expect("mpirun starts; on Debian: apt-get install openmpi-bin libopenmpi-dev")
}

fn join() -> Box<dyn Collective> {
    let place = Place::from_environment().unwrap();
    assert!(place.ranks > 1 && place.launcher == "Open MPI", "{place:?}");
    let collective = connect(&place, "data parallel", Wire::F32).unwrap();
    assert_eq!(
        (collective.rank(), collective.engine()),
        (place.rank, "mpi")
    );
    collective
}

fn train_together() {
    let alone = train(&mut Alone).unwrap();
    let mut collective = join();
    let weights = train(&mut *collective).unwrap();
    let difference = difference(&weights, &alone);
    assert!(difference < 1e-5, "{difference}");
    // Bits, as numbers that the ranks can compare.
    let bits: Vec<f64> = weights.iter().map(|w| f64::from(w.to_bits())).collect();
    let all = collective.all_gather(&bits).unwrap();
    assert!(
        all.iter().all(|other| *other == bits),
        "the ranks went apart"
    );
    collective.finish().unwrap();
    println!(
        "rank {}: the same step within {difference:e}",
        collective.rank()
    );
}

fn leave() {
    let mut collective = join();
    if collective.rank() == 0 {
        // As an error does that is handed up to `main`.
        drop(collective);
        return;
    }
    let _ = collective.barrier();
    std::process::exit(0);
}
