//! `bottega preview`: a contact sheet of a recipe's samples, or of a dataset.

use std::ops::Range;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};

use bottega_audit::DatasetFiles;
use bottega_audit::contact_sheet::{SheetSample, draw_sheet};
use bottega_format::{ShardReader, write_atomically};

use crate::commands::Outcome;

/// A sheet of more samples than this cannot be looked at.
const SAMPLES_MAX: u64 = 96;

/// Samples of a dataset that are shown unless told otherwise.
const SAMPLES_DEFAULT: u64 = 24;

/// What is shown.
#[derive(Debug, clap::Args)]
pub(crate) struct PreviewArgs {
    /// Dataset folder or shard, whose samples are shown
    #[arg(value_name = "DATASET")]
    source: PathBuf,

    /// Index of a sample, or a range START..END, end excluded
    #[arg(long, value_name = "I|A..B", value_parser = parse_indices)]
    index: Option<Range<u64>>,

    /// PNG that receives the sheet
    #[arg(long, value_name = "FILE.png")]
    out: PathBuf,
}

/// Collects the samples and draws the sheet.
pub(crate) fn run(args: &PreviewArgs) -> Result<Outcome> {
    let samples = stored_samples(&args.source, args.index.clone())?;
    let sheet = draw_sheet(&samples);
    write_atomically(&args.out, &sheet.to_png())?;
    eprintln!("{} samples on {}", samples.len(), args.out.display());
    Ok(Outcome::Done)
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
