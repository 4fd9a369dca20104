//! The exchange format "bench-scene", version 1: one folder that several renderers can show.
//!
//! `scene.json` names a binary glTF file with meshes and camera, an equirectangular EXR with the
//! light, files of curves, and what each material is; paths are relative to it. Everything counts
//! as subject, so that the truth planes show it all.

mod curves;
mod document;
mod maps;
mod materials;
#[cfg(test)]
mod tests;
mod write;

use std::path::{Path, PathBuf};

use bottega_geometry::gltf_scene::{GltfCamera, GltfError};
use bottega_render::scene::{
    Budget, Camera, CameraMotion, Environment, Label, MeshObject, PixelFilter, PixelOrder,
    RenderSettings, Scene, Shortcuts, StrandObject, SubsurfaceMethod,
};
use bottega_schemas::params::LightingKind;
use glam::Vec2;

use crate::assets::EnvironmentMap;
use document::{Document, Filter};

pub use curves::CurveError;
pub use write::write;

/// A scene of the exchange format, ready to trace.
#[derive(Clone, Debug)]
pub struct BenchScene {
    /// What the tracer sees.
    pub scene: Scene,
    /// Bounces, clamp and filter as the folder says; paths a pixel and seed are the caller's.
    pub settings: RenderSettings,
    /// What the folder holds and the scene leaves out, in words.
    pub ignored: Vec<String>,
}

/// A folder that is no bench scene.
#[derive(Debug, thiserror::Error)]
pub enum BenchSceneError {
    /// A file cannot be read or written.
    #[error("cannot {action} {}", path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// The reason given.
        source: std::io::Error,
    },
    /// `scene.json` is not as it should be.
    #[error("{}: {reason}", path.display())]
    Document {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// The meshes cannot be read.
    #[error(transparent)]
    Gltf(#[from] GltfError),
    /// A file of curves cannot be used.
    #[error("{}: {source}", path.display())]
    Curves {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: CurveError,
    },
    /// A map of a material cannot be used.
    #[error("{}: {reason}", path.display())]
    Map {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// The light cannot be read.
    #[error("{}: {reason}", path.display())]
    Environment {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
}

/// Reads the folder `dir`.
///
/// # Errors
/// When a file is missing or broken, or the document names what is not there.
pub fn read(dir: &Path) -> Result<BenchScene, BenchSceneError> {
    let path = dir.join("scene.json");
    let bad = |reason: String| BenchSceneError::Document {
        path: path.clone(),
        reason,
    };
    let text = read_bytes(&path)?;
    let document: Document =
        serde_json::from_slice(&text).map_err(|error| bad(error.to_string()))?;
    document.check().map_err(bad)?;
    let gltf = bottega_geometry::gltf_scene::read(&dir.join(&document.mesh))?;
    let camera = gltf
        .cameras
        .first()
        .ok_or_else(|| bad("its glTF file has no camera".into()))?;

    let table = materials::Table::new(&document, dir)?;
    let mut meshes = Vec::new();
    for (idx, object) in gltf.meshes.into_iter().enumerate() {
        let name = &gltf.materials[object.material].name;
        let material = table.index_of(name).map_err(bad)?;
        meshes.push(MeshObject {
            mesh: table.displace(material, dir, object.mesh)?,
            material,
            label: label(idx),
        });
    }
    let mut strands = Vec::new();
    for curves in &document.curves {
        let file = dir.join(&curves.file);
        let set = curves::decode(&read_bytes(&file)?)
            .map_err(|source| BenchSceneError::Curves { path: file, source })?;
        strands.push(StrandObject {
            strands: set,
            materials: vec![table.index_of(&curves.material).map_err(bad)?],
            label: label(meshes.len() + strands.len()),
        });
    }
    let scene = Scene {
        camera: place(camera, [document.image.width, document.image.height]),
        meshes,
        strands,
        materials: table.list,
        environment: environment(dir, &document)?,
        lights: Vec::new(),
    };
    let paths = &document.paths;
    let settings = RenderSettings {
        spp: 1,
        label_rays: 64,
        max_bounces: paths.max_bounces_total,
        // A bound of zero means none, as where the numbers come from.
        clamp_indirect: match paths.clamp_indirect {
            0.0 => f32::INFINITY,
            bound => bound,
        },
        exposure: 1.0,
        filter: match document.image.filter {
            Filter::Box => PixelFilter::Box,
            Filter::BlackmanHarris => PixelFilter::BlackmanHarris,
        },
        shortcuts: Shortcuts {
            subsurface: SubsurfaceMethod::StraightWalk,
            ..Shortcuts::default()
        },
        budget: Budget::Even,
        pixel_order: PixelOrder::default(),
        seed: 0,
    };
    Ok(BenchScene {
        scene,
        settings,
        ignored: gltf.ignored,
    })
}

fn read_bytes(path: &Path) -> Result<Vec<u8>, BenchSceneError> {
    std::fs::read(path).map_err(|source| BenchSceneError::Io {
        action: "read",
        path: path.into(),
        source,
    })
}

/// Parts are numbered in the order of the file; beyond 255 they share the last number.
fn label(idx: usize) -> Label {
    Label {
        part: u8::try_from(idx + 1).unwrap_or(u8::MAX),
        subject: true,
        see_through: false,
    }
}

/// A pinhole with square pixels and the axis in the middle.
fn place(camera: &GltfCamera, resolution_px: [u32; 2]) -> Camera {
    let size = Vec2::new(resolution_px[0] as f32, resolution_px[1] as f32);
    let half = 0.5 * f64::from(camera.fov_y_rad);
    let focal = 0.5 * size.y / (libm::sin(half) / libm::cos(half)) as f32;
    Camera {
        world_from_camera: camera.world_from_camera,
        resolution_px,
        focal_px: Vec2::splat(focal),
        center_px: 0.5 * size,
        lens_radius_m: 0.0,
        focus_distance_m: 1.0,
        motion: CameraMotion::NONE,
    }
}

fn environment(dir: &Path, document: &Document) -> Result<Environment, BenchSceneError> {
    let path = dir.join(&document.environment.file);
    let map = EnvironmentMap::decode("bench", LightingKind::Studio, &read_bytes(&path)?)
        .map_err(|reason| BenchSceneError::Environment { path, reason })?;
    Ok(Environment {
        width: map.width,
        height: map.height,
        radiance: map.radiance,
        yaw_rad: document.environment.rotation_deg.to_radians(),
        scale: document.environment.scale,
        background_blur_rad: 0.0,
    })
}
