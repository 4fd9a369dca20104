//! Running a model over pictures with truth and measuring it.
//!
//! A picture goes through the model as the published runtime would send it, and what comes back is
//! brought to the picture's own size before it is measured.

use std::collections::BTreeMap;

use tch::{Kind, Tensor, no_grad};

use bottega_schemas::Task;
use bottega_schemas::train::LossConfig;

use super::{PictureScores, PlanesView, Target, score_picture};
use crate::benchmark::BenchmarkSample;
use crate::data::{Batch, Frame, HeldOutSample, fit};
use crate::error::TrainError;
use crate::export::DepthSign;
use crate::loss::{Truth, losses};
use crate::model::{DptResizer, Outputs};
use crate::predict::{self, Canvas, Plane, Prediction, Sizing};

/// A measured picture.
#[derive(Debug)]
pub struct Measured {
    /// Its scores.
    pub scores: PictureScores,
    /// Its losses by name, `total` among them, where they were asked for.
    pub losses: BTreeMap<String, f64>,
    /// What was predicted, at the picture's own size.
    pub prediction: Prediction,
}

/// A picture with the truth that is known of it.
#[derive(Clone, Debug)]
pub struct Subject<'a> {
    /// Name of the sample.
    pub sample_id: String,
    /// Name of its person, where it is known.
    pub identity_id: Option<String>,
    /// Its labels that pictures are grouped by.
    pub labels: BTreeMap<String, String>,
    /// Picture and truth.
    pub frame: &'a Frame,
    /// Tasks whose truth is known.
    pub known: Vec<Task>,
    /// Pixels over which depth and normals are measured; the frame's foreground where it is absent.
    pub mask: Option<&'a [bool]>,
    /// Trimap; made from alpha where it is absent.
    pub trimap: Option<&'a [u8]>,
}

impl<'a> From<&'a HeldOutSample> for Subject<'a> {
    fn from(sample: &'a HeldOutSample) -> Self {
        let labels = sample.labels.iter();
        Self {
            sample_id: sample.sample_id.to_string(),
            identity_id: sample.identity_id.clone(),
            labels: labels
                .map(|(label, value)| ((*label).to_owned(), value.clone()))
                .collect(),
            frame: &sample.frame,
            known: Task::ALL.to_vec(),
            mask: None,
            trimap: None,
        }
    }
}

impl<'a> From<&'a BenchmarkSample> for Subject<'a> {
    fn from(sample: &'a BenchmarkSample) -> Self {
        let known = [
            (sample.has_depth, Task::Depth),
            (sample.has_normal, Task::Normal),
            (sample.has_alpha, Task::Alpha),
        ];
        let subset = (!sample.subset.is_empty()).then(|| sample.subset.clone());
        Self {
            sample_id: [&sample.subset, "/", &sample.name].concat(),
            identity_id: None,
            labels: subset
                .map(|subset| ("subset".to_owned(), subset))
                .into_iter()
                .collect(),
            frame: &sample.frame,
            known: known
                .iter()
                .filter(|(known, _)| *known)
                .map(|(_, task)| *task)
                .collect(),
            mask: sample.mask.as_deref(),
            trimap: sample.trimap.as_deref(),
        }
    }
}

/// Sends a picture through a model and measures what it says; `loss` asks for the losses too.
///
/// # Errors
/// A device without memory.
pub fn measure(
    model: &DptResizer,
    sizing: Sizing,
    loss: Option<&LossConfig>,
    subject: &Subject<'_>,
) -> Result<Measured, TrainError> {
    let (prediction, outputs) = predict_frame(model, sizing, subject.frame)?;
    let mut found = BTreeMap::new();
    if let Some(loss) = loss {
        let [width, height] = sizing.size_px;
        let fitted = fit(subject.frame.clone(), (width, height), sizing.fit);
        let batch = Batch::of_frames(&[fitted])?.to_device(model.device())?;
        let losses = no_grad(|| losses(&outputs, &Truth::of(&batch), loss));
        let total = losses.total.to_kind(Kind::Double).double_value(&[]);
        let parts = losses.means().into_iter().chain([("total", total)]);
        found.extend(parts.map(|(name, value)| (name.to_owned(), value)));
    }
    Ok(Measured {
        scores: score(subject, &prediction),
        losses: found,
        prediction,
    })
}

/// Sends a picture through a model; what it says at the picture's own size, and raw.
fn predict_frame(
    model: &DptResizer,
    sizing: Sizing,
    frame: &Frame,
) -> Result<(Prediction, Outputs), TrainError> {
    let canvas = Canvas::new([frame.width, frame.height], sizing);
    let channels = [0, 1, 2].map(|channel| Plane {
        width: frame.width,
        height: frame.height,
        values: frame.rgb.iter().map(|pixel| pixel[channel]).collect(),
    });
    let outputs = forward(model, &canvas.prepare(&channels), sizing.size_px)?;
    let prediction = planes(&outputs)?.restored(&canvas, DepthSign::Farther)?;
    Ok((prediction, outputs))
}

/// What the heads say, as planes.
///
/// # Errors
/// Never for a tensor of floats.
pub(super) fn planes(outputs: &Outputs) -> Result<predict::Outputs, TrainError> {
    Ok(predict::Outputs {
        depth: values(outputs.depth.as_ref())?,
        normal: values(outputs.normal.as_ref())?,
        alpha: values(outputs.alpha().as_ref())?,
    })
}

/// The raw outputs of one prepared picture, planes of R, G, B.
///
/// # Errors
/// A device without memory.
pub(super) fn forward(
    model: &DptResizer,
    image: &[f32],
    [width, height]: [usize; 2],
) -> Result<Outputs, TrainError> {
    let moved = Tensor::from_slice(image)
        .reshape([1, 3, height as i64, width as i64])
        .f_to_device(model.device())
        .map_err(|error| TrainError::libtorch("move a picture to the device", &error))?;
    Ok(no_grad(|| model.forward(&moved)))
}

/// The values of a tensor, in its order.
fn values(tensor: Option<&Tensor>) -> Result<Option<Vec<f32>>, TrainError> {
    tensor
        .map(|tensor| {
            let flat = tensor.to_kind(Kind::Float).flatten(0, -1);
            Vec::<f32>::try_from(flat)
                .map_err(|error| TrainError::libtorch("read what the model says", &error))
        })
        .transpose()
}

fn score(subject: &Subject<'_>, prediction: &Prediction) -> PictureScores {
    let frame = subject.frame;
    let foreground = frame.foreground();
    // A set's own mask says where it has truth; what has no surface has none.
    let mask = match subject.mask {
        Some(mask) => {
            let pixels = mask.iter().zip(&foreground);
            pixels.map(|(a, b)| *a && *b).collect()
        }
        None => foreground,
    };
    let knows = |task: Task| subject.known.contains(&task);
    let truth = Target {
        width: frame.width,
        depth_m: knows(Task::Depth).then_some(&frame.depth_m),
        normal: knows(Task::Normal).then_some(&frame.normal),
        alpha: knows(Task::Alpha).then_some(&frame.alpha),
        mask: &mask,
        trimap: subject.trimap,
    };
    let predicted = PlanesView {
        depth: prediction.depth.as_deref(),
        normal: prediction.normal.as_deref(),
        alpha: prediction.alpha.as_deref(),
    };
    let (scores, depth_sign) = score_picture(predicted, &truth);
    PictureScores {
        sample_id: subject.sample_id.clone(),
        identity_id: subject.identity_id.clone(),
        labels: subject.labels.clone(),
        scores,
        depth_sign,
    }
}
