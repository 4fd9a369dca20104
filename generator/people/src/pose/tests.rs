//! Poses over many bodies: drawn, settled, and looked at.

use std::collections::BTreeMap;

use bottega_schemas::{
    params::{PoseParams, ShapeParams},
    seed::Seed,
};
use glam::{Quat, Vec3};

use super::{
    PoseFamily, draw_pose,
    limb::SIDES,
    obstacle::{Obstacle, limb_radius_m},
    settle, shipped_prior,
    skeleton::Skeleton,
};
use crate::body::fixture;

struct Drawn {
    skeleton: Skeleton,
    rest: Vec<Vec3>,
    pose: PoseParams,
    name: String,
}

/// A shape between the extremes that people have.
fn shape(seed: Seed) -> ShapeParams {
    let u = |name: &str| seed.child(name).unit_f64() as f32;
    ShapeParams {
        gender: u("gender"),
        age: 0.5 + 0.45 * u("age"),
        muscle: 0.1 + 0.8 * u("muscle"),
        weight: u("weight"),
        height: 0.35 + 0.25 * u("height"),
        proportions: 0.3 + 0.6 * u("proportions"),
        cupsize: u("cupsize"),
        firmness: 0.5,
        ancestry: [0.3, 0.3, 0.4],
        details: BTreeMap::new(),
    }
}

fn drawn(family: PoseFamily, n: u64) -> Vec<Drawn> {
    let model = fixture::model();
    (0..n)
        .map(|i| {
            let seed = Seed(3).index(i);
            let shape = shape(seed);
            let mut pose = draw_pose(shipped_prior(), family, &mut |name| {
                seed.child(name).unit_f64()
            });
            settle(model, &shape, &mut pose, 0.01).expect("every bone is known");
            let weights = model
                .resolve_weights(&shape, &BTreeMap::new())
                .expect("every slider is known");
            let rest = model.morph(&weights);
            Drawn {
                skeleton: Skeleton::of_body(model, &rest).expect("every bone is known"),
                rest,
                pose,
                name: format!("{family:?} {i}"),
            }
        })
        .collect()
}

/// Height of the ankle and tilt of the sole against the ground, in radians, of both feet.
fn feet(drawn: &Drawn) -> [(f32, f32); 2] {
    let posed = drawn.skeleton.pose(&drawn.pose);
    SIDES.map(|side| {
        let bone = format!("foot{side}");
        let up = drawn.skeleton.rotation(&posed, &bone) * Vec3::Y;
        let tilt = bottega_geometry::math::acos(up.y);
        (drawn.skeleton.head(&posed, &bone).y, tilt)
    })
}

#[test]
fn who_stands_has_both_soles_flat_on_one_ground() {
    for family in [PoseFamily::Stand, PoseFamily::Gesture, PoseFamily::Sit] {
        for drawn in drawn(family, 12) {
            let [(left, tilt_left), (right, tilt_right)] = feet(&drawn);
            assert!(
                (left - right).abs() < 2e-3,
                "{}: {left} {right}",
                drawn.name
            );
            let tilt = tilt_left.max(tilt_right);
            assert!(tilt < 0.01, "{}: {tilt}", drawn.name);
        }
    }
}

#[test]
fn who_walks_has_the_lower_foot_flat() {
    for drawn in drawn(PoseFamily::Walk, 12) {
        let [left, right] = feet(&drawn);
        let flat = left.1.min(right.1);
        assert!(flat < 0.01, "{}: {flat}", drawn.name);
    }
}

#[test]
fn legs_do_not_pass_through_each_other() {
    for family in PoseFamily::ALL {
        for drawn in drawn(family, 12) {
            let posed = drawn.skeleton.pose(&drawn.pose);
            let ankle = |side: &str| drawn.skeleton.head(&posed, &format!("foot{side}"));
            assert!(0.09 < ankle(".L").x - ankle(".R").x, "{}", drawn.name);
        }
    }
}

#[test]
fn arms_do_not_sink_into_the_trunk() {
    let model = fixture::model();
    for family in [PoseFamily::Stand, PoseFamily::Gesture, PoseFamily::Walk] {
        for drawn in drawn(family, 12) {
            let obstacle = Obstacle::around_trunk(model, &drawn.rest, &drawn.pose, true);
            let posed = drawn.skeleton.pose(&drawn.pose);
            for side in SIDES {
                let head = |bone: &str| drawn.skeleton.head(&posed, &format!("{bone}{side}"));
                let radius_m = limb_radius_m(
                    model,
                    &drawn.skeleton,
                    &drawn.rest,
                    "lowerarm01",
                    "wrist",
                    side,
                );
                let middle = 0.5 * (head("lowerarm01") + head("wrist"));
                for (point, r) in [(middle, 0.8 * radius_m), (head("wrist"), 0.02)] {
                    let sunk_m = obstacle.push(point, r).length();
                    assert!(sunk_m < 0.01, "{} {side}: {sunk_m} m", drawn.name);
                }
            }
        }
    }
}

#[test]
fn who_sits_has_level_thighs_and_hands_over_them() {
    for drawn in drawn(PoseFamily::Sit, 12) {
        assert!(drawn.pose.seated);
        let posed = drawn.skeleton.pose(&drawn.pose);
        for side in SIDES {
            let head = |bone: &str| drawn.skeleton.head(&posed, &format!("{bone}{side}"));
            let thigh = head("lowerleg01") - head("upperleg01");
            assert!(thigh.y.abs() < 0.3 * thigh.length(), "{}", drawn.name);
            let hand = head("finger3-1") - head("upperleg01");
            assert!(
                0.0 < hand.y && 0.0 < hand.z,
                "{} {side}: {hand}",
                drawn.name
            );
        }
    }
}

#[test]
fn the_quantiles_alone_decide_the_pose() {
    let draw = |seed: u64| {
        draw_pose(shipped_prior(), PoseFamily::Gesture, &mut |name| {
            Seed(seed).child(name).unit_f64()
        })
    };
    assert_eq!(draw(1), draw(1));
    assert_ne!(draw(1), draw(2));
    let unit = |q: &[f32; 4]| (Quat::from_array(*q).length() - 1.0).abs() < 1e-5;
    assert!(draw(1).bones.values().all(unit));
}
