//! Exports: the same bytes in every run, and refusals that say what is lacking.

#![allow(
    clippy::unwrap_used,
    reason = "helpers of tests fail as their tests would"
)]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use bottega_format::layout::{Export, coco, face_synthetics, npz, synthhuman, webdataset};
use bottega_format::{DatasetWriter, Documents, EncodedRow, synthetic};
use bottega_schemas::{DatasetPlan, OptionalPlanes, Plane, SampleMeta};

fn write_dataset(root: &Path, planes: OptionalPlanes) {
    write_labelled(root, planes, |_| ());
}

fn write_labelled(root: &Path, planes: OptionalPlanes, edit: impl Fn(&mut SampleMeta)) {
    let plan = DatasetPlan {
        planes,
        ..synthetic::plan("ball")
    };
    let mut writer =
        DatasetWriter::open(root, plan, "seed = 0\n", false).expect("the fixture is sound");
    for task in writer.missing(0..5).expect("the fixture is sound") {
        for index in task.remaining() {
            let sample = synthetic::sample("ball", index, (20, 24));
            let mut row = EncodedRow::encode(&sample, planes).expect("the fixture is sound");
            edit(&mut row.meta);
            writer.keep(&row).expect("the fixture is sound");
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
            run(&Export::new(&dataset, out));
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
    let job = Export::new(&dataset, &out);
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

/// Kills an export in the middle, as far as its folder shows it.
fn break_off(out: &Path, lost: &[&str], half: &str) {
    for name in lost {
        fs::remove_file(out.join(name)).unwrap();
    }
    fs::write(out.join(format!("{half}.tmp")), "half a file").unwrap();
}

#[test]
fn an_export_that_was_stopped_goes_on_to_the_same_bytes() {
    type Run = fn(&Path, &Path) -> u64;
    let zips = |dataset: &Path, out: &Path| {
        let job = synthhuman::ExportJob {
            is_zip: true,
            samples_per_archive: 2,
            ..synthhuman::ExportJob::new(dataset, out)
        };
        synthhuman::export(&job, |_, _| {}).unwrap().samples
    };
    let cases: [(Run, &[&str], &str); 5] = [
        (
            |dataset, out| {
                let job = Export::new(dataset, out);
                webdataset::export(&job, 2, |_, _| {}).unwrap().samples
            },
            &["train-000001.tar", "train-000002.tar"],
            "train-000001.tar",
        ),
        (
            |dataset, out| {
                npz::export(&Export::new(dataset, out), |_, _| {})
                    .unwrap()
                    .samples
            },
            &["labels.jsonl", "ball-0000003.npz"],
            "ball-0000003.npz",
        ),
        (
            |dataset, out| {
                coco::export(&Export::new(dataset, out), |_, _| {})
                    .unwrap()
                    .samples
            },
            &["annotations.json", "images/ball-0000004.png"],
            "images/ball-0000004.png",
        ),
        (
            |dataset, out| {
                let job = synthhuman::ExportJob::new(dataset, out);
                synthhuman::export(&job, |_, _| {}).unwrap().samples
            },
            &["depth_0000003.exr", "cam_0000004.txt"],
            "depth_0000003.exr",
        ),
        (
            zips,
            &["SynthHuman_0001.zip", "SynthHuman_0002.zip"],
            "SynthHuman_0001.zip",
        ),
    ];
    let dir = tempfile::tempdir().unwrap();
    let dataset = dir.path().join("dataset");
    write_dataset(&dataset, OptionalPlanes::default());
    for (i, (run, lost, half)) in cases.into_iter().enumerate() {
        let out = dir.path().join(format!("{i}"));
        assert_eq!(run(&dataset, &out), 5);
        let whole = files(&out);
        assert_eq!(run(&dataset, &out), 5, "done already");
        assert_eq!(files(&out), whole);
        break_off(&out, lost, half);
        assert_eq!(run(&dataset, &out), 5);
        assert_eq!(files(&out), whole, "{half}");
    }
}

#[test]
fn another_export_is_refused_replaced_when_asked_and_never_mixed() {
    let dir = tempfile::tempdir().unwrap();
    let (dataset, out) = (dir.path().join("dataset"), dir.path().join("out"));
    write_dataset(&dataset, OptionalPlanes::default());
    let job = Export::new(&dataset, &out);
    webdataset::export(&job, 2, |_, _| {}).unwrap();
    let told = |job: &Export<'_>, per_archive: usize| {
        let error = webdataset::export(job, per_archive, |_, _| {}).unwrap_err();
        error.to_string()
    };
    assert!(told(&job, 5).contains("--overwrite"), "{}", told(&job, 5));
    let replace = Export {
        overwrite: true,
        ..job
    };
    // Two of the three archives would stay, and be read as part of the new export.
    let error = told(&replace, 5);
    assert!(
        error.contains("2 files that this export would not write") && error.contains("-000001.tar"),
        "{error}"
    );
    for number in [1, 2] {
        fs::remove_file(out.join(format!("train-00000{number}.tar"))).unwrap();
    }
    webdataset::export(&replace, 5, |_, _| {}).unwrap();
    let fresh = dir.path().join("fresh");
    webdataset::export(&Export::new(&dataset, &fresh), 5, |_, _| {}).unwrap();
    assert_eq!(files(&out), files(&fresh));
    // What is no file of the layout is nobody's business.
    fs::write(out.join("notes.txt"), "mine").unwrap();
    webdataset::export(&job, 5, |_, _| {}).unwrap();
    assert!(out.join("notes.txt").exists());
}

#[test]
fn splits_are_exported_one_by_one_where_the_layout_cannot_tell_them_apart() {
    let dir = tempfile::tempdir().unwrap();
    let (both, val) = (dir.path().join("both"), dir.path().join("val"));
    write_dataset(&both, OptionalPlanes::default());
    let plan = DatasetPlan {
        split: "val".into(),
        ..synthetic::plan("held_out")
    };
    let mut writer = DatasetWriter::open(&val, plan, "seed = 1\n", false).unwrap();
    for task in writer.missing(0..3).unwrap() {
        for index in task.remaining() {
            let sample = synthetic::sample("held_out", index, (20, 24));
            let mut row = EncodedRow::encode(&sample, OptionalPlanes::default()).unwrap();
            row.meta.split = "val".into();
            writer.keep(&row).unwrap();
        }
        writer.publish(&task).unwrap();
    }
    let shard = "data/val-00000.parquet";
    fs::copy(val.join(shard), both.join(shard)).unwrap();

    let out = dir.path().join("out");
    let job = synthhuman::ExportJob::new(&both, &out);
    let error = synthhuman::export(&job, |_, _| {}).unwrap_err().to_string();
    assert!(error.contains("--split"), "{error}");
    let job = synthhuman::ExportJob {
        export: Export {
            split: Some("val"),
            ..Export::new(&both, &out)
        },
        ..job
    };
    assert_eq!(synthhuman::export(&job, |_, _| {}).unwrap().samples, 3);
    let nowhere = dir.path().join("t");
    let nobody = Export {
        split: Some("test"),
        ..Export::new(&both, &nowhere)
    };
    let error = npz::export(&nobody, |_, _| {}).unwrap_err().to_string();
    assert!(error.contains("test") && error.contains("val"), "{error}");
    let tars = dir.path().join("tars");
    webdataset::export(&Export::new(&both, &tars), 100, |_, _| {}).unwrap();
    let names: Vec<String> = files(&tars).into_keys().collect();
    assert_eq!(
        names,
        [".bottega-export.json", "train-000000.tar", "val-000000.tar"]
    );
    // The same shard twice: files would have the same names.
    fs::copy(val.join(shard), both.join("data/val-00001.parquet")).unwrap();
    let again = dir.path().join("again");
    let error = npz::export(&Export::new(&both, &again), |_, _| {});
    let error = error.unwrap_err().to_string();
    assert!(error.contains("held_out-0000000 is in"), "{error}");
}

#[test]
fn keypoints_and_landmarks_are_those_of_the_labels() {
    let dir = tempfile::tempdir().unwrap();
    let dataset = dir.path().join("dataset");
    write_labelled(
        &dataset,
        OptionalPlanes::of(&[Plane::PartId]),
        synthetic::add_points,
    );
    let out = dir.path().join("coco");
    let told = coco::export(&Export::new(&dataset, &out), |_, _| {}).unwrap();
    assert!(told.left_out.is_empty());
    let text = fs::read_to_string(out.join("annotations.json")).unwrap();
    let document: serde_json::Value = serde_json::from_str(&text).unwrap();
    let person = &document["categories"][0];
    assert_eq!(person["keypoints"][0], "nose");
    assert_eq!(person["keypoints"].as_array().unwrap().len(), 17);
    let mut meta = synthetic::sample("ball", 0, (20, 24)).meta().clone();
    synthetic::add_points(&mut meta);
    let (px, seen) = (meta.joints_px.unwrap(), meta.joints_visibility.unwrap());
    let annotation = &document["annotations"][0];
    let listed = annotation["keypoints"].as_array().unwrap();
    assert_eq!(listed.len(), 3 * 17);
    for i in 0..17 {
        let number = |k: usize| listed[3 * i + k].as_f64().unwrap();
        assert_eq!(number(2), f64::from(seen[i]));
        for k in 0..2 {
            let wanted = if seen[i] == 0 { 0.0 } else { px[2 * i + k] };
            assert!((number(k) - f64::from(wanted)).abs() < 1e-3, "{i}");
        }
    }
    let n_inside = seen[..17].iter().filter(|seen| **seen > 0).count();
    assert_eq!(annotation["num_keypoints"], n_inside);
    for (name, n) in [
        ("foot", 6),
        ("face", 68),
        ("lefthand", 21),
        ("righthand", 21),
    ] {
        let listed = annotation[format!("{name}_kpts")].as_array().unwrap();
        assert_eq!(listed.len(), 3 * n, "{name}");
        assert_eq!(annotation[format!("{name}_valid")], true, "{name}");
    }
    assert!(annotation["attributes"].get("joints_px").is_none());

    let out = dir.path().join("faces");
    let told = face_synthetics::export(&Export::new(&dataset, &out), true, |_, _| {}).unwrap();
    assert!(told.left_out.is_empty() && told.files == 16);
    let text = fs::read_to_string(out.join("000000_ldmks.txt")).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 70);
    let px = meta.landmarks_px.unwrap();
    for (line, px) in lines.iter().zip(px.chunks_exact(2)) {
        assert_eq!(*line, format!("{:.4} {:.4}", px[0], px[1]));
    }
    // The same folder without landmarks is another export.
    let again = face_synthetics::export(&Export::new(&dataset, &out), false, |_, _| {});
    assert!(again.unwrap_err().to_string().contains("--overwrite"));

    let out = dir.path().join("npz");
    npz::export(&Export::new(&dataset, &out), |_, _| {}).unwrap();
    let file = fs::read(out.join("ball-0000000.npz")).unwrap();
    let shape = b"'descr': '<f4', 'fortran_order': False, 'shape': (70, 2,)";
    assert!(file.windows(shape.len()).any(|found| found == shape));
}

#[test]
fn lists_of_another_length_are_refused_by_name() {
    let dir = tempfile::tempdir().unwrap();
    let dataset = dir.path().join("dataset");
    write_labelled(&dataset, OptionalPlanes::of(&[Plane::PartId]), |meta| {
        synthetic::add_points(meta);
        meta.joints_px.as_mut().unwrap().truncate(4);
        meta.landmarks_visibility.as_mut().unwrap().push(2);
    });
    let out = dir.path().join("coco");
    let error = coco::export(&Export::new(&dataset, &out), |_, _| {}).unwrap_err();
    assert!(error.to_string().contains("joints_px"), "{error}");
    let out = dir.path().join("faces");
    let error = face_synthetics::export(&Export::new(&dataset, &out), true, |_, _| {}).unwrap_err();
    assert!(
        error.to_string().contains("landmarks_visibility"),
        "{error}"
    );
}

#[test]
fn a_dataset_of_which_some_samples_have_joints_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let dataset = dir.path().join("dataset");
    write_labelled(&dataset, OptionalPlanes::of(&[Plane::PartId]), |meta| {
        if meta.index > 2 {
            synthetic::add_points(meta);
        }
    });
    let out = dir.path().join("coco");
    let told = coco::export(&Export::new(&dataset, &out), |_, _| {}).unwrap();
    assert!(told.left_out[0].contains("some samples"), "{told:?}");
    let out = dir.path().join("faces");
    let job = Export::new(&dataset, &out);
    let error = face_synthetics::export(&job, true, |_, _| {}).unwrap_err();
    assert!(error.to_string().contains("--no-landmarks"), "{error}");
    face_synthetics::export(&job, false, |_, _| {}).unwrap();
}
