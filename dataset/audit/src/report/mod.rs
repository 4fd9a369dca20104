//! The report of a dataset: one HTML file that opens offline.
//!
//! No script, no network: pictures and drawings are inside, and the numbers stand beside them as
//! tables and as JSON. It never says "fair"; it says which checks pass at which limits.

mod charts;
mod distributions;
mod findings;
mod page;
mod svg;

use std::path::PathBuf;

use bottega_format::{Prediction, ShardReader};
use bottega_schemas::audit::{AuditConfig, AuditReport};

use crate::contact_sheet::{SheetSample, draw_sheet};
use crate::error::AuditError;
use crate::fairness::{self, AuditInput};
use crate::files::DatasetFiles;
use crate::labels::{LabelTable, shards_of};
use crate::pixels::measure_pixels;
use crate::stats::DatasetStats;

/// Samples on the contact sheet.
const SHEET_SAMPLES: usize = 6;

/// Samples whose pixels are measured.
const PIXEL_SAMPLES: usize = 600;

/// What a report is made of.
#[derive(Debug)]
struct Material {
    audit: AuditReport,
    stats: DatasetStats,
    labels: LabelTable,
    /// PNG of samples with all their planes.
    sheet_png: Vec<u8>,
    /// Name and value, for people.
    provenance: Vec<(String, String)>,
}

/// The report of the given datasets, as HTML.
pub fn report(
    datasets: &[PathBuf],
    config: &AuditConfig,
    predictions: &[Prediction],
) -> Result<String, AuditError> {
    let labels = fairness::read_labels(datasets, config, predictions)?;
    let pixels = measure_pixels(datasets, PIXEL_SAMPLES)?;
    let input = AuditInput {
        labels: &labels,
        pixels: &pixels,
        predictions,
    };
    let audit = fairness::audit(&input, fairness::describe(datasets, &labels)?, config);
    let mut stats = DatasetStats::of_datasets(datasets)?;
    stats.add_measures(&pixels);
    let material = Material {
        sheet_png: sheet(datasets)?,
        provenance: provenance(datasets)?,
        audit,
        stats,
        labels,
    };
    Ok(page::page(&material))
}

/// Samples spread over the datasets, with all planes; each framing in turn as they come.
fn sheet(datasets: &[PathBuf]) -> Result<Vec<u8>, AuditError> {
    let shards = shards_of(datasets)?;
    let mut samples = Vec::new();
    let mut framings: Vec<Option<String>> = Vec::new();
    // Two passes: first one of each framing, then whatever comes.
    for strict in [true, false] {
        for shard in &shards {
            let reader = ShardReader::open(shard)?;
            for (row, meta) in reader.labels().enumerate() {
                if samples.len() >= SHEET_SAMPLES {
                    return Ok(draw_sheet(&samples).to_png());
                }
                let meta = meta?;
                let seen = framings
                    .iter()
                    .filter(|framing| **framing == meta.framing)
                    .count();
                if seen >= if strict { 2 } else { SHEET_SAMPLES } {
                    continue;
                }
                framings.push(meta.framing.clone());
                samples.push(SheetSample::from_stored(reader.planes(row)?, &meta));
            }
            if strict && framings.len() >= SHEET_SAMPLES {
                break;
            }
        }
        if strict && samples.len() < SHEET_SAMPLES {
            samples.clear();
        }
        framings.clear();
    }
    Ok(draw_sheet(&samples).to_png())
}

/// What the shards say of where they come from.
fn provenance(datasets: &[PathBuf]) -> Result<Vec<(String, String)>, AuditError> {
    let mut rows = Vec::new();
    for path in datasets {
        let files = DatasetFiles::find(path)?;
        let mut bytes = 0;
        for shard in &files.shards {
            bytes += std::fs::metadata(&shard.path).map_or(0, |file| file.len());
        }
        let mib = bytes as f64 / (1 << 20) as f64;
        let Some(shard) = files.shards.first() else {
            continue;
        };
        let size = format!("{} shards, {mib:.1} MiB", files.shards.len());
        match ShardReader::open_for_labels(&shard.path)?.info() {
            Some(info) => {
                let plan = info.plan;
                let planes: Vec<&str> = plan
                    .planes
                    .iter()
                    .map(bottega_schemas::Plane::column)
                    .collect();
                let planes = if planes.is_empty() {
                    "none".to_owned()
                } else {
                    planes.join(", ")
                };
                for (name, value) in [
                    ("Dataset", plan.dataset),
                    ("Size", size),
                    ("Split", plan.split),
                    ("License", plan.license),
                    ("Renderer", plan.renderer_version),
                    ("Schema", plan.schema_version),
                    ("Recipe (BLAKE3)", plan.config_blake3),
                    ("Assets (BLAKE3)", plan.assets_blake3),
                    ("Further planes", planes),
                ] {
                    rows.push((name.to_owned(), value));
                }
                rows.extend(plan.notes);
            }
            None => {
                let name = path
                    .file_name()
                    .unwrap_or_default()
                    .to_string_lossy()
                    .into_owned();
                rows.push(("Dataset".to_owned(), name));
                rows.push(("Size".to_owned(), size));
            }
        }
    }
    Ok(rows)
}
