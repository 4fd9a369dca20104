//! Points of a posed person that labels name: joints, face landmarks and the net over the face.
//!
//! Which points there are, and in which order, is written in [`bottega_schemas::points`].

use std::ops::Range;

use bottega_schemas::points::{FACE_NET, JOINTS, LANDMARK_VERTICES};
use glam::Vec3;

use crate::{
    body::{Body, BodyModel},
    error::PeopleError,
    face,
};

/// A point, and how deep it may lie under what is seen of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mark {
    /// Where it is, in metres.
    pub position: Vec3,
    /// What is seen less than so far before it is its own cover, in metres: next to nothing on
    /// the skin; of a joint the flesh and cloth about it.
    pub depth_m: f32,
}

/// The points of a person, in the orders of [`bottega_schemas::points`].
#[derive(Clone, Debug, PartialEq)]
pub struct Marks {
    /// Joints.
    pub joints: Vec<Mark>,
    /// The 68 landmarks of the skin, then the middle of the right and of the left pupil.
    pub landmarks: Vec<Mark>,
    /// The net over the face.
    pub face_net: Vec<Mark>,
}

/// Depth of points of the skin, in metres: what the refinement of the mesh and the slope of the
/// skin make uncertain.
const SKIN_DEPTH_M: f32 = 0.002;

/// Depth of the top of the head, in metres: a head of hair.
const HAIR_DEPTH_M: f32 = 0.10;

/// A joint counts as deep as so many times its distance to the nearest skin, since limbs are not
/// round and joints not in their middle.
const FLESH: f32 = 2.5;

/// And what is worn over it, in metres, on limbs and trunk.
const CLOTH_M: f32 = 0.04;

/// The same of hands, which nothing is worn over, and all that lies over the opening of the lids.
const BARE_M: f32 = 0.01;

/// Where a joint lies.
#[derive(Clone, Debug)]
enum Source {
    /// On the skin at a vertex of the base mesh.
    Skin(u16),
    /// On the skin at a vertex, under hair.
    Top(u16),
    /// In the middle of the opening of the lids, whose landmarks are these.
    Eye(Range<usize>),
    /// Where a bone turns.
    Head(&'static str),
    /// Where a bone ends.
    Tail(&'static str),
    /// Where a bone of a finger turns.
    Finger(&'static str),
    /// Where a bone of a finger ends.
    Tip(&'static str),
    /// Midway between the hips.
    Hips,
}

use Source::{Eye, Finger, Head, Hips, Skin, Tail, Tip, Top};

/// Sources of the joints, in their order.
const SOURCES: [Source; JOINTS.len()] = [
    Skin(5054),
    Eye(42..48),
    Eye(36..42),
    Skin(12054),
    Skin(5455),
    Head("upperarm01.L"),
    Head("upperarm01.R"),
    Head("lowerarm01.L"),
    Head("lowerarm01.R"),
    Head("wrist.L"),
    Head("wrist.R"),
    Head("upperleg01.L"),
    Head("upperleg01.R"),
    Head("lowerleg01.L"),
    Head("lowerleg01.R"),
    Head("foot.L"),
    Head("foot.R"),
    Tail("toe1-2.L"),
    Tail("toe5-3.L"),
    Skin(12442),
    Tail("toe1-2.R"),
    Tail("toe5-3.R"),
    Skin(5845),
    Hips,
    Head("spine04"),
    Head("spine03"),
    Head("spine02"),
    Head("spine01"),
    Head("neck01"),
    Head("head"),
    Top(881),
    Head("clavicle.L"),
    Head("clavicle.R"),
    Head("wrist.L"),
    Finger("finger1-1.L"),
    Finger("finger1-2.L"),
    Finger("finger1-3.L"),
    Tip("finger1-3.L"),
    Finger("finger2-1.L"),
    Finger("finger2-2.L"),
    Finger("finger2-3.L"),
    Tip("finger2-3.L"),
    Finger("finger3-1.L"),
    Finger("finger3-2.L"),
    Finger("finger3-3.L"),
    Tip("finger3-3.L"),
    Finger("finger4-1.L"),
    Finger("finger4-2.L"),
    Finger("finger4-3.L"),
    Tip("finger4-3.L"),
    Finger("finger5-1.L"),
    Finger("finger5-2.L"),
    Finger("finger5-3.L"),
    Tip("finger5-3.L"),
    Head("wrist.R"),
    Finger("finger1-1.R"),
    Finger("finger1-2.R"),
    Finger("finger1-3.R"),
    Tip("finger1-3.R"),
    Finger("finger2-1.R"),
    Finger("finger2-2.R"),
    Finger("finger2-3.R"),
    Tip("finger2-3.R"),
    Finger("finger3-1.R"),
    Finger("finger3-2.R"),
    Finger("finger3-3.R"),
    Tip("finger3-3.R"),
    Finger("finger4-1.R"),
    Finger("finger4-2.R"),
    Finger("finger4-3.R"),
    Tip("finger4-3.R"),
    Finger("finger5-1.R"),
    Finger("finger5-2.R"),
    Finger("finger5-3.R"),
    Tip("finger5-3.R"),
];

impl Marks {
    /// The points of a posed body, of which `on_skin` holds the place of each vertex of the base
    /// mesh on the finished skin.
    ///
    /// # Errors
    /// When the rig lacks one of the bones.
    pub fn of(model: &BodyModel, body: &Body, on_skin: &[Vec3]) -> Result<Self, PeopleError> {
        let skin_mark = |vertex: &u16| Mark {
            position: on_skin[usize::from(*vertex)],
            depth_m: SKIN_DEPTH_M,
        };
        let joint = |source: &Source| -> Result<Mark, PeopleError> {
            let bone = |name: &str| Ok::<_, PeopleError>(&body.bones[model.bone(name)?]);
            let (position, worn_m) = match *source {
                Skin(vertex) => return Ok(skin_mark(&vertex)),
                Top(vertex) => {
                    let mark = skin_mark(&vertex);
                    return Ok(Mark {
                        depth_m: HAIR_DEPTH_M,
                        ..mark
                    });
                }
                Eye(ref lids) => {
                    let lids = LANDMARK_VERTICES[lids.clone()].iter().map(skin_mark);
                    let sum: Vec3 = lids.clone().map(|mark| mark.position).sum();
                    return Ok(Mark {
                        position: sum / lids.len() as f32,
                        depth_m: BARE_M,
                    });
                }
                Head(name) => (bone(name)?.head, CLOTH_M),
                Tail(name) => (bone(name)?.tail(), CLOTH_M),
                Finger(name) => (bone(name)?.head, BARE_M),
                Tip(name) => (bone(name)?.tail(), BARE_M),
                Hips => {
                    let [left, right] = ["upperleg01.L", "upperleg01.R"].map(bone);
                    (0.5 * (left?.head + right?.head), CLOTH_M)
                }
            };
            let nearest_m2 = (on_skin.iter()).fold(f32::MAX, |nearest, p| {
                nearest.min(p.distance_squared(position))
            });
            Ok(Mark {
                position,
                depth_m: FLESH * nearest_m2.sqrt() + worn_m,
            })
        };
        let [left, right] = &body.eyes;
        let pupils = [right, left].map(|eye| Mark {
            position: face::pupil(eye),
            depth_m: SKIN_DEPTH_M,
        });
        Ok(Self {
            joints: SOURCES.iter().map(joint).collect::<Result<_, _>>()?,
            landmarks: (LANDMARK_VERTICES.iter().map(skin_mark))
                .chain(pupils)
                .collect(),
            face_net: FACE_NET.iter().map(skin_mark).collect(),
        })
    }

    /// Moves all points.
    pub(crate) fn translate(&mut self, by: Vec3) {
        let lists = [&mut self.joints, &mut self.landmarks, &mut self.face_net];
        for mark in lists.into_iter().flatten() {
            mark.position += by;
        }
    }
}

#[cfg(test)]
mod tests {
    use bottega_schemas::points::LANDMARK_GROUPS;

    use super::*;
    use crate::body::fixture::model;

    fn mirrored(vertex: u16) -> u16 {
        model().mirror[usize::from(vertex)]
    }

    #[test]
    fn both_sides_have_the_same_points() {
        for (idx, joint) in JOINTS.iter().enumerate() {
            let Some(name) = joint.name.strip_prefix("left_") else {
                continue;
            };
            let other = bottega_schemas::points::joint_idx(&format!("right_{name}"));
            let other = other.expect("each side has it");
            let pair = (SOURCES[idx].clone(), SOURCES[other].clone());
            match pair {
                (Skin(left), Skin(right)) => assert_eq!(mirrored(left), right, "{name}"),
                (Eye(left), Eye(right)) => {
                    let groups = [("right_eye", right), ("left_eye", left)];
                    assert_eq!(LANDMARK_GROUPS[5..7], groups);
                }
                (Head(left), Head(right))
                | (Tail(left), Tail(right))
                | (Finger(left), Finger(right))
                | (Tip(left), Tip(right)) => {
                    assert_eq!(left.replace(".L", ".R"), right, "{name}");
                }
                other => unreachable!("{name}: {other:?}"),
            }
        }
        for vertex in FACE_NET {
            let other = mirrored(vertex);
            assert!(FACE_NET.binary_search(&other).is_ok(), "{vertex}");
        }
    }

    #[test]
    fn landmarks_stand_in_the_order_of_ibug() {
        // The first of a run is on the image's left, which is the person's right (-X).
        let at = |idx: usize| model().template[usize::from(LANDMARK_VERTICES[idx])];
        for (first, last) in [(0, 16), (17, 26), (31, 35), (36, 45), (48, 54), (60, 64)] {
            assert!(at(first).x < 0.0 && 0.0 < at(last).x, "{first}");
            let mirror = mirrored(LANDMARK_VERTICES[first]);
            assert_eq!(mirror, LANDMARK_VERTICES[last], "{first}");
        }
        // Down the jaw to the chin and up again; down the nose; lids above each other.
        for idx in 0..8 {
            assert!(at(idx + 1).y < at(idx).y && at(8 + idx).y < at(9 + idx).y);
        }
        for idx in 27..30 {
            assert!(at(idx + 1).y < at(idx).y && at(idx).x == 0.0);
        }
        for (upper, lower) in [(37, 41), (38, 40), (43, 47), (44, 46), (51, 57), (62, 66)] {
            assert!(at(lower).y < at(upper).y, "{upper}");
            assert!((at(lower).x - at(upper).x).abs() < 0.002, "{upper}");
        }
        // The inner lips lie within the outer ones, the lips under the nose.
        assert!(at(62).y < at(51).y && at(57).y < at(66).y && at(51).y < at(33).y);
    }
}
