//! The evaluation of a run on what it holds out, shared among its processes.

use bottega_schemas::TrainConfig;

use super::state::State;
use crate::collective::Collective;
use crate::data::{Evaluation, HeldOut, HeldOutSample, planes_of};
use crate::error::TrainError;
use crate::evaluate::{METRICS, Measured, measure, sizing};
use crate::loss::PARTS;
use crate::observe::EvaluationRecord;
use crate::predict::Prediction;

/// Samples whose predictions are shown in the report.
const SHOWN: usize = 6;

/// What an evaluation found.
#[derive(Debug)]
pub(super) struct HeldOutOutcome {
    /// Means over all samples of all processes: `task/metric`, and `loss/...` of what is
    /// minimised.
    pub(super) record: EvaluationRecord,
    /// Whether depth grows (+1) or falls (-1) with distance, by the majority of samples; 0 where
    /// no sample tells.
    pub(super) depth_sign: i8,
    /// The first samples of this process and what the model says of them.
    pub(super) shown: Vec<(HeldOutSample, Prediction)>,
}

/// Evaluates the average of the weights (or the weights, where there is no average).
pub(super) fn evaluate(
    config: &TrainConfig,
    state: &mut State,
    held_out: &[HeldOut],
    step: u64,
    collective: &mut dyn Collective,
) -> Result<HeldOutOutcome, TrainError> {
    if let Some(average) = &mut state.average {
        average.swap();
    }
    let found = sums_of(config, state, held_out, collective);
    if let Some(average) = &mut state.average {
        average.swap();
    }
    let (sums, shown) = found?;
    let all = collective.all_gather(&sums.flat())?;
    let sums = Sums::of_ranks(&all);
    let metrics = names().zip(&sums.metrics);
    let metrics = metrics.filter(|(_, (_, count))| *count > 0.0);
    let record = EvaluationRecord {
        step,
        samples: sums.samples as u64,
        metrics: metrics
            .map(|(name, (sum, count))| (name, sum / count))
            .collect(),
    };
    let depth_sign = match sums.depth_signs {
        s if s > 0.0 => 1,
        s if s < 0.0 => -1,
        _ => 0,
    };
    let mut shown = shown;
    if depth_sign < 0 {
        // Shown as distances, whatever sign the model has found.
        let depths = shown.iter_mut().filter_map(|(_, said)| said.depth.as_mut());
        depths.flatten().for_each(|depth| *depth = -*depth);
    }
    Ok(HeldOutOutcome {
        record,
        depth_sign,
        shown,
    })
}

/// Sums and counts of every value that an evaluation knows; the same list on every rank, whatever
/// its samples are.
#[derive(Debug)]
struct Sums {
    metrics: Vec<(f64, f64)>,
    samples: f64,
    depth_signs: f64,
}

/// The names of [`Sums::metrics`].
fn names() -> impl Iterator<Item = String> {
    let metrics = METRICS.iter();
    let metrics = metrics.map(|(task, metric, _)| format!("{}/{metric}", task.name()));
    let losses = std::iter::once("total").chain(PARTS);
    metrics.chain(losses.map(|part| format!("loss/{part}")))
}

impl Sums {
    fn new() -> Self {
        Self {
            metrics: vec![(0.0, 0.0); names().count()],
            samples: 0.0,
            depth_signs: 0.0,
        }
    }

    fn add(&mut self, measured: &Measured) {
        self.samples += 1.0;
        self.depth_signs += f64::from(measured.scores.depth_sign);
        let scores = measured.scores.scores.iter();
        let scores = scores.map(|score| {
            (
                format!("{}/{}", score.task.name(), score.metric),
                score.value,
            )
        });
        let losses = measured.losses.iter();
        let losses = losses.map(|(part, value)| (format!("loss/{part}"), *value));
        let values: Vec<(String, f64)> = scores.chain(losses).collect();
        for (name, (sum, count)) in names().zip(&mut self.metrics) {
            if let Some((_, value)) = values.iter().find(|(known, _)| *known == name) {
                *sum += value;
                *count += 1.0;
            }
        }
    }

    fn flat(&self) -> Vec<f64> {
        let metrics = self.metrics.iter().flat_map(|(sum, count)| [*sum, *count]);
        metrics.chain([self.samples, self.depth_signs]).collect()
    }

    fn of_ranks(all: &[Vec<f64>]) -> Self {
        let mut sums = Self::new();
        for flat in all {
            for (i, (sum, count)) in sums.metrics.iter_mut().enumerate() {
                *sum += flat.get(2 * i).copied().unwrap_or(0.0);
                *count += flat.get(2 * i + 1).copied().unwrap_or(0.0);
            }
            if let [.., samples, depth_signs] = flat[..] {
                sums.samples += samples;
                sums.depth_signs += depth_signs;
            }
        }
        sums
    }
}

fn sums_of(
    config: &TrainConfig,
    state: &State,
    held_out: &[HeldOut],
    collective: &dyn Collective,
) -> Result<(Sums, Vec<(HeldOutSample, Prediction)>), TrainError> {
    let sizing = sizing(config);
    let planes = planes_of(&config.model.tasks);
    let place = (collective.rank() as u64, collective.ranks() as u64);
    let samples = Evaluation::new(held_out, planes, config.data.threads, place)?;
    let (mut sums, mut shown) = (Sums::new(), Vec::new());
    for sample in samples {
        let sample = sample?;
        let measured = measure(&state.model, sizing, Some(&config.loss), &(&sample).into())?;
        sums.add(&measured);
        if shown.len() < SHOWN {
            shown.push((sample, measured.prediction));
        }
    }
    Ok((sums, shown))
}
