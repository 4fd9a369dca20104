//! `bottega report`: one HTML page about a dataset.

use std::path::PathBuf;

use anyhow::Result;

use bottega_audit::report::report;
use bottega_format::{read_predictions, write_atomically};
use bottega_schemas::audit::AuditConfig;

use crate::commands::Outcome;

/// What the page is about.
#[derive(Debug, clap::Args)]
pub(crate) struct ReportArgs {
    /// Dataset folders or single shards; several are reported together
    #[arg(value_name = "DATASET", required = true)]
    datasets: Vec<PathBuf>,

    /// HTML file that receives the page
    #[arg(long, value_name = "FILE.html")]
    out: PathBuf,

    /// Errors of models on these samples: a Parquet file as docs/formats.md says
    #[arg(long, value_name = "FILE")]
    predictions: Option<PathBuf>,

    /// What the audit compares and where its limits are: a TOML file as docs/audit.md says
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

/// Writes the page.
pub(crate) fn run(args: &ReportArgs) -> Result<Outcome> {
    let config = match &args.config {
        Some(path) => AuditConfig::load(path)?,
        None => AuditConfig::default(),
    };
    let predictions = match &args.predictions {
        Some(path) => read_predictions(path)?,
        None => Vec::new(),
    };
    let html = report(&args.datasets, &config, &predictions)?;
    write_atomically(&args.out, html.as_bytes())?;
    eprintln!(
        "{} opens in any browser, without a network",
        args.out.display()
    );
    Ok(Outcome::Done)
}
