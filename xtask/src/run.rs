//! Where the tree is, and how a task starts another program.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use anyhow::{Context as _, Result, bail};

/// Root of the workspace: the parent of this crate's folder.
///
/// Cargo says at run time where that is; the folder known at build time may be another checkout
/// that shares the target folder and is gone by now.
pub(crate) fn root() -> &'static Path {
    static ROOT: LazyLock<PathBuf> = LazyLock::new(|| {
        let built_in = || env!("CARGO_MANIFEST_DIR").into();
        let manifest = std::env::var_os("CARGO_MANIFEST_DIR").map_or_else(built_in, PathBuf::from);
        let root = manifest.parent();
        root.expect("the manifest lies one folder below the root")
            .to_owned()
    });
    &ROOT
}

/// A cargo command that runs in the root of the workspace.
pub(crate) fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root());
    command
}

/// Runs `command`, its output shown as it comes; a non-zero exit is an error.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    eprintln!("> {}", shown(command));
    let status = command
        .status()
        .with_context(|| format!("cannot start `{}`", shown(command)))?;
    if !status.success() {
        bail!("`{}` ended with {status}", shown(command));
    }
    Ok(())
}

/// Runs `command` and returns what it wrote to stdout.
pub(crate) fn output(command: &mut Command) -> Result<Vec<u8>> {
    let output = command
        .output()
        .with_context(|| format!("cannot start `{}`", shown(command)))?;
    if !output.status.success() {
        let talk = String::from_utf8_lossy(&output.stderr);
        bail!(
            "`{}` ended with {}: {}",
            shown(command),
            output.status,
            talk.trim()
        );
    }
    Ok(output.stdout)
}

/// What cargo knows of the workspace, without the packages it depends on.
pub(crate) fn metadata() -> Result<serde_json::Value> {
    let args = ["metadata", "--format-version", "1", "--no-deps"];
    let bytes = output(cargo().args(args))?;
    serde_json::from_slice(&bytes).context("cannot read the answer of `cargo metadata`")
}

/// Where cargo builds, which an environment variable may have moved.
pub(crate) fn target_dir() -> Result<PathBuf> {
    let metadata = metadata()?;
    let text = metadata["target_directory"].as_str();
    Ok(text
        .context("`cargo metadata` names no target directory")?
        .into())
}

/// Builds `bottega` in release and returns the path of the binary.
pub(crate) fn build_bottega() -> Result<PathBuf> {
    run(cargo().args(["build", "--release", "-p", "bottega"]))?;
    let name = format!("bottega{}", std::env::consts::EXE_SUFFIX);
    Ok(target_dir()?.join("release").join(name))
}

fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let name = program.file_name().unwrap_or(program.as_os_str());
    let words: Vec<_> = std::iter::once(name)
        .chain(command.get_args())
        .map(OsStr::to_string_lossy)
        .collect();
    words.join(" ")
}
