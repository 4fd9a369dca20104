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
            let radiance = Vec3::splat(0.2 + 3.0 * (i % 5) as f32);
            Emitter::new(&match i % 4 {
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
