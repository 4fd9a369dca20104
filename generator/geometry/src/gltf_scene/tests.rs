//! Round trips, placement, skins, and files that lie.

use glam::{Affine3A, Quat, Vec2, Vec3, Vec4};
use serde_json::{Value, json};

use super::*;

/// One triangle with everything that a vertex may have.
fn triangle() -> TriMesh {
    TriMesh {
        positions: vec![Vec3::ZERO, Vec3::X, Vec3::Y],
        normals: vec![Vec3::Z; 3],
        uvs: vec![Vec2::ZERO, Vec2::X, Vec2::Y],
        rest: vec![Vec3::ZERO, Vec3::X, Vec3::Y],
        colors: vec![Vec3::new(0.1, 0.2, 0.3); 3],
        gloss: Vec::new(),
        triangles: vec![[0, 1, 2]],
    }
}

fn material(name: &str) -> GltfMaterial {
    GltfMaterial {
        name: name.into(),
        base_color: Vec4::new(0.5, 0.25, 0.125, 1.0),
        roughness: 0.5,
        ..GltfMaterial::default()
    }
}

/// A quarter turn about +Y, then a step.
fn placement() -> Affine3A {
    let half = 0.5_f32.sqrt();
    Affine3A::from_rotation_translation(
        Quat::from_xyzw(0.0, half, 0.0, half),
        Vec3::new(1.0, 2.0, 3.0),
    )
}

fn read_bytes(bytes: &[u8]) -> Result<GltfScene, GltfError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("scene.glb");
    std::fs::write(&path, bytes).unwrap();
    read(&path)
}

/// A text file with its numbers inside: three positions, then whatever `edit` makes of it.
fn edited(edit: impl FnOnce(&mut Value)) -> Result<GltfScene, GltfError> {
    // Zero, +X, +Y as 32-bit floats, then the unit matrix and the joints and weights of a skin.
    let mut bytes: Vec<u8> = Vec::new();
    for number in [0.0_f32, 0., 0., 1., 0., 0., 0., 1., 0.] {
        bytes.extend(number.to_le_bytes());
    }
    bytes.extend([0_u8, 0, 0, 0].repeat(3));
    bytes.extend(
        [1.0_f32, 0., 0., 0.]
            .map(f32::to_le_bytes)
            .concat()
            .repeat(3),
    );
    let mut document = json!({
        "asset": { "version": "2.0" },
        "scene": 0,
        "scenes": [{ "nodes": [0] }],
        "nodes": [{ "name": "thing", "mesh": 0 }],
        "meshes": [{ "primitives": [{ "attributes": { "POSITION": 0 } }] }],
        "accessors": [
            { "bufferView": 0, "componentType": 5126, "count": 3, "type": "VEC3",
              "min": [0, 0, 0], "max": [1, 1, 0] },
            { "bufferView": 0, "byteOffset": 36, "componentType": 5121, "count": 3, "type": "VEC4" },
            { "bufferView": 0, "byteOffset": 48, "componentType": 5126, "count": 3, "type": "VEC4" },
        ],
        "bufferViews": [{ "buffer": 0, "byteLength": bytes.len() }],
        "buffers": [{ "byteLength": bytes.len(), "uri": "numbers.bin" }],
    });
    edit(&mut document);
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("numbers.bin"), bytes).unwrap();
    let path = folder.path().join("scene.gltf");
    std::fs::write(&path, document.to_string()).unwrap();
    read(&path)
}

#[test]
fn what_is_written_is_read() {
    let scene = GltfScene {
        meshes: vec![GltfMesh {
            name: "part".into(),
            mesh: triangle(),
            material: 0,
        }],
        materials: vec![material("cloth")],
        cameras: vec![GltfCamera {
            name: "camera".into(),
            world_from_camera: placement(),
            fov_y_rad: 0.6,
            aspect: Some(0.75),
        }],
        ..GltfScene::default()
    };
    let again = read_bytes(&to_glb(&scene)).unwrap();
    assert_eq!(again.meshes, scene.meshes);
    assert_eq!(again.materials, scene.materials);
    let camera = &again.cameras[0];
    assert!(camera.world_from_camera.abs_diff_eq(placement(), 1e-6));
    assert_eq!((camera.fov_y_rad, camera.aspect), (0.6, Some(0.75)));
    assert!(again.ignored.is_empty());
}

#[test]
fn nodes_place_their_meshes_and_a_mirror_keeps_the_outside_outside() {
    let scene = edited(|document| {
        document["nodes"] = json!([
            { "children": [1], "translation": [0, 0, 5] },
            { "mesh": 0, "scale": [-2, 1, 1] },
        ]);
    })
    .unwrap();
    let mesh = &scene.meshes[0].mesh;
    assert_eq!(mesh.positions[1], Vec3::new(-2.0, 0.0, 5.0));
    let [a, b, c] = mesh.triangles[0].map(|corner| mesh.positions[corner as usize]);
    assert!(
        0.0 < (b - a).cross(c - a).z,
        "a mirrored triangle still faces the same way"
    );
}

#[test]
fn a_skin_places_its_mesh_and_the_node_does_not() {
    let scene = edited(|document| {
        document["nodes"] = json!([
            { "mesh": 0, "skin": 0, "translation": [100, 0, 0], "children": [1] },
            { "translation": [0, 7, 0] },
        ]);
        document["skins"] = json!([{ "joints": [1] }]);
        let attributes = &mut document["meshes"][0]["primitives"][0]["attributes"];
        attributes["JOINTS_0"] = json!(1);
        attributes["WEIGHTS_0"] = json!(2);
    })
    .unwrap();
    // The joint stands at (100, 7, 0); without inverse bind matrices it carries the mesh there.
    assert_eq!(
        scene.meshes[0].mesh.positions[1],
        Vec3::new(101.0, 7.0, 0.0)
    );
    assert_eq!(scene.meshes[0].mesh.rest[1], Vec3::X);
}

#[test]
fn lights_and_a_default_material_are_read() {
    let scene = edited(|document| {
        document["extensionsUsed"] = json!(["KHR_lights_punctual"]);
        document["extensions"] = json!({ "KHR_lights_punctual": { "lights": [
            { "type": "point", "color": [1, 0.5, 0.25], "intensity": 8 },
        ] } });
        document["nodes"] = json!([
            { "mesh": 0 },
            { "translation": [0, 3, 0],
              "extensions": { "KHR_lights_punctual": { "light": 0 } } },
        ]);
        document["scenes"] = json!([{ "nodes": [0, 1] }]);
    })
    .unwrap();
    let light = &scene.lights[0];
    assert_eq!(light.position, Vec3::new(0.0, 3.0, 0.0));
    assert_eq!(light.intensity, Vec3::new(8.0, 4.0, 2.0));
    assert_eq!(light.kind, GltfLightKind::Point);
    assert_eq!(scene.meshes[0].material, 0);
    assert_eq!(scene.materials[0].base_color, Vec4::ONE);
}

#[test]
fn what_is_left_out_is_told() {
    let scene = edited(|document| {
        document["meshes"][0]["primitives"][0]["mode"] = json!(1);
    })
    .unwrap();
    assert!(scene.meshes.is_empty());
    assert!(scene.ignored[0].contains("thing"), "{:?}", scene.ignored);
}

#[test]
fn files_that_lie_are_refused_with_the_reason() {
    type Edit = fn(&mut Value);
    let cases: [(Edit, &str); 6] = [
        (|d| d["accessors"][0]["count"] = json!(3000), "do not fit"),
        (
            |d| d["bufferViews"][0]["byteLength"] = json!(1_u64 << 40),
            "beyond its buffer",
        ),
        (
            |d| d["extensionsRequired"] = json!(["EXT_unheard_of"]),
            "EXT_unheard_of",
        ),
        (
            |d| d["nodes"] = json!([{ "mesh": 0, "children": [1] }, { "children": [0] }]),
            "circle",
        ),
        (|d| d["scenes"] = json!([{ "nodes": [9] }]), "glTF 2.0"),
        (
            |d| d["buffers"][0]["uri"] = json!("elsewhere.bin"),
            "glTF 2.0",
        ),
    ];
    for (edit, reason) in cases {
        let message = edited(edit).expect_err(reason).to_string();
        assert!(message.contains(reason), "{message}");
        assert!(message.contains("scene.gltf"), "{message}");
    }
}

#[test]
fn a_file_cut_anywhere_is_an_error_and_no_panic() {
    let scene = GltfScene {
        meshes: vec![GltfMesh {
            name: "part".into(),
            mesh: triangle(),
            material: 0,
        }],
        materials: vec![material("cloth")],
        ..GltfScene::default()
    };
    let whole = to_glb(&scene);
    for end in (0..whole.len()).step_by(7) {
        assert!(read_bytes(&whole[..end]).is_err(), "cut at {end}");
    }
}

#[test]
fn every_number_of_a_material_and_every_light_survives_the_way_out_and_in() {
    let full = GltfMaterial {
        emission: Vec3::new(3.0, 1.5, 0.0),
        ior: 1.25,
        transmission: 0.75,
        volume: Some(GltfVolume {
            color: Vec3::new(0.5, 0.75, 1.0),
            distance_m: 0.125,
        }),
        clear_coat: 0.5,
        clear_coat_roughness: 0.25,
        sheen_color: Vec3::new(0.25, 0.0, 1.0),
        alpha: AlphaMode::Mask(0.25),
        ..material("full")
    };
    let light = |name: &str, kind| GltfLight {
        name: name.into(),
        position: Vec3::new(1.0, 2.0, 3.0),
        direction: Vec3::new(0.6, -0.8, 0.0),
        intensity: Vec3::new(8.0, 4.0, 2.0),
        kind,
    };
    let spot = GltfLightKind::Spot {
        inner_rad: 0.25,
        outer_rad: 0.5,
    };
    let scene = GltfScene {
        meshes: vec![GltfMesh {
            name: "part".into(),
            mesh: triangle(),
            material: 0,
        }],
        materials: vec![full],
        lights: vec![
            light("sun", GltfLightKind::Directional),
            light("bulb", GltfLightKind::Point),
            light("spot", spot),
        ],
        ..GltfScene::default()
    };
    let again = read_bytes(&to_glb(&scene)).unwrap();
    assert_eq!(again.materials, scene.materials);
    for (found, wanted) in again.lights.iter().zip(&scene.lights) {
        assert!((found.direction - wanted.direction).length() < 1e-6);
        assert_eq!(
            (found.intensity, found.kind),
            (wanted.intensity, wanted.kind)
        );
    }
    assert!(again.ignored.is_empty(), "{:?}", again.ignored);
}

#[test]
fn numbers_that_mean_nothing_are_refused_and_no_changed_byte_panics() {
    type Edit = fn(&mut Value);
    let cases: [(Edit, &str); 4] = [
        (
            |d| d["materials"] = json!([{ "pbrMetallicRoughness": { "roughnessFactor": -3 } }]),
            "roughness",
        ),
        (
            |d| d["materials"] = json!([{ "emissiveFactor": [-1, 0, 0] }]),
            "emission",
        ),
        (
            |d| {
                d["cameras"] = json!([{ "type": "perspective",
                    "perspective": { "yfov": 9, "znear": 1 } }]);
                d["nodes"][0]["camera"] = json!(0);
            },
            "sees 9",
        ),
        (
            |d| {
                d["extensionsUsed"] = json!(["KHR_lights_punctual"]);
                d["extensions"] = json!({ "KHR_lights_punctual": { "lights": [
                    { "type": "point", "intensity": -5 } ] } });
                d["nodes"][0]["extensions"] = json!({ "KHR_lights_punctual": { "light": 0 } });
            },
            "intensity",
        ),
    ];
    for (edit, reason) in cases {
        let message = edited(edit).expect_err(reason).to_string();
        assert!(message.contains(reason), "{message}");
    }
    let scene = GltfScene {
        meshes: vec![GltfMesh {
            name: "part".into(),
            mesh: triangle(),
            material: 0,
        }],
        materials: vec![material("cloth")],
        ..GltfScene::default()
    };
    let whole = to_glb(&scene);
    for at in 0..whole.len() {
        let mut changed = whole.clone();
        changed[at] ^= 1 << (at % 8);
        let _ = read_bytes(&changed);
    }
}

#[test]
fn textures_are_read_with_their_edges_and_their_placement() {
    let scene = edited(|document| {
        document["extensionsUsed"] = json!(["KHR_texture_transform", "EXT_unheard_of"]);
        document["images"] = json!([{ "uri": PIXEL }]);
        document["samplers"] = json!([{ "wrapS": 33071, "wrapT": 33648, "magFilter": 9728 }]);
        document["textures"] = json!([{ "source": 0, "sampler": 0 }]);
        let transform = json!({ "KHR_texture_transform": {
            "offset": [0.5, 0.25], "rotation": std::f32::consts::FRAC_PI_2, "scale": [2, 4] } });
        document["materials"] = json!([{
            "pbrMetallicRoughness": {
                "baseColorTexture": { "index": 0, "extensions": transform } },
            "normalTexture": { "index": 0, "scale": 0.5, "texCoord": 1 },
        }]);
        document["meshes"][0]["primitives"][0]["material"] = json!(0);
    })
    .unwrap();
    assert_eq!(scene.images[0].rgba8, [[255, 0, 0, 255]]);
    let texture = scene.materials[0].base_color_texture.unwrap();
    assert_eq!(texture.wrap, [GltfWrap::Clamp, GltfWrap::Mirror]);
    assert!(texture.hard_texels);
    // Scaled, then turned counter-clockwise as one sees the picture: +u goes up, where v falls.
    let moved = texture.picture_from_uv.transform_point2(Vec2::X);
    assert!(
        (moved - Vec2::new(0.5, 0.25 - 2.0)).length() < 1e-6,
        "{moved}"
    );
    assert_eq!(scene.materials[0].normal.unwrap().scale, 0.5);
    let told = scene.ignored.join("; ");
    assert!(
        told.contains("second texture") && told.contains("EXT_unheard_of"),
        "{told}"
    );

    let broken = edited(|document| {
        document["images"] = json!([{ "uri": "data:image/png;base64,iVBORw0KGgo=" }]);
    });
    assert!(broken.is_err(), "a picture that is cut off");
}

/// One red texel as a PNG.
const PIXEL: &str = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC";
