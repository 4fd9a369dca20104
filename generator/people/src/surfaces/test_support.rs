//! A person and a face for tests.

use std::collections::BTreeMap;

use bottega_schemas::params::{
    EyeColor, EyeParams, FaceParams, PersonParams, ShapeParams, SkinParams,
};

/// A freckled man of forty.
pub(crate) fn person() -> PersonParams {
    PersonParams {
        identity_index: 0,
        age_years: 40.0,
        body_sex_param: 0.9,
        stature_m: 1.7,
        bmi: 23.0,
        shape: ShapeParams {
            gender: 0.9,
            age: 0.6,
            muscle: 0.5,
            weight: 0.5,
            height: 0.5,
            proportions: 0.5,
            cupsize: 0.5,
            firmness: 0.5,
            ancestry: [0.3, 0.3, 0.4],
            details: BTreeMap::new(),
        },
        skin: SkinParams {
            tone_mst: 5,
            ita_deg: 35.0,
            albedo_lab: [62.0, 10.0, 17.0],
            redness: 0.8,
            freckles: 60,
            moles: 8,
            roughness: 0.45,
            blemishes: 5,
            wrinkles: 1.0,
            vitiligo: 0.0,
            scars: 0,
            sweat: 0.0,
            body_hair: 0.5,
            makeup: None,
        },
        eyes: EyeParams {
            color: EyeColor::Hazel,
            color_variation: 0.3,
            pupil_ratio: 0.35,
            lid_crease: 0.5,
        },
    }
}

/// No expression; the eyes meet half a metre ahead.
pub(crate) fn blank_face() -> FaceParams {
    FaceParams {
        expression_id: String::new(),
        units: BTreeMap::new(),
        gaze_yaw_rad: 0.0,
        gaze_pitch_rad: 0.0,
        vergence_m: 0.5,
        gaze_at_camera: false,
    }
}
