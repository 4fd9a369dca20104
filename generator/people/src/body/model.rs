//! The human model: everything about bodies that is given, as plain data.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
};

use glam::{Vec2, Vec3};

use super::{lips::Lips, regions::Regions, rig::Rig, skinning::SkinWeights, target::Target};
use crate::error::PeopleError;

/// A named run of faces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// Name: `body`, `helper-tights`, `helper-l-eye`, `joint-...`.
    pub name: String,
    /// Its faces.
    pub faces: Range<usize>,
}

/// A signed shape detail: one target for each direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slider {
    /// Target of positive values.
    pub positive: u32,
    /// Target of negative values; without one they do nothing.
    pub negative: Option<u32>,
}

/// The human model.
///
/// Positions are metres in body axes: +Y up, the face looks to +Z, +X is the person's left.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BodyModel {
    /// Template vertices: body, helper geometry and joint cubes.
    pub template: Vec<Vec3>,
    /// Quads, counter-clockwise seen from outside.
    pub faces: Vec<[u32; 4]>,
    /// Texture coordinates, v up.
    pub uvs: Vec<Vec2>,
    /// Texture coordinates of each quad.
    pub uv_faces: Vec<[u32; 4]>,
    /// Runs of faces in file order.
    pub groups: Vec<Group>,
    /// Blend shapes.
    pub targets: Vec<Target>,
    /// Index of each blend shape by name: `macrodetails/universal-...`, `nose/nose-hump-incr`,
    /// `faceunits/jawOpen`.
    pub target_names: BTreeMap<String, u32>,
    /// Signed shape details by the name of their positive target, without its folder.
    pub sliders: BTreeMap<String, Slider>,
    /// Skeleton.
    pub rig: Rig,
    /// Skin weights of all vertices.
    pub weights: SkinWeights,
    /// Vertex on the other side of the body, for each vertex.
    pub mirror: Vec<u16>,
    /// Named regions.
    pub regions: Regions,
    /// Both lips, found when the model is read.
    pub(super) lips: Lips,
}

impl BodyModel {
    /// Vertices of the body itself; those behind are helper geometry.
    pub const BODY_VERTICES: Range<usize> = 0..13380;
    /// Vertices of the tongue.
    pub const TONGUE_VERTICES: Range<usize> = 13380..13606;
    /// Vertices of the left and the right eyeball.
    pub const EYE_VERTICES: [Range<usize>; 2] = [14598..14670, 14670..14742];
    /// Vertices of the left and the right lashes.
    pub const LASH_VERTICES: [Range<usize>; 2] = [14742..14867, 14867..14992];
    /// Vertices of the lower teeth.
    pub const LOWER_TEETH_VERTICES: Range<usize> = 14992..15060;
    /// Vertices of the upper teeth.
    pub const UPPER_TEETH_VERTICES: Range<usize> = 15060..15128;
    /// Vertices of the shell around the body to which close-fitting clothes bind.
    pub const TIGHTS_VERTICES: Range<usize> = 15328..18002;
    /// Vertices of the skirt shell.
    pub const SKIRT_VERTICES: Range<usize> = 18002..18722;
    /// Vertices of the coarse hair volume.
    pub const HAIR_VERTICES: Range<usize> = 18722..19150;

    /// Faces of the group called `name`.
    pub fn group(&self, name: &str) -> Result<Range<usize>, PeopleError> {
        self.groups
            .iter()
            .find(|group| group.name == name)
            .map(|group| group.faces.clone())
            .ok_or_else(|| unknown("group", name))
    }

    /// Vertices of the group called `name`, ascending.
    pub fn group_vertices(&self, name: &str) -> Result<Vec<u32>, PeopleError> {
        let faces = self.group(name)?;
        let vertices: BTreeSet<u32> = self.faces[faces].iter().flatten().copied().collect();
        Ok(vertices.into_iter().collect())
    }

    /// Index of the bone called `name`.
    pub fn bone(&self, name: &str) -> Result<usize, PeopleError> {
        self.rig.find(name).ok_or_else(|| unknown("bone", name))
    }

    /// Volume enclosed by the body (not the helper geometry) with these vertices, in cubic metres.
    pub fn volume_m3(&self, positions: &[Vec3]) -> f32 {
        let body = self.groups.first().map_or(0..0, |g| g.faces.clone());
        let six_volumes: f64 = self.faces[body]
            .iter()
            .map(|face| {
                let [a, b, c, d] = face.map(|v| positions[v as usize].as_dvec3());
                a.dot(b.cross(c)) + a.dot(c.cross(d))
            })
            .sum();
        (six_volumes / 6.0) as f32
    }

    /// Height of the body (not the helper geometry) with these vertices, in metres.
    pub fn stature_m(&self, positions: &[Vec3]) -> f32 {
        let heights = positions[Self::BODY_VERTICES].iter().map(|p| p.y);
        let (low, high) = heights.fold((f32::MAX, f32::MIN), |(low, high), y| {
            (low.min(y), high.max(y))
        });
        high - low
    }
}

/// The error for a name that the model lacks.
pub(crate) fn unknown(kind: &'static str, name: &str) -> PeopleError {
    PeopleError::UnknownName {
        kind,
        name: name.to_owned(),
    }
}
