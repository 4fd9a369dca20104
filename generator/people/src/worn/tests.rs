//! Everything that can be worn, on many heads.

use std::collections::BTreeMap;

use bottega_schemas::{
    params::{FaceParams, PoseParams, ShapeParams},
    seed::Seed,
};
use glam::Quat;

use crate::{
    body::{Body, EyeLook, fixture},
    groom::{GroomKit, HeadSurface},
};

/// Sliders that change the shape of the head.
const HEAD_SLIDERS: [&str; 8] = [
    "head", "forehead", "nose", "eye", "ear", "cheek", "chin", "neck",
];

/// People of all shapes with turned heads and moving faces.
pub(crate) fn bodies(n: u64) -> impl Iterator<Item = (Body, HeadSurface)> {
    let model = fixture::model();
    let kit = GroomKit::new(model).expect("the model is whole");
    (0..n).map(move |index| {
        let seed = Seed(23).index(index);
        let u = |name: &str| seed.child(name).unit_f64() as f32;
        let details: BTreeMap<String, f32> = model
            .sliders
            .keys()
            .filter(|name| HEAD_SLIDERS.iter().any(|part| name.starts_with(part)))
            .filter(|name| u(&format!("has {name}")) < 0.35)
            .map(|name| (name.clone(), 0.7 * (2.0 * u(name) - 1.0)))
            .collect();
        let heavy = 0.2 + 0.7 * u("weight");
        let ancestry = [u("a"), u("b"), u("c") + 0.01];
        let total: f32 = ancestry.iter().sum();
        let shape = ShapeParams {
            gender: u("gender"),
            age: 0.5 + 0.45 * u("age"),
            muscle: 0.2 + 0.6 * u("muscle"),
            weight: heavy,
            height: 0.35 + 0.25 * u("height"),
            proportions: 0.3 + 0.6 * u("proportions"),
            cupsize: u("cupsize"),
            firmness: 0.5,
            ancestry: ancestry.map(|share| share / total),
            details,
        };
        let turn = |name: &str, most: f32| most * (2.0 * u(name) - 1.0);
        let head = Quat::from_xyzw(
            turn("nod", 0.18),
            turn("yaw", 0.35),
            turn("tilt", 0.12),
            1.0,
        );
        let pose = PoseParams {
            pose_id: "stand".to_owned(),
            root_rotation: [0.0, 0.0, 0.0, 1.0],
            bones: BTreeMap::from([("head".to_owned(), head.normalize().to_array())]),
            seated: false,
        };
        let units = [
            "mouthSmileLeft",
            "cheekSquintLeft",
            "browDownLeft",
            "jawOpen",
        ];
        let face = FaceParams {
            expression_id: "random".to_owned(),
            units: units
                .iter()
                .map(|unit| ((*unit).to_owned(), 0.8 * u(unit)))
                .collect(),
            gaze_yaw_rad: 0.0,
            gaze_pitch_rad: 0.0,
            vergence_m: 1.0,
            gaze_at_camera: false,
        };
        let body = model
            .build(&shape, &pose, &face, EyeLook::Rigid)
            .expect("every name is known");
        let surface = kit.surface(&body);
        (body, surface)
    })
}
