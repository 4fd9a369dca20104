//! The environment sampler against its density and against sums over its texels.

use super::*;
use crate::sampler::{IndependentSampler, Sampler};

/// A sky with a gradient, some texture and a small sun.
fn sky(width: usize, height: usize) -> Environment {
    let mut radiance: Vec<Vec3> = (0..width * height)
        .map(|i| {
            let (x, y) = (i % width, i / width);
            let v = y as f32 / height as f32;
            let wave = 0.2 * ((x * 7 + y * 3) % 11) as f32 / 11.0;
            Vec3::new(0.3 + wave, 0.4 + wave, 0.9 - 0.5 * v)
        })
        .collect();
    radiance[width * (height / 4) + width / 3] = Vec3::new(900.0, 800.0, 600.0);
    Environment {
        width,
        height,
        radiance,
        yaw_rad: 0.7,
        scale: 1.5,
        background_blur_rad: 0.0,
    }
}

#[test]
fn the_density_integrates_to_one_and_matches_what_is_drawn() {
    let light = EnvironmentLight::new(&sky(64, 32));
    let grid = &light.grid;
    let mut total = 0.0;
    for y in 0..32 {
        for x in 0..64 {
            let (_, pdf) = light.radiance_and_pdf(grid.center(x, y));
            total += f64::from(pdf) * f64::from(grid.solid_angle(y));
        }
    }
    assert!((total - 1.0).abs() < 1e-5, "{total}");
    let mut sampler = IndependentSampler::new(5);
    for _ in 0..20_000 {
        let sample = light.sample(sampler.next_2d()).expect("the sky is lit");
        assert!((sample.wi.length() - 1.0).abs() < 1e-5);
        let (radiance, pdf) = light.radiance_and_pdf(sample.wi);
        // A direction drawn within rounding of a texel's edge may be looked up next door.
        let p = grid.position(sample.wi);
        let edge = (p - p.round()).abs().min_element();
        if 1e-3 < edge {
            assert_eq!(radiance, sample.radiance);
            assert!((pdf / sample.pdf - 1.0).abs() < 1e-5);
        }
    }
}

#[test]
fn draws_pass_a_chi_square_test_against_the_density() {
    let light = EnvironmentLight::new(&sky(64, 32));
    let draws = 200_000;
    let mut counts = vec![0.0; 16 * 8];
    let mut expected = vec![0.0; 16 * 8];
    for y in 0..32 {
        for x in 0..64 {
            let (_, pdf) = light.radiance_and_pdf(light.grid.center(x, y));
            let share = f64::from(pdf) * f64::from(light.grid.solid_angle(y));
            expected[(y / 4) * 16 + x / 4] += share * f64::from(draws);
        }
    }
    let mut sampler = IndependentSampler::new(9);
    for _ in 0..draws {
        let sample = light.sample(sampler.next_2d()).expect("the sky is lit");
        let (x, y) = light.grid.texel(sample.wi);
        counts[(y / 4) * 16 + x / 4] += 1.0;
    }
    crate::test_support::assert_chi_square(&counts, &expected, 0.01, "environment");
}

#[test]
fn sampling_finds_the_irradiance_of_the_meter() {
    // With compensation the light sampler alone misses what is below the mean; together with
    // cosine samples, weighted by the power heuristic, nothing is lost.
    let environment = sky(64, 32);
    let light = EnvironmentLight::new(&environment);
    let wanted = meter::irradiance(&environment, Vec3::Y);
    let mut sampler = crate::sampler::SobolSampler::new(3);
    let n = 1 << 14;
    let mut sum = Vec3::ZERO;
    for i in 0..n {
        sampler.start_pixel_sample(glam::UVec2::ZERO, i);
        let sample = light.sample(sampler.next_2d()).expect("the sky is lit");
        if 0.0 < sample.wi.y {
            let weight = crate::sampling::power_heuristic(sample.pdf, sample.wi.y / PI);
            sum += sample.radiance * (sample.wi.y * weight / sample.pdf);
        }
        let local = crate::sampling::cosine_hemisphere(sampler.next_2d());
        let wi = Vec3::new(local.x, local.z, local.y);
        let (radiance, pdf) = light.radiance_and_pdf(wi);
        sum += radiance * (PI * crate::sampling::power_heuristic(wi.y / PI, pdf));
    }
    let found = sum / n as f32;
    assert!(
        (found / wanted - Vec3::ONE).abs().max_element() < 0.01,
        "{found} against {wanted}"
    );
}

#[test]
fn even_light_is_sampled_evenly() {
    let environment = Environment {
        width: 8,
        height: 4,
        radiance: vec![Vec3::ONE; 32],
        yaw_rad: 0.0,
        scale: 1.0,
        background_blur_rad: 0.0,
    };
    let light = EnvironmentLight::new(&environment);
    let (_, pdf) = light.radiance_and_pdf(Vec3::new(0.3, 0.2, 0.4).normalize());
    assert!((pdf * 2.0 * TAU - 1.0).abs() < 1e-5);
    let dark = EnvironmentLight::new(&Environment {
        scale: 0.0,
        ..environment
    });
    assert_eq!(dark.irradiance_up(), Vec3::ZERO);
}

#[test]
fn the_map_is_found_where_its_rule_says() {
    // u = 0.5 + atan2(z, x) / (2 pi) + yaw / (2 pi), v = acos(y) / pi.
    let environment = sky(64, 32);
    let grid = TexelGrid::new(64, 32, environment.yaw_rad);
    for d in [Vec3::X, Vec3::NEG_Z, Vec3::new(-0.2, 0.7, 0.4).normalize()] {
        let u = 0.5 + libm::atan2f(d.z, d.x) / TAU + environment.yaw_rad / TAU;
        let v = libm::acosf(d.y) / PI;
        let wanted = Vec2::new(u.rem_euclid(1.0) * 64.0, v * 32.0);
        assert!((grid.position(d) - wanted).abs().max_element() < 1e-4);
        assert!(0.99 < grid.center(wanted.x as usize, wanted.y as usize).dot(d));
    }
}
