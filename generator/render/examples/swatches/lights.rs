//! Every kind of light on the same still life: box, dish, bulb and spot; sun, sky with its sun,
//! shining mesh and environment.

use bottega_geometry::TriMesh;
use bottega_render::RenderError;
use bottega_render::light::{exposure_of_irradiance, irradiance, irradiance_of_lights, sky};
use bottega_render::scene::{ColorTexture, Environment, Light, Material, MeshObject, Scene};
use glam::{Vec2, Vec3};

use super::picture::{Picture, ball, camera, expose, object, studio};

const SIZE_PX: [u32; 2] = [300, 220];
const FLOOR: u32 = 0;
const GREY: u32 = 1;
const GLOSSY: u32 = 2;
const METAL: u32 = 3;
const LAMP: u32 = 4;

/// Light on a still life: its environment, its lamps and what shines.
pub(crate) struct Lighting {
    pub(crate) environment: Environment,
    pub(crate) lights: Vec<Light>,
    pub(crate) shining: Vec<MeshObject>,
}

/// The sheet.
pub(crate) fn sheet(spp: u32) -> Result<Picture, RenderError> {
    let pictures: Vec<Picture> = kinds()
        .into_iter()
        .map(|lighting| {
            let (scene, exposure) = still_life(lighting, SIZE_PX);
            let linear = expose(&scene, exposure, spp)?;
            Ok(Picture::developed(SIZE_PX, &linear))
        })
        .collect::<Result<_, RenderError>>()?;
    Ok(Picture::side_by_side(&pictures, 4))
}

/// Three balls on a floor, and the exposure of a grey card before them.
pub(crate) fn still_life(lighting: Lighting, size_px: [u32; 2]) -> (Scene, f32) {
    let plain = |r: f32, g: f32, b: f32| ColorTexture::Constant(Vec3::new(r, g, b));
    let glossy = |color, roughness| Material::Glossy {
        color,
        roughness,
        ior: 1.5,
        metallic: 0.0,
        bump: None,
    };
    let materials = vec![
        glossy(plain(0.35, 0.33, 0.30), 0.5),
        Material::Diffuse {
            color: plain(0.5, 0.5, 0.5),
        },
        glossy(plain(0.55, 0.06, 0.05), 0.15),
        Material::Metal {
            eta: Vec3::new(1.66, 0.88, 0.52),
            k: Vec3::new(9.22, 6.27, 4.84),
            roughness: 0.12,
            anisotropy: 0.0,
            bump: None,
        },
        Material::Emissive {
            radiance: Vec3::new(9.0, 8.0, 6.5),
        },
    ];
    let mut meshes = vec![
        object(square(Vec3::ZERO, Vec3::X * 3.0, Vec3::NEG_Z * 3.0), FLOOR),
        object(ball(Vec3::new(-0.45, 0.2, 0.0), 0.2), GREY),
        object(ball(Vec3::new(0.0, 0.2, 0.0), 0.2), GLOSSY),
        object(ball(Vec3::new(0.45, 0.2, 0.0), 0.2), METAL),
    ];
    meshes.extend(lighting.shining);
    let card = Vec3::new(0.0, 0.5, 0.9).normalize();
    let at = Vec3::new(0.0, 0.2, 0.25);
    let light =
        irradiance(&lighting.environment, card) + irradiance_of_lights(&lighting.lights, at, card);
    let scene = Scene {
        meshes,
        strands: Vec::new(),
        materials,
        environment: lighting.environment,
        lights: lighting.lights,
        camera: camera(
            Vec3::new(0.0, 0.75, 2.6),
            Vec3::new(0.0, 0.22, 0.0),
            size_px,
            1.75 * size_px[1] as f32,
        ),
    };
    // What a meter cannot see (shining meshes) gets a fixed exposure.
    (scene, exposure_of_irradiance(light).unwrap_or(1.2))
}

fn square(center: Vec3, half_u: Vec3, half_v: Vec3) -> TriMesh {
    TriMesh {
        positions: vec![
            center - half_u - half_v,
            center + half_u - half_v,
            center + half_u + half_v,
            center - half_u + half_v,
        ],
        uvs: [[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]]
            .map(Vec2::from_array)
            .to_vec(),
        triangles: vec![[0, 1, 2], [0, 2, 3]],
        ..TriMesh::default()
    }
}

/// Darkness.
pub(crate) fn night() -> Environment {
    Environment {
        width: 2,
        height: 1,
        radiance: vec![Vec3::ZERO; 2],
        yaw_rad: 0.0,
        scale: 1.0,
        background_blur_rad: 0.0,
    }
}

fn kinds() -> Vec<Lighting> {
    let lamp = |light: Light| Lighting {
        environment: night(),
        lights: vec![light],
        shining: Vec::new(),
    };
    let place = Vec3::new(-0.9, 1.2, 0.8);
    let toward = (Vec3::new(0.0, 0.15, 0.0) - place).normalize();
    let u = Vec3::Y.cross(toward).normalize();
    let radiance = Vec3::new(9.0, 8.6, 8.0);
    let sun = Vec3::new(-0.6, 0.55, 0.58).normalize();
    let (sky_map, sky_sun) = sky(sun, 3.0, 512);
    vec![
        lamp(Light::Rect {
            center: place,
            half_u: u * 0.4,
            half_v: toward.cross(u) * 0.25,
            radiance,
        }),
        lamp(Light::Disk {
            center: place,
            normal: toward,
            radius_m: 0.2,
            radiance,
        }),
        lamp(Light::Sphere {
            center: place,
            radius_m: 0.06,
            radiance,
        }),
        lamp(Light::Spot {
            position: place,
            direction: toward,
            cos_inner: 0.97,
            cos_outer: 0.93,
            intensity: radiance,
        }),
        lamp(Light::Sun {
            direction: sun,
            radius_rad: 0.00465,
            radiance,
        }),
        Lighting {
            environment: sky_map,
            lights: vec![sky_sun],
            shining: Vec::new(),
        },
        Lighting {
            environment: night(),
            lights: Vec::new(),
            shining: vec![
                object(square(place, u * 0.35, toward.cross(u) * 0.2), LAMP),
                object(ball(Vec3::new(0.75, 0.07, 0.35), 0.07), LAMP),
            ],
        },
        Lighting {
            environment: studio(),
            lights: Vec::new(),
            shining: Vec::new(),
        },
    ]
}
