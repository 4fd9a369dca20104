//! The weights of a pretrained encoder: timm's names and layout.

use std::collections::BTreeMap;
use std::path::Path;

use tch::{Kind, Tensor};

use crate::error::TrainError;
use crate::model::DptResizer;

use super::{LoadReport, TensorFile, assign};

/// Tensors of a classifier that a dense model has no use for.
const CLASSIFIER: [&str; 6] = [
    "norm.weight",
    "norm.bias",
    "head.weight",
    "head.bias",
    "fc_norm.weight",
    "fc_norm.bias",
];

/// Loads `model.safetensors` of a timm vision transformer into the encoder of `model`. A position
/// embedding of another grid is resampled as timm does it.
///
/// # Errors
/// A file that cannot be read, or one in which a tensor of the encoder is missing or has another
/// shape: half a pretrained encoder is none.
pub fn load_encoder(model: &DptResizer, path: &Path) -> Result<LoadReport, TrainError> {
    let file = TensorFile::read(path)?;
    let mut tensors: BTreeMap<String, Tensor> = file
        .tensors
        .into_iter()
        .filter(|(name, _)| !CLASSIFIER.contains(&name.as_str()))
        .map(|(name, tensor)| (format!("encoder.{name}"), tensor))
        .collect();
    let mut changed = Vec::new();
    if let Some(position) = tensors.get_mut("encoder.pos_embed") {
        let wanted = model.config().grid() as i64;
        if let Some(found) = grid_of(position)
            && found != wanted
        {
            *position = resample_position(position, [wanted; 2]);
            let words = format!(
                "position embedding resampled from {found} x {found} to {wanted} x {wanted}"
            );
            changed.push(words);
        }
    }
    let mut report = assign(model.variables(), &tensors, "encoder.");
    report.changed = changed;
    if report.missing.is_empty() && report.misfits.is_empty() {
        return Ok(report);
    }
    let config = model.config();
    let reason = format!(
        "not an encoder of {} blocks of width {}: {report}",
        config.blocks, config.token_width
    );
    Err(TrainError::file("encoder weights", path, reason))
}

/// Side of the square grid of a position embedding `[1, 1 + side^2, D]`.
fn grid_of(position: &Tensor) -> Option<i64> {
    let [1, tokens, _] = position.size()[..] else {
        return None;
    };
    let side = (tokens - 1).isqrt();
    (tokens > 1 && side * side == tokens - 1).then_some(side)
}

/// A position embedding `[1, 1 + side^2, D]` for another grid `[h, w]`: the class token's stays,
/// the grid is resampled bicubically with antialiasing, as timm does.
pub fn resample_position(position: &Tensor, size: [i64; 2]) -> Tensor {
    let side = grid_of(position).expect("the caller looked at the grid");
    let width = position.size()[2];
    let class = position.slice(1, 0, 1, 1);
    let grid = position.slice(1, 1, None, 1).to_kind(Kind::Float);
    let grid = grid.reshape([1, side, side, width]).permute([0, 3, 1, 2]);
    let grid = grid.internal_upsample_bicubic2d_aa(size, false, None, None);
    let grid = grid
        .permute([0, 2, 3, 1])
        .reshape([1, size[0] * size[1], width]);
    Tensor::cat(&[class.to_kind(Kind::Float), grid], 1)
}
