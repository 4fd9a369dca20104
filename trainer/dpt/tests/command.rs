//! The program as a user runs it: a run, its metrics, a photograph, an export; and what it refuses.
#![allow(clippy::unwrap_used, reason = "the panic is the report")]

use std::path::Path;
use std::process::{Command, Output};

use bottega_format::{read_predictions, synthetic};
use bottega_schemas::SampleMeta;
use serde_json::Value;

fn run(folder: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_bottega-train"))
        .args(args)
        .current_dir(folder)
        .env("OMP_NUM_THREADS", "1")
        .output()
        .unwrap()
}

fn ok(folder: &Path, args: &[&str]) -> String {
    let output = run(folder, args);
    let talk = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{args:?}: {talk}");
    String::from_utf8(output.stdout).unwrap()
}

fn refused(folder: &Path, args: &[&str]) -> String {
    let output = run(folder, args);
    let talk = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{args:?}: {talk}");
    assert!(talk.starts_with("error: "), "{talk}");
    talk
}

fn prepare(folder: &Path) {
    let edit = |meta: &mut SampleMeta| meta.identity_id = Some(format!("{:016x}", meta.index));
    let path = folder.join("balls");
    synthetic::write_dataset(&path, synthetic::plan("ball"), 16, (48, 64), edit).unwrap();
    let config = "[model]\nsize = 'tiny'\n[run]\nsteps = 3\nthreads = 1\nlog_every = 1\n\
                  [data]\nsize_px = [64, 64]\nbatch = 2\nheld_out = 0.25\nthreads = 1\n\
                  [[data.datasets]]\npath = 'balls'\n";
    std::fs::write(folder.join("run.toml"), config).unwrap();
}

#[test]
fn a_model_is_trained_measured_used_and_exported() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    prepare(folder);
    let plan = ok(folder, &["train", "run.toml", "--out", "run", "--dry-run"]);
    assert!(plan.contains("held out"), "{plan}");
    assert!(!folder.join("run").exists());
    ok(folder, &["train", "run.toml", "--out", "run"]);
    for file in [
        "config.toml",
        "last.safetensors",
        "best.safetensors",
        "log.jsonl",
        "report.html",
    ] {
        assert!(folder.join("run").join(file).exists(), "{file}");
    }
    // Done already: nothing is trained again.
    ok(folder, &["train", "run.toml", "--out", "run"]);

    let model = "run/best.safetensors";
    let table = ok(folder, &["evaluate", model, "balls"]);
    assert!(
        table.contains("mean_deg") && table.contains("framing"),
        "{table}"
    );
    let args = [
        "evaluate",
        model,
        "balls",
        "--held-out",
        "--json",
        "--predictions",
        "p.parquet",
    ];
    let report: Value = serde_json::from_str(&ok(folder, &args)).unwrap();
    let pictures = report["overall"]["pictures"].as_u64().unwrap();
    assert!(0 < pictures && pictures < 16, "{pictures}");
    let predictions = read_predictions(&folder.join("p.parquet")).unwrap();
    assert_eq!(predictions.len() as u64 % pictures, 0);
    let mean = report["overall"]["means"]["alpha/mad"].as_f64().unwrap();
    let values: Vec<f64> = predictions
        .iter()
        .filter(|row| row.task == "alpha" && row.metric == "mad")
        .map(|row| row.value)
        .collect();
    assert_eq!(values.len() as u64, pictures);
    assert!((values.iter().sum::<f64>() / values.len() as f64 - mean).abs() < 1e-12);

    let photo = image::RgbImage::from_fn(75, 50, |x, y| image::Rgb([x as u8, y as u8, 99]));
    photo.save(folder.join("photo.png")).unwrap();
    let files = ok(folder, &["predict", model, "photo.png", "--out", "seen"]);
    assert!(files.lines().count() >= 5, "{files}");
    let alpha = image::open(folder.join("seen/photo_alpha.png")).unwrap();
    assert_eq!((alpha.width(), alpha.height()), (75, 50));

    for name in ["model.onnx", "model.safetensors"] {
        ok(
            folder,
            &["export-model", model, "--out", name, "--size", "64x64"],
        );
        assert!(folder.join(name).metadata().unwrap().len() > 500_000);
    }
    let told = ok(folder, &["doctor", "--json"]);
    let told: Value = serde_json::from_str(&told).unwrap();
    assert_eq!(told["libtorch"], "2.11.0");
}

#[test]
fn mistakes_are_told_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    prepare(folder);
    let config = std::fs::read_to_string(folder.join("run.toml")).unwrap();
    let with = |name: &str, from: &str, to: &str| {
        std::fs::write(folder.join(name), config.replace(from, to)).unwrap();
    };
    with("typo.toml", "steps = 3", "stpes = 3");
    let talk = refused(folder, &["train", "typo.toml", "--out", "r"]);
    assert!(
        talk.contains("run.stpes") && talk.contains("steps"),
        "{talk}"
    );
    with("gone.toml", "'balls'", "'bells'");
    let talk = refused(folder, &["train", "gone.toml", "--out", "r"]);
    assert!(talk.contains("bells"), "{talk}");
    if !tch::Cuda::is_available() {
        with("gpu.toml", "steps = 3", "steps = 3\ndevice = 'cuda'");
        let talk = refused(folder, &["train", "gpu.toml", "--out", "r"]);
        assert!(talk.contains("GPU"), "{talk}");
    }
    let talk = refused(folder, &["train", "run.toml", "--out", "r", "--steps", "0"]);
    assert!(talk.contains("steps"), "{talk}");
    std::fs::write(folder.join("no.safetensors"), b"not a model").unwrap();
    let talk = refused(folder, &["evaluate", "no.safetensors", "balls"]);
    assert!(talk.contains("no.safetensors"), "{talk}");
    let talk = refused(
        folder,
        &["predict", "absent.safetensors", "x.png", "--out", "o"],
    );
    assert!(talk.contains("absent.safetensors"), "{talk}");
}
