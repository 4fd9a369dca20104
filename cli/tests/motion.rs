//! `bottega render --motion-to`: the way of every point on the film to a second scene.

mod common;

use std::fs;
use std::path::{Path, PathBuf};

use bottega_format::{Planes, read_planes};
use bottega_schemas::Plane;
use common::{bottega, run};
use serde_json::{Value, json};

const WIDTH: usize = 24;
const HEIGHT: usize = 16;
const FOV_Y: f64 = 0.5;
/// Half the width of the card, and its distance to the camera, in metres.
const HALF_M: f32 = 0.8;
const DISTANCE_M: f64 = 3.0;

/// Writes a square card before a camera, as `edit` changes it.
fn write_card(folder: &Path, name: &str, edit: impl FnOnce(&mut Value)) -> PathBuf {
    let mut bytes: Vec<u8> = Vec::new();
    for [x, y] in [[-1.0_f32, -1.0], [1.0, -1.0], [1.0, 1.0], [-1.0, 1.0]] {
        bytes.extend([HALF_M * x, HALF_M * y, 0.0].map(f32::to_le_bytes).concat());
    }
    bytes.extend([0_u32, 1, 2, 0, 2, 3].map(u32::to_le_bytes).concat());
    fs::write(folder.join("card.bin"), &bytes).expect("there is room");
    let mut document = json!({
        "asset": { "version": "2.0" },
        "scene": 0,
        "scenes": [{ "nodes": [0, 1] }],
        "nodes": [{ "mesh": 0 }, { "camera": 0, "translation": [0, 0, DISTANCE_M] }],
        "cameras": [{ "type": "perspective",
                      "perspective": { "yfov": FOV_Y, "znear": 0.1, "aspectRatio": 1.5 } }],
        "materials": [{ "name": "card" }],
        "meshes": [{ "primitives": [
            { "attributes": { "POSITION": 0 }, "indices": 1, "material": 0 },
        ] }],
        "accessors": [
            { "bufferView": 0, "componentType": 5126, "count": 4, "type": "VEC3",
              "min": [-HALF_M, -HALF_M, 0], "max": [HALF_M, HALF_M, 0] },
            { "bufferView": 1, "componentType": 5125, "count": 6, "type": "SCALAR" },
        ],
        "bufferViews": [
            { "buffer": 0, "byteLength": 48 },
            { "buffer": 0, "byteOffset": 48, "byteLength": 24 },
        ],
        "buffers": [{ "byteLength": 72, "uri": "card.bin" }],
    });
    edit(&mut document);
    let path = folder.join(name);
    fs::write(&path, document.to_string()).expect("there is room");
    path
}

/// Planes of the card with the motion to the second file.
fn planes(here: &Path, there: &Path) -> Planes {
    let out = here.with_extension("exr");
    let mut command = bottega();
    command
        .arg("render")
        .arg(here)
        .arg("--motion-to")
        .arg(there);
    command.args(["--size", &format!("{WIDTH}x{HEIGHT}"), "--quality", "draft"]);
    command.args(["--spp", "1", "--denoiser", "none", "--environment", "none"]);
    command.args(["--ev100", "0", "--out"]).arg(&out);
    run(&mut command).expect_done();
    read_planes(&out).expect("it was written")
}

/// Compares the plane with `expected`, which gets the point of the card that a pixel shows, in the
/// camera's space, and says where it is in that of the other camera.
fn assert_motion(planes: &Planes, expected: impl Fn([f64; 3]) -> [f64; 3]) {
    let motion = planes.optional[&Plane::Motion].vector().expect("vectors");
    let focal_px = 0.5 * HEIGHT as f64 / libm::tan(0.5 * FOV_Y);
    let (cx, cy) = (0.5 * WIDTH as f64, 0.5 * HEIGHT as f64);
    let mut n_card = 0;
    for (px, found) in motion.iter().enumerate() {
        if planes.depth_m[px].is_infinite() {
            assert_eq!(*found, [0.0; 3]);
            continue;
        }
        n_card += 1;
        let (x_px, y_px) = ((px % WIDTH) as f64 + 0.5, (px / WIDTH) as f64 + 0.5);
        let scale = DISTANCE_M / focal_px;
        let [x, y, z] = expected([(x_px - cx) * scale, (cy - y_px) * scale, -DISTANCE_M]);
        let there = [
            cx - focal_px * x / z - x_px,
            cy + focal_px * y / z - y_px,
            -z,
        ];
        for (found, there) in found.iter().zip(there) {
            assert!((f64::from(*found) - there).abs() < 1e-3, "{found}, {there}");
        }
    }
    assert!((100..WIDTH * HEIGHT).contains(&n_card), "{n_card}");
}

#[test]
fn motion_is_that_of_the_camera_and_of_what_moves() {
    let folder = tempfile::tempdir().expect("there is room");
    let here = write_card(folder.path(), "here.gltf", |_| {});

    // The camera turns to the left by 0.05 rad, and so the card goes to the right.
    let (sin, cos) = (libm::sin(0.05), libm::cos(0.05));
    let half = [0.0, libm::sin(0.025), 0.0, libm::cos(0.025)];
    let panned = write_card(folder.path(), "panned.gltf", |d| {
        d["nodes"][1]["rotation"] = json!(half);
    });
    assert_motion(&planes(&here, &panned), |[x, y, z]| {
        [cos * x - sin * z, y, sin * x + cos * z]
    });

    // The card goes to the right, down and away.
    let moved = write_card(folder.path(), "moved.gltf", |d| {
        d["nodes"][0]["translation"] = json!([0.2, -0.1, -1.5]);
    });
    assert_motion(&planes(&here, &moved), |[x, y, z]| {
        [x + 0.2, y - 0.1, z - 1.5]
    });
}

#[test]
fn bench_scenes_have_motion_too() {
    let folder = tempfile::tempdir().expect("there is room");
    let folders = [[0.0, 0.0, 0.0], [-0.3, 0.1, 0.4]].map(|by| {
        let folder = folder.path().join(format!("scene{}", by[2]));
        fs::create_dir(&folder).expect("there is room");
        write_card(&folder, "card.gltf", |d| {
            d["nodes"][0]["translation"] = json!(by);
        });
        let light = Planes {
            width: 2,
            height: 1,
            rgb_linear: vec![[1.0; 3]; 2],
            rgb8: vec![255; 6],
            alpha: vec![1.0; 2],
            depth_m: vec![1.0; 2],
            normal: vec![[0.0, 0.0, 1.0]; 2],
            ..Planes::default()
        };
        bottega_format::write_planes(&folder.join("light.exr"), light).expect("there is room");
        let scene = json!({
            "version": 1,
            "mesh": "card.gltf",
            "image": { "width": WIDTH, "height": HEIGHT },
            "environment": { "file": "light.exr" },
            "materials": { "card": { "diffuse": { "base_color": [0.5, 0.5, 0.5] } } },
        });
        fs::write(folder.join("scene.json"), scene.to_string()).expect("there is room");
        folder
    });
    let out = folder.path().join("out.exr");
    let render = |there: &Path| {
        let mut command = bottega();
        command.arg("render").arg("--bench").arg(&folders[0]);
        command.arg("--motion-to").arg(there);
        run(command.args(["--spp", "1", "--out"]).arg(&out))
    };
    render(&folders[1]).expect_done();
    let planes = read_planes(&out).expect("it was written");
    assert_motion(&planes, |[x, y, z]| [x - 0.3, y + 0.1, z + 0.4]);

    let path = folders[1].join("card.gltf");
    let text = fs::read_to_string(&path).expect("it was written");
    let other = text.replace("\"count\":6", "\"count\":3");
    assert_ne!(text, other);
    fs::write(&path, other).expect("there is room");
    render(&folders[1]).expect_error(&["mesh 0", "only positions"]);
}

#[test]
fn a_second_scene_of_other_things_is_told_before_anything_is_rendered() {
    let folder = tempfile::tempdir().expect("there is room");
    let here = write_card(folder.path(), "here.gltf", |_| {});
    let render = |there: &Path| {
        let mut command = bottega();
        command
            .arg("render")
            .arg(&here)
            .arg("--motion-to")
            .arg(there);
        command.args(["--size", "24x16", "--environment", "none", "--out"]);
        run(command.arg(folder.path().join("none.exr")))
    };
    let twice = write_card(folder.path(), "twice.gltf", |d| {
        d["nodes"] = json!([d["nodes"][0], d["nodes"][1], { "mesh": 0 }]);
        d["scenes"][0]["nodes"] = json!([0, 1, 2]);
    });
    render(&twice).expect_error(&["here.gltf", "twice.gltf", "2 of meshes", "only positions"]);
    render(Path::new("nowhere.gltf")).expect_error(&["nowhere.gltf"]);
    render(Path::new("scene.json")).expect_error(&["scene.json", "glTF"]);
    assert!(!folder.path().join("none.exr").exists());
}
