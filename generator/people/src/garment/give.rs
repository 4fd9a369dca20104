//! Flesh gives way to cloth: skin that lies inside a garment is pressed below it.
//!
//! Cloth is pushed out of the skin vertex by vertex, and smoothed after that; between its vertices,
//! and where limbs meet, skin would show through. It cannot be seen there, so it may yield.

use bottega_geometry::{closest_point::ClosestPoint, math};
use glam::Vec3;
use rayon::prelude::*;

use super::{
    Cuts,
    cloth::vertex_normals,
    fitting::Worn,
    region::{Landmarks, Place},
};
use crate::body::{Body, BodyModel};

/// Least depth of the skin below the inner side of cloth, in metres.
const CLEAR_M: f32 = 0.002;
/// Skin yields no further than this, in metres.
const YIELD_M: f32 = 0.03;
/// Skin within this distance of the edge of a garment yields less, so that the edge does not bite.
const EDGE_M: [f32; 2] = [0.001, 0.010];
/// How far from its place at rest skin looks for the cloth that belongs there, in metres.
const REACH_M: f32 = 0.05;

/// Posed vertices of the body, pressed in by top, bottom and shoes.
pub(crate) fn give_way(
    cuts: &Cuts,
    marks: &Landmarks,
    body: &Body,
    places: &[Place],
    worn: &[Worn; 3],
) -> Vec<Vec3> {
    let sheets: Vec<_> = worn
        .iter()
        .map(|worn| {
            let cloth = &worn.cloth;
            let at_rest = ClosestPoint::build(&cloth.anchor, &cloth.triangles);
            (worn, at_rest, vertex_normals(&cloth.worn, &cloth.triangles))
        })
        .collect();
    let mut skin = body.posed[BodyModel::BODY_VERTICES].to_vec();
    skin.par_iter_mut().zip(places).for_each(|(posed, place)| {
        let inside = cuts.inside(marks, place);
        for ((worn, at_rest, normals), inside_m) in sheets.iter().zip(inside) {
            let share = math::smoothstep(EDGE_M[0], EDGE_M[1], inside_m);
            if share <= 0.0 {
                continue;
            }
            let Some(hit) = at_rest.query(place.at, REACH_M) else {
                continue;
            };
            let [a, b, c] = worn.cloth.triangles[hit.triangle as usize].map(|v| v as usize);
            let w = hit.barycentric;
            let blend = |values: &[Vec3]| values[a] * w.x + values[b] * w.y + values[c] * w.z;
            let normal = blend(normals).normalize_or(Vec3::Y);
            let height_m = (*posed - blend(&worn.cloth.worn)).dot(normal);
            let excess_m = height_m + worn.depth_m + CLEAR_M;
            *posed -= normal * (share * excess_m.clamp(0.0, YIELD_M));
        }
    });
    skin
}
