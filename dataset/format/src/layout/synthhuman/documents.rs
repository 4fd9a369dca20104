//! The card and the list of licences of an imported dataset: what the files tell of themselves, which
//! is little.

use std::path::PathBuf;

use serde_json::json;

use bottega_schemas::Manifest;

use crate::card::{CardTexts, card};
use crate::dataset::Documents;

/// The documents of a dataset that was imported from `sources`.
pub(super) fn documents(manifest: &Manifest, sources: &[PathBuf]) -> Documents {
    let license = |path: &PathBuf| {
        json!({
            "name": path.file_name().unwrap_or_default().to_string_lossy(),
            "license": manifest.plan.license,
            "origin": "files of the SynthHuman layout",
        })
    };
    let licenses: Vec<serde_json::Value> = sources.iter().map(license).collect();
    let licenses = serde_json::to_string_pretty(&licenses).expect("names are plain text");
    Documents {
        card: card(manifest, &card_texts()),
        asset_licenses_json: licenses + "\n",
    }
}

fn card_texts() -> CardTexts {
    CardTexts {
        about: "Imported from files of the SynthHuman layout by `bottega import`; `dataset.toml` \
                names them."
            .into(),
        motivation: "Not told by the files; ask whoever made them.".into(),
        people: "Whether the people shown exist is not told by the files.\n\
                 Labels of people, light, pose and landmarks are null: the files do not tell them."
            .into(),
        collection: "Not told by the files.\n\
                     `source_name` and `source_index` say where each sample was found."
            .into(),
        preprocessing: "Depth in centimetres became metres; 65504 and more, 0 and less, and what \
                        is no number became `+inf`.\n\
                        Normals were turned to the axes above and made unit vectors where they \
                        were none; where alpha is 0, depth and normals were cleared.\n\
                        8-bit PNG files kept their bytes."
            .into(),
        limits:
            "Whether hair normals are those of fibres or of a proxy, and where the centre of a \
                 pixel lies, is not told by the files."
                .into(),
    }
}
