//! What is written is read; what is broken is refused.

use bottega_geometry::gltf_scene::{GltfMaterial, GltfMesh, GltfScene, to_glb};
use bottega_geometry::{StrandSet, TriMesh};
use bottega_render::scene::{Bump, ColorTexture, Material};
use glam::{Affine3A, Vec3};

use super::*;

/// A two by one environment, as a file.
fn light() -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    let image = exr::prelude::Image::from_channels(
        (4, 2),
        exr::prelude::SpecificChannels::rgb(|at: exr::prelude::Vec2<usize>| {
            (at.x() as f32, 0.5, 1.0)
        }),
    );
    use exr::prelude::WritableImage as _;
    image.write().to_buffered(&mut bytes).unwrap();
    bytes.into_inner()
}

fn scene() -> Scene {
    let mut strands = StrandSet::default();
    strands.push(&[Vec3::ZERO, Vec3::Y, Vec3::ONE], &[0.01, 0.02, 0.0], 0);
    strands.push(&[Vec3::X, Vec3::Z], &[0.01, 0.01], 0);
    let hair = Material::Hair {
        sigma_a: Vec3::new(0.1, 0.2, 0.4),
        beta_m: 0.3,
        beta_n: 0.35,
        tilt_rad: 2.0_f32.to_radians(),
        ior: 1.55,
    };
    let skin = Material::Skin {
        color: ColorTexture::Constant(Vec3::new(0.6, 0.4, 0.3)),
        roughness: 0.5,
        mean_free_path_m: Vec3::new(3e-3, 1e-3, 5e-4),
        bump: None,
    };
    Scene {
        meshes: vec![MeshObject {
            mesh: TriMesh {
                positions: vec![Vec3::ZERO, Vec3::X, Vec3::Y],
                normals: vec![Vec3::Z; 3],
                rest: vec![Vec3::ZERO, Vec3::X, Vec3::Y],
                triangles: vec![[0, 1, 2]],
                ..TriMesh::default()
            },
            material: 0,
            label: label(0),
        }],
        strands: vec![StrandObject {
            strands,
            materials: vec![1],
            label: label(1),
        }],
        materials: vec![skin, hair],
        environment: Environment {
            width: 4,
            height: 2,
            radiance: Vec::new(),
            yaw_rad: 0.5,
            scale: 2.0,
            background_blur_rad: 0.0,
        },
        lights: Vec::new(),
        camera: Camera {
            world_from_camera: Affine3A::from_translation(Vec3::new(0.0, 0.0, 3.0)),
            resolution_px: [30, 40],
            focal_px: Vec2::splat(50.0),
            center_px: Vec2::new(15.0, 20.0),
            lens_radius_m: 0.0,
            focus_distance_m: 1.0,
            motion: CameraMotion::NONE,
        },
    }
}

fn settings() -> RenderSettings {
    RenderSettings {
        spp: 1,
        label_rays: 64,
        max_bounces: 7,
        clamp_indirect: 10.0,
        exposure: 1.0,
        filter: PixelFilter::Box,
        shortcuts: Shortcuts::default(),
        budget: Budget::Even,
        pixel_order: PixelOrder::default(),
        seed: 0,
    }
}

fn written() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), &scene(), &settings(), &light()).unwrap();
    folder
}

#[test]
fn what_is_written_is_read() {
    let folder = written();
    let (again, original) = (read(folder.path()).unwrap(), scene());
    assert_eq!(again.scene.meshes[0].mesh, original.meshes[0].mesh);
    assert_eq!(again.scene.strands[0].strands, original.strands[0].strands);
    let mut expected = settings();
    expected.shortcuts.subsurface = SubsurfaceMethod::StraightWalk;
    assert_eq!(again.settings, expected);
    let camera = again.scene.camera;
    assert!((camera.focal_px - original.camera.focal_px).length() < 1e-3);
    assert_eq!(camera.world_from_camera, original.camera.world_from_camera);
    let environment = &again.scene.environment;
    assert_eq!((environment.width, environment.scale), (4, 2.0));
    assert_eq!(environment.radiance[3], Vec3::new(3.0, 0.5, 1.0));
    assert!((environment.yaw_rad - 0.5).abs() < 1e-6);
    let skin = &again.scene.materials[again.scene.meshes[0].material as usize];
    let Material::Skin {
        mean_free_path_m, ..
    } = skin
    else {
        panic!("{skin:?}");
    };
    assert!((*mean_free_path_m - Vec3::new(3e-3, 1e-3, 5e-4)).length() < 1e-8);
    let hair = again.scene.strands[0].materials[0];
    assert!(matches!(
        again.scene.materials[hair as usize],
        Material::Hair { ior: 1.55, .. }
    ));
}

#[test]
fn a_material_may_be_wrapped_in_its_kind() {
    let folder = written();
    let path = folder.path().join("scene.json");
    let text = std::fs::read_to_string(&path).unwrap();
    let mut document: serde_json::Value = serde_json::from_str(&text).unwrap();
    for (_, material) in document["materials"].as_object_mut().unwrap() {
        let kind = material["type"].as_str().unwrap().to_owned();
        material.as_object_mut().unwrap().remove("type");
        *material = serde_json::json!({ kind: material.clone() });
    }
    std::fs::write(&path, document.to_string()).unwrap();
    let direct = read(written().path()).unwrap();
    assert_eq!(
        read(folder.path()).unwrap().scene.materials,
        direct.scene.materials
    );
}

#[test]
fn maps_are_laid_on_surfaces_and_move_them() {
    let folder = written();
    let path = folder.path().join("scene.json");
    let document: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
    let names = document["materials"].as_object().unwrap();
    let is_skin = |name: &&String| names[*name]["type"] == "subsurface";
    let name = names.keys().find(is_skin).unwrap().clone();
    // A card of one metre with texture coordinates.
    let uvs = [[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]].map(Vec2::from_array);
    let card = TriMesh {
        positions: uvs.map(|uv| uv.extend(0.0)).to_vec(),
        normals: vec![Vec3::Z; 4],
        uvs: uvs.to_vec(),
        triangles: vec![[0, 1, 2], [0, 2, 3]],
        ..TriMesh::default()
    };
    let file = GltfScene {
        cameras: vec![GltfCamera {
            name: "camera".into(),
            world_from_camera: scene().camera.world_from_camera,
            fov_y_rad: 0.5,
            aspect: None,
        }],
        meshes: vec![GltfMesh {
            name: "card".into(),
            mesh: card,
            material: 0,
        }],
        materials: vec![GltfMaterial {
            name: name.clone(),
            ..GltfMaterial::default()
        }],
        ..GltfScene::default()
    };
    std::fs::write(folder.path().join("scene.glb"), to_glb(&file)).unwrap();
    image::save_buffer(
        folder.path().join("relief.png"),
        &[0, 255, 255, 0],
        2,
        2,
        image::ColorType::L8,
    )
    .unwrap();
    let with = |key: &str, value: serde_json::Value| {
        let mut document = document.clone();
        document["materials"][&name][key] = value;
        std::fs::write(&path, document.to_string()).unwrap();
        read(folder.path())
    };
    let bump = |scene: &BenchScene| {
        let Material::Skin { bump, .. } = &scene.scene.materials[0] else {
            panic!("{:?}", scene.scene.materials[0]);
        };
        bump.clone()
    };
    let file = serde_json::json!({ "file": "relief.png", "scale_m": 0.01, "edge_m": 0.1 });
    let bumped = with("bump_map", file.clone()).unwrap();
    assert!(matches!(
        bump(&bumped),
        Some(Bump::Heights { scale_m: 0.01, .. })
    ));
    assert_eq!(bumped.scene.meshes[0].mesh.triangles.len(), 2);
    let turned = with("normal_map", file.clone()).unwrap();
    assert!(matches!(
        bump(&turned),
        Some(Bump::Normals { strength: 1.0, .. })
    ));
    let moved = with("displacement_map", file.clone()).unwrap();
    let mesh = &moved.scene.meshes[0].mesh;
    assert!(200 < mesh.triangles.len(), "{}", mesh.triangles.len());
    let highest = mesh.positions.iter().map(|p| p.z).fold(0.0, f32::max);
    assert!((highest - 0.005).abs() < 1e-6, "{highest}");

    let missing = serde_json::json!({ "file": "no.png", "scale_m": 0.01 });
    let told = with("bump_map", missing).unwrap_err().to_string();
    assert!(told.contains("no.png"), "{told}");
    let endless = serde_json::json!({ "file": "relief.png", "scale_m": 0.01, "edge_m": 0.0 });
    let told = with("displacement_map", endless).unwrap_err().to_string();
    assert!(
        told.contains("relief.png") && told.contains("edge"),
        "{told}"
    );
}

#[test]
fn broken_folders_are_refused_with_the_file_and_the_reason() {
    type Break = fn(&Path);
    fn replace(path: &Path, from: &str, to: &str) {
        let text = std::fs::read_to_string(path.join("scene.json")).unwrap();
        assert!(text.contains(from), "{from}");
        std::fs::write(path.join("scene.json"), text.replace(from, to)).unwrap();
    }
    let cases: [(Break, &str); 9] = [
        (
            |dir| std::fs::remove_file(dir.join("scene.json")).unwrap(),
            "scene.json",
        ),
        (
            |dir| std::fs::remove_file(dir.join("scene.glb")).unwrap(),
            "scene.glb",
        ),
        (
            |dir| replace(dir, "\"version\": 1", "\"version\": 9"),
            "version 9",
        ),
        (
            |dir| replace(dir, "\"width\": 30", "\"width\": 0"),
            "image.width",
        ),
        (
            |dir| replace(dir, "\"material-0-0\": {", "\"paint\": {"),
            "material-0-0",
        ),
        (
            |dir| replace(dir, "\"beta_m\": 0.3", "\"beta_m\": 3.0"),
            "beta_m",
        ),
        (
            |dir| std::fs::write(dir.join("environment.exr"), "no").unwrap(),
            "environment.exr",
        ),
        (
            |dir| std::fs::write(dir.join("curves-0.bcrv"), "BCRV").unwrap(),
            "curves-0.bcrv",
        ),
        (
            |dir| {
                let path = dir.join("curves-0.bcrv");
                let mut bytes = std::fs::read(&path).unwrap();
                bytes.pop();
                std::fs::write(path, bytes).unwrap();
            },
            "2 strands and 5 points",
        ),
    ];
    for (break_it, reason) in cases {
        let folder = written();
        break_it(folder.path());
        let message = read(folder.path()).expect_err(reason).to_string();
        assert!(message.contains(reason), "{message}");
    }
}

#[test]
fn curves_with_foul_numbers_are_refused() {
    let good = curves::encode(&scene().strands[0].strands);
    assert_eq!(curves::decode(&good).unwrap(), scene().strands[0].strands);
    let with = |at: usize, bytes: [u8; 4]| {
        let mut copy = good.clone();
        copy[at..at + 4].copy_from_slice(&bytes);
        curves::decode(&copy)
    };
    // The second offset, the last offset, a coordinate, a radius.
    assert!(matches!(
        with(28, 4_u32.to_le_bytes()),
        Err(CurveError::Strand { .. })
    ));
    assert!(matches!(
        with(32, u32::MAX.to_le_bytes()),
        Err(CurveError::Strand { .. })
    ));
    let value = Err(CurveError::Value { point: 0 });
    assert_eq!(with(36, f32::NAN.to_le_bytes()), value);
    assert_eq!(with(36 + 60, (-1.0_f32).to_le_bytes()), value);
    for end in 0..good.len() {
        assert!(curves::decode(&good[..end]).is_err(), "cut at {end}");
    }
}
