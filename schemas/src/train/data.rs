//! What a model is trained on, and how pictures are brought to one size.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// Datasets, sizes, order, what is held out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct DataConfig {
    /// The datasets, mixed by their weights.
    pub datasets: Vec<DatasetChoice>,
    /// Shares of the values of a label in the stream, whatever their shares in the datasets.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quota: Option<QuotaConfig>,
    /// Share of the people that are held out for evaluation, 0 to below 1. Whole identities are
    /// held out, and which ones depends on the seed of the run alone.
    pub held_out: f64,
    /// Share of the other people who are trained on, above 0 to 1, to see what more data brings.
    /// Who is in a smaller share is in every larger one, and who is held out stays the same.
    pub people: f64,
    /// Width and height of the pictures that the model is trained on, in pixels.
    pub size_px: [usize; 2],
    /// How a picture of another shape is brought to that size.
    pub fit: Fit,
    /// Pictures of one step on one device.
    pub batch: usize,
    /// Batches whose gradients are summed before a step.
    pub accumulate: usize,
    /// Threads that read, decode and augment; 0 takes the number of cores.
    pub threads: usize,
    /// Pictures that may wait or be in the making.
    pub prefetch: usize,
    /// How rows are mixed.
    pub shuffle: ShuffleChoice,
}

/// A dataset and its weight in the mix.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct DatasetChoice {
    /// Folder of the dataset, or a shard.
    pub path: PathBuf,
    /// Weight in the mix; by default 1.
    #[serde(default = "one")]
    pub weight: f64,
    /// A training cache of the dataset, from which planes are read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cache: Option<PathBuf>,
    /// Only rows whose label has one of these values, for example `framing = ["face"]`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub only: BTreeMap<String, Vec<String>>,
}

/// Shares of the values of a label.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct QuotaConfig {
    /// A column of words, such as `framing`.
    pub label: String,
    /// Weight of each value; values that are not named are left out.
    pub shares: BTreeMap<String, f64>,
}

/// How a picture is brought to the size of training.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Fit {
    /// Padded to the wanted shape by repeating its borders, as the published runtime does; the
    /// padding counts in no loss.
    #[default]
    Pad,
    /// Stretched.
    Stretch,
}

/// How rows are mixed; see `docs/loader.md`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ShuffleChoice {
    /// Every order of rows is as likely.
    #[default]
    Global,
    /// Row groups in random order, mixed in windows: for slow disks.
    Block,
    /// As they lie.
    None,
}

fn one() -> f64 {
    1.0
}

impl Default for DataConfig {
    fn default() -> Self {
        Self {
            datasets: Vec::new(),
            quota: None,
            held_out: 0.1,
            people: 1.0,
            size_px: [512, 512],
            fit: Fit::Pad,
            batch: 32,
            accumulate: 1,
            threads: 0,
            prefetch: 64,
            shuffle: ShuffleChoice::Global,
        }
    }
}
