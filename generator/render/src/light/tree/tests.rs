//! The tree of lights against its own probabilities and against brute force.

use glam::Vec2;

use super::*;
use crate::light::emitter::Emitter;
use crate::sampler::{IndependentSampler, Sampler};
use crate::scene::Light;
use crate::test_support::assert_chi_square;

/// Lamps of all kinds about the origin.
fn lamps(n: u32) -> Vec<Emitter> {
    let mut sampler = IndependentSampler::new(4);
    (0..n)
        .filter_map(|i| {
            let mut unit = || sampler.next_1d();
            let mut point = || 4.0 * Vec3::new(unit(), unit(), unit()) - 2.0;
            let (center, direction) = (point(), point().normalize());
            let radiance = Vec3::splat(0.2 + 3.0 * (i % 7) as f32);
            Emitter::new(&match i % 5 {
                4 => Light::Spot {
                    position: center,
                    direction,
                    cos_inner: 0.1,
                    cos_outer: -0.8,
                    intensity: radiance,
                },
                0 => Light::Sphere {
                    center,
                    radius_m: 0.1,
                    radiance,
                },
                1 => Light::Disk {
                    center,
                    normal: direction,
                    radius_m: 0.2,
                    radiance,
                },
                2 => Light::Rect {
                    center,
                    half_u: 0.2 * direction.any_orthonormal_vector(),
                    half_v: 0.1 * direction.cross(direction.any_orthonormal_vector()),
                    radiance,
                },
                _ => Light::Spot {
                    position: center,
                    direction,
                    cos_inner: 0.9,
                    cos_outer: 0.7,
                    intensity: radiance,
                },
            })
        })
        .collect()
}

fn receivers() -> Vec<Receiver> {
    let normals = [Vec3::ZERO, Vec3::Y, Vec3::new(0.6, 0.0, -0.8)];
    let places = [
        Vec3::ZERO,
        Vec3::new(3.0, 0.5, 1.0),
        Vec3::new(0.4, -2.5, 0.2),
    ];
    (places.iter())
        .flat_map(|&position| normals.map(|normal| Receiver { position, normal }))
        .collect()
}

#[test]
fn emitters_are_chosen_with_the_probability_that_is_told() {
    let emitters = lamps(37);
    let reaches: Vec<_> = emitters.iter().map(Emitter::reach).collect();
    let tree = LightTree::new(&reaches);
    let mut sampler = IndependentSampler::new(8);
    for at in receivers() {
        let draws = 20_000;
        let mut counts = vec![0.0; emitters.len()];
        for _ in 0..draws {
            if let Some((emitter, probability)) = tree.choose(&at, sampler.next_1d()) {
                let told = tree.probability(&at, emitter);
                assert!((probability / told - 1.0).abs() < 1e-4);
                counts[emitter as usize] += 1.0;
            }
        }
        let mut expected: Vec<f64> = (0..emitters.len() as u32)
            .map(|emitter| f64::from(tree.probability(&at, emitter)) * f64::from(draws))
            .collect();
        // A draw may end between two lights that both do not shine here; it finds no light.
        let (drawn, told) = (counts.iter().sum::<f64>(), expected.iter().sum::<f64>());
        assert!(told <= 1.001 * f64::from(draws), "{at:?}: {told}");
        assert!((drawn / told - 1.0).abs() < 0.02, "{at:?}: {drawn}, {told}");
        expected.iter_mut().for_each(|e| *e *= drawn / told);
        assert_chi_square(&counts, &expected, 0.001, "light tree");
    }
}

#[test]
fn what_shines_on_a_point_can_be_chosen_there() {
    let emitters = lamps(60);
    let reaches: Vec<_> = emitters.iter().map(Emitter::reach).collect();
    let tree = LightTree::new(&reaches);
    for at in receivers() {
        for (number, emitter) in (0..).zip(&emitters) {
            let shines = (0..64).any(|i| {
                let u = Vec2::new((i % 8) as f32 + 0.5, (i / 8) as f32 + 0.5) / 8.0;
                emitter.sample(at.position, u).is_some()
            });
            assert!(
                !shines || 0.0 < tree.probability(&at, number),
                "{emitter:?} lights {at:?} and is never chosen"
            );
        }
    }
}

#[test]
fn spots_that_shine_behind_their_plane_count_there_too() {
    let wide = |x: f32, direction: Vec3| Light::Spot {
        position: Vec3::new(x, 0.0, 0.0),
        direction,
        cos_inner: -0.2,
        cos_outer: -0.9,
        intensity: Vec3::ONE,
    };
    let emitters: Vec<_> = [wide(-1.0, Vec3::Z), wide(1.0, Vec3::Y)]
        .iter()
        .filter_map(Emitter::new)
        .collect();
    let reaches: Vec<_> = emitters.iter().map(Emitter::reach).collect();
    let tree = LightTree::new(&reaches);
    let mut sampler = IndependentSampler::new(3);
    let mut lit_from_behind = 0;
    for _ in 0..2000 {
        let mut unit = || 6.0 * sampler.next_1d() - 3.0;
        let at = Receiver {
            position: Vec3::new(unit(), unit(), unit()),
            normal: Vec3::ZERO,
        };
        assert!(0.0 <= tree.importance(&at), "{at:?}");
        let told: f32 = (0..2).map(|emitter| tree.probability(&at, emitter)).sum();
        assert!(told <= 1.0 + 1e-5, "{at:?}: {told}");
        for (number, emitter) in (0..).zip(&emitters) {
            let probability = tree.probability(&at, number);
            assert!((0.0..=1.0).contains(&probability), "{at:?}: {probability}");
            if emitter.sample(at.position, Vec2::splat(0.5)).is_some() {
                assert!(0.0 < probability, "{at:?} is lit and never told so");
                lit_from_behind += u32::from(number == 0 && at.position.z < 0.0);
            }
        }
    }
    assert!(100 < lit_from_behind, "{lit_from_behind}");
}

#[test]
fn merged_cones_hold_both_cones() {
    let mut sampler = IndependentSampler::new(2);
    for _ in 0..500 {
        let mut cone = || {
            let axis = crate::sampling::uniform_sphere(sampler.next_2d());
            (axis, 1.0 - 1.6 * sampler.next_1d())
        };
        let (a, b) = (cone(), cone());
        let (axis, cos) = merged_cones(a, b);
        for (inner, cos_inner) in [a, b] {
            // The farthest direction of the inner cone is at the sum of both angles.
            let between = libm::acosf(axis.dot(inner).clamp(-1.0, 1.0));
            let reach = (between + libm::acosf(cos_inner)).min(std::f32::consts::PI);
            assert!(reach <= libm::acosf(cos) + 2e-3, "{a:?} and {b:?}");
        }
    }
}
