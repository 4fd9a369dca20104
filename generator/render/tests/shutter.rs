//! Motion of the camera while its shutter is open, against closed forms.

mod common;

use bottega_geometry::math;
use bottega_render::accel::Accel;
use bottega_render::scene::{
    Budget, CameraMotion, Environment, Film, Label, Material, MeshObject, PixelFilter, PixelOrder,
    RenderSettings, Scene, Shortcuts,
};
use bottega_render::{render, render_denoised};
use glam::{Vec2, Vec3};

use common::{add_strands, camera, empty, hair_on_ball, screen_quad, subject};

const WIDTH_PX: u32 = 48;
const HEIGHT_PX: u32 = 24;
const FOCAL_PX: f32 = 60.0;
const DEPTH_M: f32 = 2.0;
const DARK: f32 = 0.25;

fn settings(spp: u32) -> RenderSettings {
    RenderSettings {
        spp,
        budget: Budget::Even,
        label_rays: 64,
        max_bounces: 4,
        clamp_indirect: f32::INFINITY,
        exposure: 1.0,
        seed: 3,
        filter: PixelFilter::Box,
        shortcuts: Shortcuts::default(),
        pixel_order: PixelOrder::Independent,
    }
}

/// A shining board from film column `low` to `high`, taller than the picture, before dark grey.
fn board(low: f32, high: f32, motion: CameraMotion) -> Scene {
    let mut scene = empty(camera(WIDTH_PX, HEIGHT_PX, FOCAL_PX));
    scene.environment = Environment {
        radiance: vec![Vec3::splat(DARK)],
        ..scene.environment
    };
    scene.materials.push(Material::Emissive {
        radiance: Vec3::ONE,
    });
    let (top, bottom) = (-40.0, HEIGHT_PX as f32 + 40.0);
    let corners = [Vec2::new(low, top), Vec2::new(high, bottom)];
    scene.meshes.push(MeshObject {
        mesh: screen_quad(&scene.camera, corners[0], corners[1], DEPTH_M),
        material: scene.materials.len() as u32 - 1,
        label: subject(1),
    });
    scene.camera.motion = motion;
    scene
}

fn film(scene: &Scene, spp: u32) -> Film {
    let accel = Accel::build(scene, 1e-4).expect("the scene is sound");
    render(scene, &accel, &settings(spp))
}

/// Brightness of each column, the mean over its rows.
fn columns(film: &Film) -> Vec<f32> {
    (0..WIDTH_PX)
        .map(|x| {
            let rows = (0..HEIGHT_PX).map(|y| film.rgb[(y * WIDTH_PX + x) as usize].y);
            rows.sum::<f32>() / HEIGHT_PX as f32
        })
        .collect()
}

/// What column `x` must show when at a moment of `[-0.5, 0.5]` the film position `x` sees what
/// `place` says of the picture of a camera that stands still.
fn expected(x: u32, edge: f32, place: impl Fn(f32, f32) -> f32) -> f32 {
    const STEPS: u32 = 256;
    let even = |i: u32| (i as f32 + 0.5) / STEPS as f32;
    let mut seen = 0;
    for i in 0..STEPS {
        for j in 0..STEPS {
            seen += u32::from(edge < place(x as f32 + even(i), even(j) - 0.5));
        }
    }
    DARK + (1.0 - DARK) * seen as f32 / (STEPS * STEPS) as f32
}

#[test]
fn an_edge_that_moves_by_some_pixels_is_blurred_by_a_box_of_that_width() {
    const BLUR_PX: f32 = 6.0;
    let shift_m = Vec3::X * (BLUR_PX * DEPTH_M / FOCAL_PX);
    let motion = CameraMotion {
        shift_m,
        ..CameraMotion::NONE
    };
    let found = columns(&film(&board(22.3, 90.0, motion), 256));
    for (x, found) in (0..).zip(found) {
        let wanted = expected(x, 22.3, |film_px, moment| film_px + BLUR_PX * moment);
        assert!(
            (found - wanted).abs() < 0.01,
            "column {x}: {found} {wanted}"
        );
    }
}

#[test]
fn a_turning_camera_blurs_by_the_angle_of_what_it_sees() {
    let motion = CameraMotion {
        turn_rad: Vec3::Y * 0.15,
        ..CameraMotion::NONE
    };
    let found = columns(&film(&board(31.6, 90.0, motion), 256));
    let middle_px = 0.5 * WIDTH_PX as f32;
    for (x, found) in (0..).zip(found) {
        // Turned to the left it sees what is farther left.
        let wanted = expected(x, 31.6, |film_px, moment| {
            let angle_rad = math::atan2(film_px - middle_px, FOCAL_PX) - 0.15 * moment;
            middle_px + FOCAL_PX * math::tan(angle_rad)
        });
        assert!(
            (found - wanted).abs() < 0.01,
            "column {x}: {found} {wanted}"
        );
    }
}

#[test]
fn blur_moves_light_and_neither_makes_nor_loses_any() {
    let shift = |pixels: f32| CameraMotion {
        shift_m: Vec3::X * (pixels * DEPTH_M / FOCAL_PX),
        ..CameraMotion::NONE
    };
    let sum = |motion| -> f32 { columns(&film(&board(18.4, 27.9, motion), 256)).iter().sum() };
    let still = sum(CameraMotion::NONE);
    for pixels in [3.0, 11.0] {
        let moved = sum(shift(pixels));
        assert!((moved / still - 1.0).abs() < 2e-3, "{moved} {still}");
    }
}

#[test]
fn labels_are_those_of_the_middle_of_the_shutter() {
    let motion = CameraMotion {
        shift_m: Vec3::new(0.03, -0.02, 0.05),
        turn_rad: Vec3::new(0.02, 0.04, 0.3),
    };
    let [still, moved] = [CameraMotion::NONE, motion].map(|motion| {
        let mut scene = board(18.4, 27.9, motion);
        let hair = hair_on_ball(Vec3::NEG_Z, 0.1, 60, 0.002, 0.1);
        add_strands(&mut scene, hair, LABEL);
        film(&scene, 4)
    });
    assert_ne!(still.rgb, moved.rgb);
    assert_eq!(still.alpha, moved.alpha);
    assert_eq!(still.depth_m, moved.depth_m);
    assert_eq!(still.normal, moved.normal);
    assert_eq!(still.part, moved.part);
}

const LABEL: Label = Label {
    part: 2,
    subject: true,
    see_through: false,
};

#[test]
fn a_moving_camera_gives_the_same_bytes_at_any_number_of_threads() {
    let motion = CameraMotion {
        shift_m: Vec3::new(0.02, 0.01, 0.0),
        turn_rad: Vec3::new(0.01, 0.0, 0.1),
    };
    let mut scene = board(18.4, 27.9, motion);
    let hair = hair_on_ball(Vec3::NEG_Z, 0.1, 60, 0.002, 0.1);
    add_strands(&mut scene, hair, LABEL);
    let accel = Accel::build(&scene, 1e-4).expect("the scene is sound");
    let [one, five] = [1, 5].map(|n| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(n).build();
        pool.expect("a pool starts")
            .install(|| render_denoised(&scene, &accel, &settings(6)))
    });
    assert_eq!(one, five);
}
