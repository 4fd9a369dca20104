//! The human model of the committed asset pack, for the tests of this crate.
//!
//! Packs are read by `bottega_assemble`, which builds on this crate; these few lines read just
//! enough of one to test people alone.

use std::{collections::BTreeMap, path::Path, sync::OnceLock};

use super::model::BodyModel;

/// The model, read once.
pub(crate) fn model() -> &'static BodyModel {
    static MODEL: OnceLock<BodyModel> = OnceLock::new();
    MODEL.get_or_init(|| BodyModel::decode(&sections()).expect("the committed pack is sound"))
}

/// The sections of the human model.
pub(crate) fn sections() -> BTreeMap<String, Vec<u8>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenes/assets/bottega-core.btpk");
    let pack = std::fs::read(path).expect("the committed pack is there");
    let number = |at: usize| u64::from_le_bytes(pack[at..at + 8].try_into().unwrap()) as usize;
    let blobs = HEADER_BYTES + number(16);
    let table: serde_json::Value = serde_json::from_slice(&pack[HEADER_BYTES..blobs]).unwrap();
    let mut sections = BTreeMap::new();
    for entry in table["entries"].as_array().unwrap() {
        let name = entry["name"].as_str().unwrap();
        if !name.starts_with("human/") {
            continue;
        }
        let at = blobs + entry["offset_bytes"].as_u64().unwrap() as usize;
        let stored = &pack[at..at + entry["stored_bytes"].as_u64().unwrap() as usize];
        sections.insert(name.to_owned(), zstd::decode_all(stored).unwrap());
    }
    sections
}

const HEADER_BYTES: usize = 64;
