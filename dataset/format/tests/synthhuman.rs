//! The SynthHuman layout: files of others become a dataset, a dataset becomes such files.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use bottega_format::layout::synthhuman::{
    ExportJob, ImportJob, ImportReport, NormalOrder, export, import,
};
use bottega_format::{
    DatasetWriter, Documents, EncodedRow, FormatError, ShardReader, StoredPlanes, find_shards,
    synthetic,
};

const SIZE: (usize, usize) = (24, 32);

fn write_dataset(root: &Path, n: u64) {
    let plan = synthetic::plan("ball");
    let mut writer =
        DatasetWriter::open(root, plan.clone(), "seed = 0\n", false).expect("the fixture is sound");
    for task in writer.missing(0..n).expect("the fixture is sound") {
        for index in task.remaining() {
            let sample = synthetic::sample("ball", index, SIZE);
            writer
                .keep(&EncodedRow::encode(&sample, plan.planes).expect("the fixture is sound"))
                .expect("the fixture is sound");
        }
        writer.publish(&task).expect("the fixture is sound");
    }
    writer
        .finish(&Documents::default())
        .expect("the fixture is sound");
}

fn job<'a>(sources: &'a [PathBuf], out: &'a Path) -> ImportJob<'a> {
    ImportJob {
        sources,
        out,
        dataset: "others",
        split: "train",
        license: "CDLA-Permissive-2.0",
        is_official: false,
        allow_partial: false,
        normal_order: None,
        shard_size: 8,
        overwrite: false,
    }
}

fn run_import(source: &Path, out: &Path) -> Result<ImportReport, FormatError> {
    import(&job(&[source.to_owned()], out), |_, _| {})
}

fn rows(dataset: &Path) -> Vec<EncodedRow> {
    let shards = find_shards(dataset).expect("the fixture is sound");
    let readers = shards
        .iter()
        .map(|path| ShardReader::open(path).expect("the fixture is sound"));
    readers
        .flat_map(|reader| {
            (0..reader.rows())
                .map(move |row| reader.row(row).expect("the fixture is sound"))
                .collect::<Vec<_>>()
        })
        .collect()
}

/// The files of the layout; what an export says of itself is none of it.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(folder)
        .expect("the fixture is sound")
        .map(|entry| entry.expect("the fixture is sound").path());
    entries
        .filter(|path| !path.ends_with(".bottega-export.json"))
        .map(|path| {
            (
                path.file_name()
                    .expect("the fixture is sound")
                    .to_string_lossy()
                    .into_owned(),
                fs::read(&path).expect("the fixture is sound"),
            )
        })
        .collect()
}

fn framing_rank(row: &EncodedRow) -> usize {
    let order = ["face", "full_body", "upper_body"];
    order
        .iter()
        .position(|f| row.meta.framing.as_deref() == Some(*f))
        .expect("the fixture is sound")
}

#[test]
fn what_is_exported_and_imported_is_the_same() {
    let dir = tempfile::tempdir().unwrap();
    let (made, loose, back) = (
        dir.path().join("a"),
        dir.path().join("b"),
        dir.path().join("c"),
    );
    write_dataset(&made, 11);
    let report = export(&ExportJob::new(&made, &loose), |_, _| {}).unwrap();
    assert_eq!((report.samples, report.archives), (11, 0));
    let report = run_import(&loose, &back).unwrap();
    assert_eq!((report.samples, report.incomplete.len()), (11, 0));
    assert_eq!(report.normals.order, NormalOrder::Zyx);
    assert_eq!(report.pixels.pictures_reencoded, 0);
    assert_eq!(report.pixels.normals_renormalized_px, 0);

    let (mut wanted, found) = (rows(&made), rows(&back));
    wanted.sort_by_key(|row| (framing_rank(row), row.meta.index));
    for (index, (wanted, found)) in wanted.iter().zip(&found).enumerate() {
        assert_eq!((&found.image, &found.alpha), (&wanted.image, &wanted.alpha));
        let (a, b) = (wanted.decode().unwrap(), found.decode().unwrap());
        assert_eq!(a.normal, b.normal);
        for (a, b) in a.depth_m.iter().zip(&b.depth_m) {
            // Centimetres hold fewer digits of some metres: the last bit may differ.
            assert!(a == b || a.to_bits().abs_diff(b.to_bits()) <= 1, "{a} {b}");
        }
        let (a, b) = (&wanted.meta, &found.meta);
        assert_eq!((a.fx, a.fy, a.cx, a.cy), (b.fx, b.fy, b.cx, b.cy));
        assert_eq!(a.fg_fraction, b.fg_fraction);
        assert_eq!((b.framing.as_ref(), b.age_years, b.spp), (None, None, None));
        assert_eq!(
            (b.index, b.source_index),
            (index as i64, Some(index as i64))
        );
        assert_eq!(
            (b.source_name.as_deref(), found.scene_json.as_str()),
            (Some("b"), "")
        );
    }

    // From here on nothing changes any more, not even a last bit.
    let (again, third) = (dir.path().join("d"), dir.path().join("e"));
    export(&ExportJob::new(&back, &again), |_, _| {}).unwrap();
    run_import(&again, &third).unwrap();
    let planes = |root: &Path| -> Vec<StoredPlanes> {
        rows(root).iter().map(|row| row.decode().unwrap()).collect()
    };
    assert_eq!(planes(&back), planes(&third));
    let exported = dir.path().join("f");
    export(&ExportJob::new(&third, &exported), |_, _| {}).unwrap();
    assert_eq!(files(&again), files(&exported));
}

#[test]
fn archives_are_the_same_in_every_run_and_are_read_without_unpacking() {
    let dir = tempfile::tempdir().unwrap();
    let made = dir.path().join("made");
    write_dataset(&made, 7);
    let [a, b] = ["a", "b"].map(|name| dir.path().join(name));
    for out in [&a, &b] {
        let job = ExportJob {
            is_zip: true,
            samples_per_archive: 3,
            ..ExportJob::new(&made, out)
        };
        assert_eq!(export(&job, |_, _| {}).unwrap().archives, 3);
    }
    assert_eq!(files(&a), files(&b));
    assert_eq!(
        files(&a).into_keys().collect::<Vec<_>>(),
        [
            "SynthHuman_0000.zip",
            "SynthHuman_0001.zip",
            "SynthHuman_0002.zip"
        ]
    );
    let loose = dir.path().join("loose");
    export(&ExportJob::new(&made, &loose), |_, _| {}).unwrap();
    let (from_zips, from_loose) = (dir.path().join("z"), dir.path().join("l"));
    run_import(&a, &from_zips).unwrap();
    run_import(&loose, &from_loose).unwrap();
    for (zip, loose) in rows(&from_zips).iter().zip(&rows(&from_loose)) {
        assert_eq!(
            (&zip.depth_exr, &zip.normal_exr),
            (&loose.depth_exr, &loose.normal_exr)
        );
        assert!(
            zip.meta
                .source_name
                .as_deref()
                .unwrap()
                .starts_with("SynthHuman_000")
        );
    }
    // One archive alone, as it was downloaded, keeps the numbers of its samples beside new ones.
    let one = dir.path().join("one");
    run_import(&a.join("SynthHuman_0001.zip"), &one).unwrap();
    let numbers: Vec<_> = rows(&one)
        .iter()
        .map(|r| (r.meta.index, r.meta.source_index))
        .collect();
    assert_eq!(numbers, [(0, Some(3)), (1, Some(4)), (2, Some(5))]);
}

#[test]
fn half_floats_are_read_back() {
    let dir = tempfile::tempdir().unwrap();
    let (made, half, back) = (
        dir.path().join("a"),
        dir.path().join("b"),
        dir.path().join("c"),
    );
    write_dataset(&made, 2);
    let job = ExportJob {
        is_half: true,
        ..ExportJob::new(&made, &half)
    };
    export(&job, |_, _| {}).unwrap();
    run_import(&half, &back).unwrap();
    let (a, b) = (
        rows(&made)[0].decode().unwrap(),
        rows(&back)[0].decode().unwrap(),
    );
    assert_eq!(a.normal, b.normal, "they were half floats before");
    for (a, b) in a.depth_m.iter().zip(&b.depth_m) {
        assert!(a == b || (a - b).abs() < 1e-3, "{a} {b}");
    }
}

#[test]
fn incomplete_samples_are_refused_and_left_out_when_that_is_allowed() {
    let dir = tempfile::tempdir().unwrap();
    let (made, loose, back) = (
        dir.path().join("a"),
        dir.path().join("b"),
        dir.path().join("c"),
    );
    write_dataset(&made, 4);
    export(&ExportJob::new(&made, &loose), |_, _| {}).unwrap();
    fs::remove_file(loose.join("depth_0000001.exr")).unwrap();
    fs::remove_file(loose.join("cam_0000001.txt")).unwrap();
    let error = run_import(&loose, &back).unwrap_err().to_string();
    assert!(error.contains("0000001 lacks depth, cam"), "{error}");
    let sources = [loose];
    let job = ImportJob {
        allow_partial: true,
        ..job(&sources, &back)
    };
    let report = import(&job, |_, _| {}).unwrap();
    assert_eq!((report.samples, report.incomplete[0].index), (3, 1));
    let numbers: Vec<_> = rows(&back).iter().map(|r| r.meta.source_index).collect();
    assert_eq!(numbers, [Some(0), Some(2), Some(3)]);
}

#[test]
fn folders_by_kind_are_found_and_a_sample_in_two_places_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let (made, loose, back) = (
        dir.path().join("a"),
        dir.path().join("b"),
        dir.path().join("c"),
    );
    write_dataset(&made, 2);
    export(&ExportJob::new(&made, &loose), |_, _| {}).unwrap();
    fs::create_dir_all(loose.join("images/faces")).unwrap();
    let name = "rgb_0000000.png";
    fs::rename(loose.join(name), loose.join("images/faces").join(name)).unwrap();
    assert_eq!(run_import(&loose, &back).unwrap().samples, 2);
    fs::copy(loose.join("images/faces").join(name), loose.join(name)).unwrap();
    let error = run_import(&loose, &dir.path().join("d"))
        .unwrap_err()
        .to_string();
    assert!(error.contains("one of them at a time"), "{error}");
}

#[test]
fn broken_and_absent_files_are_told_by_their_sample() {
    let dir = tempfile::tempdir().unwrap();
    let (made, loose) = (dir.path().join("a"), dir.path().join("b"));
    write_dataset(&made, 3);
    export(&ExportJob::new(&made, &loose), |_, _| {}).unwrap();
    for (name, bytes) in [
        ("depth_0000001.exr", &b"nothing"[..]),
        ("cam_0000001.txt", b"1 2 3"),
        ("rgb_0000001.png", b"\x89PNG"),
    ] {
        let good = fs::read(loose.join(name)).unwrap();
        fs::write(loose.join(name), bytes).unwrap();
        let error = run_import(&loose, &dir.path().join(name))
            .unwrap_err()
            .to_string();
        assert!(error.contains("sample 0000001"), "{error}");
        fs::write(loose.join(name), good).unwrap();
    }
    let empty = dir.path().join("empty");
    fs::create_dir(&empty).unwrap();
    let error = run_import(&empty, &dir.path().join("x"))
        .unwrap_err()
        .to_string();
    assert!(error.contains("wanted a folder"), "{error}");
    let other = ExportJob {
        is_half: true,
        ..ExportJob::new(&made, &loose)
    };
    let error = export(&other, |_, _| {}).unwrap_err().to_string();
    assert!(error.contains("not empty"), "{error}");
}

/// Runs a script of `tests/interop`.
fn python(script: &str, args: &[&Path]) {
    let interop = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/interop");
    let python = std::env::var_os("BOTTEGA_PYTHON").map_or_else(
        || interop.join("../../target/python/bin/python"),
        PathBuf::from,
    );
    let output = Command::new(&python)
        .arg(interop.join(script))
        .args(args)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .output()
        .expect("the interpreter starts; `cargo xtask test` installs it");
    let talk = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{script} failed:\n{talk}");
}

#[test]
fn opencv_writes_what_is_imported_and_reads_what_is_exported() {
    let dir = tempfile::tempdir().unwrap();
    let others = dir.path().join("others");
    python("write_synthhuman.py", &[&others]);
    let exported = dir.path().join("exported");
    let loose = others.join("loose");
    let imported = dir.path().join("imported");
    run_import(&loose, &imported).unwrap();
    export(&ExportJob::new(&imported, &exported), |_, _| {}).unwrap();
    python("read_synthhuman.py", &[&exported, &imported]);

    // The archives hold the same; deflated and stored, flat and below a folder.
    let from_zips = dir.path().join("zips");
    let archives = [0, 1].map(|part| others.join(format!("SynthHuman_000{part}.zip")));
    let report = import(&job(&archives, &from_zips), |_, _| {}).unwrap();
    assert_eq!(report.samples, 7);
    for (zip, loose) in rows(&from_zips).iter().zip(&rows(&imported)) {
        assert_eq!(zip.decode().unwrap(), loose.decode().unwrap());
    }
}

#[test]
fn the_official_indices_tell_the_framing_only_where_that_is_declared() {
    let dir = tempfile::tempdir().unwrap();
    let (made, loose) = (dir.path().join("a"), dir.path().join("b"));
    write_dataset(&made, 1);
    export(&ExportJob::new(&made, &loose), |_, _| {}).unwrap();
    for (name, _) in files(&loose) {
        let moved = name.replace("0000000", "0098040");
        fs::rename(loose.join(&name), loose.join(moved)).unwrap();
    }
    let sources = [loose];
    for (is_official, wanted) in [(true, Some("full_body")), (false, None)] {
        let out = dir.path().join(format!("{is_official}"));
        let job = ImportJob {
            is_official,
            ..job(&sources, &out)
        };
        import(&job, |_, _| {}).unwrap();
        assert_eq!(rows(&out)[0].meta.framing.as_deref(), wanted);
    }
}

#[test]
fn files_in_other_codes_and_places_are_the_same_samples() {
    let dir = tempfile::tempdir().unwrap();
    let made = dir.path().join("made");
    python("write_odd_synthhuman.py", &[&made]);
    let [plain, odd, axes] = ["plain", "odd", "axes"].map(|name| {
        let out = dir.path().join(name);
        let report = run_import(&made.join(name), &out).unwrap();
        assert_eq!((report.samples, report.incomplete.len()), (9, 0));
        (report, rows(&out))
    });
    assert_eq!(odd.0.pixels.pictures_reencoded, 6);
    assert_eq!(plain.0.normals.order, NormalOrder::Zyx);
    assert_eq!(axes.0.normals.order, NormalOrder::Xyz);
    for (index, wanted) in plain.1.iter().enumerate() {
        for found in [&odd.1[index], &axes.1[index]] {
            assert_eq!(found.decode().unwrap(), wanted.decode().unwrap(), "{index}");
            let camera = |row: &EncodedRow| [row.meta.fx, row.meta.fy, row.meta.cx, row.meta.cy];
            assert_eq!(camera(found), camera(wanted), "{index}");
        }
    }
    assert_eq!(
        odd.1[8].meta.source_name.as_deref(),
        Some("SynthHuman_0001.zip")
    );

    let error = run_import(&made.join("wrong"), &dir.path().join("w"));
    let error = error.unwrap_err().to_string();
    assert!(
        error.contains("sample 0000000") && error.contains("49 x 64") && error.contains("48 x 64"),
        "{error}"
    );
    // What was imported goes out and comes in again unchanged.
    let (exported, again) = (dir.path().join("exported"), dir.path().join("again"));
    export(
        &ExportJob::new(&dir.path().join("odd"), &exported),
        |_, _| {},
    )
    .unwrap();
    run_import(&exported, &again).unwrap();
    for (row, again) in odd.1.iter().zip(&rows(&again)) {
        assert_eq!((&row.image, &row.alpha), (&again.image, &again.alpha));
        assert_eq!(row.decode().unwrap().normal, again.decode().unwrap().normal);
    }
}
