//! Whole runs on small datasets: they learn, they resume exactly, several processes are one.
#![allow(clippy::unwrap_used, reason = "the panic is the report")]

use std::cell::Cell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use bottega_format::synthetic;
use bottega_schemas::train::Wire;
use bottega_schemas::{SampleMeta, TrainConfig};
use bottega_trainer::checkpoint::Checkpoint;
use bottega_trainer::collective::{Alone, Collective, Ring, TcpLink, TcpPlan};
use bottega_trainer::observe::{RunLog, read_log};
use bottega_trainer::train::{RunOptions, RunSummary, train};

/// A dataset of balls before a wall, one person a sample.
fn dataset(folder: &Path, rows: u64) -> PathBuf {
    let path = folder.join("balls");
    let edit = |meta: &mut SampleMeta| meta.identity_id = Some(format!("{:016x}", meta.index));
    synthetic::write_dataset(&path, synthetic::plan("ball"), rows, (48, 48), edit).unwrap();
    path
}

fn config(dataset: &Path, text: &str) -> TrainConfig {
    let text = format!("[model]\nsize = 'tiny'\n{text}\n[[data.datasets]]\npath = {dataset:?}\n");
    TrainConfig::from_toml(&text, "t.toml").unwrap()
}

fn run(config: &TrainConfig, out: &Path, collective: &mut dyn Collective) -> RunSummary {
    let options = RunOptions {
        out,
        overwrite: false,
        local_rank: 0,
        is_interrupted: &|| false,
    };
    train(config, &options, collective).unwrap()
}

fn log(out: &Path) -> RunLog {
    read_log(&out.join("log.jsonl")).unwrap()
}

/// What was learned, of each recorded step.
fn curve(log: &RunLog) -> Vec<(u64, BTreeMap<String, f64>, f64)> {
    let steps = log.steps.iter();
    steps
        .map(|record| (record.step, record.losses.clone(), record.grad_norm))
        .collect()
}

const SMALL: &str = "[run]\nseed = 3\nsteps = 12\nthreads = 1\nlog_every = 2\n\
     evaluate_every = 4\ncheckpoint_every = 3\n\
     [data]\nsize_px = [48, 48]\nbatch = 2\nheld_out = 0.25\nthreads = 2\n\
     [optimizer]\nlr = 1e-3\nencoder_lr = 1e-3\nwarmup_steps = 2";

#[test]
fn every_task_is_learned_by_heart_from_four_pictures() {
    let folder = tempfile::tempdir().unwrap();
    let dataset = dataset(folder.path(), 4);
    let config = config(
        &dataset,
        "[run]\nsteps = 150\nthreads = 1\nlog_every = 10\nevaluate_every = 0\n\
         checkpoint_every = 1000\n\
         [data]\nsize_px = [48, 48]\nbatch = 4\nheld_out = 0.0\nthreads = 1\n\
         [augment]\nenabled = false\n\
         [optimizer]\nlr = 4e-3\nencoder_lr = 4e-3\nwarmup_steps = 10\nema = 0.9",
    );
    let out = folder.path().join("run");
    run(&config, &out, &mut Alone);
    let log = log(&out);
    let (first, last) = (&log.steps[0].losses, &log.steps.last().unwrap().losses);
    for (part, share) in [
        ("depth/mse", 0.25),
        ("normal/cosine", 0.25),
        ("alpha/l1", 0.25),
        ("total", 0.35),
    ] {
        let (first, last) = (first[part], last[part]);
        assert!(last < share * first, "{part}: {first} became {last}");
    }
    // Nothing was held out: the last model is the best that is known.
    assert!(out.join("best.safetensors").exists());
    let page = std::fs::read_to_string(out.join("report.html")).unwrap();
    assert!(page.contains("<svg"), "no curve");
}

#[test]
fn a_run_that_was_killed_goes_on_as_if_it_never_had_been() {
    let folder = tempfile::tempdir().unwrap();
    let dataset = dataset(folder.path(), 16);
    let config = config(&dataset, SMALL);
    let (whole, cut) = (folder.path().join("whole"), folder.path().join("cut"));
    run(&config, &whole, &mut Alone);

    // Killed after the seventh step: what is on disk is the checkpoint of the sixth, and a log
    // that had come further.
    let count = Cell::new(0);
    let killed = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let options = RunOptions {
            out: &cut,
            overwrite: false,
            local_rank: 0,
            is_interrupted: &|| {
                count.set(count.get() + 1);
                assert!(count.get() < 8, "killed");
                false
            },
        };
        train(&config, &options, &mut Alone)
    }));
    assert!(killed.is_err());
    assert_eq!(
        Checkpoint::read(&cut.join("last.safetensors"))
            .unwrap()
            .info
            .step,
        6
    );
    // One thread more changes nothing that is learned.
    let mut other = config.clone();
    other.data.threads = 3;
    run(&other, &cut, &mut Alone);

    let (whole_log, cut_log) = (log(&whole), log(&cut));
    assert_eq!(curve(&whole_log), curve(&cut_log));
    assert_eq!(whole_log.evaluations, cut_log.evaluations);
    let weights = |out: &Path| {
        Checkpoint::read(&out.join("last.safetensors"))
            .unwrap()
            .weights()
    };
    let (whole, cut) = (weights(&whole), weights(&cut));
    assert!(whole.iter().all(|(name, tensor)| *tensor == cut[name]));
}

#[test]
fn an_interrupted_run_saves_and_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let config = config(&dataset(folder.path(), 16), SMALL);
    let out = folder.path().join("run");
    let count = Cell::new(0);
    let options = RunOptions {
        out: &out,
        overwrite: false,
        local_rank: 0,
        is_interrupted: &|| {
            count.set(count.get() + 1);
            count.get() == 5
        },
    };
    let summary = train(&config, &options, &mut Alone).unwrap();
    assert!(summary.is_interrupted);
    assert_eq!(
        Checkpoint::read(&out.join("last.safetensors"))
            .unwrap()
            .info
            .step,
        5
    );
    assert_eq!(run(&config, &out, &mut Alone).step, 12);
}

#[test]
fn two_processes_with_half_the_batch_learn_what_one_learns() {
    let folder = tempfile::tempdir().unwrap();
    let dataset = dataset(folder.path(), 16);
    let one = config(&dataset, &SMALL.replace("batch = 2", "batch = 4"));
    let alone = folder.path().join("alone");
    run(&one, &alone, &mut Alone);

    let two = config(&dataset, SMALL);
    let together = folder.path().join("together");
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    std::thread::scope(|scope| {
        for rank in 0..2 {
            let (two, together) = (&two, &together);
            scope.spawn(move || {
                let link = TcpLink::connect(&TcpPlan {
                    rank,
                    ranks: 2,
                    rendezvous: port.to_string(),
                    run_id: "test".to_owned(),
                    gather_time: Duration::from_secs(60),
                    silence_time: Duration::from_secs(600),
                });
                let mut ring = Ring::new(link.unwrap(), Wire::F32);
                run(two, together, &mut ring);
            });
        }
    });
    let (alone_log, together_log) = (log(&alone), log(&together));
    let (alone_curve, together_curve) = (curve(&alone_log), curve(&together_log));
    assert_eq!(alone_curve.len(), together_curve.len());
    for ((step, a, _), (_, b, _)) in alone_curve.iter().zip(&together_curve) {
        for (part, value) in a {
            let off = (value - b[part]).abs();
            assert!(
                off < 1e-4 * value.abs().max(1e-3),
                "step {step}, {part}: {off} of {value}"
            );
        }
    }
    let samples = |log: &RunLog| {
        log.evaluations
            .iter()
            .map(|e| e.samples)
            .collect::<Vec<_>>()
    };
    assert_eq!(samples(&alone_log), samples(&together_log));
}

#[test]
fn what_cannot_go_on_is_refused_and_nothing_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    let dataset = dataset(folder.path(), 16);
    let out = folder.path().join("run");
    let first = config(&dataset, &SMALL.replace("steps = 12", "steps = 3"));
    run(&first, &out, &mut Alone);
    let before = std::fs::read(out.join("last.safetensors")).unwrap();
    let start = |config: &TrainConfig| {
        let options = RunOptions {
            out: &out,
            overwrite: false,
            local_rank: 0,
            is_interrupted: &|| false,
        };
        train(config, &options, &mut Alone).unwrap_err().to_string()
    };
    let message = start(&config(&dataset, &SMALL.replace("seed = 3", "seed = 4")));
    assert!(
        message.contains("run.seed") || message.contains("run.steps"),
        "{message}"
    );
    // The folder's configuration was lost, and its checkpoint is of another model.
    std::fs::remove_file(out.join("config.toml")).unwrap();
    let mut other = first.clone();
    other.model.decoder_width = Some(24);
    let message = start(&other);
    assert!(message.contains("\"decoder_width\":16"), "{message}");
    assert!(message.contains("\"decoder_width\":24"), "{message}");
    assert!(
        !out.join("config.toml").exists(),
        "a refused start left something behind"
    );
    // A checkpoint that was cut.
    std::fs::write(out.join("last.safetensors"), &before[..before.len() / 2]).unwrap();
    let message = start(&first);
    assert!(message.contains("last.safetensors"), "{message}");
}

#[test]
fn a_model_begins_from_weights_of_another_and_says_what_did_not_fit() {
    let folder = tempfile::tempdir().unwrap();
    let dataset = dataset(folder.path(), 16);
    let out = folder.path().join("run");
    let first = config(&dataset, &SMALL.replace("steps = 12", "steps = 2"));
    run(&first, &out, &mut Alone);
    let mut second = first.clone();
    second.model.tasks = vec![bottega_schemas::Task::Alpha];
    second.model.start_from = Some(out.join("best.safetensors"));
    second.run.steps = 1;
    second.optimizer.lr = 1e-12;
    second.optimizer.encoder_lr = 0.0;
    let other = folder.path().join("other");
    run(&second, &other, &mut Alone);
    let weights = |out: &Path| {
        Checkpoint::read(&out.join("best.safetensors"))
            .unwrap()
            .weights()
    };
    let (first, second) = (weights(&out), weights(&other));
    assert!(!second.contains_key("heads.depth.conv1.weight"));
    for (name, tensor) in &second {
        assert!(
            (tensor - &first[name]).abs().max().double_value(&[]) < 1e-6,
            "{name}"
        );
    }
}
