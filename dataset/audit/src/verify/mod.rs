//! Whether a dataset is whole and means what it says.
//!
//! Files are compared with the manifest, rows with the hashes beside them, labels with their
//! ranges and with each other, planes with the definitions of `bottega_schemas::plane` and with
//! each other. What cannot be read is a finding like any other; only where there is no dataset
//! is there an error.

mod across_rows;
mod alignment;
mod coding;
mod config;
mod depth_scale;
mod labels;
mod manifest;
mod optional_planes;
mod outliers;
mod planes;
mod points;
mod row_facts;
mod rows;
mod scene;
mod shard;
mod surface;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::atomic::AtomicU64;

use rayon::prelude::*;
use serde::Serialize;

pub use config::{SurfaceLimits, VerifyConfig};
pub use labels::check_labels;
#[cfg(test)]
pub(crate) use labels::tests::good_meta;
pub use planes::{Pinhole, PlaneSlices, check_planes};
pub use surface::{SurfaceFit, fit_surface};

use crate::error::AuditError;
use crate::files::{DatasetFiles, MANIFEST_NAME};
use crate::finding::{Check, Finding};

use self::row_facts::RowFacts;
use self::shard::ShardReport;

/// What verification found.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Verification {
    /// Number of shards that were looked at.
    pub shards: u64,
    /// Number of rows in those that could be opened.
    pub rows: u64,
    /// Pixels of each part, by the numbers of the part plane, over all rows that have it.
    pub part_px: BTreeMap<u8, u64>,
    /// Everything that is not as it should be: the dataset first, then in order of file and row.
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
    let manifest = if files.is_single_shard || (!config.checksums && files.manifest.is_none()) {
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
                let findings = &mut report.findings;
                manifest::check_file(&shard.path, entry, report.rows, config.checksums, findings);
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
    let facts: Vec<_> = files
        .shards
        .iter()
        .zip(&reports)
        .flat_map(|(shard, report)| {
            report
                .facts
                .iter()
                .map(|facts| (shard.name.as_str(), facts))
        })
        .collect();
    across_rows::check_across_rows(&facts, config, &mut findings);
    depth_scale::check_depth_scale(&facts, config, &mut findings);
    let part_px = count_parts(facts.iter().map(|(_, facts)| *facts));
    drop(facts);
    let rows = reports.iter().map(|report| report.rows).sum();
    findings.extend(reports.into_iter().flat_map(|report| report.findings));
    Ok(Verification {
        shards: files.shards.len() as u64,
        rows,
        part_px,
        findings,
    })
}

fn count_parts<'a>(facts: impl Iterator<Item = &'a RowFacts>) -> BTreeMap<u8, u64> {
    let mut counts = BTreeMap::new();
    for (part, n) in facts.filter_map(|facts| facts.part_px.as_ref()).flatten() {
        *counts.entry(*part).or_default() += n;
    }
    counts
}

/// Each index occurs once in a dataset, and each identity in one split.
fn check_across_shards(files: &DatasetFiles, reports: &[ShardReport], findings: &mut Vec<Finding>) {
    let mut owners: BTreeMap<i64, &str> = BTreeMap::new();
    let mut splits: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let last_shard_idx = reports.iter().filter_map(|report| report.shard_idx).max();
    for (shard, report) in files.shards.iter().zip(reports) {
        if let (Some(shard_idx), Some(plan), Some(last)) =
            (report.shard_idx, &report.plan, report.keys.last())
            && Some(shard_idx) != last_shard_idx
        {
            let end = (shard_idx + 1).saturating_mul(plan.shard_size);
            if u64::try_from(last.index).is_ok_and(|index| index + 1 < end) {
                let message = format!(
                    "the last index is {}, but the shard is not the last and holds indices up to \
                     {}; rows are missing",
                    last.index,
                    end - 1
                );
                findings.push(Finding::new(Check::Index, message).in_file(&shard.name));
            }
        }
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
