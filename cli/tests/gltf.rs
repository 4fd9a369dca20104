//! `bottega render X.gltf`: files of others become pictures, and broken ones an error.

mod common;

use std::fs;
use std::path::{Path, PathBuf};

use common::{bottega, run};

use serde_json::{Value, json};

/// Writes a card two metres wide that faces +Z, as `edit` changes it; the result is its path.
fn write_card(folder: &Path, edit: impl FnOnce(&mut Value)) -> PathBuf {
    let mut bytes: Vec<u8> = Vec::new();
    for [x, y] in [[-1.0_f32, -1.0], [1.0, -1.0], [1.0, 1.0], [-1.0, 1.0]] {
        bytes.extend([x, y, 0.0].map(f32::to_le_bytes).concat());
    }
    bytes.extend([0_u32, 1, 2, 0, 2, 3].map(u32::to_le_bytes).concat());
    fs::write(folder.join("card.bin"), &bytes).expect("there is room");
    let mut document = json!({
        "asset": { "version": "2.0" },
        "scene": 0,
        "scenes": [{ "nodes": [0, 1] }],
        "nodes": [{ "mesh": 0 }, { "name": "front", "camera": 0, "translation": [0, 0, 3] }],
        "cameras": [{ "type": "perspective",
                      "perspective": { "yfov": 0.5, "znear": 0.1, "aspectRatio": 1.5 } }],
        "materials": [{ "pbrMetallicRoughness": {
            "baseColorFactor": [0.8, 0.2, 0.1, 1], "metallicFactor": 0, "roughnessFactor": 0.6 } }],
        "meshes": [{ "primitives": [
            { "attributes": { "POSITION": 0 }, "indices": 1, "material": 0 },
        ] }],
        "accessors": [
            { "bufferView": 0, "componentType": 5126, "count": 4, "type": "VEC3",
              "min": [-1, -1, 0], "max": [1, 1, 0] },
            { "bufferView": 1, "componentType": 5125, "count": 6, "type": "SCALAR" },
        ],
        "bufferViews": [
            { "buffer": 0, "byteLength": 48 },
            { "buffer": 0, "byteOffset": 48, "byteLength": 24 },
        ],
        "buffers": [{ "byteLength": 72, "uri": "card.bin" }],
    });
    edit(&mut document);
    let path = folder.join("card.gltf");
    fs::write(&path, document.to_string()).expect("there is room");
    path
}

#[test]
fn a_file_is_rendered_with_all_planes_and_the_same_bytes_by_any_thread_count() {
    let folder = tempfile::tempdir().expect("there is room");
    let path = write_card(folder.path(), |_| {});
    let render = |threads: &str, seed: &str| {
        let out = folder.path().join("card.exr");
        let mut command = bottega();
        command.arg("render").arg(&path).arg("--out").arg(&out);
        command.args([
            "--camera", "front", "--size", "24x16", "--spp", "4", "--png",
        ]);
        command.args(["--quality", "draft", "--seed", seed, "--threads", threads]);
        run(&mut command).expect_done();
        let png = fs::read(out.with_extension("png")).expect("it was asked for");
        assert!(png.starts_with(b"\x89PNG"));
        (fs::read(&out).expect("it was written"), png)
    };
    let first = render("1", "5");
    assert!(first == render("3", "5"));
    assert!(first.0 != render("1", "6").0);
}

#[test]
fn light_comes_from_the_pack_or_from_a_file() {
    let folder = tempfile::tempdir().expect("there is room");
    let path = write_card(folder.path(), |_| {});
    // Even light of one half, as a Radiance picture.
    let mut sky = b"#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y 2 +X 4\n".to_vec();
    sky.extend([128_u8, 128, 128, 128].repeat(8));
    let file = folder.path().join("even.hdr");
    fs::write(&file, sky).expect("there is room");
    let out = folder.path().join("card.exr");
    let render = |light: &Path, spp: &str| {
        let mut command = bottega();
        command.arg("render").arg(&path).arg("--out").arg(&out);
        command.args([
            "--size",
            "12x8",
            "--spp",
            spp,
            "--ev100",
            "-1",
            "--environment",
        ]);
        run(command.arg(light))
    };
    render(&file, "4").expect_done();
    render(Path::new("nowhere"), "4").expect_error(&["nowhere", "hint"]);
    render(&folder.path().join("none.exr"), "4").expect_error(&["none.exr"]);
    fs::write(folder.path().join("bad.exr"), b"no picture").expect("there is room");
    render(&folder.path().join("bad.exr"), "4").expect_error(&["bad.exr"]);
}

#[test]
fn what_cannot_be_rendered_is_told_and_nothing_is_written() {
    type Edit = fn(&mut Value);
    let cases: [(Edit, &[&str]); 7] = [
        (
            |d| d["extensionsRequired"] = json!(["KHR_draco_mesh_compression"]),
            &["KHR_draco_mesh_compression"],
        ),
        (
            |d| d["buffers"][0]["uri"] = json!("elsewhere.bin"),
            &["card.gltf"],
        ),
        (
            |d| d["images"] = json!([{ "uri": "missing.png" }]),
            &["card.gltf"],
        ),
        (
            |d| d["nodes"][1]["translation"] = json!([0, 0, 1e39]),
            &["card.gltf"],
        ),
        (|d| d["accessors"][1]["count"] = json!(600), &["accessor 1"]),
        (|d| d["nodes"][0] = json!({}), &["no surface"]),
        (
            |d| d["materials"][0]["pbrMetallicRoughness"]["roughnessFactor"] = json!(7),
            &["roughness"],
        ),
    ];
    for (edit, words) in cases {
        let folder = tempfile::tempdir().expect("there is room");
        let path = write_card(folder.path(), edit);
        let out = folder.path().join("card.exr");
        let mut command = bottega();
        command.arg("render").arg(&path).arg("--out").arg(&out);
        run(command.args(["--size", "8x8", "--spp", "1"])).expect_error(words);
        assert!(!out.exists());
    }
    let folder = tempfile::tempdir().expect("there is room");
    let path = write_card(folder.path(), |_| {});
    let render = |path: &Path, options: &[&str]| {
        let mut command = bottega();
        command.arg("render").arg(path);
        command.arg("--out").arg(folder.path().join("x.exr"));
        run(command.args(options))
    };
    render(&path, &["--camera", "side"]).expect_error(&["\"side\"", "\"front\""]);
    render(&path, &["--size", "0x9"]).expect_error(&["pixels"]);
    render(&folder.path().join("none.glb"), &[]).expect_error(&["none.glb"]);
    fs::write(folder.path().join("junk.glb"), b"glTF no more").expect("there is room");
    render(&folder.path().join("junk.glb"), &[]).expect_error(&["junk.glb"]);
    fs::write(folder.path().join("scene.json"), b"{}").expect("there is room");
    render(&folder.path().join("scene.json"), &["--camera", "0"])
        .expect_error(&["--camera", "glTF"]);
}
