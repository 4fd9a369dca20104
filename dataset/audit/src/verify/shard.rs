//! One shard: readable to its end, in order, each row checked.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use rayon::prelude::*;

use bottega_format::{EncodedRow, FormatError, LabelRow, ShardReader};
use bottega_schemas::shard_schema::{SCHEMA_VERSION, is_known_version, shard_path};
use bottega_schemas::{DatasetPlan, SampleMeta};

use crate::finding::{Check, Finding};

use super::config::VerifyConfig;
use super::row_facts::RowFacts;
use super::rows::check_row;

/// Rows whose labels are in memory at a time.
const BATCH: usize = 256;

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

impl ShardReport {
    fn take(&mut self, checked: Vec<Checked>) {
        for (findings, facts) in checked {
            self.findings.extend(findings);
            self.facts.extend(facts);
        }
    }
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
        if config.checksums && !is_known_version(&plan.schema_version) {
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
    let mut label_rows = reader.label_rows();
    let mut n_read = 0;
    loop {
        let mut batch = Vec::new();
        for labels in label_rows.by_ref().take(BATCH) {
            match labels {
                Ok(labels) => batch.push(labels),
                Err(err) => report.findings.push(unreadable(&err)),
            }
        }
        if batch.is_empty() {
            break;
        }
        let rows = n_read..n_read + batch.len();
        for (row, labels) in rows.clone().zip(&batch) {
            let row = row as u64;
            check_index(
                row,
                &labels.meta,
                (is_ours, &indices_expected),
                last_index,
                report,
            );
            last_index = Some(labels.meta.index);
            report.keys.push(RowKey {
                index: labels.meta.index,
                identity_id: labels.meta.identity_id.clone(),
                split: labels.meta.split.clone(),
            });
        }
        n_read = rows.end;
        let pairs: Vec<(usize, LabelRow)> = rows.zip(batch).collect();
        let checked: Vec<Checked> = pairs
            .into_par_iter()
            .map(|(row, mut labels)| {
                let hashes = std::mem::take(&mut labels.hashes);
                let sample_id = labels.meta.sample_id.clone();
                let read = reader.row_beside(row, labels);
                let read = read.map(|encoded| (encoded, hashes));
                check_read((row, sample_id), read, generated, config, rows_done)
            })
            .collect();
        report.take(checked);
    }
    // Rows whose labels cannot be read with the others are tried one by one.
    let checked: Vec<Checked> = (n_read..reader.rows())
        .into_par_iter()
        .map(|row| {
            let read = reader.row_and_hashes(row);
            check_read((row, String::new()), read, generated, config, rows_done)
        })
        .collect();
    report.take(checked);
}

/// What was found in a row, and what is kept of it.
type Checked = (Vec<Finding>, Option<RowFacts>);

/// A row and its stored hashes, as they were read.
type Read = Result<(EncodedRow, BTreeMap<&'static str, String>), FormatError>;

/// Checks a row that was read, or tells why it was not.
fn check_read(
    (row, mut sample_id): (usize, String),
    read: Read,
    generated: bool,
    config: &VerifyConfig,
    rows_done: &AtomicU64,
) -> Checked {
    let mut findings = Vec::new();
    let mut facts = None;
    match read {
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
}

/// Indices ascend without gaps and lie in the shard.
fn check_index(
    row: u64,
    meta: &SampleMeta,
    (is_ours, indices_expected): (bool, &Range<i64>),
    last_index: Option<i64>,
    report: &mut ShardReport,
) {
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
        let finding = Finding::new(Check::Index, message);
        report.findings.push(finding.in_row(row, &meta.sample_id));
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
