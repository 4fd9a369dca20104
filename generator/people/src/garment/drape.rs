//! From the shell to worn cloth: tightened over hollows at rest, eased, posed with the body,
//! pushed out of the skin and smoothed.

use bottega_geometry::{Closest, closest_point::ClosestPoint, math};
use glam::{Affine3A, Mat3A, Vec3, Vec3A};
use rayon::prelude::*;

use super::{
    cloth::{Cloth, Neighbours, counted_edges, vertex_normals},
    noise,
    shell::Shell,
};
use crate::body::{Body, BodyModel};

/// Tightens the coarse shell like a membrane: hollows are bridged, nothing sinks below `gap_m` over
/// the shell or rises more than `lift_m`.
pub(crate) fn tighten(
    shell: &Shell,
    hugging: &[Vec3],
    n_rounds: usize,
    gap_m: f32,
    lift_m: f32,
) -> Vec<Vec3> {
    let triangles: Vec<[u32; 3]> = shell
        .coarse
        .iter()
        .flat_map(|&[a, b, c, d]| [[a, b, c], [a, c, d]])
        .collect();
    let mut normals = vertex_normals(hugging, &triangles);
    let neighbours = quad_neighbours(hugging.len(), &shell.coarse);
    // Smooth normals point out of clefts instead of across them.
    for _round in 0..8 {
        neighbours.smooth(&mut normals, |_| 0.5);
        normals
            .iter_mut()
            .for_each(|n| *n = n.normalize_or(Vec3::Y));
    }
    let mut rise = vec![gap_m; hugging.len()];
    for _round in 0..n_rounds {
        let at: Vec<Vec3> = (0..hugging.len())
            .map(|v| hugging[v] + normals[v] * rise[v])
            .collect();
        for v in 0..hugging.len() {
            let around = &neighbours.of[v];
            if around.is_empty() || neighbours.border[v] {
                continue;
            }
            let mean: Vec3 =
                around.iter().map(|&u| at[u as usize]).sum::<Vec3>() / around.len() as f32;
            let toward = (mean - at[v]).dot(normals[v]);
            rise[v] = (rise[v] + 0.6 * toward).clamp(gap_m, gap_m + lift_m);
        }
    }
    (0..hugging.len())
        .map(|v| hugging[v] + normals[v] * rise[v])
        .collect()
}

/// Neighbours along the edges of quads (not their diagonals).
fn quad_neighbours(n_vertices: usize, quads: &[[u32; 4]]) -> Neighbours {
    let mut of = vec![Vec::new(); n_vertices];
    let mut border = vec![false; n_vertices];
    for ((a, b), count) in counted_edges(quads.iter().map(|quad| quad.as_slice())) {
        of[a as usize].push(b);
        of[b as usize].push(a);
        if count == 1 {
            border[a as usize] = true;
            border[b as usize] = true;
        }
    }
    Neighbours { of, border }
}

/// The posed skin in five overlapping parts, so that a sleeve is pushed out of its arm and not
/// through the trunk beside it.
pub(crate) struct Skin {
    parts: Vec<ClosestPoint>,
    /// Part of each bone.
    part_of: Vec<usize>,
}

/// Trunk with head, both arms, both legs.
const N_PARTS: usize = 5;

impl Skin {
    pub(crate) fn of(
        model: &BodyModel,
        body: &Body,
        arms: &[Vec<bool>; 2],
        legs: &[Vec<bool>; 2],
    ) -> Self {
        let part_of: Vec<usize> = (0..model.rig.bones.len())
            .map(|bone| {
                let limbs = [&arms[0], &arms[1], &legs[0], &legs[1]];
                limbs
                    .iter()
                    .position(|limb| limb[bone])
                    .map_or(0, |i| i + 1)
            })
            .collect();
        let member: Vec<[bool; N_PARTS]> = BodyModel::BODY_VERTICES
            .map(|v| {
                let mut shares = [0.0f32; N_PARTS];
                for (bone, w) in model.weights.of(v) {
                    shares[part_of[bone]] += w;
                }
                shares.map(|share| 0.05 < share)
            })
            .collect();
        let faces = &model.faces[model.group("body").unwrap_or(0..0)];
        let positions = &body.posed[BodyModel::BODY_VERTICES];
        let parts = (0..N_PARTS)
            .into_par_iter()
            .map(|part| {
                let triangles: Vec<[u32; 3]> = faces
                    .iter()
                    .filter(|face| face.iter().any(|&v| member[v as usize][part]))
                    .flat_map(|&[a, b, c, d]| [[a, b, c], [a, c, d]])
                    .collect();
                ClosestPoint::build(positions, &triangles)
            })
            .collect();
        Self { parts, part_of }
    }

    /// Moves the posed vertices of `cloth` out to `gap` (by vertex, in metres) over the skin.
    /// `seen` is what earlier calls for the same vertices learned.
    pub(crate) fn push_out(
        &self,
        cloth: &Cloth,
        points: &mut [Vec3],
        gap: impl Fn(usize) -> f32 + Sync,
        seen: &mut Vec<[Seen; N_PARTS]>,
    ) {
        seen.resize(points.len(), [Seen::NOTHING; N_PARTS]);
        let vertices = points.par_iter_mut().zip(seen).enumerate();
        vertices.for_each(|(v, (p, seen))| {
            let mut shares = [0.0f32; N_PARTS];
            for &(bone, w) in cloth.skin.row(v) {
                shares[self.part_of[bone as usize]] += w;
            }
            let n_parts = shares.iter().filter(|share| 0.03 < **share).count();
            // Twice where leaving one part may lead into another.
            for _round in 0..n_parts.min(2) {
                for (part, surface) in self.parts.iter().enumerate() {
                    if 0.03 < shares[part] {
                        *p += seen[part].push(surface, *p, gap(v));
                    }
                }
            }
        });
    }
}

/// Cloth farther inside a surface than this stays where it is, in metres.
const REACH_M: f32 = 0.04;

/// What is known of a vertex and a surface: where it was asked for last, and how far the surface
/// was from there (or how far it is at least, where nothing was found).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seen {
    at: Vec3,
    distance_m: f32,
}

impl Seen {
    /// Before the first question.
    pub(crate) const NOTHING: Self = Self {
        at: Vec3::ZERO,
        distance_m: f32::NEG_INFINITY,
    };

    /// The shortest move that brings `p` out to `gap_m` over a surface. Distances change no more
    /// than a point moves, so most questions need no search and the others a short one.
    pub(crate) fn push(&mut self, surface: &ClosestPoint, p: Vec3, gap_m: f32) -> Vec3 {
        let moved_m = p.distance(self.at);
        if gap_m + moved_m <= self.distance_m {
            return Vec3::ZERO;
        }
        let reach_m = (self.distance_m.abs() + moved_m + 1e-5).min(REACH_M);
        let hit = surface.query(p, reach_m);
        *self = Self {
            at: p,
            distance_m: hit.map_or(reach_m, |hit| hit.distance),
        };
        hit.map_or(Vec3::ZERO, |hit| pushed(&hit, p, gap_m))
    }
}

/// The shortest move that brings `p` out to `gap_m` over a surface.
pub(crate) fn push(surface: &ClosestPoint, p: Vec3, gap_m: f32) -> Vec3 {
    { Seen::NOTHING }.push(surface, p, gap_m)
}

/// The move that brings `p` out to `gap_m` over the point of a surface nearest to it.
fn pushed(hit: &Closest, p: Vec3, gap_m: f32) -> Vec3 {
    if gap_m <= hit.distance {
        return Vec3::ZERO;
    }
    // Beside an open border the nearest point says nothing of inside and outside.
    let offset = p - hit.point;
    let aside_m = (offset - hit.normal * offset.dot(hit.normal)).length();
    if 0.001 + 0.5 * hit.distance.abs() < aside_m {
        return Vec3::ZERO;
    }
    let away = if 1e-5 < hit.distance.abs() {
        (p - hit.point) / hit.distance
    } else {
        hit.normal
    };
    hit.point + away * gap_m - p
}

/// Skins the cloth's rest shape with the body's bones.
pub(crate) fn pose(cloth: &Cloth, maps: &[Affine3A]) -> Vec<Vec3> {
    (0..cloth.len())
        .map(|v| {
            let mut sum = Affine3A {
                matrix3: Mat3A::ZERO,
                translation: Vec3A::ZERO,
            };
            for &(bone, w) in cloth.skin.row(v) {
                sum.matrix3 += maps[bone as usize].matrix3 * w;
                sum.translation += maps[bone as usize].translation * w;
            }
            sum.transform_point3(cloth.rest[v])
        })
        .collect()
}

/// How a piece is worn.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wear {
    /// Least distance from the skin, in metres.
    pub(crate) gap_m: f32,
    /// Rounds of smoothing after posing: the stiffness of the cloth.
    pub(crate) n_smooth: usize,
    /// Height of folds where the pose compresses the cloth, 1 for a soft fabric.
    pub(crate) folds: f32,
    /// Wavelength of the folds, in metres.
    pub(crate) fold_m: f32,
}

/// Poses, smooths, folds and pushes out; the result is the outer side of the worn cloth.
///
/// `under` are posed surfaces of clothes below, with the distance to keep from each.
pub(crate) fn wear(
    cloth: &Cloth,
    maps: &[Affine3A],
    skin: &Skin,
    under: &[(&ClosestPoint, f32)],
    wear: Wear,
    phase: &[f32],
) -> Vec<Vec3> {
    let neighbours = Neighbours::of(cloth.len(), &cloth.triangles);
    let mut points = pose(cloth, maps);
    let mut seen_skin = Vec::new();
    let mut seen_under = vec![vec![Seen::NOTHING; points.len()]; under.len()];
    let mut out = |points: &mut Vec<Vec3>| {
        skin.push_out(cloth, points, |_| wear.gap_m, &mut seen_skin);
        for ((surface, gap_m), seen) in under.iter().zip(&mut seen_under) {
            points
                .par_iter_mut()
                .zip(seen)
                .for_each(|(p, seen)| *p += seen.push(surface, *p, *gap_m));
        }
    };
    out(&mut points);
    let smoothed = |points: &mut Vec<Vec3>, n: usize| {
        for _round in 0..n {
            neighbours.smooth(points, |v| if neighbours.border[v] { 0.3 } else { 0.5 });
        }
    };
    smoothed(&mut points, wear.n_smooth);
    out(&mut points);
    let heights = folds(cloth, &points, &neighbours, wear, phase);
    let normals = vertex_normals(&points, &cloth.triangles);
    for v in 0..points.len() {
        points[v] += normals[v] * heights[v];
    }
    out(&mut points);
    smoothed(&mut points, 1);
    out(&mut points);
    points
}

/// Heights of the folds where the pose compresses the cloth, in metres.
///
/// The amplitude of a sine of wavelength L that takes up the strain e is (L / pi) sqrt(e).
fn folds(
    cloth: &Cloth,
    posed: &[Vec3],
    neighbours: &Neighbours,
    wear: Wear,
    phase: &[f32],
) -> Vec<f32> {
    let mut strain = vec![Vec3::ZERO; cloth.len()];
    for v in 0..cloth.len() {
        let (mut sum, mut n) = (0.0f32, 0.0f32);
        for &u in &neighbours.of[v] {
            let before_m = cloth.rest[v].distance(cloth.rest[u as usize]);
            let after_m = posed[v].distance(posed[u as usize]);
            sum += (1.0 - after_m / before_m.max(1e-5)).clamp(-0.1, 0.4);
            n += 1.0;
        }
        strain[v].x = (sum / n.max(1.0)).max(0.0);
    }
    for _round in 0..10 {
        neighbours.smooth(&mut strain, |_| 0.6);
    }
    (0..cloth.len())
        .map(|v| {
            let e = (strain[v].x * 1.6).min(0.25);
            let amplitude_m = wear.folds * wear.fold_m / std::f32::consts::PI * e.sqrt() * 0.75;
            let wave = math::sin(phase[v] * (2.0 * std::f32::consts::PI / wear.fold_m));
            // No two folds are equally deep.
            let amplitude_m = amplitude_m * (0.55 + 0.75 * noise::value(cloth.anchor[v] * 14.0, 5));
            // Folds stand up from the skin: crests are rounder than valleys are deep.
            amplitude_m.clamp(0.0, 0.013) * (0.5 + 0.5 * wave)
        })
        .collect()
}
