//! What the tests of exports share: the golden tiny model, and floats in files.

#![allow(dead_code, reason = "not every test uses everything")]

use std::path::Path;

use bottega_schemas::{ModelConfig, ModelSize, Task};
use bottega_trainer::export::{DepthSign, ModelCard};
use bottega_trainer::weights::{NamedTensor, NamedTensors, SafetensorsFile, Tensors};

/// A golden file of tensors.
pub(crate) fn golden(name: &str) -> SafetensorsFile {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    SafetensorsFile::open(&folder.join(name)).unwrap()
}

/// The weights of the golden tiny model, which has all three heads.
pub(crate) fn tiny_weights() -> NamedTensors {
    let file = golden("dptr_tiny_weights.safetensors");
    let tensor = |name: String| {
        let shape = file.shape(&name).unwrap();
        let values = file.values(&name).unwrap().into_owned();
        (name, NamedTensor { shape, values })
    };
    file.names().into_iter().map(tensor).collect()
}

/// The card of the golden tiny model.
pub(crate) fn card(tasks: &[Task], depth_sign: DepthSign) -> ModelCard {
    ModelCard {
        preset: "tiny".to_owned(),
        config: ModelConfig::of_size(ModelSize::Tiny, tasks),
        depth_sign,
        step: Some(12),
        dataset_hash: Some("0123abcd".to_owned()),
    }
}

/// Floats as bytes, least significant first.
pub(crate) fn bytes_of(values: &[f32]) -> Vec<u8> {
    values
        .iter()
        .flat_map(|value| value.to_le_bytes())
        .collect()
}

/// The floats of a file.
pub(crate) fn floats_of(path: &Path) -> Vec<f32> {
    let bytes = std::fs::read(path).unwrap();
    let values = bytes.as_chunks::<4>().0.iter().copied();
    values.map(f32::from_le_bytes).collect()
}
