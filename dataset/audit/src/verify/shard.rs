//! One shard: readable to its end, in order, each row checked.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use rayon::prelude::*;

use bottega_format::{FormatError, ShardReader};
use bottega_schemas::DatasetPlan;
use bottega_schemas::shard_schema::{SCHEMA_VERSION, shard_path};

use crate::finding::{Check, Finding};

use super::config::VerifyConfig;
use super::row_facts::RowFacts;
use super::rows::check_row;

/// What a shard was found to be.
#[derive(Clone, Debug, Default)]
pub(super) struct ShardReport {
    pub(super) rows: u64,
    /// Index, identity and split of each row that could be read.
    pub(super) keys: Vec<RowKey>,
    pub(super) plan: Option<DatasetPlan>,
    pub(super) shard_idx: Option<u64>,
    /// What the checks across rows need of each row that could be decoded.
    pub(super) facts: Vec<RowFacts>,
    pub(super) findings: Vec<Finding>,
}

/// What tells rows of a dataset apart.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct RowKey {
    pub(super) index: i64,
    pub(super) identity_id: Option<String>,
    pub(super) split: String,
}

/// Checks the shard `name` at `path`; `rows_done` counts the rows for whoever watches.
pub(super) fn check_shard(
    name: &str,
    path: &Path,
    config: &VerifyConfig,
    rows_done: &AtomicU64,
) -> ShardReport {
    let mut report = ShardReport::default();
    match ShardReader::open(path) {
        Ok(reader) => check_open_shard(name, &reader, config, rows_done, &mut report),
        Err(err) => report.findings.push(unreadable(&err)),
    }
    for finding in &mut report.findings {
        finding.file = Some(name.to_owned());
    }
    report.findings = capped(
        std::mem::take(&mut report.findings),
        config.findings_per_check,
    );
    report
}

fn check_open_shard(
    name: &str,
    reader: &ShardReader,
    config: &VerifyConfig,
    rows_done: &AtomicU64,
    report: &mut ShardReport,
) {
    report.rows = reader.rows() as u64;
    let info = reader.info();
    // Files of other writers and imports may lack labels; what was generated has them all.
    let generated = info.as_ref().is_some_and(|info| !info.plan.is_imported());
    let imported;
    let config = if generated {
        config
    } else {
        imported = config.for_imported();
        &imported
    };
    // Other writers leave gaps between indices; ours do not.
    let is_ours = info.is_some();
    let mut indices_expected = 0..i64::MAX;
    if let Some(info) = info {
        let plan = &info.plan;
        if config.checksums && plan.schema_version != SCHEMA_VERSION {
            let found = &plan.schema_version;
            let message = format!("schema version is {found}, this program knows {SCHEMA_VERSION}");
            report.findings.push(Finding::new(Check::Schema, message));
        }
        let expected_name = shard_path(&plan.split, info.shard_idx);
        if config.checksums && !expected_name.ends_with(name) && name != expected_name {
            let message = format!("the shard says it is {expected_name}");
            report.findings.push(Finding::new(Check::Schema, message));
        }
        let start = info.shard_idx.saturating_mul(plan.shard_size);
        let bound = |index: u64| i64::try_from(index).unwrap_or(i64::MAX);
        indices_expected = bound(start)..bound(start.saturating_add(plan.shard_size));
        report.shard_idx = Some(info.shard_idx);
        report.plan = Some(info.plan);
    } else if config.checksums && !reader.key_values().is_empty() {
        tracing::debug!("{name} does not say which dataset it belongs to");
    }

    let mut last_index = None;
    for (row, labels) in (0u64..).zip(reader.labels()) {
        let meta = match labels {
            Ok(meta) => meta,
            Err(err) => {
                report.findings.push(unreadable(&err));
                break;
            }
        };
        let index = meta.index;
        let message = if last_index.is_some_and(|last| index <= last) {
            Some(format!(
                "index {index} follows {}, wanted ascending ones",
                last_index.unwrap_or(0)
            ))
        } else if let Some(last) = last_index.filter(|last| is_ours && index != last + 1) {
            Some(format!(
                "index {index} follows {last}, rows between them are missing"
            ))
        } else if is_ours && last_index.is_none() && index > indices_expected.start {
            Some(format!(
                "the first index is {index}, this shard starts at {}; rows are missing",
                indices_expected.start
            ))
        } else if !indices_expected.contains(&index) {
            let (start, end) = (indices_expected.start, indices_expected.end);
            Some(format!(
                "index is {index}, this shard holds {start} to {}",
                end - 1
            ))
        } else {
            None
        };
        if let Some(message) = message {
            report
                .findings
                .push(Finding::new(Check::Index, message).in_row(row, &meta.sample_id));
        }
        last_index = Some(index);
        let identity_id = meta.identity_id;
        report.keys.push(RowKey {
            index,
            identity_id,
            split: meta.split,
        });
    }

    let of_rows: Vec<(Vec<Finding>, Option<RowFacts>)> = (0..reader.rows())
        .into_par_iter()
        .map(|row| {
            let mut findings = Vec::new();
            let mut sample_id = String::new();
            let mut facts = None;
            match reader.row_and_hashes(row) {
                Ok((encoded, hashes)) => {
                    let row = (row as u64, &encoded);
                    facts = check_row(row, &hashes, generated, config, &mut findings);
                    sample_id = encoded.meta.sample_id;
                }
                Err(err) => findings.push(unreadable(&err)),
            }
            rows_done.fetch_add(1, Ordering::Relaxed);
            let placed = findings
                .into_iter()
                .map(|finding| finding.in_row(row as u64, &sample_id));
            (placed.collect(), facts)
        })
        .collect();
    for (findings, facts) in of_rows {
        report.findings.extend(findings);
        report.facts.extend(facts);
    }
}

/// What a shard that cannot be read is found to be.
pub(super) fn unreadable(err: &FormatError) -> Finding {
    let mut cause = err;
    while let FormatError::InFile { source, .. } = cause {
        cause = source;
    }
    let check = match cause {
        FormatError::MissingColumn { .. } | FormatError::WrongColumn { .. } => Check::Schema,
        _ => Check::Readable,
    };
    Finding::new(check, cause.to_string())
}

/// Keeps the first findings of each check and says how many more there were.
fn capped(findings: Vec<Finding>, per_check: usize) -> Vec<Finding> {
    let mut kept: Vec<Finding> = Vec::new();
    let mut counts: std::collections::BTreeMap<Check, usize> = std::collections::BTreeMap::new();
    let mut file = None;
    for finding in findings {
        let count = counts.entry(finding.check).or_default();
        *count += 1;
        file = finding.file.clone();
        if *count <= per_check {
            kept.push(finding);
        }
    }
    for (check, count) in counts.into_iter().filter(|(_, count)| *count > per_check) {
        let more = count - per_check;
        let mut finding = Finding::new(check, format!("{more} more findings of this check"));
        finding.file.clone_from(&file);
        kept.push(finding);
    }
    kept
}
