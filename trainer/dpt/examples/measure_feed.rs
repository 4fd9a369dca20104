//! How fast batches come: samples a second and processor milliseconds a sample of the loader alone,
//! of the feed without augmentation, and of the feed; then what each augmentation takes (with
//! copying and padding a frame, which `nothing` shows).
//!
//! `cargo run --release -p bottega_trainer --example measure_feed -- train.toml [SAMPLES]`

#![allow(clippy::print_stdout, reason = "an example talks")]

use std::path::PathBuf;
use std::time::Instant;

use anyhow::{Context as _, Result};

use bottega_format::loader::{Loader, LoaderOptions};
use bottega_schemas::TrainConfig;
use bottega_schemas::train::AugmentConfig;
use bottega_trainer::data::{DataSources, Feed, Fitting, Frame, augment, fit};

fn main() -> Result<()> {
    let mut args = std::env::args_os().skip(1).map(PathBuf::from);
    let usage = "wanted: measure_feed CONFIG [SAMPLES]";
    let path = args.next().context(usage)?;
    let samples: usize = match args.next() {
        Some(n) => n.to_string_lossy().parse().context(usage)?,
        None => 512,
    };
    tch::set_num_threads(1);
    let config = TrainConfig::load(&path)?;
    let sources = DataSources::open(&config.data, config.run.seed)?;

    let (cpu, start) = (cpu_s(), Instant::now());
    let options = LoaderOptions {
        seed: config.run.seed,
        threads: config.data.threads.max(1),
        ..LoaderOptions::default()
    };
    let mut loader = Loader::mixed(&sources.training, options, None)?;
    for _ in 0..samples {
        loader.next_sample()?;
    }
    report("loader alone", samples, start, cpu);
    drop(loader);

    let mut plain = config.clone();
    plain.augment.enabled = false;
    for (name, config) in [("feed, not augmented", &plain), ("feed", &config)] {
        let mut feed = Feed::new(config, &sources, (0, 1), None)?;
        let (cpu, start) = (cpu_s(), Instant::now());
        while feed.images() < samples as u64 {
            feed.next_batch()?;
        }
        report(name, feed.images() as usize, start, cpu);
    }
    each(&config, &sources)
}

/// What single augmentations take with copying a frame and padding it, in milliseconds.
fn each(config: &TrainConfig, sources: &DataSources) -> Result<()> {
    let options = LoaderOptions {
        threads: 1,
        ..LoaderOptions::default()
    };
    let mut loader = Loader::mixed(&sources.training, options, None)?;
    let mut frames = Vec::new();
    while frames.len() < 128 {
        let sample = loader.next_sample()?.context("the stream has no end")?;
        frames.push(Frame::of_sample(&sample));
    }
    drop(loader);
    let none = AugmentConfig {
        flip: 0.0,
        rotate: 0.0,
        resized_crop: 0.0,
        background: 0.0,
        color: 0.0,
        gamma: 0.0,
        grayscale: 0.0,
        downscale: 0.0,
        blur: 0.0,
        noise: 0.0,
        jpeg: 0.0,
        ..config.augment.clone()
    };
    let one = |change: &dyn Fn(&mut AugmentConfig)| {
        let mut one = none.clone();
        change(&mut one);
        one
    };
    let cases = [
        ("nothing", one(&|_| ())),
        ("flip", one(&|c| c.flip = 1.0)),
        ("rotate", one(&|c| c.rotate = 1.0)),
        ("crop", one(&|c| c.resized_crop = 1.0)),
        ("background", one(&|c| c.background = 1.0)),
        ("color", one(&|c| c.color = 1.0)),
        ("gamma", one(&|c| c.gamma = 1.0)),
        ("grayscale", one(&|c| c.grayscale = 1.0)),
        ("downscale", one(&|c| c.downscale = 1.0)),
        ("blur", one(&|c| c.blur = 1.0)),
        ("noise", one(&|c| c.noise = 1.0)),
        ("jpeg", one(&|c| c.jpeg = 1.0)),
        ("as configured", config.augment.clone()),
    ];
    let size = (config.data.size_px[0], config.data.size_px[1]);
    for (name, augmentation) in &cases {
        let cpu = cpu_s();
        for (i, frame) in frames.iter().enumerate() {
            let from = (frame.width, frame.height);
            let inner = Fitting::new(from, size, config.data.fit).inner();
            let other = &frames[(i + 1) % frames.len()];
            let out = augment::augment(frame.clone(), augmentation, i as u64, inner, Some(other));
            std::hint::black_box(fit(out, size, config.data.fit));
        }
        let ms = 1e3 * (cpu_s() - cpu) / frames.len() as f64;
        println!("{name:16} {ms:6.2} CPU ms");
    }
    Ok(())
}

fn report(name: &str, samples: usize, start: Instant, cpu: f64) {
    let rate = samples as f64 / start.elapsed().as_secs_f64();
    let cpu_ms = 1e3 * (cpu_s() - cpu) / samples as f64;
    println!("{name:24} {rate:7.1} samples/s, {cpu_ms:6.2} CPU ms a sample");
}

/// Processor time of this process so far, in seconds, from `/proc` (0 elsewhere).
fn cpu_s() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = stat
        .rsplit(')')
        .next()
        .unwrap_or("")
        .split_whitespace()
        .collect();
    let ticks = |at: usize| {
        fields
            .get(at)
            .and_then(|f| f.parse::<f64>().ok())
            .unwrap_or(0.0)
    };
    (ticks(11) + ticks(12)) / 100.0
}
