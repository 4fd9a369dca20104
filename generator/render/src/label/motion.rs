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

/// Where everything was in the frame before, for the same objects with the same vertices.
#[derive(Clone, Debug)]
pub struct PreviousFrame {
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
    /// Film position now minus film position before, in pixels, +X right and +Y down; zero for
    /// no surface and where the point was not before the camera.
    pub motion_px: Vec<Vec2>,
    /// Distance along the previous optical axis at which the point was, in metres; `+inf` for no
    /// surface and where the point was not before the camera.
    pub depth_before_m: Vec<f32>,
}

impl PreviousFrame {
    /// A frame in which the scene was as it is: without motion, until something is moved.
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

    fn check(&self, scene: &Scene) -> Result<(), RenderError> {
        let found: Vec<usize> = (self.mesh_positions.iter().map(Vec::len))
            .chain(self.strand_points.iter().map(Vec::len))
            .collect();
        let meshes = scene.meshes.iter().map(|o| o.mesh.positions.len());
        let strands = scene.strands.iter().map(|o| o.strands.points.len());
        let expected: Vec<usize> = meshes.chain(strands).collect();
        let fits = found == expected && self.mesh_positions.len() == scene.meshes.len();
        if fits {
            Ok(())
        } else {
            Err(RenderError::PreviousFrame { expected, found })
        }
    }

    /// Where a point of the scene was, in world space.
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
                let before = axis(&self.strand_points[object as usize][start..end]);
                ray.at(hit.t) + (before - axis(set.strand(strand_idx)))
            }
        }
    }
}

/// Motion of what the pixel-centre rays meet of the subject, since the frame before.
///
/// # Errors
/// When the frame before has other objects or vertices.
pub fn render_motion(
    scene: &Scene,
    accel: &Accel,
    before: &PreviousFrame,
    request: &LabelRequest,
) -> Result<MotionPlanes, RenderError> {
    before.check(scene)?;
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
            let now = SurfaceHit::new(scene, &ray, &hit).position;
            let was = before.position_of(scene, &ray, &hit);
            let was_camera = before.camera.camera_from_world_point(was);
            // Both ends are projected in the same way, so that what rests has no motion at all.
            let now_camera = scene.camera.camera_from_world_point(now);
            match (
                scene.camera.film_from_camera(now_camera),
                before.camera.film_from_camera(was_camera),
            ) {
                (Some(now_px), Some(was_px)) => (now_px - was_px, -was_camera.z),
                _ => none,
            }
        })
        .collect();
    Ok(MotionPlanes {
        motion_px: moved.iter().map(|(motion_px, _)| *motion_px).collect(),
        depth_before_m: moved.iter().map(|(_, depth_m)| *depth_m).collect(),
    })
}
