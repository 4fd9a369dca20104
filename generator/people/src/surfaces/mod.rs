//! The person's own surfaces, lashes and fine hair: skin, eyes, teeth, tongue.

#[cfg(test)]
pub(crate) mod test_support;
#[cfg(test)]
mod tests;

use bottega_schemas::{
    Part, Seed,
    params::{FaceParams, PersonParams},
};
use glam::Vec3;

use crate::{
    appearance::{
        down::{self, DownMap, FinishedSkin},
        gloss::skin_gloss,
        masks::SkinMasks,
        relief::skin_relief,
        skin::{darkness, skin_colors},
        specks::specks,
    },
    body::{Body, BodyModel, SkinDetail, SkinTopology, tongue},
    error::PeopleError,
    face,
    groom::ScalpShade,
    person::{StrandPart, SurfacePart},
};

/// What is the same for everyone at one level of detail; made once, used for every person.
#[derive(Clone, Debug)]
pub struct SurfaceKit {
    topology: SkinTopology,
    masks: SkinMasks,
    down: DownMap,
    /// Which faces of the base mesh line the mouth.
    in_mouth: Vec<bool>,
}

/// The person's own surfaces and lashes.
#[derive(Clone, Debug)]
pub struct BodyParts {
    /// Skin (where shown) and the linings of the eye sockets and the mouth, the tear lines, both
    /// eyes, both corneas, teeth, tongue.
    pub surfaces: Vec<SurfacePart>,
    /// Lashes, and the fine hair of the skin.
    pub strands: Vec<StrandPart>,
    /// Where each vertex of the base mesh (`BodyModel::BODY_VERTICES`) lies on the finished skin,
    /// covered or not, in metres.
    pub on_skin: Vec<Vec3>,
}

/// What skin and eyes look like.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Look<'a> {
    pub(crate) person: &'a PersonParams,
    /// Expression, which deepens lines.
    pub(crate) face: &'a FaceParams,
    /// What hair does to the colour of the scalp.
    pub(crate) shade: Option<&'a ScalpShade>,
    /// Share of grey hair, in `[0, 1]`.
    pub(crate) grey_share: f32,
    /// Seed of the fine structure.
    pub(crate) seed: Seed,
}

impl SurfaceKit {
    /// Prepares the refined skin.
    pub fn new(model: &BodyModel, detail: SkinDetail) -> Result<Self, PeopleError> {
        let topology = SkinTopology::new(model, detail)?;
        let masks = SkinMasks::new(model)?;
        let down = DownMap::new(model, &masks)?;
        let is_inside = |&v: &u32| 0.5 < masks.inside_mouth[v as usize];
        let in_mouth = (model.faces[model.group("body")?].iter())
            .map(|face| face.iter().all(is_inside))
            .collect();
        Ok(Self {
            masks: masks.refine(&topology.subdivision),
            down: down.refine(&topology.subdivision),
            topology,
            in_mouth,
        })
    }

    /// The surfaces of a posed person.
    ///
    /// Skin is made where `shown` says so of a face of the base mesh (`0..13378`): what clothes
    /// hide is left out.
    pub(crate) fn surfaces(
        &self,
        model: &BodyModel,
        body: &Body,
        look: Look<'_>,
        shown: impl Fn(usize) -> bool + Sync,
    ) -> Result<BodyParts, PeopleError> {
        let Look {
            person,
            face,
            shade,
            grey_share,
            seed,
        } = look;
        let mut skin = self.topology.refine(body);
        face::fit_lids(&mut skin.attributes.positions, &self.masks.lids, &body.eyes);
        let rest = &skin.attributes.rest;
        let specks = specks(
            &self.masks,
            rest,
            person,
            darkness(person),
            seed.child("skin"),
        );
        let positions = &mut skin.attributes.positions;
        // Edges of several millimetres would make dents of lines.
        if self.topology.detail == SkinDetail::Face {
            let normals = self.topology.subdivision.normals(positions);
            let relief = skin_relief(&self.masks, rest, person, face, &specks, seed);
            for ((p, normal), height_m) in positions.iter_mut().zip(&normals).zip(relief) {
                *p += *normal * height_m;
            }
        }
        let on_skin = self.topology.on_skin(body, positions);
        skin.attributes.normals = self.topology.subdivision.normals(positions);
        let colors = skin_colors(&self.masks, rest, person, &specks, seed);
        skin.attributes.colors = match shade {
            Some(shade) => self.masks.shaded(colors, shade),
            None => colors,
        };
        skin.attributes.gloss = skin_gloss(&self.masks, &skin.attributes.rest, person, seed);

        let finished = FinishedSkin {
            subdivision: &self.topology.subdivision,
            detail: self.topology.detail,
            template_dm: &self.masks.template_dm,
            positions: &skin.attributes.positions,
            normals: &skin.attributes.normals,
            beard: &self.masks.beard,
        };
        let down = down::grow(&self.down, finished, person, grey_share, seed, &shown);

        let in_mouth = |face: usize| self.in_mouth.get(face).is_some_and(|inside| *inside);
        let lining = (self.topology).mesh_where(&skin, |face| shown(face) && in_mouth(face));
        let mut skin = (self.topology).mesh_where(&skin, |face| shown(face) && !in_mouth(face));
        let socket = face::part_sockets(&mut skin, &body.eyes);
        let tears = (body.eyes.each_ref())
            .map(|eye| face::tear_line(eye, &skin.positions, &skin.triangles));
        let mut surfaces = vec![
            surface(Part::Skin, "", skin),
            surface(Part::Skin, "socket", socket),
            surface(Part::Mouth, "", lining),
        ];
        for tear in tears {
            surfaces.push(surface(Part::Cornea, "tear", tear));
        }
        for (eye, side) in body.eyes.iter().zip(["left", "right"]) {
            let seed = seed.child("eye").child(side);
            surfaces.push(surface(
                Part::Eye,
                "",
                face::eyeball(eye, &person.eyes, seed),
            ));
            surfaces.push(surface(Part::Cornea, "", face::cornea(eye)));
        }
        surfaces.push(surface(Part::Teeth, "", face::teeth(model, body)));
        surfaces.push(surface(Part::Tongue, "", tongue(model, body)?));
        let lashes = face::lashes(model, body, seed);
        let strands = [(Part::Lash, lashes), (Part::Down, down)]
            .into_iter()
            .filter(|(_, strands)| !strands.is_empty())
            .map(|(part, strands)| StrandPart { part, strands })
            .collect();
        Ok(BodyParts {
            surfaces,
            strands,
            on_skin,
        })
    }
}

fn surface(part: Part, variant: &'static str, mesh: bottega_geometry::TriMesh) -> SurfacePart {
    SurfacePart {
        part,
        variant,
        mesh,
    }
}
