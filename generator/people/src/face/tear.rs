//! The tear line: the strip of water that stands between lower lid and eyeball.
//!
//! It rises along the eyeball by about 0.3 mm (the meniscus of a healthy eye is 0.2 to 0.3 mm
//! high) and is hollow, so that it carries the thin bright line that makes eyes look wet. Where the
//! lid ends is seen from the middle of the eye: in each direction around, the skin that reaches
//! farthest toward the middle of the opening.

use std::f32::consts::TAU;

use bottega_geometry::{TriMesh, math};
use glam::{Quat, Vec2, Vec3};

use super::eye;
use crate::body::EyePose;

/// Height along the eyeball, in metres.
const HEIGHT_M: f32 = 0.3e-3;
/// How far the strip climbs up the lid, and how far it reaches into it, in metres.
const CLIMB_M: f32 = 0.12e-3;
const INTO_LID_M: f32 = 0.35e-3;
/// Distance of its upper rim from the eyeball, in metres.
const RIM_M: f32 = 8e-6;
/// From one corner to the other, about the line straight ahead, from the right of the eye's own
/// frame counter-clockwise, in turns.
const FROM_TURNS: f32 = 0.53;
const TO_TURNS: f32 = 0.97;
/// Share of that way over which the strip rises from nothing at both ends.
const TAPER: f32 = 0.15;
const N_ALONG: usize = 96;
const N_ACROSS: usize = 7;
/// Skin farther from the eye's centre than so many radii is no lid.
const REACH: f32 = 1.35;
/// Nearer to the line straight ahead than this angle there is no opening: the eye is shut.
const SHUT_RAD: f32 = 0.12;
/// How often the edge of the lid is smoothed.
const SMOOTHING: usize = 3;

/// Where the lid ends in one direction around the eye.
#[derive(Clone, Copy, Debug)]
struct Edge {
    /// Angle from the line straight ahead.
    polar_rad: f32,
    /// Distance from the eyeball, in metres.
    above_m: f32,
}

/// The strip of one eye between the skin of these triangles; it always has the same triangles, and
/// lies hidden in the eyeball where the eye is shut.
pub(crate) fn tear_line(eye: &EyePose, positions: &[Vec3], triangles: &[[u32; 3]]) -> TriMesh {
    let head = eye.rotation * eye.gaze.inverse();
    let edges = lid_edge(eye, head, positions, triangles).unwrap_or_else(|| {
        let hidden = Edge {
            polar_rad: 1.0,
            above_m: -0.5 * eye.radius_m,
        };
        vec![hidden; N_ALONG]
    });
    let at = |polar_rad: f32, turns: f32, above_m: f32| {
        let (sin, cos) = math::sin_cos(polar_rad);
        let (across_y, across_x) = math::sin_cos(TAU * turns);
        let d = head * Vec3::new(sin * across_x, sin * across_y, cos);
        let surface = eye::surface(eye.rotation.inverse() * d) * eye.radius_m;
        d * (surface + above_m)
    };
    let mut mesh = TriMesh::default();
    for (i, edge) in edges.iter().enumerate() {
        let along = i as f32 / (N_ALONG - 1) as f32;
        let rise = math::smoothstep(0.0, TAPER, along) * math::smoothstep(1.0, 1.0 - TAPER, along);
        let rim_rad = edge.polar_rad - rise * HEIGHT_M / eye.radius_m;
        let root_rad = edge.polar_rad + INTO_LID_M / eye.radius_m;
        for j in 0..N_ACROSS {
            // From the rim on the eyeball down to the lid.
            let t = j as f32 / (N_ACROSS - 1) as f32;
            let above_m = match edge.above_m < 0.0 {
                true => edge.above_m,
                false => RIM_M + (edge.above_m + CLIMB_M) * t * t,
            };
            let p = at(math::lerp(rim_rad, root_rad, t), turns(i), above_m);
            mesh.positions.push(eye.center + p);
            mesh.rest.push(eye.rest_center + head.inverse() * p);
        }
    }
    let n = N_ACROSS as u32;
    for i in 0..N_ALONG as u32 - 1 {
        for j in 0..n - 1 {
            let [a, b] = [i * n + j, i * n + j + 1];
            let [c, d] = [a + n, b + n];
            mesh.triangles.extend([[a, b, d], [a, d, c]]);
        }
    }
    mesh.normals = normals(&mesh);
    mesh
}

fn turns(i: usize) -> f32 {
    math::lerp(FROM_TURNS, TO_TURNS, i as f32 / (N_ALONG - 1) as f32)
}

/// The edge of the lower lid, smoothed; `None` where the eye is shut.
fn lid_edge(
    eye: &EyePose,
    head: Quat,
    positions: &[Vec3],
    triangles: &[[u32; 3]],
) -> Option<Vec<Edge>> {
    let to_eye = head.inverse();
    let local = |v: u32| (to_eye * (positions[v as usize] - eye.center)) / eye.radius_m;
    let directions: Vec<Vec2> = (0..N_ALONG)
        .map(|i| {
            let (sin, cos) = math::sin_cos(TAU * turns(i));
            Vec2::new(cos, sin)
        })
        .collect();
    // The point of the lid with the greatest cosine to the line straight ahead, one a direction.
    let mut nearest: Vec<Option<(f32, Vec3)>> = vec![None; N_ALONG];
    for triangle in triangles {
        let corners = triangle.map(local);
        let is_near = |p: &Vec3| 0.0 < p.z && p.length_squared() < REACH * REACH;
        if !corners.iter().all(is_near) {
            continue;
        }
        for [a, b] in [[0, 1], [1, 2], [2, 0]].map(|edge| edge.map(|k: usize| corners[k])) {
            for (found, direction) in nearest.iter_mut().zip(&directions) {
                let side = |p: Vec3| direction.perp_dot(p.truncate());
                let (from, to) = (side(a), side(b));
                if (from < 0.0) == (to < 0.0) {
                    continue;
                }
                let p = a.lerp(b, from / (from - to));
                let cos = p.z / p.length();
                if 0.0 < direction.dot(p.truncate()) && found.is_none_or(|(best, _)| best < cos) {
                    *found = Some((cos, p));
                }
            }
        }
    }
    let shut_cos = math::cos(SHUT_RAD);
    let mut edges = (nearest.into_iter())
        .map(|found| {
            let (cos, p) = found.filter(|(cos, _)| *cos < shut_cos)?;
            let d = eye.rotation.inverse() * (head * p.normalize());
            Some(Edge {
                polar_rad: math::acos(cos),
                above_m: (p.length() - eye::surface(d)).max(0.0) * eye.radius_m,
            })
        })
        .collect::<Option<Vec<Edge>>>()?;
    for _ in 0..SMOOTHING {
        let last = edges.len() - 1;
        edges = (0..=last)
            .map(|i| {
                let [before, here, after] = [i.saturating_sub(1), i, (i + 1).min(last)];
                let mean = |of: fn(&Edge) -> f32| {
                    0.25 * (of(&edges[before]) + of(&edges[after])) + 0.5 * of(&edges[here])
                };
                Edge {
                    polar_rad: mean(|edge| edge.polar_rad),
                    above_m: mean(|edge| edge.above_m),
                }
            })
            .collect();
    }
    Some(edges)
}

/// Unit normals of the vertices, from the triangles about them.
fn normals(mesh: &TriMesh) -> Vec<Vec3> {
    let mut normals = vec![Vec3::ZERO; mesh.positions.len()];
    for triangle in &mesh.triangles {
        let [a, b, c] = triangle.map(|v| mesh.positions[v as usize]);
        let face = (b - a).cross(c - a);
        triangle.iter().for_each(|&v| normals[v as usize] += face);
    }
    normals
        .into_iter()
        .map(|n| n.normalize_or(Vec3::Z))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An eye that looks ahead, and lids that leave a round opening of this angle.
    fn lids(opening_rad: f32) -> (EyePose, Vec<Vec3>, Vec<[u32; 3]>) {
        let eye = EyePose {
            rest_center: Vec3::new(0.03, 0.0, 0.0),
            center: Vec3::new(0.0, 1.6, 0.1),
            radius_m: 0.015,
            gaze: Quat::IDENTITY,
            rotation: bottega_geometry::rotation::about_axis(Vec3::Y, 0.3),
        };
        let (mut positions, mut triangles) = (Vec::new(), Vec::new());
        let n = 40_u32;
        for row in 0..4_u32 {
            let (sin, cos) = math::sin_cos(opening_rad + 0.1 * row as f32);
            for i in 0..n {
                let (y, x) = math::sin_cos(TAU * i as f32 / n as f32);
                let above = 1.02 + 0.03 * row as f32;
                let p = eye.rotation * (Vec3::new(sin * x, sin * y, cos) * above);
                positions.push(eye.center + p * eye.radius_m);
                if row < 3 {
                    let next = (i + 1) % n;
                    let [a, b] = [row * n + i, row * n + next];
                    triangles.extend([[a, b, b + n], [a, b + n, a + n]]);
                }
            }
        }
        (eye, positions, triangles)
    }

    #[test]
    fn the_strip_lies_on_the_eye_along_the_lower_lid_and_faces_outward() {
        let (eye, positions, triangles) = lids(0.7);
        let strip = tear_line(&eye, &positions, &triangles);
        assert_eq!(strip.positions.len(), N_ALONG * N_ACROSS);
        for (p, normal) in strip.positions.iter().zip(&strip.normals) {
            let local = eye.rotation.inverse() * (*p - eye.center);
            let above_m = local.length() - eye::surface(local.normalize()) * eye.radius_m;
            assert!((0.0..0.9e-3).contains(&above_m), "{above_m}");
            assert!(local.y < 0.0, "{local} is not below");
            assert!(0.0 < normal.dot(*p - eye.center), "{normal} looks inward");
        }
        // In the middle it stands above the lid by its height, at the ends by nothing.
        let polar_rad = |i: usize| {
            let local = eye.rotation.inverse() * (strip.positions[i * N_ACROSS] - eye.center);
            math::acos(local.z / local.length())
        };
        let risen_m = |i: usize| (0.7 - polar_rad(i)) * eye.radius_m;
        assert!((risen_m(N_ALONG / 2) - HEIGHT_M).abs() < 0.1e-3);
        assert!(risen_m(0) < 0.1e-3);
    }

    #[test]
    fn the_strip_of_a_shut_eye_is_hidden_in_it() {
        let (eye, positions, triangles) = lids(0.05);
        let hidden = tear_line(&eye, &positions, &triangles);
        let reach = |p: &Vec3| p.distance(eye.center) / eye.radius_m;
        assert!(hidden.positions.iter().all(|p| reach(p) < 0.7));
        let (_, positions, triangles) = lids(0.7);
        let open = tear_line(&eye, &positions, &triangles);
        assert_eq!(open.triangles, hidden.triangles);
    }
}
