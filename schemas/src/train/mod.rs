//! The configuration of a training run: every choice that the recipe of the model leaves open.

mod augment;
mod check;
mod config;
mod data;
mod loss;
mod optimizer;

pub use augment::{AugmentConfig, Range};
pub use config::{DeviceChoice, ModelChoice, Precision, RunConfig, TrainConfig, Wire};
pub use data::{DataConfig, DatasetChoice, Fit, QuotaConfig, ShuffleChoice};
pub use loss::LossConfig;
pub use optimizer::OptimizerConfig;
