//! Packs that are whole, cut, changed, foreign, or of another version.

use std::path::{Path, PathBuf};

use bottega_schemas::Seed;

use super::*;

fn entry(name: &str) -> AssetEntry {
    AssetEntry {
        name: name.to_owned(),
        kind: AssetKind::Human,
        lighting: None,
        licence: "CC0-1.0".to_owned(),
        origin: Origin {
            package: "test".to_owned(),
            version: "1".to_owned(),
            files: "none".to_owned(),
        },
        codec: Codec::Zstd,
        offset_bytes: 0,
        stored_bytes: 0,
        unpacked_bytes: 0,
        blake3: String::new(),
        decoded_blake3: None,
    }
}

fn small_pack(name: &str, text: &str) -> Vec<u8> {
    let mut builder = PackBuilder::new("small");
    builder.add(entry(name), text.as_bytes()).unwrap();
    let mut stored = entry("other");
    stored.codec = Codec::Stored;
    builder.add(stored, b"as it is").unwrap();
    builder.finish()
}

/// Opens a pack and reads all of it.
fn read_all(bytes: Vec<u8>) -> Result<Vec<Vec<u8>>, AssetError> {
    let pack = Pack::parse(bytes.into(), Path::new("small.btpk"))?;
    pack.entries()
        .iter()
        .map(|entry| pack.read(entry))
        .collect()
}

#[test]
fn a_pack_gives_back_what_went_in() {
    let assets = read_all(small_pack("a", &"text ".repeat(100))).unwrap();
    assert_eq!(
        assets,
        ["text ".repeat(100).into_bytes(), b"as it is".to_vec()]
    );
    assert_eq!(small_pack("a", "b"), small_pack("a", "b"));
}

#[test]
fn a_foreign_file_is_named_as_such() {
    for bytes in [
        b"".to_vec(),
        b"PK\x03\x04 a zip file".to_vec(),
        vec![0; 4096],
    ] {
        let error = read_all(bytes).unwrap_err();
        assert!(matches!(error, AssetError::Foreign { .. }), "{error}");
        assert!(error.to_string().contains("small.btpk"));
    }
}

#[test]
fn a_pack_cut_anywhere_is_an_error() {
    let whole = small_pack("a", &"text ".repeat(100));
    for n in 1..whole.len() {
        let error = read_all(whole[..n].to_vec()).unwrap_err();
        let expected = if n < 8 { "found" } else { "promises" };
        let text = error.to_string();
        assert!(n < 8 || text.contains(expected), "{n}: {text}");
    }
    let mut longer = whole;
    longer.push(0);
    assert!(matches!(read_all(longer), Err(AssetError::Length { .. })));
}

#[test]
fn a_flipped_bit_anywhere_is_an_error() {
    let whole = small_pack("a", &"text ".repeat(100));
    for at in 0..whole.len() {
        let mut changed = whole.clone();
        changed[at] ^= 1 << (at % 8);
        assert!(read_all(changed).is_err(), "byte {at}");
    }
}

#[test]
fn a_flipped_bit_in_the_core_pack_names_its_asset() {
    let core = store::CORE_PACK;
    let sound = Pack::parse(core.into(), Path::new("core.btpk")).unwrap();
    let first_asset = core.len()
        - sound
            .entries()
            .iter()
            .map(|e| e.stored_bytes as usize)
            .sum::<usize>();
    for entry in sound.entries() {
        let u = Seed(0).child(&entry.name).unit_f64();
        let at =
            first_asset + entry.offset_bytes as usize + (u * entry.stored_bytes as f64) as usize;
        let mut changed = core.to_vec();
        changed[at] ^= 0x10;
        let pack = Pack::parse(changed.into(), Path::new("core.btpk")).unwrap();
        let error = pack.read(entry).unwrap_err().to_string();
        assert!(
            error.contains(&entry.name) && error.contains("checksum"),
            "{error}"
        );
    }
}

#[test]
fn other_versions_say_what_to_do() {
    for (version, advice) in [(0, "rebuild"), (PACK_VERSION + 1, "newer program")] {
        let mut bytes = small_pack("a", "b");
        bytes[8..12].copy_from_slice(&version.to_le_bytes());
        let error = read_all(bytes).unwrap_err();
        assert!(matches!(error, AssetError::Version { .. }), "{error}");
        assert!(error.to_string().contains(advice), "{error}");
    }
}

#[test]
fn the_embedded_pack_is_sound() {
    let store = AssetStore::embedded().unwrap();
    let findings = store.verify();
    assert!(findings.is_empty(), "{findings:?}");
    let environments = store.environments();
    assert_eq!(environments.len(), 26);
    for kind in ["Indoor", "Outdoor", "Studio", "LowLight"] {
        assert!(environments.iter().any(|(_, k)| format!("{k:?}") == kind));
    }
    for info in store.list() {
        assert_eq!(info.entry.licence, "CC0-1.0", "{}", info.entry.name);
        assert!(!info.entry.origin.package.is_empty() && !info.entry.origin.files.is_empty());
    }
    let map = store.environment("forest_1k").unwrap();
    assert_eq!((map.width, map.height), (1024, 512));
    assert!(
        map.radiance
            .iter()
            .all(|texel| texel.is_finite() && 0.0 <= texel.min_element())
    );
    assert!(matches!(
        store.environment("moon"),
        Err(AssetError::Missing { .. })
    ));
}

#[test]
fn later_packs_replace_assets_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("b.btpk");
    std::fs::write(folder.path().join("a.btpk"), small_pack("shared", "first")).unwrap();
    std::fs::write(&file, small_pack("shared", "second")).unwrap();
    std::fs::write(folder.path().join("notes.txt"), "not a pack").unwrap();
    let store = AssetStore::open(&[folder.path().to_owned()]).unwrap();
    assert_eq!(store.read("shared").unwrap(), b"second");
    assert_eq!(
        store.read("human/rig").unwrap(),
        AssetStore::embedded().unwrap().read("human/rig").unwrap()
    );
    let store = AssetStore::open(&[file, folder.path().join("a.btpk")]).unwrap();
    assert_eq!(store.read("shared").unwrap(), b"first");

    let broken = folder.path().join("human.btpk");
    std::fs::write(&broken, small_pack("human/rig", "not a rig")).unwrap();
    let store = AssetStore::open(&[broken]).unwrap();
    assert!(matches!(store.body_model(), Err(AssetError::Human { .. })));
    assert_eq!(store.verify().len(), 1);
}

#[test]
fn paths_without_packs_are_errors() {
    let folder = tempfile::tempdir().unwrap();
    let missing: PathBuf = folder.path().join("missing.btpk");
    let error = AssetStore::open(&[missing]).unwrap_err();
    assert!(matches!(error, AssetError::Io { .. }));
    let error = AssetStore::open(&[folder.path().to_owned()]).unwrap_err();
    assert!(matches!(error, AssetError::EmptyFolder { .. }));
}
