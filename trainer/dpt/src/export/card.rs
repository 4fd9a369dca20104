//! What a file of weights says about its model: the text metadata of a checkpoint and an export.

use std::collections::BTreeMap;
use std::path::Path;

use bottega_schemas::{ModelConfig, Task};

use crate::error::TrainError;

/// How pictures are normalized before the first layer, in words.
pub const NORMALIZATION: &str = "rgb in 0..1, (x - 0.5) / 0.5";

/// Which way the depth of a model grows: nothing in the loss fixes it, so a checkpoint says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DepthSign {
    /// Larger is farther; written `1`.
    Farther,
    /// Larger is nearer; written `-1`.
    Nearer,
}

impl DepthSign {
    /// The factor that makes larger mean farther.
    pub fn factor(self) -> f32 {
        match self {
            Self::Farther => 1.0,
            Self::Nearer => -1.0,
        }
    }

    /// As it is written in metadata.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Farther => "1",
            Self::Nearer => "-1",
        }
    }

    /// The reverse of [`Self::as_str`]; `+1` is read too.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "1" | "+1" => Some(Self::Farther),
            "-1" => Some(Self::Nearer),
            _ => None,
        }
    }
}

/// What a model is and where it comes from.
#[derive(Clone, Debug, PartialEq)]
pub struct ModelCard {
    /// Name of the size, for example `base`.
    pub preset: String,
    /// Everything that decides the shapes of the tensors, and the tasks.
    pub config: ModelConfig,
    /// Which way depth grows.
    pub depth_sign: DepthSign,
    /// Optimizer steps that were taken, if it was trained.
    pub step: Option<u64>,
    /// Hash of the manifest of the dataset that it was trained on, if it was trained.
    pub dataset_hash: Option<String>,
}

impl ModelCard {
    /// The card as text metadata of a safetensors file.
    pub fn metadata(&self) -> BTreeMap<String, String> {
        let config = serde_json::to_string(&self.config).expect("a configuration is plain data");
        let mut metadata: BTreeMap<String, String> = [
            ("format", "pt"),
            ("preset", &self.preset),
            ("config", &config),
            ("tasks", &self.tasks_text()),
            ("normalization", NORMALIZATION),
            ("depth_sign", self.depth_sign.as_str()),
        ]
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .into();
        if let Some(step) = self.step {
            metadata.insert("step".to_owned(), step.to_string());
        }
        if let Some(hash) = &self.dataset_hash {
            metadata.insert("dataset_hash".to_owned(), hash.clone());
        }
        metadata
    }

    /// Reads the metadata of the file `path`; keys of others are left alone.
    ///
    /// An error if `config` or `depth_sign` is missing or wrong: without them the tensors cannot
    /// be told what they are, or which way depth grows.
    pub fn from_metadata(
        metadata: &BTreeMap<String, String>,
        path: &Path,
    ) -> Result<Self, TrainError> {
        let refuse = |reason: String| TrainError::file("file of weights", path, reason);
        let text = |key: &str| {
            metadata.get(key).ok_or_else(|| {
                refuse(format!(
                    "its metadata has no `{key}`, so it is no checkpoint or export of this program"
                ))
            })
        };
        let config: ModelConfig = serde_json::from_str(text("config")?)
            .map_err(|error| refuse(format!("metadata `config`: {error}")))?;
        config.check(&path.display().to_string())?;
        let sign = text("depth_sign")?;
        let depth_sign = DepthSign::parse(sign)
            .ok_or_else(|| refuse(format!("metadata `depth_sign` is {sign:?}, wanted 1 or -1")))?;
        let step = match metadata.get("step") {
            None => None,
            Some(step) => Some(
                step.parse()
                    .map_err(|_| refuse(format!("metadata `step` is {step:?}, wanted a number")))?,
            ),
        };
        Ok(Self {
            preset: metadata.get("preset").cloned().unwrap_or_default(),
            config,
            depth_sign,
            step,
            dataset_hash: metadata.get("dataset_hash").cloned(),
        })
    }

    /// The tasks in the order of the outputs, parted by commas.
    pub fn tasks_text(&self) -> String {
        let is_of_model = |task: &Task| self.config.tasks.contains(task);
        let names: Vec<&str> = Task::ALL
            .into_iter()
            .filter(is_of_model)
            .map(Task::name)
            .collect();
        names.join(",")
    }
}

#[cfg(test)]
mod tests {
    use bottega_schemas::ModelSize;

    use super::*;

    fn card() -> ModelCard {
        ModelCard {
            preset: "tiny".to_owned(),
            config: ModelConfig::of_size(ModelSize::Tiny, &[Task::Alpha, Task::Depth]),
            depth_sign: DepthSign::Nearer,
            step: Some(300),
            dataset_hash: Some("abc".to_owned()),
        }
    }

    #[test]
    fn a_card_comes_back_from_its_metadata() {
        let path = Path::new("model.safetensors");
        for card in [
            card(),
            ModelCard {
                step: None,
                dataset_hash: None,
                depth_sign: DepthSign::Farther,
                ..card()
            },
        ] {
            assert_eq!(
                ModelCard::from_metadata(&card.metadata(), path).unwrap(),
                card
            );
        }
        assert_eq!(card().metadata()["tasks"], "depth,alpha");
    }

    #[test]
    fn metadata_that_does_not_tell_the_model_is_refused() {
        let path = Path::new("model.safetensors");
        for (key, value) in [
            ("config", None),
            ("depth_sign", None),
            ("depth_sign", Some("2")),
            ("config", Some("{}")),
            ("step", Some("many")),
        ] {
            let mut metadata = card().metadata();
            match value {
                None => metadata.remove(key),
                Some(value) => metadata.insert(key.to_owned(), value.to_owned()),
            };
            let error = ModelCard::from_metadata(&metadata, path).unwrap_err();
            let text = error.to_string();
            assert!(
                text.contains(key) && text.contains("model.safetensors"),
                "{text}"
            );
        }
    }
}
