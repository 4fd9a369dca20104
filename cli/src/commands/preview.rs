//! `bottega preview`: a contact sheet of a recipe's samples, or of a dataset.

use std::ops::Range;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};

use bottega_assemble::Studio;
use bottega_assemble::job::Order;
use bottega_audit::DatasetFiles;
use bottega_audit::contact_sheet::{SheetSample, draw_sheet};
use bottega_format::{ShardReader, write_atomically};
use bottega_schemas::OptionalPlanes;
use bottega_schemas::shard_schema::DEFAULT_SHARD_SIZE;

use crate::commands::Outcome;
use crate::global::GlobalArgs;
use crate::progress::Progress;
use crate::recipe_args::RecipeArgs;

/// A sheet of more samples than this cannot be looked at.
const SAMPLES_MAX: u64 = 96;

/// Samples of a dataset that are shown unless told otherwise.
const SAMPLES_DEFAULT: u64 = 24;

/// What is shown.
#[derive(Debug, clap::Args)]
pub(crate) struct PreviewArgs {
    /// Recipe, whose samples are rendered and not kept, or a dataset folder or shard
    #[arg(value_name = "RECIPE|DATASET")]
    source: PathBuf,

    /// Index of a sample, or a range START..END, end excluded
    #[arg(long, value_name = "I|A..B", value_parser = parse_indices)]
    index: Option<Range<u64>>,

    /// PNG that receives the sheet
    #[arg(long, value_name = "FILE.png")]
    out: PathBuf,

    #[command(flatten)]
    recipe_args: RecipeArgs,

    /// Further planes of a recipe's samples, with commas between them, or `all`; a dataset shows
    /// those that it stores
    #[arg(long, value_name = "NAMES", value_parser = OptionalPlanes::parse)]
    planes: Option<OptionalPlanes>,
}

/// Collects the samples and draws the sheet.
pub(crate) fn run(args: &PreviewArgs, global: &GlobalArgs) -> Result<Outcome> {
    let samples = if is_dataset(&args.source) {
        stored_samples(&args.source, args.index.clone())?
    } else {
        rendered_samples(args, global)?
    };
    let sheet = draw_sheet(&samples);
    write_atomically(&args.out, &sheet.to_png())?;
    eprintln!("{} samples on {}", samples.len(), args.out.display());
    Ok(Outcome::Done)
}

/// A folder or a shard; everything else is a recipe, which also has names without a file.
fn is_dataset(source: &Path) -> bool {
    source.is_dir() || source.extension().is_some_and(|ext| ext == "parquet")
}

/// The samples of a recipe with the given indices, or its first three.
fn rendered_samples(args: &PreviewArgs, global: &GlobalArgs) -> Result<Vec<SheetSample>> {
    let source = args
        .source
        .to_str()
        .context("the name of the recipe is not text")?;
    let (spec, preset) = args.recipe_args.read(source)?;
    let indices = args.index.clone().unwrap_or(0..3);
    let order = Order {
        spec,
        preset,
        indices: indices.clone(),
        shard_size: DEFAULT_SHARD_SIZE,
        planes: args.planes.unwrap_or_default(),
    };
    let studio = Studio::open(super::assets::open(global)?)?;
    let mut progress = Progress::new("samples", indices.end - indices.start);
    let mut samples = Vec::new();
    for index in indices {
        progress.update(samples.len() as u64, 0);
        samples.push(SheetSample::from_sample(
            &order.make(&studio, index)?.sample,
        ));
    }
    progress.update(samples.len() as u64, 0);
    Ok(samples)
}

/// The samples of a dataset with the given indices, or its first ones.
fn stored_samples(source: &Path, indices: Option<Range<u64>>) -> Result<Vec<SheetSample>> {
    let limit = if indices.is_some() {
        SAMPLES_MAX
    } else {
        SAMPLES_DEFAULT
    };
    let wanted = indices.unwrap_or(0..u64::MAX);
    let mut samples = Vec::new();
    for shard in DatasetFiles::find(source)?.shards {
        let reader = ShardReader::open(&shard.path)?;
        for (row, meta) in reader.labels().enumerate() {
            let meta = meta?;
            let is_wanted = u64::try_from(meta.index).is_ok_and(|index| wanted.contains(&index));
            if is_wanted && (samples.len() as u64) < limit {
                samples.push(SheetSample::from_stored(reader.planes(row)?, &meta));
            }
        }
    }
    ensure!(
        !samples.is_empty(),
        "{} holds no sample of these indices",
        source.display()
    );
    Ok(samples)
}

fn parse_indices(text: &str) -> Result<Range<u64>> {
    let number = |part: &str| {
        part.parse::<u64>()
            .with_context(|| format!("wanted an index, found {part:?}"))
    };
    let range = match text.split_once("..") {
        Some((start, end)) => number(start)?..number(end)?,
        None => {
            let index = number(text)?;
            index..index.checked_add(1).context("the index is too large")?
        }
    };
    ensure!(!range.is_empty(), "{text:?} holds no index");
    ensure!(
        range.end - range.start <= SAMPLES_MAX,
        "{text:?} holds {} indices, a sheet shows at most {SAMPLES_MAX}",
        range.end - range.start
    );
    Ok(range)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indices_are_one_or_a_range() {
        assert_eq!(parse_indices("7").unwrap(), 7..8);
        assert_eq!(parse_indices("3..9").unwrap(), 3..9);
        for wrong in ["", "a", "9..3", "3..3", "0..1000", "18446744073709551615"] {
            assert!(parse_indices(wrong).is_err(), "{wrong}");
        }
    }
}
