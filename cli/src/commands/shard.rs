//! `bottega shard`: a folder of EXR samples into a dataset of Parquet shards.

use std::path::PathBuf;

use anyhow::Result;

use bottega_format::{ShardJob, shard_exr_folder};

use crate::commands::Outcome;
use crate::progress::Progress;

/// What is put into shards.
#[derive(Debug, clap::Args)]
pub(crate) struct ShardArgs {
    /// Folder of EXR samples, as `generate --keep-exr` writes them
    exr_dir: PathBuf,

    /// Folder that receives the dataset; a run that was stopped is taken up again
    #[arg(long, value_name = "DIR")]
    out: PathBuf,

    /// Samples in a shard; left out, as many as where the samples were made, or 256
    #[arg(long, value_name = "K", value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    shard_size: Option<u64>,

    /// Replace what another run left in the folder
    #[arg(long)]
    overwrite: bool,
}

/// Reads every EXR sample and publishes the shards.
pub(crate) fn run(args: &ShardArgs) -> Result<Outcome> {
    let mut progress = None;
    let job = ShardJob {
        exr_dir: &args.exr_dir,
        out: &args.out,
        shard_size: args.shard_size,
        overwrite: args.overwrite,
    };
    let manifest = shard_exr_folder(&job, |done, total| {
        progress
            .get_or_insert_with(|| Progress::new("samples", total))
            .update(done, 0);
    })?;
    drop(progress);
    eprintln!(
        "{} samples in {} shards",
        manifest.rows(),
        manifest.shards.len()
    );
    Ok(Outcome::Done)
}
