//! A photograph in, what a model sees in it out: depth, normals, alpha at the size of the picture.
//!
//! ```text
//! file -- Picture::read --> Picture -- runtime::prepare --> planes of the model's size
//!      -- Predictor --> Outputs -- runtime::restore --> Prediction
//!      -- write_prediction --> PNG, EXR, a sheet of all, a report
//! ```
//!
//! Geometry and arithmetic are those of the published runtime, so that a model gives the same
//! through it and through us. Who runs the network is a [`Predictor`]; nothing here needs LibTorch.

mod files;
mod picture;
mod present;
mod resample;
mod runtime;
mod sheet;

use bottega_schemas::Task;

use crate::error::TrainError;
use crate::export::DepthSign;

pub use files::{FileOptions, PredictionReport, check_stems, stem, write_prediction};
pub use picture::Picture;
pub use present::{
    DepthRange, alpha_png, cutout_png, depth_png, depth_range, is_person, normal_png,
};
pub use resample::{Plane, pyr_down, resize_cubic, resize_linear};
pub use runtime::{Canvas, Sizing};
pub use sheet::sheet_png;

use runtime::{CHANNELS, clamp_shares, unit_vectors};

/// Runs a network on one prepared picture.
pub trait Predictor {
    /// How pictures are brought to what it takes.
    fn sizing(&self) -> Sizing;

    /// Which way its depth grows.
    fn depth_sign(&self) -> DepthSign;

    /// Runs it on planes of R, G, B in 0..1, `3 x H x W` of its size.
    fn predict(&self, image: &[f32]) -> Result<Outputs, TrainError>;
}

/// What a network gives for a prepared picture; planes of its size, one after the other.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outputs {
    /// Relative depth, as the network gives it, growing as [`Predictor::depth_sign`] says.
    pub depth: Option<Vec<f32>>,
    /// Normals in camera space: planes of X, Y, Z.
    pub normal: Option<Vec<f32>>,
    /// Shares of the pixels that the person covers, after the sigmoid.
    pub alpha: Option<Vec<f32>>,
}

/// What is seen in a picture, at its size, row by row from the top.
#[derive(Clone, Debug, PartialEq)]
pub struct Prediction {
    /// Width, in pixels.
    pub width: usize,
    /// Height, in pixels.
    pub height: usize,
    /// Relative depth, up to scale and shift; larger is farther.
    pub depth: Option<Vec<f32>>,
    /// Unit normals: +X right, +Y up, +Z toward the camera.
    pub normal: Option<Vec<[f32; CHANNELS]>>,
    /// Share of the pixel that the person covers, in 0..1.
    pub alpha: Option<Vec<f32>>,
}

/// Runs a network on a picture of any size.
///
/// # Errors
/// A network that fails, or gives planes of another size than it takes.
pub fn predict(picture: &Picture, predictor: &dyn Predictor) -> Result<Prediction, TrainError> {
    let sizing = predictor.sizing();
    if sizing.size_px.contains(&0) {
        return Err(TrainError::stopped("a model of pictures without pixels"));
    }
    let canvas = Canvas::new([picture.width, picture.height], sizing);
    let channels = [0, 1, 2].map(|channel| picture.channel(channel));
    let outputs = predictor.predict(&canvas.prepare(&channels))?;
    outputs.restored(&canvas, predictor.depth_sign())
}

impl Outputs {
    /// What was given, at the size of the picture: depth that grows with distance, normals of unit
    /// length, alpha in 0..1.
    ///
    /// # Errors
    /// Planes of another size than the model takes.
    pub fn restored(self, canvas: &Canvas, sign: DepthSign) -> Result<Prediction, TrainError> {
        let [width, height] = canvas.model_px;
        let planes = |task: Task, values: Option<Vec<f32>>| match values {
            None => Ok(None),
            Some(values) if values.len() == task.channels() * width * height => {
                Ok(Some(canvas.restore(&values)))
            }
            Some(values) => Err(TrainError::stopped(format!(
                "the model gave {} values of {}, wanted {} x {height} x {width}",
                values.len(),
                task.name(),
                task.channels()
            ))),
        };
        let depth = planes(Task::Depth, self.depth)?.and_then(|mut planes| planes.pop());
        let alpha = planes(Task::Alpha, self.alpha)?.and_then(|mut planes| planes.pop());
        let normal = planes(Task::Normal, self.normal)?;
        let factor = sign.factor();
        let [width, height] = canvas.picture_px;
        Ok(Prediction {
            width,
            height,
            depth: depth.map(|plane| plane.values.iter().map(|depth| factor * depth).collect()),
            normal: normal.map(|planes| unit_vectors([0, 1, 2].map(|axis| &planes[axis]))),
            alpha: alpha.map(|mut plane| {
                clamp_shares(&mut plane);
                plane.values
            }),
        })
    }
}
