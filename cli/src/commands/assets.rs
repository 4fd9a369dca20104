//! `bottega assets`: what the packs hold, under which licence, and whether it is whole.

use anyhow::Result;
use serde::Serialize;

use bottega_assemble::assets::{AssetInfo, AssetKind, AssetStore};

use crate::commands::Outcome;
use crate::failure::Advise as _;
use crate::global::GlobalArgs;
use crate::output;

/// What to do with the assets.
#[derive(Debug, clap::Args)]
pub(crate) struct AssetsArgs {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// List every asset with its licence, origin and hash
    List {
        /// Write JSON for machines
        #[arg(long)]
        json: bool,
    },
    /// Read and decode every asset, and compare it with its hash
    Verify,
}

/// One asset as JSON.
#[derive(Debug, Serialize)]
struct Line<'a> {
    name: &'a str,
    kind: AssetKind,
    licence: &'a str,
    package: &'a str,
    package_version: &'a str,
    files: &'a str,
    stored_bytes: u64,
    unpacked_bytes: u64,
    blake3: &'a str,
    pack: &'a str,
}

/// Lists or verifies the assets.
pub(crate) fn run(args: &AssetsArgs, global: &GlobalArgs) -> Result<Outcome> {
    let store = open(global)?;
    match args.action {
        Action::List { json } => list(&store.list(), json),
        Action::Verify => verify(&store),
    }
}

/// The packs that the options name, on top of the embedded one.
pub(crate) fn open(global: &GlobalArgs) -> Result<AssetStore> {
    let paths = global.asset_paths();
    AssetStore::open(&paths).advise(|| {
        if paths.is_empty() {
            "the program itself is damaged; copy or build it again".to_owned()
        } else {
            "leave out --assets and BOTTEGA_ASSETS to use the embedded pack alone".to_owned()
        }
    })
}

fn list(assets: &[AssetInfo], json: bool) -> Result<Outcome> {
    let lines: Vec<Line<'_>> = assets.iter().map(line).collect();
    if json {
        output::print_json(&lines)?;
        return Ok(Outcome::Done);
    }
    let mut text = String::new();
    for line in &lines {
        let origin = format!("{} {}", line.package, line.package_version);
        text += &format!(
            "{:<32} {:<8} {:<28} {:>9} bytes  {}\n",
            line.name,
            line.licence,
            origin.trim_end(),
            line.stored_bytes,
            &line.blake3[..line.blake3.len().min(16)],
        );
    }
    let bytes: u64 = lines.iter().map(|line| line.stored_bytes).sum();
    text += &format!("{} assets, {:.1} MB\n", lines.len(), bytes as f64 / 1e6);
    output::print(&text)?;
    Ok(Outcome::Done)
}

fn line(asset: &AssetInfo) -> Line<'_> {
    let entry = &asset.entry;
    Line {
        name: &entry.name,
        kind: entry.kind,
        licence: &entry.licence,
        package: &entry.origin.package,
        package_version: &entry.origin.version,
        files: &entry.origin.files,
        stored_bytes: entry.stored_bytes,
        unpacked_bytes: entry.unpacked_bytes,
        blake3: &entry.blake3,
        pack: &asset.pack,
    }
}

fn verify(store: &AssetStore) -> Result<Outcome> {
    let findings = store.verify();
    let mut text = String::new();
    for finding in &findings {
        let cause = std::error::Error::source(&finding.error);
        let cause = cause.map_or_else(String::new, |cause| format!(": {cause}"));
        text += &format!("{}: {}{cause}\n", finding.name, finding.error);
    }
    output::print(&text)?;
    let n_assets = store.list().len();
    if findings.is_empty() {
        eprintln!("{n_assets} assets are whole");
        Ok(Outcome::Done)
    } else {
        eprintln!("{} findings in {n_assets} assets", findings.len());
        Ok(Outcome::Found)
    }
}
