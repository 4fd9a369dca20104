//! One posed person: the morphed, expressive, skinned mesh with its bones and eyes.

use std::{collections::BTreeMap, f32::consts::PI};

use bottega_geometry::{math, rotation};
use bottega_schemas::params::{FaceParams, PoseParams, ShapeParams};
use glam::{Affine3A, Quat, Vec3};

use super::{
    model::{BodyModel, unknown},
    phenotype::TargetWeights,
    rig::PosedBone,
};
use crate::error::PeopleError;

/// Who moves the eyeballs when the person looks aside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EyeLook {
    /// The `eyeLook...` face units move them as they move the lids. They shift the eyeball in a
    /// straight line, which shrinks it; of use for comparison with other programs.
    Targets,
    /// The eyeballs turn rigidly toward the gaze; the face units move the lids alone. The mouth of
    /// a blank face is closed. What pictures are made of.
    Rigid,
}

/// Largest turns of the eyes: sideways, up and down, in radians.
const MAX_GAZE_RAD: [f32; 3] = [35.0 * PI / 180.0, 25.0 * PI / 180.0, 30.0 * PI / 180.0];

/// Place and direction of one eyeball.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EyePose {
    /// Centre at rest, in metres.
    pub rest_center: Vec3,
    /// Centre when posed, in metres.
    pub center: Vec3,
    /// Radius of the sclera, in metres.
    pub radius_m: f32,
    /// Turn of the eyeball in the head: maps +Z at rest to the gaze.
    pub gaze: Quat,
    /// Turn from an eye that looks along +Z at rest to the posed eye.
    pub rotation: Quat,
}

/// One posed person. All arrays hold every vertex of the model, helper geometry included.
#[derive(Clone, Debug, PartialEq)]
pub struct Body {
    /// Shape with a blank face, before posing, in metres.
    pub neutral: Vec<Vec3>,
    /// Shape and expression before posing, in metres.
    pub rest: Vec<Vec3>,
    /// Posed, with the soles on y = 0 and the pelvis above the origin, in metres.
    pub posed: Vec<Vec3>,
    /// Bones, as in the rig.
    pub bones: Vec<PosedBone>,
    /// Map of each bone from rest to posed space.
    pub posed_from_rest: Vec<Affine3A>,
    /// Left and right eye.
    pub eyes: [EyePose; 2],
}

impl BodyModel {
    /// The template with these blend shapes added.
    pub fn morph(&self, weights: &TargetWeights) -> Vec<Vec3> {
        let mut positions = self.template.clone();
        for &(target, weight) in &weights.entries {
            self.targets[target as usize].add_to(&mut positions, weight);
        }
        positions
    }

    /// A person of this shape in this pose with this face.
    ///
    /// The person is moved so that the lowest vertex of the body lies on y = 0 and the head of the
    /// root bone above the origin.
    pub fn build(
        &self,
        shape: &ShapeParams,
        pose: &PoseParams,
        face: &FaceParams,
        look: EyeLook,
    ) -> Result<Body, PeopleError> {
        let mut neutral = self.morph(&self.resolve_weights(shape, &BTreeMap::new())?);
        if look == EyeLook::Rigid {
            self.lips.close(&mut neutral);
        }
        let eyes = self.eyes_at_rest(&neutral, face, look)?;
        let rest = self.express(&neutral, face, &eyes, look)?;

        let mut local = BTreeMap::from([(0, unit(pose.root_rotation))]);
        for (name, &turn) in &pose.bones {
            let bone = self.bone(name)?;
            if bone != 0 {
                local.insert(bone, unit(turn));
            }
        }
        let bones = self.rig.pose(&rest, &local, None);
        let mut body = Body::skin(self, neutral, rest, bones, eyes);
        for (eye, bone) in body.eyes.iter_mut().zip(["eye.L", "eye.R"]) {
            let bone = self.bone(bone)?;
            eye.center = body.posed_from_rest[bone].transform_point3(eye.rest_center);
            eye.rotation = body.bones[bone].rotation * eye.gaze;
        }
        let lowest = body.posed[Self::BODY_VERTICES]
            .iter()
            .fold(f32::MAX, |low, p| low.min(p.y));
        let root = body.bones[0].head;
        body.translate(Vec3::new(-root.x, -lowest, -root.z));
        Ok(body)
    }

    /// Adds the expression to a blank face; with rigid eyes the lids also follow the gaze.
    fn express(
        &self,
        neutral: &[Vec3],
        face: &FaceParams,
        eyes: &[EyePose; 2],
        look: EyeLook,
    ) -> Result<Vec<Vec3>, PeopleError> {
        let mut units = face.units.clone();
        if look == EyeLook::Rigid {
            for (name, weight) in lid_units(eyes) {
                let unit = units.entry(name.to_owned()).or_insert(0.0);
                *unit = (*unit + weight).min(1.0);
            }
        }
        let eyeballs = Self::EYE_VERTICES[0].start as u16..Self::EYE_VERTICES[1].end as u16;
        let mut rest = neutral.to_vec();
        for (name, &weight) in units.iter().filter(|&(_, &weight)| weight != 0.0) {
            let target = self
                .target_names
                .get(&format!("faceunits/{name}"))
                .ok_or_else(|| unknown("face unit", name))?;
            let target = &self.targets[*target as usize];
            if look == EyeLook::Rigid && name.starts_with("eyeLook") {
                target.add_to_except(&mut rest, weight, eyeballs.clone());
            } else {
                target.add_to(&mut rest, weight);
            }
        }
        Ok(rest)
    }

    /// Centre, radius and gaze of both eyes before posing; the helper eyes are spheres.
    fn eyes_at_rest(
        &self,
        neutral: &[Vec3],
        face: &FaceParams,
        look: EyeLook,
    ) -> Result<[EyePose; 2], PeopleError> {
        let mut eyes = [("eye.L", 0), ("eye.R", 1)].map(|(bone, side)| {
            let center = self.bone(bone)?;
            let center = self.rig.bones[center].head.locate(neutral);
            let shell = &neutral[Self::EYE_VERTICES[side].clone()];
            let radii: f32 = shell.iter().map(|p| p.distance(center)).sum();
            Ok::<_, PeopleError>(EyePose {
                rest_center: center,
                center,
                radius_m: radii / shell.len() as f32,
                gaze: Quat::IDENTITY,
                rotation: Quat::IDENTITY,
            })
        });
        let between = match &eyes {
            [Ok(left), Ok(right)] => 0.5 * (left.rest_center + right.rest_center),
            _ => Vec3::ZERO,
        };
        if look == EyeLook::Rigid {
            let (sin_yaw, cos_yaw) = math::sin_cos(face.gaze_yaw_rad);
            let (sin_pitch, cos_pitch) = math::sin_cos(face.gaze_pitch_rad);
            let toward = Vec3::new(sin_yaw * cos_pitch, sin_pitch, cos_yaw * cos_pitch);
            let fixation = between + toward * face.vergence_m.max(0.1);
            for eye in eyes.iter_mut().flatten() {
                eye.gaze = aim(fixation - eye.rest_center);
            }
        }
        let [left, right] = eyes;
        Ok([left?, right?])
    }
}

/// The turn of an eye from +Z toward `d`, first sideways, then up: no roll, within its limits.
fn aim(d: Vec3) -> Quat {
    let [side, up, down] = MAX_GAZE_RAD;
    let yaw = math::atan2(d.x, d.z).clamp(-side, side);
    let flat = (d.x * d.x + d.z * d.z).sqrt();
    let pitch = math::atan2(d.y, flat).clamp(-down, up);
    rotation::about_axis(Vec3::Y, yaw) * rotation::about_axis(Vec3::X, -pitch)
}

/// How far the lids follow the eyes: face units and their weights.
fn lid_units(eyes: &[EyePose; 2]) -> impl Iterator<Item = (&'static str, f32)> {
    const NAMES: [[&str; 4]; 2] = [
        [
            "eyeLookUpLeft",
            "eyeLookDownLeft",
            "eyeLookOutLeft",
            "eyeLookInLeft",
        ],
        [
            "eyeLookUpRight",
            "eyeLookDownRight",
            "eyeLookInRight",
            "eyeLookOutRight",
        ],
    ];
    let [side, up, down] = MAX_GAZE_RAD;
    let weights = eyes.map(|eye| {
        let d = eye.gaze * Vec3::Z;
        let pitch = math::asin(d.y);
        let yaw = math::atan2(d.x, d.z);
        [pitch / up, -pitch / down, yaw / side, -yaw / side].map(|weight| weight.clamp(0.0, 1.0))
    });
    (0..2).flat_map(move |side| (0..4).map(move |unit| (NAMES[side][unit], weights[side][unit])))
}

fn unit(turn: [f32; 4]) -> Quat {
    let q = Quat::from_array(turn);
    let length = q.length();
    if length < 1e-6 {
        return Quat::IDENTITY;
    }
    q / length
}

impl Body {
    /// Skins a mesh at rest with posed bones.
    pub(crate) fn skin(
        model: &BodyModel,
        neutral: Vec<Vec3>,
        rest: Vec<Vec3>,
        bones: Vec<PosedBone>,
        eyes: [EyePose; 2],
    ) -> Self {
        let posed_from_rest: Vec<Affine3A> = bones.iter().map(PosedBone::posed_from_rest).collect();
        let posed = rest
            .iter()
            .enumerate()
            .map(|(vertex, &p)| {
                let map = model.weights.blend(vertex, &posed_from_rest);
                map.transform_point3(p)
            })
            .collect();
        Self {
            neutral,
            rest,
            posed,
            bones,
            posed_from_rest,
            eyes,
        }
    }

    /// Moves the posed person as a whole.
    pub fn translate(&mut self, by: Vec3) {
        self.posed.iter_mut().for_each(|p| *p += by);
        for (bone, map) in self.bones.iter_mut().zip(&mut self.posed_from_rest) {
            bone.head += by;
            map.translation += glam::Vec3A::from(by);
        }
        self.eyes.iter_mut().for_each(|eye| eye.center += by);
    }

    /// A point at rest that moves rigidly with one bone.
    pub fn with_bone(&self, bone: usize, rest_point: Vec3) -> Vec3 {
        self.posed_from_rest[bone].transform_point3(rest_point)
    }

    /// The map from rest to posed space of a point that hangs on several vertices.
    pub fn blend(&self, model: &BodyModel, binding: &[(u32, f32)]) -> Affine3A {
        let mut sum = Affine3A {
            matrix3: glam::Mat3A::ZERO,
            translation: glam::Vec3A::ZERO,
        };
        for &(vertex, weight) in binding {
            let map = model.weights.blend(vertex as usize, &self.posed_from_rest);
            sum.matrix3 += map.matrix3 * weight;
            sum.translation += map.translation * weight;
        }
        sum
    }

    /// A point at rest that hangs on several vertices (weights sum to 1), skinned like them.
    pub fn with_vertices(
        &self,
        model: &BodyModel,
        binding: &[(u32, f32)],
        rest_point: Vec3,
    ) -> Vec3 {
        self.blend(model, binding).transform_point3(rest_point)
    }
}
