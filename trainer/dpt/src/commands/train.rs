//! `bottega train`: a run from a configuration, or on from where it stood.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context as _, Result};

use bottega_schemas::TrainConfig;
use bottega_trainer::collective::{Place, connect};
use bottega_trainer::train::{RunOptions, plan, train};

/// What is trained, and where it goes.
#[derive(Debug, clap::Args)]
pub(crate) struct TrainArgs {
    /// The configuration, a TOML file (docs/training.md)
    config: PathBuf,

    /// Folder of the run: checkpoints, log, event files, report; a run that is there goes on
    #[arg(long)]
    out: PathBuf,

    /// Give up the run that stands in the folder
    #[arg(long)]
    overwrite: bool,

    /// Number of steps, in place of the configuration's
    #[arg(long)]
    steps: Option<u64>,

    /// Check configuration, data and device, say what would be done, and stop
    #[arg(long)]
    dry_run: bool,
}

/// Exit code of a program that was interrupted, as shells have it.
const INTERRUPTED: u8 = 130;

/// Trains.
pub(crate) fn run(args: &TrainArgs) -> Result<ExitCode> {
    let mut config = TrainConfig::load(&args.config)?;
    if let Some(steps) = args.steps {
        config.run.steps = steps;
        config.check("--steps")?;
    }
    let place = Place::from_environment()?;
    if args.dry_run {
        super::print(&plan(&config, place.local_rank, place.ranks)?)?;
        return Ok(ExitCode::SUCCESS);
    }
    let stop = Arc::new(AtomicBool::new(false));
    let asked = stop.clone();
    ctrlc::set_handler(move || {
        if asked.swap(true, Ordering::Relaxed) {
            // Asked twice: at once, whatever is lost.
            std::process::exit(i32::from(INTERRUPTED));
        }
        eprintln!("stopping after this step; once more stops at once");
    })
    .context("cannot listen for interrupts")?;
    // Processes of another configuration must not find these.
    let run_id = blake3::hash(config.to_toml().as_bytes()).to_hex();
    let mut collective = connect(&place, &run_id, config.run.wire)?;
    let options = RunOptions {
        out: &args.out,
        overwrite: args.overwrite,
        local_rank: place.local_rank,
        is_interrupted: &|| stop.load(Ordering::Relaxed),
    };
    let summary = train(&config, &options, &mut *collective)?;
    Ok(if summary.is_interrupted {
        ExitCode::from(INTERRUPTED)
    } else {
        ExitCode::SUCCESS
    })
}
