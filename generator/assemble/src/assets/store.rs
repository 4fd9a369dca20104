//! All asset packs in use, and what they hold.

use std::{
    borrow::Cow,
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
};

use bottega_people::{BodyModel, body::SECTIONS};
use bottega_schemas::params::LightingKind;
use rayon::prelude::*;

use super::{
    environment::EnvironmentMap,
    error::AssetError,
    pack::{AssetEntry, AssetKind, Pack},
};

/// The pack inside the binary.
pub(super) static CORE_PACK: &[u8] = include_bytes!(concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../scenes/assets/bottega-core.btpk"
));

/// Name under which errors and lists show the pack inside the binary.
const CORE_PATH: &str = "(embedded)";
const ENVIRONMENT_PREFIX: &str = "environment/";

/// The embedded pack and those added to it; an asset of a later pack replaces one of that name.
#[derive(Debug)]
pub struct AssetStore {
    packs: Vec<Pack>,
    /// Name -> (pack, entry) that is in force.
    assets: BTreeMap<String, (usize, usize)>,
    body_model: OnceLock<Arc<BodyModel>>,
}

/// One asset that is in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AssetInfo {
    /// Its line in the table of its pack.
    pub entry: AssetEntry,
    /// Name of its pack.
    pub pack: String,
    /// File of its pack.
    pub path: PathBuf,
}

/// Something wrong with an asset.
#[derive(Debug)]
pub struct AssetFinding {
    /// Name of the asset.
    pub name: String,
    /// What is wrong.
    pub error: AssetError,
}

impl AssetStore {
    /// The embedded pack alone.
    pub fn embedded() -> Result<Self, AssetError> {
        Self::open(&[])
    }

    /// The embedded pack and those at `paths`: files, or folders of `*.btpk` (by name).
    pub fn open(paths: &[PathBuf]) -> Result<Self, AssetError> {
        let core = Pack::parse(Cow::Borrowed(CORE_PACK), Path::new(CORE_PATH))?;
        let mut packs = vec![core];
        for path in paths {
            for file in pack_files(path)? {
                packs.push(Pack::open(&file)?);
            }
        }
        let mut assets = BTreeMap::new();
        for (pack_idx, pack) in packs.iter().enumerate() {
            for (entry_idx, entry) in pack.entries().iter().enumerate() {
                assets.insert(entry.name.clone(), (pack_idx, entry_idx));
            }
        }
        Ok(Self {
            packs,
            assets,
            body_model: OnceLock::new(),
        })
    }

    /// Every asset in force, by name.
    pub fn list(&self) -> Vec<AssetInfo> {
        self.in_force()
            .map(|(pack, entry)| AssetInfo {
                entry: entry.clone(),
                pack: pack.name().to_owned(),
                path: pack.path().to_owned(),
            })
            .collect()
    }

    /// Reads and decodes every asset in force; empty when all is well.
    pub fn verify(&self) -> Vec<AssetFinding> {
        let assets: Vec<_> = self.in_force().collect();
        let mut findings: Vec<AssetFinding> = assets
            .into_par_iter()
            .filter_map(|(pack, entry)| {
                let result = match entry.kind {
                    AssetKind::Human => pack.read(entry).map(drop),
                    AssetKind::Environment => decode_environment(pack, entry).map(drop),
                };
                let name = entry.name.clone();
                result.err().map(|error| AssetFinding { name, error })
            })
            .collect();
        if findings.iter().all(|f| !f.name.starts_with("human/"))
            && let Err(error) = self.body_model()
        {
            let name = "human".to_owned();
            findings.push(AssetFinding { name, error });
        }
        findings
    }

    /// Unpacked bytes of an asset.
    pub fn read(&self, name: &str) -> Result<Vec<u8>, AssetError> {
        let (pack, entry) = self.find(name)?;
        pack.read(entry)
    }

    /// The human model, decoded at the first call.
    pub fn body_model(&self) -> Result<Arc<BodyModel>, AssetError> {
        if let Some(model) = self.body_model.get() {
            return Ok(Arc::clone(model));
        }
        let sections: BTreeMap<String, Vec<u8>> = SECTIONS
            .par_iter()
            .map(|&name| Ok((name.to_owned(), self.read(name)?)))
            .collect::<Result<_, AssetError>>()?;
        let model = BodyModel::decode(&sections).map_err(|source| AssetError::Human { source })?;
        Ok(Arc::clone(self.body_model.get_or_init(|| Arc::new(model))))
    }

    /// Names (without folder) and kinds of all environments, by name.
    pub fn environments(&self) -> Vec<(String, LightingKind)> {
        self.in_force()
            .filter(|(_, entry)| entry.kind == AssetKind::Environment)
            .map(|(_, entry)| (short_name(entry).to_owned(), lighting(entry)))
            .collect()
    }

    /// The environment called `name` (without folder).
    pub fn environment(&self, name: &str) -> Result<EnvironmentMap, AssetError> {
        let (pack, entry) = self.find(&format!("{ENVIRONMENT_PREFIX}{name}"))?;
        decode_environment(pack, entry)
    }

    fn in_force(&self) -> impl Iterator<Item = (&Pack, &AssetEntry)> {
        self.assets.values().map(|&(pack_idx, entry_idx)| {
            let pack = &self.packs[pack_idx];
            (pack, &pack.entries()[entry_idx])
        })
    }

    fn find(&self, name: &str) -> Result<(&Pack, &AssetEntry), AssetError> {
        let missing = || AssetError::Missing {
            name: name.to_owned(),
        };
        let &(pack_idx, entry_idx) = self.assets.get(name).ok_or_else(missing)?;
        let pack = &self.packs[pack_idx];
        Ok((pack, &pack.entries()[entry_idx]))
    }
}

fn short_name(entry: &AssetEntry) -> &str {
    entry
        .name
        .strip_prefix(ENVIRONMENT_PREFIX)
        .unwrap_or(&entry.name)
}

fn lighting(entry: &AssetEntry) -> LightingKind {
    entry.lighting.unwrap_or(LightingKind::Outdoor)
}

fn decode_environment(pack: &Pack, entry: &AssetEntry) -> Result<EnvironmentMap, AssetError> {
    let malformed = |found: String| AssetError::Malformed {
        path: pack.path().to_owned(),
        part: format!("{:?}", entry.name),
        found: found.into(),
    };
    let file = pack.read(entry)?;
    let map =
        EnvironmentMap::decode(short_name(entry), lighting(entry), &file).map_err(malformed)?;
    if let Some(expected) = &entry.decoded_blake3
        && map.texel_blake3() != *expected
    {
        return Err(malformed(
            "its texels decode differently here than where it was packed, so pictures would \
             differ too"
                .to_owned(),
        ));
    }
    Ok(map)
}

/// The pack files that a path names.
fn pack_files(path: &Path) -> Result<Vec<PathBuf>, AssetError> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let io = |source| AssetError::Io {
        action: "list the asset folder",
        path: path.to_owned(),
        source,
    };
    let mut files = Vec::new();
    for entry in std::fs::read_dir(path).map_err(io)? {
        let file = entry.map_err(io)?.path();
        if file
            .extension()
            .is_some_and(|extension| extension == "btpk")
        {
            files.push(file);
        }
    }
    files.sort();
    if files.is_empty() {
        return Err(AssetError::EmptyFolder {
            path: path.to_owned(),
        });
    }
    Ok(files)
}
