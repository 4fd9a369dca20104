//! Samples go out in the layouts of others and come in again, through the real binary.

mod common;

use common::{bottega, generate_tiny, run};

#[test]
fn what_was_exported_is_imported_verified_counted_shown_and_compared() {
    let dir = tempfile::tempdir().expect("there is room");
    let [made, zips, imported] = ["made", "zips", "imported"].map(|name| dir.path().join(name));
    run(&mut generate_tiny(&made, 3)).expect_done();
    let mut export = bottega();
    export
        .args(["export", "synthhuman", "--zip"])
        .arg(&made)
        .arg("--out")
        .arg(&zips);
    run(&mut export).expect_done();
    let mut import = bottega();
    import
        .args(["import", "synthhuman"])
        .arg(&zips)
        .arg("--out")
        .arg(&imported)
        .arg("--json");
    let report = run(&mut import);
    let report: serde_json::Value =
        serde_json::from_str(&report.expect_done().stdout).expect("stdout is JSON");
    assert_eq!(report["samples"], 3);
    assert_eq!(report["normals"]["order"], "zyx");

    for more in [&[][..], &["--no-checksums"]] {
        let mut verify = bottega();
        run(verify.arg("verify").arg(&imported).args(more)).expect_done();
    }
    let stats = run(bottega().arg("stats").arg(&imported).arg("--json"));
    let stats: serde_json::Value = serde_json::from_str(&stats.expect_done().stdout).expect("JSON");
    assert_eq!(stats["samples"], 3);
    let columns = stats["columns"].as_array().expect("a list");
    let tone = columns
        .iter()
        .find(|column| column["name"] == "skin_tone_mst")
        .expect("a label");
    assert_eq!(tone["unknown"], 3, "a tone was invented");

    let row = format!("{}:2", imported.join("data/train-00000.parquet").display());
    let shown = run(bottega().args(["inspect", "--json", &row]));
    let shown: serde_json::Value = serde_json::from_str(&shown.expect_done().stdout).expect("JSON");
    assert_eq!(shown["labels"]["source_index"], 2);
    assert_eq!(shown["scene"], serde_json::Value::Null);
    let sheet = dir.path().join("sheet.png");
    let mut preview = bottega();
    preview
        .arg("preview")
        .arg(&imported)
        .args(["--index", "0..2", "--out"])
        .arg(&sheet);
    run(&mut preview).expect_done();
    assert!(sheet.exists());

    let same = run(bottega().arg("diff").arg(&imported).arg(&imported));
    assert_eq!(same.code, Some(0), "{same:#?}");
    let differ = run(bottega()
        .arg("diff")
        .arg(&made)
        .arg(&imported)
        .arg("--json"));
    assert_eq!(differ.code, Some(1), "{differ:#?}");
    let differ: serde_json::Value = serde_json::from_str(&differ.stdout).expect("JSON");
    assert_eq!(differ["samples"]["common"], 0, "names differ");
    let attributes = differ["attributes"].as_array().expect("a list");
    let effect = |name: &str| {
        attributes
            .iter()
            .find(|a| a["name"] == name)
            .map(|a| &a["effect"])
    };
    assert_eq!(
        effect("fg_fraction"),
        Some(&0.0.into()),
        "the same pictures"
    );
    assert_eq!(effect("age_years"), None, "imports know no age");
}

#[test]
fn what_cannot_be_exported_or_imported_is_an_error_with_advice() {
    let dir = tempfile::tempdir().expect("there is room");
    let nothing = dir.path().join("nothing");
    std::fs::create_dir(&nothing).expect("there is room");
    let out = dir.path().join("out");
    let mut import = bottega();
    import
        .args(["import", "synthhuman"])
        .arg(&nothing)
        .arg("--out")
        .arg(&out);
    run(&mut import).expect_error(&["rgb_NNNNNNN.png", "wanted a folder"]);
    for layout in ["synthhuman", "webdataset", "coco", "npz", "facesynthetics"] {
        let mut export = bottega();
        export
            .args(["export", layout])
            .arg(&nothing)
            .arg("--out")
            .arg(&out);
        run(&mut export).expect_error(&["no rows"]);
    }
}
