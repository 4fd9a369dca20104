//! `bottega stats`, `audit` and `diff` on shards that were written without a render.

mod common;

use std::fs;
use std::path::Path;

use bottega_format::shard::writer::write_shard;
use bottega_format::{EncodedRow, ShardInfo, synthetic};
use bottega_schemas::OptionalPlanes;
use bottega_schemas::shard_schema::shard_path;

use common::{bottega, run};

/// Two shards of eight balls; the second was made before a column was added.
fn write(root: &Path) {
    let plan = synthetic::plan("balls");
    fs::create_dir_all(root.join("data")).expect("there is room");
    for shard_idx in 0..2 {
        let rows = (8 * shard_idx..8 * (shard_idx + 1)).map(|index| {
            let sample = synthetic::sample("balls", index, (8, 10));
            EncodedRow::encode(&sample, OptionalPlanes::default())
        });
        let path = root.join(shard_path("train", shard_idx));
        let info = ShardInfo {
            plan: plan.clone(),
            shard_idx,
        };
        write_shard(&path, info, rows, 0).expect("rows are in order");
        if shard_idx == 1 {
            synthetic::drop_columns(&path, &["bmi", "lamps"]).expect("the shard is sound");
        }
    }
}

#[test]
fn shards_of_two_ages_are_counted_audited_and_compared() {
    let dir = tempfile::tempdir().expect("there is room");
    let (old, new) = (dir.path().join("old"), dir.path().join("new"));
    write(&old);
    write(&new);
    let stats = run(bottega().arg("stats").arg(&old).arg("--json"));
    let stats: serde_json::Value =
        serde_json::from_str(&stats.expect_done().stdout).expect("it is JSON");
    let columns = stats["columns"].as_array().expect("a list");
    let bmi = columns
        .iter()
        .find(|c| c["name"] == "bmi")
        .expect("a column");
    assert_eq!((&bmi["known"], &bmi["unknown"]), (&8.into(), &8.into()));
    let audit = run(bottega().arg("audit").arg(&old));
    assert_ne!(audit.code, Some(2), "{audit:#?}");
    run(bottega().arg("diff").args([&old, &new])).expect_done();
    run(bottega()
        .args(["stats", "--joint", "bmi_class,framing", "--pixels", "4"])
        .arg(&old))
    .expect_done();
    let joint = |pair: &str| run(bottega().args(["stats", "--joint", pair]).arg(&old));
    joint("skin_ton_mst,framing").expect_error(&["skin_ton_mst", "skin_tone_mst"]);
    joint("bmi,framing").expect_error(&["bmi", "bmi_class"]);
}

#[test]
fn mistakes_in_an_audit_configuration_are_named() {
    let dir = tempfile::tempdir().expect("there is room");
    write(&dir.path().join("balls"));
    let config = dir.path().join("audit.toml");
    fs::write(&config, "sensitive = [\"skin_tone\"]\n").expect("there is room");
    let mut audit = bottega();
    audit.arg("audit").arg(dir.path().join("balls"));
    run(audit.arg("--config").arg(&config)).expect_error(&["sensitive", "skin_tone_mst"]);
}

#[test]
fn a_question_is_answered_or_the_way_to_an_answer_is_told() {
    let dir = tempfile::tempdir().expect("there is room");
    write(dir.path());
    let ask = |sql: &str, how: &str| {
        let mut command = bottega();
        command.arg("stats").arg(dir.path()).args(["--sql", sql]);
        if !how.is_empty() {
            command.arg(how);
        }
        run(&mut command)
    };
    let sql =
        "SELECT framing, count(*) AS n, count(bmi) AS known FROM samples GROUP BY 1 ORDER BY 1";
    if cfg!(feature = "sql") {
        let text = ask(sql, "").expect_done().stdout.clone();
        assert!(text.starts_with("framing     n  known\n"), "{text}");
        assert_eq!(text.lines().count(), 5, "{text}");
        let csv = ask(sql, "--csv").expect_done().stdout.clone();
        assert!(csv.contains("face,6,3\r\n"), "{csv}");
        let json = ask(sql, "--json").expect_done().stdout.clone();
        let rows: serde_json::Value = serde_json::from_str(&json).expect("it is JSON");
        assert_eq!(rows[0]["n"], 6);
        ask("SELECT fram FROM samples", "").expect_error(&["`fram`"]);
        ask("DROP TABLE samples", "").expect_error(&["refused"]);
    } else {
        ask(sql, "").expect_error(&["without SQL", "--features sql"]);
    }
    ask(sql, "--pixels").expect_error(&["--pixels"]);
}
