//! Draws a pose: a family, a prior, and a quantile for every name.

use std::{collections::BTreeMap, str::FromStr};

use bottega_geometry::{math, rotation};
use bottega_schemas::params::PoseParams;
use glam::{Quat, Vec3};

use super::{
    hand,
    limb::SIDES,
    limits,
    prior::PosePrior,
    quantile, seated,
    skeleton::{Skeleton, local, set},
    template,
};
use crate::error::PeopleError;

/// Families of poses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PoseFamily {
    /// Standing at ease, arms hanging.
    Stand,
    /// Standing, one arm or both speaking.
    Gesture,
    /// In mid-step.
    Walk,
    /// On a stool, hands on the thighs or in the lap.
    Sit,
}

impl PoseFamily {
    /// All families.
    pub const ALL: [Self; 4] = [Self::Stand, Self::Gesture, Self::Walk, Self::Sit];

    /// The name in [`PoseParams::pose_id`].
    pub fn id(self) -> &'static str {
        match self {
            Self::Stand => "stand",
            Self::Gesture => "gesture",
            Self::Walk => "walk",
            Self::Sit => "sit",
        }
    }
}

impl FromStr for PoseFamily {
    type Err = PeopleError;

    fn from_str(id: &str) -> Result<Self, PeopleError> {
        Self::ALL
            .into_iter()
            .find(|family| family.id() == id)
            .ok_or_else(|| PeopleError::UnknownName {
                kind: "pose family",
                name: id.to_owned(),
            })
    }
}

/// Share of the turn of the head that each bone of the neck takes, from below (human anatomy by
/// rule of thumb: the skull's own joints turn most).
const NECK: [(&str, f32); 4] = [
    ("neck01", 0.20),
    ("neck02", 0.20),
    ("neck03", 0.25),
    ("head", 0.35),
];

/// Draws a pose of `family`.
///
/// `draw` gives the quantile in `[0, 1)` of each name; the same quantiles give the same pose. The
/// pose fits the template: [`settle`](super::settle) fits it to a body.
pub fn draw_pose(
    prior: &PosePrior,
    family: PoseFamily,
    draw: &mut dyn FnMut(&str) -> f64,
) -> PoseParams {
    let skeleton = Skeleton::template();
    let mut params = PoseParams {
        pose_id: family.id().to_owned(),
        root_rotation: Quat::IDENTITY.to_array(),
        bones: BTreeMap::new(),
        seated: family == PoseFamily::Sit,
    };
    match family {
        PoseFamily::Stand | PoseFamily::Gesture => {
            put(&mut params, prior.group("stance").draw("stance", 0.6, draw));
        }
        PoseFamily::Walk => put(&mut params, prior.group("walk").draw("walk", 0.85, draw)),
        PoseFamily::Sit => {
            put(&mut params, prior.group("trunk").draw("trunk", 0.35, draw));
            seated::draw_seat(&skeleton, &mut params, draw);
        }
    }
    straighten(&mut params, 0.5);
    for side in SIDES {
        match family {
            PoseFamily::Walk => {}
            PoseFamily::Sit => seated::draw_hand(&skeleton, &mut params, side, draw),
            PoseFamily::Stand => draw_arm(prior, &mut params, "arm_hang", 0.7, side, draw),
            PoseFamily::Gesture => {
                // One arm speaks, and in four of ten poses the other does too.
                let left = draw("gesture/left") < 0.5;
                let both = draw("gesture/both") < 0.4;
                if both || (side == ".L") == left {
                    draw_arm(prior, &mut params, "arm_gesture", 0.65, side, draw);
                } else {
                    draw_arm(prior, &mut params, "arm_hang", 0.7, side, draw);
                }
            }
        }
        let curl = 1.0 + quantile::truncated(draw(&format!("curl{side}")), 0.35, 2.0) as f32;
        hand::curl(&skeleton, &mut params, side, curl);
        lift_shoulder(&skeleton, &mut params, side);
    }
    turn_head(&mut params, family, draw);
    limits::clamp(&mut params);
    params
}

/// Takes over the rotations of a drawn group; `root` is the whole person.
fn put(params: &mut PoseParams, rotations: BTreeMap<String, Quat>) {
    for (bone, q) in rotations {
        if bone == "root" {
            params.root_rotation = q.to_array();
        } else {
            set(params, &bone, q);
        }
    }
}

/// Scales the forward bend of the neck by `keep`: people in front of a camera look ahead.
fn straighten(params: &mut PoseParams, keep: f32) {
    for (bone, _) in NECK {
        let v = rotation::to_vector(local(params, bone));
        let straight = Vec3::new(v.x * keep, v.y, v.z);
        set(params, bone, rotation::from_vector(straight));
    }
}

/// An arm of a group, which holds left arms; the right one is the mirror image.
fn draw_arm(
    prior: &PosePrior,
    params: &mut PoseParams,
    group: &str,
    spread: f32,
    side: &str,
    draw: &mut dyn FnMut(&str) -> f64,
) {
    let prefix = format!("{group}{side}");
    for (bone, q) in prior.group(group).draw(&prefix, spread, draw) {
        if side == ".L" {
            set(params, &bone, q);
        } else {
            let mirror = Quat::from_xyzw(q.x, -q.y, -q.z, q.w);
            set(params, &template::other_side(&bone), mirror);
        }
    }
}

/// Raises the shoulder by a third of the arm's elevation beyond 30 degrees; the arm itself stays.
///
/// Scapulo-humeral rhythm; the frames behind the prior have rigid collar bones.
fn lift_shoulder(skeleton: &Skeleton, params: &mut PoseParams, side: &str) {
    let bone = |stem: &str| format!("{stem}{side}");
    let posed = skeleton.pose(params);
    let arm =
        skeleton.head(&posed, &bone("lowerarm01")) - skeleton.head(&posed, &bone("upperarm01"));
    let down = skeleton.rotation(&posed, "spine01") * Vec3::NEG_Y;
    let elevation_rad = math::acos(arm.normalize_or(down).dot(down));
    let lift_rad = ((elevation_rad - 30.0_f32.to_radians()) / 3.0).clamp(0.0, 0.6);
    let sign = if side == ".L" { 1.0 } else { -1.0 };
    let lift = rotation::about_axis(Vec3::Z, sign * lift_rad);
    set(params, &bone("shoulder01"), lift);
    let arm = local(params, &bone("upperarm01"));
    set(params, &bone("upperarm01"), lift.conjugate() * arm);
}

/// Turns the head beyond what the trunk's group does.
fn turn_head(params: &mut PoseParams, family: PoseFamily, draw: &mut dyn FnMut(&str) -> f64) {
    let calm = if family == PoseFamily::Walk { 0.6 } else { 1.0 };
    let mut angle = |name: &str, sigma_deg: f64| {
        (calm * quantile::truncated(draw(name), sigma_deg, 2.0) as f32).to_radians()
    };
    let (yaw, pitch, roll) = (
        angle("head/yaw", 17.0),
        angle("head/pitch", 6.0),
        angle("head/roll", 4.5),
    );
    for (bone, share) in NECK {
        let turn = rotation::about_axis(Vec3::Y, yaw * share)
            * rotation::about_axis(Vec3::X, pitch * share)
            * rotation::about_axis(Vec3::Z, roll * share);
        let turned = local(params, bone) * turn;
        set(params, bone, turned);
    }
}
