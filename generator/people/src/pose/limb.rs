//! Two-bone limbs: reach a point with a leg or an arm, and spread the twist along it.

use bottega_geometry::rotation;
use bottega_schemas::params::PoseParams;
use glam::{Quat, Vec3};

use super::skeleton::{Skeleton, frame_rotation, set, swing_twist};

/// Ending of the bone names of a side.
pub(crate) const SIDES: [&str; 2] = [".L", ".R"];

/// Where the middle joint of a two-bone limb comes to lie, and the end that it can reach.
///
/// `pole` says to which side the middle joint points.
fn two_bone(
    root: Vec3,
    target: Vec3,
    upper_m: f32,
    lower_m: f32,
    pole: Vec3,
) -> (Vec3, Vec3, Vec3) {
    let longest_m = 0.9995 * (upper_m + lower_m);
    let shortest_m = 1.05 * (upper_m - lower_m).abs() + 0.25 * upper_m.min(lower_m);
    let span = target - root;
    let direction = span.normalize_or(Vec3::NEG_Y);
    let distance_m = span.length().clamp(shortest_m, longest_m);
    let along_m =
        (upper_m * upper_m + distance_m * distance_m - lower_m * lower_m) / (2.0 * distance_m);
    let aside_m = (upper_m * upper_m - along_m * along_m).max(0.0).sqrt();
    let pole =
        (pole - direction * pole.dot(direction)).normalize_or(direction.any_orthonormal_vector());
    (
        root + direction * along_m + pole * aside_m,
        root + direction * distance_m,
        pole,
    )
}

/// Puts the ankle of the leg on `side` at `ankle` as far as it reaches, the knee towards `pole`,
/// the foot turned to `foot` (global).
pub(crate) fn place_leg(
    skeleton: &Skeleton,
    params: &mut PoseParams,
    side: &str,
    ankle: Vec3,
    pole: Vec3,
    foot: Quat,
) {
    let bone = |stem: &str| format!("{stem}{side}");
    let (hip, knee, end) = (bone("upperleg01"), bone("lowerleg01"), bone("foot"));
    let posed = skeleton.pose(params);
    let root = skeleton.head(&posed, &hip);
    let (upper_m, lower_m) = (skeleton.length(&hip, &knee), skeleton.length(&knee, &end));
    let (_, reached, _) = two_bone(root, ankle, upper_m, lower_m, pole);
    let mut aim = reached;
    for _round in 0..3 {
        aim_leg(skeleton, params, side, aim, pole, foot);
        aim += reached - skeleton.head(&skeleton.pose(params), &end);
    }
}

/// One attempt at [`place_leg`]: the split of the twist bends the limb a little, which the next
/// attempt makes up for.
fn aim_leg(
    skeleton: &Skeleton,
    params: &mut PoseParams,
    side: &str,
    ankle: Vec3,
    pole: Vec3,
    foot: Quat,
) {
    let bone = |stem: &str| format!("{stem}{side}");
    let (hip, knee, end) = (bone("upperleg01"), bone("lowerleg01"), bone("foot"));
    let posed = skeleton.pose(params);
    let root = skeleton.head(&posed, &hip);
    let (upper_m, lower_m) = (skeleton.length(&hip, &knee), skeleton.length(&knee, &end));
    let (knee_at, ankle_at, pole) = two_bone(root, ankle, upper_m, lower_m, pole);
    let rest_thigh = skeleton.rest_direction(&hip, &knee);
    let rest_shin = skeleton.rest_direction(&knee, &end);
    let thigh = (knee_at - root).normalize_or(Vec3::NEG_Y);
    let shin = (ankle_at - knee_at).normalize_or(Vec3::NEG_Y);
    let g_thigh = frame_rotation((rest_thigh, Vec3::Z), (thigh, pole));
    let g_shin = frame_rotation((rest_shin, Vec3::Z), (shin, pole));
    let local = skeleton.parent_rotation(&posed, &hip).conjugate() * g_thigh;
    let (swing, twist) = swing_twist(local, rest_thigh);
    let half = rotation::scaled(twist, 0.5);
    set(params, &hip, swing * half);
    set(params, &bone("upperleg02"), half);
    set(params, &knee, g_thigh.conjugate() * g_shin);
    set(params, &bone("lowerleg02"), Quat::IDENTITY);
    set(params, &end, g_shin.conjugate() * foot);
}

/// How an arm is to lie: where the wrist goes, where the elbow points, how the hand is turned.
pub(crate) struct ArmGoal {
    /// Wrist, in metres.
    pub(crate) wrist: Vec3,
    /// Direction to which the elbow points.
    pub(crate) elbow: Vec3,
    /// Direction of the middle finger's knuckle from the wrist.
    pub(crate) fingers: Vec3,
    /// Direction of the thumb's side of the hand.
    pub(crate) thumb: Vec3,
}

/// Lays the arm on `side` as `goal` says, as far as it reaches.
pub(crate) fn place_arm(skeleton: &Skeleton, params: &mut PoseParams, side: &str, goal: &ArmGoal) {
    let bone = |stem: &str| format!("{stem}{side}");
    let (shoulder, elbow, wrist) = (bone("upperarm01"), bone("lowerarm01"), bone("wrist"));
    let root = skeleton.head(&skeleton.pose(params), &shoulder);
    let upper_m = skeleton.length(&shoulder, &elbow);
    let lower_m = skeleton.length(&elbow, &wrist);
    let (_, reached, _) = two_bone(root, goal.wrist, upper_m, lower_m, goal.elbow);
    let mut aim = reached;
    for _round in 0..3 {
        aim_arm(skeleton, params, side, goal, aim);
        aim += reached - skeleton.head(&skeleton.pose(params), &wrist);
    }
}

/// One attempt at [`place_arm`].
fn aim_arm(
    skeleton: &Skeleton,
    params: &mut PoseParams,
    side: &str,
    goal: &ArmGoal,
    wrist_at: Vec3,
) {
    let bone = |stem: &str| format!("{stem}{side}");
    let (shoulder, elbow, wrist) = (bone("upperarm01"), bone("lowerarm01"), bone("wrist"));
    let posed = skeleton.pose(params);
    let root = skeleton.head(&posed, &shoulder);
    let (upper_m, lower_m) = (
        skeleton.length(&shoulder, &elbow),
        skeleton.length(&elbow, &wrist),
    );
    let (elbow_at, wrist_at, pole) = two_bone(root, wrist_at, upper_m, lower_m, goal.elbow);
    let reach = (wrist_at - root).normalize_or(Vec3::NEG_Y);
    let hinge = pole.cross(reach);
    let rest_upper = skeleton.rest_direction(&shoulder, &elbow);
    let rest_fore = skeleton.rest_direction(&elbow, &wrist);
    let rest_hinge = rest_upper.cross(rest_fore).normalize_or(Vec3::X);
    let upper = (elbow_at - root).normalize_or(Vec3::NEG_Y);
    let fore = (wrist_at - elbow_at).normalize_or(Vec3::NEG_Y);
    let g_upper = frame_rotation((rest_upper, rest_hinge), (upper, hinge));
    let g_fore = frame_rotation((rest_fore, rest_hinge), (fore, hinge));
    let g_hand = frame_rotation(rest_hand(skeleton, side), (goal.fingers, goal.thumb));

    let local = skeleton.parent_rotation(&posed, &shoulder).conjugate() * g_upper;
    let (swing, twist) = swing_twist(local, rest_upper);
    let half = rotation::scaled(twist, 0.5);
    set(params, &shoulder, swing * half);
    set(params, &bone("upperarm02"), half);
    set(params, &elbow, g_upper.conjugate() * g_fore);
    let (swing, twist) = swing_twist(g_fore.conjugate() * g_hand, rest_fore);
    let half = rotation::scaled(twist, 0.5);
    set(params, &bone("lowerarm02"), half);
    // The swing comes before the twist, which the forearm has half of: undo that half.
    set(params, &wrist, half.conjugate() * swing * twist);
}

/// Direction of the middle finger's knuckle and of the thumb's side, at rest.
pub(crate) fn rest_hand(skeleton: &Skeleton, side: &str) -> (Vec3, Vec3) {
    let bone = |stem: &str| format!("{stem}{side}");
    (
        skeleton.rest_direction(&bone("wrist"), &bone("finger3-1")),
        skeleton.rest_direction(&bone("finger5-1"), &bone("finger2-1")),
    )
}

/// Turns the whole arm on `side` by `turn` (global) about its shoulder.
pub(crate) fn turn_arm(skeleton: &Skeleton, params: &mut PoseParams, side: &str, turn: Quat) {
    let shoulder = format!("upperarm01{side}");
    let posed = skeleton.pose(params);
    let parent = skeleton.parent_rotation(&posed, &shoulder);
    let global = skeleton.rotation(&posed, &shoulder);
    set(params, &shoulder, parent.conjugate() * turn * global);
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn at_rest() -> PoseParams {
        PoseParams {
            pose_id: "stand".to_owned(),
            root_rotation: [0.0, 0.0, 0.0, 1.0],
            bones: BTreeMap::new(),
            seated: false,
        }
    }

    #[test]
    fn a_leg_reaches_its_target_with_the_foot_as_asked() {
        let skeleton = Skeleton::template();
        let mut params = at_rest();
        let target = Vec3::new(0.1, -0.55, 0.25);
        let foot = rotation::about_axis(Vec3::Y, 0.2);
        place_leg(&skeleton, &mut params, ".L", target, Vec3::Z, foot);
        let posed = skeleton.pose(&params);
        assert!(skeleton.head(&posed, "foot.L").distance(target) < 1e-3);
        assert!(skeleton.rotation(&posed, "foot.L").dot(foot).abs() > 1.0 - 1e-5);
        assert!(
            skeleton.head(&posed, "lowerleg01.L").z > 0.2,
            "the knee bends forward"
        );
    }

    #[test]
    fn an_arm_reaches_its_target_with_the_hand_as_asked() {
        let skeleton = Skeleton::template();
        for (side, x) in [(".L", 0.2), (".R", -0.2)] {
            let mut params = at_rest();
            let goal = ArmGoal {
                wrist: Vec3::new(x, 0.2, 0.3),
                elbow: Vec3::new(x, -1.0, -1.0),
                fingers: Vec3::Z,
                thumb: Vec3::new(-x, 0.0, 0.0) * 5.0,
            };
            place_arm(&skeleton, &mut params, side, &goal);
            let posed = skeleton.pose(&params);
            let wrist = skeleton.head(&posed, &format!("wrist{side}"));
            assert!(wrist.distance(goal.wrist) < 1e-3, "{wrist}");
            let hand = skeleton.rotation(&posed, &format!("wrist{side}"));
            let (fingers, _) = rest_hand(&skeleton, side);
            assert!((hand * fingers).distance(goal.fingers) < 1e-4);
        }
    }
}
