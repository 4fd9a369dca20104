//! Exported models give in onnxruntime what they give in LibTorch: models of odd widths, with blocks
//! that nothing taps, for pictures of odd sizes.
#![allow(clippy::unwrap_used, reason = "the panic is the report")]
#![allow(clippy::print_stdout, reason = "figures for whoever asks for them")]

mod common;
mod python;

use std::collections::BTreeMap;

use bottega_schemas::{ModelConfig, ModelSize, Task};
use bottega_trainer::export::{DepthSign, ModelCard, write_onnx};
use bottega_trainer::model::DptResizer;
use tch::{Device, Kind, Tensor};

use common::{bytes_of, card, floats_of};
use python::run_script;

/// Outputs may differ by this much.
const TOLERANCE: f32 = 1e-4;

fn values(tensor: &Tensor) -> Vec<f32> {
    Vec::try_from(tensor.detach().flatten(0, -1)).unwrap()
}

/// Numbers between -1 and 1 that are the same whatever other tests draw.
fn numbers(shape: &[i64], seed: u32) -> Tensor {
    let mut state = seed;
    let values: Vec<f32> = (0..shape.iter().product())
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as f32 / (1 << 23) as f32 - 1.0
        })
        .collect();
    Tensor::from_slice(&values).reshape(shape)
}

/// A model of which no variable is zero, and whose heads tell pixels apart.
fn drawn(config: &ModelConfig) -> DptResizer {
    tch::set_num_threads(1);
    let model = DptResizer::new(config, Device::Cpu, Kind::Float);
    let variables: BTreeMap<String, Tensor> = model.variables().variables().into_iter().collect();
    for (seed, (name, variable)) in variables.iter().enumerate() {
        let shape = variable.size();
        let inputs: i64 = shape[1..].iter().product();
        let noise = numbers(&shape, seed as u32) * (3.0 / inputs as f64).sqrt();
        let first = match name {
            name if name.contains(".norm1.") || name.contains(".norm2.") => 1.0,
            // Before a ReLU, which must not end all signals.
            name if name.ends_with("conv2.bias") => 0.6,
            _ => 0.0,
        };
        let scale = if shape.len() == 1 { 0.1 } else { 1.0 };
        tch::no_grad(|| variable.shallow_clone().copy_(&(noise * scale + first)));
    }
    model
}

fn compare(config: &ModelConfig, [height, width]: [usize; 2]) {
    let folder = tempfile::tempdir().unwrap();
    let model = drawn(config);
    let variables: BTreeMap<String, Tensor> = model.variables().variables().into_iter().collect();
    let card = ModelCard {
        config: config.clone(),
        ..card(&config.tasks, DepthSign::Farther)
    };
    let path = folder.path().join("model.onnx");
    let size = [height, width];
    write_onnx(&path, &card, &variables, size).unwrap();

    let shape = [1, 3, height as i64, width as i64];
    let picture = (numbers(&shape, 99) + 1.0) / 2.0;
    let outputs = tch::no_grad(|| model.forward(&picture));
    let bgr = bytes_of(&values(&picture.flip([1])));
    std::fs::write(folder.path().join("input.bin"), bgr).unwrap();
    run_script("interop/run_onnx.py", folder.path());

    let depth = outputs.depth.as_ref().map(|depth| match config.tasks[..] {
        [Task::Depth] => -depth,
        _ => depth.shallow_clone(),
    });
    let length = outputs.normal.as_ref().map(|raw| {
        let length = values(&raw.norm_scalaropt_dim(2, [1], false));
        [&length[..]; 3].concat()
    });
    let wanted = [
        (depth, None),
        (outputs.unit_normal(), length),
        (outputs.alpha(), None),
    ];
    let wanted = wanted
        .iter()
        .filter_map(|(wanted, length)| Some((wanted.as_ref()?, length)));
    for (i, (wanted, length)) in wanted.enumerate() {
        let found = floats_of(&folder.path().join(format!("output_{i}.bin")));
        let wanted = values(wanted);
        assert_eq!(found.len(), wanted.len());
        let mut differences: Vec<f32> = found
            .iter()
            .zip(&wanted)
            .map(|(a, b)| (a - b).abs())
            .collect();
        // What is hardly longer than zero has hardly a direction.
        for (difference, length) in differences.iter_mut().zip(length.iter().flatten()) {
            *difference *= length.min(1.0);
        }
        assert!(differences.iter().all(|difference| difference.is_finite()));
        let difference = differences.into_iter().fold(0.0, f32::max);
        // Of one channel: vectors may be the same everywhere, and their axes still differ.
        let spread = |channel: &[f32]| {
            let largest = channel.iter().copied().fold(f32::MIN, f32::max);
            largest - channel.iter().copied().fold(f32::MAX, f32::min)
        };
        let spread = wanted.chunks_exact(height * width).map(spread);
        let spread = spread.fold(0.0, f32::max);
        println!("{height} x {width}, output {i}: within {difference:e} of a spread of {spread}");
        assert!(spread > 0.01, "output {i} is flat, nothing is compared");
        assert!(difference < TOLERANCE, "output {i}: {difference}");
    }
}

#[test]
fn pictures_of_every_size_give_the_same_in_both() {
    let config = ModelConfig::of_size(ModelSize::Tiny, &Task::ALL);
    for size in [[48, 48], [64, 40], [101, 51], [17, 33], [2, 5]] {
        compare(&config, size);
    }
}

#[test]
fn models_of_odd_widths_and_untapped_blocks_give_the_same_in_both() {
    let config = ModelConfig {
        encoder_px: 56,
        patch_px: 8,
        token_width: 30,
        blocks: 7,
        attention_heads: 3,
        hooks: [0, 2, 3, 5],
        features: [6, 10, 14, 9],
        decoder_width: 10,
        resizer_width: 7,
        head_width: 5,
        tasks: vec![Task::Depth],
    };
    compare(&config, [75, 60]);
    let several = ModelConfig {
        tasks: vec![Task::Alpha, Task::Depth],
        ..config
    };
    compare(&several, [60, 75]);
}
