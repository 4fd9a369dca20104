//! Exports: the same bytes in every run, and refusals that say what is lacking.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use bottega_format::layout::{Export, coco, face_synthetics, npz, webdataset};
use bottega_format::{DatasetWriter, Documents, EncodedRow, synthetic};
use bottega_schemas::{DatasetPlan, OptionalPlanes, Plane};

fn write_dataset(root: &Path, planes: OptionalPlanes) {
    let plan = DatasetPlan {
        planes,
        ..synthetic::plan("ball")
    };
    let mut writer =
        DatasetWriter::open(root, plan, "seed = 0\n", false).expect("the fixture is sound");
    for task in writer.missing(0..5).expect("the fixture is sound") {
        for index in task.remaining() {
            let sample = synthetic::sample("ball", index, (20, 24));
            writer
                .keep(&EncodedRow::encode(&sample, planes).expect("the fixture is sound"))
                .expect("the fixture is sound");
        }
        writer.publish(&task).expect("the fixture is sound");
    }
    writer
        .finish(&Documents::default())
        .expect("the fixture is sound");
}

fn files(root: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![root.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("the fixture is sound") {
            let path = entry.expect("the fixture is sound").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path
                    .strip_prefix(root)
                    .expect("the fixture is sound")
                    .to_string_lossy()
                    .into_owned();
                files.insert(name, fs::read(&path).expect("the fixture is sound"));
            }
        }
    }
    files
}

#[test]
fn every_export_gives_the_same_bytes_in_every_run() {
    type Run = fn(&Export<'_>);
    let runs: [Run; 4] = [
        |job| assert_eq!(webdataset::export(job, 2, |_, _| {}).unwrap().files, 3),
        |job| assert_eq!(npz::export(job, |_, _| {}).unwrap().files, 6),
        |job| assert_eq!(coco::export(job, |_, _| {}).unwrap().samples, 5),
        |job| {
            assert_eq!(
                face_synthetics::export(job, false, |_, _| {})
                    .unwrap()
                    .samples,
                5
            )
        },
    ];
    let dir = tempfile::tempdir().unwrap();
    let dataset = dir.path().join("dataset");
    write_dataset(&dataset, OptionalPlanes::of(&[Plane::PartId]));
    for (i, run) in runs.into_iter().enumerate() {
        let outs = ["a", "b"].map(|name| dir.path().join(format!("{name}{i}")));
        for out in &outs {
            run(&Export {
                dataset: &dataset,
                out,
                overwrite: false,
            });
        }
        assert_eq!(files(&outs[0]), files(&outs[1]));
        assert!(files(&outs[0]).keys().all(|name| !name.ends_with(".tmp")));
    }
}

#[test]
fn what_a_dataset_lacks_is_refused_and_named() {
    let dir = tempfile::tempdir().unwrap();
    let dataset = dir.path().join("dataset");
    write_dataset(&dataset, OptionalPlanes::default());
    let out = dir.path().join("out");
    let job = Export {
        dataset: &dataset,
        out: &out,
        overwrite: false,
    };
    let told = |with_landmarks| {
        face_synthetics::export(&job, with_landmarks, |_, _| {})
            .unwrap_err()
            .to_string()
    };
    assert!(told(true).contains("70 landmarks") && told(true).contains("--no-landmarks"));
    assert!(told(false).contains("part_id"));
    assert!(!out.exists(), "nothing is begun that cannot be finished");

    fs::create_dir(&out).unwrap();
    fs::write(out.join("mine.txt"), "").unwrap();
    let error = npz::export(&job, |_, _| {}).unwrap_err().to_string();
    assert!(error.contains("not empty"), "{error}");
    let nothing = dir.path().join("nothing");
    fs::create_dir(&nothing).unwrap();
    let job = Export {
        dataset: &nothing,
        ..job
    };
    let error = coco::export(&job, |_, _| {}).unwrap_err().to_string();
    assert!(error.contains("no rows"), "{error}");
}

#[test]
fn a_dataset_says_what_it_is_in_croissant() {
    let dir = tempfile::tempdir().unwrap();
    write_dataset(dir.path(), OptionalPlanes::default());
    let text = fs::read_to_string(dir.path().join("croissant.json")).unwrap();
    let document: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(document["@type"], "sc:Dataset");
    let sums = fs::read_to_string(dir.path().join("checksums.sha256")).unwrap();
    assert!(sums.contains("croissant.json"), "{sums}");
    assert_eq!(
        document["distribution"][0]["sha256"],
        sums.lines()
            .find_map(|line| line.strip_suffix("  data/train-00000.parquet"))
            .unwrap()
    );
}
