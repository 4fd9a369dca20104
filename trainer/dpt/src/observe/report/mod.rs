//! The report of a run: one HTML file that opens offline, on a desk, a phone and paper.
//!
//! No script, no network: curves are vector drawings, pictures are inside, and every curve has its
//! numbers beside it as a table.

mod chart;
mod curves;
mod page;
mod tables;

use std::collections::BTreeSet;
use std::path::Path;

use bottega_format::write_atomically;

use super::record::{EvaluationRecord, StepRecord};
use crate::error::TrainError;

/// What a report tells.
#[derive(Clone, Debug, Default)]
pub struct RunReport {
    /// Name of the run, for its title: `base: depth, normal, alpha`.
    pub title: String,
    /// The run in words, in one or two sentences.
    pub summary: String,
    /// Name and value of what the run was: model, parameters, data, device, steps, time.
    pub facts: Vec<(String, String)>,
    /// What was recorded of the steps, in order.
    pub steps: Vec<StepRecord>,
    /// The evaluations, in order; the first is "before", the last "after".
    pub evaluations: Vec<EvaluationRecord>,
    /// Metrics of which more is better; of all others less is.
    pub more_is_better: BTreeSet<String>,
    /// Predictions beside the truth.
    pub samples: Vec<SampleRow>,
    /// The configuration as TOML, to repeat the run.
    pub config_toml: String,
}

/// A sample: its picture, and each plane as it is and as it is predicted.
#[derive(Clone, Debug, Default)]
pub struct SampleRow {
    /// Words below the picture: the sample, its labels, its errors.
    pub caption: String,
    /// The picture, as the bytes of a PNG file.
    pub picture_png: Vec<u8>,
    /// The planes.
    pub planes: Vec<PlanePair>,
}

/// A plane of a sample, as the bytes of PNG files.
#[derive(Clone, Debug, Default)]
pub struct PlanePair {
    /// Name of the plane: `depth`.
    pub name: String,
    /// The truth; `None` for a photograph, of which it is unknown.
    pub truth_png: Option<Vec<u8>>,
    /// What the model says.
    pub prediction_png: Vec<u8>,
}

/// Writes a report; it is never there by half.
///
/// # Errors
/// A file that cannot be written.
pub fn write_report(path: &Path, report: &RunReport) -> Result<(), TrainError> {
    write_atomically(path, page::page(report).as_bytes())?;
    Ok(())
}
