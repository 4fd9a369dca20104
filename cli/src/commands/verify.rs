//! `bottega verify`: whether a dataset is whole and means what it says.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::Result;

use bottega_audit::verify::{VerifyConfig, verify_dataset};
use bottega_audit::{DatasetFiles, Verification};

use crate::commands::Outcome;
use crate::output;
use crate::progress::Progress;

/// What is verified.
#[derive(Debug, clap::Args)]
pub(crate) struct VerifyArgs {
    /// Dataset folder, or a single shard
    dataset: PathBuf,

    /// Judge what the files mean, not their hashes, encodings and attributes
    #[arg(long)]
    no_checksums: bool,

    /// Write JSON for machines
    #[arg(long)]
    json: bool,
}

/// Verifies; a finding is exit code 1.
pub(crate) fn run(args: &VerifyArgs) -> Result<Outcome> {
    let config = VerifyConfig {
        checksums: !args.no_checksums,
        ..VerifyConfig::default()
    };
    let found = verify_watched(args, &config)?;
    if args.json {
        output::print_json(&found)?;
    } else {
        let lines: String = found
            .findings
            .iter()
            .map(|finding| format!("{finding}\n"))
            .collect();
        output::print(&lines)?;
    }
    let (shards, rows) = (found.shards, found.rows);
    let of_what = format!("{rows} samples in {shards} shards");
    if found.findings.is_empty() {
        eprintln!("no finding in {of_what}");
        return Ok(Outcome::Done);
    }
    let n_findings = found.findings.len();
    eprintln!(
        "{n_findings} {} in {of_what}",
        if n_findings == 1 {
            "finding"
        } else {
            "findings"
        }
    );
    Ok(Outcome::Found)
}

/// Verifies while another thread shows how far it is.
fn verify_watched(args: &VerifyArgs, config: &VerifyConfig) -> Result<Verification> {
    let rows_total = DatasetFiles::find(&args.dataset)?.rows_promised();
    let rows_done = AtomicU64::new(0);
    let (ended_tx, ended_rx) = std::sync::mpsc::channel::<()>();
    std::thread::scope(|scope| {
        let rows_done = &rows_done;
        scope.spawn(move || {
            let mut progress = Progress::new("samples verified", rows_total);
            // The channel closes when the work has ended.
            while ended_rx.recv_timeout(Duration::from_millis(200))
                == Err(std::sync::mpsc::RecvTimeoutError::Timeout)
            {
                progress.update(rows_done.load(Ordering::Relaxed), 0);
            }
        });
        let outcome = verify_dataset(&args.dataset, config, rows_done);
        drop(ended_tx);
        Ok(outcome?)
    })
}
