//! The pixels in which the meshes may change between showing the subject and not showing it.
//!
//! What a film of meshes shows can only change across the film at an outline (an edge between a
//! face toward the camera and a face away from it, or an edge without a partner) or where a mesh
//! of the subject pierces one of the surroundings. Every pixel that such a line may touch is
//! marked; in all others one ray speaks for the whole pixel.

use bottega_geometry::TriMesh;
use glam::{DVec3, Vec3};
use rayon::prelude::*;

use super::raster::Band;
use super::view::View;
use crate::accel::{Accel, HitKind};
use crate::ray::{Ray, RayMask};
use crate::scene::{MeshObject, Scene};

/// How far edges are lengthened when they look for what they pierce, in metres.
const PIERCE_SLACK_M: f32 = 1e-5;

/// Faces seen at less than this sine count as toward and away at once.
const EDGE_ON: f64 = 1e-5;

/// Which pixels the outlines may touch, row by row from the top-left.
pub(super) fn mark(view: &View<'_>) -> Vec<bool> {
    let View { scene, accel, .. } = *view;
    let [width, height] = view.size_px();
    let seen: Vec<u32> = (0..scene.meshes.len() as u32)
        .filter(|&idx| view.sees(scene.meshes[idx as usize].label))
        .collect();
    let both_kinds = RayMask::SUBJECT.0 | RayMask::SURROUNDINGS.0;
    let mixed = accel.mesh_kinds() & both_kinds == both_kinds;

    let bands: Vec<Vec<Band>> = seen
        .par_iter()
        .map(|&idx| {
            let object = &scene.meshes[idx as usize];
            let edges = edges(&object.mesh);
            let mut bands = outline_bands(scene, &object.mesh, &edges);
            if mixed {
                bands.extend(piercing_bands(scene, accel, object, &edges));
            }
            bands
        })
        .collect();

    let mut marked = vec![false; (width * height) as usize];
    for band in bands.iter().flatten() {
        let Some((first, last)) = band.rows(height) else {
            continue;
        };
        for row in first..=last {
            if let Some((start, end)) = band.columns(row, width) {
                let row_start = row * width;
                marked[(row_start + start) as usize..=(row_start + end) as usize].fill(true);
            }
        }
    }
    marked
}

/// An edge of one triangle: its two welded vertices in order, the triangle, and whether the
/// triangle runs from the first to the second.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct HalfEdge {
    vertices: [u32; 2],
    triangle: u32,
    forward: bool,
}

/// All half edges, sorted so that partners are neighbours. Vertices at the same position count
/// as one, so that seams of texture coordinates are no edges of the surface.
fn edges(mesh: &TriMesh) -> Vec<HalfEdge> {
    let key = |vertex: u32| {
        let position = mesh.positions[vertex as usize];
        // Adding zero makes negative zero positive.
        position.to_array().map(|x| (x + 0.0).to_bits())
    };
    let mut order: Vec<u32> = (0..mesh.positions.len() as u32).collect();
    order.par_sort_unstable_by_key(|&vertex| (key(vertex), vertex));
    let mut welded = vec![0; order.len()];
    for (i, &vertex) in order.iter().enumerate() {
        let same = 0 < i && key(order[i - 1]) == key(vertex);
        welded[vertex as usize] = if same {
            welded[order[i - 1] as usize]
        } else {
            vertex
        };
    }

    let mut edges = Vec::with_capacity(3 * mesh.triangles.len());
    for (triangle, corners) in mesh.triangles.iter().enumerate() {
        let corners = corners.map(|vertex| welded[vertex as usize]);
        for k in 0..3 {
            let (from, to) = (corners[k], corners[(k + 1) % 3]);
            if from != to {
                edges.push(HalfEdge {
                    vertices: [from.min(to), from.max(to)],
                    triangle: triangle as u32,
                    forward: from < to,
                });
            }
        }
    }
    edges.par_sort_unstable();
    edges
}

/// Runs of half edges between the same two vertices.
fn partners(edges: &[HalfEdge]) -> impl Iterator<Item = &[HalfEdge]> {
    edges.chunk_by(|a, b| a.vertices == b.vertices)
}

/// Bands of the edges across which the surface turns away from the camera, or ends.
fn outline_bands(scene: &Scene, mesh: &TriMesh, edges: &[HalfEdge]) -> Vec<Band> {
    let camera = &scene.camera;
    let eye = camera.position().as_dvec3();
    // Sine of the angle at which a triangle is seen: positive from its front.
    let facing: Vec<f64> = (mesh.triangles.par_iter())
        .map(|triangle| {
            let [a, b, c] = triangle.map(|vertex| mesh.positions[vertex as usize].as_dvec3());
            let normal: DVec3 = (b - a).cross(c - a);
            let to_eye = eye - a;
            normal.normalize_or_zero().dot(to_eye.normalize_or_zero())
        })
        .collect();
    let in_camera = |vertex: u32| camera.camera_from_world_point(mesh.positions[vertex as usize]);
    partners(edges)
        .filter(|run| match run {
            [a, b] if a.forward != b.forward => {
                let (a, b) = (facing[a.triangle as usize], facing[b.triangle as usize]);
                a.abs() < EDGE_ON || b.abs() < EDGE_ON || (a < 0.0) != (b < 0.0)
            }
            _ => true,
        })
        .filter_map(|run| Band::of_segment(camera, run[0].vertices.map(in_camera)))
        .collect()
}

/// Bands around the triangles of the subject that cut a mesh of the surroundings.
///
/// Where two triangles cut each other, each end of the cut is an edge of one in the face of the
/// other. So it is enough to follow all edges of both kinds through the faces of the other kind,
/// and to mark the triangle of the subject in either case.
fn piercing_bands(
    scene: &Scene,
    accel: &Accel,
    object: &MeshObject,
    edges: &[HalfEdge],
) -> Vec<Band> {
    let mesh = &object.mesh;
    let other_kind = if object.label.subject {
        RayMask::SURROUNDINGS
    } else {
        RayMask::SUBJECT
    };
    // Few edges come near the other kind at all: soles near the ground, a seat near a stool.
    let other_boxes: Vec<[Vec3; 2]> = (scene.meshes.iter())
        .filter(|other| other.label.subject != object.label.subject && !other.label.see_through)
        .map(|other| box_of(&other.mesh.positions))
        .collect();
    let is_near = |ends: [Vec3; 2]| {
        let [lo, hi] = box_of(&ends);
        (other_boxes.iter()).any(|other| lo.cmple(other[1]).all() && other[0].cmple(hi).all())
    };
    let pierced: Vec<Vec<Band>> = edges
        .par_chunk_by(|a, b| a.vertices == b.vertices)
        .map(|run| {
            let mut bands = Vec::new();
            let [from, to] = run[0]
                .vertices
                .map(|vertex| mesh.positions[vertex as usize]);
            let Some(direction) = (to - from).try_normalize() else {
                return bands;
            };
            if !is_near([from, to]) {
                return bands;
            }
            let mut ray = Ray::new(from - direction * PIERCE_SLACK_M, direction)
                .with_mask(other_kind)
                .with_t_max(from.distance(to) + 2.0 * PIERCE_SLACK_M);
            if object.label.subject {
                if accel.intersect_meshes(&ray).is_some() {
                    let triangles = run.iter().map(|half_edge| half_edge.triangle);
                    bands.extend(triangles.filter_map(|id| triangle_band(scene, mesh, id)));
                }
                return bands;
            }
            while let Some(hit) = accel.intersect_meshes(&ray) {
                if let HitKind::Triangle {
                    object, triangle, ..
                } = hit.kind
                {
                    let pierced = &scene.meshes[object as usize].mesh;
                    bands.extend(triangle_band(scene, pierced, triangle));
                }
                ray.t_min = hit.t;
            }
            bands
        })
        .collect();
    pierced.into_iter().flatten().collect()
}

/// Smallest and largest coordinates of points, with the slack of piercing edges.
fn box_of(points: &[Vec3]) -> [Vec3; 2] {
    let slack = Vec3::splat(PIERCE_SLACK_M);
    let whole = points
        .iter()
        .fold([Vec3::INFINITY, Vec3::NEG_INFINITY], |[lo, hi], &point| {
            [lo.min(point), hi.max(point)]
        });
    [whole[0] - slack, whole[1] + slack]
}

fn triangle_band(scene: &Scene, mesh: &TriMesh, triangle: u32) -> Option<Band> {
    let corners: [Vec3; 3] = mesh.triangles[triangle as usize].map(|vertex| {
        scene
            .camera
            .camera_from_world_point(mesh.positions[vertex as usize])
    });
    Band::of_triangle(&scene.camera, corners)
}
