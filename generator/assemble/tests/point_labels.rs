//! Points of people who stand before the camera: where they lie, and when they are in sight.

#![allow(
    clippy::unwrap_used,
    reason = "helpers of tests fail as their tests would"
)]

use std::sync::OnceLock;

use bottega_assemble::Studio;
use bottega_assemble::assets::AssetStore;
use bottega_assemble::draw::draw_params;
use bottega_assemble::point_labels::PointLabels;
use bottega_render::accel::Accel;
use bottega_render::label::{LabelPlanes, render_labels};
use bottega_schemas::params::SceneParams;
use bottega_schemas::points::{COCO_BODY, JOINTS, joint_idx};
use bottega_schemas::{Part, SampleMeta, SceneSpec};

fn studio() -> &'static Studio {
    static STUDIO: OnceLock<Studio> = OnceLock::new();
    STUDIO.get_or_init(|| {
        let assets = AssetStore::embedded().expect("the embedded pack is sound");
        Studio::open(assets).expect("the embedded pack is whole")
    })
}

/// Numbers of a bald person with open eyes who faces the camera.
fn params(recipe: &str) -> SceneParams {
    let spec = SceneSpec::load(recipe).expect("a shipped recipe");
    let context = studio().draw_context();
    let mut params = draw_params(&spec, &context, 4).expect("a drawn sample");
    params.camera.resolution_px = [144, 192];
    params.camera.subject_yaw_rad = 0.0;
    params.camera.pitch_rad = 0.0;
    params.camera.roll_rad = 0.0;
    params.groom.scalp = None;
    params.groom.beard = None;
    params.face.units.clear();
    params.face.gaze_yaw_rad = 0.0;
    params.face.gaze_pitch_rad = 0.0;
    params.face.gaze_at_camera = false;
    params.pose.bones.clear();
    params.pose.root_rotation = [0.0, 0.0, 0.0, 1.0];
    params.pose.seated = false;
    params
}

fn labelled(params: &SceneParams) -> (SampleMeta, LabelPlanes) {
    let studio = studio();
    let person = studio.person(params).expect("the person stands");
    let marks = person.marks.clone();
    let (built, _) = studio.scene(person, params).expect("the scene is sound");
    let tolerance_m = Accel::chord_tolerance_m(&built.scene);
    let accel = Accel::build(&built.scene, tolerance_m).expect("the scene is sound");
    let camera = &built.scene.camera;
    let mut meta = SampleMeta {
        width: camera.resolution_px[0] as i32,
        height: camera.resolution_px[1] as i32,
        fx: f64::from(camera.focal_px.x),
        fy: f64::from(camera.focal_px.y),
        cx: f64::from(camera.center_px.x),
        cy: f64::from(camera.center_px.y),
        ..SampleMeta::default()
    };
    PointLabels::of(&built.scene, &accel, &marks).store_in(&mut meta);
    (meta, render_labels(&built.scene, &accel, 64))
}

fn joint_seen(meta: &SampleMeta, name: &str) -> i8 {
    let idx = joint_idx(name).expect("a joint");
    meta.joints_visibility.as_ref().expect("labelled")[idx]
}

fn landmark_px(meta: &SampleMeta, idx: usize) -> [f32; 2] {
    let px = meta.landmarks_px.as_ref().expect("labelled");
    [px[2 * idx], px[2 * idx + 1]]
}

#[test]
fn a_face_from_the_front_shows_its_landmarks_where_its_parts_are() {
    let mut params = params("face");
    // So large that lids are several pixels apart.
    params.camera.resolution_px = [432, 576];
    let (meta, planes) = labelled(&params);
    let part_at = |[x, y]: [f32; 2]| planes.part[y as usize * 432 + x as usize];
    assert_eq!(part_at(landmark_px(&meta, 30)), Part::Skin as u8, "nose");
    let about_eyes = [Part::Skin, Part::Eye, Part::Cornea, Part::Lash].map(|part| part as u8);
    for idx in 36..48 {
        let part = part_at(landmark_px(&meta, idx));
        assert!(about_eyes.contains(&part), "lid {idx} is on part {part}");
    }
    // A pupil is in sight just where its pixel shows the eye: shapes of lids may cover it.
    let seen = meta.landmarks_visibility.as_ref().unwrap();
    let eye = [Part::Eye, Part::Cornea].map(|part| part as u8);
    for (idx, &visibility) in seen.iter().enumerate().skip(68) {
        let part = part_at(landmark_px(&meta, idx));
        assert_eq!(
            eye.contains(&part),
            visibility == 2,
            "pupil {idx} is on part {part}"
        );
    }
    // Nothing stands before a bald face; the jaw may turn away from the camera.
    let hidden: Vec<usize> = (17..48).filter(|&idx| seen[idx] != 2).collect();
    assert!(hidden.is_empty(), "{hidden:?}");
    let net = meta.face_net_visibility.as_ref().unwrap();
    let n_seen = net.iter().filter(|&&seen| seen == 2).count();
    assert!(6 * net.len() < 10 * n_seen, "{n_seen} of {}", net.len());
    // The person's right is on the left of the picture.
    assert!(landmark_px(&meta, 36)[0] < landmark_px(&meta, 45)[0]);
    for name in ["nose", "left_eye", "right_eye", "left_ear", "right_ear"] {
        assert_eq!(joint_seen(&meta, name), 2, "{name}");
    }
    assert_eq!(joint_seen(&meta, "left_ankle"), 0);
}

#[test]
fn a_turned_head_hides_what_is_behind_it() {
    for (yaw_deg, near, far) in [(70.0_f32, "left", "right"), (-70.0, "right", "left")] {
        let mut params = params("face");
        params.camera.subject_yaw_rad = yaw_deg.to_radians();
        let (meta, _) = labelled(&params);
        assert_eq!(joint_seen(&meta, &format!("{near}_ear")), 2, "{yaw_deg}");
        assert_eq!(joint_seen(&meta, &format!("{far}_ear")), 1, "{yaw_deg}");
        let seen = meta.landmarks_visibility.as_ref().unwrap();
        let side = |range: std::ops::Range<usize>| {
            let seen = seen[range].iter();
            seen.filter(|&&seen| seen == 2).count()
        };
        let [right, left] = [side(0..7), side(10..17)];
        let [near_n, far_n] = if near == "left" {
            [left, right]
        } else {
            [right, left]
        };
        assert!(
            6 <= near_n && far_n == 0,
            "{near}: {near_n}, {far}: {far_n}"
        );
    }
    let mut params = params("face");
    params.camera.subject_yaw_rad = std::f32::consts::PI;
    let (meta, _) = labelled(&params);
    for name in ["nose", "left_eye", "right_eye"] {
        assert_eq!(joint_seen(&meta, name), 1, "{name} from behind");
    }
    let seen = meta.landmarks_visibility.as_ref().unwrap();
    assert!(seen.iter().all(|&seen| seen == 1), "{seen:?}");
}

#[test]
fn a_standing_person_shows_all_keypoints_within_the_clothes() {
    for yaw_rad in [0.0, std::f32::consts::PI] {
        let mut params = params("full_body");
        params.camera.subject_yaw_rad = yaw_rad;
        let (meta, planes) = labelled(&params);
        let seen = meta.joints_visibility.as_ref().unwrap();
        let from_behind = yaw_rad != 0.0;
        for (idx, joint) in JOINTS[COCO_BODY].iter().enumerate() {
            if from_behind && idx < 5 {
                continue;
            }
            assert_eq!(seen[idx], 2, "{} at {yaw_rad}", joint.name);
        }
        // Each lies within the outline of the person.
        let px = meta.joints_px.as_ref().unwrap();
        for idx in 0..JOINTS.len() {
            let pixel = px[2 * idx + 1] as usize * 144 + px[2 * idx] as usize;
            let is_tip = JOINTS[idx].name.ends_with("_4") || JOINTS[idx].name.contains("toe");
            assert!(is_tip || planes.alpha[pixel] > 0.0, "{}", JOINTS[idx].name);
        }
        // The person's left is on the right of the picture, from behind on the left.
        let [left, right] = ["left_hip", "right_hip"].map(|n| px[2 * joint_idx(n).unwrap()]);
        assert_eq!(right < left, !from_behind);
    }
}

#[test]
fn places_project_to_the_stored_positions() {
    let (meta, _) = labelled(&params("upper_body"));
    let lists = [
        (&meta.joints_camera_m, &meta.joints_px),
        (&meta.landmarks_camera_m, &meta.landmarks_px),
    ];
    for (places, px) in lists {
        let (places, px) = (places.as_ref().unwrap(), px.as_ref().unwrap());
        assert_eq!(places.len() / 3, px.len() / 2);
        for (place, px) in places.chunks_exact(3).zip(px.chunks_exact(2)) {
            let [x, y, z] = [place[0], place[1], place[2]].map(f64::from);
            let wanted = [meta.cx - meta.fx * x / z, meta.cy + meta.fy * y / z];
            for k in 0..2 {
                assert!((f64::from(px[k]) - wanted[k]).abs() < 0.01, "{place:?}");
            }
        }
    }
}

#[test]
fn the_labels_are_the_same_for_any_number_of_threads() {
    let params = params("face");
    let [alone, many] = [1, 5].map(|threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
        let pool = pool.build().expect("threads can be had");
        pool.install(|| labelled(&params).0)
    });
    assert_eq!(alone, many);
}
