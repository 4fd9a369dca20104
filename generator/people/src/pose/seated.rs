//! Sitting: thighs level, feet flat in front, hands on the thighs.

use bottega_geometry::{math, rotation};
use bottega_schemas::params::PoseParams;
use glam::{Quat, Vec3};

use super::{
    limb::{ArmGoal, SIDES, place_arm, place_leg},
    quantile,
    skeleton::{Skeleton, local, set},
};

/// Radius of the thigh under the hand and of the hand itself on the template, in metres.
const TEMPLATE_THIGH_M: f32 = 0.075;

/// Sits down on the template: pelvis, trunk and legs.
pub(crate) fn draw_seat(
    skeleton: &Skeleton,
    params: &mut PoseParams,
    draw: &mut dyn FnMut(&str) -> f64,
) {
    let mut degrees = |name: &str, mean: f64, sigma: f64| {
        ((mean + quantile::truncated(draw(name), sigma, 2.0)) as f32).to_radians()
    };
    // The pelvis rolls back, the trunk bends forward over it.
    let tilt = degrees("sit/tilt", -6.0, 3.0);
    let bend = degrees("sit/bend", 9.0, 5.0);
    let turn = degrees("sit/turn", 0.0, 3.0);
    params.root_rotation = rotation::about_axis(Vec3::X, tilt).to_array();
    for (bone, share) in [
        ("spine05", 0.4),
        ("spine04", 0.3),
        ("spine03", 0.2),
        ("spine02", 0.1),
    ] {
        let bent = local(params, bone)
            * rotation::about_axis(Vec3::X, bend * share)
            * rotation::about_axis(Vec3::Y, turn * share);
        set(params, bone, bent);
    }
    for (side, sign) in SIDES.into_iter().zip([1.0, -1.0]) {
        let spread = degrees(&format!("sit/spread{side}"), 9.0, 4.5);
        let shin = degrees(&format!("sit/shin{side}"), 2.0, 8.0);
        let toe_out = degrees(&format!("sit/toe{side}"), 8.0, 5.0);
        let posed = skeleton.pose(params);
        let (hip, knee) = (format!("upperleg01{side}"), format!("lowerleg01{side}"));
        let thigh_m = skeleton.length(&hip, &knee);
        let shin_m = skeleton.length(&knee, &format!("foot{side}"));
        let outward = Vec3::new(sign * math::sin(spread), 0.0, math::cos(spread));
        let knee_at = skeleton.head(&posed, &hip) + outward * thigh_m;
        let ankle = knee_at + (Vec3::NEG_Y * math::cos(shin) + outward * math::sin(shin)) * shin_m;
        let foot = rotation::about_axis(Vec3::Y, sign * toe_out);
        place_leg(skeleton, params, side, ankle, Vec3::Y + outward * 0.3, foot);
    }
}

/// Lays the hand on `side` on its thigh, on the template.
pub(crate) fn draw_hand(
    skeleton: &Skeleton,
    params: &mut PoseParams,
    side: &str,
    draw: &mut dyn FnMut(&str) -> f64,
) {
    // In a third of the poses the hands lie towards the lap.
    let lap = draw("sit/lap") < 0.33;
    let spread = quantile::truncated(draw(&format!("sit/hand{side}")), 0.08, 2.0) as f32;
    let (along, inward) = if lap { (0.55, 0.8) } else { (0.72, 0.22) };
    lay_hand(
        skeleton,
        params,
        side,
        along + spread,
        inward + spread,
        TEMPLATE_THIGH_M,
    );
}

/// Lays the palm at the share `along` of the thigh from hip to knee, the fingers turned `inward`
/// (0 along the thigh, 1 across it), `thigh_m` over the thigh's axis.
pub(crate) fn lay_hand(
    skeleton: &Skeleton,
    params: &mut PoseParams,
    side: &str,
    along: f32,
    inward: f32,
    thigh_m: f32,
) {
    let sign = if side == ".L" { 1.0 } else { -1.0 };
    let posed = skeleton.pose(params);
    let hip = skeleton.head(&posed, &format!("upperleg01{side}"));
    let knee = skeleton.head(&posed, &format!("lowerleg01{side}"));
    let thigh = (knee - hip).normalize_or(Vec3::Z);
    let up = (Vec3::Y - thigh * thigh.y).normalize_or(Vec3::Y);
    let medial = up.cross(thigh) * -sign;
    let forward = (thigh + medial * inward).normalize_or(thigh);
    // The wrist is a hand's length behind the palm and a little higher; hands are about 2 cm thick.
    let palm = hip + (knee - hip) * along + up * (thigh_m + 0.012) + medial * (0.015 * inward);
    let fingers = (forward - up * 0.22).normalize_or(forward);
    let knuckles_m = skeleton.length(&format!("wrist{side}"), &format!("finger3-1{side}"));
    let wrist = palm - forward * (0.75 * knuckles_m) + up * 0.022;
    let goal = ArmGoal {
        wrist,
        elbow: Vec3::new(sign * 0.85, -0.25, -0.7),
        fingers,
        thumb: up.cross(forward) * -sign,
    };
    place_arm(skeleton, params, side, &goal);
}

/// How the hand on `side` lies: the shares `along` and `inward` that [`lay_hand`] takes, read off
/// the pose.
pub(crate) fn hand_place(skeleton: &Skeleton, params: &PoseParams, side: &str) -> (f32, f32) {
    let sign = if side == ".L" { 1.0 } else { -1.0 };
    let posed = skeleton.pose(params);
    let hip = skeleton.head(&posed, &format!("upperleg01{side}"));
    let axis = skeleton.head(&posed, &format!("lowerleg01{side}")) - hip;
    let knuckle = skeleton.head(&posed, &format!("finger3-1{side}"));
    let wrist = skeleton.head(&posed, &format!("wrist{side}"));
    let palm = wrist + (knuckle - wrist) * 0.75;
    let along = (palm - hip).dot(axis) / axis.length_squared();
    let thigh = axis.normalize_or(Vec3::Z);
    let medial = Vec3::Y.cross(thigh).normalize_or(Vec3::X) * -sign;
    let fingers = knuckle - wrist;
    let inward = fingers.dot(medial) / fingers.dot(thigh).max(1e-3);
    (along, inward)
}

/// A foot flat on the ground that points where it does now.
pub(crate) fn flat(foot: Quat) -> Quat {
    let forward = foot * Vec3::Z;
    rotation::about_axis(Vec3::Y, math::atan2(forward.x, forward.z))
}
