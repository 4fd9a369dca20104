//! Pictures of files that are written here, against what they must show.

use bottega_geometry::TriMesh;
use bottega_geometry::gltf_scene::{
    AlphaMode, GltfLight, GltfLightKind, GltfMaterial, GltfMesh, to_glb,
};
use bottega_render::scene::{Budget, ColorTexture, Light, Material, Opacity};
use bottega_schemas::params::LightingKind;
use glam::{Vec3, Vec4};

use super::*;

/// A square of two metres about the origin that faces +Z.
fn card() -> TriMesh {
    TriMesh {
        positions: [[-1.0, -1.0], [1.0, -1.0], [1.0, 1.0], [-1.0, 1.0]]
            .map(|[x, y]| Vec3::new(x, y, 0.0))
            .to_vec(),
        uvs: [[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]]
            .map(Vec2::from_array)
            .to_vec(),
        triangles: vec![[0, 1, 2], [0, 2, 3]],
        ..TriMesh::default()
    }
}

fn file_of(material: GltfMaterial) -> GltfScene {
    GltfScene {
        meshes: vec![GltfMesh {
            name: "card".into(),
            mesh: card(),
            material: 0,
        }],
        materials: vec![material],
        cameras: vec![GltfCamera {
            name: "front".into(),
            world_from_camera: Affine3A::from_translation(Vec3::Z * 3.0),
            fov_y_rad: 0.3,
            aspect: Some(1.5),
        }],
        ..GltfScene::default()
    }
}

/// White light from everywhere.
fn even_light() -> EnvironmentMap {
    EnvironmentMap {
        name: "even".into(),
        kind: LightingKind::Studio,
        width: 8,
        height: 4,
        radiance: vec![Vec3::ONE; 32],
    }
}

fn open(file: &GltfScene, request: &Request) -> Result<GltfPicture, GltfSceneError> {
    let folder = tempfile::tempdir().expect("there is room");
    let path = folder.path().join("scene.glb");
    std::fs::write(&path, to_glb(file)).expect("there is room");
    read(&path, request)
}

/// Mean colour of a small picture under white light from everywhere, unexposed.
fn seen(file: &GltfScene) -> Vec3 {
    let request = Request {
        environment: Some(even_light()),
        size_px: Some([12, 8]),
        ..Request::default()
    };
    let picture = open(file, &request).expect("the file is sound");
    let accel = Accel::build(&picture.scene, 1e-3).expect("the scene is sound");
    let settings = RenderSettings {
        spp: 256,
        budget: Budget::Even,
        label_rays: 64,
        max_bounces: 8,
        clamp_indirect: f32::INFINITY,
        exposure: 1.0,
        filter: PixelFilter::Box,
        shortcuts: Shortcuts::default(),
        pixel_order: PixelOrder::Independent,
        seed: 3,
    };
    let rgb = render_rgb(&picture.scene, &accel, &settings);
    rgb.iter().sum::<Vec3>() / rgb.len() as f32
}

#[test]
fn a_rough_dielectric_shows_its_colour_and_a_white_one_loses_nothing() {
    let white = seen(&file_of(GltfMaterial::default()));
    assert!((white - Vec3::ONE).abs().max_element() < 0.01, "{white}");
    let red = seen(&file_of(GltfMaterial {
        base_color: Vec4::new(0.5, 0.1, 0.1, 1.0),
        ..GltfMaterial::default()
    }));
    assert!(0.45 < red.x && red.x < 0.58 && red.y < 0.16, "{red}");
    let lacquered = seen(&file_of(GltfMaterial {
        base_color: Vec4::new(0.0, 0.0, 0.0, 1.0),
        clear_coat: 1.0,
        clear_coat_roughness: 0.1,
        ..GltfMaterial::default()
    }));
    // The coat reflects 4 % straight on; what rough black adds below it is about 1 %.
    assert!(0.045 < lacquered.x && lacquered.x < 0.07, "{lacquered}");
}

#[test]
fn a_veil_of_one_quarter_lets_three_quarters_through() {
    // Emission 1 on black, before black: what is seen is the opacity.
    let material = GltfMaterial {
        base_color: Vec4::new(0.0, 0.0, 0.0, 0.25),
        metallic: 1.0,
        emission: Vec3::new(3.0, 3.0, 3.0),
        alpha: AlphaMode::Blend,
        ..GltfMaterial::default()
    };
    let light = seen(&file_of(material));
    // A quarter of three and three quarters of the white behind.
    assert!((light.x - 1.5).abs() < 0.05, "{light}");
}

#[test]
fn lights_become_lamps_of_the_same_strength() {
    let light = |kind| GltfLight {
        name: String::new(),
        position: Vec3::new(0.0, 0.0, 2.0),
        direction: Vec3::NEG_Z,
        intensity: Vec3::new(8.0, 4.0, 2.0),
        kind,
    };
    let kinds = [
        (GltfLightKind::Directional, 8.0),
        (GltfLightKind::Point, 2.0),
        (
            GltfLightKind::Spot {
                inner_rad: 0.2,
                outer_rad: 0.4,
            },
            2.0,
        ),
    ];
    for (kind, wanted) in kinds {
        let found = irradiance_of_lights(&[light::of(&light(kind))], Vec3::ZERO, Vec3::Z);
        assert!((found.x / wanted - 1.0).abs() < 0.01, "{kind:?}: {found}");
        assert!((found.y / found.x - 0.5).abs() < 1e-3, "{kind:?}: {found}");
    }
    let sun = light::of(&light(GltfLightKind::Directional));
    assert!(matches!(sun, Light::Sun { direction, .. } if direction == Vec3::Z));
}

#[test]
fn the_card_in_the_middle_shows_as_middle_grey() {
    let mut file = file_of(GltfMaterial {
        base_color: Vec4::new(0.18, 0.18, 0.18, 1.0),
        ..GltfMaterial::default()
    });
    file.lights.push(GltfLight {
        name: String::new(),
        position: Vec3::ZERO,
        direction: Vec3::NEG_Z,
        intensity: Vec3::splat(20_000.0),
        kind: GltfLightKind::Directional,
    });
    let picture = open(&file, &Request::default()).expect("the file is sound");
    // Of 20000 lux a card that leans by 22 degrees gets 93 %.
    let radiance = 0.18 * 20_000.0 * 0.9285 / std::f32::consts::PI;
    assert!((radiance * picture.exposure - 0.18).abs() < 2e-3);
    let sunny = PhysicalExposure {
        f_number: 16.0,
        shutter_s: 0.01,
        iso: 100.0,
    };
    let set = Request {
        exposure: Some(sunny),
        ..Request::default()
    };
    let picture = open(&file, &set).expect("the file is sound");
    assert_eq!(picture.exposure, sunny.factor());
}

#[test]
fn cameras_are_found_by_name_and_number_and_files_without_one_are_framed() {
    let mut file = file_of(GltfMaterial::default());
    for wanted in ["front", "0"] {
        let request = Request {
            camera: Some(wanted.into()),
            ..Request::default()
        };
        let picture = open(&file, &request).expect("the camera is there");
        assert_eq!(picture.scene.camera.resolution_px, [810, 540]);
    }
    let wrong = Request {
        camera: Some("back".into()),
        ..Request::default()
    };
    let told = open(&file, &wrong).expect_err("no such camera").to_string();
    assert!(
        told.contains("\"back\"") && told.contains("\"front\""),
        "{told}"
    );
    let huge = Request {
        size_px: Some([1, 1 << 20]),
        ..Request::default()
    };
    assert!(open(&file, &huge).is_err());

    file.cameras.clear();
    for size_px in [[300, 200], [100, 400]] {
        let request = Request {
            size_px: Some(size_px),
            ..Request::default()
        };
        let camera = open(&file, &request).expect("it is framed").scene.camera;
        for corner in card().positions {
            let film = camera
                .film_from_camera(camera.camera_from_world_point(corner))
                .expect("before the camera");
            let size = Vec2::new(size_px[0] as f32, size_px[1] as f32);
            assert!(
                film.cmpgt(Vec2::ZERO).all() && film.cmplt(size).all(),
                "{film}"
            );
        }
    }
}

#[test]
fn glass_cloth_and_holes_become_what_they_are() {
    let of = |material: GltfMaterial| {
        let picture = open(&file_of(material), &Request::default()).expect("the file is sound");
        picture.scene.materials[0].clone()
    };
    let glass = of(GltfMaterial {
        transmission: 1.0,
        ior: 1.33,
        ..GltfMaterial::default()
    });
    assert!(matches!(glass, Material::Dielectric { .. }), "{glass:?}");
    let velvet = of(GltfMaterial {
        sheen_color: Vec3::new(0.5, 0.2, 0.2),
        ..GltfMaterial::default()
    });
    assert!(
        matches!(velvet, Material::Cloth { sheen: 0.5, .. }),
        "{velvet:?}"
    );
    let gone = of(GltfMaterial {
        base_color: Vec4::new(1.0, 1.0, 1.0, 0.2),
        alpha: AlphaMode::Mask(0.5),
        ..GltfMaterial::default()
    });
    let Material::Surface(surface) = gone else {
        panic!("{gone:?}");
    };
    assert!(matches!(surface.opacity, Opacity::Veil { factor: 0.0, .. }));
    assert_eq!(surface.color, ColorTexture::Constant(Vec3::ONE));
}

#[test]
fn a_file_that_shows_nothing_is_refused() {
    let mut file = file_of(GltfMaterial::default());
    file.meshes.clear();
    let told = open(&file, &Request::default()).expect_err("nothing to see");
    assert!(told.to_string().contains("no surface"), "{told}");
}
