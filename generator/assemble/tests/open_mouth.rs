//! Faces seen from the front: no mouth opens on a hole, and landmarks lie on what is seen.

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
use bottega_schemas::{Part, SampleMeta, SceneSpec};
use glam::Vec2;

const SIZE: [u32; 2] = [288, 384];

fn studio() -> &'static Studio {
    static STUDIO: OnceLock<Studio> = OnceLock::new();
    STUDIO.get_or_init(|| {
        let assets = AssetStore::embedded().expect("the embedded pack is sound");
        Studio::open(assets).expect("the embedded pack is whole")
    })
}

/// Numbers of a bald, bare person who faces the camera with these face units.
fn params(index: u64, units: &[(&str, f32)]) -> SceneParams {
    let spec = SceneSpec::load("face").expect("a shipped recipe");
    let context = studio().draw_context();
    let mut params = draw_params(&spec, &context, index).expect("a drawn sample");
    params.camera.resolution_px = SIZE;
    params.camera.subject_yaw_rad = 0.0;
    params.camera.pitch_rad = 0.0;
    params.camera.roll_rad = 0.0;
    params.groom.scalp = None;
    params.groom.beard = None;
    params.worn = Default::default();
    params.face.units = (units.iter())
        .map(|&(name, weight)| (name.to_owned(), weight))
        .collect();
    params.face.gaze_at_camera = false;
    params.pose.bones.clear();
    params.pose.root_rotation = [0.0, 0.0, 0.0, 1.0];
    params.pose.seated = false;
    params
}

struct Seen {
    meta: SampleMeta,
    planes: LabelPlanes,
    /// Pixels of the landmarks by matrix and pinhole, apart from the code under test.
    pinhole_px: Vec<Vec2>,
}

fn seen(params: &SceneParams) -> Seen {
    let person = studio().person(params).expect("the person stands");
    let marks = person.marks.clone();
    let (built, _) = studio().scene(person, params).expect("the scene is sound");
    let tolerance_m = Accel::chord_tolerance_m(&built.scene);
    let accel = Accel::build(&built.scene, tolerance_m).expect("the scene is sound");
    let camera = &built.scene.camera;
    let mut meta = SampleMeta::default();
    PointLabels::of(&built.scene, &accel, &marks).store_in(&mut meta);
    Seen {
        meta,
        planes: render_labels(&built.scene, &accel, 64),
        pinhole_px: (marks.landmarks.iter())
            .map(|mark| {
                let to_camera = camera.world_from_camera.inverse();
                let p = to_camera.transform_point3(mark.position);
                camera.center_px + camera.focal_px * Vec2::new(p.x, -p.y) / -p.z
            })
            .collect(),
    }
}

/// Whether a point lies in a polygon, by the parity of crossings.
fn is_inside(polygon: &[[f32; 2]], [x, y]: [f32; 2]) -> bool {
    let next = polygon.iter().cycle().skip(1);
    let crossings = polygon.iter().zip(next).filter(|&(a, b)| {
        let across = (a[1] <= y) != (b[1] <= y);
        across && x < a[0] + (y - a[1]) / (b[1] - a[1]) * (b[0] - a[0])
    });
    crossings.count() % 2 == 1
}

#[test]
fn no_open_mouth_shows_a_hole() {
    let mouths: [&[(&str, f32)]; 6] = [
        &[("jawOpen", 1.0)],
        &[
            ("jawOpen", 0.6),
            ("mouthSmileLeft", 0.9),
            ("mouthSmileRight", 0.9),
        ],
        &[("jawOpen", 0.8), ("mouthFunnel", 0.9)],
        &[("jawOpen", 0.5), ("tongueOut", 0.9)],
        &[
            ("jawOpen", 0.7),
            ("mouthStretchLeft", 0.8),
            ("mouthStretchRight", 0.8),
        ],
        &[
            ("mouthUpperUpLeft", 0.8),
            ("mouthUpperUpRight", 0.8),
            ("mouthLowerDownLeft", 0.8),
        ],
    ];
    let inside = [Part::Skin, Part::Mouth, Part::Teeth, Part::Tongue].map(|part| part as u8);
    for (k, units) in mouths.into_iter().enumerate() {
        let seen = seen(&params(3 + k as u64, units));
        let px = seen.meta.landmarks_px.as_ref().unwrap();
        let lips: Vec<[f32; 2]> = (60..68).map(|i| [px[2 * i], px[2 * i + 1]]).collect();
        let lip_m = -seen.meta.landmarks_camera_m.as_ref().unwrap()[3 * 62 + 2];
        let mut n_inside = 0;
        for y in 0..SIZE[1] {
            for x in 0..SIZE[0] {
                if !is_inside(&lips, [x as f32 + 0.5, y as f32 + 0.5]) {
                    continue;
                }
                n_inside += 1;
                let i = (y * SIZE[0] + x) as usize;
                let (part, depth_m) = (seen.planes.part[i], seen.planes.depth_m[i]);
                assert!(inside.contains(&part), "{k}: part {part} at {x}, {y}");
                assert_eq!(seen.planes.alpha[i], 1.0, "{k}: {x}, {y}");
                assert!(
                    (-0.04..0.11).contains(&(depth_m - lip_m)),
                    "{k}: {} m behind the lip at {x}, {y}",
                    depth_m - lip_m
                );
            }
        }
        assert!(60 < n_inside, "{k}: {n_inside} pixels");
    }
}

#[test]
fn landmarks_project_to_their_pixels_and_lie_on_what_is_seen() {
    for index in [4, 9, 12] {
        let seen = seen(&params(index, &[]));
        let px = seen.meta.landmarks_px.as_ref().unwrap();
        let xyz = seen.meta.landmarks_camera_m.as_ref().unwrap();
        let visible = seen.meta.landmarks_visibility.as_ref().unwrap();
        let mut n_seen = 0;
        for i in 17..68 {
            let [x, y] = [px[2 * i], px[2 * i + 1]];
            let off_px = Vec2::new(x, y).distance(seen.pinhole_px[i]);
            assert!(off_px < 0.1, "{index}: landmark {i} is {off_px} px off");
            // Edges of lids and lips belong to what is behind them as well.
            if visible[i] == 2 && (17..36).contains(&i) {
                n_seen += 1;
                let at = y as usize * SIZE[0] as usize + x as usize;
                let behind_m = seen.planes.depth_m[at] + xyz[3 * i + 2];
                assert!(
                    behind_m.abs() < 0.006,
                    "{index}: landmark {i} is {behind_m} m off"
                );
            }
        }
        assert!(12 < n_seen, "{index}: {n_seen}");
    }
}
