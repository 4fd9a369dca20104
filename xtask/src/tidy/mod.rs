//! `cargo xtask tidy`: the rules of the house that no compiler checks.
//!
//! Every rule reads the files that git tracks, or would track, and reports all it finds; one
//! finding fails the task.

mod files;
mod imports;
mod markdown;
mod recipes;
mod words;

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use crate::run;

/// A text file of the tree.
pub(super) struct SourceFile {
    /// Path from the root, with forward slashes.
    pub(super) path: String,
    /// What it holds.
    pub(super) text: String,
}

/// Checks every rule.
pub(crate) fn run() -> Result<()> {
    let files = source_files()?;
    let metadata = run::metadata()?;
    let mut findings = Vec::new();
    imports::check(&metadata, &mut findings)?;
    files::check(&files, &mut findings);
    markdown::check(&files, run::root(), &mut findings);
    words::check(&files, &mut findings);
    recipes::check(&files, &mut findings);
    for finding in &findings {
        eprintln!("tidy: {finding}");
    }
    if !findings.is_empty() {
        bail!("{} findings of tidy", findings.len());
    }
    eprintln!("tidy: {} files follow the rules", files.len());
    Ok(())
}

/// The text files git tracks or would track, sorted by path.
fn source_files() -> Result<Vec<SourceFile>> {
    let args = [
        "ls-files",
        "-z",
        "--cached",
        "--others",
        "--exclude-standard",
    ];
    let listing = run::output(Command::new("git").current_dir(run::root()).args(args))
        .context("cannot list the files of the tree")?;
    let mut paths: Vec<&str> = listing
        .split(|&byte| byte == 0)
        .filter_map(|path| std::str::from_utf8(path).ok())
        .filter(|path| !path.is_empty())
        .collect();
    paths.sort_unstable();
    let mut files = Vec::new();
    for path in paths {
        let absolute: PathBuf = run::root().join(path);
        // A file deleted but not yet committed is listed; a binary file is no text.
        let Ok(bytes) = fs::read(&absolute) else {
            continue;
        };
        let Ok(text) = String::from_utf8(bytes) else {
            continue;
        };
        files.push(SourceFile {
            path: path.to_owned(),
            text,
        });
    }
    Ok(files)
}
