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

    /// Count two columns together, such as skin_tone_mst,age_bin; may be given more than once
    #[arg(long, value_name = "A,B", value_parser = parse_pair)]
    joint: Vec<(String, String)>,

    /// Read the pixels of at most this many samples too, evenly spaced
    #[arg(long, value_name = "N", num_args = 0..=1, default_missing_value = "2000")]
    pixels: Option<usize>,

    /// Write JSON for machines
    #[arg(long)]
    json: bool,
}

/// Counts and prints.
pub(crate) fn run(args: &StatsArgs) -> Result<Outcome> {
    let mut stats = DatasetStats::of_datasets(&args.datasets)?;
    stats.add_joint(&args.datasets, &args.joint)?;
    if let Some(samples_max) = args.pixels {
        stats.add_pixels(&args.datasets, samples_max)?;
    }
    if args.json {
        output::print_json(&stats)?;
    } else {
        output::print(&stats.to_table())?;
    }
    Ok(Outcome::Done)
}

fn parse_pair(text: &str) -> Result<(String, String), String> {
    let (a, b) = text
        .split_once(',')
        .ok_or_else(|| "wanted two columns with a comma between them".to_owned())?;
    Ok((a.trim().to_owned(), b.trim().to_owned()))
}
