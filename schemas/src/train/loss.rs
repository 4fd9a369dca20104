//! What is minimised. The weights are not published; the values are ours.

use serde::{Deserialize, Serialize};

/// Weights of the losses.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct LossConfig {
    /// Weight of the depth task.
    pub depth: f64,
    /// Weight of the normal task.
    pub normal: f64,
    /// Weight of the alpha task.
    pub alpha: f64,
    /// Weight of the multi-scale gradient within the depth task.
    pub depth_gradient: f64,
    /// Whether depth is scaled by its own median and mean deviation, so that close-ups and whole
    /// bodies weigh alike.
    pub depth_normalized: bool,
    /// Weight of the Laplacian pyramid within the alpha task.
    pub laplacian: f64,
    /// Levels of the pyramid, 1 to 8.
    pub laplacian_levels: usize,
}

impl Default for LossConfig {
    fn default() -> Self {
        Self {
            depth: 1.0,
            normal: 1.0,
            alpha: 1.0,
            depth_gradient: 0.5,
            depth_normalized: true,
            laplacian: 1.0,
            laplacian_levels: 5,
        }
    }
}
