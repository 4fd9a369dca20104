//! The environments of light.

use std::path::Path;

use anyhow::{Context as _, Result};
use bottega_assemble::assets::{AssetKind, Codec, EnvironmentMap, PackBuilder};
use bottega_schemas::params::LightingKind::{self, Indoor, LowLight, Outdoor, Studio};

use crate::{base64, provenance::Packages};

/// Pictures of 1024 x 512 texels.
const LARGE: [(&str, LightingKind); 8] = [
    ("city", Outdoor),
    ("courtyard", Outdoor),
    ("forest", Outdoor),
    ("interior", Indoor),
    ("night", LowLight),
    ("studio", Studio),
    ("sunrise", Outdoor),
    ("sunset", Outdoor),
];

/// Pictures of 512 x 256 texels.
const SMALL: [(&str, LightingKind); 18] = [
    ("apartment", Indoor),
    ("bridge", Outdoor),
    ("city", Outdoor),
    ("dawn", Outdoor),
    ("esplanade", Indoor),
    ("forest", Outdoor),
    ("hall", Indoor),
    ("lab", Indoor),
    ("lobby", Indoor),
    ("night", LowLight),
    ("park", Outdoor),
    ("sky", Outdoor),
    ("studio", Studio),
    ("sunrise", Outdoor),
    ("sunset", Outdoor),
    ("venice", Outdoor),
    ("warehouse", Indoor),
    ("workshop", Indoor),
];

pub(crate) fn add(pack: &mut PackBuilder, packages: &Packages, raw: &Path) -> Result<()> {
    for (place, kind) in LARGE {
        let file = format!("usr/share/blender/datafiles/studiolights/world/{place}.exr");
        let path = raw.join("blender-data").join(&file);
        let picture =
            std::fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let name = format!("{place}_1k");
        add_one(
            pack,
            packages,
            &name,
            kind,
            ("blender-data", &file),
            &picture,
        )?;
    }
    for (place, kind) in SMALL {
        let file = format!("package/hdri/{place}.exr.js");
        let path = raw.join("pmndrs-assets").join(&file);
        let module = std::fs::read_to_string(&path)
            .with_context(|| format!("cannot read {}", path.display()))?;
        let uri = module
            .split_once("base64,")
            .and_then(|(_, tail)| tail.split(['\'', '"', '`']).next())
            .with_context(|| format!("no data URI in {}", path.display()))?;
        let picture = base64::decode(uri)?;
        let name = format!("{place}_512");
        add_one(
            pack,
            packages,
            &name,
            kind,
            ("@pmndrs/assets", &file),
            &picture,
        )?;
    }
    Ok(())
}

fn add_one(
    pack: &mut PackBuilder,
    packages: &Packages,
    name: &str,
    kind: LightingKind,
    (package, file): (&str, &str),
    picture: &[u8],
) -> Result<()> {
    let map = EnvironmentMap::decode(name, kind, picture)
        .map_err(|found| anyhow::anyhow!("cannot decode {file}: {found}"))?;
    let mut entry = packages.entry(&format!("environment/{name}"), package, file)?;
    entry.kind = AssetKind::Environment;
    entry.lighting = Some(kind);
    entry.codec = Codec::Stored;
    entry.decoded_blake3 = Some(map.texel_blake3());
    Ok(pack.add(entry, picture)?)
}
