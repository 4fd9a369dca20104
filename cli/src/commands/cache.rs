//! `bottega cache`: the planes of a dataset in a form that trains faster.

use std::path::PathBuf;
use std::sync::Mutex;

use anyhow::Result;

use bottega_format::cache::CacheJob;
use bottega_format::loader::PlaneSet;
use bottega_format::{ShardReader, find_shards};

use crate::commands::Outcome;
use crate::output;
use crate::progress::Progress;

/// What is made.
#[derive(Debug, clap::Args)]
pub(crate) struct CacheArgs {
    /// Dataset folder, or a single shard
    dataset: PathBuf,

    /// Folder that receives the cache; files of shards that have not changed are kept
    #[arg(long, value_name = "DIR")]
    out: PathBuf,

    /// Planes, with commas between: image, alpha, depth, normal and the optional ones
    #[arg(long, value_name = "NAMES", default_value = "image,alpha,depth,normal", value_parser = PlaneSet::parse)]
    planes: PlaneSet,

    /// Level of zstd: 1 to 19, higher is smaller and slower to make; 0 stores the planes as they are
    #[arg(long, value_name = "LEVEL", default_value_t = 3, value_parser = clap::value_parser!(i32).range(0..=19))]
    level: i32,

    /// Write JSON for machines
    #[arg(long)]
    json: bool,
}

/// Makes the cache.
pub(crate) fn run(args: &CacheArgs) -> Result<Outcome> {
    let mut rows = 0;
    for shard in find_shards(&args.dataset)? {
        rows += ShardReader::open_for_labels(&shard)?.rows() as u64;
    }
    let job = CacheJob {
        dataset: args.dataset.clone(),
        out: args.out.clone(),
        planes: args.planes.clone(),
        level: args.level,
    };
    let progress = Mutex::new((Progress::new("samples", rows), 0));
    let report = job.run(&|| {
        if let Ok(mut progress) = progress.lock() {
            progress.1 += 1;
            let done = progress.1;
            progress.0.update(done, 0);
        }
    })?;
    drop(progress);
    eprintln!(
        "{} samples, {:.1} MB: {} files made, {} kept",
        report.rows,
        report.cache_bytes as f64 * 1e-6,
        report.files_made,
        report.files_kept
    );
    if args.json {
        output::print_json(&report)?;
    }
    Ok(Outcome::Done)
}
