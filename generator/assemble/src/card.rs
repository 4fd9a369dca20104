//! Texts that travel with a dataset: the card and the list of licences.

use bottega_format::Documents;
use bottega_format::card::front_matter;
use bottega_schemas::{DatasetPlan, Manifest};
use serde::Serialize;

use crate::assets::AssetStore;

/// One asset in `asset_licenses.json`.
#[derive(Serialize)]
struct LicensedAsset<'a> {
    name: &'a str,
    license: &'a str,
    origin: &'a crate::assets::Origin,
    blake3: &'a str,
}

/// The card and the licence list of a dataset made with these assets.
pub(crate) fn documents(manifest: &Manifest, assets: &AssetStore) -> Documents {
    let list = assets.list();
    let licensed: Vec<LicensedAsset<'_>> = list
        .iter()
        .map(|info| LicensedAsset {
            name: &info.entry.name,
            license: &info.entry.licence,
            origin: &info.entry.origin,
            blake3: &info.entry.blake3,
        })
        .collect();
    let mut json =
        serde_json::to_string_pretty(&licensed).expect("names, licences and hashes are plain text");
    json.push('\n');
    let card = front_matter(manifest) + &card(&manifest.plan);
    Documents {
        card,
        asset_licenses_json: json,
    }
}

/// Hash of the assets that pictures depend on: names and contents, nothing else.
pub(crate) fn assets_hash(assets: &AssetStore) -> String {
    let mut hasher = blake3::Hasher::new();
    for info in assets.list() {
        hasher.update(info.entry.name.as_bytes());
        hasher.update(&[0]);
        hasher.update(info.entry.blake3.as_bytes());
        hasher.update(&[0]);
    }
    hasher.finalize().to_hex().to_string()
}

fn card(plan: &DatasetPlan) -> String {
    let DatasetPlan {
        dataset,
        renderer_version,
        schema_version,
        ..
    } = plan;
    format!(
        "
# {dataset}

Pictures of people who do not exist, with exact depth, normals and soft alpha.
Made by bottega {renderer_version}; columns of schema {schema_version}.

## What is in a row

* `image` (PNG, sRGB) and `alpha` (PNG, coverage of the person with everything worn).
* `depth_exr`: distance along the optical axis in metres, channel `Y`, float; +inf is no surface.
* `normal_exr`: unit normals in camera space (+X right, +Y up, +Z toward the camera), half floats, R,G,B = X,Y,Z; zero is no surface.
* Depth and normal are those of the first surface that the ray through the pixel's centre meets; alpha is the share of the pixel that the person covers.
* Hair normals are fibre normals.
* Every number that was sampled is a column; `scene_json` holds all of them and renders the sample again.

## What the labels mean

Age, presentation, skin tone and the like are those of the sampled model, not of a real person.
`skin_tone_mst` is the Monk tone that was drawn; `skin_ita_deg` is the typology angle of the albedo, not of lit pixels.

## Provenance

The recipe is `dataset.toml`; assets and their licences are listed in `asset_licenses.json`; hashes of every file are in `manifest.json` and `checksums.sha256`.
Body poses are drawn from a prior fitted to the CMU Graphics Lab Motion Capture Database (mocap.cs.cmu.edu), created with funding from NSF EIA-0196217.
"
    )
}
