//! `bottega train`, `evaluate`, `predict`, `export-model`: handed to `bottega-train`, the one
//! program that links LibTorch, which lies beside this one or on the `PATH`.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use crate::commands::Outcome;
use crate::failure::Advise as _;

/// Name of the program.
const PROGRAM: &str = "bottega-train";

/// What is handed over as it is.
#[derive(Debug, clap::Args)]
#[command(disable_help_flag = true)]
pub(crate) struct TrainerArgs {
    /// Arguments of bottega-train; --help shows them
    #[arg(
        trailing_var_arg = true,
        allow_hyphen_values = true,
        value_name = "ARGUMENTS"
    )]
    args: Vec<OsString>,
}

/// Runs the program with the same arguments, environment and terminal, and ends as it ends.
pub(crate) fn run(command: &str, args: &TrainerArgs) -> Result<Outcome> {
    let program = find()
        .with_context(|| format!("`{command}` needs the program {PROGRAM}"))
        .advise(|| {
            "build it with `eval \"$(cargo xtask libtorch)\" && cargo build --release -p \
             bottega_trainer`, or put it beside bottega"
                .to_owned()
        })?;
    let mut run = Command::new(&program);
    run.arg(command).args(&args.args);
    let status = run
        .status()
        .with_context(|| format!("cannot start {}", program.display()))?;
    match status.code() {
        Some(0) => Ok(Outcome::Done),
        // It has told what went wrong.
        Some(code) => std::process::exit(code),
        None => bail!("{} was killed: {status}", program.display()),
    }
}

/// Beside this program, then on the `PATH`.
pub(crate) fn find() -> Result<PathBuf> {
    let name = format!("{PROGRAM}{}", std::env::consts::EXE_SUFFIX);
    let beside = std::env::current_exe()
        .ok()
        .and_then(|path| Some(path.parent()?.join(&name)));
    let paths = std::env::var_os("PATH").unwrap_or_default();
    let on_path = std::env::split_paths(&paths).map(|folder| folder.join(OsStr::new(&name)));
    let found = beside
        .into_iter()
        .chain(on_path)
        .find(|path| path.is_file());
    found.with_context(|| format!("{name} is neither beside bottega nor on the PATH"))
}
