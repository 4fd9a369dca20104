//! glTF 2.0 files as scenes to trace.
//!
//! Light is taken in the units of the file (candela, lux, and radiance for what shines) and
//! exposed by a meter: an 18 % card in the middle of the scene, which faces the camera and leans a
//! little to the sky, shows as 0.18. Everything counts as subject, so that the truth planes show
//! it all.

mod light;
mod material;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use bottega_geometry::gltf_scene::{self, GltfCamera, GltfError, GltfScene};
use bottega_geometry::math;
use bottega_render::accel::Accel;
use bottega_render::exposure::PhysicalExposure;
use bottega_render::light::{exposure_of_irradiance, irradiance, irradiance_of_lights};
use bottega_render::sampling::luminance;
use bottega_render::scene::{
    Budget, Camera, CameraMotion, Environment, Label, MeshObject, PixelFilter, PixelOrder,
    RenderSettings, Scene, Shortcuts,
};
use bottega_render::{RenderError, render_rgb};
use glam::{Affine3A, Mat3, Vec2, Vec3};
use image::ImageEncoder as _;

use crate::assets::EnvironmentMap;

/// Height of a picture whose size nobody gave, in pixels.
const DEFAULT_HEIGHT_PX: u32 = 540;
/// Vertical field of view of the camera of files that have none, in radians.
const DEFAULT_FOV_Y_RAD: f32 = 0.6;
/// From the scene to that camera: glTF's models face +Z.
const DEFAULT_VIEW: Vec3 = Vec3::new(0.45, 0.3, 1.0);
/// Share of the frame that the scene fills there.
const DEFAULT_SHARE: f32 = 0.9;
/// Largest side of a picture, in pixels.
const MAX_SIDE_PX: u32 = 1 << 14;
/// Width of the picture by which light is metered that no card can tell, in pixels.
const PROBE_PX: u32 = 48;

/// What is wanted of a file.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// Name or number of the camera; the first one if absent, and one that shows everything if the
    /// file has none.
    pub camera: Option<String>,
    /// Width and height, in pixels; by the camera's aspect if absent.
    pub size_px: Option<[u32; 2]>,
    /// Light from all around; none if absent.
    pub environment: Option<EnvironmentMap>,
    /// The same for files without lights, where `environment` is absent.
    pub fallback_environment: Option<EnvironmentMap>,
    /// Turn of the environment about the vertical, in radians.
    pub environment_yaw_rad: f32,
    /// Exposure of a physical camera; metered if absent.
    pub exposure: Option<PhysicalExposure>,
}

/// A file ready to trace.
#[derive(Clone, Debug)]
pub struct GltfPicture {
    /// What the tracer sees.
    pub scene: Scene,
    /// Factor from radiance to exposed linear value.
    pub exposure: f32,
    /// What the file holds and the scene leaves out, in words.
    pub ignored: Vec<String>,
}

/// A file that cannot be rendered as asked.
#[derive(Debug, thiserror::Error)]
pub enum GltfSceneError {
    /// The file cannot be read.
    #[error(transparent)]
    Gltf(#[from] GltfError),
    /// What was asked for does not fit the file.
    #[error("{}: {reason}", path.display())]
    Request {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// The scene cannot be traced.
    #[error(transparent)]
    Render(#[from] RenderError),
}

/// Reads the file at `path`.
///
/// # Errors
/// When the file is broken or needs what is not supported, when it shows no surface, and when the
/// camera or the size asked for is not possible.
pub fn read(path: &Path, request: &Request) -> Result<GltfPicture, GltfSceneError> {
    let file = gltf_scene::read(path)?;
    let bad = |reason: String| GltfSceneError::Request {
        path: path.into(),
        reason,
    };
    let bounds = bounds_of(&file).ok_or_else(|| bad("it shows no surface".into()))?;
    let camera = place(&file, bounds, request).map_err(bad)?;
    let mut ignored = file.ignored;
    let lights: Vec<_> = file.lights.iter().map(light::of).collect();
    let (meshes, materials) =
        material::dress(file.meshes, file.materials, file.images, &mut ignored);
    let meshes = (meshes.into_iter().enumerate())
        .map(|(idx, (mesh, material))| MeshObject {
            mesh,
            material,
            label: Label {
                part: u8::try_from(idx + 1).unwrap_or(u8::MAX),
                subject: true,
                see_through: false,
            },
        })
        .collect();
    let scene = Scene {
        meshes,
        strands: Vec::new(),
        materials,
        environment: environment(request, !lights.is_empty()),
        lights,
        camera,
    };
    let exposure = match request.exposure {
        Some(physical) => physical.factor(),
        None => metered(&scene, bounds)?,
    };
    if !(exposure.is_finite() && 0.0 < exposure) {
        return Err(bad(format!("its light asks for an exposure of {exposure}")));
    }
    Ok(GltfPicture {
        scene,
        exposure,
        ignored,
    })
}

/// Bytes of a PNG of a display-referred picture, three bytes a pixel.
pub fn png_of(width: u32, height: u32, rgb8: &[u8]) -> Vec<u8> {
    let mut png = Vec::new();
    image::codecs::png::PngEncoder::new(&mut png)
        .write_image(rgb8, width, height, image::ExtendedColorType::Rgb8)
        .expect("memory takes every byte, and there are three a pixel");
    png
}

/// Lowest and highest corner of all surfaces.
fn bounds_of(file: &GltfScene) -> Option<[Vec3; 2]> {
    let corners = file.meshes.iter().flat_map(|object| {
        let corners = object.mesh.triangles.iter().flatten();
        corners.map(|&corner| object.mesh.positions[corner as usize])
    });
    let none = [Vec3::INFINITY, Vec3::NEG_INFINITY];
    let [lo, hi] = corners.fold(none, |[lo, hi], p| [lo.min(p), hi.max(p)]);
    (lo.is_finite() && hi.is_finite()).then_some([lo, hi])
}

/// The camera asked for, or one that shows everything.
fn place(file: &GltfScene, [lo, hi]: [Vec3; 2], request: &Request) -> Result<Camera, String> {
    let chosen = match &request.camera {
        None => file.cameras.first(),
        Some(wanted) => Some(find_camera(&file.cameras, wanted)?),
    };
    let aspect = chosen.and_then(|camera| camera.aspect).unwrap_or(4.0 / 3.0);
    let size_px = request.size_px.unwrap_or_else(|| {
        let width = (aspect.clamp(0.1, 10.0) * DEFAULT_HEIGHT_PX as f32).round();
        [width as u32, DEFAULT_HEIGHT_PX]
    });
    if !size_px.iter().all(|side| (1..=MAX_SIDE_PX).contains(side)) {
        let [width, height] = size_px;
        return Err(format!(
            "a picture of {width} x {height} pixels; a side has 1 to {MAX_SIDE_PX}"
        ));
    }
    let size = Vec2::new(size_px[0] as f32, size_px[1] as f32);
    let fov_y_rad = chosen.map_or(DEFAULT_FOV_Y_RAD, |camera| camera.fov_y_rad);
    let half_tan = {
        let (sin, cos) = math::sin_cos(0.5 * fov_y_rad);
        sin / cos
    };
    let (center, radius) = (0.5 * (lo + hi), (0.5 * (hi - lo).length()).max(1e-6));
    let world_from_camera = chosen.map_or_else(
        || {
            // The sphere about the scene touches the narrower side of the frame.
            let narrow_tan = half_tan * (size.x / size.y).min(1.0) * DEFAULT_SHARE;
            let sin = narrow_tan / (1.0 + narrow_tan * narrow_tan).sqrt();
            let z = DEFAULT_VIEW.normalize();
            let x = Vec3::Y.cross(z).normalize();
            let turn = Mat3::from_cols(x, z.cross(x), z);
            Affine3A::from_mat3_translation(turn, center + z * (radius / sin))
        },
        |camera| camera.world_from_camera,
    );
    Ok(Camera {
        world_from_camera,
        resolution_px: size_px,
        focal_px: Vec2::splat(0.5 * size.y / half_tan),
        center_px: 0.5 * size,
        lens_radius_m: 0.0,
        focus_distance_m: radius,
        motion: CameraMotion::NONE,
    })
}

/// The camera of this name, or else of this number from 0.
fn find_camera<'a>(cameras: &'a [GltfCamera], wanted: &str) -> Result<&'a GltfCamera, String> {
    let named = cameras.iter().find(|camera| camera.name == wanted);
    let numbered = || cameras.get(wanted.parse::<usize>().ok()?);
    named.or_else(numbered).ok_or_else(|| {
        let names: Vec<_> = cameras.iter().map(|c| format!("{:?}", c.name)).collect();
        match names.len() {
            0 => format!("there is no camera {wanted:?}; the file has none, leave the option out"),
            _ => format!("there is no camera {wanted:?}; it has {}", names.join(", ")),
        }
    })
}

fn environment(request: &Request, has_lights: bool) -> Environment {
    let fallback = (request.fallback_environment.as_ref()).filter(|_| !has_lights);
    match request.environment.as_ref().or(fallback) {
        Some(map) => Environment {
            width: map.width,
            height: map.height,
            radiance: map.radiance.clone(),
            yaw_rad: request.environment_yaw_rad,
            scale: 1.0,
            background_blur_rad: 0.0,
        },
        None => Environment {
            width: 2,
            height: 1,
            radiance: vec![Vec3::ZERO; 2],
            yaw_rad: 0.0,
            scale: 1.0,
            background_blur_rad: 0.0,
        },
    }
}

/// The exposure by the card; where no light falls on it, by a small picture.
fn metered(scene: &Scene, [lo, hi]: [Vec3; 2]) -> Result<f32, RenderError> {
    let center = 0.5 * (lo + hi);
    let toward = (scene.camera.position() - center).normalize_or(Vec3::Z);
    let card = (toward + 0.4 * Vec3::Y).normalize_or(Vec3::Y);
    let light =
        irradiance(&scene.environment, card) + irradiance_of_lights(&scene.lights, center, card);
    if let Some(exposure) = exposure_of_irradiance(light) {
        return Ok(exposure);
    }
    let mut probe = scene.clone();
    let [width, height] = scene.camera.resolution_px;
    let height = (PROBE_PX * height).div_ceil(width).clamp(1, 4 * PROBE_PX);
    let factor = Vec2::new(
        PROBE_PX as f32 / scene.camera.resolution_px[0] as f32,
        height as f32 / scene.camera.resolution_px[1] as f32,
    );
    probe.camera.resolution_px = [PROBE_PX, height];
    probe.camera.focal_px *= factor;
    probe.camera.center_px *= factor;
    let accel = Accel::build(&probe, Accel::chord_tolerance_m(&probe))?;
    let preset = RenderSettings {
        spp: 16,
        budget: Budget::Even,
        label_rays: 64,
        max_bounces: 4,
        clamp_indirect: f32::INFINITY,
        exposure: 1.0,
        filter: PixelFilter::Box,
        shortcuts: Shortcuts::default(),
        pixel_order: PixelOrder::Independent,
        seed: 0,
    };
    let (mut sum, mut n) = (0.0, 0);
    for pixel in render_rgb(&probe, &accel, &preset) {
        let light = luminance(pixel);
        if 0.0 < light {
            sum += math::log2(light);
            n += 1;
        }
    }
    // A picture without any light is black at every exposure.
    Ok(if n == 0 {
        1.0
    } else {
        0.18 / math::pow(2.0, sum / n as f32)
    })
}
