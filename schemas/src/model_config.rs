//! The shape of a DPT-resizer model: a vision transformer that sees the picture at one size, a
//! convolutional encoder ("resizer") that sees it at its own, and a decoder that joins them.
//!
//! Levels are numbered from the finest, 0, to the coarsest, 3. The widths are those of the
//! published models as far as their sizes and operation counts tell (DAViD, ICCV 2025; DPT,
//! Ranftl et al. 2021); the class token is joined to each patch token ("project" readout).

use serde::{Deserialize, Serialize};

use crate::error::SchemaError;

/// Number of levels at which encoder, resizer and decoder meet.
pub const LEVELS: usize = 4;

/// What a head predicts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Task {
    /// Relative depth, one channel, up to scale and shift.
    Depth,
    /// Surface normals in camera space, three channels.
    Normal,
    /// Soft foreground, one channel, as a logit.
    Alpha,
}

impl Task {
    /// Every task, in the order in which exports list their outputs.
    pub const ALL: [Self; 3] = [Self::Depth, Self::Normal, Self::Alpha];

    /// Channels of its head.
    pub fn channels(self) -> usize {
        match self {
            Self::Depth | Self::Alpha => 1,
            Self::Normal => 3,
        }
    }

    /// The word used in documents and tensor names.
    pub fn name(self) -> &'static str {
        match self {
            Self::Depth => "depth",
            Self::Normal => "normal",
            Self::Alpha => "alpha",
        }
    }
}

/// Widths and counts of a model; everything that decides the shapes of its tensors.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ModelConfig {
    /// Side of the square that the transformer sees, pixels; a multiple of `patch_px`.
    pub encoder_px: usize,
    /// Side of a patch, pixels.
    pub patch_px: usize,
    /// Width of a token.
    pub token_width: usize,
    /// Number of transformer blocks.
    pub blocks: usize,
    /// Number of attention heads; divides `token_width`.
    pub attention_heads: usize,
    /// Blocks whose outputs are tapped, counted from 0, ascending; the first feeds level 0.
    pub hooks: [usize; LEVELS],
    /// Channels of the tapped maps before they are brought to `decoder_width`.
    pub features: [usize; LEVELS],
    /// Channels of the decoder; even.
    pub decoder_width: usize,
    /// Channels of the resizer.
    pub resizer_width: usize,
    /// Channels of a head before its last convolution.
    pub head_width: usize,
    /// What the model predicts, one head each.
    pub tasks: Vec<Task>,
}

/// Sizes of the encoder, and of what stands on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ModelSize {
    /// Of no use but for tests and trials: some 150,000 parameters.
    Tiny,
    /// ViT-S/16.
    Small,
    /// ViT-B/16.
    Base,
    /// ViT-L/16.
    Large,
}

impl ModelConfig {
    /// The model of a size for the given tasks.
    pub fn of_size(size: ModelSize, tasks: &[Task]) -> Self {
        let (token_width, blocks, attention_heads, hooks, features) = match size {
            ModelSize::Tiny => return Self::tiny(tasks),
            ModelSize::Small => (384, 12, 6, [2, 5, 8, 11], [48, 96, 192, 384]),
            ModelSize::Base => (768, 12, 12, [2, 5, 8, 11], [96, 192, 384, 768]),
            ModelSize::Large => (1024, 24, 16, [5, 11, 17, 23], [256, 512, 1024, 1024]),
        };
        Self {
            encoder_px: 384,
            patch_px: 16,
            token_width,
            blocks,
            attention_heads,
            hooks,
            features,
            decoder_width: 256,
            resizer_width: 128,
            head_width: 32,
            tasks: tasks.to_vec(),
        }
    }

    fn tiny(tasks: &[Task]) -> Self {
        Self {
            encoder_px: 48,
            patch_px: 16,
            token_width: 32,
            blocks: 4,
            attention_heads: 2,
            hooks: [0, 1, 2, 3],
            features: [8, 12, 16, 20],
            decoder_width: 16,
            resizer_width: 8,
            head_width: 8,
            tasks: tasks.to_vec(),
        }
    }

    /// Side of the grid of patches.
    pub fn grid(&self) -> usize {
        self.encoder_px / self.patch_px.max(1)
    }

    /// Number of tokens: the patches and the class token.
    pub fn tokens(&self) -> usize {
        self.grid() * self.grid() + 1
    }

    /// Checks that the numbers make a model; `file` is where they were read.
    pub fn check(&self, file: &str) -> Result<(), SchemaError> {
        let refuse = |key: &str, message: String| {
            Err(SchemaError::Invalid {
                file: file.into(),
                key: key.into(),
                message: message.into(),
            })
        };
        let widths = [
            ("encoder_px", self.encoder_px),
            ("patch_px", self.patch_px),
            ("token_width", self.token_width),
            ("blocks", self.blocks),
            ("attention_heads", self.attention_heads),
            ("decoder_width", self.decoder_width),
            ("resizer_width", self.resizer_width),
            ("head_width", self.head_width),
        ];
        for (key, value) in widths {
            if value == 0 {
                return refuse(key, "must be at least 1".to_owned());
            }
        }
        if let Some(level) = self.features.iter().position(|&width| width == 0) {
            return refuse("features", format!("entry {level} must be at least 1"));
        }
        if !self.encoder_px.is_multiple_of(self.patch_px) {
            let reason = format!("{} is no multiple of patch_px", self.encoder_px);
            return refuse("encoder_px", reason);
        }
        if !self.token_width.is_multiple_of(self.attention_heads) {
            let reason = format!("{} does not divide token_width", self.attention_heads);
            return refuse("attention_heads", reason);
        }
        if !self.decoder_width.is_multiple_of(2) {
            return refuse("decoder_width", "must be even, heads halve it".to_owned());
        }
        let ascending = self.hooks.is_sorted_by(|a, b| a < b);
        if !ascending || self.hooks[LEVELS - 1] >= self.blocks {
            let reason = format!("must ascend and stay below the {} blocks", self.blocks);
            return refuse("hooks", reason);
        }
        if self.tasks.is_empty() {
            return refuse("tasks", "name at least one".to_owned());
        }
        let mut tasks = self.tasks.clone();
        tasks.sort();
        tasks.dedup();
        if tasks.len() != self.tasks.len() {
            return refuse("tasks", "a task is named twice".to_owned());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_preset_is_a_model() {
        for size in [ModelSize::Small, ModelSize::Base, ModelSize::Large] {
            ModelConfig::of_size(size, &Task::ALL)
                .check("preset")
                .unwrap();
        }
        ModelConfig::of_size(ModelSize::Tiny, &[Task::Alpha])
            .check("preset")
            .unwrap();
    }

    #[test]
    fn what_makes_no_model_is_refused_by_its_key() {
        let model = ModelConfig::of_size(ModelSize::Base, &[Task::Depth]);
        let broken = [
            (
                "encoder_px",
                ModelConfig {
                    encoder_px: 380,
                    ..model.clone()
                },
            ),
            (
                "attention_heads",
                ModelConfig {
                    attention_heads: 7,
                    ..model.clone()
                },
            ),
            (
                "hooks",
                ModelConfig {
                    hooks: [2, 5, 8, 12],
                    ..model.clone()
                },
            ),
            (
                "hooks",
                ModelConfig {
                    hooks: [2, 2, 8, 11],
                    ..model.clone()
                },
            ),
            (
                "decoder_width",
                ModelConfig {
                    decoder_width: 255,
                    ..model.clone()
                },
            ),
            (
                "features",
                ModelConfig {
                    features: [1, 0, 1, 1],
                    ..model.clone()
                },
            ),
            (
                "tasks",
                ModelConfig {
                    tasks: vec![],
                    ..model.clone()
                },
            ),
            (
                "tasks",
                ModelConfig {
                    tasks: vec![Task::Depth; 2],
                    ..model.clone()
                },
            ),
        ];
        for (key, config) in broken {
            let error = config.check("preset").unwrap_err().to_string();
            assert!(error.contains(key), "{key}: {error}");
        }
    }
}
