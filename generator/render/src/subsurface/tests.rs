//! The walk below the skin against its albedo and its profile.

use super::*;
use crate::film::expose;
use crate::interaction::SurfaceHit;
use crate::sampler::IndependentSampler;
use crate::scene::{ColorTexture, Material};
use crate::test_support::{environment, object, scene, settings, sphere};

fn skin(color: Vec3, mean_free_path_m: Vec3) -> Material {
    Material::Skin {
        color: ColorTexture::Constant(color),
        roughness: 0.5,
        mean_free_path_m,
        bump: None,
    }
}

/// Mean weight of light that leaves a sphere of radius 1 by diffusion.
fn diffused(albedo: Vec3, mean_free_path_m: Vec3, probes: u32) -> Vec3 {
    let mut scene = scene(environment(|_| Vec3::ONE), 8, 10.0, 1.0);
    scene.materials.push(skin(albedo, mean_free_path_m));
    scene.meshes.push(object(sphere(Vec3::ZERO, 1.0, 64), 0));
    let accel = Accel::build(&scene, 1e-4).expect("the scene is sound");
    let ray = Ray::new(Vec3::new(0.1, 0.2, 4.0), Vec3::NEG_Z);
    let hit = accel.intersect(&ray);
    let entry = SurfaceHit::new(&scene, &ray, &hit.expect("the ray meets the sphere"));
    let diffusion = Diffusion::new(&Subsurface {
        object: 0,
        albedo,
        mean_free_path_m,
    });
    let mut sampler = IndependentSampler::new(3);
    let mut sum = Vec3::ZERO;
    for _ in 0..probes {
        let numbers = WalkNumbers::draw(&mut sampler);
        let place = (&scene, &accel);
        if let Some(exit) = diffusion.probe(place, entry.position, entry.geometric_normal, numbers)
        {
            sum += exit.weight;
        }
    }
    sum / probes as f32
}

#[test]
fn diffusion_returns_the_albedo_on_a_large_body() {
    for albedo in [0.1, 0.33, 0.65, 0.9] {
        let found = diffused(Vec3::splat(albedo), Vec3::splat(0.01), 20_000);
        assert!(
            (found.x / albedo - 1.0).abs() < 0.02,
            "albedo {albedo}: {found}"
        );
    }
    let (color, path) = (Vec3::new(0.56, 0.41, 0.33), Vec3::new(0.02, 0.008, 0.004));
    let found = diffused(color, path, 40_000);
    assert!(
        (found / color - Vec3::ONE).abs().max_element() < 0.02,
        "{found}"
    );
}

/// Mean weight of light that enters a large sphere, and mean distance between entry and exit.
fn reflectance(albedo: Vec3, mean_free_path_m: Vec3, walks: u32) -> (Vec3, f32) {
    let mut scene = scene(environment(|_| Vec3::ONE), 8, 10.0, 1.0);
    scene.materials.push(skin(albedo, mean_free_path_m));
    scene.meshes.push(object(sphere(Vec3::ZERO, 1.0, 24), 0));
    let accel = Accel::build(&scene, 1e-4).expect("the scene is sound");
    let hit = accel.intersect(&Ray::new(Vec3::new(0.1, 0.2, 4.0), Vec3::NEG_Z));
    let ray = Ray::new(Vec3::new(0.1, 0.2, 4.0), Vec3::NEG_Z);
    let entry = SurfaceHit::new(&scene, &ray, &hit.expect("the ray meets the sphere"));
    let medium = Medium::new(&Subsurface {
        object: 0,
        albedo,
        mean_free_path_m,
    });
    let mut sampler = IndependentSampler::new(3);
    let (mut sum, mut distance) = (Vec3::ZERO, 0.0);
    for _ in 0..walks {
        let numbers = WalkNumbers::draw(&mut sampler);
        let place = (entry.position, entry.geometric_normal);
        let exit = medium.walk(&accel, place, None, numbers);
        if let Some(exit) = exit {
            sum += exit.weight;
            if let Some((ray, hit)) = exit.place {
                distance += ray.at(hit.t).distance(entry.position) * exit.weight.x;
            }
        }
    }
    (sum / walks as f32, distance / sum.x)
}

#[test]
fn a_large_body_shows_the_albedo_that_was_asked_for() {
    for albedo in [0.1, 0.2, 0.33, 0.5, 0.65, 0.8, 0.9, 0.95] {
        let (found, _) = reflectance(Vec3::splat(albedo), Vec3::splat(0.004), 30_000);
        assert!(
            (found.x / albedo - 1.0).abs() < 0.02,
            "albedo {albedo}: {found}"
        );
    }
}

/// What a half space returns of light that enters at the cosine `mu`, with the approximate H
/// function of Hapke (1981), good to 4 %.
fn straight_reflectance(single_albedo: f32, mu: f32) -> f32 {
    let gamma = (1.0 - single_albedo).sqrt();
    1.0 - gamma * (1.0 + 2.0 * mu) / (1.0 + 2.0 * mu * gamma)
}

#[test]
fn a_straight_walk_returns_less_of_light_that_enters_upright() {
    let mut scene = scene(environment(|_| Vec3::ONE), 8, 10.0, 1.0);
    let (albedo, path) = (Vec3::splat(0.42), Vec3::splat(0.001));
    scene.materials.push(skin(albedo, path));
    scene.meshes.push(object(sphere(Vec3::ZERO, 1.0, 64), 0));
    let accel = Accel::build(&scene, 1e-4).expect("the scene is sound");
    let medium = Medium::new(&Subsurface {
        object: 0,
        albedo,
        mean_free_path_m: path,
    });
    let mut sampler = IndependentSampler::new(3);
    for offset in [0.0, 0.6, 0.9_f32] {
        let ray = Ray::new(Vec3::new(offset, 0.01, 4.0), Vec3::NEG_Z);
        let hit = accel.intersect(&ray).expect("the ray meets the sphere");
        let entry = SurfaceHit::new(&scene, &ray, &hit);
        let place = (entry.position, entry.geometric_normal);
        let n_walks = 30_000;
        let sum: f32 = (0..n_walks)
            .filter_map(|_| {
                let numbers = WalkNumbers::draw(&mut sampler);
                medium.walk(&accel, place, Some(ray.direction), numbers)
            })
            .map(|exit| exit.weight.x)
            .sum();
        let (found, mu) = (sum / n_walks as f32, entry.geometric_normal.z);
        let wanted = straight_reflectance(medium.albedo.x, mu);
        assert!(
            (found / wanted - 1.0).abs() < 0.05,
            "cosine {mu}: {found} against {wanted}"
        );
    }
}

#[test]
fn channels_that_differ_do_not_disturb_each_other() {
    let (albedo, path) = (
        Vec3::new(0.56, 0.41, 0.33),
        Vec3::new(3.67e-3, 1.37e-3, 0.68e-3),
    );
    let (found, _) = reflectance(albedo, path, 60_000);
    assert!(
        (found / albedo - Vec3::ONE).abs().max_element() < 0.025,
        "{found}"
    );
}

#[test]
fn light_leaves_as_far_away_as_the_mean_free_path_says() {
    // The profile has the radial density (exp(-r/d) + exp(-r/(3d))) / (4d), of mean 2.5 d.
    let path = 0.004;
    for albedo in [0.2, 0.4, 0.6, 0.8_f32] {
        let (_, distance) = reflectance(Vec3::splat(albedo), Vec3::splat(path), 20_000);
        let off = albedo - 0.33;
        let wanted = 2.5 * path / (3.5 + 100.0 * off * off * off * off);
        assert!(
            (distance / wanted - 1.0).abs() < 0.12,
            "albedo {albedo}: {distance} against {wanted}"
        );
    }
}

#[test]
fn scattering_below_the_skin_keeps_the_light_that_a_diffuse_base_would_return() {
    let color = Vec3::new(0.56, 0.41, 0.33);
    let of = |mean_free_path_m: Vec3| {
        let mut scene = scene(environment(|_| Vec3::ONE), 8, 10.0, 4.0);
        scene.materials.push(skin(color, mean_free_path_m));
        scene.meshes.push(object(sphere(Vec3::ZERO, 2.0, 48), 0));
        let accel = Accel::build(&scene, 1e-4).expect("the scene is sound");
        let picture = expose(&scene, &accel, &settings(256));
        picture.iter().sum::<Vec3>() / picture.len() as f32
    };
    let (diffuse, scattered) = (of(Vec3::ZERO), of(Vec3::splat(0.003)));
    assert!(
        (scattered / diffuse - Vec3::ONE).abs().max_element() < 0.02,
        "{scattered}, {diffuse}"
    );
}

#[test]
fn an_open_mesh_does_not_swallow_light() {
    // A lone triangle: walks leave it behind for ever and end where they began.
    let mut scene = scene(environment(|_| Vec3::ONE), 4, 10.0, 4.0);
    scene
        .materials
        .push(skin(Vec3::splat(0.5), Vec3::splat(0.01)));
    let mut mesh = sphere(Vec3::ZERO, 100.0, 4);
    mesh.triangles.retain(|t| {
        t.iter().all(|&v| {
            90.0 < mesh.positions[v as usize].z.abs() || 0.0 < mesh.positions[v as usize].z
        })
    });
    scene.meshes.push(object(mesh, 0));
    let accel = Accel::build(&scene, 1e-4).expect("the scene is sound");
    let picture = expose(&scene, &accel, &settings(16));
    assert!(picture.iter().all(|c| c.is_finite()));
}
