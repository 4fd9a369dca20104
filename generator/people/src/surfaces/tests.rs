//! The person's own surfaces: where they lie, what moves them, and that their colour is the one
//! that was asked for.

use std::{collections::BTreeMap, sync::OnceLock};

use bottega_schemas::params::{FaceParams, PoseParams};
use glam::{DVec3, Quat, Vec3};

use bottega_geometry::ClosestPoint;
use bottega_schemas::points;

use super::{
    test_support::{blank_face, person},
    *,
};
use crate::{
    appearance::color,
    body::{EyeLook, fixture::model},
    marks::Marks,
};

fn kit() -> &'static SurfaceKit {
    static KIT: OnceLock<SurfaceKit> = OnceLock::new();
    KIT.get_or_init(|| SurfaceKit::new(model(), SkinDetail::Face).unwrap())
}

fn body(units: &[(&str, f32)], gaze_rad: [f32; 2], head: Quat) -> Body {
    let face = FaceParams {
        units: units
            .iter()
            .map(|&(name, w)| (name.to_owned(), w))
            .collect(),
        gaze_yaw_rad: gaze_rad[0],
        gaze_pitch_rad: gaze_rad[1],
        ..blank_face()
    };
    let pose = PoseParams {
        pose_id: String::new(),
        root_rotation: Quat::IDENTITY.to_array(),
        bones: BTreeMap::from([("head".to_owned(), head.to_array())]),
        seated: false,
    };
    model()
        .build(&person().shape, &pose, &face, EyeLook::Rigid)
        .unwrap()
}

fn parts(body: &Body) -> BodyParts {
    parts_where(body, |_| true)
}

fn parts_where(body: &Body, shown: impl Fn(usize) -> bool + Sync) -> BodyParts {
    let look = Look {
        person: &person(),
        face: &blank_face(),
        shade: None,
        grey_share: 0.2,
        seed: Seed(5),
    };
    kit().surfaces(model(), body, look, shown).unwrap()
}

fn part(parts: &BodyParts, wanted: Part) -> &bottega_geometry::TriMesh {
    let found = parts.surfaces.iter().find(|surface| surface.part == wanted);
    &found.unwrap().mesh
}

#[test]
fn every_surface_is_whole() {
    let parts = parts(&body(&[("jawOpen", 0.4)], [0.1, 0.0], Quat::IDENTITY));
    let count = |wanted: Part| parts.surfaces.iter().filter(|s| s.part == wanted).count();
    let wanted = [
        (Part::Skin, 2),
        (Part::Eye, 2),
        (Part::Cornea, 4),
        (Part::Mouth, 1),
        (Part::Teeth, 1),
        (Part::Tongue, 1),
    ];
    assert_eq!(wanted.map(|(part, _)| count(part)), wanted.map(|(_, n)| n));
    for SurfacePart { part, mesh, .. } in &parts.surfaces {
        let n = mesh.positions.len();
        assert!(mesh.triangles.iter().flatten().all(|&v| (v as usize) < n));
        assert_eq!((mesh.normals.len(), mesh.rest.len()), (n, n), "{part:?}");
        assert!(mesh.positions.iter().all(|p| p.is_finite()), "{part:?}");
        let unit = |normal: &Vec3| (normal.length() - 1.0).abs() < 1e-3;
        assert!(mesh.normals.iter().all(unit), "{part:?}");
        let reflectance = |c: &Vec3| 0.0 <= c.min_element() && c.max_element() <= 1.0;
        assert!(mesh.colors.iter().all(reflectance), "{part:?}");
    }
    let lashes = &parts.strands[0].strands;
    assert!(300 < lashes.len());
    for strand in 0..lashes.len() {
        let length: f32 = lashes
            .strand(strand)
            .windows(2)
            .map(|p| p[0].distance(p[1]))
            .sum();
        assert!((0.0005..0.02).contains(&length), "{length}");
    }
}

#[test]
fn tears_stand_on_open_eyes_and_sockets_are_lined_apart() {
    let open = parts(&body(&[], [0.1, -0.1], Quat::IDENTITY));
    let of = |parts: &BodyParts, variant: &str| -> Vec<usize> {
        let surfaces = parts.surfaces.iter().filter(|s| s.variant == variant);
        surfaces.map(|s| s.mesh.triangles.len()).collect()
    };
    assert!(
        of(&open, "tear").iter().all(|&n| 500 < n),
        "{:?}",
        of(&open, "tear")
    );
    let lining = of(&open, "socket")[0];
    assert!((200..20_000).contains(&lining), "{lining}");
    // What is seen of the skin around the eyes faces forward, so it stays.
    let all = |_| true;
    let body = body(&[], [0.1, -0.1], Quat::IDENTITY);
    let skin = kit()
        .topology
        .mesh_where(&kit().topology.refine(&body), all);
    let kept = part(&open, Part::Skin).triangles.len();
    let mouth = part(&open, Part::Mouth).triangles.len();
    assert_eq!(kept + lining + mouth, skin.triangles.len());
}

/// Colours of the skin of the fixture, and its marks.
fn colors_of(person: &PersonParams, rest: &[Vec3]) -> Vec<Vec3> {
    let masks = &kit().masks;
    let specks = specks(masks, rest, person, darkness(person), Seed(2));
    skin_colors(masks, rest, person, &specks, Seed(2))
}

#[test]
fn the_face_has_the_typology_angle_that_was_asked_for() {
    let body = body(&[], [0.0; 2], Quat::IDENTITY);
    let skin = kit().topology.refine(&body);
    let masks = &kit().masks;
    for lab in [
        [72.0, 7.0, 12.0],
        [68.0, 8.5, 14.0],
        [62.0, 10.0, 17.0],
        [56.0, 11.0, 18.5],
        [48.0, 12.0, 18.0],
        [42.0, 11.5, 15.5],
        [36.0, 10.5, 12.0],
        [29.0, 8.0, 8.0],
    ] {
        let mut person = person();
        person.skin.albedo_lab = lab;
        let colors = colors_of(&person, &skin.attributes.rest);
        let (mut sum, mut total) = (DVec3::ZERO, 0.0);
        for (v, albedo) in colors.iter().enumerate() {
            let weight = (masks.face[v] - masks.lips[v] - masks.inside_mouth[v]).max(0.0);
            sum += f64::from(weight) * albedo.as_dvec3();
            total += f64::from(weight);
        }
        let found = color::lab_from_linear((sum / total).as_vec3());
        let angle =
            |lab: [f32; 3]| bottega_geometry::math::atan2(lab[0] - 50.0, lab[2]).to_degrees();
        // Freckles, moles and blemishes come on top.
        let error = angle(found) - angle(lab);
        assert!(error.abs() < 2.0, "{lab:?}: {found:?}, {error} degrees");
        let wanted = color::linear_from_lab(lab);
        let lips =
            (0..colors.len()).filter(|&v| 0.9 < masks.lips[v] && masks.inside_mouth[v] < 0.1);
        let redder = lips
            .map(|v| colors[v].x / colors[v].y)
            .fold(f32::MAX, f32::min);
        assert!(wanted.x / wanted.y < redder, "{redder}");
    }
}

#[test]
fn lines_and_forms_are_geometry_of_a_few_millimetres() {
    let smooth = body(&[], [0.0; 2], Quat::IDENTITY);
    let skin = kit().topology.refine(&smooth);
    let rest = &skin.attributes.rest;
    let mut old = person();
    old.age_years = 80.0;
    let heights = |person: &PersonParams, face: &FaceParams| {
        let specks = specks(&kit().masks, rest, person, 0.0, Seed(2));
        skin_relief(&kit().masks, rest, person, face, &specks, Seed(2))
    };
    let most = |heights: &[f32]| heights.iter().fold(0.0, |most: f32, h| most.max(h.abs()));
    let (of_old, of_young) = (
        most(&heights(&old, &blank_face())),
        most(&heights(&person(), &blank_face())),
    );
    assert!((1e-3..4e-3).contains(&of_old), "{of_old}");
    assert!((3e-4..2e-3).contains(&of_young), "{of_young}");
    let mut raised = blank_face();
    raised.units.insert("browInnerUp".to_owned(), 1.0);
    let (blank, raised) = (
        heights(&person(), &blank_face()),
        heights(&person(), &raised),
    );
    let moved = blank.iter().zip(&raised).map(|(a, b)| (a - b).abs());
    let deepest = moved.fold(0.0, f32::max);
    assert!((1e-4..1e-3).contains(&deepest), "{deepest}");
}

#[test]
fn lids_never_enter_the_eye() {
    for blink in [0.0, 0.3, 0.6, 1.0] {
        for gaze_rad in [[0.0, 0.0], [0.5, -0.4], [-0.4, 0.3]] {
            let units = [("eyeBlinkLeft", blink), ("eyeBlinkRight", blink)];
            let body = body(&units, gaze_rad, Quat::IDENTITY);
            let mut skin = kit().topology.refine(&body);
            let positions = &mut skin.attributes.positions;
            let lids = &kit().masks.lids;
            face::fit_lids(positions, lids, &body.eyes);
            let near = |p: &Vec3| {
                let eye = body
                    .eyes
                    .iter()
                    .map(|eye| p.distance(eye.center) / eye.radius_m);
                eye.fold(f32::MAX, f32::min)
            };
            let lid_points = positions.iter().zip(lids).filter(|(_, lid)| 0.0 < **lid);
            let closest = lid_points.map(|(p, _)| near(p)).fold(f32::MAX, f32::min);
            assert!(
                !(0.5..=1.0).contains(&closest),
                "{blink} {gaze_rad:?}: {closest}"
            );
        }
    }
}

#[test]
fn both_eyes_look_at_one_point() {
    let body = body(&[], [0.2, -0.1], Quat::IDENTITY);
    let [left, right] = body.eyes.map(|eye| (eye.center, eye.rotation * Vec3::Z));
    // Nearest approach of the two lines of sight.
    let apart = (right.0 - left.0).dot(left.1.cross(right.1).normalize());
    assert!(apart.abs() < 2e-3, "{apart}");
    let (d, b) = (right.0 - left.0, left.1.dot(right.1));
    let along = (d.dot(left.1) - b * d.dot(right.1)) / (1.0 - b * b);
    assert!((along - 0.5).abs() < 0.03, "{along}");
}

#[test]
fn eyes_and_teeth_move_with_the_head_and_the_jaw() {
    let turn = bottega_geometry::rotation::about_axis(Vec3::Y, 0.6);
    let [straight, turned] = [Quat::IDENTITY, turn].map(|head| body(&[], [0.0; 2], head));
    for (a, b) in straight.eyes.iter().zip(&turned.eyes) {
        let gaze = turn * (a.rotation * Vec3::Z);
        assert!(gaze.distance(b.rotation * Vec3::Z) < 1e-4);
    }
    let open = body(&[("jawOpen", 1.0)], [0.0; 2], Quat::IDENTITY);
    let [shut, open] = [straight, open].map(|body| parts(&body));
    let [shut, open] = [&shut, &open].map(|parts| &part(parts, Part::Teeth).positions);
    let moved: Vec<f32> = shut.iter().zip(open).map(|(a, b)| a.distance(*b)).collect();
    let (upper, lower) = moved.split_at(moved.len() / 2);
    assert!(upper.iter().all(|&m| m < 1e-3));
    assert!(lower.iter().all(|&m| 0.005 < m));
}

#[test]
fn covered_skin_is_left_out() {
    let body = body(&[], [0.0; 2], Quat::IDENTITY);
    let none = parts_where(&body, |_| false);
    assert!(part(&none, Part::Skin).triangles.is_empty());
    let bare = part(&parts(&body), Part::Skin).triangles.len();
    let faces = model().regions.mask_vertices.face.len();
    assert!(8 * faces < bare);
}

#[test]
fn landmarks_lie_on_the_skin_whatever_the_face_does() {
    let turn = bottega_geometry::rotation::about_axis(Vec3::Y, 0.5);
    for (units, gaze) in [
        (&[][..], [0.0, 0.0]),
        (
            &[("eyeBlinkLeft", 1.0), ("eyeBlinkRight", 0.5)],
            [0.2, -0.3],
        ),
        (&[("jawOpen", 0.9), ("browInnerUp", 1.0)], [-0.4, 0.3]),
        (&[("mouthPucker", 1.0)], [0.0, 0.0]),
    ] {
        let body = body(units, gaze, turn);
        let parts = parts(&body);
        let marks = Marks::of(model(), &body, &parts.on_skin).unwrap();
        let skin = parts.surfaces.iter().filter(|s| s.part == Part::Skin);
        let skins: Vec<_> = skin
            .map(|s| ClosestPoint::build(&s.mesh.positions, &s.mesh.triangles))
            .collect();
        let (on_skin, pupils) = marks.landmarks.split_at(68);
        for (idx, mark) in on_skin.iter().chain(&marks.face_net).enumerate() {
            let near = skins.iter().any(|s| s.query(mark.position, 1e-4).is_some());
            assert!(near, "point {idx} of {units:?} is off the skin");
        }
        let eyes = parts.surfaces.iter().filter(|s| s.part == Part::Eye);
        for (eye, pupil) in eyes.rev().zip(pupils) {
            let eye = ClosestPoint::build(&eye.mesh.positions, &eye.mesh.triangles);
            assert!(eye.query(pupil.position, 1e-4).is_some(), "{units:?}");
        }
        // Joints on the skin are shallow, those in limbs deeper than the nearest skin.
        assert!(marks.joints.iter().all(|joint| joint.depth_m < 0.5));
        let deep = |name: &str| marks.joints[points::joint_idx(name).unwrap()].depth_m;
        assert!(deep("nose") < 0.003 && 0.08 < deep("left_hip") && deep("left_hip") < 0.45);
        assert!(deep("right_index_4") < 0.04);
    }
}

#[test]
fn fine_hair_grows_where_it_does_and_lies_on_the_skin() {
    let body = body(&[], [0.0, 0.0], Quat::IDENTITY);
    let grown = |body_hair: f32| {
        let mut person = person();
        person.skin.body_hair = body_hair;
        let look = Look {
            person: &person,
            face: &blank_face(),
            shade: None,
            grey_share: 0.2,
            seed: Seed(5),
        };
        let parts = kit().surfaces(model(), &body, look, |_| true).unwrap();
        let skin = part(&parts, Part::Skin).clone();
        let mut strands = parts.strands.into_iter();
        let down = strands.find(|strands| strands.part == Part::Down).unwrap();
        (skin, down.strands)
    };
    let (skin, hairy) = grown(1.0);
    let (_, smooth) = grown(0.0);
    let of_limbs =
        |set: &bottega_geometry::StrandSet| set.palette.iter().filter(|&&entry| entry != 2).count();
    assert_eq!(of_limbs(&smooth), 0);
    assert!((8_000..60_000).contains(&smooth.len()), "{}", smooth.len());
    assert!(5_000 < of_limbs(&hairy), "{}", of_limbs(&hairy));
    let grey = hairy.palette.iter().filter(|&&entry| entry == 1).count();
    assert!(0 < grey && 5 * grey < of_limbs(&hairy));

    let field = ClosestPoint::build(&skin.positions, &skin.triangles);
    let (mut n_points, mut n_below) = (0, 0);
    for strand in (0..hairy.len()).step_by(37).map(|idx| hairy.strand(idx)) {
        let root = field.query(strand[0], 0.01).expect("a root on the skin");
        assert!(root.distance.abs() < 1e-4, "{}", root.distance);
        for &point in &strand[1..] {
            n_points += 1;
            let below = field.query(point, 0.03).map_or(0.0, |hit| -hit.distance);
            n_below += usize::from(1e-4 < below);
        }
    }
    // In the folds beside nose and ears a hair may touch the other side.
    assert!(n_below * 100 < n_points, "{n_below} of {n_points}");
}
