//! The pinned packages, and the record of where each asset comes from.

use std::path::Path;

use anyhow::{Context as _, Result};
use bottega_assemble::assets::{AssetEntry, AssetKind, Codec, Origin, Pack};
use serde::{Deserialize, Serialize};

/// The list `packages.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Packages {
    #[serde(rename = "package")]
    packages: Vec<Package>,
}

/// One pinned package.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Package {
    name: String,
    version: String,
    client: String,
    archive: String,
    sha256: String,
    licence: String,
    licence_stated_in: String,
}

#[derive(Debug, Serialize)]
struct Provenance<'a> {
    pack: &'a str,
    blake3: String,
    package: &'a [Package],
    asset: Vec<Asset<'a>>,
}

#[derive(Debug, Serialize)]
struct Asset<'a> {
    name: &'a str,
    licence: &'a str,
    package: &'a str,
    version: &'a str,
    files: &'a str,
    blake3: &'a str,
}

impl Packages {
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("cannot read {}", path.display()))?;
        toml::from_str(&text).with_context(|| format!("cannot read {}", path.display()))
    }

    /// A table line for an asset made from `files` of the package called `package`.
    pub(crate) fn entry(&self, name: &str, package: &str, files: &str) -> Result<AssetEntry> {
        let package = self
            .packages
            .iter()
            .find(|candidate| candidate.name == package)
            .with_context(|| format!("packages.toml has no package {package:?}"))?;
        let origin = Origin {
            package: package.name.clone(),
            version: package.version.clone(),
            files: files.to_owned(),
        };
        Ok(entry(name, &package.licence, origin))
    }
}

/// A table line for an asset of this project.
pub(crate) fn own_entry(name: &str, licence: &str, files: &str) -> AssetEntry {
    let origin = Origin {
        package: "bottega".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        files: files.to_owned(),
    };
    entry(name, licence, origin)
}

fn entry(name: &str, licence: &str, origin: Origin) -> AssetEntry {
    AssetEntry {
        name: name.to_owned(),
        kind: AssetKind::Human,
        lighting: None,
        licence: licence.to_owned(),
        origin,
        codec: Codec::Zstd,
        offset_bytes: 0,
        stored_bytes: 0,
        unpacked_bytes: 0,
        blake3: String::new(),
        decoded_blake3: None,
    }
}

/// The file `PROVENANCE.toml` for the finished pack.
pub(crate) fn describe(packages: &Packages, pack: &[u8]) -> Result<String> {
    let parsed = Pack::parse(pack.to_vec().into(), Path::new("bottega-core.btpk"))?;
    let provenance = Provenance {
        pack: parsed.name(),
        blake3: blake3::hash(pack).to_hex().to_string(),
        package: &packages.packages,
        asset: parsed
            .entries()
            .iter()
            .map(|entry| Asset {
                name: &entry.name,
                licence: &entry.licence,
                package: &entry.origin.package,
                version: &entry.origin.version,
                files: &entry.origin.files,
                blake3: &entry.blake3,
            })
            .collect(),
    };
    let head = "# Where each asset of bottega-core.btpk comes from. Written by `cargo xtask \
                pack-assets`.\n\n";
    Ok(head.to_owned() + &toml::to_string(&provenance)?)
}
