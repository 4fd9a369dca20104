//! Fits a drawn pose to a body: soles flat on one ground, thighs and arms clear of the trunk,
//! hands on the thighs of who sits.

use bottega_geometry::{math, rotation};
use bottega_schemas::params::{PoseParams, ShapeParams};
use glam::{Quat, Vec3};

use super::{
    limb::{SIDES, place_leg, turn_arm},
    obstacle::{Obstacle, limb_radius_m},
    seated,
    skeleton::{Posed, Skeleton},
};
use crate::{body::BodyModel, error::PeopleError};

/// Ankles come no nearer to each other than this, in metres (shoes are about 0.10 m wide).
const LEAST_ANKLE_GAP_M: f32 = 0.15;

/// Fits `pose` to the body of this shape. `clothes_m` is how far clothes stand off the trunk and
/// the arms, in metres; arms keep that much more away.
pub fn settle(
    model: &BodyModel,
    shape: &ShapeParams,
    pose: &mut PoseParams,
    clothes_m: f32,
) -> Result<(), PeopleError> {
    let rest = model.morph(&model.resolve_weights(shape, &Default::default())?);
    let skeleton = Skeleton::of_body(model, &rest)?;
    if pose.seated {
        sit(model, &skeleton, &rest, pose, clothes_m);
    } else if pose.pose_id == "walk" {
        step(&skeleton, &rest, pose);
    } else {
        stand(model, &skeleton, &rest, pose);
    }
    clear_arms(model, &skeleton, &rest, pose, clothes_m);
    Ok(())
}

/// How far the sole of the thinnest shoe lies below the foot, and how far shoes stand out before
/// the toes, behind the heel and beside the foot, in metres.
const SOLE_M: f32 = 0.021;
const WELT_M: [f32; 3] = [0.022, 0.010, 0.014];
/// How far the tip of a shoe stands up, in metres.
const SPRING_M: f32 = 0.007;
/// A foot in the air rolls no further than this, and a foot behind the body rises no further on its
/// toes or falls no further on its heel, in radians.
const ROLL_RAD: f32 = 0.06;
const PITCH_RAD: [f32; 2] = [-0.45, 0.95];
/// Stations along the sole.
const N_STATIONS: usize = 6;

/// The feet of a body at rest, in shoes.
struct Feet {
    /// Height of the ankle over the sole, in metres.
    ankle_m: f32,
    /// Outline of each sole relative to its ankle, left and right.
    soles: [Vec<Vec3>; 2],
}

impl Feet {
    fn of(skeleton: &Skeleton, rest: &[Vec3]) -> Self {
        let body = &rest[BodyModel::BODY_VERTICES];
        let lowest = body.iter().fold(f32::MAX, |low, p| low.min(p.y));
        let soles = SIDES.map(|side| {
            let ankle = skeleton.rest(&format!("foot{side}"));
            let low: Vec<Vec3> = body
                .iter()
                .filter(|p| 0.0 < p.x * ankle.x && p.y < lowest + 0.03)
                .copied()
                .collect();
            let back = low.iter().fold(f32::MAX, |z, p| z.min(p.z));
            let front = low.iter().fold(f32::MIN, |z, p| z.max(p.z));
            let mut outline = Vec::new();
            for station in 0..N_STATIONS {
                let share = station as f32 / (N_STATIONS - 1) as f32;
                let z = back + (front - back) * share;
                let near = low.iter().filter(|p| (p.z - z).abs() < 0.03);
                let (left, right) = near.fold((f32::MAX, f32::MIN), |(left, right), p| {
                    (left.min(p.x), right.max(p.x))
                });
                let z = z + WELT_M[0] * share - WELT_M[1] * (1.0 - share);
                // The toes of a shoe point up a little; both ends are round.
                let y = lowest - SOLE_M + if share == 1.0 { SPRING_M } else { 0.0 };
                let round_m = if share == 0.0 || share == 1.0 {
                    0.02
                } else {
                    -WELT_M[2]
                };
                for x in [left + round_m, right - round_m] {
                    outline.push(Vec3::new(x, y, z) - ankle);
                }
            }
            outline
        });
        Self {
            ankle_m: skeleton.rest("foot.L").y - lowest + SOLE_M,
            soles,
        }
    }

    /// Height of the lowest point of a foot turned by `foot` under an ankle at `ankle`.
    fn lowest(&self, side: usize, ankle: Vec3, foot: Quat) -> f32 {
        let heights = self.soles[side].iter().map(|sole| (ankle + foot * *sole).y);
        heights.fold(f32::MAX, f32::min)
    }
}

/// One leg of a posed skeleton.
struct Leg {
    hip: Vec3,
    ankle: Vec3,
    /// Where the knee points.
    pole: Vec3,
    foot: Quat,
}

fn legs(skeleton: &Skeleton, posed: &Posed) -> [Leg; 2] {
    SIDES.map(|side| {
        let bone = |stem: &str| format!("{stem}{side}");
        let hip = skeleton.head(posed, &bone("upperleg01"));
        let knee = skeleton.head(posed, &bone("lowerleg01"));
        let ankle = skeleton.head(posed, &bone("foot"));
        let foot = skeleton.rotation(posed, &bone("foot"));
        let axis = (ankle - hip).normalize_or(Vec3::NEG_Y);
        let aside = (knee - hip) - axis * (knee - hip).dot(axis);
        // A straight leg says little of its knee, so the foot has a say as well.
        let forward = skeleton.rotation(posed, &bone("lowerleg01")) * Vec3::Z;
        Leg {
            hip,
            ankle,
            pole: (aside * 10.0 + forward).normalize_or(Vec3::Z),
            foot,
        }
    })
}

/// Both soles flat on one ground, the pelvis as high as the straighter leg lets it.
fn stand(model: &BodyModel, skeleton: &Skeleton, rest: &[Vec3], pose: &mut PoseParams) {
    let legs = legs(skeleton, &skeleton.pose(pose));
    let mut ankles = [legs[0].ankle, legs[1].ankle];
    // Thighs that touch push the feet apart.
    let thigh_m = 0.5
        * (limb_radius_m(model, skeleton, rest, "upperleg02", "lowerleg01", ".L")
            + limb_radius_m(model, skeleton, rest, "upperleg02", "lowerleg01", ".R"));
    let hips_m = (legs[0].hip.x - legs[1].hip.x).abs();
    let needed_m = (hips_m + (2.0 * thigh_m - 0.01 - hips_m) / 0.45).max(LEAST_ANKLE_GAP_M);
    let missing_m = (needed_m.min(0.34) - (ankles[0].x - ankles[1].x)).max(0.0);
    ankles[0].x += 0.5 * missing_m;
    ankles[1].x -= 0.5 * missing_m;
    // Feet far apart fore and aft belong to a step.
    let stride_m = ankles[0].z - ankles[1].z;
    let excess_m = stride_m - stride_m.clamp(-0.16, 0.16);
    ankles[0].z -= 0.5 * excess_m;
    ankles[1].z += 0.5 * excess_m;

    let lengths = SIDES.map(|side| leg_length_m(skeleton, side));
    let ground = (0..2)
        .map(|i| {
            let reach_m = 0.996 * lengths[i];
            let flat = ankles[i] - legs[i].hip;
            let down_m = (reach_m * reach_m - flat.x * flat.x - flat.z * flat.z)
                .max(0.01)
                .sqrt();
            legs[i].hip.y - down_m
        })
        .fold(f32::MIN, f32::max);
    for (i, side) in SIDES.into_iter().enumerate() {
        let ankle = Vec3::new(ankles[i].x, ground, ankles[i].z);
        let foot = toe_out(legs[i].foot, side);
        let pole = (legs[i].pole + foot * Vec3::Z * 1.5).normalize_or(Vec3::Z);
        place_leg(skeleton, pose, side, ankle, pole, foot);
    }
}

/// A flat foot that points forward or outward, not across the other.
fn toe_out(foot: Quat, side: &str) -> Quat {
    let sign = if side == ".L" { 1.0 } else { -1.0 };
    let forward = foot * Vec3::Z;
    let yaw = (sign * math::atan2(forward.x, forward.z)).clamp(-0.05, 0.5);
    rotation::about_axis(Vec3::Y, sign * yaw)
}

/// The foot that bears flat on the ground, the other on its toes, on its heel or in the air.
fn step(skeleton: &Skeleton, rest: &[Vec3], pose: &mut PoseParams) {
    let feet = Feet::of(skeleton, rest);
    let before = legs(skeleton, &skeleton.pose(pose));
    // Of two feet that touch, the one with the lower heel bears: the other has just left the ground
    // or is about to reach it.
    let bearing = usize::from(before[1].ankle.y < before[0].ankle.y);
    let free = 1 - bearing;
    let middle = 0.5 * (before[0].hip.x + before[1].hip.x);
    // Feet do not cross: each stays on its side of the other.
    let beside = |i: usize, ankle: Vec3| {
        let sign = if i == 0 { 1.0 } else { -1.0 };
        let x = middle + sign * (sign * (ankle.x - middle)).max(0.055);
        Vec3::new(x, ankle.y, ankle.z)
    };
    let leg = &before[bearing];
    let foot = seated::flat(leg.foot);
    let ankle = beside(bearing, leg.ankle);
    place_leg(skeleton, pose, SIDES[bearing], ankle, leg.pole, foot);
    let reached = skeleton.head(&skeleton.pose(pose), &format!("foot{}", SIDES[bearing]));
    let ground = reached.y - feet.ankle_m;

    let leg = &before[free];
    let foot = unrolled(leg.foot);
    let mut ankle = beside(free, leg.ankle);
    ankle.y += (ground - feet.lowest(free, ankle, foot)).max(0.0);
    place_leg(skeleton, pose, SIDES[free], ankle, leg.pole, foot);
}

/// A foot that points where it does now, rolled and pitched no further than feet in a step are.
fn unrolled(foot: Quat) -> Quat {
    let heading = seated::flat(foot);
    let tilt = rotation::to_vector(heading.conjugate() * foot);
    let [heel, toes] = PITCH_RAD;
    heading
        * rotation::about_axis(Vec3::X, tilt.x.clamp(heel, toes))
        * rotation::about_axis(Vec3::Z, tilt.z.clamp(-ROLL_RAD, ROLL_RAD))
}

/// Both feet flat on one ground before the seat, hands on the thighs.
fn sit(
    model: &BodyModel,
    skeleton: &Skeleton,
    rest: &[Vec3],
    pose: &mut PoseParams,
    clothes_m: f32,
) {
    let hands = SIDES.map(|side| seated::hand_place(skeleton, pose, side));
    let legs = legs(skeleton, &skeleton.pose(pose));
    // Thick thighs lie further apart.
    let thigh_m = limb_radius_m(model, skeleton, rest, "upperleg02", "lowerleg01", ".L");
    let hips_m = (legs[0].hip.x - legs[1].hip.x).abs();
    let apart_m = (2.0 * thigh_m + 0.02 - hips_m).max(0.0);
    let ground = 0.5 * (legs[0].ankle.y + legs[1].ankle.y);
    for (i, side) in SIDES.into_iter().enumerate() {
        let sign = if i == 0 { 1.0 } else { -1.0 };
        let ankle = Vec3::new(legs[i].ankle.x + sign * apart_m, ground, legs[i].ankle.z);
        let outward = Vec3::X * (sign * apart_m);
        let pole = (legs[i].pole + outward).normalize_or(Vec3::Y);
        place_leg(
            skeleton,
            pose,
            side,
            ankle,
            pole,
            seated::flat(legs[i].foot),
        );
    }
    for (side, (along, inward)) in SIDES.into_iter().zip(hands) {
        let radius_m = limb_radius_m(model, skeleton, rest, "upperleg02", "lowerleg01", side);
        let along = along.clamp(0.4, 0.9);
        let inward = inward.clamp(0.0, 1.2);
        // Cloth lies nearly flat on a thigh, but on it.
        let over_m = radius_m + 0.008 + (0.25 * clothes_m).min(0.008);
        seated::lay_hand(skeleton, pose, side, along, inward, over_m);
    }
}

fn leg_length_m(skeleton: &Skeleton, side: &str) -> f32 {
    let bone = |stem: &str| format!("{stem}{side}");
    skeleton.length(&bone("upperleg01"), &bone("lowerleg01"))
        + skeleton.length(&bone("lowerleg01"), &bone("foot"))
}

/// Turns arms about their shoulders until they keep off the trunk (and, standing, the thighs).
fn clear_arms(
    model: &BodyModel,
    skeleton: &Skeleton,
    rest: &[Vec3],
    pose: &mut PoseParams,
    clothes_m: f32,
) {
    let with_legs = !pose.seated;
    let obstacle = Obstacle::around_trunk(model, rest, pose, with_legs);
    for side in SIDES {
        let bone = |stem: &str| format!("{stem}{side}");
        let radius_m = |from: &str, to: &str| limb_radius_m(model, skeleton, rest, from, to, side);
        let elbow_m = 0.85 * radius_m("upperarm02", "lowerarm01");
        let fore_m = 0.9 * radius_m("lowerarm01", "wrist");
        for _round in 0..24 {
            let posed = skeleton.pose(pose);
            let shoulder = skeleton.head(&posed, &bone("upperarm01"));
            let elbow = skeleton.head(&posed, &bone("lowerarm01"));
            let wrist = skeleton.head(&posed, &bone("wrist"));
            let knuckle = skeleton.head(&posed, &bone("finger3-1"));
            let tip = skeleton.head(&posed, &bone("finger3-3"));
            let mut samples = vec![
                (shoulder + (elbow - shoulder) * 0.75, elbow_m),
                (elbow, elbow_m),
                (elbow + (wrist - elbow) * 0.5, fore_m),
            ];
            if with_legs {
                // Hands that lie on the thighs are meant to touch them.
                samples.extend([(wrist, 0.022), (knuckle, 0.025), (tip, 0.012)]);
            }
            let worst = samples
                .iter()
                .map(|&(point, r)| (obstacle.push(point, r + clothes_m), point))
                .max_by(|a, b| a.0.length().total_cmp(&b.0.length()));
            let Some((push, point)) = worst.filter(|(push, _)| 1e-3 < push.length()) else {
                break;
            };
            let arm = point - shoulder;
            // Mostly sideways: an arm pushed forward and back would swing on its own.
            let axis = arm.cross(push).normalize_or(Vec3::Z);
            let angle_rad = (push.length() / arm.length().max(0.05)).min(0.12);
            turn_arm(skeleton, pose, side, rotation::about_axis(axis, angle_rad));
        }
    }
}
