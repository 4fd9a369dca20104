//! Pictures with a known answer.

use bottega_geometry::{StrandSet, TriMesh};
use glam::{Vec2, Vec3};

use crate::accel::Accel;
use crate::film::{expose, expose_halves, expose_measured};
use crate::scene::{
    Budget, Camera, CameraMotion, ColorTexture, Environment, Label, Light, Material, PixelFilter,
    PixelOrder, RenderSettings, Scene, Shortcuts, StrandObject,
};
use crate::test_support::{environment, object, scene, settings, sphere};

fn picture(scene: &Scene, settings: &RenderSettings) -> Vec<Vec3> {
    let accel = Accel::build(scene, 1e-4).expect("the scene is sound");
    expose(scene, &accel, settings)
}

fn mean(values: &[Vec3]) -> Vec3 {
    values.iter().sum::<Vec3>() / values.len() as f32
}

fn diffuse(albedo: f32) -> Material {
    Material::Diffuse {
        color: ColorTexture::Constant(Vec3::splat(albedo)),
    }
}

fn even_light() -> Environment {
    environment(|_| Vec3::ONE)
}

/// A sky with a sun and a dark ground.
fn daylight() -> Environment {
    let sun = Vec3::new(0.5, 0.6, 0.62).normalize();
    environment(move |d| {
        if 0.998 < d.dot(sun) {
            Vec3::new(400.0, 380.0, 330.0)
        } else if 0.0 < d.y {
            Vec3::new(0.5, 0.7, 1.0)
        } else {
            Vec3::new(0.15, 0.14, 0.12)
        }
    })
}

/// A level plane of half width `half_m` at height `y`.
fn ground(y: f32, half_m: f32) -> TriMesh {
    let corner = |x: f32, z: f32| Vec3::new(x * half_m, y, z * half_m);
    TriMesh {
        positions: vec![
            corner(-1.0, 1.0),
            corner(1.0, 1.0),
            corner(1.0, -1.0),
            corner(-1.0, -1.0),
        ],
        triangles: vec![[0, 1, 2], [0, 2, 3]],
        ..TriMesh::default()
    }
}

/// A tuft of `n` strands about the origin.
fn tuft(n: u32, radius_m: f32) -> StrandSet {
    let mut strands = StrandSet::default();
    for i in 0..n {
        let unit = |k: u32| {
            let bits = (i * 7 + k).wrapping_mul(0x9e37_79b1);
            ((bits ^ (bits >> 15)).wrapping_mul(0x85eb_ca77) >> 8) as f32 / 16_777_216.0 - 0.5
        };
        let from = Vec3::new(unit(0), unit(1), unit(2));
        let to = Vec3::new(unit(3), unit(4), unit(5));
        strands.push(
            &[from, from.lerp(to, 0.5) + Vec3::X * 0.05, to],
            &[radius_m; 3],
            0,
        );
    }
    strands
}

fn with_tuft(mut scene: Scene, strands: StrandSet, sigma_a: f32) -> Scene {
    scene.materials.push(Material::Hair {
        sigma_a: Vec3::splat(sigma_a),
        beta_m: 0.3,
        beta_n: 0.3,
        tilt_rad: 0.035,
        ior: 1.55,
    });
    let material = scene.materials.len() as u32 - 1;
    scene.strands.push(StrandObject {
        strands,
        materials: vec![material],
        label: Label {
            part: 2,
            subject: true,
            see_through: false,
        },
    });
    scene
}

#[test]
fn a_diffuse_sphere_in_even_light_shows_its_albedo() {
    let mut scene = scene(even_light(), 16, 10.0, 8.0);
    scene.materials.push(diffuse(0.6));
    scene.meshes.push(object(sphere(Vec3::ZERO, 2.0, 64), 0));
    let picture = picture(&scene, &settings(64));
    let found = mean(&picture);
    assert!(
        (found / 0.6 - Vec3::ONE).abs().max_element() < 0.005,
        "{found}"
    );
}

#[test]
fn a_sphere_under_half_a_sky_is_lit_by_the_height_of_its_normal() {
    let sky = environment(|d| if 0.0 < d.y { Vec3::ONE } else { Vec3::ZERO });
    let mut scene = scene(sky, 17, 100.0, 8.0);
    scene.materials.push(diffuse(0.5));
    scene.meshes.push(object(sphere(Vec3::ZERO, 1.0, 128), 0));
    let picture = picture(&scene, &settings(1024));
    for row in [2, 4, 8, 12, 14] {
        // Irradiance pi (1 + n.y) / 2.
        let height = (8.5 - (row as f32 + 0.5)) / 8.0;
        let wanted = 0.5 * 0.5 * (1.0 + height);
        let found = picture[row * 17 + 8].x;
        assert!(
            (found - wanted).abs() < 0.012,
            "row {row}: {found} against {wanted}"
        );
    }
}

#[test]
fn white_walls_facing_each_other_lose_no_light() {
    let mut scene = scene(even_light(), 12, 10.0, 4.0);
    scene.materials.push(diffuse(1.0));
    for x in [-1.0, 0.0, 1.0] {
        for y in [-1.0, 0.0, 1.0] {
            scene
                .meshes
                .push(object(sphere(Vec3::new(x, y, 0.3 * x * y), 0.52, 48), 0));
        }
    }
    let picture = picture(&scene, &settings(256));
    let found = mean(&picture);
    assert!((found - Vec3::ONE).abs().max_element() < 0.01, "{found}");
}

#[test]
fn clear_hair_in_even_light_cannot_be_seen() {
    let scene = with_tuft(scene(even_light(), 12, 10.0, 10.0), tuft(400, 0.02), 0.0);
    let picture = picture(
        &scene,
        &RenderSettings {
            max_bounces: 1000,
            ..settings(128)
        },
    );
    let found = mean(&picture);
    assert!((found - Vec3::ONE).abs().max_element() < 0.01, "{found}");
    let dark = with_tuft(
        self::scene(even_light(), 12, 10.0, 10.0),
        tuft(400, 0.02),
        1.0,
    );
    assert!(mean(&self::picture(&dark, &settings(16))).x < 0.7);
}

#[test]
fn hair_whose_paths_are_cut_short_is_as_bright() {
    for sigma_a in [0.02, 0.1, 0.4] {
        let scene = with_tuft(
            scene(even_light(), 10, 10.0, 10.0),
            tuft(900, 0.015),
            sigma_a,
        );
        let of = |hair_bounces: Option<u32>| {
            let settings = RenderSettings {
                max_bounces: 400,
                shortcuts: crate::scene::Shortcuts {
                    hair_bounces,
                    ..Default::default()
                },
                ..settings(128)
            };
            mean(&picture(&scene, &settings)).x
        };
        let (whole, cut) = (of(None), of(Some(8)));
        assert!(
            (cut / whole - 1.0).abs() < 0.04,
            "absorption {sigma_a}: {cut} against {whole}"
        );
    }
}

#[test]
fn soft_caustics_keep_the_light_and_lose_the_dots() {
    let mut scene = scene(environment(|_| Vec3::ZERO), 20, 10.0, 10.0);
    scene.materials.push(diffuse(0.5));
    scene.materials.push(Material::Metal {
        eta: Vec3::splat(1.5),
        k: Vec3::splat(7.0),
        roughness: 0.1,
        anisotropy: 0.0,
        bump: None,
    });
    scene.meshes.push(object(ground(-0.5, 3.0), 0));
    scene.meshes.push(object(sphere(Vec3::ZERO, 0.5, 48), 1));
    scene.camera.world_from_camera.translation.y = 3.0;
    scene.camera.center_px.y -= 30.0;
    scene.lights.push(Light::Sphere {
        center: Vec3::new(1.5, 2.0, 1.0),
        radius_m: 0.1,
        radiance: Vec3::splat(100.0),
    });
    let of = |soft_caustics: bool| {
        let with = |seed: u64| {
            let settings = RenderSettings {
                seed,
                shortcuts: Shortcuts {
                    soft_caustics,
                    ..Default::default()
                },
                ..settings(128)
            };
            picture(&scene, &settings)
        };
        let (one, two) = (with(1), with(2));
        // The ball itself, with the lamp in it, fills a disc about the middle.
        let is_floor = |i: usize| {
            let p = Vec2::new((i % 20) as f32 - 9.5, (i / 20) as f32 - 9.5);
            7.0 < p.length()
        };
        let pairs = one.iter().zip(&two).enumerate();
        let floor = pairs.filter(|(i, _)| is_floor(*i));
        let noise: f32 = floor.map(|(_, (a, b))| (*a - *b).length_squared()).sum();
        (0.5 * (mean(&one) + mean(&two)).x, noise)
    };
    let ((sharp, dots), (soft, fewer)) = (of(false), of(true));
    assert!((soft / sharp - 1.0).abs() < 0.03, "{soft} against {sharp}");
    assert!(3.0 * fewer < dots, "{fewer} against {dots}");
}

#[test]
fn open_ground_looks_like_the_background_and_takes_shadows() {
    let mut scene = scene(daylight(), 24, 4.0, 10.0);
    // The camera stands a little above the ground and looks level.
    scene.camera.world_from_camera.translation.y = 0.5;
    let empty = picture(&scene, &settings(64));
    scene.materials.push(Material::Backdrop);
    scene.meshes.push(object(ground(0.0, 100.0), 0));
    let open = picture(&scene, &settings(256));
    for (row, (open, empty)) in open
        .chunks_exact(24)
        .zip(empty.chunks_exact(24))
        .enumerate()
        .skip(13)
    {
        let (open, empty) = (mean(open), mean(empty));
        assert!(
            (open / empty - Vec3::ONE).abs().max_element() < 0.02,
            "row {row}: {open}, {empty}"
        );
    }
    scene.materials.push(diffuse(0.5));
    scene
        .meshes
        .push(object(sphere(Vec3::new(0.0, 0.8, 0.0), 0.5, 32), 1));
    let shaded = picture(&scene, &settings(64));
    let lowest = |picture: &[Vec3]| {
        picture[13 * 24..]
            .iter()
            .map(|c| c.x)
            .fold(f32::INFINITY, f32::min)
    };
    assert!(
        lowest(&shaded) < 0.6 * lowest(&open),
        "a sphere throws a shadow"
    );
}

#[test]
fn glass_dims_what_is_behind_and_mirrors_the_sky() {
    // A white sphere in a thin shell, in even light: in the middle the shell mirrors R(1), the
    // rest passes and meets a surface that receives the mean transmittance over a cosine lobe,
    // of which the same mean leaves: the light that the shell throws back is left out.
    let mut scene = scene(even_light(), 3, 50.0, 30.0);
    scene.materials.push(diffuse(1.0));
    scene.materials.push(Material::Dielectric {
        ior: 1.5,
        thin: true,
        absorption: Vec3::ZERO,
        roughness: 0.0,
    });
    scene.meshes.push(object(sphere(Vec3::ZERO, 1.0, 96), 0));
    scene.meshes.push(object(sphere(Vec3::ZERO, 1.002, 96), 1));
    let found = mean(&picture(&scene, &settings(512))).x;
    let n = 1000;
    let transmitted: f32 = (0..n)
        .map(|i| {
            let cos = (i as f32 + 0.5) / n as f32;
            2.0 * cos * crate::bsdf::transmittance(cos, 1.5, true) / n as f32
        })
        .sum();
    let straight = crate::bsdf::transmittance(1.0, 1.5, true);
    let wanted = (1.0 - straight) + straight * transmitted;
    assert!((found - wanted).abs() < 0.01, "{found} against {wanted}");
}

#[test]
fn light_sampling_and_scattering_agree() {
    // The same picture with the sun found by light samples in a map where compensation leaves
    // only the sun to them, and in a map lifted so far that they cover everything.
    let mut scene = scene(daylight(), 8, 10.0, 4.0);
    scene.materials.push(Material::Glossy {
        color: ColorTexture::Constant(Vec3::new(0.7, 0.4, 0.2)),
        roughness: 0.4,
        ior: 1.5,
        metallic: 0.0,
        bump: None,
    });
    scene.meshes.push(object(sphere(Vec3::ZERO, 2.0, 64), 0));
    let whole = mean(&picture(&scene, &settings(256)));
    // Light is additive: sun alone plus sky alone.
    let mut sum = Vec3::ZERO;
    for sun in [true, false] {
        let mut part = scene.clone();
        for texel in &mut part.environment.radiance {
            if (100.0 < texel.x) != sun {
                *texel = Vec3::ZERO;
            }
        }
        sum += mean(&picture(&part, &settings(256)));
    }
    assert!(
        (sum / whole - Vec3::ONE).abs().max_element() < 0.01,
        "{sum} against {whole}"
    );
}

#[test]
fn ground_under_lamps_shows_their_irradiance() {
    let radiance = Vec3::new(3.0, 2.0, 1.0);
    let lamp = Light::Rect {
        center: Vec3::new(0.1, 1.0, 0.0),
        half_u: Vec3::X * 0.4,
        half_v: Vec3::Z * 0.3,
        radiance,
    };
    let lights = [
        lamp,
        Light::Sphere {
            center: Vec3::new(-0.8, 0.6, 0.2),
            radius_m: 0.15,
            radiance: 4.0 * radiance,
        },
        Light::Spot {
            position: Vec3::new(0.3, 2.0, 0.4),
            direction: Vec3::NEG_Y,
            cos_inner: 0.95,
            cos_outer: 0.9,
            intensity: radiance,
        },
        Light::Sun {
            direction: Vec3::new(0.3, 0.8, -0.2),
            radius_rad: 0.01,
            radiance: 1e4 * radiance,
        },
    ];
    let mut scene = scene(environment(|_| Vec3::ZERO), 1, 4.0, 30.0);
    // The camera looks down at the origin from the side, so that no lamp is in its way.
    let backward = Vec3::new(0.0, 0.6, 0.8);
    scene.camera.world_from_camera = glam::Affine3A::from_mat3_translation(
        glam::Mat3::from_cols(Vec3::X, backward.cross(Vec3::X), backward),
        backward * 4.0,
    );
    scene.materials.push(diffuse(0.5));
    scene.meshes.push(object(ground(0.0, 4.0), 0));
    let wanted = |lights: &[Light]| {
        crate::light::irradiance_of_lights(lights, Vec3::ZERO, Vec3::Y)
            * (0.5 * std::f32::consts::FRAC_1_PI)
    };
    for lights in [
        &lights[..1],
        &lights[1..2],
        &lights[2..3],
        &lights[3..],
        &lights[..],
    ] {
        scene.lights = lights.to_vec();
        let found = mean(&picture(&scene, &settings(4096)));
        let wanted = wanted(lights);
        assert!(
            (found / wanted - Vec3::ONE).abs().max_element() < 0.01,
            "{lights:?}: {found} against {wanted}"
        );
    }
    // The same lamp as a mesh, which the camera could see and which throws the same light.
    let Light::Rect {
        center,
        half_u,
        half_v,
        ..
    } = lamp
    else {
        unreachable!("the first lamp is a rectangle")
    };
    let corner = |u: f32, v: f32| center + half_u * u + half_v * v;
    scene.lights.clear();
    scene.materials.push(Material::Emissive { radiance });
    let panel = TriMesh {
        positions: vec![
            corner(-1.0, -1.0),
            corner(1.0, -1.0),
            corner(1.0, 1.0),
            corner(-1.0, 1.0),
        ],
        triangles: vec![[0, 1, 2], [0, 2, 3]],
        ..TriMesh::default()
    };
    scene.meshes.push(object(panel, 1));
    let found = mean(&picture(&scene, &settings(4096)));
    let wanted = wanted(&[lamp]);
    assert!(
        (found / wanted - Vec3::ONE).abs().max_element() < 0.01,
        "mesh: {found} against {wanted}"
    );
}

#[test]
fn hair_under_lamps_loses_no_light() {
    // Inside a large shining sphere all is as bright as the sphere: clear hair cannot be seen.
    // The sphere is drawn by area and met by chance.
    let mut scene = with_tuft(
        scene(environment(|_| Vec3::ZERO), 12, 3.0, 10.0),
        tuft(400, 0.02),
        0.0,
    );
    scene.materials.push(Material::Emissive {
        radiance: Vec3::ONE,
    });
    let mut shell = sphere(Vec3::ZERO, 6.0, 24);
    for triangle in &mut shell.triangles {
        triangle.swap(1, 2);
    }
    scene.meshes.push(object(shell, 1));
    let settings = RenderSettings {
        max_bounces: 1000,
        ..settings(128)
    };
    let found = mean(&picture(&scene, &settings));
    assert!((found - Vec3::ONE).abs().max_element() < 0.01, "{found}");
}

#[test]
fn mirrors_see_lamps_and_the_camera_does_not() {
    let mut scene = scene(environment(|_| Vec3::ZERO), 4, 4.0, 8.0);
    let lamp = |z: f32, toward: Vec3| Light::Disk {
        center: Vec3::Z * z,
        normal: toward,
        radius_m: 30.0,
        radiance: Vec3::ONE,
    };
    scene.lights.push(lamp(1.0, Vec3::Z));
    assert_eq!(mean(&picture(&scene, &settings(4))), Vec3::ZERO);
    scene.lights[0] = lamp(6.0, Vec3::NEG_Z);
    scene.materials.push(Material::Dielectric {
        ior: 1.5,
        thin: true,
        absorption: Vec3::ZERO,
        roughness: 0.0,
    });
    let mut pane = ground(0.0, 4.0);
    for p in &mut pane.positions {
        *p = Vec3::new(p.x, p.z, 0.0);
    }
    scene.meshes.push(object(pane, 0));
    let reflectance = 1.0 - crate::bsdf::transmittance(1.0, 1.5, true);
    let found = mean(&picture(&scene, &settings(16))).x;
    assert!(
        (found / reflectance - 1.0).abs() < 0.02,
        "{found} against {reflectance}"
    );
}

#[test]
fn a_lens_blurs_what_is_out_of_focus_only() {
    let edge = |lens_radius_m: f32, focus_distance_m: f32| {
        let mut scene = scene(environment(|_| Vec3::ZERO), 16, 4.0, 16.0);
        scene.camera = Camera {
            lens_radius_m,
            focus_distance_m,
            motion: CameraMotion::NONE,
            ..scene.camera
        };
        scene.environment = environment(|d| if d.z < 0.0 { Vec3::ONE } else { Vec3::ZERO });
        scene.materials.push(diffuse(0.0));
        let mut wall = ground(0.0, 1.0);
        for p in &mut wall.positions {
            *p = Vec3::new(p.x + 1.0, p.z, 0.0);
        }
        scene.meshes.push(object(wall, 0));
        let picture = picture(&scene, &settings(64));
        // How many pixels of the middle row are neither dark nor light.
        (picture[8 * 16..9 * 16]
            .iter()
            .filter(|c| 0.02 < c.x && c.x < 0.98))
        .count()
    };
    assert!(edge(0.0, 4.0) <= 1);
    assert!(edge(0.2, 4.0) <= 2);
    assert!(4 <= edge(0.2, 2.0));
}

#[test]
fn the_bytes_do_not_depend_on_the_number_of_threads() {
    let mut scene = with_tuft(scene(daylight(), 40, 10.0, 30.0), tuft(300, 0.01), 0.3);
    scene.materials.push(Material::Skin {
        color: ColorTexture::Constant(Vec3::new(0.56, 0.41, 0.33)),
        roughness: 0.5,
        mean_free_path_m: Vec3::new(0.05, 0.02, 0.01),
        bump: None,
    });
    scene.meshes.push(object(sphere(Vec3::ZERO, 0.4, 24), 1));
    let settings = RenderSettings {
        filter: PixelFilter::BlackmanHarris,
        clamp_indirect: 10.0,
        max_bounces: 12,
        ..settings(4)
    };
    let with_threads = |n: usize| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(n)
            .build()
            .expect("a pool starts");
        pool.install(|| picture(&scene, &settings))
    };
    let one = with_threads(1);
    assert!(one == with_threads(2) && one == with_threads(5));
    assert!(one.iter().all(|c| c.is_finite() && 0.0 <= c.min_element()));
    let other_seed = RenderSettings {
        seed: 2,
        ..settings
    };
    assert!(one != picture(&scene, &other_seed));
}

#[test]
fn all_planes_of_a_film_have_the_size_of_the_picture() {
    let mut scene = scene(daylight(), 12, 10.0, 4.0);
    scene.camera.resolution_px = [12, 9];
    scene.materials.push(diffuse(0.5));
    scene.meshes.push(object(sphere(Vec3::ZERO, 0.8, 24), 0));
    let accel = Accel::build(&scene, 1e-4).expect("the scene is sound");
    let film = crate::render(&scene, &accel, &settings(2));
    assert_eq!((film.width, film.height), (12, 9));
    for len in [
        film.rgb.len(),
        film.alpha.len(),
        film.depth_m.len(),
        film.normal.len(),
    ] {
        assert_eq!(len, 108);
    }
    assert!(film.alpha.contains(&1.0) && film.alpha.contains(&0.0));
    assert_eq!(
        crate::tone::to_srgb8(&film, crate::tone::ToneCurve::AgX).len(),
        324
    );
}

/// Mean squared error relative to the squared brightness of the converged picture.
fn relative_error(picture: &[Vec3], converged: &[Vec3]) -> f32 {
    let sum: f32 = (picture.iter().zip(converged))
        .map(|(found, wanted)| {
            let difference = *found - *wanted;
            let scale = *wanted * *wanted + Vec3::splat(0.01);
            (difference * difference / scale).element_sum() / 3.0
        })
        .sum();
    sum / picture.len() as f32
}

#[test]
fn denoising_does_the_work_of_several_times_as_many_paths() {
    let mut scene = with_tuft(scene(daylight(), 48, 10.0, 40.0), tuft(150, 0.004), 0.5);
    scene.materials.push(Material::Skin {
        color: ColorTexture::Constant(Vec3::new(0.56, 0.41, 0.33)),
        roughness: 0.5,
        mean_free_path_m: Vec3::new(0.03, 0.015, 0.008),
        bump: None,
    });
    scene.meshes.push(object(sphere(Vec3::ZERO, 0.4, 24), 1));
    let settings = |spp| RenderSettings {
        max_bounces: 12,
        clamp_indirect: 10.0,
        ..settings(spp)
    };
    let accel = Accel::build(&scene, 1e-4).expect("the scene is sound");
    let other = RenderSettings {
        seed: 2,
        ..settings(512)
    };
    let converged = expose(&scene, &accel, &other);
    let noisy = relative_error(&expose(&scene, &accel, &settings(8)), &converged);
    let clean = relative_error(
        &expose_halves(&scene, &accel, &settings(8)).0.denoised(),
        &converged,
    );
    assert!(clean < 0.4 * noisy, "{noisy} to {clean}");
}

/// Skin, hair and sky, half of the picture without anything to do.
fn portrait(size_px: u32) -> Scene {
    let mut scene = with_tuft(
        scene(daylight(), size_px, 10.0, 0.5 * size_px as f32),
        tuft(150, 0.004),
        0.5,
    );
    scene.materials.push(Material::Skin {
        color: ColorTexture::Constant(Vec3::new(0.56, 0.41, 0.33)),
        roughness: 0.5,
        mean_free_path_m: Vec3::new(0.03, 0.015, 0.008),
        bump: None,
    });
    scene.meshes.push(object(sphere(Vec3::ZERO, 0.4, 24), 1));
    scene
}

#[test]
fn paths_stop_at_the_error_asked_for() {
    let scene = portrait(64);
    let accel = Accel::build(&scene, 1e-4).expect("the scene is sound");
    let settings = |budget| RenderSettings {
        max_bounces: 12,
        clamp_indirect: 10.0,
        budget,
        ..settings(512)
    };
    let other = RenderSettings {
        seed: 2,
        ..settings(Budget::Even)
    };
    let converged = expose(&scene, &accel, &other);
    for stop_error in [0.003, 0.001] {
        let (picture, effort) =
            expose_measured(&scene, &accel, &settings(Budget::Error(stop_error)));
        let told = effort.error.expect("the error is known");
        assert!(told <= stop_error && 0.5 * stop_error < told, "{told}");
        assert!((16.0..512.0).contains(&effort.spp_mean), "{effort:?}");
        // What is told is what a converged picture shows, which has noise of its own.
        let found = relative_error(&picture, &converged);
        assert!(
            (0.5 * told..2.0 * told).contains(&found),
            "{found} against {told}"
        );
        // The same number of paths everywhere leaves more noise.
        let even = RenderSettings {
            budget: Budget::Even,
            spp: effort.spp_mean.ceil() as u32,
            ..settings(Budget::Even)
        };
        let spread = relative_error(&expose(&scene, &accel, &even), &converged);
        assert!(found < 0.9 * spread, "{found} against {spread}");
    }
    // Where the aim is out of reach every pixel gets all its paths.
    let few = RenderSettings {
        spp: 20,
        ..settings(Budget::Error(1e-9))
    };
    assert_eq!(expose_measured(&scene, &accel, &few).1.spp_mean, 20.0);
}

#[test]
fn adaptive_bytes_do_not_depend_on_the_number_of_threads() {
    let scene = portrait(40);
    let accel = Accel::build(&scene, 1e-4).expect("the scene is sound");
    for pixel_order in [PixelOrder::Independent, PixelOrder::BlueNoise] {
        let settings = RenderSettings {
            max_bounces: 8,
            clamp_indirect: 10.0,
            budget: Budget::Error(0.02),
            pixel_order,
            ..settings(64)
        };
        let with_threads = |n: usize| {
            let pool = rayon::ThreadPoolBuilder::new()
                .num_threads(n)
                .build()
                .expect("a pool starts");
            pool.install(|| {
                let (noisy, effort) = expose_halves(&scene, &accel, &settings);
                (noisy.denoised(), effort)
            })
        };
        let one = with_threads(1);
        assert!(one == with_threads(2) && one == with_threads(5));
    }
}
