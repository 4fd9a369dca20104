//! Tests that every model must pass: sampling follows the density, reciprocity, furnace.

use super::*;
use crate::frame::Frame;
use crate::sampler::{IndependentSampler, Sampler, SobolSampler};
use crate::test_support::{
    assert_draws_follow_density, assert_samples_follow_density,
    assert_sharp_samples_follow_density, direction,
};

const RED: Vec3 = Vec3::new(0.8, 0.3, 0.1);

/// Copper, by its index of refraction at 630, 532 and 465 nm.
fn copper(coat: &Coat) -> CoatedBsdf<'_> {
    let (eta, k) = (Vec3::new(0.22, 1.02, 1.18), Vec3::new(3.57, 2.58, 2.42));
    CoatedBsdf::with_reflectance(coat, Reflectance::of_conductor(eta, k), Vec3::ZERO)
}

/// Surface models with directions of several steepnesses.
fn for_each_surface(mut test: impl FnMut(&str, Bsdf<'_>)) {
    test("diffuse", Bsdf::Diffuse(DiffuseBsdf { albedo: RED }));
    for roughness in [0.4, 0.6, 1.0] {
        let coat = Coat::single(roughness);
        let coated = |f0, base| Bsdf::Coated(CoatedBsdf::new(&coat, f0, base));
        test(
            &format!("plastic {roughness}"),
            coated(Vec3::splat(0.04), RED),
        );
        test(&format!("metal {roughness}"), coated(RED, Vec3::ZERO));
        let skin = Coat::double(roughness, 0.75 * roughness, 0.15);
        let skin = CoatedBsdf::new(&skin, Vec3::splat(0.028), RED);
        test(&format!("skin {roughness}"), Bsdf::Coated(skin));
    }
    for anisotropy in [-0.8, 0.5, 0.9] {
        let coat = Coat::anisotropic(0.7, anisotropy);
        let satin = CoatedBsdf::new(&coat, 0.2 * RED, RED);
        test(&format!("satin {anisotropy}"), Bsdf::Coated(satin));
    }
    let brushed = Coat::anisotropic(0.7, 0.7);
    test("brushed copper", Bsdf::Coated(copper(&brushed)));
    let (top, rough) = (Coat::single(0.4), Coat::single(0.7));
    for under in [
        CoatedBsdf::new(&rough, Vec3::splat(0.04), RED),
        copper(&rough),
    ] {
        let lacquer = LacqueredBsdf::new(&top, 0.04, under);
        test("lacquer", Bsdf::Lacquered(lacquer));
    }
    for (roughness, sheen) in [(0.0, 0.0), (0.7, 0.0), (0.5, 1.0), (1.0, 0.5)] {
        let cloth = ClothBsdf::new(RED, roughness, sheen);
        test(&format!("cloth {roughness} {sheen}"), Bsdf::Cloth(cloth));
    }
}

/// Reflected share of even light, by sampling.
fn albedo(bsdf: &Bsdf<'_>, wo: Vec3, n: u32) -> Vec3 {
    let mut sampler = SobolSampler::new(2);
    let mut sum = Vec3::ZERO;
    for i in 0..n {
        sampler.start_pixel_sample(glam::UVec2::ZERO, i);
        let (u_lobe, u) = (sampler.next_1d(), sampler.next_2d());
        if let Some(sample) = bsdf.sample(wo, u_lobe, u) {
            sum += sample.weight;
        }
    }
    sum / n as f32
}

#[test]
fn surfaces_are_sampled_by_their_density() {
    let mut configurations = Vec::new();
    for_each_surface(|name, _| configurations.push(name.to_owned()));
    let angles = [10.0, 50.0, 80.0];
    let significance = 0.01 / (configurations.len() * angles.len()) as f64;
    for_each_surface(|name, bsdf| {
        for angle in angles {
            let what = format!("{name} at {angle} degrees");
            assert_samples_follow_density(&bsdf, direction(angle, 25.0), significance, &what);
        }
    });
}

#[test]
fn light_that_leaves_the_skin_is_sampled_by_its_density() {
    for roughness in [0.1, 0.5, 1.0] {
        let coat = Coat::double(roughness, 0.5 * roughness, 0.15);
        let exit = CoatedBsdf::new(&coat, Vec3::splat(0.028), RED).exit();
        let what = format!("exit through roughness {roughness}");
        assert_samples_follow_density(&Bsdf::Exit(exit), direction(30.0, 0.0), 3e-3, &what);
    }
}

#[test]
fn sharp_lobes_and_grazing_directions_are_sampled_by_their_density() {
    let mut n = 0;
    for roughness in [0.05, 0.15, 0.3, 1.0] {
        for (second, anisotropy) in [(0.0, 0.0), (0.3, 0.0), (0.0, 0.7)] {
            // At the horizon the sharpest of all is narrower than any bin that could be summed.
            if roughness < 0.1 && anisotropy != 0.0 {
                continue;
            }
            let coat = if 0.0 < second {
                Coat::double(roughness, 0.6 * roughness, second)
            } else {
                Coat::anisotropic(roughness, anisotropy)
            };
            let bsdf = Bsdf::Coated(CoatedBsdf::new(&coat, Vec3::splat(0.6), RED));
            for angle in [0.0, 45.0, 80.0, 87.0] {
                let what = format!("roughness {roughness}, {second}, {anisotropy}, at {angle}");
                assert_sharp_samples_follow_density(&bsdf, direction(angle, 25.0), 1e-4, &what);
                n += 1;
            }
        }
    }
    assert_eq!(n, 44);
}

#[test]
fn surfaces_are_reciprocal() {
    for_each_surface(|name, bsdf| {
        let mut sampler = IndependentSampler::new(4);
        for _ in 0..200 {
            let mut draw = || crate::sampling::cosine_hemisphere(sampler.next_2d());
            let (a, b) = (draw(), draw());
            let there = bsdf.eval(a, b).f_cos / b.z;
            let back = bsdf.eval(b, a).f_cos / a.z;
            let error = (there - back).abs().max_element();
            assert!(
                error <= 1e-3 * there.max_element(),
                "{name}: {there} and {back}"
            );
        }
    });
}

#[test]
fn white_surfaces_return_all_the_light_and_none_creates_any() {
    for cos in [0.1, 0.4, 0.7, 1.0_f32] {
        let wo = Vec3::new((1.0 - cos * cos).sqrt(), 0.0, cos);
        for roughness in [0.2, 0.5, 0.8, 1.0] {
            let coat = Coat::double(roughness, 0.5 * roughness, 0.15);
            for (f0, base) in [(0.04, 1.0), (1.0, 0.0)] {
                let bsdf = CoatedBsdf::new(&coat, Vec3::splat(f0), Vec3::splat(base));
                let found = albedo(&Bsdf::Coated(bsdf), wo, 1 << 13).x;
                assert!(
                    (found - 1.0).abs() < 0.012,
                    "cos {cos}, roughness {roughness}, f0 {f0}: {found}"
                );
            }
        }
        for roughness in [0.0, 0.5, 1.0] {
            let found = albedo(
                &Bsdf::Cloth(ClothBsdf::new(Vec3::ONE, roughness, 0.0)),
                wo,
                1 << 12,
            )
            .x;
            assert!(
                (found - 1.0).abs() < 0.01,
                "cos {cos}, cloth {roughness}: {found}"
            );
            let found = albedo(
                &Bsdf::Cloth(ClothBsdf::new(Vec3::ONE, roughness, 1.0)),
                wo,
                1 << 14,
            )
            .x;
            assert!(
                (0.6..1.01).contains(&found),
                "cos {cos}, sheen over cloth {roughness}: {found}"
            );
        }
    }
}

#[test]
fn anisotropic_and_lacquered_surfaces_lose_little_and_create_nothing() {
    for cos in [0.08, 0.3, 0.7, 1.0_f32] {
        let wo = Vec3::new((1.0 - cos * cos).sqrt(), 0.0, cos);
        for turned in [wo, Vec3::new(0.0, wo.x, wo.z)] {
            for (roughness, anisotropy) in [(0.3, 0.5), (0.5, 0.9), (0.8, 0.5)] {
                let coat = Coat::anisotropic(roughness, anisotropy);
                for (f0, base) in [(0.04, 1.0), (1.0, 0.0)] {
                    let bsdf = CoatedBsdf::new(&coat, Vec3::splat(f0), Vec3::splat(base));
                    let found = albedo(&Bsdf::Coated(bsdf), turned, 1 << 13).x;
                    assert!(
                        (0.94..1.03).contains(&found),
                        "cos {cos}, roughness {roughness}, {anisotropy}, f0 {f0}: {found}"
                    );
                }
            }
            let (top, under) = (Coat::single(0.2), Coat::single(0.6));
            let white = CoatedBsdf::new(&under, Vec3::splat(0.04), Vec3::ONE);
            let lacquer = LacqueredBsdf::new(&top, 0.04, white);
            let found = albedo(&Bsdf::Lacquered(lacquer), turned, 1 << 13).x;
            assert!((0.85..1.01).contains(&found), "cos {cos}, lacquer: {found}");
        }
    }
}

#[test]
fn teeth_and_wet_lips_keep_the_rules_of_all_surfaces() {
    let (film, enamel) = (Coat::single(0.2), Coat::single(0.4));
    let wet = Coat::double(0.28, 0.55 * 0.28, 0.15);
    let teeth = |base: Vec3| {
        let under = CoatedBsdf::new(&enamel, Vec3::splat(0.04), base);
        Bsdf::Lacquered(LacqueredBsdf::new(&film, f0_of_ior(1.33), under))
    };
    let lips = |base: Vec3| Bsdf::Coated(CoatedBsdf::new(&wet, Vec3::splat(0.028), base));
    for (what, red, white) in [
        ("teeth", teeth(RED), teeth(Vec3::ONE)),
        ("wet lips", lips(RED), lips(Vec3::ONE)),
    ] {
        for angle in [0.0, 40.0, 75.0] {
            let wo = direction(angle, 25.0);
            assert_sharp_samples_follow_density(&red, wo, 1e-3, what);
            let found = albedo(&white, wo, 1 << 13).x;
            assert!((0.9..1.012).contains(&found), "{what} at {angle}: {found}");
        }
        let mut sampler = IndependentSampler::new(4);
        for _ in 0..200 {
            let mut draw = || crate::sampling::cosine_hemisphere(sampler.next_2d());
            let (a, b) = (draw(), draw());
            let there = red.eval(a, b).f_cos / b.z;
            let error = (there - red.eval(b, a).f_cos / a.z).abs().max_element();
            assert!(error <= 1e-3 * there.max_element(), "{what}: {there}");
        }
    }
}

#[test]
fn metals_reflect_by_their_index_of_refraction() {
    // Gold at 650, 550 and 450 nm, and a plain dielectric as the limit without absorption.
    let (eta, k) = (Vec3::new(0.16, 0.42, 1.45), Vec3::new(3.42, 2.35, 1.88));
    let of = Reflectance::of_conductor(eta, k);
    for cos in [1.0, 0.8, 0.5, 0.3, 0.15, 0.08] {
        for channel in 0..3 {
            let exact = conductor_fresnel(cos, eta[channel], k[channel]);
            let found = of.at(cos)[channel];
            assert!((found - exact).abs() < 0.03, "cos {cos}: {found}, {exact}");
        }
    }
    for cos in [1.0, 0.6, 0.2] {
        assert!((conductor_fresnel(cos, 1.5, 0.0) - fresnel(cos, 1.5)).abs() < 1e-5);
    }
}

#[test]
fn brushed_surfaces_shine_along_one_axis_only() {
    let coat = Coat::anisotropic(0.5, 0.9);
    let bsdf = CoatedBsdf::new(&coat, Vec3::ONE, Vec3::ZERO);
    let wo = Vec3::Z;
    let along = bsdf.eval(wo, direction(40.0, 0.0)).f_cos.x;
    let across = bsdf.eval(wo, direction(40.0, 90.0)).f_cos.x;
    assert!(10.0 * across < along, "{across} against {along}");
}

#[test]
fn the_base_keeps_its_color_under_the_coat() {
    // Averaged over directions, the base reflects its albedo of what enters: the ratio of two
    // colours of the base survives, and the coat only adds white.
    let coat = Coat::single(0.5);
    let mut with = Vec3::ZERO;
    let mut without = Vec3::ZERO;
    let n = 64;
    for i in 0..n {
        let cos = ((i as f32 + 0.5) / n as f32).sqrt();
        let wo = Vec3::new((1.0 - cos * cos).sqrt(), 0.0, cos);
        let bsdf = CoatedBsdf::new(&coat, Vec3::splat(0.04), RED);
        with += albedo(&Bsdf::Coated(bsdf), wo, 1 << 10) / n as f32;
        without += albedo(&Bsdf::Coated(bsdf.without_base()), wo, 1 << 10) / n as f32;
    }
    let base = with - without;
    let entering = 1.0 - without.x;
    assert!(
        (base / entering / RED - Vec3::ONE).abs().max_element() < 0.02,
        "{base}, {entering}"
    );
}

#[test]
fn what_leaves_the_skin_makes_up_for_the_coat() {
    // Entering averaged over a cosine lobe, times leaving, is one.
    let coat = Coat::double(0.5, 0.25, 0.15);
    let bsdf = CoatedBsdf::new(&coat, Vec3::splat(0.028), RED);
    let leaving = albedo(&Bsdf::Exit(bsdf.exit()), Vec3::Z, 1 << 12);
    assert!(
        (leaving - Vec3::ONE).abs().max_element() < 0.01,
        "{leaving}"
    );
}

fn hair_configurations() -> Vec<(f32, f32, f32, f32)> {
    let mut all = Vec::new();
    for beta_m in [0.1, 0.3, 0.9] {
        for beta_n in [0.1, 0.3, 0.9] {
            for sin_theta in [-0.9, 0.0, 0.5] {
                for offset in [-0.95, 0.0, 0.6] {
                    all.push((beta_m, beta_n, sin_theta, offset));
                }
            }
        }
    }
    all
}

#[test]
fn clear_hair_returns_all_the_light() {
    for (beta_m, beta_n, sin_theta, offset) in hair_configurations() {
        let fiber = HairFiber::new(Vec3::ZERO, beta_m, beta_n, 0.035, 1.55);
        let wo = Vec3::new(sin_theta, (1.0 - sin_theta * sin_theta).sqrt(), 0.0);
        for (kind, bsdf) in [
            ("one offset", HairBsdf::new(&fiber, wo, offset)),
            ("whole width", HairBsdf::of_whole_width(&fiber, wo, offset)),
        ] {
            let what =
                format!("{kind}, beta {beta_m} {beta_n}, sin theta {sin_theta}, at {offset}");
            // By quadrature over the sphere: even in the longitudinal angle and in azimuth.
            let (rows, columns) = (600, 240);
            let mut sum = 0.0;
            for i in 0..rows {
                let theta = ((i as f32 + 0.5) / rows as f32 - 0.5) * std::f32::consts::PI;
                let (sin, cos) = crate::fast_math::sin_cos(theta);
                for j in 0..columns {
                    let (s, c) = crate::fast_math::sin_cos_turns((j as f32 + 0.5) / columns as f32);
                    let wi = Vec3::new(sin, cos * c, cos * s);
                    sum += bsdf.eval(wo, wi).f_cos.x * cos;
                }
            }
            let area = std::f32::consts::PI / rows as f32 * std::f32::consts::TAU / columns as f32;
            assert!(
                (sum * area - 1.0).abs() < 0.01,
                "{what}: quadrature {}",
                sum * area
            );
            let found = albedo(&Bsdf::Hair(bsdf), wo, 256).x;
            assert!((found - 1.0).abs() < 0.01, "{what}: sampled {found}");
        }
    }
}

#[test]
fn hair_is_sampled_by_its_density() {
    let configurations: Vec<_> = hair_configurations()
        .into_iter()
        .filter(|&(m, n, _, _)| 0.2 < m && 0.2 < n)
        .collect();
    let significance = 0.01 / configurations.len() as f64;
    for &(beta_m, beta_n, sin_theta, offset) in &configurations {
        let fiber = HairFiber::new(Vec3::new(0.2, 0.5, 1.2), beta_m, beta_n, 0.035, 1.55);
        let wo = Vec3::new(sin_theta, (1.0 - sin_theta * sin_theta).sqrt(), 0.0);
        for (kind, bsdf) in [
            ("hair", HairBsdf::new(&fiber, wo, offset)),
            ("thin hair", HairBsdf::of_whole_width(&fiber, wo, offset)),
        ] {
            let what = format!("{kind} {beta_m} {beta_n} {sin_theta} {offset}");
            assert_samples_follow_density(&Bsdf::Hair(bsdf), wo, significance, &what);
        }
    }
}

#[test]
fn over_all_offsets_thin_hair_scatters_like_hair() {
    let fiber = HairFiber::new(Vec3::new(0.2, 0.5, 1.2), 0.3, 0.35, 0.035, 1.55);
    let wo = Vec3::new(0.4, (1.0 - 0.16_f32).sqrt(), 0.0);
    let n = 256;
    let offsets = || (0..n).map(|i| (i as f32 + 0.5) / n as f32 * 2.0 - 1.0);
    for i in 0..24 {
        let sin = (i % 5) as f32 * 0.3 - 0.6;
        let (s, c) = crate::fast_math::sin_cos_turns(i as f32 / 24.0);
        let cos = (1.0 - sin * sin).sqrt();
        let wi = Vec3::new(sin, cos * c, cos * s);
        let near: Vec3 = offsets()
            .map(|offset| HairBsdf::new(&fiber, wo, offset).eval(wo, wi).f_cos)
            .sum();
        let far: Vec3 = offsets()
            .map(|offset| {
                HairBsdf::of_whole_width(&fiber, wo, offset)
                    .eval(wo, wi)
                    .f_cos
            })
            .sum();
        assert!(
            (far / near - Vec3::ONE).abs().max_element() < 1e-3,
            "{wi}: {near} against {far}"
        );
    }
}

#[test]
fn light_that_is_reflected_by_a_fiber_leaves_as_from_a_mirror() {
    // With smooth scales that do not tilt, the R lobe is centred on the mirror direction at the
    // point of the cylinder that was hit, on the side on which it was hit.
    let fiber = HairFiber::new(Vec3::splat(50.0), 0.08, 0.08, 0.0, 1.55);
    for offset in [-0.7, -0.2, 0.5_f32] {
        let wo = Vec3::Y;
        let normal = Vec3::new(0.0, (1.0 - offset * offset).sqrt(), offset);
        let mirror = 2.0 * normal.dot(wo) * normal - wo;
        let bsdf = HairBsdf::new(&fiber, wo, offset);
        let at = bsdf.eval(wo, mirror).f_cos.x;
        let opposite = bsdf
            .eval(wo, Vec3::new(mirror.x, mirror.y, -mirror.z))
            .f_cos
            .x;
        assert!(
            10.0 * opposite < at,
            "offset {offset}: {at} against {opposite}"
        );
    }
}

#[test]
fn the_scales_move_the_highlight_to_the_root() {
    let tilt = 0.05_f32;
    let fiber = HairFiber::new(Vec3::splat(50.0), 0.1, 0.3, tilt, 1.55);
    let bsdf = HairBsdf::new(&fiber, Vec3::Y, 0.0);
    let at = |angle: f32| {
        let (sin, cos) = bottega_geometry::math::sin_cos(angle);
        let wi = Vec3::new(sin, cos, 0.0);
        bsdf.eval(Vec3::Y, wi).f_cos.x
    };
    // Faces that look to the root by the tilt send light back under twice that angle.
    let brightest = (-300..300)
        .map(|k| k as f32 * 1e-3)
        .max_by(|a, b| at(*a).total_cmp(&at(*b)));
    assert!(
        (brightest.unwrap() + 2.0 * tilt).abs() < 5e-3,
        "{brightest:?}"
    );
}

#[test]
fn darker_hair_absorbs_more_and_a_wanted_color_is_approached() {
    let wo = Vec3::Y;
    let mut last = f32::INFINITY;
    for sigma in [0.0, 0.1, 0.5, 2.0] {
        let fiber = HairFiber::new(Vec3::splat(sigma), 0.3, 0.3, 0.035, 1.55);
        let found = albedo(&Bsdf::Hair(HairBsdf::new(&fiber, wo, 0.2)), wo, 1 << 10).x;
        assert!(found < last, "{sigma}");
        last = found;
    }
    let color = Vec3::new(0.8, 0.4, 0.05);
    let sigma = absorption_of_color(color, 0.3);
    assert!((color_of_absorption(sigma, 0.3) / color - Vec3::ONE).length() < 1e-4);
    assert!(sigma.x < sigma.y && sigma.y < sigma.z, "{sigma}");
}

#[test]
fn a_boundary_bends_light_by_its_index_and_keeps_energy() {
    let wo = direction(40.0, 0.0);
    let solid = DielectricBsdf::smooth(1.376, false);
    let u = Vec2::new(0.3, 0.6);
    let through = solid
        .sample(wo, 0.99, u)
        .expect("light enters the denser medium");
    let ratio = wo.x / -through.wi.x;
    assert!((ratio - 1.376).abs() < 1e-4, "{ratio}");
    assert!((through.wi.length() - 1.0).abs() < 1e-5);
    let reflected = solid.sample(wo, 0.0, u).expect("some light is reflected");
    assert_eq!(reflected.wi, Vec3::new(-wo.x, -wo.y, wo.z));
    let inside = DielectricBsdf::smooth(1.0 / 1.376, false);
    let total = inside
        .sample(direction(60.0, 0.0), 0.99, u)
        .expect("all light is reflected");
    assert!(0.0 < total.wi.z);
    let thin = DielectricBsdf::smooth(1.5, true);
    let passed = thin.sample(wo, 0.99, u).expect("light passes the sheet");
    assert_eq!(passed.wi, -wo);
    assert!((fresnel(1.0, 1.5) - 0.04).abs() < 1e-6);
    assert!((transmittance(1.0, 1.5, true) - 0.96 / 1.04).abs() < 1e-6);
    // The fibre's frame used in these tests has wo in the plane of +X and +Y.
    let frame = Frame::from_fiber(Vec3::X, Vec3::new(0.6, 0.0, 0.8));
    assert!((frame.to_local(Vec3::new(0.6, 0.0, 0.8)) - Vec3::new(0.6, 0.8, 0.0)).length() < 1e-6);
}

#[test]
fn rough_glass_keeps_energy_and_spreads_light_about_the_smooth_directions() {
    let mut spreads = Vec::new();
    for roughness in [0.0, 0.1, 0.4, 1.0] {
        for (eta, thin) in [(1.5, false), (1.0 / 1.5, false), (1.5, true)] {
            let glass = DielectricBsdf {
                rough: (0.0 < roughness).then(|| Ggx::from_roughness(roughness)),
                ..DielectricBsdf::smooth(eta, thin)
            };
            for angle in [0.0, 30.0, 75.0] {
                let wo = direction(angle, 20.0);
                let (total, _) = spread(&glass, wo);
                assert!((total - 1.0).abs() < 2e-3, "{glass:?} at {angle}: {total}");
            }
            if eta == 1.5 {
                spreads.push((thin, spread(&glass, direction(30.0, 0.0)).1));
            }
        }
    }
    let smooth = spreads[0].1;
    assert!((smooth - direction_refracted(30.0, 1.5)).length() < 1e-4);
    // A little roughness leaves the middle of the light where it was, more shortens the mean.
    assert!((spreads[2].1 - smooth).length() < 0.02, "{:?}", spreads[2]);
    for thin in [false, true] {
        let lengths: Vec<f32> = (spreads.iter().filter(|s| s.0 == thin))
            .map(|s| s.1.length())
            .collect();
        assert!(
            lengths.windows(2).all(|pair| pair[1] < pair[0] + 1e-6),
            "{lengths:?}"
        );
    }
}

/// Density with which a facet of normal `h` is met, per steradian of `h`.
fn visible_normal_density(lobe: &Ggx, wo: Vec3, h: Vec3) -> f32 {
    let cos = wo.dot(h);
    if h.z <= 0.0 || cos <= 0.0 {
        return 0.0;
    }
    // The density of mirrored directions is that of normals over 4 cos.
    4.0 * cos * lobe.eval(wo, Vec3::Z, h).1
}

/// Density with which rough glass sends light on along `wi`, by the change of variables from
/// facets to directions (Walter et al. 2007, equations 14 and 17).
fn rough_glass_density(glass: &DielectricBsdf, lobe: &Ggx, wo: Vec3, wi: Vec3) -> f32 {
    // Directions that leave a facet toward the wrong side are turned to the right one.
    let turned = Vec3::new(wi.x, wi.y, -wi.z);
    let mirrored = |wi: Vec3| {
        let h = (wo + wi).normalize_or(Vec3::Z);
        let density = visible_normal_density(lobe, wo, h) / (4.0 * wo.dot(h)).max(1e-12);
        (density, glass.reflected(wo, h))
    };
    let refracted = |wi: Vec3| {
        let across = wo + wi * glass.eta;
        let h = across.normalize_or(Vec3::Z) * if glass.eta < 1.0 { 1.0 } else { -1.0 };
        let (cos_o, cos_i) = (wo.dot(h), wi.dot(h));
        if 0.0 <= cos_i || cos_o <= 0.0 {
            return 0.0;
        }
        let across = cos_o + glass.eta * cos_i;
        let facets_per_direction = glass.eta * glass.eta * -cos_i / (across * across).max(1e-12);
        visible_normal_density(lobe, wo, h) * facets_per_direction * (1.0 - glass.reflected(wo, h))
    };
    match (0.0 < wi.z, glass.thin) {
        (true, _) => [wi, turned].map(mirrored).iter().map(|(d, r)| d * r).sum(),
        (false, true) => ([wi, turned].map(mirrored).iter())
            .map(|(d, r)| d * (1.0 - r))
            .sum(),
        (false, false) => refracted(wi) + refracted(turned),
    }
}

#[test]
fn rough_glass_is_sampled_by_its_density() {
    for roughness in [0.4, 0.65, 1.0] {
        let lobe = Ggx::from_roughness(roughness);
        for (eta, thin) in [(1.5, false), (1.0 / 1.5, false), (1.5, true)] {
            let glass = DielectricBsdf {
                rough: Some(lobe),
                ..DielectricBsdf::smooth(eta, thin)
            };
            for angle in [5.0, 45.0, 75.0] {
                let wo = direction(angle, 25.0);
                // Turned, so that what passes does not crowd at the pole of the bins.
                let draw = |u_lobe: f32, u: Vec2| {
                    let wi = glass.sample(wo, u_lobe, u)?.wi;
                    Some(Vec3::new(wi.y, wi.z, wi.x))
                };
                let density = |turned: Vec3| {
                    let wi = Vec3::new(turned.z, turned.x, turned.y);
                    rough_glass_density(&glass, &lobe, wo, wi)
                };
                let what = format!("glass {eta}, thin {thin}, {roughness} at {angle}");
                assert_draws_follow_density(draw, density, 3e-4, &what);
            }
        }
    }
}

/// Share of light that goes on, and the mean direction of what passes.
fn spread(glass: &DielectricBsdf, wo: Vec3) -> (f32, Vec3) {
    let mut sampler = SobolSampler::new(5);
    let (mut total, mut passed, mut mean) = (0.0, 0.0, glam::DVec3::ZERO);
    let n = 4096;
    for i in 0..n {
        sampler.start_pixel_sample(glam::UVec2::ZERO, i);
        let (u_lobe, u) = (sampler.next_1d(), sampler.next_2d());
        if let Some(sample) = glass.sample(wo, u_lobe, u) {
            total += sample.weight.x / n as f32;
            if sample.wi.z < 0.0 {
                passed += 1.0;
                mean += sample.wi.as_dvec3();
            }
        }
    }
    (total, (mean / f64::max(passed, 1.0)).as_vec3())
}

/// Direction in which light goes on that meets a smooth boundary at an angle in degrees.
fn direction_refracted(angle: f32, eta: f32) -> Vec3 {
    let wo = direction(angle, 0.0);
    let across = Vec3::new(-wo.x, -wo.y, 0.0) / eta;
    across - Vec3::Z * (1.0 - across.length_squared()).sqrt()
}

#[test]
fn tinted_glass_absorbs_by_the_way_through_it() {
    let depth = Vec3::new(0.0, 0.5, 2.0);
    let straight = passed_sheet(depth, 1.0, 1.5);
    assert!(
        (straight - Vec3::new(1.0, 0.606_530_7, 0.135_335_3)).length() < 1e-5,
        "{straight}"
    );
    // At 60 degrees light goes on at 35.26 degrees inside: a way longer by 1.2247.
    let slanted = passed_sheet(depth, 0.5, 1.5);
    assert!((slanted.y - 0.542_089).abs() < 1e-4, "{slanted}");
    let sheet = DielectricBsdf {
        depth,
        ..DielectricBsdf::smooth(1.5, true)
    };
    let passed = sheet
        .sample(Vec3::Z, 0.99, Vec2::ZERO)
        .expect("light passes");
    assert_eq!(passed.weight, straight);
}
