//! Files of the published sizes are as long as the published files, but for the names of their
//! operations.
#![allow(clippy::unwrap_used, reason = "the panic is the report")]
#![allow(clippy::print_stdout, reason = "figures for whoever asks for them")]

use std::borrow::Cow;
use std::collections::BTreeMap;

use bottega_schemas::model_size::{CARD_SIDE_PX, published_models};
use bottega_schemas::{ModelConfig, ModelSize, Task};
use bottega_trainer::TrainError;
use bottega_trainer::export::{DepthSign, ModelCard, onnx_bytes};
use bottega_trainer::weights::Tensors;

/// Shapes without values.
struct Shapes(BTreeMap<String, Vec<usize>>);

impl Tensors for Shapes {
    fn names(&self) -> Vec<String> {
        self.0.keys().cloned().collect()
    }

    fn shape(&self, name: &str) -> Option<Vec<usize>> {
        self.0.get(name).cloned()
    }

    fn values(&self, name: &str) -> Result<Cow<'_, [f32]>, TrainError> {
        panic!("{name}: no value is needed to tell a length")
    }
}

/// The tensors of a model by their names in a checkpoint, without the encoder's last norm.
fn shapes(config: &ModelConfig) -> Shapes {
    let (d, c, r) = (
        config.token_width,
        config.decoder_width,
        config.resizer_width,
    );
    let mut shapes = BTreeMap::new();
    let mut weight = |name: &str, shape: &[usize]| {
        shapes.insert(format!("{name}.weight"), shape.to_vec());
        // Transposed convolutions keep their width, so this holds of them too.
        shapes.insert(format!("{name}.bias"), shape[..1].to_vec());
    };
    let patch = config.patch_px;
    weight("encoder.patch_embed.proj", &[d, 3, patch, patch]);
    for i in 0..config.blocks {
        let block = format!("encoder.blocks.{i}");
        weight(&format!("{block}.norm1"), &[d]);
        weight(&format!("{block}.norm2"), &[d]);
        weight(&format!("{block}.attn.qkv"), &[3 * d, d]);
        weight(&format!("{block}.attn.proj"), &[d, d]);
        weight(&format!("{block}.mlp.fc1"), &[4 * d, d]);
        weight(&format!("{block}.mlp.fc2"), &[d, 4 * d]);
    }
    weight("resizer.stem", &[r, 3, 3, 3]);
    for (level, &f) in config.features.iter().enumerate() {
        weight(&format!("readout.{level}.project"), &[d, 2 * d]);
        weight(&format!("project.{level}"), &[f, d, 1, 1]);
        match level {
            0 => weight("resample.0", &[f, f, 4, 4]),
            1 => weight("resample.1", &[f, f, 2, 2]),
            3 => weight("resample.3", &[f, f, 3, 3]),
            _ => {}
        }
        for unit in ["rcu_enc", "rcu_dec"] {
            for conv in ["conv1", "conv2"] {
                weight(&format!("fusion.{level}.{unit}.{conv}"), &[c, c, 3, 3]);
            }
        }
        weight(&format!("fusion.{level}.out_conv"), &[c, c + r, 1, 1]);
        for (conv, kernel) in [("conv1", 3), ("conv2", 3), ("shortcut", 1)] {
            let name = format!("resizer.blocks.{level}.{conv}");
            weight(&name, &[r, r, kernel, kernel]);
        }
    }
    for &task in &config.tasks {
        let head = format!("heads.{}", task.name());
        weight(&format!("{head}.conv1"), &[c / 2, c, 3, 3]);
        weight(&format!("{head}.conv2"), &[config.head_width, c / 2, 3, 3]);
        weight(
            &format!("{head}.conv3"),
            &[task.channels(), config.head_width, 1, 1],
        );
    }
    for (level, &f) in config.features.iter().enumerate() {
        shapes.insert(format!("layer_rn.{level}.weight"), vec![c, f, 3, 3]);
    }
    shapes.insert("encoder.cls_token".to_owned(), vec![1, 1, d]);
    shapes.insert("encoder.pos_embed".to_owned(), vec![1, config.tokens(), d]);
    Shapes(shapes)
}

#[test]
fn files_are_as_long_as_the_published_ones() {
    let published = published_models();
    for (name, size, tasks, published_mib) in [
        ("base", ModelSize::Base, &[Task::Depth][..], 428.42),
        ("large", ModelSize::Large, &[Task::Depth], 1314.13),
        ("multitask_large", ModelSize::Large, &Task::ALL, 1316.66),
    ] {
        let config = ModelConfig::of_size(size, tasks);
        let shapes = shapes(&config);
        let params: usize = (shapes.0.values())
            .map(|shape| shape.iter().product::<usize>())
            .sum();
        let counted = published.iter().find(|model| model.name == name).unwrap();
        assert_eq!(params as u64, counted.params, "{name}");
        let card = ModelCard {
            preset: name.to_owned(),
            config,
            depth_sign: DepthSign::Farther,
            step: None,
            dataset_hash: None,
        };
        let bytes = onnx_bytes(&card, &shapes, [CARD_SIDE_PX; 2]).unwrap();
        let mib = bytes as f64 / f64::from(1 << 20);
        println!("{name}: {mib:.2} MiB, published {published_mib}");
        assert!(
            (0.0..0.25).contains(&(published_mib - mib)),
            "{name}: {mib}"
        );
    }
}

#[test]
fn what_the_format_cannot_hold_is_refused() {
    let mut config = ModelConfig::of_size(ModelSize::Large, &Task::ALL);
    config.blocks = 48;
    config.hooks = [11, 23, 35, 47];
    let card = ModelCard {
        preset: "giant".to_owned(),
        config: config.clone(),
        depth_sign: DepthSign::Farther,
        step: None,
        dataset_hash: None,
    };
    let error = onnx_bytes(&card, &shapes(&config), [CARD_SIDE_PX; 2]).unwrap_err();
    assert!(error.to_string().contains("safetensors"), "{error}");
}
