//! What a seated person sits on: a plain stool fitted under the posed body.

use std::f32::consts::TAU;

use bottega_geometry::{TriMesh, math};
use bottega_schemas::part::Part;
use glam::{Vec2, Vec3};

use super::{Outfit, cloth::vertex_normals};
use crate::{
    body::{Body, BodyModel},
    error::PeopleError,
    person::SurfacePart,
};

/// Points around the stool.
const N_AROUND: usize = 48;
/// Thickness of the seat, in metres.
const SEAT_M: f32 = 0.045;
/// How far flesh and cloth give way, in metres.
const GIVE_M: f32 = 0.012;

/// A stool under the dressed body, standing on the ground that the outfit's lift brings to y = 0.
///
/// The seat is as high as the lowest cloth or skin above it, and stays behind the calves.
pub fn stool(model: &BodyModel, body: &Body, outfit: &Outfit) -> Result<SurfacePart, PeopleError> {
    let head = |bone: &str| -> Result<Vec3, PeopleError> { Ok(body.bones[model.bone(bone)?].head) };
    let hips = 0.5 * (head("upperleg01.L")? + head("upperleg01.R")?);
    let knees = 0.5 * (head("lowerleg01.L")? + head("lowerleg01.R")?);
    let forward = Vec3::new(knees.x - hips.x, 0.0, knees.z - hips.z);
    let reach_m = forward.length();
    let forward = forward.normalize_or(Vec3::Z);
    let radius_m = (0.5 * reach_m).clamp(0.15, 0.20);
    let center = hips + forward * (0.3 * reach_m - 0.03);
    let worn = outfit.surfaces.iter().filter(|s| s.part == Part::Bottom);
    let lowest = body.posed[BodyModel::BODY_VERTICES]
        .iter()
        .chain(worn.flat_map(|s| &s.mesh.positions))
        .filter(|p| {
            let flat = Vec2::new(p.x - center.x, p.z - center.z);
            // What hangs beside the seat (a skirt's hem) does not lower it.
            flat.length() < 0.85 * radius_m && hips.y - 0.2 < p.y
        })
        .fold(hips.y, |low, p| low.min(p.y));
    let top_y = lowest + GIVE_M;
    let ground_y = -outfit.lift_m;

    let mut mesh = TriMesh::default();
    let middle = Vec3::new(center.x, 0.0, center.z);
    // Profiles from the middle of the top outward and down: radius, height.
    let round_m = 0.014;
    let mut seat = vec![(0.0, top_y), (radius_m - round_m, top_y)];
    for k in 1..=6 {
        let (sin, cos) = math::sin_cos(TAU / 4.0 * k as f32 / 6.0);
        seat.push((
            radius_m - round_m + round_m * sin,
            top_y - round_m + round_m * cos,
        ));
    }
    let under_y = top_y - SEAT_M;
    seat.extend([
        (radius_m, under_y + 0.006),
        (radius_m - 0.006, under_y),
        (0.0, under_y),
    ]);
    revolve(&mut mesh, middle, &seat, Vec3::ZERO);
    for k in 0..4 {
        // Four legs, slightly splayed.
        let (sin, cos) = math::sin_cos(TAU * (k as f32 + 0.5) / 4.0);
        let out = Vec3::new(cos, 0.0, sin);
        let splay = out * 0.04;
        let leg = [
            (0.0, under_y),
            (0.016, under_y),
            (0.013, ground_y + 0.004),
            (0.009, ground_y),
            (0.0, ground_y),
        ];
        revolve(&mut mesh, middle + out * (0.72 * radius_m), &leg, splay);
    }
    mesh.normals = vertex_normals(&mesh.positions, &mesh.triangles);
    mesh.rest = mesh.positions.clone();
    mesh.uvs = mesh.rest.iter().map(|p| Vec2::new(p.x, p.z)).collect();
    Ok(SurfacePart {
        part: Part::Seat,
        variant: "",
        mesh,
    })
}

/// Turns a profile (radius, height), listed from the top, around the vertical through `axis`; its
/// lowest point is moved by `splay`.
fn revolve(mesh: &mut TriMesh, axis: Vec3, profile: &[(f32, f32)], splay: Vec3) {
    let first = mesh.positions.len() as u32;
    let (high, low) = (profile[0].1, profile[profile.len() - 1].1);
    let n = N_AROUND as u32;
    for &(radius, y) in profile {
        let shift = splay * ((high - y) / (high - low).max(1e-6));
        for k in 0..N_AROUND {
            let (sin, cos) = math::sin_cos(TAU * k as f32 / N_AROUND as f32);
            let at = axis + shift + Vec3::new(radius * sin, 0.0, radius * cos);
            mesh.positions.push(Vec3::new(at.x, y, at.z));
        }
    }
    for ring in 0..profile.len() as u32 - 1 {
        let (upper, lower) = (first + ring * n, first + (ring + 1) * n);
        for k in 0..n {
            let next = (k + 1) % n;
            let (a, b, c, d) = (upper + k, upper + next, lower + k, lower + next);
            if 0.0 < profile[ring as usize + 1].0 {
                mesh.triangles.push([a, c, d]);
            }
            if 0.0 < profile[ring as usize].0 {
                mesh.triangles.push([a, d, b]);
            }
        }
    }
}
