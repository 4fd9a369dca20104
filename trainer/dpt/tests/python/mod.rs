//! Scripts of `tests/` that look at what this crate writes, on the environment of `cargo xtask
//! test`; `BOTTEGA_PYTHON` names another interpreter.

use std::path::{Path, PathBuf};
use std::process::Command;

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn interpreter() -> PathBuf {
    if let Some(python) = std::env::var_os("BOTTEGA_PYTHON") {
        return python.into();
    }
    let python = repository().join("target/python/bin/python");
    assert!(
        python.exists(),
        "this test needs Python with the packages of tests/interop/requirements.txt, and for what \
         people see Chromium with its driver: run `cargo xtask test`, or set BOTTEGA_PYTHON"
    );
    python
}

/// Runs a script on a file or folder to its end; it must find nothing wrong.
pub(crate) fn run_script(script: &str, argument: &Path) {
    let output = Command::new(interpreter())
        .arg(repository().join("tests").join(script))
        .arg(argument)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .output()
        .expect("the interpreter starts");
    let talk = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{script} failed:\n{talk}");
    eprintln!("{}", String::from_utf8_lossy(&output.stdout).trim());
}
