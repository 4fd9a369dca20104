//! Exported models are sound, are run by onnxruntime, and give what PyTorch gave for the golden
//! pictures; through the published runtime's steps they give what our own prediction gives.
//!
//! The scripts lie in `tests/interop`; `cargo xtask test` makes the environment they run in, and
//! `BOTTEGA_PYTHON` names another interpreter.
#![allow(clippy::unwrap_used, reason = "the panic is the report")]
#![allow(clippy::print_stdout, reason = "figures for whoever asks for them")]

mod common;
mod python;

use std::collections::BTreeMap;
use std::path::Path;

use bottega_schemas::Task;
use bottega_schemas::train::Fit;
use bottega_trainer::TrainError;
use bottega_trainer::export::{DepthSign, write_onnx};
use bottega_trainer::predict::{Outputs, Picture, Prediction, Predictor, Sizing, predict};
use bottega_trainer::weights::{SafetensorsFile, Tensors};

use common::{bytes_of, card, floats_of, golden, tiny_weights};
use python::run_script;

/// Height and width of the golden pictures.
const SIZE: [usize; 2] = [64, 96];

/// Outputs may differ by this much.
const TOLERANCE: f32 = 1e-4;

/// The golden pictures with the order of their channels reversed, as exported models take them.
fn bgr(rgb: &[f32], n_pixels: usize) -> Vec<f32> {
    rgb.chunks_exact(3 * n_pixels)
        .flat_map(|picture| picture.chunks_exact(n_pixels).rev())
        .flatten()
        .copied()
        .collect()
}

fn largest_difference(found: &[f32], wanted: &[f32]) -> f32 {
    assert_eq!(found.len(), wanted.len());
    let differences = found.iter().zip(wanted).map(|(a, b)| (a - b).abs());
    // A NaN must not be taken for a small difference.
    differences.fold(0.0, |max, v| if v > max || v.is_nan() { v } else { max })
}

/// Exports the golden model for some tasks, runs it on the golden pictures, and compares.
fn compare(tasks: &[Task], sign: DepthSign, depth_factor: f32) -> serde_json::Value {
    let folder = tempfile::tempdir().unwrap();
    let weights = tiny_weights();
    let card = card(tasks, sign);
    let path = folder.path().join("model.onnx");
    let report = write_onnx(&path, &card, &weights, SIZE).unwrap();
    assert_eq!(report.bytes, std::fs::metadata(&path).unwrap().len());
    let heads: Vec<&str> = Task::ALL
        .into_iter()
        .filter(|task| !tasks.contains(task))
        .map(Task::name)
        .collect();
    assert_eq!(report.unused.len(), 6 * heads.len());
    for name in &report.unused {
        assert!(
            heads
                .iter()
                .any(|head| name.starts_with(&format!("heads.{head}."))),
            "{name}"
        );
    }

    let io = golden("dptr_tiny_io.safetensors");
    let input = bgr(&io.values("input").unwrap(), SIZE[0] * SIZE[1]);
    std::fs::write(folder.path().join("input.bin"), bytes_of(&input)).unwrap();
    run_script("interop/run_onnx.py", folder.path());

    let wanted = [
        (Task::Depth, "out.depth", depth_factor),
        (Task::Normal, "out.normal", 1.0),
        (Task::Alpha, "out.alpha", 1.0),
    ];
    let wanted = wanted.iter().filter(|(task, ..)| tasks.contains(task));
    for (i, &(task, name, factor)) in wanted.enumerate() {
        let found = floats_of(&folder.path().join(format!("output_{i}.bin")));
        let wanted: Vec<f32> = (io.values(name).unwrap().iter())
            .map(|value| factor * value)
            .collect();
        let difference = largest_difference(&found, &wanted);
        println!("{tasks:?} {sign:?} {}: within {difference:e}", task.name());
        assert!(difference < TOLERANCE, "{}: {difference}", task.name());
    }
    let json = std::fs::read_to_string(folder.path().join("model.json")).unwrap();
    serde_json::from_str(&json).unwrap()
}

#[test]
fn a_model_of_three_tasks_gives_what_pytorch_gave() {
    let found = compare(&Task::ALL, DepthSign::Farther, 1.0);
    assert_eq!(found["ir_version"], 8);
    assert_eq!(found["opset"], serde_json::json!({"": 17}));
    assert_eq!(
        found["inputs"],
        serde_json::json!({"input": [1, 3, 64, 96]})
    );
    assert_eq!(
        found["outputs"],
        serde_json::json!([
            ["depth", [1, 64, 96]],
            ["normals", [1, 3, 64, 96]],
            ["alpha", [1, 1, 64, 96]]
        ])
    );
    let metadata = &found["metadata"];
    assert_eq!(metadata["channels"], "bgr");
    assert_eq!(metadata["tasks"], "depth,normal,alpha");
    assert!(metadata["depth"].as_str().unwrap().contains("farther"));
}

#[test]
fn models_of_one_task_give_what_pytorch_gave() {
    for task in [Task::Normal, Task::Alpha] {
        compare(&[task], DepthSign::Farther, 1.0);
    }
    compare(&[Task::Alpha, Task::Normal], DepthSign::Nearer, 1.0);
}

#[test]
fn depth_alone_is_larger_where_nearer_and_beside_others_where_farther() {
    compare(&[Task::Depth], DepthSign::Farther, -1.0);
    let found = compare(&[Task::Depth], DepthSign::Nearer, 1.0);
    assert!(
        found["metadata"]["depth"]
            .as_str()
            .unwrap()
            .contains("nearer")
    );
    compare(&Task::ALL, DepthSign::Nearer, -1.0);
    compare(&[Task::Depth, Task::Alpha], DepthSign::Farther, 1.0);
}

#[test]
fn the_bytes_of_a_file_depend_on_the_model_alone() {
    let folder = tempfile::tempdir().unwrap();
    let card = card(&Task::ALL, DepthSign::Farther);
    let files = ["a.onnx", "b.onnx"].map(|name| {
        let path = folder.path().join(name);
        write_onnx(&path, &card, &tiny_weights(), SIZE).unwrap();
        std::fs::read(path).unwrap()
    });
    assert!(files[0] == files[1]);
}

#[test]
fn weights_of_another_model_are_refused_and_nothing_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.onnx");
    let whole = card(&Task::ALL, DepthSign::Farther);
    let refuse = |card, weights: &dyn Tensors| {
        let error = write_onnx(&path, card, weights, SIZE).unwrap_err();
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
        error.to_string()
    };

    let mut weights = tiny_weights();
    weights.remove("fusion.2.out_conv.bias");
    let error = refuse(&whole, &weights);
    assert!(error.contains("fusion.2.out_conv.bias"), "{error}");

    let mut wider = whole.clone();
    wider.config.token_width = 64;
    let error = refuse(&wider, &tiny_weights());
    assert!(error.contains("64") && error.contains("[32,"), "{error}");

    let mut weights = tiny_weights();
    let cut = weights.get_mut("encoder.pos_embed").unwrap();
    cut.values.pop();
    let error = refuse(&whole, &weights);
    assert!(error.contains("encoder.pos_embed"), "{error}");
}

/// An exported model behind onnxruntime.
struct Exported<'a> {
    folder: &'a Path,
    side: usize,
    tasks: &'a [Task],
}

impl Predictor for Exported<'_> {
    fn sizing(&self) -> Sizing {
        Sizing {
            size_px: [self.side; 2],
            fit: Fit::Pad,
        }
    }

    fn depth_sign(&self) -> DepthSign {
        match self.tasks {
            [Task::Depth] => DepthSign::Nearer,
            _ => DepthSign::Farther,
        }
    }

    fn predict(&self, image: &[f32]) -> Result<Outputs, TrainError> {
        let input = bgr(image, self.side * self.side);
        std::fs::write(self.folder.join("input.bin"), bytes_of(&input)).unwrap();
        run_script("interop/run_onnx.py", self.folder);
        let mut planes: BTreeMap<Task, Vec<f32>> = BTreeMap::new();
        for (i, &task) in self.tasks.iter().enumerate() {
            let path = self.folder.join(format!("output_{i}.bin"));
            planes.insert(task, floats_of(&path));
        }
        Ok(Outputs {
            depth: planes.remove(&Task::Depth),
            normal: planes.remove(&Task::Normal),
            alpha: planes.remove(&Task::Alpha),
        })
    }
}

/// A photograph-like picture that is halved before it is brought to the model's size.
fn picture_file(folder: &Path) {
    let picture = image::RgbImage::from_fn(231, 140, |x, y| {
        let wave = |step: u32| ((x * x + step * y) / 37 % 256) as u8;
        image::Rgb([wave(3), wave(91), (x + y / 2) as u8])
    });
    picture.save(folder.join("picture.png")).unwrap();
}

#[test]
fn the_steps_of_the_published_runtime_give_what_our_prediction_gives() {
    for (tasks, word) in [
        (&Task::ALL[..], "all"),
        (&[Task::Depth], "depth"),
        (&[Task::Normal], "normal"),
        (&[Task::Alpha], "alpha"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        let side = 64;
        let card = card(tasks, DepthSign::Farther);
        let path = folder.join("model.onnx");
        write_onnx(&path, &card, &tiny_weights(), [side; 2]).unwrap();
        picture_file(folder);
        std::fs::write(folder.join("tasks.txt"), word).unwrap();
        run_script("interop/run_published_contract.py", folder);

        let exported = Exported {
            folder,
            side,
            tasks,
        };
        let picture = Picture::read(&folder.join("picture.png")).unwrap();
        let Prediction {
            depth,
            normal,
            alpha,
            ..
        } = predict(&picture, &exported).unwrap();
        let normal = normal.map(|normal| normal.as_flattened().to_vec());
        let mut compared = 0;
        for (name, found) in [("depth", depth), ("normal", normal), ("alpha", alpha)] {
            let path = folder.join(format!("{name}.bin"));
            assert_eq!(found.is_some(), path.exists(), "{name}");
            let Some(found) = found else { continue };
            let difference = largest_difference(&found, &floats_of(&path));
            println!("{word} {name}: within {difference:e}");
            assert!(difference < TOLERANCE, "{word} {name}: {difference}");
            compared += 1;
        }
        assert_eq!(compared, tasks.len());
    }
}

#[test]
fn a_file_of_weights_is_exported_without_reading_it_into_a_model() {
    let folder = tempfile::tempdir().unwrap();
    let card = card(&Task::ALL, DepthSign::Farther);
    let weights = folder.path().join("model.safetensors");
    bottega_trainer::weights::write_safetensors(&weights, &tiny_weights(), &card.metadata())
        .unwrap();
    let file = SafetensorsFile::open(&weights).unwrap();
    let read = bottega_trainer::export::ModelCard::from_metadata(&file.metadata(), file.path());
    assert_eq!(read.unwrap(), card);
    let [a, b] = ["a.onnx", "b.onnx"].map(|name| folder.path().join(name));
    write_onnx(&a, &card, &file, SIZE).unwrap();
    write_onnx(&b, &card, &tiny_weights(), SIZE).unwrap();
    assert!(std::fs::read(a).unwrap() == std::fs::read(b).unwrap());
}
