//! `bottega diff`: how two datasets differ.

use std::path::PathBuf;

use anyhow::Result;

use bottega_audit::diff::diff_datasets;

use crate::commands::Outcome;
use crate::output;

/// What is compared.
#[derive(Debug, clap::Args)]
pub(crate) struct DiffArgs {
    /// First dataset folder, or a single shard
    a: PathBuf,

    /// Second dataset folder, or a single shard
    b: PathBuf,

    /// Write JSON for machines
    #[arg(long)]
    json: bool,
}

/// Compares; exit code 1 if the datasets do not hold the same samples.
pub(crate) fn run(args: &DiffArgs) -> Result<Outcome> {
    let diff = diff_datasets(&args.a, &args.b)?;
    if args.json {
        output::print_json(&diff)?;
    } else {
        output::print(&diff.to_string())?;
    }
    Ok(if diff.is_same {
        Outcome::Done
    } else {
        Outcome::Found
    })
}
