//! Renders one ball of every material between two soft boxes: to judge looks.
//!
//! `cargo run --release -p bottega_render --example swatches -- OUT.ppm [SPP]`

use std::io::Write as _;

use bottega_geometry::{TriMesh, math};
use bottega_render::RenderError;
use bottega_render::accel::Accel;
use bottega_render::light::exposure_of_grey_card;
use bottega_render::scene::{
    Bump, Camera, ClothStructure, ColorTexture, Environment, Label, Material, MeshObject,
    PixelFilter, PixelOrder, RenderSettings, Scene, Shortcuts,
};
use bottega_render::tone::{ToneCurve, quantize};
use glam::{Affine3A, Vec2, Vec3};

const RADIUS_M: f32 = 0.045;
const PITCH_M: f32 = 0.1;
const COLUMNS: usize = 6;
const PX_PER_BALL: f32 = 170.0;

fn ball(center: Vec3) -> TriMesh {
    const ROWS: u32 = 96;
    let mut mesh = TriMesh::default();
    for row in 0..=ROWS {
        for column in 0..=2 * ROWS {
            let (sin, cos) = math::sin_cos(std::f32::consts::PI * row as f32 / ROWS as f32);
            let turn = std::f32::consts::PI * (column % (2 * ROWS)) as f32 / ROWS as f32;
            let (s, c) = math::sin_cos(turn);
            let normal = Vec3::new(sin * s, cos, sin * c);
            mesh.positions.push(center + RADIUS_M * normal);
            mesh.rest.push(RADIUS_M * normal);
            mesh.normals.push(normal);
        }
    }
    for row in 0..ROWS {
        for column in 0..2 * ROWS {
            let a = row * (2 * ROWS + 1) + column;
            let b = a + 2 * ROWS + 1;
            mesh.triangles.extend([[a, b, a + 1], [a + 1, b, b + 1]]);
        }
    }
    mesh
}

fn materials() -> Vec<Material> {
    let plain = |r: f32, g: f32, b: f32| ColorTexture::Constant(Vec3::new(r, g, b));
    let cloth = |color, structure, pitch_m, depth_m, sheen| Material::Cloth {
        color,
        roughness: 0.8,
        sheen,
        bump: Some(Bump::Cloth {
            structure,
            pitch_m,
            depth_m,
            crease_m: 45e-3,
            crease_depth_m: 0.0,
        }),
    };
    let leather = |color, roughness, cell_m| Material::Glossy {
        color,
        roughness,
        ior: 1.5,
        metallic: 0.0,
        bump: Some(Bump::Grain {
            cell_m,
            depth_m: 0.06 * cell_m,
        }),
    };
    let satin = |color| Material::Satin {
        color,
        roughness: 0.42,
        anisotropy: 0.75,
        bump: None,
    };
    let metal = |eta: [f32; 3], k: [f32; 3], roughness, anisotropy| Material::Metal {
        eta: Vec3::from_array(eta),
        k: Vec3::from_array(k),
        roughness,
        anisotropy,
        bump: None,
    };
    let skin = |r, g, b| Material::Skin {
        color: plain(r, g, b),
        roughness: 0.53,
        mean_free_path_m: Vec3::new(3.67e-3, 1.37e-3, 0.68e-3),
        bump: Some(Bump::Pores {
            spacing_m: 0.7e-3,
            depth_m: 0.06e-3,
        }),
    };
    let glossy = |color, roughness, ior| Material::Glossy {
        color,
        roughness,
        ior,
        metallic: 0.0,
        bump: None,
    };
    vec![
        cloth(
            plain(0.55, 0.52, 0.45),
            ClothStructure::Plain,
            1.2e-3,
            0.15e-3,
            0.1,
        ),
        cloth(
            plain(0.05, 0.09, 0.22),
            ClothStructure::Twill,
            1.2e-3,
            0.2e-3,
            0.1,
        ),
        cloth(
            plain(0.45, 0.08, 0.10),
            ClothStructure::Jersey,
            1.0e-3,
            0.15e-3,
            0.2,
        ),
        cloth(
            plain(0.30, 0.42, 0.30),
            ClothStructure::Knit,
            4e-3,
            0.7e-3,
            0.3,
        ),
        cloth(
            plain(0.16, 0.02, 0.10),
            ClothStructure::Plain,
            0.3e-3,
            0.0,
            1.0,
        ),
        satin(plain(0.55, 0.10, 0.14)),
        satin(plain(0.72, 0.66, 0.55)),
        leather(plain(0.02, 0.018, 0.016), 0.38, 2.0e-3),
        leather(plain(0.16, 0.07, 0.03), 0.5, 3.0e-3),
        Material::Lacquer {
            color: plain(0.35, 0.02, 0.02),
            roughness: 0.6,
            metallic: 0.0,
            coat_roughness: 0.06,
            coat_ior: 1.5,
            bump: None,
        },
        metal([0.16, 0.42, 1.45], [3.42, 2.35, 1.88], 0.2, 0.0),
        metal([2.91, 2.65, 2.38], [3.08, 2.92, 2.78], 0.4, 0.8),
        Material::Dielectric {
            ior: 1.5,
            thin: false,
        },
        Material::Dielectric {
            ior: 1.5,
            thin: true,
        },
        skin(0.518, 0.350, 0.266),
        skin(0.370, 0.211, 0.135),
        skin(0.148, 0.076, 0.054),
        glossy(plain(0.72, 0.66, 0.52), 0.28, 1.5),
    ]
}

/// A dim room with a large box of light on the left, a tall one on the right and a lit floor.
fn studio() -> Environment {
    let (width, height) = (256_usize, 128_usize);
    let radiance = (0..width * height)
        .map(|i| {
            let azimuth = ((i % width) as f32 + 0.5) / width as f32 - 0.5;
            let polar = ((i / width) as f32 + 0.5) / height as f32;
            // Azimuth 0.25 lies behind the camera.
            let within = |from: f32, to: f32, x: f32| from <= x && x <= to;
            if within(0.32, 0.42, azimuth) && within(0.25, 0.5, polar) {
                Vec3::new(9.0, 8.6, 8.0)
            } else if within(0.12, 0.15, azimuth) && within(0.2, 0.7, polar) {
                Vec3::new(6.0, 6.6, 7.5)
            } else {
                let warm = Vec3::new(0.30, 0.27, 0.24);
                Vec3::new(0.22, 0.24, 0.27).lerp(warm, polar)
            }
        })
        .collect();
    Environment {
        width,
        height,
        radiance,
        yaw_rad: 0.0,
        scale: 1.0,
        background_blur_rad: 0.0,
    }
}

fn main() -> Result<(), RenderError> {
    let mut arguments = std::env::args().skip(1);
    let out = arguments
        .next()
        .unwrap_or_else(|| "swatches.ppm".to_owned());
    let spp = arguments.next().and_then(|text| text.parse().ok());
    let environment = studio();
    let exposure = exposure_of_grey_card(&environment, Vec3::Z).unwrap_or(1.0);
    let materials = materials();
    let rows = materials.len().div_ceil(COLUMNS);
    let meshes = (0..materials.len())
        .map(|i| MeshObject {
            mesh: ball(Vec3::new(
                PITCH_M * ((i % COLUMNS) as f32 - 0.5 * (COLUMNS - 1) as f32),
                PITCH_M * (0.5 * (rows - 1) as f32 - (i / COLUMNS) as f32),
                0.0,
            )),
            material: i as u32,
            label: Label {
                part: 1,
                subject: true,
                see_through: false,
            },
        })
        .collect();
    let size = Vec2::new(COLUMNS as f32, rows as f32) * PX_PER_BALL;
    let distance_m = 1.5;
    let scene = Scene {
        meshes,
        strands: Vec::new(),
        materials,
        environment,
        lights: Vec::new(),
        camera: Camera {
            world_from_camera: Affine3A::from_translation(Vec3::Z * distance_m),
            resolution_px: size.to_array().map(|s| s as u32),
            focal_px: Vec2::splat(PX_PER_BALL / PITCH_M * distance_m),
            center_px: 0.5 * size,
            lens_radius_m: 0.0,
            focus_distance_m: distance_m,
        },
    };
    let accel = Accel::build(&scene, Accel::chord_tolerance_m(&scene))?;
    let settings = RenderSettings {
        spp: spp.unwrap_or(64),
        label_rays: 64,
        max_bounces: 12,
        clamp_indirect: 10.0,
        exposure,
        filter: PixelFilter::default(),
        seed: 1,
        shortcuts: Shortcuts::default(),
        stop_error: None,
        pixel_order: PixelOrder::default(),
    };
    let film = bottega_render::render_rgb(&scene, &accel, &settings);
    let bytes: Vec<u8> = film
        .iter()
        .flat_map(|&linear| quantize(ToneCurve::default().apply(linear)))
        .collect();
    let mut file = std::fs::File::create(&out).expect("the picture can be made");
    let header = format!("P6\n{} {}\n255\n", size.x as u32, size.y as u32);
    file.write_all(header.as_bytes())
        .and_then(|()| file.write_all(&bytes))
        .expect("the picture can be written");
    Ok(())
}
