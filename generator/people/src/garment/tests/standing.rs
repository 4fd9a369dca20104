//! Feet on the ground, over many people.

use glam::Vec3;

use super::*;
use crate::garment::{drape::Skin, fine, fitting::Fitting, shoe};

/// The soles of both shoes of a person, and the name of the case.
fn soles(index: usize) -> (Vec<Vec<Vec3>>, String) {
    let model = fixture::model();
    let (body, params, name) = undressed(index);
    let marks = wardrobe().landmarks(model, &body).expect("joints");
    let skin = Skin::of(model, &body, &marks.arm_bones, &marks.leg_bones);
    let fitting = Fitting {
        marks: &marks,
        maps: &body.posed_from_rest,
        skin: &skin,
        seed: 0,
    };
    let tights = &wardrobe().tights;
    let shell = fine(tights, &tights.skin, &body, 2, 0.001);
    let shoes = shoe::make(&fitting, &params.shoes, &shell).surfaces;
    let of_soles = shoes.into_iter().filter(|s| s.variant == "sole");
    (of_soles.map(|s| s.mesh.positions).collect(), name)
}

fn lowest(points: &[Vec3]) -> f32 {
    points.iter().fold(f32::MAX, |low, p| low.min(p.y))
}

#[test]
fn fifty_people_have_both_shoes_flat_on_one_ground() {
    for index in 100..150 {
        let (soles, name) = soles(index);
        let heights: Vec<f32> = soles.iter().map(|sole| lowest(sole)).collect();
        let [left, right] = heights[..] else {
            panic!("{name}: {} soles", heights.len());
        };
        // A step lifts one foot, and may be on its toes.
        if name.contains("Walk") {
            continue;
        }
        assert!((left - right).abs() < 0.002, "{name}: {heights:?}");
        for sole in &soles {
            let touching = sole.iter().filter(|p| p.y < left.min(right) + 0.003);
            let (low, high) = touching.fold((Vec3::MAX, Vec3::MIN), |(low, high), p| {
                (low.min(*p), high.max(*p))
            });
            let reach_m = (high - low).length();
            assert!(0.15 < reach_m, "{name}: stands on {reach_m} m");
        }
    }
}
