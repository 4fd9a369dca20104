//! Fingers: a relaxed curl that grows from the index to the little finger.

use bottega_geometry::rotation;
use bottega_schemas::params::PoseParams;
use glam::Vec3;

use super::{
    limb::rest_hand,
    skeleton::{Skeleton, local, set},
};

/// Flexion of the three joints of the index and of the little finger of a relaxed hand, beyond the
/// slight curl of the template, in degrees.
const RELAXED_DEG: [[f32; 3]; 2] = [[10.0, 14.0, 7.0], [20.0, 22.0, 11.0]];

/// Curls the hand on `side`: 0 is the open hand of the template, 1 a relaxed hand, 3 nearly a fist.
pub(crate) fn curl(skeleton: &Skeleton, params: &mut PoseParams, side: &str, amount: f32) {
    let (along, thumb_side) = rest_hand(skeleton, side);
    let handed = if side == ".L" { 1.0 } else { -1.0 };
    let palm = along.cross(thumb_side) * handed;
    for finger in 2..=5 {
        let share = (finger - 2) as f32 / 3.0;
        for joint in 1..=3 {
            let name = format!("finger{finger}-{joint}{side}");
            let next = format!("finger{finger}-{}{side}", joint + 1);
            // The last phalanx has no joint behind it: it goes on as the one before.
            let direction = if joint < 3 {
                skeleton.rest_direction(&name, &next)
            } else {
                skeleton.rest_direction(&format!("finger{finger}-2{side}"), &name)
            };
            let axis = direction.cross(palm).normalize_or(Vec3::X);
            let [from, to] = RELAXED_DEG.map(|row| row[joint - 1]);
            let degrees = (from + (to - from) * share) * amount;
            let bend = rotation::about_axis(axis, degrees.min(95.0).to_radians());
            let turned = local(params, &name) * bend;
            set(params, &name, turned);
        }
    }
    // The thumb lies closer to the index finger than on the template.
    let name = format!("finger1-2{side}");
    let direction = skeleton.rest_direction(&name, &format!("finger1-3{side}"));
    let axis = direction.cross(palm).normalize_or(Vec3::X);
    set(
        params,
        &name,
        rotation::about_axis(axis, (8.0 * amount.min(2.0)).to_radians()),
    );
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn a_curled_finger_bends_towards_the_palm() {
        let skeleton = Skeleton::template();
        for side in [".L", ".R"] {
            let mut params = PoseParams {
                pose_id: String::new(),
                root_rotation: [0.0, 0.0, 0.0, 1.0],
                bones: BTreeMap::new(),
                seated: false,
            };
            curl(&skeleton, &mut params, side, 2.0);
            let posed = skeleton.pose(&params);
            let tip = format!("finger3-3{side}");
            let moved = skeleton.head(&posed, &tip) - skeleton.rest(&tip);
            // On the template the palm faces down and towards the body.
            assert!(moved.y < 0.0, "{side} {moved}");
            let inward = if side == ".L" { -moved.x } else { moved.x };
            assert!(inward > 0.0, "{side} {moved}");
        }
    }
}
