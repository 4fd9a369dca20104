//! Whether a dataset is whole and means what it says.
//!
//! Files are compared with the manifest, rows with the hashes beside them, labels with their
//! ranges and with each other, planes with the definitions of `bottega_schemas::plane` and with
//! each other. What cannot be read is a finding like any other; only where there is no dataset
//! is there an error.

mod config;
mod labels;
mod manifest;
mod optional_planes;
mod planes;
mod rows;
mod shard;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::atomic::AtomicU64;

use rayon::prelude::*;
use serde::Serialize;

pub use config::VerifyConfig;
pub use labels::check_labels;
#[cfg(test)]
pub(crate) use labels::tests::good_meta;
pub use planes::{Pinhole, PlaneSlices, check_planes};

use crate::error::AuditError;
use crate::files::{DatasetFiles, MANIFEST_NAME};
use crate::finding::{Check, Finding};

use self::shard::ShardReport;

/// What verification found.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Verification {
    /// Number of shards that were looked at.
    pub shards: u64,
    /// Number of rows in those that could be opened.
    pub rows: u64,
    /// Everything that is not as it should be, in order of file and row.
    pub findings: Vec<Finding>,
}

/// Verifies the dataset or the single shard at `path`.
///
/// `rows_done` is raised with each row, for whoever shows progress.
pub fn verify_dataset(
    path: &Path,
    config: &VerifyConfig,
    rows_done: &AtomicU64,
) -> Result<Verification, AuditError> {
    let files = DatasetFiles::find(path)?;
    let mut findings = Vec::new();
    let manifest = if files.is_single_shard || !config.checksums {
        None
    } else {
        manifest::check_manifest(&files, &mut findings)
    };

    let reports: Vec<ShardReport> = files
        .shards
        .par_iter()
        .map(|shard| {
            let mut report = shard::check_shard(&shard.name, &shard.path, config, rows_done);
            let entries = manifest.iter().flat_map(|manifest| &manifest.shards);
            if let Some(entry) = entries.into_iter().find(|entry| entry.path == shard.name) {
                manifest::check_file(&shard.path, entry, report.rows, &mut report.findings);
            }
            if let (Some(manifest), Some(plan)) = (&manifest, &report.plan)
                && *plan != manifest.plan
            {
                let message = "the shard was made by another plan than the manifest says";
                report
                    .findings
                    .push(Finding::new(Check::Manifest, message).in_file(&shard.name));
            }
            report
        })
        .collect();

    check_across_shards(&files, &reports, &mut findings);
    let rows = reports.iter().map(|report| report.rows).sum();
    findings.extend(reports.into_iter().flat_map(|report| report.findings));
    Ok(Verification {
        shards: files.shards.len() as u64,
        rows,
        findings,
    })
}

/// Each index occurs once in a dataset, and each identity in one split.
fn check_across_shards(files: &DatasetFiles, reports: &[ShardReport], findings: &mut Vec<Finding>) {
    let mut owners: BTreeMap<i64, &str> = BTreeMap::new();
    let mut splits: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (shard, report) in files.shards.iter().zip(reports) {
        let mut reported = false;
        for key in &report.keys {
            if let Some(owner) = owners.insert(key.index, &shard.name)
                && owner != shard.name
                && !reported
            {
                let message = format!("index {} is in {owner} too", key.index);
                findings.push(Finding::new(Check::Index, message).in_file(&shard.name));
                reported = true;
            }
            if let Some(identity_id) = &key.identity_id {
                splits.entry(identity_id).or_default().insert(&key.split);
            }
        }
    }
    if let Some((identity_id, splits)) = splits.iter().find(|(_, splits)| splits.len() > 1) {
        let message = format!("identity {identity_id} is in the splits {splits:?}, wanted one");
        findings.push(Finding::new(Check::Index, message).in_file(MANIFEST_NAME));
    }
}

/// Whether two numbers agree within a tolerance; NaN agrees with nothing.
fn is_close<T>(a: T, b: T, tolerance: T) -> bool
where
    T: PartialOrd + Copy + std::ops::Sub<Output = T>,
{
    (if a > b { a - b } else { b - a }) <= tolerance
}

#[cfg(test)]
mod tests;
