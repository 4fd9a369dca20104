//! `bottega generate`: renders a range of a recipe's samples into a dataset.

use std::ops::Range;
use std::path::PathBuf;
use std::sync::Mutex;

use anyhow::{Result, bail, ensure};

use bottega_assemble::Studio;
use bottega_assemble::job::{self, Order};
use bottega_format::read_manifest;
use bottega_schemas::OptionalPlanes;
use bottega_schemas::shard_schema::{DEFAULT_SHARD_SIZE, shard_path};

use crate::commands::Outcome;
use crate::global::GlobalArgs;
use crate::output;
use crate::progress::Progress;
use crate::recipe_args::RecipeArgs;

/// Bytes of a stored sample for each of its pixels, all columns together: measured on shards of
/// `synthhuman` at 384 x 512 (3.3 denoised, 3.9 at 32 paths without), for the prediction of a dry run.
const BYTES_PER_PIXEL: f64 = 4.0;

/// Samples that a dry run draws to see that the recipe can be drawn.
const DRY_DRAWS: u64 = 8;

/// What is generated.
#[derive(Debug, clap::Args)]
pub(crate) struct GenerateArgs {
    /// Recipe: a TOML file, or the name of a shipped one such as `synthhuman`
    #[arg(value_name = "RECIPE")]
    recipe: String,

    /// Folder that receives the dataset. A run that was stopped is taken up again
    #[arg(long, value_name = "DIR")]
    out: PathBuf,

    /// Number of samples
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    count: u64,

    /// Index of the first sample, a multiple of the shard size: a farm gives each node its range
    #[arg(long, value_name = "I", default_value_t = 0)]
    start: u64,

    /// Samples in a shard
    #[arg(long, value_name = "K", default_value_t = DEFAULT_SHARD_SIZE,
          value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    shard_size: u64,

    #[command(flatten)]
    recipe_args: RecipeArgs,

    /// Further planes to store, with commas between them, or `all`: range, depth_median,
    /// normal_mean, layers_visible, glass and others that docs/formats.md lists
    #[arg(long, value_name = "NAMES", value_parser = OptionalPlanes::parse)]
    planes: Option<OptionalPlanes>,

    /// Folder that also receives each sample as one EXR file with every plane
    #[arg(long, value_name = "DIR")]
    keep_exr: Option<PathBuf>,

    /// Take up what is there, which is what happens anyway
    #[arg(long, conflicts_with = "overwrite")]
    resume: bool,

    /// Replace the dataset that is in the folder, if it is another one
    #[arg(long)]
    overwrite: bool,

    /// Tell what would be done, and do nothing
    #[arg(long)]
    dry_run: bool,
}

/// Renders what is missing.
pub(crate) fn run(args: &GenerateArgs, global: &GlobalArgs) -> Result<Outcome> {
    let (spec, preset) = args.recipe_args.read(&args.recipe)?;
    let order = Order {
        spec,
        preset,
        indices: args.indices()?,
        shard_size: args.shard_size,
        planes: args.planes.unwrap_or_default(),
    };
    let studio = Studio::open(super::assets::open(global)?)?;
    if args.dry_run {
        tell_plan(args, &order, &studio)
    } else {
        make(args, &order, &studio)
    }
}

impl GenerateArgs {
    fn indices(&self) -> Result<Range<u64>> {
        let end = self
            .start
            .checked_add(self.count)
            .filter(|end| i64::try_from(*end).is_ok());
        match end {
            Some(end) => Ok(self.start..end),
            None => bail!(
                "--start {} and --count {} lead beyond 2^63-1",
                self.start,
                self.count
            ),
        }
    }
}

fn make(args: &GenerateArgs, order: &Order, studio: &Studio) -> Result<Outcome> {
    struct Watch {
        bar: Option<Progress>,
        done: u64,
        skipped: u64,
        times: Vec<bottega_assemble::StageTimes>,
    }
    let watch = Mutex::new(Watch {
        bar: None,
        done: 0,
        skipped: 0,
        times: Vec::new(),
    });
    let tell = |event: job::Progress| {
        let mut watch = watch.lock().unwrap_or_else(|broken| broken.into_inner());
        let watch = &mut *watch;
        match event {
            job::Progress::Start { finished, total } => {
                watch.bar = Some(Progress::new("samples", total));
                (watch.done, watch.skipped) = (finished, finished);
            }
            job::Progress::Sample { times, .. } => {
                watch.done += 1;
                watch.times.push(times);
            }
            job::Progress::Shard { shard_idx } => tracing::info!("shard {shard_idx} is published"),
        }
        if let Some(bar) = &mut watch.bar {
            bar.update(watch.done, watch.skipped);
        }
    };
    let keep_exr = args.keep_exr.as_deref();
    let outcome = job::run(studio, order, &args.out, args.overwrite, keep_exr, &tell)?;

    let watch = watch
        .into_inner()
        .unwrap_or_else(|broken| broken.into_inner());
    drop(watch.bar);
    let job::Outcome {
        made,
        skipped,
        manifest,
    } = outcome;
    let shards = manifest.shards.len();
    eprintln!(
        "{made} samples made, {skipped} were there; {} holds {} in {shards} shards",
        args.out.display(),
        manifest.rows(),
    );
    if made > 0 {
        let means = job::mean_seconds(&watch.times);
        let stages: Vec<String> = means
            .iter()
            .map(|(stage, seconds)| format!("{stage} {seconds:.2} s"))
            .collect();
        eprintln!("a sample took on average: {}", stages.join(", "));
    }
    Ok(Outcome::Done)
}

/// The plan, on stdout: what is there, what would be made, how large it would be.
fn tell_plan(args: &GenerateArgs, order: &Order, studio: &Studio) -> Result<Outcome> {
    let Range { start, end } = order.indices;
    let size = order.shard_size;
    ensure!(
        start.is_multiple_of(size),
        "the start {start} is not a multiple of the shard size {size}"
    );
    let plan = order.plan(studio)?;
    let existing = if args.out.exists() {
        read_manifest(&args.out)?
    } else {
        None
    };
    let replaces = existing
        .as_ref()
        .is_some_and(|manifest| manifest.plan != plan);
    ensure!(
        !replaces || args.overwrite,
        "{} holds a dataset of another plan; choose another folder, or pass --overwrite",
        args.out.display()
    );
    for index in start..end.min(start + DRY_DRAWS) {
        order.params(studio, index)?;
    }
    let shards = existing
        .filter(|_| !replaces)
        .map(|manifest| manifest.shards)
        .unwrap_or_default();
    let overlap = |from: u64, to: u64| to.min(end).saturating_sub(from.max(start));
    let published: u64 = shards
        .iter()
        .map(|s| overlap(s.index_start, s.index_end))
        .sum();
    let remaining = end - start - published;
    let [width, height] = order.spec.resolution_px;
    let bytes = BYTES_PER_PIXEL * f64::from(width) * f64::from(height);
    let (first, last) = (start / size, (end - 1) / size);
    let mut text = format!(
        "would make {remaining} samples of {width} x {height} px at {} paths a pixel, about {}\n",
        order.preset.spp,
        bytes_for_people(bytes * remaining as f64),
    );
    if replaces {
        text += "would replace the dataset that is there\n";
    } else if published > 0 {
        text += &format!("{published} of {} are there already\n", end - start);
    }
    text += &format!(
        "in {} shards of {size}, {} to {}\n",
        last - first + 1,
        shard_path(&plan.split, first),
        shard_path(&plan.split, last),
    );
    text += &format!(
        "dataset {}, seed {}, indices {start} to {}\n",
        plan.dataset,
        order.spec.seed,
        end - 1
    );
    output::print(&text)?;
    Ok(Outcome::Done)
}

fn bytes_for_people(bytes: f64) -> String {
    match bytes {
        b if b < 1e6 => format!("{:.0} kB", b / 1e3),
        b if b < 1e9 => format!("{:.0} MB", b / 1e6),
        b if b < 1e12 => format!("{:.1} GB", b / 1e9),
        b => format!("{:.1} TB", b / 1e12),
    }
}
