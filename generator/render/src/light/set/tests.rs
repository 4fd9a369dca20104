//! Lights against closed forms: drawn, found by chance, and both together.

use std::f32::consts::{PI, TAU};

use bottega_geometry::TriMesh;

use super::*;
use crate::frame::Frame;
use crate::light::irradiance_of_lights;
use crate::sampler::{IndependentSampler, Sampler, SobolSampler};
use crate::sampling::{cosine_hemisphere, power_heuristic};
use crate::scene::Environment;
use crate::test_support::{assert_chi_square, environment, object, scene};

fn dark() -> Environment {
    environment(|_| Vec3::ZERO)
}

fn set(lights: &[Light]) -> LightSet {
    let mut scene = scene(dark(), 4, 10.0, 1.0);
    scene.lights = lights.to_vec();
    LightSet::new(&scene)
}

fn up(position: Vec3) -> Receiver {
    Receiver {
        position,
        normal: Vec3::Y,
    }
}

/// What a ray from a receiver finds of all light but shining meshes.
fn found(lights: &LightSet, at: &Receiver, wi: Vec3, mut add: impl FnMut(Vec3, f32)) {
    lights.far(at, wi, &mut add);
    let ray = Ray::new(at.position, wi);
    lights.crossed(at, &ray, f32::INFINITY, |crossing| {
        add(crossing.radiance, crossing.pdf);
    });
}

/// Irradiance by drawing lights, by cosine-weighted rays, and by both with weights.
fn irradiance_three_ways(lights: &LightSet, at: &Receiver) -> [Vec3; 3] {
    let n = 1 << 15;
    let mut sampler = SobolSampler::new(6);
    let frame = Frame::from_normal(at.normal);
    let mut sums = [Vec3::ZERO; 3];
    for i in 0..n {
        sampler.start_pixel_sample(glam::UVec2::ZERO, i);
        let u_light = sampler.next_1d();
        if let Some(sample) = lights.sample(at, u_light, sampler.next_2d()) {
            let cos = sample.wi.dot(at.normal).max(0.0);
            let value = sample.radiance * (cos / sample.pdf);
            sums[0] += value;
            let weight = if sample.is_point {
                1.0
            } else {
                power_heuristic(sample.pdf, cos / PI)
            };
            sums[2] += value * weight;
        }
        let local = cosine_hemisphere(sampler.next_2d());
        let wi = frame.to_world(local);
        found(lights, at, wi, |radiance, pdf| {
            sums[1] += radiance * PI;
            sums[2] += radiance * PI * power_heuristic(local.z / PI, pdf);
        });
    }
    sums.map(|sum| sum / n as f32)
}

fn assert_irradiance(light: Light, at: Receiver, wanted: f32) {
    let ways = irradiance_three_ways(&set(&[light]), &at);
    let ways = if matches!(light, Light::Spot { .. }) {
        [ways[0], ways[0], ways[2]]
    } else {
        ways
    };
    for (way, found) in ["drawn", "found", "both"].into_iter().zip(ways) {
        assert!(
            (found.x / wanted - 1.0).abs() < 0.01,
            "{light:?}, {way}: {} against {wanted}",
            found.x
        );
    }
    let metered = irradiance_of_lights(&[light], at.position, at.normal).x;
    assert!(
        (metered / wanted - 1.0).abs() < 0.01,
        "{light:?}, metered: {metered} against {wanted}"
    );
}

#[test]
fn a_disc_overhead_gives_the_irradiance_of_the_textbook() {
    // E = pi L r^2 / (r^2 + h^2).
    let light = Light::Disk {
        center: Vec3::new(0.3, 1.5, -0.2),
        normal: Vec3::NEG_Y,
        radius_m: 0.8,
        radiance: Vec3::splat(2.0),
    };
    let wanted = PI * 2.0 * 0.64 / (0.64 + 2.25);
    assert_irradiance(light, up(Vec3::new(0.3, 0.0, -0.2)), wanted);
}

#[test]
fn a_rectangle_overhead_gives_the_irradiance_of_its_view_factor() {
    // The view factor of a rectangle above one of its corners, four times.
    let (a, b, h) = (0.7_f32, 0.4_f32, 1.1_f32);
    let (x, y) = (a / h, b / h);
    let (sx, sy) = ((1.0 + x * x).sqrt(), (1.0 + y * y).sqrt());
    let quarter = (x / sx * libm::atanf(y / sx) + y / sy * libm::atanf(x / sy)) / TAU;
    let light = Light::Rect {
        center: Vec3::new(0.0, h, 0.0),
        half_u: Vec3::X * a,
        half_v: Vec3::Z * b,
        radiance: Vec3::splat(3.0),
    };
    // X x Z points down, where the point is.
    assert_irradiance(light, up(Vec3::ZERO), PI * 3.0 * 4.0 * quarter);
    let above = irradiance_of_lights(&[light], Vec3::Y * 2.0, Vec3::NEG_Y);
    assert_eq!(above, Vec3::ZERO, "the back is dark");
}

#[test]
fn a_sphere_gives_the_irradiance_of_its_solid_angle() {
    // E = pi L (r / d)^2 cos.
    let center = Vec3::new(0.9, 1.2, 0.3);
    let light = Light::Sphere {
        center,
        radius_m: 0.35,
        radiance: Vec3::splat(1.7),
    };
    let d = center.length();
    assert_irradiance(
        light,
        up(Vec3::ZERO),
        PI * 1.7 * (0.35 / d).powi(2) * 1.2 / d,
    );
}

#[test]
fn a_spot_falls_with_the_square_of_the_distance_and_ends_at_its_cone() {
    let light = |turn: f32| Light::Spot {
        position: Vec3::new(0.0, 2.0, 0.0),
        direction: Vec3::new(turn, -1.0, 0.0),
        cos_inner: 0.95,
        cos_outer: 0.8,
        intensity: Vec3::splat(5.0),
    };
    assert_irradiance(light(0.0), up(Vec3::ZERO), 5.0 / 4.0);
    let far = up(Vec3::new(0.0, -2.0, 0.0));
    assert_irradiance(light(0.0), far, 5.0 / 16.0);
    // Half way between the cones in the cosine: half the light.
    let cos: f32 = 0.875;
    let tan = (1.0 - cos * cos).sqrt() / cos;
    assert_irradiance(light(tan), up(Vec3::ZERO), 0.5 * 5.0 / 4.0);
    let beyond = irradiance_of_lights(&[light(1.0)], Vec3::ZERO, Vec3::Y);
    assert_eq!(beyond, Vec3::ZERO);
}

#[test]
fn a_sun_gives_radiance_times_its_projected_solid_angle() {
    let direction = Vec3::new(0.4, 0.8, 0.2).normalize();
    for radius_rad in [0.00465, 0.05, 0.4] {
        let sin = libm::sinf(radius_rad);
        let light = Light::Sun {
            direction,
            radius_rad,
            radiance: Vec3::splat(10.0),
        };
        let wanted = 10.0 * PI * sin * sin * direction.y;
        if radius_rad < 0.01 {
            // Too small to be found by chance.
            let drawn = irradiance_three_ways(&set(&[light]), &up(Vec3::ZERO))[0].x;
            assert!(
                (drawn / wanted - 1.0).abs() < 1e-3,
                "{drawn} against {wanted}"
            );
        } else {
            assert_irradiance(light, up(Vec3::ZERO), wanted);
        }
    }
}

#[test]
fn everything_together_is_the_sum_of_its_parts() {
    let lights = [
        Light::Sun {
            direction: Vec3::new(-0.3, 0.9, 0.1),
            radius_rad: 0.2,
            radiance: Vec3::new(4.0, 3.0, 2.0),
        },
        Light::Disk {
            center: Vec3::new(1.0, 1.0, 0.0),
            normal: Vec3::new(-1.0, -1.0, 0.0),
            radius_m: 0.4,
            radiance: Vec3::new(2.0, 5.0, 1.0),
        },
        Light::Sphere {
            center: Vec3::new(-1.0, 0.7, 0.5),
            radius_m: 0.25,
            radiance: Vec3::new(9.0, 1.0, 3.0),
        },
        Light::Spot {
            position: Vec3::new(0.0, 3.0, 0.0),
            direction: Vec3::NEG_Y,
            cos_inner: 0.9,
            cos_outer: 0.8,
            intensity: Vec3::new(1.0, 2.0, 6.0),
        },
    ];
    let sky = environment(|d| Vec3::new(0.3, 0.4, 0.6) * (1.0 + d.y));
    let mut scene = scene(sky.clone(), 4, 10.0, 1.0);
    scene.lights = lights.to_vec();
    let set = LightSet::new(&scene);
    for position in [Vec3::ZERO, Vec3::new(0.5, 0.2, -0.4)] {
        let at = up(position);
        let wanted = crate::light::irradiance(&sky, Vec3::Y)
            + irradiance_of_lights(&lights, position, Vec3::Y);
        let both = irradiance_three_ways(&set, &at)[2];
        assert!(
            (both / wanted - Vec3::ONE).abs().max_element() < 0.01,
            "{both} against {wanted}"
        );
    }
}

/// Directions drawn from `at` fall on the sphere as the density that rays find there says.
fn assert_draws_follow_density(lights: &LightSet, at: &Receiver, what: &str) {
    const ROWS: usize = 24;
    const COLUMNS: usize = 48;
    const FINE: usize = 24;
    let draws = 40_000;
    let bin = |w: Vec3| {
        let row = ((0.5 - 0.5 * w.y) * ROWS as f32) as usize;
        let turns = crate::fast_math::atan2(w.z, w.x) / TAU + 0.5;
        row.min(ROWS - 1) * COLUMNS + ((turns * COLUMNS as f32) as usize).min(COLUMNS - 1)
    };
    let mut expected = vec![0.0; ROWS * COLUMNS];
    let weight = 4.0 * std::f64::consts::PI / (ROWS * COLUMNS * FINE * FINE) as f64;
    for i in 0..ROWS * FINE {
        let y = 1.0 - 2.0 * (i as f32 + 0.5) / (ROWS * FINE) as f32;
        let radius = (1.0 - y * y).sqrt();
        for j in 0..COLUMNS * FINE {
            let turns = (j as f32 + 0.5) / (COLUMNS * FINE) as f32 - 0.5;
            let (sin, cos) = crate::fast_math::sin_cos_turns(turns);
            let wi = Vec3::new(radius * cos, y, radius * sin);
            found(lights, at, wi, |_, pdf| {
                expected[(i / FINE) * COLUMNS + j / FINE] +=
                    f64::from(pdf) * weight * f64::from(draws);
            });
        }
    }
    let mut counts = vec![0.0; ROWS * COLUMNS];
    let mut sampler = IndependentSampler::new(12);
    let mut drawn = 0.0;
    for _ in 0..draws {
        let u_light = sampler.next_1d();
        if let Some(sample) = lights.sample(at, u_light, sampler.next_2d()) {
            assert!((sample.wi.length() - 1.0).abs() < 1e-5);
            counts[bin(sample.wi)] += 1.0;
            drawn += 1.0;
        }
    }
    let total: f64 = expected.iter().sum();
    assert!(
        (total / drawn - 1.0).abs() < 0.01,
        "{what}: density {total}, drawn {drawn}"
    );
    expected.iter_mut().for_each(|e| *e *= drawn / total);
    assert_chi_square(&counts, &expected, 0.001, what);
}

#[test]
fn draws_pass_a_chi_square_test_for_every_light_and_for_all() {
    let lights = [
        Light::Rect {
            center: Vec3::new(0.2, 0.9, 0.1),
            half_u: Vec3::new(0.8, 0.1, 0.0),
            half_v: Vec3::new(0.0, 0.1, 0.6),
            radiance: Vec3::ONE,
        },
        Light::Disk {
            center: Vec3::new(-0.9, 0.5, 0.3),
            normal: Vec3::new(1.0, -0.4, -0.2),
            radius_m: 0.6,
            radiance: Vec3::splat(2.0),
        },
        Light::Sphere {
            center: Vec3::new(0.4, 0.3, -1.2),
            radius_m: 0.7,
            radiance: Vec3::ONE,
        },
        Light::Sun {
            direction: Vec3::new(0.3, 0.5, 0.9),
            radius_rad: 0.5,
            radiance: Vec3::ONE,
        },
    ];
    let at = up(Vec3::new(0.1, 0.0, 0.05));
    for light in lights {
        assert_draws_follow_density(&set(&[light]), &at, &format!("{light:?}"));
    }
    assert_draws_follow_density(&set(&lights), &at, "all lights");
}

#[test]
fn a_shining_mesh_gives_the_light_of_the_lamp_of_its_shape() {
    let lamp = Light::Rect {
        center: Vec3::new(0.0, 1.0, 0.0),
        half_u: Vec3::X * 0.5,
        half_v: Vec3::Z * 0.5,
        radiance: Vec3::splat(2.0),
    };
    let corner = |x: f32, z: f32| Vec3::new(0.5 * x, 1.0, 0.5 * z);
    let mesh = TriMesh {
        positions: vec![
            corner(-1.0, -1.0),
            corner(1.0, -1.0),
            corner(1.0, 1.0),
            corner(-1.0, 1.0),
        ],
        triangles: vec![[0, 1, 2], [0, 2, 3]],
        ..TriMesh::default()
    };
    let mut scene = scene(dark(), 4, 10.0, 1.0);
    scene.materials.push(Material::Emissive {
        radiance: Vec3::splat(2.0),
    });
    scene.meshes.push(object(mesh, 0));
    let lights = LightSet::new(&scene);
    let at = up(Vec3::new(0.2, 0.0, 0.1));
    let wanted = irradiance_of_lights(&[lamp], at.position, at.normal);
    let mut sampler = SobolSampler::new(6);
    let n = 1 << 14;
    let mut drawn = Vec3::ZERO;
    for i in 0..n {
        sampler.start_pixel_sample(glam::UVec2::ZERO, i);
        let u_light = sampler.next_1d();
        let sample = (lights.sample(&at, u_light, sampler.next_2d())).expect("the mesh shines");
        drawn += sample.radiance * (sample.wi.y / sample.pdf);
        // A ray that meets the mesh there has the density of the draw.
        let ray = Ray::new(at.position, sample.wi);
        let t = sample.t_max / SHADOW_REACH;
        let met: Vec<_> = (0..2)
            .filter_map(|triangle| lights.met(&at, &ray, t, (0, triangle)))
            .collect();
        assert!(met.iter().any(|m| (m.pdf / sample.pdf - 1.0).abs() < 1e-3));
    }
    drawn /= n as f32;
    assert!(
        (drawn / wanted - Vec3::ONE).abs().max_element() < 0.005,
        "{drawn} against {wanted}"
    );
}
