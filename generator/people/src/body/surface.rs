//! The skin as a smooth mesh, and the tongue.

use std::ops::Range;

use bottega_geometry::{
    TriMesh,
    subdivide::{RefinedAttributes, Subdivision},
};
use glam::Vec3;

use super::{model::BodyModel, posed::Body, regions::Regions};
use crate::error::PeopleError;

/// How finely the skin is refined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SkinDetail {
    /// Once everywhere: for pictures of the whole body.
    Body,
    /// To about a millimetre on the face, two on ears and neck, once elsewhere: for pictures of the
    /// face.
    Face,
}

/// Wanted edges of the refined skin on the template, for pictures of the face, in metres.
const FACE_EDGE_M: f32 = 1.1e-3;
/// The same on ears and neck.
const NECK_EDGE_M: f32 = 2.2e-3;
/// Most levels of refinement.
const MAX_DEPTH: u32 = 4;

/// The refined topology of the skin; the same for everyone, so made once.
#[derive(Clone, Debug, PartialEq)]
pub struct SkinTopology {
    /// Refinement of the body's faces.
    pub subdivision: Subdivision,
    /// How finely.
    pub detail: SkinDetail,
}

/// The refined skin of one person, all of it.
#[derive(Clone, Debug)]
pub struct Skin {
    /// Posed positions and normals, rest positions (blank face, before posing), colours.
    pub attributes: RefinedAttributes,
}

impl SkinTopology {
    /// Refines the body of `model`.
    pub fn new(model: &BodyModel, detail: SkinDetail) -> Result<Self, PeopleError> {
        let faces = &model.faces[Self::body(model)?];
        let n_vertices = BodyModel::BODY_VERTICES.end;
        let subdivision = match detail {
            SkinDetail::Body => Subdivision::once(faces, n_vertices),
            SkinDetail::Face => {
                let edge_m = wanted_edges(model, n_vertices);
                Subdivision::adaptive(faces, n_vertices, |face| {
                    let corners = faces[face].map(|v| v as usize);
                    let wanted_m = corners.iter().fold(f32::INFINITY, |m, &v| m.min(edge_m[v]));
                    let points = corners.map(|v| model.template[v]);
                    let around_m: f32 = (0..4)
                        .map(|i| points[i].distance(points[(i + 1) % 4]))
                        .sum();
                    (1..MAX_DEPTH)
                        .find(|&depth| 0.25 * around_m <= wanted_m * (1u32 << depth) as f32)
                        .unwrap_or(MAX_DEPTH)
                })
            }
        };
        Ok(Self {
            subdivision,
            detail,
        })
    }

    /// Where each vertex of the base mesh lies on the refined skin with these positions.
    pub fn on_skin(&self, body: &Body, positions: &[Vec3]) -> Vec<Vec3> {
        let points = self.subdivision.vertex_points().iter().enumerate();
        points
            .map(|(vertex, &point)| {
                let on_skin = positions.get(point as usize).copied();
                on_skin.unwrap_or(body.posed[vertex])
            })
            .collect()
    }

    fn body(model: &BodyModel) -> Result<Range<usize>, PeopleError> {
        model.group("body")
    }

    /// The refined skin of a posed person, without colours yet.
    pub fn refine(&self, body: &Body) -> Skin {
        let positions = self
            .subdivision
            .apply(&body.posed[BodyModel::BODY_VERTICES]);
        let rest = self
            .subdivision
            .apply(&body.neutral[BodyModel::BODY_VERTICES]);
        let normals = self.subdivision.normals(&positions);
        Skin {
            attributes: RefinedAttributes {
                positions,
                normals,
                rest,
                ..RefinedAttributes::default()
            },
        }
    }

    /// The skin where `shown` says so of a face of the base mesh.
    pub fn mesh_where(&self, skin: &Skin, shown: impl Fn(usize) -> bool) -> TriMesh {
        // The body is the first group of the base mesh, so its faces have the same numbers.
        self.subdivision
            .mesh_where(&skin.attributes, |face| shown(face as usize))
    }
}

/// Edge that is wanted about each vertex in pictures of the face, in metres; infinite where any
/// will do.
fn wanted_edges(model: &BodyModel, n_vertices: usize) -> Vec<f32> {
    let regions = &model.regions;
    let mut edge_m = vec![f32::INFINITY; n_vertices];
    let mut ask = |vertex: u32, wanted_m: f32| {
        let edge_m = &mut edge_m[vertex as usize];
        *edge_m = edge_m.min(wanted_m);
    };
    for face in Regions::faces(&regions.neck_front_faces) {
        model.faces[face].iter().for_each(|&v| ask(v, NECK_EDGE_M));
    }
    for &(vertex, _) in &regions.mask_vertices.ears {
        ask(vertex, NECK_EDGE_M);
    }
    for face in Regions::faces(&regions.face_faces) {
        model.faces[face].iter().for_each(|&v| ask(v, FACE_EDGE_M));
    }
    // The scalp reaches down the forehead to the brows; hair hides the rest of it.
    let brow_z = (regions.eyebrow_vertices.iter())
        .map(|&(v, _)| model.template[v as usize].z)
        .fold(f32::INFINITY, f32::min);
    for face in Regions::faces(&regions.scalp.faces) {
        for v in model.faces[face] {
            if brow_z - 0.01 < model.template[v as usize].z {
                ask(v, FACE_EDGE_M);
            }
        }
    }
    edge_m
}

/// Colour of the tongue: linear Rec. 709 albedo, by eye.
const TONGUE_COLOR: Vec3 = Vec3::new(0.42, 0.16, 0.14);

/// The tongue.
pub(crate) fn tongue(model: &BodyModel, body: &Body) -> Result<TriMesh, PeopleError> {
    let faces = &model.faces[model.group("helper-tongue")?];
    let n_vertices = BodyModel::TONGUE_VERTICES.end;
    let subdivision = Subdivision::once(faces, n_vertices);
    let positions = subdivision.apply(&body.posed[..n_vertices]);
    let attributes = RefinedAttributes {
        normals: subdivision.normals(&positions),
        rest: subdivision.apply(&body.neutral[..n_vertices]),
        colors: vec![TONGUE_COLOR; positions.len()],
        positions,
        ..RefinedAttributes::default()
    };
    Ok(subdivision.mesh_where(&attributes, |_| true))
}
