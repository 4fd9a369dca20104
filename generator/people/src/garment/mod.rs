//! Clothes and shoes, cut from the helper shells of the base mesh, worn by a posed body.
//!
//! A [`Wardrobe`] refines the shells once; [`Wardrobe::dress`] turns the numbers of an outfit into
//! surfaces over one body and says which faces of the body they hide.

mod bottom;
pub(crate) mod cloth;
mod collar;
mod drape;
pub(crate) mod finish;
mod fitting;
mod give;
mod hang;
pub(crate) mod noise;
mod region;
mod seat;
pub(crate) mod shell;
mod shoe;
#[cfg(test)]
mod tests;
mod top;

pub use self::seat::stool;

use bottega_geometry::closest_point::ClosestPoint;
use bottega_schemas::params::{BottomKind, GarmentParams, TopKind};
use glam::Vec3;

use self::{
    bottom::BottomCut,
    cloth::Cloth,
    drape::{Skin, tighten},
    fitting::{Fitting, Worn},
    region::{Landmarks, Place},
    shell::{Rows, Shell},
    shoe::ShoeCut,
    top::TopCut,
};
use crate::{
    body::{Body, BodyModel},
    error::PeopleError,
    person::SurfacePart,
};

/// The helper shells, refined once for all bodies.
#[derive(Clone, Debug)]
pub struct Wardrobe {
    tights: Shell,
    skirt: Shell,
    /// Vertices of the shell's border around the neck.
    neck_ring: Vec<usize>,
}

/// What a person wears, as geometry.
#[derive(Clone, Debug)]
pub struct Outfit {
    /// Surfaces of clothes and shoes, posed like the body.
    pub surfaces: Vec<SurfacePart>,
    /// Whether clothes hide each face of the group `body` for certain; hidden skin is not rendered.
    pub covered: Vec<bool>,
    /// Posed vertices of the body, where clothes press it in.
    pub skin: Vec<Vec3>,
    /// Outer sides of the top and of its collar, open sheets, for hair to lie on.
    pub over_shoulders: Vec<ClosestPoint>,
    /// How far the whole person is to be raised so that the soles of the shoes lie on y = 0.
    pub lift_m: f32,
}

/// Skin this far inside the edge of a garment is hidden, in metres.
const MARGIN_M: f32 = 0.05;

impl Wardrobe {
    /// Refines the shells of the model.
    pub fn new(model: &BodyModel) -> Result<Self, PeopleError> {
        let tights = Shell::build(
            model,
            BodyModel::TIGHTS_VERTICES,
            model.group("helper-tights")?,
            2,
        );
        let skirt = Shell::build(
            model,
            BodyModel::SKIRT_VERTICES,
            model.group("helper-skirt")?,
            2,
        );
        let triangles: Vec<[u32; 3]> = tights
            .coarse
            .iter()
            .flat_map(|&[a, b, c, d]| [[a, b, c], [a, c, d]])
            .collect();
        let first = tights.vertices.start;
        let highest = |ring: &Vec<u32>| {
            let y = ring.iter().map(|&v| model.template[first + v as usize].y);
            y.fold(f32::MIN, f32::max)
        };
        let neck_ring = cloth::border_loops(&triangles)
            .into_iter()
            .max_by(|a, b| highest(a).total_cmp(&highest(b)))
            .unwrap_or_default();
        Ok(Self {
            tights,
            skirt,
            neck_ring: neck_ring.iter().map(|&v| first + v as usize).collect(),
        })
    }

    /// Joints and measures of a body at rest.
    fn landmarks(&self, model: &BodyModel, body: &Body) -> Result<Landmarks, PeopleError> {
        let neck_ring: Vec<Vec3> = self.neck_ring.iter().map(|&v| body.neutral[v]).collect();
        Landmarks::of(model, body, &neck_ring)
    }

    /// Dresses `body`. The seed moves the folds that the pose does not explain.
    pub fn dress(
        &self,
        model: &BodyModel,
        body: &Body,
        params: &GarmentParams,
        detail_seed: u64,
    ) -> Result<Outfit, PeopleError> {
        let marks = self.landmarks(model, body)?;
        let worn = self.fit_out(model, body, params, detail_seed, &marks);
        let places = marks.body_places(model, body);
        let cuts = Cuts::of(params, &marks);
        let skin = give::give_way(&cuts, &marks, body, &places, &worn);
        let [top, bottom, shoes] = worn;
        let collars = top.surfaces.iter().filter(|s| s.variant == "collar");
        let neck = body.bones[model.bone("neck01")?].rotation * marks.neck_axis;
        let mut over_shoulders: Vec<ClosestPoint> =
            collars.map(|s| collar::outer_side(&s.mesh, neck)).collect();
        over_shoulders.push(top.outer);
        let worn = [top.surfaces, bottom.surfaces, shoes.surfaces];
        let mut surfaces: Vec<SurfacePart> = worn.into_iter().flatten().collect();
        let soles = surfaces.iter().filter(|surface| surface.variant == "sole");
        let lowest = soles
            .flat_map(|surface| &surface.mesh.positions)
            .fold(f32::MAX, |low, p| low.min(p.y));
        // Hems lie on the ground rather than under it.
        for surface in &mut surfaces {
            let points = &mut surface.mesh.positions;
            points.iter_mut().for_each(|p| p.y = p.y.max(lowest));
        }
        Ok(Outfit {
            covered: covered(model, &cuts, &marks, &places)?,
            surfaces,
            skin,
            over_shoulders,
            lift_m: -lowest,
        })
    }

    /// Top, bottom and shoes, each over those that it is worn over.
    fn fit_out(
        &self,
        model: &BodyModel,
        body: &Body,
        params: &GarmentParams,
        detail_seed: u64,
        marks: &Landmarks,
    ) -> [Worn; 3] {
        let skin = Skin::of(model, body, &marks.arm_bones, &marks.leg_bones);
        let fitting = Fitting {
            marks,
            maps: &body.posed_from_rest,
            skin: &skin,
            seed: (detail_seed ^ (detail_seed >> 32)) as u32,
        };
        let (tights, skirt) = (&self.tights, &self.skirt);
        let for_feet = fine(tights, &tights.skin, body, 2, 0.001);
        let shoes = shoe::make(&fitting, &params.shoes, &for_feet);

        let close = matches!(params.bottom.kind, BottomKind::Leggings | BottomKind::Skirt);
        let n_rounds = if close { 6 } else { 40 };
        let for_legs = fine(tights, &tights.skin, body, n_rounds, 0.002);
        let for_skirt = fine(skirt, &skirt.skin, body, 0, 0.0);
        let over_shoes = [(&shoes.outer, 0.004)];
        let bottom = bottom::make(&fitting, &params.bottom, &for_legs, &for_skirt, &over_shoes);

        let knit = matches!(params.top.kind, TopKind::Sweater | TopKind::Turtleneck);
        let for_trunk = fine(
            tights,
            &tights.loose,
            body,
            if knit { 80 } else { 60 },
            0.003,
        );
        let over_bottom = [(&bottom.outer, 0.0045)];
        let top = top::make(&fitting, &params.top, &for_trunk, &over_bottom);
        [top, bottom, shoes]
    }
}

/// The fine shell of a body, tightened over hollows, as uncut cloth.
fn fine(shell: &Shell, skin: &Rows, body: &Body, n_rounds: usize, gap_m: f32) -> Cloth {
    let hugging = &body.neutral[shell.vertices.clone()];
    let tight = if n_rounds == 0 {
        hugging.to_vec()
    } else {
        tighten(shell, hugging, n_rounds, gap_m, 0.04)
    };
    Cloth::from_quads(
        shell.quads.iter().copied(),
        &shell.rows.apply(hugging),
        &shell.rows.apply(&tight),
        skin,
    )
}

/// Cuts of everything worn.
pub(crate) struct Cuts {
    top: TopCut,
    bottom: BottomCut,
    shoes: ShoeCut,
}

impl Cuts {
    fn of(params: &GarmentParams, marks: &Landmarks) -> Self {
        Self {
            top: TopCut::of(&params.top, marks),
            bottom: BottomCut::of(&params.bottom, marks),
            shoes: ShoeCut::of(&params.shoes, marks),
        }
    }

    /// Distance inside the edges of top, bottom, and shoes with socks, in metres.
    fn inside(&self, marks: &Landmarks, p: &Place) -> [f32; 3] {
        [
            self.top.inside(marks, p),
            self.bottom.inside(marks, p),
            self.shoes.inside(p),
        ]
    }
}

/// Which faces of the body lie well inside the clothes.
fn covered(
    model: &BodyModel,
    cuts: &Cuts,
    marks: &Landmarks,
    places: &[Place],
) -> Result<Vec<bool>, PeopleError> {
    // Tops and bottoms overlap, so their edges at the waist hide nothing between them.
    let hidden: Vec<bool> = places
        .iter()
        .map(|p| {
            let [top, bottom, shoes] = cuts.inside(marks, p);
            MARGIN_M < top.max(bottom).max(shoes)
        })
        .collect();
    Ok(model.faces[model.group("body")?]
        .iter()
        .map(|face| face.iter().all(|&v| hidden[v as usize]))
        .collect())
}
