//! What users get wrong: each mistake has a clear sentence and exit code 2, and nothing is lost.

mod common;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::OnceLock;

use common::{bottega, generate_tiny, root, run, tree};

/// A sound dataset of two samples and their EXR files, made once.
fn sound() -> &'static (tempfile::TempDir, PathBuf, PathBuf) {
    static SOUND: OnceLock<(tempfile::TempDir, PathBuf, PathBuf)> = OnceLock::new();
    SOUND.get_or_init(|| {
        let dir = tempfile::tempdir().expect("there is room");
        let (dataset, exr) = (dir.path().join("dataset"), dir.path().join("exr"));
        run(generate_tiny(&dataset, 2).arg("--keep-exr").arg(&exr)).expect_done();
        (dir, dataset, exr)
    })
}

/// Generates with a spoilt copy of the tiny recipe.
fn generate_with(spoil: impl FnOnce(String) -> String) -> common::Run {
    let dir = tempfile::tempdir().expect("there is room");
    let text = fs::read_to_string(root().join("scenes/tiny/face.toml")).expect("it is shipped");
    let spoilt = spoil(text.clone());
    assert_ne!(spoilt, text, "the recipe was spoilt");
    let recipe = dir.path().join("spoilt.toml");
    fs::write(&recipe, spoilt).expect("there is room");
    let mut command = bottega();
    command
        .arg("generate")
        .arg(&recipe)
        .args(["--count", "1", "--out"]);
    run(command.arg(dir.path().join("out")))
}

#[test]
fn a_misspelt_key_is_named_with_the_likely_spelling() {
    generate_with(|text| text.replace("frames_per_identity", "frames_per_identiy"))
        .expect_error(&["spoilt.toml", "frames_per_identiy", "frames_per_identity"]);
}

#[test]
fn shares_that_do_not_sum_are_told_with_their_sum() {
    generate_with(|text| text.replace("face = 1", "face = 0.9")).expect_error(&[
        "spoilt.toml",
        "framing",
        "0.9",
        "1",
    ]);
}

#[test]
fn an_impossible_range_is_told_with_what_is_allowed() {
    generate_with(|text| text.replace("resolution_px = [48, 64]", "resolution_px = [48, 0]"))
        .expect_error(&["spoilt.toml", "resolution_px"]);
    let ages = "\n[overrides.person]\nage_years = { law = \"uniform\", low = 60, high = 20 }\n";
    generate_with(|text| text + ages).expect_error(&["spoilt.toml", "age"]);
}

#[test]
fn a_recipe_that_is_no_toml_and_one_that_is_not_there_are_told() {
    generate_with(|text| text.replace("seed = 0", "seed = ")).expect_error(&["spoilt.toml"]);
    let out = tempfile::tempdir().expect("there is room");
    let mut command = bottega();
    command
        .args(["generate", "portrait.toml", "--count", "1", "--out"])
        .arg(out.path());
    run(&mut command).expect_error(&["portrait.toml", "synthhuman"]);
}

#[test]
fn foreign_and_cut_packs_are_refused() {
    let dir = tempfile::tempdir().expect("there is room");
    let pack = fs::read(root().join("scenes/assets/bottega-core.btpk")).expect("it is shipped");
    let cut = dir.path().join("cut.btpk");
    fs::write(&cut, &pack[..pack.len() * 2 / 3]).expect("there is room");
    let foreign = dir.path().join("foreign.btpk");
    fs::write(&foreign, b"PK\x03\x04 something else altogether").expect("there is room");
    let mut changed_bytes = pack;
    let middle = changed_bytes.len() / 2;
    changed_bytes[middle] ^= 1;
    let changed = dir.path().join("changed.btpk");
    fs::write(&changed, changed_bytes).expect("there is room");

    for (pack, word) in [(&cut, "bytes"), (&foreign, "not an asset pack")] {
        let name = pack.file_name().unwrap_or_default().to_string_lossy();
        let list = run(bottega().args(["assets", "list", "--assets"]).arg(pack));
        list.expect_error(&[word, &name, "hint"]);
        let out = dir.path().join("out");
        let generated = run(generate_tiny(&out, 1).arg("--assets").arg(pack));
        generated.expect_error(&[word, &name]);
        assert!(!out.join("manifest.json").exists());
    }
    // A flipped bit inside an asset shows when that asset is read.
    let verified = run(bottega()
        .args(["assets", "verify", "--assets"])
        .arg(&changed));
    assert_eq!(verified.code, Some(1), "{verified:#?}");
    run(bottega().args(["assets", "verify"])).expect_done();
}

#[test]
fn an_output_folder_that_cannot_be_written_is_told() {
    let dir = tempfile::tempdir().expect("there is room");
    let file = dir.path().join("file");
    fs::write(&file, "in the way").expect("there is room");
    run(&mut generate_tiny(&file.join("dataset"), 1)).expect_error(&["file/dataset"]);
    assert_eq!(
        fs::read_to_string(&file).expect("it is still there"),
        "in the way"
    );
}

#[test]
fn a_folder_of_another_plan_is_refused_and_left_alone() {
    let (_, dataset, _) = sound();
    let before = tree(dataset);
    run(generate_tiny(dataset, 2).args(["--seed", "7"]))
        .expect_error(&["another dataset", "--overwrite"]);
    run(generate_tiny(dataset, 2)
        .args(["--shard-size", "4"])
        .args(["--start", "4"]));
    assert!(tree(dataset) == before, "nothing was changed");
}

#[test]
fn a_start_between_two_shards_is_refused() {
    let out = tempfile::tempdir().expect("there is room");
    run(generate_tiny(out.path(), 2).args(["--start", "3"])).expect_error(&["3", "multiple"]);
}

#[test]
fn wrong_arguments_are_told_by_name() {
    let out = tempfile::tempdir().expect("there is room");
    for (flag, value) in [
        ("--size", "48"),
        ("--spp", "0"),
        ("--seed", "-1"),
        ("--count", "many"),
    ] {
        let run = run(generate_tiny(out.path(), 1).arg(format!("{flag}={value}")));
        assert_eq!(run.code, Some(2), "{flag}: {run:#?}");
        assert!(run.stderr.contains(flag), "{flag}: {run:#?}");
    }
    let seed = run(generate_tiny(out.path(), 1).args(["--seed", "9223372036854775808"]));
    seed.expect_error(&["seed"]);
}

#[test]
fn a_shard_cut_anywhere_is_an_error_to_inspect_and_a_finding_to_verify() {
    let (_, dataset, _) = sound();
    let shard = fs::read(dataset.join("data/train-00000.parquet")).expect("it was published");
    let dir = tempfile::tempdir().expect("there is room");
    let copy = dir.path().join("cut.parquet");
    for parts in [0, 1, 5, 50, 95, 99] {
        fs::write(&copy, &shard[..shard.len() * parts / 100]).expect("there is room");
        run(bottega().arg("inspect").arg(&copy)).expect_error(&["cut.parquet"]);
        let verified = run(bottega().arg("verify").arg(&copy));
        assert_eq!(verified.code, Some(1), "{parts} %: {verified:#?}");
        assert!(verified.stdout.contains("cut.parquet"), "{verified:#?}");
    }
}

#[test]
fn an_exr_with_a_wrong_channel_is_told() {
    let (_, _, exr) = sound();
    let sample = fs::read_dir(exr)
        .expect("samples were kept")
        .next()
        .expect("there are two");
    let mut bytes = fs::read(sample.expect("it can be listed").path()).expect("it can be read");
    // The channel list of the depth part: one channel called Y.
    let list = b"channels\0chlist\0\x13\0\0\0Y\0";
    let at = bytes
        .windows(list.len())
        .position(|w| w == list)
        .expect("depth has one channel");
    bytes[at + list.len() - 2] = b'Z';
    let dir = tempfile::tempdir().expect("there is room");
    let spoilt = dir.path().join("spoilt.exr");
    fs::write(&spoilt, bytes).expect("there is room");
    run(bottega().arg("inspect").arg(&spoilt)).expect_error(&["spoilt.exr", "Y", "Z"]);
    let out = dir.path().join("out");
    run(bottega().arg("shard").arg(dir.path()).arg("--out").arg(out)).expect_error(&["spoilt.exr"]);
}

#[test]
fn what_is_not_there_is_an_error() {
    for verb in ["verify", "stats", "inspect"] {
        run(bottega().args([verb, "nowhere.parquet"])).expect_error(&["nowhere.parquet"]);
    }
    let (_, dataset, _) = sound();
    let row = format!("{}:99", dataset.join("data/train-00000.parquet").display());
    run(bottega().args(["inspect", &row])).expect_error(&["99"]);
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let mut child = bottega()
        .args(["assets", "list", "--json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary starts");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}

/// A full disk: a small file system of our own where the system lets us mount one, else a limit
/// on the size of a file, which a writer meets in the same place.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_stops_the_run_and_loses_nothing() {
    let dir = tempfile::tempdir().expect("there is room");
    let mount = dir.path().join("small");
    fs::create_dir(&mount).expect("there is room");
    let out = mount.join("dataset");
    let generate = |script: &str| {
        let mut command = std::process::Command::new("sh");
        command
            .current_dir(root())
            .env("OUT", &out)
            .env("MOUNT", &mount);
        command
            .env("BOTTEGA", env!("CARGO_BIN_EXE_bottega"))
            .env("SHARD", "--shard-size 2");
        command.args(["-c", script]);
        run(&mut command)
    };
    let make = "\"$BOTTEGA\" generate scenes/tiny/synthhuman.toml $SHARD --count 2 --size 256x256 \
                --spp 1 --out \"$OUT\"";
    let can_mount = run(std::process::Command::new("unshare")
        .args(["-rm", "mount", "-t", "tmpfs", "-o", "size=4k", "tmpfs"])
        .arg(&mount))
    .code
        == Some(0);
    let (failed, kept) = if can_mount {
        // The file system goes with its name space: what was left is copied out for a look.
        let script = format!(
            "unshare -rm sh -c 'mount -t tmpfs -o size=300k tmpfs \"$MOUNT\" && {make}; code=$?; \
             find \"$OUT\" -name \"*.parquet\" -o -name \"*.tmp\"; exit $code'"
        );
        let failed = generate(&script);
        failed.expect_error(&["full"]);
        let kept = failed.stdout.clone();
        (failed, kept)
    } else {
        // Blocks of 512 bytes; the signal is ignored, so that writing fails instead.
        let failed = generate(&format!("trap '' XFSZ; ulimit -f 100; exec {make}"));
        failed.expect_error(&["cannot"]);
        (failed, String::new())
    };
    assert!(
        !kept.contains(".parquet"),
        "no shard is published in part: {failed:#?}"
    );
    // With room again, the same command goes on to a sound dataset.
    generate(make).expect_done();
    run(bottega().arg("verify").arg(&out)).expect_done();
}

/// The table above must not pass because every command fails.
#[test]
fn the_sound_dataset_is_sound() {
    let (_, dataset, exr) = sound();
    run(bottega().arg("verify").arg(dataset)).expect_done();
    assert_eq!(fs::read_dir(exr).map(Iterator::count).unwrap_or(0), 2);
    assert!(Path::new(dataset).join("manifest.json").exists());
}
