//! The dataset folder: any history of kills, resumes and ranges gives the same bytes.

use std::collections::BTreeMap;
use std::fs;
use std::ops::Range;
use std::path::Path;

use bottega_format::{
    DatasetWriter, Documents, EncodedRow, FormatError, ShardReader, find_shards, read_manifest,
    synthetic,
};
use bottega_schemas::DatasetPlan;

const SIZE: (usize, usize) = (16, 20);
const RECIPE: &str = "seed = 0\n";

fn open(root: &Path) -> DatasetWriter {
    DatasetWriter::open(root, synthetic::plan("ball"), RECIPE, false).expect("the plan is the same")
}

fn row(index: u64) -> EncodedRow {
    let sample = synthetic::sample("ball", index, SIZE);
    EncodedRow::encode(&sample, Default::default()).expect("a ball can be encoded")
}

fn documents() -> Documents {
    Documents {
        card: "# Ball\n".into(),
        asset_licenses_json: "[]\n".into(),
    }
}

/// Makes a range; stops after `budget` samples as a kill would, leaving everything where it is.
fn generate(root: &Path, indices: Range<u64>, mut budget: usize) {
    let mut writer = open(root);
    for task in writer.missing(indices).expect("the range is aligned") {
        // Backwards, since threads finish in any order.
        for index in task.remaining().collect::<Vec<_>>().into_iter().rev() {
            if budget == 0 {
                return;
            }
            budget -= 1;
            writer.keep(&row(index)).expect("there is room");
        }
        writer.publish(&task).expect("every sample is kept");
    }
    writer.finish(&documents()).expect("there is room");
}

/// Every file of a folder with its bytes.
fn files(root: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![root.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("it is there") {
            let path = entry.expect("it is there").path();
            match path.is_dir() {
                true => folders.push(path),
                false => {
                    let name = path
                        .strip_prefix(root)
                        .expect("it lies below")
                        .display()
                        .to_string();
                    files.insert(name, fs::read(&path).expect("it is there"));
                }
            }
        }
    }
    files
}

#[test]
fn a_dataset_has_its_files_and_their_hashes() {
    let folder = tempfile::tempdir().unwrap();
    generate(folder.path(), 0..20, usize::MAX);
    let files = files(folder.path());
    let names: Vec<&str> = files.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        [
            ".lock",
            "README.md",
            "asset_licenses.json",
            "checksums.sha256",
            "croissant.json",
            "data/train-00000.parquet",
            "data/train-00001.parquet",
            "data/train-00002.parquet",
            "dataset.toml",
            "manifest.json",
        ]
    );
    let manifest = read_manifest(folder.path()).unwrap().unwrap();
    assert_eq!(manifest.rows(), 20);
    assert_eq!(
        manifest.shards[2].index_start..manifest.shards[2].index_end,
        16..20
    );
    for shard in &manifest.shards {
        let bytes = &files[&shard.path];
        assert_eq!(shard.blake3, blake3::hash(bytes).to_hex().to_string());
        assert_eq!(shard.bytes, bytes.len() as u64);
    }
    let checked = std::process::Command::new("sha256sum")
        .args(["--check", "--strict", "--quiet", "checksums.sha256"])
        .current_dir(folder.path())
        .status();
    if let Ok(status) = checked {
        assert!(status.success());
    }
    assert_eq!(
        String::from_utf8_lossy(&files["checksums.sha256"])
            .lines()
            .count(),
        8
    );
    assert_eq!(find_shards(folder.path()).unwrap().len(), 3);
}

#[test]
fn a_killed_and_resumed_run_gives_the_same_bytes() {
    let whole = tempfile::tempdir().unwrap();
    generate(whole.path(), 0..20, usize::MAX);
    let killed = tempfile::tempdir().unwrap();
    for budget in [0, 3, 1, 7, 2, 5, 30] {
        generate(killed.path(), 0..20, budget);
        // What a kill in the middle of a write leaves behind.
        fs::create_dir_all(killed.path().join("_work/train-00001")).unwrap();
        for name in [
            "data/train-00001.parquet.tmp",
            "_work/train-00001/0000009.sample.tmp",
        ] {
            fs::write(killed.path().join(name), b"half of it").unwrap();
        }
    }
    generate(killed.path(), 0..20, usize::MAX);
    let (mut found, wanted) = (files(killed.path()), files(whole.path()));
    found.retain(|name, _| !name.starts_with("_work"));
    assert!(found == wanted, "{:?}", found.keys());
}

#[test]
fn halves_made_apart_give_the_same_bytes() {
    let whole = tempfile::tempdir().unwrap();
    generate(whole.path(), 0..24, usize::MAX);
    let halves = tempfile::tempdir().unwrap();
    generate(halves.path(), 16..24, usize::MAX);
    generate(halves.path(), 0..16, usize::MAX);
    assert!(files(halves.path()) == files(whole.path()));

    // Made on two machines and copied together.
    let other = tempfile::tempdir().unwrap();
    generate(other.path(), 16..24, usize::MAX);
    let joined = tempfile::tempdir().unwrap();
    generate(joined.path(), 0..16, usize::MAX);
    let name = "data/train-00002.parquet";
    fs::copy(other.path().join(name), joined.path().join(name)).unwrap();
    generate(joined.path(), 0..24, 0);
    assert!(files(joined.path()) == files(whole.path()));
}

#[test]
fn a_shard_grows_into_the_same_bytes() {
    let whole = tempfile::tempdir().unwrap();
    generate(whole.path(), 0..16, usize::MAX);
    let grown = tempfile::tempdir().unwrap();
    generate(grown.path(), 0..11, usize::MAX);
    let task = open(grown.path()).missing(0..16).unwrap().remove(0);
    assert_eq!(task.remaining().collect::<Vec<_>>(), [11, 12, 13, 14, 15]);
    generate(grown.path(), 0..16, usize::MAX);
    assert!(files(grown.path()) == files(whole.path()));
    // Less than what is there is complete.
    assert_eq!(open(grown.path()).missing(0..3).unwrap(), []);
}

#[test]
fn what_was_damaged_is_made_again() {
    let whole = tempfile::tempdir().unwrap();
    generate(whole.path(), 0..16, usize::MAX);
    let damaged = tempfile::tempdir().unwrap();
    generate(damaged.path(), 0..16, 13);
    // A flipped bit in a checkpoint, a cut shard that the manifest knows, one that it does not.
    let checkpoint = damaged.path().join("_work/train-00001/0000015.sample");
    let mut bytes = fs::read(&checkpoint).unwrap();
    bytes[100] ^= 4;
    fs::write(&checkpoint, bytes).unwrap();
    let shard = damaged.path().join("data/train-00000.parquet");
    let bytes = fs::read(&shard).unwrap();
    fs::write(&shard, &bytes[..bytes.len() / 2]).unwrap();
    fs::write(damaged.path().join("data/train-00001.parquet"), b"PAR1").unwrap();
    generate(damaged.path(), 0..16, usize::MAX);
    assert!(files(damaged.path()) == files(whole.path()));
}

#[test]
fn a_folder_of_another_plan_is_refused_until_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    generate(folder.path(), 0..8, usize::MAX);
    fs::write(folder.path().join("notes.txt"), "mine").unwrap();
    let before = files(folder.path());
    let other = DatasetPlan {
        config_blake3: "0".repeat(64),
        ..synthetic::plan("ball")
    };
    let error = DatasetWriter::open(folder.path(), other.clone(), RECIPE, false).unwrap_err();
    assert!(matches!(error, FormatError::PlanMismatch(_)));
    let message = error.to_string();
    assert!(
        message.contains("recipe") && message.contains("--overwrite"),
        "{message}"
    );
    assert!(files(folder.path()) == before, "a refusal changes nothing");

    let writer = DatasetWriter::open(folder.path(), other, RECIPE, true).unwrap();
    assert!(writer.manifest().shards.is_empty());
    assert_eq!(fs::read_dir(folder.path().join("data")).unwrap().count(), 0);
    assert!(
        folder.path().join("notes.txt").exists(),
        "only the dataset is removed"
    );
}

#[test]
fn a_start_between_shards_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let error = open(folder.path()).missing(12..20).unwrap_err().to_string();
    assert!(error.contains("start at 8 or at 16"), "{error}");
}

#[test]
fn a_second_writer_waits_for_the_first() {
    let folder = tempfile::tempdir().unwrap();
    let first = open(folder.path());
    let root = folder.path().to_path_buf();
    let second = std::thread::spawn(move || {
        generate(&root, 0..8, usize::MAX);
    });
    std::thread::sleep(std::time::Duration::from_millis(200));
    assert!(!second.is_finished(), "the folder is taken");
    drop(first);
    second.join().unwrap();
    assert_eq!(read_manifest(folder.path()).unwrap().unwrap().rows(), 8);
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_told_and_harms_nothing() {
    let folder = tempfile::tempdir().unwrap();
    generate(folder.path(), 0..8, usize::MAX);
    let before = files(folder.path());
    let full = |name: &str| {
        let tmp = folder.path().join(format!("{name}.tmp"));
        fs::create_dir_all(tmp.parent().unwrap()).unwrap();
        std::os::unix::fs::symlink("/dev/full", tmp).unwrap();
    };
    let mut writer = open(folder.path());
    full("_work/train-00001/0000008.sample");
    let error = writer.keep(&row(8)).unwrap_err();
    assert!(matches!(error, FormatError::NoSpace { .. }), "{error:?}");
    assert!(
        error.to_string().contains("0000008.sample, which needs"),
        "{error}"
    );

    let task = writer.missing(0..16).unwrap().remove(0);
    task.remaining()
        .for_each(|index| writer.keep(&row(index)).unwrap());
    full("data/train-00001.parquet");
    let error = writer.publish(&task).unwrap_err();
    assert!(
        matches!(
            error,
            FormatError::NoSpace {
                needed_bytes: 10_000..,
                ..
            }
        ),
        "{error:?}"
    );
    assert!(
        error.to_string().contains("data/train-00001.parquet"),
        "{error}"
    );
    drop(writer);
    let mut after = files(folder.path());
    after.retain(|name, _| !name.starts_with("_work"));
    assert!(after == before);
    // Nothing was lost: the kept samples only have to be published.
    generate(folder.path(), 0..16, 0);
    assert_eq!(read_manifest(folder.path()).unwrap().unwrap().rows(), 16);
}

#[cfg(unix)]
#[test]
fn a_folder_that_cannot_be_written_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let error =
        DatasetWriter::open(&file.join("out"), synthetic::plan("ball"), RECIPE, false).unwrap_err();
    assert!(
        error.to_string().starts_with("cannot make the folder"),
        "{error}"
    );
}

#[test]
fn every_prefix_of_a_manifest_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    generate(folder.path(), 0..8, usize::MAX);
    let path = folder.path().join("manifest.json");
    let bytes = fs::read(&path).unwrap();
    for length in (1..bytes.len() - 1).step_by(37) {
        fs::write(&path, &bytes[..length]).unwrap();
        let error = read_manifest(folder.path()).unwrap_err().to_string();
        assert!(error.contains("remove it and generate again"), "{error}");
    }
    // As it says: the manifest comes back from the shards.
    fs::remove_file(&path).unwrap();
    drop(open(folder.path()));
    assert_eq!(fs::read(&path).unwrap(), bytes);
    let reader = ShardReader::open(&folder.path().join("data/train-00000.parquet")).unwrap();
    assert_eq!(reader.rows(), 8);
}
