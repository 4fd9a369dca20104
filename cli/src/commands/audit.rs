//! `bottega audit`: who is in a dataset, what hangs together with who they are, and whether models
//! err alike on all.

use std::path::PathBuf;

use anyhow::{Result, bail};

use bottega_audit::fairness::{self, AuditInput, RecipeSource};
use bottega_audit::pixels::measure_pixels;
use bottega_format::predictions::read_predictions;
use bottega_format::write_atomically;
use bottega_schemas::audit::{AuditConfig, AuditReport, Status};

use crate::commands::Outcome;
use crate::output;

/// What is audited.
#[derive(Debug, clap::Args)]
pub(crate) struct AuditArgs {
    /// Dataset folders or single shards; several are audited together
    #[arg(value_name = "DATASET", required = true)]
    datasets: Vec<PathBuf>,

    /// Errors of models on these samples: a Parquet file as docs/formats.md says
    #[arg(long, value_name = "FILE")]
    predictions: Option<PathBuf>,

    /// What is compared and where the limits are: a TOML file as docs/audit.md says
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,

    /// Write the whole audit as JSON to this file, or to stdout for `-`
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,

    /// Write the recipe that fills the gaps to this file
    #[arg(long, value_name = "RECIPE.toml")]
    suggest: Option<PathBuf>,

    /// Read the pixels of at most this many samples too, evenly spaced
    #[arg(long, value_name = "N", num_args = 0..=1, default_missing_value = "2000")]
    pixels: Option<usize>,

    /// Tell every check, not only those that fail or warn
    #[arg(long)]
    all: bool,
}

/// Audits; a limit that is crossed is exit code 1.
pub(crate) fn run(args: &AuditArgs) -> Result<Outcome> {
    let config = match &args.config {
        Some(path) => AuditConfig::load(path)?,
        None => AuditConfig::default(),
    };
    let predictions = match &args.predictions {
        Some(path) => read_predictions(path)?,
        None => Vec::new(),
    };
    let labels = fairness::read_labels(&args.datasets, &config, &predictions)?;
    let pixels = match args.pixels {
        Some(samples_max) => measure_pixels(&args.datasets, samples_max)?,
        None => Vec::new(),
    };
    let dataset = fairness::describe(&args.datasets, &labels)?;
    let name = dataset.names.first().cloned().unwrap_or_default();
    let input = AuditInput {
        labels: &labels,
        pixels: &pixels,
        predictions: &predictions,
    };
    let report = fairness::audit(&input, dataset, &config);

    if let Some(path) = &args.suggest {
        let source = RecipeSource::of_datasets(&args.datasets)?;
        let Some(found) = fairness::suggest(&labels, &config, &name, &source) else {
            bail!("no sample says its tone, age and sex, so no gap can be told");
        };
        write_atomically(path, found.recipe_toml.as_bytes())?;
        eprintln!(
            "{} of 100 cells of tone, sex and age are below {}: {} makes {} people that fill them",
            found.cells,
            found.goal,
            path.display(),
            found.people
        );
        eprintln!("  {}", source.told);
    }
    match &args.json {
        Some(path) if path.as_os_str() == "-" => output::print_json(&report)?,
        Some(path) => {
            let mut json = serde_json::to_string_pretty(&report)?;
            json.push('\n');
            write_atomically(path, json.as_bytes())?;
            output::print(&told(&report, args.all))?;
        }
        None => output::print(&told(&report, args.all))?,
    }
    let sum = &report.summary;
    eprintln!(
        "{} samples: {} checks pass, {} warn, {} fail; {} have too few samples, {} lack labels",
        report.dataset.rows, sum.pass, sum.warn, sum.fail, sum.insufficient, sum.not_available
    );
    Ok(if report.has_failed() {
        Outcome::Found
    } else {
        Outcome::Done
    })
}

/// The verdicts, one a line.
fn told(report: &AuditReport, all: bool) -> String {
    let word = |status: Status| match status {
        Status::Fail => "fail",
        Status::Warn => "warn",
        Status::Insufficient => "too few",
        Status::NotAvailable => "no labels",
        Status::Pass => "pass",
    };
    let is_told = |status: Status| all || matches!(status, Status::Fail | Status::Warn);
    report
        .checks
        .iter()
        .filter(|check| is_told(check.status))
        .map(|check| {
            format!(
                "{:<9} {:<5} {}\n",
                word(check.status),
                check.id,
                check.message
            )
        })
        .collect()
}
