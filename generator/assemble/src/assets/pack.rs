//! One asset pack: a header, a table in JSON and the assets one after the other.
//!
//! ```text
//! 0   8  magic "BTPK\r\n\x1a\n" (a transfer as text would break it)
//! 8   4  format version, u32
//! 12  4  zero
//! 16  8  length of the table, u64
//! 24  8  length of the whole file, u64
//! 32 32  BLAKE3 of the table
//! 64     table, then the assets at their offsets from its end
//! ```
//! Integers are little-endian. The table names the BLAKE3 of each asset as stored, so that every
//! byte of a pack is under a checksum. The same assets in the same order make the same bytes.

use std::{borrow::Cow, collections::BTreeSet, path::Path, path::PathBuf};

use bottega_schemas::params::LightingKind;
use serde::{Deserialize, Serialize};

use super::error::AssetError;

/// Version of the format that this program writes and reads.
pub const PACK_VERSION: u32 = 1;

const MAGIC: &[u8; 8] = b"BTPK\r\n\x1a\n";
const HEADER_BYTES: usize = 64;
/// Upper bound on what one asset may unpack to, against packs made to exhaust memory.
const MAX_ASSET_BYTES: u64 = 1 << 30;
const ZSTD_LEVEL: i32 = 19;
/// Twins among the targets lie further apart than the default window of the level.
const ZSTD_WINDOW_LOG: u32 = 25;

/// What an asset is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AssetKind {
    /// A section of the human model.
    Human,
    /// An environment of light, an OpenEXR picture in equirectangular projection.
    Environment,
}

/// How an asset is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Codec {
    /// As it is; it is compressed already.
    Stored,
    /// One zstd frame.
    Zstd,
}

/// Where an asset comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Origin {
    /// Package it was taken from, or this project.
    pub package: String,
    /// Version of the package.
    pub version: String,
    /// Files in the package.
    pub files: String,
}

/// One line of a pack's table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AssetEntry {
    /// Name, unique in the pack: `human/rig`, `environment/forest_1k`.
    pub name: String,
    /// What it is for.
    pub kind: AssetKind,
    /// Kind of light, of an environment.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub lighting: Option<LightingKind>,
    /// Licence, as SPDX identifier.
    pub licence: String,
    /// Where it comes from.
    pub origin: Origin,
    /// How it is stored.
    pub codec: Codec,
    /// Offset from the end of the table.
    pub offset_bytes: u64,
    /// Size in the pack.
    pub stored_bytes: u64,
    /// Size when unpacked.
    pub unpacked_bytes: u64,
    /// BLAKE3 of the stored bytes, in hexadecimal.
    pub blake3: String,
    /// BLAKE3 of an environment's texels after decoding, in hexadecimal: pictures must not depend
    /// on the machine that decodes it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub decoded_blake3: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    name: String,
    entries: Vec<AssetEntry>,
}

/// An asset pack in memory; its table is checked, its assets are checked when read.
#[derive(Clone, Debug)]
pub struct Pack {
    name: String,
    path: PathBuf,
    entries: Vec<AssetEntry>,
    bytes: Cow<'static, [u8]>,
    first_asset: usize,
}

impl Pack {
    /// Reads a pack from a file.
    pub fn open(path: &Path) -> Result<Self, AssetError> {
        let bytes = std::fs::read(path).map_err(|source| AssetError::Io {
            action: "read the asset pack",
            path: path.to_owned(),
            source,
        })?;
        Self::parse(bytes.into(), path)
    }

    /// Takes a pack from memory; `path` is named in errors.
    pub fn parse(bytes: Cow<'static, [u8]>, path: &Path) -> Result<Self, AssetError> {
        let path = path.to_owned();
        let n = bytes.len().min(MAGIC.len());
        if bytes[..n] != MAGIC[..n] || bytes.is_empty() {
            return Err(AssetError::Foreign { path });
        }
        let found = bytes.len() as u64;
        if bytes.len() < HEADER_BYTES {
            let expected = HEADER_BYTES as u64;
            return Err(AssetError::Length {
                path,
                found,
                expected,
            });
        }
        let version = u32::from_le_bytes(array(&bytes[8..12]));
        if version != PACK_VERSION {
            return Err(AssetError::Version {
                path,
                found: version,
                expected: PACK_VERSION,
                advice: if version < PACK_VERSION {
                    "rebuild the pack"
                } else {
                    "use a newer program"
                },
            });
        }
        let table_bytes = u64::from_le_bytes(array(&bytes[16..24]));
        let expected = u64::from_le_bytes(array(&bytes[24..32]));
        let reserved_is_zero = bytes[12..16] == [0; 4];
        if found != expected {
            return Err(AssetError::Length {
                path,
                found,
                expected,
            });
        }
        let first_asset = (HEADER_BYTES as u64).saturating_add(table_bytes);
        let corrupt = |part: &str| AssetError::Corrupt {
            path: path.clone(),
            part: part.to_owned(),
        };
        if found < first_asset || !reserved_is_zero {
            return Err(corrupt("the header"));
        }
        let table = &bytes[HEADER_BYTES..first_asset as usize];
        if blake3::hash(table).as_bytes()[..] != bytes[32..64] {
            return Err(corrupt("the table"));
        }
        let malformed = |found: String| AssetError::Malformed {
            path: path.clone(),
            part: "the table".to_owned(),
            found: found.into(),
        };
        let table: Table =
            serde_json::from_slice(table).map_err(|error| malformed(error.to_string()))?;
        let mut names = BTreeSet::new();
        let mut end = 0;
        for entry in &table.entries {
            if entry.offset_bytes != end || MAX_ASSET_BYTES < entry.unpacked_bytes {
                return Err(malformed(format!("the place of {:?} is wrong", entry.name)));
            }
            end = entry.offset_bytes.saturating_add(entry.stored_bytes);
            if !names.insert(&entry.name) {
                return Err(malformed(format!("{:?} occurs twice", entry.name)));
            }
        }
        if first_asset.saturating_add(end) != found {
            return Err(malformed("its assets do not fill the file".to_owned()));
        }
        Ok(Self {
            name: table.name,
            entries: table.entries,
            bytes,
            first_asset: first_asset as usize,
            path,
        })
    }

    /// Name of the pack.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// File it was read from.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Its table.
    pub fn entries(&self) -> &[AssetEntry] {
        &self.entries
    }

    /// The unpacked bytes of an entry of this pack, checked against its checksum.
    pub fn read(&self, entry: &AssetEntry) -> Result<Vec<u8>, AssetError> {
        let start = self.first_asset + entry.offset_bytes as usize;
        let stored = &self.bytes[start..start + entry.stored_bytes as usize];
        if blake3::hash(stored).to_hex().as_str() != entry.blake3 {
            return Err(AssetError::Corrupt {
                path: self.path.clone(),
                part: format!("{:?}", entry.name),
            });
        }
        let malformed = |found: String| AssetError::Malformed {
            path: self.path.clone(),
            part: format!("{:?}", entry.name),
            found: found.into(),
        };
        let unpacked = match entry.codec {
            Codec::Stored => stored.to_vec(),
            Codec::Zstd => unzip(stored, entry.unpacked_bytes as usize)
                .map_err(|error| malformed(error.to_string()))?,
        };
        if unpacked.len() as u64 != entry.unpacked_bytes {
            return Err(malformed(format!(
                "{} bytes where the table says {}",
                unpacked.len(),
                entry.unpacked_bytes
            )));
        }
        Ok(unpacked)
    }
}

/// Collects assets and writes a pack.
#[derive(Debug)]
pub struct PackBuilder {
    table: Table,
    assets: Vec<u8>,
}

impl PackBuilder {
    /// A pack without assets yet.
    pub fn new(name: &str) -> Self {
        Self {
            table: Table {
                name: name.to_owned(),
                entries: Vec::new(),
            },
            assets: Vec::new(),
        }
    }

    /// Adds an asset; offsets, sizes and checksum of `entry` are filled in here.
    pub fn add(&mut self, mut entry: AssetEntry, unpacked: &[u8]) -> std::io::Result<()> {
        let stored = match entry.codec {
            Codec::Stored => unpacked.to_vec(),
            Codec::Zstd => zip(unpacked)?,
        };
        entry.offset_bytes = self.assets.len() as u64;
        entry.stored_bytes = stored.len() as u64;
        entry.unpacked_bytes = unpacked.len() as u64;
        entry.blake3 = blake3::hash(&stored).to_hex().to_string();
        self.assets.extend_from_slice(&stored);
        self.table.entries.push(entry);
        Ok(())
    }

    /// The bytes of the pack.
    pub fn finish(&self) -> Vec<u8> {
        let table = serde_json::to_vec(&self.table).expect("a table is plain text and numbers");
        let length = HEADER_BYTES + table.len() + self.assets.len();
        let mut bytes = Vec::with_capacity(length);
        bytes.extend_from_slice(MAGIC);
        bytes.extend_from_slice(&PACK_VERSION.to_le_bytes());
        bytes.extend_from_slice(&[0; 4]);
        bytes.extend_from_slice(&(table.len() as u64).to_le_bytes());
        bytes.extend_from_slice(&(length as u64).to_le_bytes());
        bytes.extend_from_slice(blake3::hash(&table).as_bytes());
        bytes.extend_from_slice(&table);
        bytes.extend_from_slice(&self.assets);
        bytes
    }
}

fn zip(unpacked: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut compressor = zstd::bulk::Compressor::new(ZSTD_LEVEL)?;
    compressor.set_parameter(zstd::zstd_safe::CParameter::WindowLog(ZSTD_WINDOW_LOG))?;
    compressor.compress(unpacked)
}

fn unzip(stored: &[u8], unpacked_bytes: usize) -> std::io::Result<Vec<u8>> {
    let mut decompressor = zstd::bulk::Decompressor::new()?;
    decompressor.set_parameter(zstd::zstd_safe::DParameter::WindowLogMax(ZSTD_WINDOW_LOG))?;
    decompressor.decompress(stored, unpacked_bytes)
}

fn array<const N: usize>(bytes: &[u8]) -> [u8; N] {
    let mut array = [0; N];
    array.copy_from_slice(bytes);
    array
}
