//! Measures the mean over ranks of as many values as a model has:
//! `all_reduce [MILLIONS] [REPEATS] [bf16]`, started as ranks by `mpirun`, `srun` or by hand (see
//! docs/training-clusters.md). Rank 0 prints one line a repeat.

use std::time::Instant;

use bottega_schemas::train::Wire;
use bottega_trainer::TrainError;
use bottega_trainer::collective::{Place, connect};

fn main() {
    if let Err(error) = run() {
        eprintln!("error: {error}");
        std::process::exit(2);
    }
}

fn run() -> Result<(), TrainError> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let number = |i: usize, usual: f64| {
        let text = args.get(i).map(|text| text.parse::<f64>());
        let wrong = |_| TrainError::stopped("usage: all_reduce [MILLIONS] [REPEATS] [bf16]");
        text.transpose().map_err(wrong).map(|n| n.unwrap_or(usual))
    };
    let length = (1e6 * number(0, 345.0)?) as usize;
    let repeats = number(1, 3.0)? as usize;
    let wire = if args.get(2).is_some_and(|text| text == "bf16") {
        Wire::Bf16
    } else {
        Wire::F32
    };
    let place = Place::from_environment()?;
    let mut collective = connect(&place, "all_reduce", wire)?;
    let ranks = collective.ranks();
    let mean = (0..ranks).sum::<usize>() as f32 / ranks as f32;
    let mut values = vec![0.0_f32; length];
    for repeat in 0..repeats {
        values.fill(collective.rank() as f32);
        collective.barrier()?;
        let start = Instant::now();
        collective.all_reduce_mean(&mut values)?;
        let seconds = start.elapsed().as_secs_f64();
        if values.iter().any(|v| *v != mean) {
            return Err(TrainError::stopped("a mean is wrong"));
        }
        if collective.is_first() {
            let gib = 4.0 * length as f64 / f64::from(1 << 30);
            eprintln!(
                "repeat {}: {ranks} ranks over {}, {wire:?}, {length} values ({gib:.2} GiB): \
                 {seconds:.3} s, {:.2} GiB/s",
                repeat + 1,
                collective.engine(),
                gib / seconds
            );
        }
    }
    collective.finish()
}
