//! The report of a run as people see it, in a headless Chromium: on a desk, a phone and paper, in
//! light and dark, without a network.
//!
//! The script is `tests/browser/report.py`, on the environment of `cargo xtask test`
//! (`BOTTEGA_PYTHON` names another). Chromium and its driver come from the system.

#![allow(
    clippy::unwrap_used,
    reason = "helpers of tests fail as their tests would"
)]

mod python;

use bottega_trainer::observe::report::{PlanePair, RunReport, SampleRow, write_report};
use bottega_trainer::observe::{EvaluationRecord, StepRecord, pictures};

use python::run_script;

const SIZE: [usize; 2] = [96, 128];

/// A run that learns, with noise that depends on the step alone.
fn report() -> RunReport {
    let noise = |step: u64| ((step * 2_654_435_761) % 1000) as f64 / 1000.0 - 0.5;
    let step = |step: u64| {
        let decay = libm::exp(-(step as f64) / 700.0);
        let part = |scale: f64| scale * (0.05 + decay) * (1.0 + 0.4 * noise(step));
        let parts = [
            ("depth/mse", 0.4),
            ("depth/gradient", 0.2),
            ("normal/cosine", 0.5),
            ("alpha/bce", 0.6),
            ("alpha/l1", 0.3),
            ("alpha/dice", 0.4),
            ("alpha/laplacian", 0.2),
            ("total", 2.6),
        ];
        StepRecord {
            step,
            epoch: step as f64 / 17.0,
            losses: parts.map(|(name, v)| (name.to_owned(), part(v))).into(),
            lr: 1e-4 * (step as f64 / 200.0).min(0.5 + 0.5 * libm::cos(step as f64 / 1000.0)),
            encoder_lr: 1e-5 * (step as f64 / 200.0).min(1.0),
            grad_norm: 3.0 * part(1.0),
            images_per_s: 11.0 + noise(step),
            data_wait_share: 0.02 + 0.02 * noise(step + 1),
            seconds: 0.7,
            memory_mb: 2100.0,
        }
    };
    let evaluation = |step: u64| {
        let decay = 0.2 + libm::exp(-(step as f64) / 700.0);
        let metrics = [
            ("depth/rmse_m", 0.05 * decay),
            ("depth/abs_rel", 0.04 * decay),
            ("depth/delta1", 1.0 - 0.4 * decay),
            ("normal/mean_deg", 38.0 * decay),
            ("normal/under_11_25", 1.0 - 0.7 * decay),
            ("alpha/sad", 24.0 * decay),
            ("alpha/mse", 0.08 * decay),
        ];
        EvaluationRecord {
            step,
            samples: 60,
            metrics: metrics.map(|(name, v)| (name.to_owned(), v)).into(),
        }
    };
    RunReport {
        title: "small: depth, normal, alpha".into(),
        summary: "A model of 37.1 M parameters, trained from nothing for 3000 steps of 8 pictures \
                  on 540 people who do not exist, and judged on 60 others."
            .into(),
        facts: [
            ("Model", "small: 37.1 M parameters, depth, normal and alpha"),
            ("Data", "people/ (540 samples), 60 held out by identity"),
            ("Device", "CPU, 2 threads, f32 <exact>"),
            ("Steps", "3000 of 8 pictures, 44 epochs"),
            ("Time", "35 min, 11.4 pictures a second"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .to_vec(),
        steps: (1..=300).map(|i| step(10 * i)).collect(),
        evaluations: (0..=6).map(|i| evaluation(500 * i)).collect(),
        more_is_better: ["depth/delta1", "normal/under_11_25"]
            .map(str::to_owned)
            .into(),
        samples: vec![
            sample("face_000017, face, errors: 3.1 cm, 14°", true),
            sample("a photograph", false),
        ],
        config_toml: "[run]\nsteps = 3000\n\n[[data.datasets]]\npath = \"people\"\n".into(),
    }
}

/// A ball before nothing, and a somewhat wrong idea of it.
fn sample(caption: &str, has_truth: bool) -> SampleRow {
    let [width, height] = SIZE;
    let at = |i: usize| {
        let (x, y) = ((i % width) as f32 + 0.5, (i / width) as f32 + 0.5);
        let (x, y) = ((x - 48.0) / 40.0, (64.0 - y) / 40.0);
        (x, y, 1.0 - x * x - y * y)
    };
    let pixels = || (0..width * height).map(at);
    let person: Vec<bool> = pixels().map(|(_, _, zz)| zz > 0.0).collect();
    let depth = |bump: f32| -> Vec<f32> {
        let z = |(x, _, zz): (f32, f32, f32)| 2.0 - zz.max(0.0).sqrt() + bump * x;
        pixels().map(z).collect()
    };
    let normals = |turn: f32| -> Vec<[f32; 3]> {
        let n = |(x, y, zz): (f32, f32, f32)| {
            if zz > 0.0 {
                [x + turn, y, zz.sqrt()]
            } else {
                [0.0; 3]
            }
        };
        pixels().map(n).collect()
    };
    let alpha = |sharp: f32| -> Vec<f32> { pixels().map(|(_, _, zz)| sharp * zz + 0.5).collect() };
    let png = |image: image::DynamicImage| pictures::to_png(image).unwrap();
    let planes = [0.0_f32, 0.3].map(|wrong| {
        [
            png(pictures::depth_picture(&depth(wrong), &person, SIZE).into()),
            png(pictures::normal_picture(&normals(0.5 * wrong), SIZE).into()),
            png(pictures::alpha_picture(&alpha(12.0 - 30.0 * wrong), SIZE).into()),
        ]
    });
    let [truths, predictions] = planes;
    let names = ["depth", "normal", "alpha"];
    let pairs = names.into_iter().zip(truths).zip(predictions);
    SampleRow {
        caption: caption.into(),
        picture_png: png(pictures::normal_picture(&normals(0.1), SIZE).into()),
        planes: pairs
            .map(|((name, truth), prediction)| PlanePair {
                name: name.into(),
                truth_png: has_truth.then_some(truth),
                prediction_png: prediction,
            })
            .collect(),
    }
}

#[test]
fn a_report_opens_offline_on_desks_phones_and_paper() {
    let folder = tempfile::tempdir().unwrap();
    let html = folder.path().join("report.html");
    write_report(&html, &report()).unwrap();
    run_script("browser/report.py", &html);
}

#[test]
fn a_report_holds_no_text_as_markup_and_is_never_there_by_half() {
    let folder = tempfile::tempdir().unwrap();
    let html = folder.path().join("report.html");
    write_report(&html, &report()).unwrap();
    let page = std::fs::read_to_string(&html).unwrap();
    assert!(!page.contains("<exact>") && page.contains("&#60;exact&#62;"));
    assert_eq!(
        page.matches("src=\"data:image/png;base64,iVBOR").count(),
        7 + 4
    );
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    let nowhere = folder.path().join("missing/report.html");
    let message = write_report(&nowhere, &report()).unwrap_err().to_string();
    assert!(message.contains("report.html"), "{message}");
}
