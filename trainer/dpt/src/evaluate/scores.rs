//! The metrics of one picture.

use std::collections::BTreeMap;

use bottega_format::Prediction;
use bottega_metrics::{
    TRIMAP_UNKNOWN, depth_metrics, matting_metrics, normal_metrics, trimap, trimap_metrics,
};
use bottega_schemas::Task;

/// Radius of the unknown band of a trimap that is made from alpha, as a share of the longer side.
const TRIMAP_SHARE: f64 = 0.01;

/// Every metric: its task, its name with its unit, and whether less is better.
pub const METRICS: [(Task, &str, bool); 17] = [
    (Task::Depth, "rmse_m", true),
    (Task::Depth, "abs_rel", true),
    (Task::Depth, "delta1", false),
    (Task::Depth, "delta1_105", false),
    (Task::Depth, "rmse_log", true),
    (Task::Normal, "mean_deg", true),
    (Task::Normal, "median_deg", true),
    (Task::Normal, "pct_11_25", false),
    (Task::Normal, "pct_22_5", false),
    (Task::Normal, "pct_30", false),
    (Task::Alpha, "sad", true),
    (Task::Alpha, "mse", true),
    (Task::Alpha, "mad", true),
    (Task::Alpha, "grad", true),
    (Task::Alpha, "conn", true),
    (Task::Alpha, "sad_trimap", true),
    (Task::Alpha, "mse_trimap", true),
];

/// A value of a metric on one picture.
#[derive(Clone, Debug, PartialEq)]
pub struct Score {
    /// The task.
    pub task: Task,
    /// Name with its unit: `rmse_m`, `mean_deg`, `sad`.
    pub metric: &'static str,
    /// Whether less is better.
    pub lower_is_better: bool,
    /// The value.
    pub value: f64,
    /// Pixels that it is a mean of; 0 where it is a sum.
    pub pixels: usize,
}

/// The scores of one picture and what it is grouped by.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PictureScores {
    /// Name of the sample.
    pub sample_id: String,
    /// Name of its person, where it is known.
    pub identity_id: Option<String>,
    /// Its labels that pictures are grouped by.
    pub labels: BTreeMap<String, String>,
    /// The scores.
    pub scores: Vec<Score>,
    /// Sign of the scale that brings the predicted depth to the true one: +1, -1, or 0.
    pub depth_sign: i8,
}

/// What was predicted, at the size of the truth; a plane is absent where the model has no head
/// for it.
#[derive(Clone, Copy, Debug, Default)]
pub struct PlanesView<'a> {
    /// Relative depth.
    pub depth: Option<&'a [f32]>,
    /// Normals.
    pub normal: Option<&'a [[f32; 3]]>,
    /// Alpha in \[0, 1\].
    pub alpha: Option<&'a [f32]>,
}

/// The truth of a picture; a plane is absent where the benchmark has none.
#[derive(Clone, Copy, Debug)]
pub struct Target<'a> {
    /// Width of the planes.
    pub width: usize,
    /// Depth in metres.
    pub depth_m: Option<&'a [f32]>,
    /// Unit normals.
    pub normal: Option<&'a [[f32; 3]]>,
    /// Alpha in \[0, 1\].
    pub alpha: Option<&'a [f32]>,
    /// Pixels over which depth and normals are measured.
    pub mask: &'a [bool],
    /// Trimap; made from alpha where there is none.
    pub trimap: Option<&'a [u8]>,
}

/// Measures a picture. A task is left out where prediction or truth lacks its plane, or no pixel
/// counts.
pub fn score_picture(predicted: PlanesView<'_>, truth: &Target<'_>) -> (Vec<Score>, i8) {
    let mut scores = Vec::new();
    let mut sign = 0;
    if let (Some(p), Some(t)) = (predicted.depth, truth.depth_m)
        && let Some(m) = depth_metrics(p, t, truth.mask)
    {
        sign = match m.alignment.scale {
            s if s > 0.0 => 1,
            s if s < 0.0 => -1,
            _ => 0,
        };
        let values = [m.rmse, m.abs_rel, m.delta1, m.delta1_105, m.rmse_log];
        add(&mut scores, Task::Depth, m.n, &values);
    }
    if let (Some(p), Some(t)) = (predicted.normal, truth.normal)
        && let Some(m) = normal_metrics(p, t, truth.mask)
    {
        let shares = [m.pct_11_25, m.pct_22_5, m.pct_30];
        let values = [&[m.mean_deg, m.median_deg][..], &shares].concat();
        add(&mut scores, Task::Normal, m.n, &values);
    }
    if let (Some(p), Some(t)) = (predicted.alpha, truth.alpha)
        && let Some(m) = matting_metrics(p, t, truth.width)
    {
        let mut values = vec![m.sad, m.mse, m.mad, m.grad, m.conn];
        let made;
        let trimap = match truth.trimap {
            Some(trimap) => trimap,
            None => {
                let longer = truth.width.max(t.len() / truth.width);
                made = trimap(
                    t,
                    truth.width,
                    (TRIMAP_SHARE * longer as f64).round() as usize,
                );
                &made
            }
        };
        let unknown = trimap.contains(&TRIMAP_UNKNOWN);
        if let (true, Some(m)) = (unknown, trimap_metrics(p, t, trimap, truth.width)) {
            values.extend([m.sad, m.mse]);
        }
        add(&mut scores, Task::Alpha, 0, &values);
    }
    (scores, sign)
}

/// Adds the values of a task's metrics, in the order of [`METRICS`].
fn add(scores: &mut Vec<Score>, task: Task, pixels: usize, values: &[f64]) {
    let metrics = METRICS.iter().filter(|(of, _, _)| *of == task);
    scores.extend(
        metrics
            .zip(values)
            .map(|((_, metric, lower), value)| Score {
                task,
                metric,
                lower_is_better: *lower,
                value: *value,
                pixels,
            }),
    );
}

impl PictureScores {
    /// The rows that the audit reads; `model` names the model.
    pub fn predictions(&self, model: &str) -> impl Iterator<Item = Prediction> {
        self.scores.iter().map(move |score| Prediction {
            sample_id: self.sample_id.clone(),
            identity_id: self.identity_id.clone(),
            model: model.to_owned(),
            task: score.task.name().to_owned(),
            metric: score.metric.to_owned(),
            lower_is_better: score.lower_is_better,
            value: score.value,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_perfect_prediction_has_perfect_scores_and_a_mirrored_depth_a_negative_sign() {
        let depth: Vec<f32> = (0..16).map(|i| 1.0 + i as f32 * 0.1).collect();
        let mirrored: Vec<f32> = depth.iter().map(|d| 5.0 - 2.0 * d).collect();
        let normal = [[0.0, 0.6, 0.8]; 16];
        let alpha: Vec<f32> = (0..16).map(|i| (i % 4) as f32 / 3.0).collect();
        let truth = Target {
            width: 4,
            depth_m: Some(&depth),
            normal: Some(&normal),
            alpha: Some(&alpha),
            mask: &[true; 16],
            trimap: None,
        };
        let predicted = PlanesView {
            depth: Some(&mirrored),
            normal: Some(&normal),
            alpha: Some(&alpha),
        };
        let (scores, sign) = score_picture(predicted, &truth);
        assert_eq!(sign, -1);
        assert_eq!(scores.len(), 5 + 5 + 7);
        for score in scores {
            let wanted = match (score.lower_is_better, score.metric) {
                (true, _) => 0.0,
                (false, metric) if metric.starts_with("pct") => 100.0,
                _ => 1.0,
            };
            let off = (score.value - wanted).abs();
            assert!(off < 2e-2, "{}: {}", score.metric, score.value);
        }
    }

    #[test]
    fn what_cannot_be_measured_is_left_out() {
        let alpha = [0.5; 4];
        let truth = Target {
            width: 2,
            depth_m: Some(&[1.0; 4]),
            normal: None,
            alpha: Some(&alpha),
            mask: &[false; 4],
            trimap: None,
        };
        let predicted = PlanesView {
            depth: Some(&[1.0; 4]),
            normal: Some(&[[0.0, 0.0, 1.0]; 4]),
            alpha: Some(&alpha),
        };
        let (scores, sign) = score_picture(predicted, &truth);
        assert_eq!(sign, 0);
        assert!(scores.iter().all(|score| score.task == Task::Alpha));
    }
}
