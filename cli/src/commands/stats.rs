//! `bottega stats`: how every sampled attribute is distributed.

use std::path::PathBuf;

use anyhow::Result;

use bottega_audit::DatasetStats;

use crate::commands::Outcome;
use crate::output;

/// What is counted.
#[derive(Debug, clap::Args)]
pub(crate) struct StatsArgs {
    /// Dataset folders or single shards; several are counted together
    #[arg(value_name = "DATASET", required = true)]
    datasets: Vec<PathBuf>,

    /// Write JSON for machines
    #[arg(long)]
    json: bool,
}

/// Counts and prints.
pub(crate) fn run(args: &StatsArgs) -> Result<Outcome> {
    let stats = DatasetStats::of_datasets(&args.datasets)?;
    if args.json {
        output::print_json(&stats)?;
    } else {
        output::print(&stats.to_table())?;
    }
    Ok(Outcome::Done)
}
