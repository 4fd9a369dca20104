//! Texts that travel with a dataset: the card and the list of licences.

use bottega_format::Documents;
use bottega_format::card::{CardTexts, card};
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
    Documents {
        card: card(manifest, &texts(&manifest.plan)),
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

fn texts(plan: &DatasetPlan) -> CardTexts {
    let hair = match plan.notes.get("hair_normals").map(String::as_str) {
        Some("proxy") => "Hair normals are those of a smooth proxy around the strands.",
        _ => "Hair normals are fibre normals, which change from pixel to pixel.",
    };
    CardTexts {
        about: "Pictures of people who do not exist, with exact depth, normals and soft alpha."
            .into(),
        motivation: "Exact truth for every pixel, which no camera gives, of people of all \
                     ages, skin tones, builds and hair as a recipe shares them out, without \
                     anyone's likeness."
            .into(),
        people: "Nobody shown exists: every person is drawn from distributions, adults only.\n\
                 Age, presentation, skin tone and the like are those of the sampled model, not of \
                 a real person.\n\
                 `skin_tone_mst` is the Monk tone that was drawn; `skin_ita_deg` is the typology \
                 angle of the albedo, not of lit pixels."
            .into(),
        collection: format!(
            "Made by {}: numbers are drawn, become geometry and light, and are path \
             traced.\n\
             Depth and normal are those of the first surface that the ray through the pixel's \
             centre meets; alpha is the share of the pixel that the person covers.\n\
             Every number that was sampled is a column; `scene_json` holds all of them and renders \
             the sample again.\n\
             Body poses are drawn from a prior fitted to the CMU Graphics Lab Motion Capture \
             Database (mocap.cs.cmu.edu), created with funding from NSF EIA-0196217.",
            plan.renderer_version
        ),
        preprocessing: "Pictures are exposed, given the noise of a sensor where a sample has one, \
                        and shown by a tone curve; `denoised` and `denoiser` say where noise of \
                        the renderer was taken out.\n\
                        Depth, normals and alpha are never filtered."
            .into(),
        limits: format!(
            "{hair}\n\
             At partly covered pixels depth and normal are those of one surface, not of a \
             mixture.\n\
             Seats, ground and backgrounds have no depth; there is one person a picture, and no \
             lens distortion.\n\
             Joints and landmarks are points of the model, placed by its rule and not by annotators; a \
             joint counts as in sight when what is seen on the way to it is its own limb.\n\
             The shares of groups are those of the recipe, not of any population."
        ),
    }
}
