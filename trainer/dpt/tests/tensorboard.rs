//! Event files as another program reads them, a restart included.
//!
//! The reader is a Python script in `tests/interop`, on the environment of `cargo xtask test`
//! (`BOTTEGA_PYTHON` names another); where that has TensorBoard, it reads the files too.

#![allow(
    clippy::unwrap_used,
    reason = "helpers of tests fail as their tests would"
)]

mod python;

use std::collections::BTreeMap;

use bottega_trainer::observe::tensorboard::EventWriter;
use bottega_trainer::observe::{EvaluationRecord, StepRecord, pictures};

use python::run_script;

const WALL_TIME_S: f64 = 1_700_000_000.25;

fn step(step: u64) -> StepRecord {
    StepRecord {
        step,
        epoch: step as f64 / 3.0,
        losses: BTreeMap::from([
            ("total".to_owned(), 1.5 / step as f64),
            ("depth/mse".to_owned(), 1.0 / step as f64),
        ]),
        lr: 1e-4,
        encoder_lr: 1e-5,
        grad_norm: 0.75,
        images_per_s: 12.5,
        data_wait_share: 0.125,
        seconds: 2.56,
        memory_mb: 812.0,
    }
}

#[test]
fn scalars_pictures_and_texts_are_read_back_and_a_restart_voids_what_it_repeats() {
    let folder = tempfile::tempdir().unwrap();
    let config = "```toml\n[run]\nsteps = 6\n```\n";
    let picture = pictures::alpha_picture(&[0.0, 0.25, 0.5, 0.75, 1.0, 0.0], [3, 2]);
    let png = pictures::to_png(picture).unwrap();

    // Killed after step 5; its checkpoint is that of step 4.
    let mut writer = EventWriter::create(folder.path(), WALL_TIME_S, 0).unwrap();
    writer.text(WALL_TIME_S, 0, "config", config).unwrap();
    for i in 1..=5 {
        writer.step(WALL_TIME_S, &step(i)).unwrap();
    }
    let image = writer.image(WALL_TIME_S, 4, "sample/alpha", [3, 2], png);
    image.unwrap();
    writer.flush().unwrap();
    let mut writer = EventWriter::create(folder.path(), WALL_TIME_S, 4).unwrap();
    for i in 5..=6 {
        writer.step(WALL_TIME_S, &step(i)).unwrap();
    }
    let record = EvaluationRecord {
        step: 6,
        samples: 9,
        metrics: BTreeMap::from([("depth/rmse_m".to_owned(), 0.03125)]),
    };
    writer.evaluation(WALL_TIME_S, &record).unwrap();
    writer.flush().unwrap();

    let tags = [
        "loss/total",
        "loss/depth/mse",
        "optimizer/lr",
        "optimizer/encoder_lr",
        "optimizer/grad_norm",
        "speed/images_per_s",
        "speed/data_wait_share",
        "speed/step_seconds",
        "speed/memory_mb",
        "speed/epoch",
    ];
    let mut scalars: BTreeMap<&str, BTreeMap<u64, f64>> = BTreeMap::new();
    for i in 1..=6 {
        let n = i as f64;
        let values = [
            1.5 / n,
            1.0 / n,
            1e-4,
            1e-5,
            0.75,
            12.5,
            0.125,
            2.56,
            812.0,
            n / 3.0,
        ];
        for (tag, value) in tags.iter().zip(values) {
            scalars.entry(tag).or_default().insert(i, value);
        }
    }
    scalars.insert("held_out/depth/rmse_m", BTreeMap::from([(6, 0.03125)]));
    let truth = serde_json::json!({
        "wall_time": WALL_TIME_S,
        "scalars": scalars,
        "text_tag": "config",
        "text": config,
        "image_tag": "sample/alpha",
        "width": 3,
        "height": 2,
    });
    std::fs::write(folder.path().join("truth.json"), truth.to_string()).unwrap();

    run_script("interop/read_tensorboard.py", folder.path());
}
