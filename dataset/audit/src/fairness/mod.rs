//! The fairness audit: who is in a dataset, what hangs together with who they are, what the
//! pictures do to them, and whether models err alike on all.
//!
//! An audit never says "fair": it says which checks pass at which limits, and how far off the
//! others are. Every number is in the [`AuditReport`]; every limit is in the [`AuditConfig`].

mod association;
mod image;
mod parity;
mod representation;
mod suggest;
mod verdict;

use std::path::{Path, PathBuf};

use bottega_format::predictions::Prediction;
use bottega_format::{ShardReader, read_manifest};
use bottega_schemas::DatasetPlan;
use bottega_schemas::audit::{
    AUDIT_FORMAT, AUDIT_VERSION, AuditConfig, AuditReport, AuditedDataset, CheckEntry, Number,
    Summary, ToolEntry,
};

pub use suggest::{RecipeSource, Suggestion, suggest};
pub(crate) use verdict::{percent, say};

use crate::error::AuditError;
use crate::files::DatasetFiles;
use crate::labels::{LabelTable, shards_of};
use crate::pixels::PixelMeasures;

/// Columns that an audit reads whatever it is asked.
const ALWAYS: [&str; 19] = [
    "split",
    "identity_id",
    "skin_tone_mst",
    "skin_ita_deg",
    "bmi",
    "body_sex_param",
    "age_bin",
    "age_years",
    "hair_texture",
    "skin_px",
    "skin_ita_measured_deg",
    "skin_luma_measured",
    "luma_mean",
    "clip_low_fraction",
    "clip_high_fraction",
    "fg_fraction",
    "soft_fraction",
    "hair_occlusion",
    "face_visible_fraction",
];

/// What an audit is made of.
#[derive(Clone, Copy, Debug)]
pub struct AuditInput<'a> {
    /// The labels; see [`read_labels`].
    pub labels: &'a LabelTable,
    /// What was measured on pixels, by row; empty where they were not read.
    pub pixels: &'a [(usize, PixelMeasures)],
    /// Errors of models; empty where there are none.
    pub predictions: &'a [Prediction],
}

/// Reads the labels that an audit needs; names of samples only where predictions speak of them.
pub fn read_labels(
    datasets: &[PathBuf],
    config: &AuditConfig,
    predictions: &[Prediction],
) -> Result<LabelTable, AuditError> {
    let asked = config
        .sensitive
        .iter()
        .chain(&config.nuisance)
        .chain(&config.appearance)
        .chain(config.intersections.iter().flatten())
        .map(String::as_str);
    let mut names: Vec<&str> = asked.chain(ALWAYS).collect();
    if !predictions.is_empty() {
        names.push("sample_id");
    }
    LabelTable::read(datasets, &names)
}

/// What a dataset, or a single shard, says it is.
fn plan_of(path: &Path) -> Result<Option<DatasetPlan>, AuditError> {
    let manifest = read_manifest(&DatasetFiles::find(path)?.root)?;
    if let Some(manifest) = manifest.filter(|_| path.is_dir()) {
        return Ok(Some(manifest.plan));
    }
    Ok(match shards_of(&[path.to_owned()])?.first() {
        Some(shard) => ShardReader::open_for_labels(shard)?
            .info()
            .map(|info| info.plan),
        None => None,
    })
}

/// Says which datasets were audited.
pub fn describe(datasets: &[PathBuf], labels: &LabelTable) -> Result<AuditedDataset, AuditError> {
    let (mut names, mut recipes) = (Vec::new(), Vec::new());
    for path in datasets {
        let plan = plan_of(path)?;
        let folder = || {
            path.file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned()
        };
        names.push(
            plan.as_ref()
                .map_or_else(folder, |plan| plan.dataset.clone()),
        );
        recipes.extend(plan.map(|plan| plan.config_blake3));
    }
    let identities = labels
        .categories("identity_id")
        .map(|people| people.words.len() as u64);
    Ok(AuditedDataset {
        names,
        rows: labels.rows as u64,
        identities: identities.filter(|n| *n > 0),
        shards: labels.shards as u64,
        recipes_blake3: recipes,
    })
}

/// Audits.
pub fn audit(input: &AuditInput<'_>, dataset: AuditedDataset, config: &AuditConfig) -> AuditReport {
    let mut checks: Vec<CheckEntry> = Vec::new();
    let representation = representation::attributes(input.labels, config, &mut checks);
    let intersections = representation::intersections(input.labels, config, &mut checks);
    representation::splits(input.labels, config, &mut checks);
    let association = association::pairs(input.labels, config, &mut checks);
    let image = image::measures(input, config, &mut checks);
    let parity = parity::groups(input, config, &mut checks);
    // Failures first; the order of the checks within a status stays.
    checks.sort_by_key(|check| check.status);
    AuditReport {
        format: AUDIT_FORMAT.to_owned(),
        version: AUDIT_VERSION,
        dataset,
        tool: ToolEntry {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            config: config.clone(),
            pixel_samples: input.pixels.len() as u64,
        },
        summary: Summary::of(&checks),
        checks,
        representation,
        intersections,
        association,
        image,
        parity,
    }
}

fn numbers(values: &[f64]) -> Vec<Number> {
    values.iter().copied().map(Number).collect()
}

fn interval(ends: [f64; 2]) -> [Number; 2] {
    ends.map(Number)
}

#[cfg(test)]
mod tests;
