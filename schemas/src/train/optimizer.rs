//! How the loss is minimised. Not published; the values are ours.

use serde::{Deserialize, Serialize};

/// AdamW, its schedule, and the average of the weights.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct OptimizerConfig {
    /// Learning rate of decoder, resizer and heads.
    pub lr: f64,
    /// Learning rate of the encoder; a tenth for a pretrained one (MiDaS, DPT).
    pub encoder_lr: f64,
    /// Decay rates of the first and the second moment.
    pub betas: [f64; 2],
    /// Term that keeps the denominator from zero.
    pub epsilon: f64,
    /// Decoupled weight decay; none on vectors, class token and position embedding.
    pub weight_decay: f64,
    /// Largest L2 norm of all gradients together; 0 clips nothing.
    pub clip_norm: f64,
    /// Steps of a linear rise from 0.
    pub warmup_steps: u64,
    /// Share of the learning rate that the cosine ends at.
    pub final_share: f64,
    /// Decay of the average of the weights, which is evaluated and exported; 0 keeps none.
    pub ema: f64,
}

impl Default for OptimizerConfig {
    fn default() -> Self {
        Self {
            lr: 1e-4,
            encoder_lr: 1e-5,
            betas: [0.9, 0.999],
            epsilon: 1e-8,
            weight_decay: 0.05,
            clip_norm: 1.0,
            warmup_steps: 1000,
            final_share: 0.01,
            ema: 0.999,
        }
    }
}
