//! `cargo xtask schemas [--check]`: the JSON Schemas of what people write.
//!
//! The schemas come from the types themselves: an example of `bottega_schemas`, built with the
//! feature `json-schema`, writes them, so that this crate need not depend on the types.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, bail};

use crate::run::{cargo, root, run as run_command, target_dir};

/// How the schemas are handled.
#[derive(Debug, clap::Args)]
pub(crate) struct SchemasArgs {
    /// Write nothing; fail when a committed schema differs from the types
    #[arg(long)]
    check: bool,
}

/// Writes `schemas/json`, or compares it with what the types say.
pub(crate) fn run(args: &SchemasArgs) -> Result<()> {
    if args.check {
        check()
    } else {
        write(&root().join("schemas/json"))
    }
}

/// Fails when the committed schemas are not those of the types.
pub(crate) fn check() -> Result<()> {
    let fresh_dir = target_dir()?.join("schemas-check");
    if fresh_dir.exists() {
        fs::remove_dir_all(&fresh_dir)
            .with_context(|| format!("cannot empty {}", fresh_dir.display()))?;
    }
    write(&fresh_dir)?;
    let fresh = documents(&fresh_dir)?;
    let committed = documents(&root().join("schemas/json"))?;
    let names: Vec<&String> = fresh
        .keys()
        .chain(committed.keys().filter(|name| !fresh.contains_key(*name)))
        .filter(|name| fresh.get(*name) != committed.get(*name))
        .collect();
    if !names.is_empty() {
        bail!("schemas/json is not what the types say: {names:?}; run `cargo xtask schemas`");
    }
    eprintln!("schemas: {} documents are current", fresh.len());
    Ok(())
}

fn write(dir: &Path) -> Result<()> {
    fs::create_dir_all(dir).with_context(|| format!("cannot create {}", dir.display()))?;
    let args = ["run", "--release", "--quiet", "-p", "bottega_schemas"];
    let more = [
        "--features",
        "json-schema",
        "--example",
        "write_schemas",
        "--",
    ];
    run_command(cargo().args(args).args(more).arg(dir))
}

fn documents(dir: &Path) -> Result<BTreeMap<String, Vec<u8>>> {
    let mut documents = BTreeMap::new();
    let entries = fs::read_dir(dir).with_context(|| format!("cannot list {}", dir.display()))?;
    for entry in entries {
        let path = entry
            .with_context(|| format!("cannot list {}", dir.display()))?
            .path();
        if path.extension().is_some_and(|ext| ext == "json") {
            let name = path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            let bytes = fs::read(&path).with_context(|| format!("cannot read {name}"))?;
            documents.insert(name, bytes);
        }
    }
    Ok(documents)
}
