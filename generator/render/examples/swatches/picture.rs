//! What all sheets share: balls, a room, a camera, and pictures side by side.

use bottega_geometry::{TriMesh, math};
use bottega_render::RenderError;
use bottega_render::accel::Accel;
use bottega_render::render_rgb;
use bottega_render::scene::{
    Budget, Camera, CameraMotion, Environment, Label, MeshObject, PixelFilter, PixelOrder,
    RenderSettings, Scene, Shortcuts,
};
use bottega_render::tone::{ToneCurve, encode};
use glam::{Affine3A, Mat3, Vec2, Vec3};

/// A finished picture, three bytes a pixel.
#[derive(Clone, Debug)]
pub(crate) struct Picture {
    pub(crate) size_px: [u32; 2],
    pub(crate) rgb8: Vec<u8>,
}

impl Picture {
    /// Exposed light under the default curve.
    pub(crate) fn developed(size_px: [u32; 2], linear: &[Vec3]) -> Self {
        Self {
            size_px,
            rgb8: encode(linear, ToneCurve::default()),
        }
    }

    /// Pictures of one size, so many in a row.
    pub(crate) fn side_by_side(pictures: &[Self], columns: usize) -> Self {
        let [width, height] = pictures[0].size_px.map(|side| side as usize);
        let rows = pictures.len().div_ceil(columns);
        let mut rgb8 = vec![0; 3 * width * columns * height * rows];
        for (i, picture) in pictures.iter().enumerate() {
            for (y, row) in picture.rgb8.chunks_exact(3 * width).enumerate() {
                let at = 3 * width * (i % columns + columns * (y + height * (i / columns)));
                rgb8[at..at + row.len()].copy_from_slice(row);
            }
        }
        Self {
            size_px: [(width * columns) as u32, (height * rows) as u32],
            rgb8,
        }
    }
}

/// Exposed light of a scene.
pub(crate) fn expose(scene: &Scene, exposure: f32, spp: u32) -> Result<Vec<Vec3>, RenderError> {
    let accel = Accel::build(scene, Accel::chord_tolerance_m(scene))?;
    let settings = RenderSettings {
        spp,
        label_rays: 64,
        max_bounces: 12,
        clamp_indirect: 10.0,
        exposure,
        filter: PixelFilter::default(),
        seed: 1,
        shortcuts: Shortcuts {
            soft_caustics: true,
            ..Shortcuts::default()
        },
        budget: Budget::Even,
        pixel_order: PixelOrder::default(),
    };
    Ok(render_rgb(scene, &accel, &settings))
}

/// A mesh as part of a scene.
pub(crate) fn object(mesh: TriMesh, material: u32) -> MeshObject {
    MeshObject {
        mesh,
        material,
        label: Label {
            part: 1,
            subject: true,
            see_through: false,
        },
    }
}

/// A pinhole camera that looks at a point.
pub(crate) fn camera(from: Vec3, at: Vec3, size_px: [u32; 2], focal_px: f32) -> Camera {
    let z = (from - at).normalize();
    let x = Vec3::Y.cross(z).normalize();
    let size = Vec2::new(size_px[0] as f32, size_px[1] as f32);
    Camera {
        world_from_camera: Affine3A::from_mat3_translation(Mat3::from_cols(x, z.cross(x), z), from),
        resolution_px: size_px,
        focal_px: Vec2::splat(focal_px),
        center_px: 0.5 * size,
        lens_radius_m: 0.0,
        focus_distance_m: (from - at).length(),
        motion: CameraMotion::NONE,
    }
}

/// A ball with its pole up.
pub(crate) fn ball(center: Vec3, radius_m: f32) -> TriMesh {
    const ROWS: u32 = 96;
    let mut mesh = TriMesh::default();
    for row in 0..=ROWS {
        for column in 0..=2 * ROWS {
            let (sin, cos) = math::sin_cos(std::f32::consts::PI * row as f32 / ROWS as f32);
            let turn = std::f32::consts::PI * (column % (2 * ROWS)) as f32 / ROWS as f32;
            let (s, c) = math::sin_cos(turn);
            let normal = Vec3::new(sin * s, cos, sin * c);
            mesh.positions.push(center + radius_m * normal);
            mesh.rest.push(radius_m * normal);
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

/// A dim room with a large box of light on the left, a tall one on the right and a lit floor.
pub(crate) fn studio() -> Environment {
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
