//! Feet on the ground, over many people.

use bottega_geometry::math;
use glam::{Vec2, Vec3};

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

/// Extent of the part of a sole that lies within 3 mm of the height `ground`: length and breadth.
fn footprint(sole: &[Vec3], ground: f32) -> Vec2 {
    let touching: Vec<Vec2> = sole
        .iter()
        .filter(|p| p.y < ground + 0.003)
        .map(|p| Vec2::new(p.x, p.z))
        .collect();
    let extent = |along: Vec2| {
        let shares = touching.iter().map(|p| p.dot(along));
        let (low, high) = shares.fold((f32::MAX, f32::MIN), |(low, high), t| {
            (low.min(t), high.max(t))
        });
        (high - low).max(0.0)
    };
    // Feet point forward or outward by less than half a right angle: the longest extent is the
    // length, the one across it the breadth.
    let directions = (-8..=8).map(|k| Vec2::from(math::sin_cos(0.1 * k as f32)));
    let along = directions.max_by(|a, b| extent(*a).total_cmp(&extent(*b)));
    let along = along.unwrap_or(Vec2::Y);
    Vec2::new(extent(along), extent(along.perp()))
}

#[test]
fn who_stands_or_sits_has_both_shoes_flat_on_one_ground() {
    for index in (100..150).filter(|index| PoseFamily::ALL[index % 4] != PoseFamily::Walk) {
        let (soles, name) = soles(index);
        let heights: Vec<f32> = soles.iter().map(|sole| lowest(sole)).collect();
        let [left, right] = heights[..] else {
            panic!("{name}: {} soles", heights.len());
        };
        assert!((left - right).abs() < 0.002, "{name}: {heights:?}");
        for sole in &soles {
            let print = footprint(sole, left.min(right));
            assert!(
                0.15 < print.x && 0.05 < print.y,
                "{name}: stands on {print} m"
            );
        }
    }
}

#[test]
fn who_walks_bears_on_a_flat_shoe_and_the_other_is_a_phase_of_the_step() {
    for index in (0..24).map(|k| 4 * k + 102) {
        let (soles, name) = soles(index);
        assert!(name.contains("Walk"), "{name}");
        let ground = soles
            .iter()
            .fold(f32::MAX, |low, sole| low.min(lowest(sole)));
        let prints = [0, 1].map(|side| footprint(&soles[side], ground));
        let bears = |print: &Vec2| 0.15 < print.x && 0.05 < print.y;
        let Some(bearing) = prints.iter().position(bears) else {
            panic!("{name}: stands on {prints:?} m");
        };
        let free = &soles[1 - bearing];
        // It carries nothing, so it does not lie lower, and of two flat feet none would step.
        let lifted_m = lowest(free) - lowest(&soles[bearing]);
        assert!(-0.0003 < lifted_m, "{name}: {lifted_m} m in the ground");
        assert!(lifted_m < 0.2, "{name}: {lifted_m} m in the air");
        assert!(!bears(&prints[1 - bearing]), "{name}: both shoes are flat");
        // Seen from the side a foot that touches does so with heel or toes, not with one corner:
        // across the foot the sole is nearly level.
        let (low, high) = free.iter().fold((Vec3::MAX, Vec3::MIN), |(low, high), p| {
            (if p.y < low.y { *p } else { low }, high.max(*p))
        });
        let width_m = footprint(free, lowest(free) + 0.006).y;
        assert!(
            0.02 < width_m,
            "{name}: {width_m} m broad at {low}, below {high}"
        );
    }
}
