//! The library alone: a red card on white ground under an even sky, written as `card.ppm`.
//!
//! `cargo run --release -p bottega_render --example card`

use bottega_geometry::TriMesh;
use bottega_render::accel::Accel;
use bottega_render::scene::*;
use bottega_render::tone::{ToneCurve, to_srgb8};
use glam::{Affine3A, Vec2, Vec3};

fn quad(center: Vec3, u: Vec3, v: Vec3, material: MaterialId) -> MeshObject {
    let mesh = TriMesh {
        positions: vec![
            center - u - v,
            center + u - v,
            center + u + v,
            center - u + v,
        ],
        triangles: vec![[0, 1, 2], [0, 2, 3]],
        ..TriMesh::default()
    };
    let label = Label {
        part: 1,
        subject: true,
        see_through: false,
    };
    MeshObject {
        mesh,
        material,
        label,
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let diffuse = |color: Vec3| Material::Diffuse {
        color: ColorTexture::Constant(color),
    };
    let scene = Scene {
        meshes: vec![
            quad(Vec3::ZERO, Vec3::X, Vec3::NEG_Z, 0),
            quad(0.3 * Vec3::Y, 0.3 * Vec3::X, 0.3 * Vec3::Y, 1),
        ],
        strands: vec![],
        materials: vec![
            diffuse(Vec3::splat(0.8)),
            diffuse(Vec3::new(0.6, 0.05, 0.05)),
        ],
        environment: Environment {
            width: 8,
            height: 4,
            radiance: vec![Vec3::ONE; 32],
            yaw_rad: 0.0,
            scale: 1.0,
            background_blur_rad: 0.0,
        },
        lights: vec![],
        camera: Camera {
            world_from_camera: Affine3A::from_translation(Vec3::new(0.0, 0.4, 2.5)),
            resolution_px: [320, 240],
            focal_px: Vec2::splat(400.0),
            center_px: Vec2::new(160.0, 120.0),
            lens_radius_m: 0.0,
            focus_distance_m: 2.5,
            motion: CameraMotion::NONE,
        },
    };
    let settings = RenderSettings {
        spp: 64,
        label_rays: 64,
        max_bounces: 8,
        clamp_indirect: f32::INFINITY,
        exposure: 0.5,
        seed: 0,
        filter: PixelFilter::default(),
        shortcuts: Shortcuts::default(),
        budget: Budget::Even,
        pixel_order: PixelOrder::default(),
    };
    let accel = Accel::build(&scene, Accel::chord_tolerance_m(&scene))?;
    let film = bottega_render::render(&scene, &accel, &settings);
    let mut file = format!("P6 {} {} 255\n", film.width, film.height).into_bytes();
    file.extend(to_srgb8(&film, ToneCurve::Srgb));
    Ok(std::fs::write("card.ppm", file)?)
}
