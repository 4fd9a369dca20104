//! Which points are in sight: behind walls, in limbs, behind lenses and hair.

mod common;

use bottega_geometry::StrandSet;
use bottega_render::accel::Accel;
use bottega_render::label::{SightPoint, in_sight};
use bottega_render::scene::Scene;
use common::{
    LENS, SURROUNDINGS, add_mesh, add_strands, ball, camera, empty, screen_quad, subject,
};
use glam::{Vec2, Vec3};

const SKIN: u8 = 1;
const CORNEA: u8 = 3;
const HAIR: u8 = 6;
const BROW: u8 = 7;

fn seen(scene: &Scene, points: &[(Vec3, f32)], clear: &[u8]) -> Vec<bool> {
    let accel = Accel::build(scene, 1e-5).expect("the scene is sound");
    let points: Vec<SightPoint> = points
        .iter()
        .map(|&(position, depth_m)| SightPoint { position, depth_m })
        .collect();
    in_sight(scene, &accel, &points, clear)
}

/// A ball of radius 10 cm two metres before the camera.
fn head() -> Scene {
    let mut scene = empty(camera(100, 100, 200.0));
    add_mesh(
        &mut scene,
        ball(Vec3::new(0.0, 0.0, -2.0), 0.1, 60),
        subject(SKIN),
    );
    scene
}

const FRONT: Vec3 = Vec3::new(0.0, 0.0, -1.9);
const BACK: Vec3 = Vec3::new(0.0, 0.0, -2.1);
const MIDDLE: Vec3 = Vec3::new(0.0, 0.0, -2.0);

#[test]
fn a_body_hides_its_back_and_not_what_lies_shallow_in_it() {
    let points = [
        (FRONT, 0.002),
        (BACK, 0.002),
        (MIDDLE, 0.002),
        (MIDDLE, 0.11),
        (Vec3::new(0.5, 0.0, -2.0), 0.002),
    ];
    assert_eq!(
        seen(&head(), &points, &[]),
        [true, false, false, true, true]
    );
}

#[test]
fn whatever_stands_before_a_point_hides_it_but_glass_and_what_is_clear() {
    let wall = |label| {
        let mut scene = head();
        let camera = scene.camera;
        let mesh = screen_quad(&camera, Vec2::ZERO, Vec2::splat(100.0), 1.0);
        add_mesh(&mut scene, mesh, label);
        scene
    };
    let front = [(FRONT, 0.002)];
    assert_eq!(seen(&wall(SURROUNDINGS), &front, &[CORNEA]), [false]);
    assert_eq!(seen(&wall(subject(CORNEA)), &front, &[CORNEA]), [true]);
    assert_eq!(
        seen(&wall(subject(CORNEA)), &[(BACK, 0.002)], &[CORNEA]),
        [false]
    );
    assert_eq!(seen(&wall(LENS), &front, &[]), [true]);
}

#[test]
fn hair_hides_where_it_covers_and_single_strands_do_not() {
    let with = |n: u32, part: u8| {
        let mut strands = StrandSet::default();
        for i in 0..n {
            // Upright strands 0.1 mm thick, centimetres before the ball, that stand apart evenly
            // over 8 mm.
            let x_m = 0.008 * ((i as f32 + 0.5) / n as f32 - 0.5);
            let at = |y_m: f32| Vec3::new(x_m, y_m, -1.85);
            strands.push(&[at(-0.05), at(0.0), at(0.05)], &[5e-5; 3], 0);
        }
        let mut scene = head();
        add_strands(&mut scene, strands, subject(part));
        scene
    };
    let front = [(FRONT, 0.002)];
    assert_eq!(seen(&with(160, HAIR), &front, &[BROW]), [false]);
    assert_eq!(seen(&with(8, HAIR), &front, &[BROW]), [true]);
    assert_eq!(seen(&with(160, BROW), &front, &[BROW]), [true]);
    // What lies deeper than the hair is high is not behind it.
    assert_eq!(seen(&with(160, HAIR), &[(FRONT, 0.06)], &[BROW]), [true]);
}
