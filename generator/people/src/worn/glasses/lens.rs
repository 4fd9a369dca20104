//! Lenses: thin sheets, or solids with two curved sides.

use bottega_geometry::TriMesh;
use bottega_schemas::params::{GlassesParams, LensKind};
use glam::{Vec2, Vec3};

use super::{fit::Front, outline::N_OUTLINE};

/// Rings between the middle of a lens and its edge.
const N_RINGS: usize = 8;

/// Both lenses as one mesh of head space: sheets that face forward, or closed solids.
pub(super) fn build(params: &GlassesParams, front: &Front) -> TriMesh {
    let mut mesh = TriMesh::default();
    let solid = params.lens == LensKind::Prescription;
    for side in 0..2 {
        let first = sheet(&mut mesh, front, side, false);
        if solid {
            let back = sheet(&mut mesh, front, side, true);
            // The edge, with normals of its own.
            let rim = mesh.positions.len() as u32;
            let outer = 1 + (N_RINGS as u32 - 1) * N_OUTLINE as u32;
            for k in 0..N_OUTLINE as u32 {
                let [a, b] = [first, back].map(|start| (start + outer + k) as usize);
                let middle = mesh.positions[first as usize];
                let normal = (mesh.positions[a] - middle)
                    .reject_from(mesh.normals[first as usize])
                    .normalize_or(Vec3::Y);
                for v in [a, b] {
                    mesh.positions.push(mesh.positions[v]);
                    mesh.rest.push(mesh.rest[v]);
                    mesh.uvs.push(mesh.uvs[v]);
                    mesh.normals.push(normal);
                }
            }
            let n = N_OUTLINE as u32;
            for k in 0..n {
                let (a, b) = (rim + 2 * k, rim + 2 * ((k + 1) % n));
                let quad = [[a, a + 1, b + 1], [a, b + 1, b]];
                push(&mut mesh, side, quad);
            }
        }
    }
    mesh
}

/// Adds one side of one lens; the result is the index of its middle.
fn sheet(mesh: &mut TriMesh, front: &Front, side: usize, back: bool) -> u32 {
    let first = mesh.positions.len() as u32;
    let mut add = |local: Vec2| {
        let normal = front.normal(side, local);
        let p = front.on_lens(side, local);
        let (p, normal) = if back {
            (
                p - normal * front.thickness_at(local),
                -back_normal(front, side, local),
            )
        } else {
            (p, normal)
        };
        mesh.positions.push(p);
        mesh.normals.push(normal);
        mesh.uvs.push(local);
        mesh.rest.push(p);
    };
    add(Vec2::ZERO);
    for ring in 1..=N_RINGS {
        for k in 0..N_OUTLINE {
            add(front.local(k, 0.0) * (ring as f32 / N_RINGS as f32));
        }
    }
    let n = N_OUTLINE as u32;
    let at = |ring: u32, k: u32| first + 1 + (ring - 1) * n + k % n;
    let mut triangles = Vec::new();
    for k in 0..n {
        triangles.push([first, at(1, k), at(1, k + 1)]);
        for ring in 1..N_RINGS as u32 {
            let (a, b) = (at(ring, k), at(ring + 1, k));
            let (c, d) = (at(ring + 1, k + 1), at(ring, k + 1));
            triangles.extend([[a, b, c], [a, c, d]]);
        }
    }
    if back {
        triangles.iter_mut().for_each(|t| t.swap(1, 2));
    }
    push(mesh, side, triangles);
    first
}

/// Adds triangles of the left lens, or their mirror images.
fn push(mesh: &mut TriMesh, side: usize, triangles: impl IntoIterator<Item = [u32; 3]>) {
    let turned = triangles
        .into_iter()
        .map(|[a, b, c]| if side == 0 { [a, b, c] } else { [a, c, b] });
    mesh.triangles.extend(turned);
}

/// Forward normal of the back side.
fn back_normal(front: &Front, side: usize, local: Vec2) -> Vec3 {
    let step = 1e-3;
    let at = |local: Vec2| {
        front.on_lens(side, local) - front.normal(side, local) * front.thickness_at(local)
    };
    let du = at(local + Vec2::X * step) - at(local - Vec2::X * step);
    let dv = at(local + Vec2::Y * step) - at(local - Vec2::Y * step);
    (du.cross(dv) * crate::worn::head::side_sign(side)).normalize_or(Vec3::Z)
}
