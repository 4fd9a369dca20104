//! A skeleton for solving poses: joints, forward kinematics, and writing rotations back.

use std::collections::BTreeMap;

use bottega_schemas::params::PoseParams;
use glam::{Mat3, Quat, Vec3};

use super::template;
use crate::{body::BodyModel, error::PeopleError};

/// Bones with their heads at rest.
pub(crate) struct Skeleton {
    index: BTreeMap<String, usize>,
    names: Vec<String>,
    parents: Vec<Option<usize>>,
    heads: Vec<Vec3>,
}

/// Global rotations and heads of a posed skeleton, by bone index.
pub(crate) struct Posed {
    rotations: Vec<Quat>,
    heads: Vec<Vec3>,
}

impl Skeleton {
    /// The skeleton of the template, without a body: for poses that are not yet anybody's.
    pub(crate) fn template() -> Self {
        let names = template::names();
        let index: BTreeMap<String, usize> = names.iter().cloned().zip(0..).collect();
        let parents = names
            .iter()
            .map(|name| template::parent(name).and_then(|p| index.get(&p).copied()))
            .collect();
        let heads = names.iter().map(|name| template::head(name)).collect();
        Self {
            index,
            names,
            parents,
            heads,
        }
    }

    /// The skeleton of a body in shape `rest`.
    pub(crate) fn of_body(model: &BodyModel, rest: &[Vec3]) -> Result<Self, PeopleError> {
        for name in template::names() {
            model.bone(&name)?;
        }
        let bones = &model.rig.bones;
        let names: Vec<String> = bones.iter().map(|bone| bone.name.clone()).collect();
        Ok(Self {
            index: names.iter().cloned().zip(0..).collect(),
            names,
            parents: bones.iter().map(|bone| bone.parent).collect(),
            heads: bones.iter().map(|bone| bone.head.locate(rest)).collect(),
        })
    }

    /// Index of a bone that poses name.
    fn find(&self, bone: &str) -> usize {
        self.index[bone]
    }

    /// Head of `bone` at rest.
    pub(crate) fn rest(&self, bone: &str) -> Vec3 {
        self.heads[self.find(bone)]
    }

    /// Unit direction from the head of one bone to that of another, at rest.
    pub(crate) fn rest_direction(&self, from: &str, to: &str) -> Vec3 {
        (self.rest(to) - self.rest(from)).normalize_or(Vec3::NEG_Y)
    }

    /// Distance between the heads of two bones at rest.
    pub(crate) fn length(&self, from: &str, to: &str) -> f32 {
        self.rest(from).distance(self.rest(to))
    }

    /// Forward kinematics with the root's head where it is at rest.
    pub(crate) fn pose(&self, params: &PoseParams) -> Posed {
        let mut posed = Posed {
            rotations: vec![Quat::IDENTITY; self.names.len()],
            heads: self.heads.clone(),
        };
        // Parents may follow their children in the template's list, so each chain is walked up.
        let mut done = vec![false; self.names.len()];
        for bone in 0..self.names.len() {
            self.pose_bone(bone, params, &mut posed, &mut done);
        }
        posed
    }

    fn pose_bone(&self, bone: usize, params: &PoseParams, posed: &mut Posed, done: &mut [bool]) {
        if done[bone] {
            return;
        }
        done[bone] = true;
        let Some(parent) = self.parents[bone] else {
            posed.rotations[bone] = Quat::from_array(params.root_rotation);
            return;
        };
        self.pose_bone(parent, params, posed, done);
        posed.rotations[bone] = posed.rotations[parent] * local(params, &self.names[bone]);
        posed.heads[bone] =
            posed.heads[parent] + posed.rotations[parent] * (self.heads[bone] - self.heads[parent]);
    }

    /// Global rotation of `bone`.
    pub(crate) fn rotation(&self, posed: &Posed, bone: &str) -> Quat {
        posed.rotations[self.find(bone)]
    }

    /// Global rotation of the parent of `bone`.
    pub(crate) fn parent_rotation(&self, posed: &Posed, bone: &str) -> Quat {
        self.parents[self.find(bone)].map_or(Quat::IDENTITY, |parent| posed.rotations[parent])
    }

    /// Head of `bone`.
    pub(crate) fn head(&self, posed: &Posed, bone: &str) -> Vec3 {
        posed.heads[self.find(bone)]
    }
}

/// Local rotation of `bone`; identity where the pose does not name it.
pub(crate) fn local(params: &PoseParams, bone: &str) -> Quat {
    params
        .bones
        .get(bone)
        .map_or(Quat::IDENTITY, |q| Quat::from_array(*q))
}

/// Sets the local rotation of `bone`.
pub(crate) fn set(params: &mut PoseParams, bone: &str, rotation: Quat) {
    let q = if rotation.w < 0.0 {
        -rotation
    } else {
        rotation
    };
    params
        .bones
        .insert(bone.to_owned(), (q / q.length()).to_array());
}

/// The rotation that takes the frame (direction `d`, second axis `s`) at rest to that of the pose;
/// second axes are made orthogonal to the directions.
pub(crate) fn frame_rotation(rest: (Vec3, Vec3), posed: (Vec3, Vec3)) -> Quat {
    let frame = |(d, s): (Vec3, Vec3)| {
        let s = (s - d * s.dot(d)).normalize_or(d.any_orthonormal_vector());
        Mat3::from_cols(d, s, d.cross(s))
    };
    let q = Quat::from_mat3(&(frame(posed) * frame(rest).transpose()));
    q / q.length()
}

/// Splits `q` into `swing * twist`, the twist about the unit vector `axis`.
pub(crate) fn swing_twist(q: Quat, axis: Vec3) -> (Quat, Quat) {
    let along = Vec3::new(q.x, q.y, q.z).dot(axis);
    let twist = Quat::from_xyzw(axis.x * along, axis.y * along, axis.z * along, q.w);
    let length = twist.length();
    if length < 1e-6 {
        return (q, Quat::IDENTITY);
    }
    let twist = if twist.w < 0.0 { -twist } else { twist } / length;
    (q * twist.conjugate(), twist)
}

#[cfg(test)]
mod tests {
    use bottega_geometry::rotation;

    use super::*;

    #[test]
    fn swing_times_twist_is_the_whole() {
        let q = rotation::from_vector(Vec3::new(0.4, -1.2, 0.7));
        let axis = Vec3::new(0.6, 0.0, 0.8);
        let (swing, twist) = swing_twist(q, axis);
        assert!((swing * twist).dot(q).abs() > 1.0 - 1e-6);
        assert!(rotation::to_vector(twist).cross(axis).length() < 1e-5);
        assert!(rotation::to_vector(swing).dot(axis).abs() < 1e-2);
    }

    #[test]
    fn frame_rotation_maps_both_axes() {
        let q = frame_rotation((Vec3::NEG_Y, Vec3::Z), (Vec3::Z, Vec3::Y));
        assert!((q * Vec3::NEG_Y).distance(Vec3::Z) < 1e-6);
        assert!((q * Vec3::Z).distance(Vec3::Y) < 1e-6);
    }
}
