//! The datasets of a run: which rows are trained on, in which mix, and which people are held out.
//!
//! Whole people are held out, and whole people are left out where a run takes a share of them: keyed
//! hashes of the seed of the run and `identity_id` decide, so it is the same for any number of
//! datasets and in any order. Rows that a dataset itself calls `val`
//! or `test` are held out always, and their people with them. Where an import knows no identity,
//! each sample is its own.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use bottega_format::FormatError;
use bottega_format::loader::{RowLabels, Source};
use bottega_schemas::sample::COLUMNS;
use bottega_schemas::train::{DataConfig, DatasetChoice, QuotaConfig};
use bottega_schemas::{Kind, Seed};

use crate::error::TrainError;

/// Labels that decide who is held out.
const WHO: [&str; 3] = ["split", "identity_id", "sample_id"];

/// What a run reads.
#[derive(Clone, Debug)]
pub struct DataSources {
    /// What is trained on, with weights.
    pub training: Vec<(Source, f64)>,
    /// What is held out, one for each dataset that has such rows.
    pub held_out: Vec<HeldOut>,
}

/// Rows of a dataset that are evaluated on.
#[derive(Clone, Debug)]
pub struct HeldOut {
    /// Name of the dataset's folder.
    pub name: String,
    /// The rows.
    pub source: Source,
}

impl DataSources {
    /// Opens the datasets of a run; `seed` is that of the run.
    ///
    /// # Errors
    /// A dataset that cannot be read; a label that does not exist; a value that no row has; nothing
    /// left to train on, or nobody held out although somebody should be.
    pub fn open(config: &DataConfig, seed: u64) -> Result<Self, TrainError> {
        let opened: Result<Vec<Source>, _> = config.datasets.iter().map(open_dataset).collect();
        let opened = opened?;
        let mut tested = BTreeSet::new();
        for source in &opened {
            let people = source.map_labels(&WHO, |row| is_test(row).then(|| person(row)))?;
            tested.extend(people.into_iter().flatten());
        }
        let key = Seed(seed).child("held out");
        let is_held = |row: RowLabels<'_>| {
            let person = person(row);
            is_test(row)
                || tested.contains(&person)
                || key.child(&person).unit_f64() < config.held_out
        };
        let taken_key = Seed(seed).child("trained on");
        let is_taken = |row: RowLabels<'_>| {
            !is_held(row) && taken_key.child(&person(row)).unit_f64() < config.people
        };
        let mut sources = Self {
            training: Vec::new(),
            held_out: Vec::new(),
        };
        let mut n_rows = 0;
        for (choice, source) in config.datasets.iter().zip(&opened) {
            n_rows += source.rows();
            let n_held = (source.map_labels(&WHO, is_held)?.into_iter())
                .filter(|held| *held)
                .count() as u64;
            if n_held > 0 {
                sources.held_out.push(HeldOut {
                    name: name(&choice.path),
                    source: source.select(&WHO, is_held)?,
                });
            }
            let n_taken = (source.map_labels(&WHO, is_taken)?.into_iter())
                .filter(|taken| *taken)
                .count() as u64;
            if n_taken > 0 {
                let trained = match n_taken == source.rows() {
                    true => source.clone(),
                    false => source.select(&WHO, is_taken)?,
                };
                sources.training.push((trained, choice.weight));
            }
        }
        if sources.training.is_empty() {
            let reason = format!(
                "of {n_rows} samples {} are held out (data.held_out = {}), and of the people of                  the others none is left to train on (data.people = {})",
                sources.n_held_out(),
                config.held_out,
                config.people
            );
            return Err(TrainError::stopped(reason));
        }
        if config.held_out > 0.0 && sources.held_out.is_empty() {
            let reason = format!(
                "none of {n_rows} samples is held out by data.held_out = {}; hold out a larger \
                 share, or 0 to train on everything and evaluate on nothing",
                config.held_out
            );
            return Err(TrainError::stopped(reason));
        }
        if let Some(quota) = &config.quota {
            sources.training = deal(&sources.training, quota)?;
        }
        Ok(sources)
    }

    /// BLAKE3 of what is trained on: datasets, selections and weights.
    pub fn fingerprint(&self) -> String {
        let mut hasher = blake3::Hasher::new();
        for (source, weight) in &self.training {
            hasher.update(source.fingerprint().as_bytes());
            hasher.update(&weight.to_le_bytes());
        }
        hasher.finalize().to_hex().to_string()
    }

    /// Number of samples that are held out.
    pub fn n_held_out(&self) -> u64 {
        self.held_out.iter().map(|held| held.source.rows()).sum()
    }
}

impl HeldOut {
    /// All rows of a dataset, for an evaluation of its own.
    ///
    /// # Errors
    /// A dataset that cannot be read.
    pub fn whole(path: &Path) -> Result<Self, TrainError> {
        Ok(Self {
            name: name(path),
            source: Source::open(path)?,
        })
    }

    /// At most `n` samples of these, the same ones for a seed whatever the order of datasets and
    /// rows: those whose keyed hash is least.
    ///
    /// # Errors
    /// A dataset that cannot be read.
    pub fn some(held_out: &[Self], n: u64, seed: u64) -> Result<Vec<Self>, TrainError> {
        let key = Seed(seed).child("evaluated");
        let rank = |row: RowLabels<'_>| key.child(row.word("sample_id").unwrap_or_default()).0;
        let mut ranks = Vec::new();
        for held in held_out {
            ranks.extend(held.source.map_labels(&["sample_id"], rank)?);
        }
        if ranks.len() as u64 <= n {
            return Ok(held_out.to_vec());
        }
        ranks.sort_unstable();
        let Some(&last) = n.checked_sub(1).and_then(|at| ranks.get(at as usize)) else {
            return Ok(Vec::new());
        };
        let mut some = Vec::new();
        for held in held_out {
            let is_in = |row: RowLabels<'_>| rank(row) <= last;
            let any = held
                .source
                .map_labels(&["sample_id"], is_in)?
                .contains(&true);
            if any {
                some.push(Self {
                    name: held.name.clone(),
                    source: held.source.select(&["sample_id"], is_in)?,
                });
            }
        }
        Ok(some)
    }
}

/// Whether a dataset keeps a row for evaluation itself.
fn is_test(row: RowLabels<'_>) -> bool {
    matches!(row.word("split"), Some("val" | "validation" | "test"))
}

/// Who is seen in a row.
fn person(row: RowLabels<'_>) -> String {
    let known = row.word("identity_id").filter(|word| !word.is_empty());
    known
        .or_else(|| row.word("sample_id"))
        .unwrap_or_default()
        .to_owned()
}

fn name(path: &Path) -> String {
    let name = path.file_stem().unwrap_or(path.as_os_str());
    name.to_string_lossy().into_owned()
}

/// Opens a dataset, with its cache, and keeps the rows that are asked for.
fn open_dataset(choice: &DatasetChoice) -> Result<Source, TrainError> {
    let mut source = match &choice.cache {
        Some(cache) => Source::open_cached(&choice.path, cache)?,
        None => Source::open(&choice.path)?,
    };
    for (label, values) in &choice.only {
        let key = format!("data.datasets.only.{label}");
        check_label(&key, label)?;
        let counts = counts(std::slice::from_ref(&source), label)?;
        for value in values {
            if !counts.keys().any(|found| is_value(found, value)) {
                let place = choice.path.display().to_string();
                return Err(no_such_value(&key, value, &place, &counts));
            }
        }
        let is_wanted = |row: RowLabels<'_>| {
            let found = label_of(row, label);
            found.is_some_and(|found| values.iter().any(|value| is_value(&found, value)))
        };
        source = source
            .select(&[label.as_str()], is_wanted)
            .map_err(|error| {
                let place = choice.path.display();
                match error {
                    FormatError::Unusable { reason, .. } => {
                        TrainError::stopped(format!("`{key}` in {place}: {reason}"))
                    }
                    error => error.into(),
                }
            })?;
    }
    Ok(source)
}

/// A mix in which the values of a label have the shares of a quota, and datasets share each value
/// by their weights.
fn deal(training: &[(Source, f64)], quota: &QuotaConfig) -> Result<Vec<(Source, f64)>, TrainError> {
    let label = quota.label.as_str();
    check_label("data.quota.label", label)?;
    let mut dealt = Vec::new();
    for (value, share) in &quota.shares {
        let mut having = Vec::new();
        for (source, weight) in training {
            let is_it = |row: RowLabels<'_>| {
                label_of(row, label).is_some_and(|found| is_value(&found, value))
            };
            if source.map_labels(&[label], is_it)?.contains(&true) {
                having.push((source.select(&[label], is_it)?, *weight));
            }
        }
        let total: f64 = having.iter().map(|(_, weight)| weight).sum();
        if having.is_empty() {
            let sources: Vec<Source> = training.iter().map(|(s, _)| s.clone()).collect();
            let key = format!("data.quota.shares.{value}");
            let counts = counts(&sources, label)?;
            return Err(no_such_value(&key, value, "what is trained on", &counts));
        }
        let shared = having.into_iter();
        dealt.extend(shared.map(|(source, weight)| (source, share * weight / total)));
    }
    Ok(dealt)
}

/// Refuses a label that is no column of words or numbers.
fn check_label(key: &str, label: &str) -> Result<(), TrainError> {
    let Some(column) = COLUMNS.iter().find(|column| column.name == label) else {
        let reason = format!(
            "`{key}`: there is no column {label}; `bottega inspect SHARD:0` lists the columns"
        );
        return Err(TrainError::stopped(reason));
    };
    match column.kind {
        Kind::F32List | Kind::I8List | Kind::TextList | Kind::Matrix4 => Err(TrainError::stopped(
            format!("`{key}`: column {label} holds lists; wanted one of words or numbers"),
        )),
        _ => Ok(()),
    }
}

/// The label of a row as a word: numbers as they are written shortest.
pub(super) fn label_of(row: RowLabels<'_>, label: &str) -> Option<String> {
    let word = row.word(label).map(str::to_owned);
    word.or_else(|| row.number(label).map(|number| number.to_string()))
}

/// Whether a label has a value as a configuration writes it; numbers are compared as numbers, and
/// truth values may be written out.
fn is_value(found: &str, wanted: &str) -> bool {
    if found == wanted {
        return true;
    }
    let wanted = match wanted {
        "true" => "1",
        "false" => "0",
        wanted => wanted,
    };
    matches!((found.parse::<f64>(), wanted.parse::<f64>()), (Ok(a), Ok(b)) if a == b)
}

/// How many rows have each value of a label.
fn counts(sources: &[Source], label: &str) -> Result<BTreeMap<String, u64>, TrainError> {
    let mut counts = BTreeMap::new();
    for source in sources {
        let values = source.map_labels(&[label], |row| label_of(row, label))?;
        for value in values.into_iter().flatten() {
            *counts.entry(value).or_insert(0) += 1;
        }
    }
    Ok(counts)
}

fn no_such_value(
    key: &str,
    value: &str,
    place: &str,
    counts: &BTreeMap<String, u64>,
) -> TrainError {
    let mut found: Vec<String> = (counts.iter().take(12))
        .map(|(value, n)| format!("{value} ({n})"))
        .collect();
    if counts.len() > found.len() {
        found.push("...".to_owned());
    }
    let found = match found.is_empty() {
        true => "no value at all".to_owned(),
        false => found.join(", "),
    };
    TrainError::stopped(format!(
        "`{key}`: no sample of {place} has the value {value}; found {found}"
    ))
}
