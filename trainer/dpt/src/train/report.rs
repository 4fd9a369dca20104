//! The page of a run for people, from its log and its last predictions.

use std::path::Path;

use bottega_schemas::{Task, TrainConfig};

use super::Compute;
use crate::data::HeldOutSample;
use crate::error::TrainError;
use crate::evaluate::METRICS;
use crate::observe::pictures::{alpha_picture, depth_picture, normal_picture, to_png};
use crate::observe::read_log;
use crate::observe::report::{PlanePair, RunReport, SampleRow, write_report};
use crate::predict::Prediction;

/// Writes the page.
pub(super) fn write(
    path: &Path,
    log: &Path,
    config: &TrainConfig,
    compute: Compute,
    shown: &[(HeldOutSample, Prediction)],
) -> Result<(), TrainError> {
    let log = read_log(log)?;
    let tasks: Vec<&str> = config.model.tasks.iter().map(|task| task.name()).collect();
    let size = format!("{:?}", config.model.size).to_lowercase();
    let model = config.model.config();
    let [width, height] = config.data.size_px;
    let pictures = config.data.batch * config.data.accumulate;
    let ranks = log.headers.last().map_or(1, |header| header.ranks);
    let datasets: Vec<String> = config
        .data
        .datasets
        .iter()
        .map(|dataset| dataset.path.display().to_string())
        .collect();
    let fact = |name: &str, value: String| (name.to_owned(), value);
    let seconds: f64 = log.steps.iter().map(|step| step.seconds).sum();
    let params = model.info(&size, height, width).params;
    let facts = vec![
        fact("Model", size.clone()),
        fact("Predicts", tasks.join(", ")),
        fact("Parameters", format!("{:.1} million", params as f64 / 1e6)),
        fact("Data", datasets.join(", ")),
        fact(
            "Held out",
            format!("{} % of the people", 100.0 * config.data.held_out),
        ),
        fact("Pictures", format!("{width} x {height} pixels")),
        fact(
            "Steps",
            format!(
                "{} of {pictures} pictures on each of {ranks} processes",
                config.run.steps
            ),
        ),
        fact(
            "Device",
            format!("{}, {}", compute.device_name(), compute.precision_name()),
        ),
        fact(
            "Seconds a step",
            format!("{:.2}", seconds / log.steps.len().max(1) as f64),
        ),
    ];
    let samples = log.evaluations.last().map_or(0, |last| last.samples);
    let report = RunReport {
        title: format!("{size}: {}", tasks.join(", ")),
        summary: format!(
            "A {size} model trained for {} steps and measured on {samples} samples of people that \
             it never saw.",
            config.run.steps
        ),
        facts,
        steps: log.steps,
        evaluations: log.evaluations,
        more_is_better: METRICS
            .iter()
            .filter(|(_, _, lower)| !lower)
            .map(|(task, metric, _)| format!("{}/{metric}", task.name()))
            .collect(),
        samples: shown.iter().map(row).collect::<Result<_, _>>()?,
        config_toml: config.to_toml(),
    };
    write_report(path, &report)
}

/// A sample beside what the model says of it.
fn row((sample, prediction): &(HeldOutSample, Prediction)) -> Result<SampleRow, TrainError> {
    let frame = &sample.frame;
    let size = [frame.width, frame.height];
    let rgb: Vec<u8> = frame
        .rgb
        .iter()
        .flat_map(|pixel| pixel.map(|value| (255.0 * value + 0.5) as u8))
        .collect();
    let picture = image::RgbImage::from_raw(frame.width as u32, frame.height as u32, rgb)
        .expect("three bytes for each pixel");
    let person = frame.foreground();
    let pair = |task: Task, truth: Vec<u8>, said: Vec<u8>| PlanePair {
        name: task.name().to_owned(),
        truth_png: Some(truth),
        prediction_png: said,
    };
    let mut planes = Vec::new();
    if let Some(depth) = &prediction.depth {
        let truth = to_png(depth_picture(&frame.depth_m, &person, size))?;
        let said = to_png(depth_picture(depth, &person, size))?;
        planes.push(pair(Task::Depth, truth, said));
    }
    if let Some(normal) = &prediction.normal {
        // What is said of the background counts nowhere and would distract.
        let seen = normal.iter().zip(&person);
        let seen: Vec<[f32; 3]> = seen
            .map(|(normal, person)| if *person { *normal } else { [0.0; 3] })
            .collect();
        let truth = to_png(normal_picture(&frame.normal, size))?;
        planes.push(pair(
            Task::Normal,
            truth,
            to_png(normal_picture(&seen, size))?,
        ));
    }
    if let Some(alpha) = &prediction.alpha {
        let truth = to_png(alpha_picture(&frame.alpha, size))?;
        planes.push(pair(
            Task::Alpha,
            truth,
            to_png(alpha_picture(alpha, size))?,
        ));
    }
    Ok(SampleRow {
        caption: sample.sample_id.to_string(),
        picture_png: to_png(picture)?,
        planes,
    })
}
