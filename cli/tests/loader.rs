//! Loading as training does: one stream from shards and cache, resumed where it ended.

mod common;

use std::path::Path;
use std::process::Command;

use common::{bottega, generate_tiny, run};

fn load(dataset: &Path, more: &[&str]) -> Command {
    let mut command = bottega();
    command
        .arg("load")
        .arg(dataset)
        .args(["--seed", "3", "--hash", "--json"]);
    command.args(more);
    command
}

fn json(command: &mut Command) -> serde_json::Value {
    let run = run(command);
    run.expect_done();
    serde_json::from_str(&run.stdout).expect("it is JSON")
}

#[test]
fn a_dataset_is_loaded_alike_from_shards_and_cache_and_in_pieces() {
    let dir = tempfile::tempdir().expect("there is room");
    let (dataset, cache) = (dir.path().join("dataset"), dir.path().join("cache"));
    run(&mut generate_tiny(&dataset, 5)).expect_done();
    let whole = json(&mut load(&dataset, &["--epochs", "2", "--threads", "1"]));
    assert_eq!(whole["samples"], 10);
    assert_eq!(whole["state"]["epoch"], 2);
    let stream = whole["stream_blake3"].as_str().expect("it was asked for");

    run(bottega()
        .arg("cache")
        .arg(&dataset)
        .arg("--out")
        .arg(&cache))
    .expect_done();
    let cache_text = cache.display().to_string();
    let cached = json(&mut load(
        &dataset,
        &["--epochs", "2", "--cache", &cache_text],
    ));
    assert_eq!(cached["stream_blake3"], stream);
    assert_eq!(cached["state"], whole["state"]);

    // In two runs, the second with the state of the first.
    let state = dir.path().join("state.json").display().to_string();
    let piece = |samples: &str| {
        let options = ["--epochs", "2", "--state", &state, "--samples", samples];
        json(&mut load(&dataset, &options))
    };
    assert_eq!(piece("7")["samples"], 7);
    let rest = piece("100");
    assert_eq!(
        (&rest["samples"], &rest["state"]),
        (&3.into(), &whole["state"])
    );

    // Of another seed, a state is refused; of no dataset, everything is.
    let mut other = load(&dataset, &["--state", &state]);
    run(other.args(["--shuffle", "block"])).expect_error(&["shuffle", "state"]);
    run(&mut load(&dir.path().join("nowhere"), &[])).expect_error(&["nowhere"]);
    run(&mut load(
        &dataset,
        &["--cache", &dir.path().display().to_string()],
    ))
    .expect_error(&["cache.json", "bottega cache"]);
    run(&mut load(&dataset, &["--planes", "image,smell"])).expect_error(&["smell"]);
}
