//! The document of a training run, and the parts about the model and the run itself.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::{AugmentConfig, DataConfig, LossConfig, OptimizerConfig, check};
use crate::document;
use crate::error::SchemaError;
use crate::model_config::{ModelConfig, ModelSize, Task};

/// A training run; a document may leave any key out but the datasets.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct TrainConfig {
    /// Version of the document; 1.
    pub schema_version: u32,
    /// What is trained.
    pub model: ModelChoice,
    /// What it is trained on.
    pub data: DataConfig,
    /// How pictures are varied.
    pub augment: AugmentConfig,
    /// What is minimised.
    pub loss: LossConfig,
    /// How it is minimised.
    pub optimizer: OptimizerConfig,
    /// Length, device, precision, saving.
    pub run: RunConfig,
}

/// A model: a size, its tasks, and what differs from the size.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct ModelChoice {
    /// The size.
    pub size: ModelSize,
    /// What it predicts, one head each.
    pub tasks: Vec<Task>,
    /// Side of the square that the transformer sees, in pixels; that of the size if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encoder_px: Option<usize>,
    /// Channels of the decoder; those of the size if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decoder_width: Option<usize>,
    /// Channels of the resizer; those of the size if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resizer_width: Option<usize>,
    /// Weights of the encoder to begin with: `model.safetensors` of a timm vision transformer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encoder_weights: Option<PathBuf>,
    /// A checkpoint to begin with; what fits is taken, what does not is reported.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start_from: Option<PathBuf>,
}

/// Arithmetic of the layers; master weights and losses are always 32-bit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Precision {
    /// `bf16` on a GPU, `f32` on a CPU.
    #[default]
    Auto,
    /// 32-bit floats.
    F32,
    /// 16-bit floats with the range of 32-bit ones.
    Bf16,
}

/// How gradients travel between the processes of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Wire {
    /// As they are.
    #[default]
    F32,
    /// In 16 bits: half the bytes, 8 bits of precision. What a rank adds is added in 32 bits.
    Bf16,
}

/// Where the model runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum DeviceChoice {
    /// The GPU where there is one, else the CPU.
    #[default]
    Auto,
    /// The CPU.
    Cpu,
    /// A GPU; it is an error if there is none. The rank on the machine says which.
    Cuda,
}

/// Length, device, precision, saving.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct RunConfig {
    /// Root of all randomness: weights, order, augmentations; 0 to 2^63 - 1.
    pub seed: u64,
    /// Optimizer steps.
    pub steps: u64,
    /// Where it runs.
    pub device: DeviceChoice,
    /// Arithmetic of the layers.
    pub precision: Precision,
    /// How gradients travel where several processes train: `bf16` for slow networks.
    pub wire: Wire,
    /// Threads of one operation on the CPU; 0 takes the number of cores.
    pub threads: usize,
    /// Steps between lines of the log.
    pub log_every: u64,
    /// Steps between evaluations on what is held out; 0 evaluates at the end alone.
    pub evaluate_every: u64,
    /// Held-out samples of an evaluation during the run; 0 takes all.
    pub evaluate_samples: u64,
    /// Steps between checkpoints.
    pub checkpoint_every: u64,
}

impl Default for TrainConfig {
    fn default() -> Self {
        Self {
            schema_version: 1,
            model: ModelChoice::default(),
            data: DataConfig::default(),
            augment: AugmentConfig::default(),
            loss: LossConfig::default(),
            optimizer: OptimizerConfig::default(),
            run: RunConfig::default(),
        }
    }
}

impl Default for ModelChoice {
    fn default() -> Self {
        Self {
            size: ModelSize::Base,
            tasks: Task::ALL.to_vec(),
            encoder_px: None,
            decoder_width: None,
            resizer_width: None,
            encoder_weights: None,
            start_from: None,
        }
    }
}

impl Default for RunConfig {
    fn default() -> Self {
        Self {
            seed: 0,
            steps: 100_000,
            device: DeviceChoice::Auto,
            precision: Precision::Auto,
            wire: Wire::F32,
            threads: 0,
            log_every: 10,
            evaluate_every: 1000,
            evaluate_samples: 0,
            checkpoint_every: 1000,
        }
    }
}

impl ModelChoice {
    /// The widths and counts of the model.
    pub fn config(&self) -> ModelConfig {
        let mut config = ModelConfig::of_size(self.size, &self.tasks);
        config.encoder_px = self.encoder_px.unwrap_or(config.encoder_px);
        config.decoder_width = self.decoder_width.unwrap_or(config.decoder_width);
        config.resizer_width = self.resizer_width.unwrap_or(config.resizer_width);
        config
    }
}

impl TrainConfig {
    /// Reads a configuration; keys that it leaves out keep their usual values. Relative paths in
    /// it start at its folder and become absolute.
    ///
    /// # Errors
    /// A file that cannot be read, an unknown key, a value outside what is allowed; the message
    /// names file and key.
    pub fn load(path: &Path) -> Result<Self, SchemaError> {
        let text = document::read_text(path)?;
        let mut config = Self::from_toml(&text, &path.display().to_string())?;
        config.resolve(path.parent().unwrap_or(Path::new("")));
        Ok(config)
    }

    /// Reads a configuration from its text; `file` names it in messages.
    ///
    /// # Errors
    /// As [`Self::load`], but for the file.
    pub fn from_toml(text: &str, file: &str) -> Result<Self, SchemaError> {
        let over = document::parse(text, file)?;
        let mut table =
            toml::Table::try_from(Self::default()).expect("the defaults are plain data");
        document::merge(&mut table, over);
        let config: Self = document::read(table, file, "")?;
        config.check(file)?;
        Ok(config)
    }

    /// The document, with every key.
    pub fn to_toml(&self) -> String {
        toml::to_string(self).expect("the configuration is plain data")
    }

    /// Refuses what cannot be carried out; `file` names the document in messages.
    ///
    /// # Errors
    /// The first key whose value is outside what is allowed.
    pub fn check(&self, file: &str) -> Result<(), SchemaError> {
        check::check(self, file)
    }

    fn resolve(&mut self, folder: &Path) {
        let datasets = self.data.datasets.iter_mut();
        let paths = datasets
            .flat_map(|dataset| [Some(&mut dataset.path), dataset.cache.as_mut()])
            .chain([
                self.model.encoder_weights.as_mut(),
                self.model.start_from.as_mut(),
            ]);
        for path in paths.flatten() {
            let joined = folder.join(&*path);
            // Absolute, so that the document means the same in the folder of the run.
            *path = std::path::absolute(&joined).unwrap_or(joined);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEAST: &str = "[[data.datasets]]\npath = 'people'\n";

    #[test]
    fn a_document_needs_datasets_alone() {
        let config = TrainConfig::from_toml(LEAST, "t.toml").unwrap();
        assert_eq!(config.run, RunConfig::default());
        assert_eq!(config.data.datasets[0].path, Path::new("people"));
        assert_eq!(config.data.datasets[0].weight, 1.0);
        let message = TrainConfig::from_toml("", "t.toml")
            .unwrap_err()
            .to_string();
        assert!(message.contains("`data.datasets`"), "{message}");
    }

    #[test]
    fn what_is_written_reads_the_same() {
        let mut config = TrainConfig::from_toml(LEAST, "t.toml").unwrap();
        config.model.size = ModelSize::Tiny;
        config.model.encoder_px = Some(64);
        config.augment.background = 0.25;
        let again = TrainConfig::from_toml(&config.to_toml(), "t.toml").unwrap();
        assert_eq!(again, config);
        assert_eq!(again.model.config().encoder_px, 64);
    }

    #[test]
    fn mistakes_name_their_key() {
        let mistakes = [
            ("[run]\nstpes = 3", "run.stpes"),
            ("[run]\nsteps = 0", "run.steps"),
            ("[optimizer]\nlr = -1.0", "optimizer.lr"),
            ("[optimizer]\nbetas = [0.9, 1.0]", "optimizer.betas"),
            ("[model]\nencoder_px = 100", "model.encoder_px"),
            ("[model]\ntasks = []", "model.tasks"),
            ("[augment]\nflip = 1.5", "augment.flip"),
            ("[augment]\ncrop = { from = 0.9, to = 0.5 }", "augment.crop"),
            ("[data]\nbatch = 0", "data.batch"),
            ("[data]\nheld_out = 1.0", "data.held_out"),
            ("[data]\npeople = 0.0", "data.people"),
            ("[loss]\nlaplacian_levels = 9", "loss.laplacian_levels"),
        ];
        for (text, key) in mistakes {
            let error = TrainConfig::from_toml(&format!("{text}\n{LEAST}"), "t.toml");
            let message = error.unwrap_err().to_string();
            assert!(message.contains(key), "{key}: {message}");
        }
    }

    #[test]
    fn paths_start_at_the_folder_of_the_document() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("t.toml");
        std::fs::write(&path, LEAST).unwrap();
        let config = TrainConfig::load(&path).unwrap();
        assert_eq!(config.data.datasets[0].path, folder.path().join("people"));
    }
}
