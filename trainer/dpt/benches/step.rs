//! Seconds of a forward pass and of a training step, for `against_pytorch.py`.
//!
//! `cargo bench -p bottega_trainer --bench step -- SIZE WIDTHxHEIGHT BATCH THREADS ROUNDS` prints
//! one JSON object: the seconds of each round.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a development tool: the panic is the report, the JSON is read by a script"
)]

use std::time::Instant;

use bottega_schemas::train::{LossConfig, OptimizerConfig};
use bottega_schemas::{ModelConfig, ModelSize, Seed, Task};
use bottega_trainer::loss::{Truth, losses};
use bottega_trainer::model::{DptResizer, initialize};
use bottega_trainer::optim::{AdamW, decays_usually};
use tch::{Cuda, Device, Kind, Tensor};

fn main() {
    // Cargo adds `--bench`.
    let args: Vec<String> = std::env::args()
        .skip(1)
        .filter(|arg| arg != "--bench")
        .collect();
    let [size, picture, batch, threads, rounds] = &args[..] else {
        println!("usage: SIZE WIDTHxHEIGHT BATCH THREADS ROUNDS");
        return;
    };
    let size = match size.as_str() {
        "tiny" => ModelSize::Tiny,
        "small" => ModelSize::Small,
        "base" => ModelSize::Base,
        _ => ModelSize::Large,
    };
    let (width, height) = picture.split_once('x').unwrap();
    let shape = |channels: i64| {
        let [n, h, w] = [batch, height, width].map(|text| text.parse::<i64>().unwrap());
        [n, channels, h, w]
    };
    tch::set_num_threads(threads.parse().unwrap());
    let device = Device::cuda_if_available();
    let kind = if device.is_cuda() {
        Kind::BFloat16
    } else {
        Kind::Float
    };
    let config = ModelConfig::of_size(size, &Task::ALL);
    let model = DptResizer::new(&config, device, kind);
    initialize(&model, Seed(0));
    let mut optimizer = AdamW::new(
        model.variables(),
        &OptimizerConfig::default(),
        decays_usually,
    );

    let real = (Kind::Float, device);
    let pictures = Tensor::rand(shape(3), real);
    let alpha = Tensor::rand(shape(1), real);
    let (depth_m, normal) = (
        Tensor::rand(shape(1), real) + 1.0,
        Tensor::randn(shape(3), real),
    );
    let (valid, foreground) = (alpha.ge(0.0), alpha.gt(0.5));
    let truth = Truth {
        depth_m: &depth_m,
        normal: &normal,
        alpha: &alpha,
        valid: &valid,
        foreground: &foreground,
    };
    let rounds: usize = rounds.parse().unwrap();
    let (mut forward, mut training) = (Vec::new(), Vec::new());
    for round in 0..=rounds {
        let start = Instant::now();
        let seen = tch::no_grad(|| model.forward(&pictures));
        synchronize(device);
        drop(seen);
        let forward_s = start.elapsed().as_secs_f64();

        let start = Instant::now();
        optimizer.zero_grad();
        let found = losses(&model.forward(&pictures), &truth, &LossConfig::default());
        found.total.backward();
        optimizer.clip(1.0);
        optimizer.step(|_| 1e-4);
        synchronize(device);
        let training_s = start.elapsed().as_secs_f64();
        // The first round warms up.
        if round > 0 {
            forward.push(forward_s);
            training.push(training_s);
        }
    }
    println!(
        "{}",
        serde_json::json!({ "forward_s": forward, "training_s": training })
    );
}

fn synchronize(device: Device) {
    if let Device::Cuda(index) = device {
        Cuda::synchronize(index as i64);
    }
}
