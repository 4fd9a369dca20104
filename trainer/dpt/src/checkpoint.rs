//! A run on disk: weights, their average, the optimizer, and where the data stood, in one
//! safetensors file that is replaced as a whole.
//!
//! Variables have the names of the checkpoint format; the average has them under `ema.`, the
//! moments under `adam.first.` and `adam.second.`. A file that holds weights alone is a model to
//! use, one that holds all is a run to resume.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};
use tch::{Device, Kind, Tensor};

use bottega_format::loader::LoaderState;
use bottega_schemas::{ModelConfig, TrainConfig};

use crate::error::TrainError;
use crate::export::{DepthSign, ModelCard};
use crate::model::DptResizer;
use crate::observe::Window;
use crate::optim::{AdamW, Average};
use crate::weights::{LoadReport, TensorFile, assign};

/// What such a file is called in messages.
const WHAT: &str = "checkpoint";

/// Version of [`CheckpointInfo`].
const VERSION: u32 = 1;

/// Key of the metadata that holds [`CheckpointInfo`].
const INFO: &str = "bottega";

/// Prefix of the average's tensors.
const AVERAGE: &str = "ema.";

/// What is known of a checkpoint besides its tensors.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CheckpointInfo {
    /// Version of this document.
    pub version: u32,
    /// The model.
    pub model: ModelConfig,
    /// The run.
    pub config: TrainConfig,
    /// Steps done.
    pub step: u64,
    /// Steps that the optimizer took.
    pub optimizer_steps: u64,
    /// Pictures that were trained on, of all processes.
    pub pictures: u64,
    /// What was summed since the last record of the log.
    pub window: Window,
    /// Where the data stood; absent in a file of weights alone.
    pub loader: Option<LoaderState>,
    /// BLAKE3 of the training data: datasets, selections, weights.
    pub data_blake3: String,
    /// +1 if a larger depth output means farther, -1 if nearer, 0 if it was never measured: a
    /// loss that is free of scale does not fix the sign.
    pub depth_sign: i8,
    /// Best held-out loss so far.
    pub best: Option<f64>,
    /// Program that wrote the file.
    pub program: String,
}

/// A checkpoint in memory.
#[derive(Debug)]
pub struct Checkpoint {
    /// What is known of it.
    pub info: CheckpointInfo,
    file: TensorFile,
}

/// Writes a run to resume.
///
/// # Errors
/// A disk that is full, or another refusal of the operating system; what stood there before is
/// whole.
pub fn save_run(
    path: &Path,
    model: &DptResizer,
    average: Option<&Average>,
    optimizer: &AdamW,
    info: &CheckpointInfo,
) -> Result<(), TrainError> {
    let mut tensors: BTreeMap<String, Tensor> = model.variables().variables().into_iter().collect();
    tensors.extend(average.into_iter().flat_map(Average::state));
    tensors.extend(optimizer.state());
    TensorFile::write(path, &tensors, &metadata(info))
}

/// Writes a model to use: the average of the weights where there is one.
///
/// # Errors
/// As [`save_run`].
pub fn save_model(
    path: &Path,
    model: &DptResizer,
    average: Option<&Average>,
    info: &CheckpointInfo,
) -> Result<(), TrainError> {
    let tensors = match average {
        Some(average) => average.values(),
        None => model.variables().variables().into_iter().collect(),
    };
    let info = CheckpointInfo {
        loader: None,
        ..info.clone()
    };
    TensorFile::write(path, &tensors, &metadata(&info))
}

fn metadata(info: &CheckpointInfo) -> BTreeMap<String, String> {
    let json = serde_json::to_string(info).expect("plain data");
    let mut metadata = info.card().metadata();
    metadata.insert(INFO.to_owned(), json);
    metadata
}

impl Checkpoint {
    /// Reads a checkpoint.
    ///
    /// # Errors
    /// A file that cannot be read, is cut short, or is no checkpoint of ours.
    pub fn read(path: &Path) -> Result<Self, TrainError> {
        let file = TensorFile::read(path)?;
        let refuse = |reason: String| TrainError::file(WHAT, path, reason);
        let Some(json) = file.metadata.get(INFO) else {
            return Err(refuse(
                "it has no description of a model; wanted a file that `bottega train` wrote"
                    .to_owned(),
            ));
        };
        let info: CheckpointInfo = serde_json::from_str(json)
            .map_err(|error| refuse(format!("its description cannot be read: {error}")))?;
        if info.version != VERSION {
            let found = info.version;
            return Err(refuse(format!(
                "version {found}, this program reads {VERSION}"
            )));
        }
        info.model.check(&path.display().to_string())?;
        Ok(Self { info, file })
    }

    /// The model to use, with the average of the weights where the file has one.
    ///
    /// # Errors
    /// Tensors that are missing or have another shape.
    pub fn model(&self, device: Device, compute: Kind) -> Result<DptResizer, TrainError> {
        let model = DptResizer::new(&self.info.model, device, compute);
        let report = assign(model.variables(), &self.weights(), "");
        if !report.is_whole() {
            return Err(TrainError::file(WHAT, &self.file.path, report.to_string()));
        }
        Ok(model)
    }

    /// The weights to use, by the names of the variables.
    pub fn weights(&self) -> BTreeMap<String, Tensor> {
        let tensors = &self.file.tensors;
        let averaged = tensors.iter().filter_map(|(name, tensor)| {
            let name = name.strip_prefix(AVERAGE)?;
            Some((name.to_owned(), tensor.shallow_clone()))
        });
        let averaged: BTreeMap<String, Tensor> = averaged.collect();
        if !averaged.is_empty() {
            return averaged;
        }
        self.plain()
    }

    /// The weights themselves, not their average.
    fn plain(&self) -> BTreeMap<String, Tensor> {
        let tensors = self.file.tensors.iter();
        let plain =
            tensors.filter(|(name, _)| !name.starts_with(AVERAGE) && !name.starts_with("adam."));
        plain
            .map(|(name, tensor)| (name.clone(), tensor.shallow_clone()))
            .collect()
    }

    /// Takes what fits of the weights into a model that begins from them.
    pub fn start(&self, model: &DptResizer) -> LoadReport {
        assign(model.variables(), &self.weights(), "")
    }

    /// Puts model, average and optimizer where the run stood, and says where the data stood.
    ///
    /// # Errors
    /// A file of weights alone, a run of another model, a run without what this one needs.
    pub fn resume(
        &self,
        model: &DptResizer,
        average: Option<&mut Average>,
        optimizer: &mut AdamW,
    ) -> Result<LoaderState, TrainError> {
        let refuse = |reason: String| TrainError::file(WHAT, &self.file.path, reason);
        let Some(loader) = &self.info.loader else {
            return Err(refuse(
                "it holds weights alone; a run is resumed from `last.safetensors`, and begun from \
                 weights by `start_from`"
                    .to_owned(),
            ));
        };
        if &self.info.model != model.config() {
            let found = serde_json::to_string(&self.info.model).expect("plain data");
            let wanted = serde_json::to_string(model.config()).expect("plain data");
            return Err(refuse(format!(
                "its model is {found}, this run's is {wanted}"
            )));
        }
        let report = assign(model.variables(), &self.plain(), "");
        if !report.is_whole() {
            return Err(refuse(report.to_string()));
        }
        let lacking = |name: String| refuse(format!("the tensor {name} is missing or misshapen"));
        let tensors = &self.file.tensors;
        optimizer
            .restore(tensors, self.info.optimizer_steps)
            .map_err(lacking)?;
        if let Some(average) = average {
            average.restore(tensors).map_err(lacking)?;
        }
        Ok(loader.clone())
    }
}

impl CheckpointInfo {
    /// Which way the depth of the model grows; where it was never measured, it is taken to grow
    /// with distance.
    pub fn sign(&self) -> DepthSign {
        match self.depth_sign {
            sign if sign < 0 => DepthSign::Nearer,
            _ => DepthSign::Farther,
        }
    }

    /// The card of the model, for those who use it.
    pub fn card(&self) -> ModelCard {
        ModelCard {
            preset: format!("{:?}", self.config.model.size).to_lowercase(),
            config: self.model.clone(),
            depth_sign: self.sign(),
            step: Some(self.step),
            dataset_hash: Some(self.data_blake3.clone()),
        }
    }

    /// The description of a run that has not begun.
    pub fn new(config: &TrainConfig, data_blake3: String) -> Self {
        Self {
            version: VERSION,
            model: config.model.config(),
            config: config.clone(),
            step: 0,
            optimizer_steps: 0,
            pictures: 0,
            window: Window::default(),
            loader: None,
            data_blake3,
            depth_sign: 0,
            best: None,
            program: format!("bottega-train {}", env!("CARGO_PKG_VERSION")),
        }
    }
}
