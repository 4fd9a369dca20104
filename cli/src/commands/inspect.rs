//! `bottega inspect`: what one file holds.

use std::path::{Path, PathBuf};

use anyhow::Result;

use bottega_audit::inspect::{SampleSummary, inspect_exr, inspect_row, inspect_shard};

use crate::commands::Outcome;
use crate::failure::Advise as _;
use crate::output;

/// What is looked at.
#[derive(Debug, clap::Args)]
pub(crate) struct InspectArgs {
    /// An EXR sample, a shard, or one row of a shard
    #[arg(value_name = "FILE|SHARD[:ROW]")]
    target: PathBuf,

    /// Print the scene document alone, which renders the sample again
    #[arg(long, conflicts_with = "json")]
    scene: bool,

    /// Write JSON for machines
    #[arg(long)]
    json: bool,
}

/// Looks and prints.
pub(crate) fn run(args: &InspectArgs) -> Result<Outcome> {
    let (path, row) = split_row(&args.target);
    let is_shard = path.extension().is_some_and(|ext| ext == "parquet");
    match (is_shard, row) {
        (true, Some(row)) => print_sample(&inspect_row(&path, row)?, args)?,
        (true, None) if args.scene => {
            anyhow::bail!("a shard has a scene document in each row; name one as SHARD:ROW")
        }
        (true, None) => {
            let summary = inspect_shard(&path)?;
            if args.json {
                output::print_json(&summary)?;
            } else {
                output::print(&summary.to_text())?;
            }
        }
        (false, _) => {
            let summary = inspect_exr(&path).advise(|| {
                "wanted an EXR sample as `generate --keep-exr` writes it, or a *.parquet shard"
                    .to_owned()
            })?;
            print_sample(&summary, args)?;
        }
    }
    Ok(Outcome::Done)
}

fn print_sample(summary: &SampleSummary, args: &InspectArgs) -> Result<()> {
    if args.scene {
        output::print_json(&summary.scene)
    } else if args.json {
        output::print_json(summary)
    } else {
        output::print(&summary.to_text())
    }
}

/// Takes `SHARD:ROW` apart; a file whose own name ends like that is taken as it is.
fn split_row(target: &Path) -> (PathBuf, Option<usize>) {
    if !target.exists()
        && let Some((path, row)) = target.to_str().and_then(|text| text.rsplit_once(':'))
        && let Ok(row) = row.parse()
    {
        return (PathBuf::from(path), Some(row));
    }
    (target.to_owned(), None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_split_off_the_shard() {
        let split = |text: &str| split_row(Path::new(text));
        assert_eq!(split("a.parquet:7"), (PathBuf::from("a.parquet"), Some(7)));
        assert_eq!(split("a.parquet"), (PathBuf::from("a.parquet"), None));
        assert_eq!(split("c:a.parquet"), (PathBuf::from("c:a.parquet"), None));
    }
}
