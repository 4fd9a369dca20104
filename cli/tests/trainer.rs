//! `bottega train` and its kin are handed to `bottega-train`.

mod common;

use std::fs;
use std::process::Command;
use std::sync::{Mutex, MutexGuard, PoisonError};

use common::run;

/// Programs that were just written cannot be started while another thread forks with them open.
fn one_at_a_time() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The binary in a folder where nothing else lies.
fn alone(folder: &std::path::Path) -> Command {
    let program = folder.join("bottega");
    fs::copy(env!("CARGO_BIN_EXE_bottega"), &program).expect("room for a copy");
    let mut command = Command::new(program);
    command.env("PATH", folder);
    command
}

#[test]
fn without_the_trainer_it_is_said_how_to_get_it() {
    let _turn = one_at_a_time();
    let folder = tempfile::tempdir().expect("a folder");
    for command in ["train", "evaluate", "predict", "export-model"] {
        run(alone(folder.path()).args([command, "x", "--json"])).expect_error(&[
            "bottega-train",
            "hint: build it",
            "bottega_trainer",
        ]);
    }
    let told = run(alone(folder.path()).arg("doctor"));
    assert!(told.stdout.contains("only training needs it"), "{told:#?}");
}

#[cfg(unix)]
#[test]
fn arguments_and_exit_code_pass_through() {
    use std::os::unix::fs::PermissionsExt as _;

    let _turn = one_at_a_time();
    let folder = tempfile::tempdir().expect("a folder");
    let trainer = folder.path().join("bottega-train");
    fs::write(&trainer, "#!/bin/sh\necho \"$@\"\nexit 130\n").expect("a script");
    fs::set_permissions(&trainer, fs::Permissions::from_mode(0o755)).expect("a script");
    let told = run(alone(folder.path()).args(["train", "run.toml", "--out", "r", "--help"]));
    assert_eq!(told.code, Some(130));
    assert_eq!(told.stdout.trim(), "train run.toml --out r --help");
}
