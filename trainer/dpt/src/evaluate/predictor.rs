//! A trained model as the predictor of photographs.

use bottega_schemas::TrainConfig;

use super::measure::{forward, planes};
use crate::checkpoint::Checkpoint;
use crate::error::TrainError;
use crate::export::DepthSign;
use crate::model::DptResizer;
use crate::predict::{Outputs, Predictor, Sizing};
use crate::train::Compute;

/// A model on its device.
#[derive(Debug)]
pub struct ModelPredictor {
    model: DptResizer,
    sizing: Sizing,
    depth_sign: DepthSign,
}

impl ModelPredictor {
    /// The model of a checkpoint.
    ///
    /// # Errors
    /// Tensors that are missing or have another shape.
    pub fn new(checkpoint: &Checkpoint, compute: Compute) -> Result<Self, TrainError> {
        Ok(Self {
            model: checkpoint.model(compute.device, compute.kind)?,
            sizing: sizing(&checkpoint.info.config),
            depth_sign: checkpoint.info.sign(),
        })
    }
}

/// How a run sends pictures through its model.
pub fn sizing(config: &TrainConfig) -> Sizing {
    Sizing {
        size_px: config.data.size_px,
        fit: config.data.fit,
    }
}

impl Predictor for ModelPredictor {
    fn sizing(&self) -> Sizing {
        self.sizing
    }

    fn depth_sign(&self) -> DepthSign {
        self.depth_sign
    }

    fn predict(&self, image: &[f32]) -> Result<Outputs, TrainError> {
        planes(&forward(&self.model, image, self.sizing.size_px)?)
    }
}
