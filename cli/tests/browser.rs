//! What people see, in a headless Chromium: the viewer clicked through, the report opened.
//!
//! The clicks are Python scripts in `tests/browser`, on the environment of `cargo xtask test`
//! (`BOTTEGA_PYTHON` names another). Chromium and its driver come from the system.

#![allow(
    clippy::unwrap_used,
    reason = "helpers of tests fail as their tests would"
)]

mod common;

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use bottega_format::synthetic;
use bottega_schemas::{DatasetPlan, OptionalPlanes};

use common::{bottega, root, run};

fn python() -> PathBuf {
    if let Some(python) = std::env::var_os("BOTTEGA_PYTHON") {
        return python.into();
    }
    let python = root().join("target/python/bin/python");
    assert!(
        python.exists(),
        "these tests need Python with the packages of tests/interop/requirements.txt, and \
         Chromium with its driver (on Debian: apt-get install chromium chromium-driver): run \
         `cargo xtask test`, which installs the packages, or set BOTTEGA_PYTHON"
    );
    python
}

/// Runs a script to its end; it must find nothing wrong.
fn run_script(script: &str, args: &[&str], work: &Path) {
    let output = Command::new(python())
        .arg(root().join("tests/browser").join(script))
        .args(args)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("OPENCV_IO_ENABLE_OPENEXR", "1")
        .env("TMPDIR_OF_TEST", work)
        .output()
        .expect("the interpreter starts");
    let talk = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{script} failed:\n{talk}");
}

/// Balls, with every optional plane.
fn dataset(root: &Path, n: u64, size: (usize, usize)) {
    let plan = DatasetPlan {
        planes: OptionalPlanes::all(),
        ..synthetic::plan("ball")
    };
    synthetic::write_dataset(root, plan, n, size, |_| ()).unwrap();
}

/// A running `bottega view`, and its address.
struct View {
    child: Child,
    url: String,
}

impl View {
    fn start(dataset: &Path) -> Self {
        let mut command = bottega();
        command.arg("view").arg(dataset).args(["--port", "0"]);
        let mut child = command
            .stdout(Stdio::piped())
            .spawn()
            .expect("the binary starts");
        let mut url = String::new();
        let stdout = child.stdout.take().expect("stdout is piped");
        BufReader::new(stdout).read_line(&mut url).unwrap();
        let url = url.trim().to_owned();
        assert!(url.starts_with("http://127.0.0.1:"), "{url}");
        Self { child, url }
    }

    /// Ends it as Ctrl-C does; it must end well.
    fn interrupt(mut self) {
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args(["-INT", &id]).status().unwrap();
        assert!(sent.success());
        assert_eq!(self.child.wait().unwrap().code(), Some(0));
    }
}

impl Drop for View {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_person_can_click_through_the_viewer() {
    let folder = tempfile::tempdir().unwrap();
    let (whole, broken) = (
        folder.path().join("it's whole"),
        folder.path().join("broken"),
    );
    dataset(&whole, 90, (96, 128));
    dataset(&broken, 24, (24, 32));
    let cut = broken.join("data/train-00001.parquet");
    let bytes = fs::read(&cut).unwrap();
    fs::write(&cut, &bytes[..bytes.len() / 2]).unwrap();
    let (first, second) = (View::start(&whole), View::start(&broken));
    let args = [
        first.url.as_str(),
        whole.to_str().unwrap(),
        second.url.as_str(),
    ];
    run_script("viewer.py", &args, folder.path());
    first.interrupt();
    second.interrupt();
}

#[test]
fn a_report_opens_offline_on_desks_phones_and_paper() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("balls");
    dataset(&root, 48, (24, 32));
    let html = folder.path().join("report.html");
    run(bottega().arg("report").arg(&root).arg("--out").arg(&html)).expect_done();
    run_script("report.py", &[html.to_str().unwrap()], folder.path());
}
