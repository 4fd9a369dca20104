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
    /// Twice on face, ears and neck, once elsewhere: for pictures of the face.
    Face,
}

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
                let mut near = vec![false; n_vertices];
                let regions = &model.regions;
                let ranges = [&regions.face_faces, &regions.neck_front_faces];
                for face in ranges.into_iter().flat_map(|list| Regions::faces(list)) {
                    model.faces[face]
                        .iter()
                        .for_each(|&v| near[v as usize] = true);
                }
                for &(vertex, _) in &regions.mask_vertices.ears {
                    near[vertex as usize] = true;
                }
                Subdivision::twice_where(faces, n_vertices, |face| {
                    faces[face].iter().any(|&v| near[v as usize])
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
