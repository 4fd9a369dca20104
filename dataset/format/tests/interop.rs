//! Other people's programs open what this crate writes, and see the right values.
//!
//! The readers are Python scripts in `tests/interop`; `cargo xtask test` makes the environment
//! they run in. `BOTTEGA_PYTHON` names another interpreter.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use bottega_format::card::{CardTexts, card};
use bottega_format::exr_sample::encode_sample;
use bottega_format::layout::synthhuman::{self, ExportJob};
use bottega_format::layout::{Export, coco, face_synthetics, npz, webdataset};
use bottega_format::{DatasetWriter, Documents, EncodedRow, synthetic};
use bottega_schemas::{DatasetPlan, OptionalPlanes};

const SIZE: (usize, usize) = (45, 60);
const N_SAMPLES: u64 = 11;

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn python() -> PathBuf {
    if let Some(python) = std::env::var_os("BOTTEGA_PYTHON") {
        return python.into();
    }
    let python = repository().join("target/python/bin/python");
    assert!(
        python.exists(),
        "these tests need Python with the packages of tests/interop/requirements.txt: run \
         `cargo xtask test`, which installs them into target/python, or set BOTTEGA_PYTHON"
    );
    python
}

/// The dataset that every script reads, made once, with the truth about it.
fn folder() -> &'static Path {
    static FOLDER: OnceLock<tempfile::TempDir> = OnceLock::new();
    FOLDER
        .get_or_init(|| make().expect("the dataset can be made"))
        .path()
}

fn make() -> Result<tempfile::TempDir, Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir()?;
    let planes = OptionalPlanes::all();
    let plan = DatasetPlan {
        planes,
        ..synthetic::plan("ball")
    };
    let root = folder.path().join("dataset");
    let mut writer = DatasetWriter::open(&root, plan, "seed = 0\n", false)?;
    let mut labels = Vec::new();
    for task in writer.missing(0..N_SAMPLES)? {
        for index in task.remaining() {
            let sample = synthetic::sample("ball", index, SIZE);
            let mut row = EncodedRow::encode(&sample, planes)?;
            // Readers that take types from the first rows must not stumble over the later ones.
            row.meta.f_number = (index >= 6).then_some(2.8);
            synthetic::add_points(&mut row.meta);
            writer.keep(&row)?;
            labels.push(serde_json::to_value(&row.meta)?);
            let stored = row.decode()?;
            let planes = sample.planes();
            let floats = |values: &[f32]| values.iter().flat_map(|v| v.to_le_bytes()).collect();
            let write = |name: &str, bytes: Vec<u8>| {
                fs::write(folder.path().join(format!("{index}_{name}.bin")), bytes)
            };
            write("rgb8", planes.rgb8.clone())?;
            write("alpha8", stored.alpha8)?;
            write("depth_m", floats(&planes.depth_m))?;
            write("normal", floats(planes.normal.as_flattened()))?;
            write("rgb_linear", floats(planes.rgb_linear.as_flattened()))?;
            for (plane, values) in &planes.optional {
                let numbers: Vec<f32> = (0..values.len()).flat_map(|px| values.pixel(px)).collect();
                write(plane.exr_part(), floats(&numbers))?;
            }
            if index == 0 {
                fs::write(folder.path().join("sample.exr"), encode_sample(&sample))?;
            }
        }
        writer.publish(&task)?;
    }
    let card = card(writer.manifest(), &CardTexts::default());
    writer.finish(&Documents {
        card,
        asset_licenses_json: "[]\n".into(),
    })?;
    let [loose, zips] = ["synthhuman", "synthhuman_zip"].map(|name| folder.path().join(name));
    synthhuman::export(&ExportJob::new(&root, &loose), |_, _| {})?;
    let job = ExportJob {
        is_zip: true,
        prefix: "Ball",
        samples_per_archive: 4,
        ..ExportJob::new(&root, &zips)
    };
    synthhuman::export(&job, |_, _| {})?;
    let [tars, arrays, instances, faces] =
        ["webdataset", "npz", "coco", "faces"].map(|name| folder.path().join(name));
    webdataset::export(&Export::new(&root, &tars), 5, |_, _| {})?;
    npz::export(&Export::new(&root, &arrays), |_, _| {})?;
    coco::export(&Export::new(&root, &instances), |_, _| {})?;
    face_synthetics::export(&Export::new(&root, &faces), true, |_, _| {})?;
    fs::write(
        folder.path().join("labels.json"),
        serde_json::to_string(&labels)?,
    )?;
    Ok(folder)
}

fn run(script: &str) {
    let output = Command::new(python())
        .arg(repository().join("tests/interop").join(script))
        .arg(folder())
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .output()
        .expect("the interpreter starts");
    let talk = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{script} failed:\n{talk}");
}

#[test]
fn pyarrow_sees_pictures_and_labels() {
    run("read_pyarrow.py");
}

#[test]
fn duckdb_sees_pictures_and_labels() {
    run("read_duckdb.py");
}

#[test]
fn polars_sees_pictures_and_labels() {
    run("read_polars.py");
}

#[test]
fn hugging_face_datasets_sees_pictures_and_labels() {
    run("read_hugging_face.py");
}

#[test]
fn opencv_and_openexr_read_the_planes() {
    run("read_exr.py");
}

#[test]
fn what_is_exported_is_read_by_others() {
    run("read_exports.py");
}

#[test]
fn croissant_is_validated_and_its_records_are_loaded() {
    run("read_croissant.py");
}

#[test]
fn the_scripts_of_synthhuman_read_what_is_exported() {
    run("view_synthhuman.py");
}
