//! Numbers -> a finished person: body, clothes, hair, and what shows between them.

use bottega_schemas::framing::Framing;
use bottega_schemas::params::{SceneParams, WornParams};
use bottega_schemas::seed::Seed;
use glam::Vec3;

use crate::body::{BodyModel, EyeLook, Regions, SkinDetail};
use crate::error::PeopleError;
use crate::garment::{Wardrobe, stool};
use crate::groom::{self, GroomKit, ScalpShade, StrandBudget};
use crate::marks::Marks;
use crate::person::{Anatomy, Measured, Person};
use crate::surfaces::{BodyParts, Look, SurfaceKit};
use crate::worn;

/// Weight of the ears from which a face of the skin belongs to them.
const EAR: f32 = 0.3;

/// A stage of the building of a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum BuildStage {
    /// Shape, pose, expression.
    Body,
    /// Clothes, draped.
    Clothes,
    /// Skin refined, with relief and colour; eyes, teeth, lashes.
    Skin,
    /// Glasses, hats, masks.
    Worn,
    /// Hair, brows, beard.
    Hair,
}

/// What all people share: the refined topology of skin and clothes, made once.
#[derive(Clone, Debug)]
pub struct Workshop {
    wardrobe: Wardrobe,
    groom_kit: GroomKit,
    /// For pictures in which the head is small.
    plain_kit: SurfaceKit,
    /// For pictures of the face.
    face_kit: SurfaceKit,
}

impl Workshop {
    /// Prepares the tables of a body model.
    pub fn new(model: &BodyModel) -> Result<Self, PeopleError> {
        Ok(Self {
            wardrobe: Wardrobe::new(model)?,
            groom_kit: GroomKit::new(model)?,
            plain_kit: SurfaceKit::new(model, SkinDetail::Body)?,
            face_kit: SurfaceKit::new(model, SkinDetail::Face)?,
        })
    }

    /// Landmarks and skin of the bare body of these numbers: enough to place a camera roughly.
    ///
    /// # Errors
    /// As [`Self::build`].
    pub fn sketch(
        model: &BodyModel,
        params: &SceneParams,
    ) -> Result<(Anatomy, Vec<Vec3>), PeopleError> {
        let shape = &params.person.shape;
        let body = model.build(shape, &params.pose, &params.face, EyeLook::Rigid)?;
        let skin = body.posed[BodyModel::BODY_VERTICES].to_vec();
        Ok((Anatomy::of(model, &body)?, skin))
    }

    /// Builds the person of these numbers, standing or sitting on the plane y = 0 in their shoes.
    ///
    /// # Errors
    /// When the numbers name bones, sliders or face units that the model does not have.
    pub fn build(&self, model: &BodyModel, params: &SceneParams) -> Result<Person, PeopleError> {
        let budget = StrandBudget::of(params.framing);
        self.build_watched(model, params, &budget, |_| {})
    }

    /// As [`Self::build`], with another number of strands; `done` hears of every stage that ends.
    ///
    /// # Errors
    /// As [`Self::build`].
    pub fn build_watched(
        &self,
        model: &BodyModel,
        params: &SceneParams,
        budget: &StrandBudget,
        mut done: impl FnMut(BuildStage),
    ) -> Result<Person, PeopleError> {
        let seed = Seed(params.detail_seed);
        let mut body = model.build(
            &params.person.shape,
            &params.pose,
            &params.face,
            EyeLook::Rigid,
        )?;
        done(BuildStage::Body);
        let outfit = self
            .wardrobe
            .dress(model, &body, &params.garments, params.detail_seed)?;
        body.posed[BodyModel::BODY_VERTICES].copy_from_slice(&outfit.skin);
        done(BuildStage::Clothes);
        let kit = match params.framing {
            Framing::Face => &self.face_kit,
            Framing::UpperBody | Framing::FullBody => &self.plain_kit,
        };
        let pressed = pressed_ears(model, &params.worn);
        let shown = |face: usize| !outfit.covered[face] && !pressed.get(face).unwrap_or(&false);
        let shade = ScalpShade::of(&params.groom, seed);
        let BodyParts {
            mut surfaces,
            mut strands,
            on_skin,
        } = kit.surfaces(
            model,
            &body,
            Look {
                person: &params.person,
                face: &params.face,
                shade: shade.as_ref(),
                grey_share: params.groom.color.grey_fraction,
                seed,
            },
            shown,
        )?;
        done(BuildStage::Skin);
        if params.pose.seated {
            surfaces.push(stool(model, &body, &outfit)?);
        }
        let mut head = self.groom_kit.surface(&body);
        let worn = (!params.worn.is_nothing()).then(|| {
            let clothes = &outfit.over_shoulders;
            worn::put_on(&params.worn, &params.groom, &head, &body, clothes, seed)
        });
        done(BuildStage::Worn);
        if groom::reaches_clothes(&params.groom) {
            head.wear(outfit.over_shoulders);
        }
        surfaces.extend(outfit.surfaces);
        let mut grown = groom::grow(&params.groom, &head, seed, budget);
        if let Some(worn) = worn {
            worn.press(&mut grown);
            surfaces.extend(worn.surfaces);
        }
        strands.extend(grown.strands);
        surfaces.extend(grown.surfaces);
        done(BuildStage::Hair);
        let mut person = Person {
            anatomy: Anatomy::of(model, &body)?,
            marks: Marks::of(model, &body, &on_skin)?,
            measured: Measured::of(model, &body.neutral),
            surfaces,
            strands,
        };
        person.raise(outfit.lift_m);
        Ok(person)
    }
}

/// Which faces of the body belong to ears that are hidden; empty where they are seen.
fn pressed_ears(model: &BodyModel, worn: &WornParams) -> Vec<bool> {
    if !worn::hides_ears(worn) {
        return Vec::new();
    }
    let n_vertices = BodyModel::BODY_VERTICES.end;
    let ears = Regions::dense(&model.regions.mask_vertices.ears, n_vertices);
    let body = model.group("body").unwrap_or(0..0);
    let is_ear = |face: &[u32; 4]| face.iter().any(|&v| EAR < ears[v as usize]);
    model.faces[body].iter().map(is_ear).collect()
}

impl Person {
    /// Moves the whole person up, in metres, and widens the bounds to what is worn and grown.
    fn raise(&mut self, lift_m: f32) {
        let by = Vec3::Y * lift_m;
        let surfaces = self.surfaces.iter_mut().map(|s| &mut s.mesh.positions);
        let strands = self.strands.iter_mut().map(|s| &mut s.strands.points);
        let anatomy = &mut self.anatomy;
        anatomy.raise(by);
        self.marks.translate(by);
        for points in surfaces.chain(strands) {
            points.iter_mut().for_each(|p| *p += by);
            anatomy.include(points);
        }
    }
}

impl Anatomy {
    fn raise(&mut self, by: Vec3) {
        let points = [
            &mut self.head_center,
            &mut self.vertex,
            &mut self.chin,
            &mut self.hip_center,
        ];
        let more = self.eye_centers.iter_mut().chain(&mut self.bounds);
        points.into_iter().chain(more).for_each(|p| *p += by);
    }
}
