//! The skeleton: joints that follow the shape, and forward kinematics.
//!
//! With h the rest head of a bone, p its parent and D its local rotation expressed in the rest
//! axes of the model: `G = G_p D`, `q = q_p + G_p (h - h_p)`; a point x moves to `G (x - h) + q`.
//! Bone rolls drop out, so poses pass from one shape to another.

use std::collections::BTreeMap;

use bottega_geometry::{math, rotation};
use glam::{Affine3A, Quat, Vec3};

/// Where a joint lies on the morphed mesh: the mean of these vertices.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct JointSource {
    /// Vertices, at least one.
    pub vertices: Vec<u32>,
}

impl JointSource {
    /// The joint on a mesh in that shape.
    pub fn locate(&self, positions: &[Vec3]) -> Vec3 {
        let sum: Vec3 = self.vertices.iter().map(|&v| positions[v as usize]).sum();
        sum / self.vertices.len() as f32
    }
}

/// One bone.
#[derive(Clone, Debug, PartialEq)]
pub struct Bone {
    /// Name, `.L` being the person's left.
    pub name: String,
    /// Index of the parent, always lower than the bone's own; `None` for the root.
    pub parent: Option<usize>,
    /// Where the bone turns.
    pub head: JointSource,
    /// Where it ends.
    pub tail: JointSource,
    /// Turn about its own length at rest, in radians; of use to bone-local pose files only.
    pub roll_rad: f32,
}

/// The skeleton, parents before children.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rig {
    /// Bones; the root is the first.
    pub bones: Vec<Bone>,
}

/// One bone of a posed person.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PosedBone {
    /// Head at rest, in metres.
    pub rest_head: Vec3,
    /// Tail at rest, in metres.
    pub rest_tail: Vec3,
    /// Rotation from rest (G).
    pub rotation: Quat,
    /// Posed head (q), in metres.
    pub head: Vec3,
}

impl PosedBone {
    /// The rigid map from rest to posed space.
    pub fn posed_from_rest(&self) -> Affine3A {
        let turn = Affine3A::from_quat(self.rotation);
        let translation = self.head - self.rotation * self.rest_head;
        Affine3A {
            matrix3: turn.matrix3,
            translation: translation.into(),
        }
    }

    /// Posed tail, in metres.
    pub fn tail(&self) -> Vec3 {
        self.head + self.rotation * (self.rest_tail - self.rest_head)
    }
}

impl Rig {
    /// Index of the bone called `name`.
    pub fn find(&self, name: &str) -> Option<usize> {
        self.bones.iter().position(|bone| bone.name == name)
    }

    /// Poses the skeleton of a mesh in shape `rest`, with the root's head at `root_position`.
    ///
    /// `local` holds the rotation D of each bone that is not at rest, by bone index; the root's
    /// own entry is its global rotation.
    pub fn pose(
        &self,
        rest: &[Vec3],
        local: &BTreeMap<usize, Quat>,
        root_position: Option<Vec3>,
    ) -> Vec<PosedBone> {
        let mut posed: Vec<PosedBone> = Vec::with_capacity(self.bones.len());
        for (bone_idx, bone) in self.bones.iter().enumerate() {
            let rest_head = bone.head.locate(rest);
            let turn = local.get(&bone_idx).copied().unwrap_or(Quat::IDENTITY);
            let (rotation, head) = match bone.parent {
                None => (turn, root_position.unwrap_or(rest_head)),
                Some(parent) => {
                    let parent = &posed[parent];
                    (
                        parent.rotation * turn,
                        parent.head + parent.rotation * (rest_head - parent.rest_head),
                    )
                }
            };
            posed.push(PosedBone {
                rest_head,
                rest_tail: bone.tail.locate(rest),
                rotation,
                head,
            });
        }
        posed
    }

    /// The frame of a bone at rest: its y axis along the bone, turned by the roll.
    ///
    /// The smallest turn from the vertical axis of the pose files (+Y there, which is -Z here) to
    /// the bone, then the roll. The root is taken as identity. Conjugating by this turns a
    /// bone-local pose rotation B into `D = R B R^-1`.
    pub fn rest_orientation(&self, bone_idx: usize, bone: &PosedBone) -> Quat {
        let roll_axis = Vec3::NEG_Z;
        if self.bones[bone_idx].parent.is_none() {
            return Quat::IDENTITY;
        }
        let along = (bone.rest_tail - bone.rest_head).normalize_or(roll_axis);
        let cross = roll_axis.cross(along);
        let sine = cross.length();
        let aim = if sine <= 1e-7 {
            // The axis itself is kept; its opposite is reached by a half turn about X.
            if 0.0 < roll_axis.dot(along) {
                Quat::IDENTITY
            } else {
                Quat::from_xyzw(1.0, 0.0, 0.0, 0.0)
            }
        } else {
            rotation::about_axis(cross / sine, math::atan2(sine, roll_axis.dot(along)))
        };
        aim * rotation::about_axis(roll_axis, self.bones[bone_idx].roll_rad)
    }
}
