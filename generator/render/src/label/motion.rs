//! How the points that are seen move between two frames.

use glam::{Vec2, Vec3};
use rayon::prelude::*;

use super::first_hit;
use super::request::LabelRequest;
use super::view::View;
use crate::accel::flatten::Span;
use crate::accel::{Accel, Hit, HitKind};
use crate::error::RenderError;
use crate::interaction::SurfaceHit;
use crate::ray::Ray;
use crate::scene::{Camera, Scene};

/// Where everything is in another frame, before or after, for the same objects with the same
/// vertices.
#[derive(Clone, Debug)]
pub struct OtherFrame {
    /// The camera.
    pub camera: Camera,
    /// World-space positions of the vertices of each mesh.
    pub mesh_positions: Vec<Vec<Vec3>>,
    /// World-space control points of each set of strands.
    pub strand_points: Vec<Vec<Vec3>>,
}

/// Motion of the first hit at each pixel's centre, row by row from the top-left.
#[derive(Clone, Debug, PartialEq)]
pub struct MotionPlanes {
    /// Film position in the other frame minus film position here, in pixels, +X right and +Y down;
    /// zero for no surface and where the point is not before the other camera.
    pub motion_px: Vec<Vec2>,
    /// Distance of the point along the optical axis of the other frame, in metres; `+inf` for no
    /// surface and where the point is not before the other camera.
    pub depth_there_m: Vec<f32>,
}

impl OtherFrame {
    /// A frame in which the scene is as it is: without motion, until something is moved.
    pub fn of(scene: &Scene) -> Self {
        Self {
            camera: scene.camera,
            mesh_positions: (scene.meshes.iter())
                .map(|object| object.mesh.positions.clone())
                .collect(),
            strand_points: (scene.strands.iter())
                .map(|object| object.strands.points.clone())
                .collect(),
        }
    }

    /// Where `other` has the things of `scene`.
    ///
    /// # Errors
    /// When both are not made of the same triangles and strands.
    pub fn between(scene: &Scene, other: &Scene) -> Result<Self, RenderError> {
        let frame = Self::of(other);
        let [here, there] = [scene, other].map(|scene| scene.camera.resolution_px);
        if here != there {
            let difference = format!("its picture has {there:?} pixels, here it has {here:?}");
            return Err(RenderError::OtherFrame { difference });
        }
        frame.check(scene)?;
        let differs = |what: &str, idx: usize| RenderError::OtherFrame {
            difference: format!("{what} {idx} has as many points, joined in another way"),
        };
        let mut meshes = scene.meshes.iter().zip(&other.meshes);
        if let Some(idx) = meshes.position(|(a, b)| a.mesh.triangles != b.mesh.triangles) {
            return Err(differs("mesh", idx));
        }
        let mut strands = scene.strands.iter().zip(&other.strands);
        if let Some(idx) = strands.position(|(a, b)| a.strands.offsets != b.strands.offsets) {
            return Err(differs("set of strands", idx));
        }
        Ok(frame)
    }

    fn check(&self, scene: &Scene) -> Result<(), RenderError> {
        let same = |what: &str, here: &[usize], there: &[usize]| {
            let difference = if here.len() != there.len() {
                let (here, there) = (here.len(), there.len());
                format!("it has {there} of {what}, here are {here}")
            } else {
                let Some(idx) = here.iter().zip(there).position(|(a, b)| a != b) else {
                    return Ok(());
                };
                let (here, there) = (here[idx], there[idx]);
                format!("number {idx} of its {what} has {there} points, here it has {here}")
            };
            Err(RenderError::OtherFrame { difference })
        };
        let counts = |arrays: &[Vec<Vec3>]| arrays.iter().map(Vec::len).collect::<Vec<_>>();
        let meshes = scene.meshes.iter().map(|o| o.mesh.positions.len());
        let strands = scene.strands.iter().map(|o| o.strands.points.len());
        same(
            "meshes",
            &meshes.collect::<Vec<_>>(),
            &counts(&self.mesh_positions),
        )?;
        same(
            "sets of strands",
            &strands.collect::<Vec<_>>(),
            &counts(&self.strand_points),
        )
    }

    /// Where a point of the scene is there, in world space.
    fn position_of(&self, scene: &Scene, ray: &Ray, hit: &Hit) -> Vec3 {
        match hit.kind {
            HitKind::Triangle {
                object,
                triangle,
                u,
                v,
            } => {
                let corners = scene.meshes[object as usize].mesh.triangles[triangle as usize];
                let positions = &self.mesh_positions[object as usize];
                let [a, b, c] = corners.map(|corner| positions[corner as usize]);
                a + (b - a) * u + (c - a) * v
            }
            HitKind::Strand {
                object,
                strand,
                span,
                s,
                ..
            } => {
                // The ray passes beside the axis; it moves along with it.
                let set = &scene.strands[object as usize].strands;
                let strand_idx = strand as usize;
                let [start, end] = [strand_idx, strand_idx + 1].map(|k| set.offsets[k] as usize);
                let radii = set.strand_radii(strand_idx);
                let axis = |points: &[Vec3]| Span::of(points, radii, span as usize).position(s);
                let there = axis(&self.strand_points[object as usize][start..end]);
                ray.at(hit.t) + (there - axis(set.strand(strand_idx)))
            }
        }
    }
}

/// Motion of what the pixel-centre rays meet of the subject, from here to the other frame.
///
/// # Errors
/// When the other frame has other objects or vertices.
pub fn render_motion(
    scene: &Scene,
    accel: &Accel,
    other: &OtherFrame,
    request: &LabelRequest,
) -> Result<MotionPlanes, RenderError> {
    other.check(scene)?;
    let view = View {
        scene,
        accel,
        mask: request.mask(),
    };
    let [width, _] = view.size_px();
    let moved: Vec<(Vec2, f32)> = (first_hit::trace(&view).par_iter().enumerate())
        .map(|(pixel, hit)| {
            let none = (Vec2::ZERO, f32::INFINITY);
            let Some(hit) = hit.filter(|hit| view.label_of(hit).subject) else {
                return none;
            };
            let pixel = pixel as u32;
            let film_px = Vec2::new((pixel % width) as f32 + 0.5, (pixel / width) as f32 + 0.5);
            let ray = view.ray(film_px);
            let here = SurfaceHit::new(scene, &ray, &hit).position;
            let there = other.position_of(scene, &ray, &hit);
            let there_camera = other.camera.camera_from_world_point(there);
            // Both ends are projected in the same way, so that what rests has no motion at all.
            let here_camera = scene.camera.camera_from_world_point(here);
            match (
                scene.camera.film_from_camera(here_camera),
                other.camera.film_from_camera(there_camera),
            ) {
                (Some(here_px), Some(there_px)) => (there_px - here_px, -there_camera.z),
                _ => none,
            }
        })
        .collect();
    Ok(MotionPlanes {
        motion_px: moved.iter().map(|(motion_px, _)| *motion_px).collect(),
        depth_there_m: moved.iter().map(|(_, depth_m)| *depth_m).collect(),
    })
}
