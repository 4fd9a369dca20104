//! `bottega load`: reads a dataset as training would, and tells how fast.

use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context as _, Result};

use bottega_format::loader::{
    Broken, LoadReport, Loader, LoaderOptions, LoaderState, PlaneSet, Shuffle, Source, StreamHash,
};
use bottega_format::write_atomically;

use crate::commands::Outcome;
use crate::output;
use crate::progress::Progress;

/// What is read.
#[derive(Debug, clap::Args)]
pub(crate) struct LoadArgs {
    /// Dataset folder, or a single shard
    dataset: PathBuf,

    /// Read the planes from this cache of the dataset (see `bottega cache`)
    #[arg(long, value_name = "DIR")]
    cache: Option<PathBuf>,

    /// Epochs to read
    #[arg(long, value_name = "N", default_value_t = 1)]
    epochs: u64,

    /// Stop after this many samples of this rank
    #[arg(long, value_name = "N")]
    samples: Option<u64>,

    /// Order: global, block or sequential
    #[arg(long, value_name = "KIND", default_value = "global")]
    shuffle: Shuffle,

    /// Row groups that are mixed with each other by --shuffle block
    #[arg(long, value_name = "N", default_value_t = 64)]
    block: usize,

    /// Seed of the order
    #[arg(long, value_name = "S", default_value_t = 0)]
    seed: u64,

    /// Samples that wait or are being read at a time
    #[arg(long, value_name = "N", default_value_t = 32)]
    prefetch: usize,

    /// Number of this reader, and of all that share the stream, such as 0/4
    #[arg(long, value_name = "R/N", default_value = "0/1", value_parser = parse_rank)]
    rank: (u64, u64),

    /// Planes, with commas between: image, alpha, depth, normal and the optional ones
    #[arg(long, value_name = "NAMES", default_value = "image,alpha,depth,normal", value_parser = PlaneSet::parse)]
    planes: PlaneSet,

    /// Leave out samples that cannot be read, and count them
    #[arg(long)]
    skip_broken: bool,

    /// Go on from this file if it is there, and say there where the reading ended
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,

    /// Print the BLAKE3 of the stream: equal streams have equal hashes
    #[arg(long)]
    hash: bool,

    /// Write JSON for machines
    #[arg(long)]
    json: bool,
}

/// Reads and tells.
pub(crate) fn run(args: &LoadArgs) -> Result<Outcome> {
    let opened = Instant::now();
    let source = match &args.cache {
        Some(cache) => Source::open_cached(&args.dataset, cache)?,
        None => Source::open(&args.dataset)?,
    };
    eprintln!(
        "{} samples, opened in {:.2} s",
        source.rows(),
        opened.elapsed().as_secs_f64()
    );
    let options = LoaderOptions {
        seed: args.seed,
        shuffle: args.shuffle,
        block: args.block,
        planes: args.planes.clone(),
        threads: rayon::current_num_threads(),
        prefetch: args.prefetch,
        rank: args.rank.0,
        ranks: args.rank.1,
        epochs: Some(args.epochs),
        broken: if args.skip_broken {
            Broken::Skip
        } else {
            Broken::Refuse
        },
        ..LoaderOptions::default()
    };
    let state = args.state.as_deref().map(read_state).transpose()?.flatten();
    let mut loader = Loader::new(&source, options, state.as_ref())?;

    let limit = args.samples.unwrap_or(u64::MAX);
    let total = limit.min(args.epochs * loader.samples_per_epoch());
    let mut progress = Progress::new("samples", total);
    let mut hash = args.hash.then(StreamHash::default);
    let start = Instant::now();
    let mut n = 0;
    while n < limit {
        let Some(sample) = loader.next_sample()? else {
            break;
        };
        n += 1;
        if let Some(hash) = &mut hash {
            hash.add(&sample);
        }
        progress.update(n, 0);
    }
    let elapsed_s = start.elapsed().as_secs_f64();
    drop(progress);
    if let Some(path) = &args.state {
        write_atomically(path, &serde_json::to_vec_pretty(&loader.state())?)?;
    }
    let stream_blake3 = hash.map(StreamHash::finish);
    let report = LoadReport::of(&loader, elapsed_s, stream_blake3);
    if args.json {
        output::print_json(&report)?;
    } else {
        output::print(&report.to_table())?;
    }
    Ok(Outcome::Done)
}

fn read_state(path: &Path) -> Result<Option<LoaderState>> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => {
            return Err(error).with_context(|| format!("cannot read {}", path.display()));
        }
    };
    serde_json::from_str(&text)
        .map(Some)
        .with_context(|| format!("{} is no state of a loader", path.display()))
}

fn parse_rank(text: &str) -> Result<(u64, u64), String> {
    let wrong = || "wanted a number and how many there are, such as 0/4".to_owned();
    let (rank, ranks) = text.split_once('/').ok_or_else(wrong)?;
    let (rank, ranks) = (
        rank.parse().map_err(|_| wrong())?,
        ranks.parse().map_err(|_| wrong())?,
    );
    if rank < ranks {
        Ok((rank, ranks))
    } else {
        Err(wrong())
    }
}
