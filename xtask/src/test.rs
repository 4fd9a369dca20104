//! `cargo xtask test`: everything that CI runs but formatting and lints.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};
use sha2::{Digest as _, Sha256};

use crate::libtorch::cargo_with_libtorch;
use crate::run::{cargo, output, root, run as run_command, target_dir};
use crate::{schemas, tidy};

/// What is tested.
#[derive(Debug, clap::Args)]
pub(crate) struct TestArgs {
    /// Test SQL too; it takes another quarter of an hour on two cores when nothing is built yet
    #[arg(long)]
    sql: bool,

    /// Test training over MPI too; needs Open MPI and libclang (docs/training-clusters.md)
    #[arg(long)]
    mpi: bool,

    /// Passed on to `cargo test`, for example `-- --nocapture`
    #[arg(last = true)]
    cargo_args: Vec<String>,
}

/// Runs the checks in the order in which they fail fastest.
pub(crate) fn run(args: &TestArgs) -> Result<()> {
    tidy::run()?;
    schemas::check()?;
    let python = python_environment()?;

    // With the trainer, which is no default member because it needs LibTorch.
    let mut test = cargo_with_libtorch()?;
    test.args(["test", "--release", "--workspace"])
        .args(&args.cargo_args)
        // Small tensors on busy machines: threads that wait for each other take longer than the work.
        .env("OMP_NUM_THREADS", "1");
    if let Some(python) = python {
        test.env("BOTTEGA_PYTHON", python);
    }
    run_command(&mut test)?;
    // The tests of the JSON Schemas exist with this feature only.
    let schema_tests = ["test", "--release", "-p", "bottega_schemas"];
    run_command(
        cargo()
            .args(schema_tests)
            .args(["--features", "json-schema"]),
    )?;

    if args.mpi {
        let tests = [
            "-p",
            "bottega_trainer",
            "--features",
            "mpi",
            "--test",
            "mpi",
        ];
        run_command(
            cargo_with_libtorch()?
                .args(["test", "--release"])
                .args(tests)
                .env("OMP_NUM_THREADS", "1"),
        )?;
    }
    if args.sql {
        let packages = [
            "-p",
            "bottega_format",
            "-p",
            "bottega_audit",
            "-p",
            "bottega",
        ];
        let tests = ["--lib", "--test", "query", "--test", "statistics"];
        run_command(
            cargo()
                .args(["test", "--release", "--features", "bottega/sql"])
                .args(packages)
                .args(tests),
        )?;
    }

    let flags = "-D rustdoc::broken_intra_doc_links -D rustdoc::invalid_html_tags";
    run_command(
        cargo_with_libtorch()?
            .args(["doc", "--release", "--workspace", "--no-deps"])
            .env("RUSTDOCFLAGS", flags),
    )?;
    eprintln!("test: everything passed");
    Ok(())
}

/// The interpreter of the interoperability tests: the caller's `BOTTEGA_PYTHON`, or a local
/// environment with exactly the pinned readers, made once for each list of pins.
fn python_environment() -> Result<Option<PathBuf>> {
    if let Some(python) = std::env::var_os("BOTTEGA_PYTHON") {
        return Ok(Some(python.into()));
    }
    let requirements_path = root().join("tests/interop/requirements.txt");
    if !requirements_path.exists() {
        return Ok(None);
    }
    let requirements = fs::read(&requirements_path)
        .with_context(|| format!("cannot read {}", requirements_path.display()))?;
    let digest: String = Sha256::digest(&requirements)
        .iter()
        .map(|b| format!("{b:02x}"))
        .collect();

    let dir = target_dir()?.join("python");
    let python = dir.join(if cfg!(windows) {
        "Scripts/python.exe"
    } else {
        "bin/python"
    });
    let stamp_path = dir.join("requirements.sha256");
    if fs::read_to_string(&stamp_path).is_ok_and(|stamp| stamp == digest)
        && output(Command::new(&python).arg("--version")).is_ok()
    {
        return Ok(Some(python));
    }

    make_environment(&dir)?;
    let pip = [
        "-m",
        "pip",
        "install",
        "--disable-pip-version-check",
        "--quiet",
    ];
    run_command(
        Command::new(&python)
            .args(pip)
            .arg("-r")
            .arg(&requirements_path),
    )
    .context("cannot install the pinned Python readers")?;
    fs::write(&stamp_path, &digest)
        .with_context(|| format!("cannot write {}", stamp_path.display()))?;
    Ok(Some(python))
}

pub(crate) fn make_environment(dir: &Path) -> Result<()> {
    let python = if cfg!(windows) { "python" } else { "python3" };
    if output(Command::new(python).args(["-c", "import venv, ensurepip"])).is_err() {
        bail!(
            "Python 3 with its venv module is needed to test that other readers open a shard; \
             on Debian and Ubuntu: sudo apt-get install python3-venv"
        );
    }
    run_command(
        Command::new(python)
            .args(["-m", "venv", "--clear"])
            .arg(dir),
    )
}
