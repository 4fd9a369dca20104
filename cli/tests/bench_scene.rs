//! `bottega render --bench`: a folder of the exchange format becomes a picture and its price.

mod common;

use std::path::Path;

use common::{bottega, run};

use bottega_format::{Planes, write_planes};
use serde_json::json;

/// A grey card before an even white light: every pixel shows half of it.
fn write_card(folder: &Path) {
    let light = folder.join("light.exr");
    let planes = Planes {
        width: 8,
        height: 4,
        rgb_linear: vec![[1.0; 3]; 32],
        rgb8: vec![255; 96],
        alpha: vec![1.0; 32],
        depth_m: vec![1.0; 32],
        normal: vec![[0.0, 0.0, 1.0]; 32],
        ..Planes::default()
    };
    write_planes(&light, planes).expect("there is room");
    let corners = [[-9.0_f32, -9.0], [9.0, -9.0], [9.0, 9.0], [-9.0, 9.0]];
    let mut bytes: Vec<u8> = Vec::new();
    for [x, y] in corners {
        bytes.extend([x, y, 0.0].map(f32::to_le_bytes).concat());
    }
    bytes.extend([0_u32, 1, 2, 0, 2, 3].map(u32::to_le_bytes).concat());
    std::fs::write(folder.join("card.bin"), &bytes).expect("there is room");
    let document = json!({
        "asset": { "version": "2.0" },
        "scene": 0,
        "scenes": [{ "nodes": [0, 1] }],
        "nodes": [{ "mesh": 0 }, { "camera": 0, "translation": [0, 0, 2] }],
        "cameras": [{ "type": "perspective", "perspective": { "yfov": 0.8, "znear": 0.1 } }],
        "materials": [{ "name": "card" }],
        "meshes": [{ "primitives": [
            { "attributes": { "POSITION": 0 }, "indices": 1, "material": 0 },
        ] }],
        "accessors": [
            { "bufferView": 0, "componentType": 5126, "count": 4, "type": "VEC3",
              "min": [-9, -9, 0], "max": [9, 9, 0] },
            { "bufferView": 1, "componentType": 5125, "count": 6, "type": "SCALAR" },
        ],
        "bufferViews": [
            { "buffer": 0, "byteLength": 48 },
            { "buffer": 0, "byteOffset": 48, "byteLength": 24 },
        ],
        "buffers": [{ "byteLength": 72, "uri": "card.bin" }],
    });
    std::fs::write(folder.join("card.gltf"), document.to_string()).expect("there is room");
    let scene = json!({
        "version": 1,
        "mesh": "card.gltf",
        "image": { "width": 12, "height": 16 },
        "environment": { "file": "light.exr" },
        "materials": { "card": { "diffuse": { "base_color": [0.5, 0.5, 0.5] } } },
    });
    std::fs::write(folder.join("scene.json"), scene.to_string()).expect("there is room");
}

#[test]
fn a_bench_scene_is_rendered_and_its_price_printed() {
    let dir = tempfile::tempdir().expect("there is room");
    write_card(dir.path());
    let out = dir.path().join("card.exr");
    let render = |seed: &str| {
        let mut command = bottega();
        command.arg("render").arg("--bench").arg(dir.path());
        command.args(["--spp", "16", "--seed", seed, "--out"]);
        let run = run(command.arg(&out));
        let stdout = run.expect_done().stdout.clone();
        let report: serde_json::Value = serde_json::from_str(&stdout).expect("JSON alone");
        (report, std::fs::read(&out).expect("it was written"))
    };
    let (report, picture) = render("0");
    assert_eq!(
        (&report["spp"], &report["triangles"]),
        (&json!(16), &json!(2))
    );
    for number in [
        "cpu_s",
        "trace_cpu_s",
        "build_cpu_s",
        "relmse",
        "mrays_per_cpu_s",
    ] {
        let value = report[number].as_f64().unwrap_or(-1.0);
        assert!(0.0 <= value && value.is_finite(), "{number} in {report}");
    }
    assert!(
        picture.starts_with(&[0x76, 0x2f, 0x31, 0x01]),
        "it is an OpenEXR file"
    );
    assert!(
        picture == render("0").1,
        "the same seed gives the same bytes"
    );
    assert!(picture != render("7").1, "the seed is heard");
}

#[test]
fn a_folder_that_is_no_bench_scene_is_told() {
    let dir = tempfile::tempdir().expect("there is room");
    let render = || {
        let mut command = bottega();
        command.arg("render").arg("--bench").arg(dir.path());
        run(command.args(["--out", "/dev/null/x.exr"]))
    };
    render().expect_error(&["scene.json"]);
    write_card(dir.path());
    let path = dir.path().join("scene.json");
    let text = std::fs::read_to_string(&path).expect("it was written");
    std::fs::write(&path, text.replace("\"card\":", "\"cord\":")).expect("there is room");
    render().expect_error(&["\"card\"", "cord"]);
    run(bottega().args(["render", "--out", "x.exr"])).expect_error(&["SCENE.json"]);
}
