//! `SampleMeta`: every label of one sample, and the list of the columns that hold them.
//!
//! Lengths are metres, with the suffix `_m`; angles are degrees, with `_deg`, since these are
//! columns for people (the field's own unit). Camera space is +X right, +Y up, +Z toward the
//! camera. Labels of the person are what was *sampled*; the measured group is computed from the
//! stored planes and can be computed again from them.

use serde::{Deserialize, Serialize};

use crate::column::{Care, Column, Group, Kind, Need, ScalarField, Value};

/// Declares the fields of [`SampleMeta`] and the columns of the same names.
macro_rules! sample_columns {
    ($(
        $group:ident {
            $(
                $(#[doc = $doc:literal])+
                $name:ident: $type:ty = $kind:ident $unit:literal $need:ident $care:ident
                    $([$($word:literal)*])?;
            )*
        }
    )*) => {
        /// Every label of one sample.
        ///
        /// `None` is "not known": allowed for imported samples, and for generated ones only where
        /// the column is optional ([`SampleMeta::missing_labels`]).
        #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
        #[serde(deny_unknown_fields)]
        pub struct SampleMeta {
            $($(
                $(#[doc = $doc])+
                pub $name: $type,
            )*)*
        }

        /// The columns of [`SampleMeta`], in the order of the file.
        pub static COLUMNS: &[Column] = &[
            $($(
                Column {
                    name: stringify!($name),
                    kind: Kind::$kind,
                    unit: $unit,
                    desc: concat!($($doc),+).trim_ascii(),
                    group: Group::$group,
                    required: Need::$need.is_required(),
                    sensitive: Care::$care.is_sensitive(),
                    vocabulary: &[$($($word),*)?],
                },
            )*)*
        ];

        impl SampleMeta {
            /// The values, in the order of [`COLUMNS`].
            pub fn values(&self) -> Vec<Value> {
                vec![$($(self.$name.to_value(),)*)*]
            }

            /// The sample of the given values, in the order of [`COLUMNS`].
            pub fn from_values(values: Vec<Value>) -> Result<Self, WrongValue> {
                let mut values = values.into_iter();
                Ok(Self {
                    $($(
                        $name: {
                            let value = values.next().unwrap_or(Value::Null);
                            let found = format!("{value:?}");
                            ScalarField::from_value(value)
                                .ok_or(WrongValue { column: stringify!($name), found })?
                        },
                    )*)*
                })
            }
        }
    };
}

sample_columns! {
    Identity {
        /// Name of the sample, `<dataset>-<index>` with seven digits; unique in the dataset.
        sample_id: String = Text "" Required Open;
        /// Number of the sample in its dataset; the sort key.
        index: i64 = I64 "" Required Open;
        /// Split; identities never cross splits.
        split: String = Category "" Required Open ["train" "val" "test"];
        /// Crop of the person.
        framing: Option<String> = Category "" Required Open ["face" "upper_body" "full_body"];
        /// Name of the sampled identity (body, face, skin, hair), 16 hexadecimal digits.
        identity_id: Option<String> = Text "" Required Open;
        /// Derived seed of the sample, 0 to 2^63 - 1.
        seed: Option<i64> = I64 "" Required Open;
    }
    Camera {
        /// Width of the picture.
        width: i32 = I32 "px" Required Open;
        /// Height of the picture.
        height: i32 = I32 "px" Required Open;
        /// Horizontal focal length of the pinhole camera.
        fx: f64 = F64 "px" Required Open;
        /// Vertical focal length of the pinhole camera.
        fy: f64 = F64 "px" Required Open;
        /// Column of the principal point; the first pixel has its centre at 0.5.
        cx: f64 = F64 "px" Required Open;
        /// Row of the principal point; the first pixel has its centre at 0.5.
        cy: f64 = F64 "px" Required Open;
        /// Transform of camera points to world points, row-major.
        world_from_camera: Option<[f64; 16]> = Matrix4 "m" Required Open;
        /// Distance of the camera to the head (face) or to the centre of the pelvis.
        camera_distance_m: Option<f32> = F32 "m" Required Open;
        /// Vertical field of view.
        fov_y_deg: f32 = F32 "deg" Required Open;
        /// Focal length as on 35 mm film, by the diagonal.
        focal_35mm: Option<f32> = F32 "mm" Optional Open;
        /// f-number of the lens; null is a pinhole.
        f_number: Option<f32> = F32 "" Optional Open;
        /// Elevation of the view; positive looks down on the person.
        camera_pitch_deg: Option<f32> = F32 "deg" Optional Open;
        /// Roll about the optical axis.
        camera_roll_deg: Option<f32> = F32 "deg" Optional Open;
    }
    Subject {
        /// Monk tone that was drawn (a bin, not the nearest swatch).
        skin_tone_mst: Option<i8> = I8 "MST" Required Sensitive;
        /// Individual typology angle of the mean facial albedo under D65.
        skin_ita_deg: Option<f32> = F32 "deg" Required Sensitive;
        /// Hue angle atan2(b*, a*) of the mean facial albedo under D65.
        skin_hue_deg: Option<f32> = F32 "deg" Optional Sensitive;
        /// Number of freckles on the face.
        freckles: Option<i32> = I32 "" Optional Open;
        /// Number of moles.
        moles: Option<i32> = I32 "" Optional Open;
        /// Number of blemishes of the face.
        blemishes: Option<i32> = I32 "" Optional Open;
        /// Depth of lines over the mean of the age.
        wrinkles: Option<f32> = F32 "" Optional Open;
        /// Share of face and hands without pigment (vitiligo).
        vitiligo: Option<f32> = F32 "" Optional Open;
        /// Number of scars of the face.
        scars: Option<i32> = I32 "" Optional Open;
        /// How wet with sweat or oil the face is.
        sweat: Option<f32> = F32 "" Optional Open;
        /// How much hair grows on arms and legs.
        body_hair: Option<f32> = F32 "" Optional Open;
        /// Make-up as it looks: none, light or full.
        makeup: Option<String> = Category "" Optional Open ["none" "light" "full"];
        /// Age; 18 to 90.
        age_years: Option<f32> = F32 "a" Required Sensitive;
        /// Bin of the age, the same in every profile.
        age_bin: Option<String> = Category "" Required Sensitive
            ["18-29" "30-44" "45-59" "60-74" "75-90"];
        /// Coarse age: young_adult below 30, adult below 60, older_adult from 60.
        age_group: Option<String> = Category "" Required Sensitive
            ["young_adult" "adult" "older_adult"];
        /// Shape of the body, 0 feminine to 1 masculine; not a claim about gender.
        body_sex_param: Option<f32> = F32 "" Required Sensitive;
        /// Face and body morphs of which at least 0.6 is drawn, or `mixed`: the shape alone, not
        /// the tone of skin nor the hair.
        shape_ancestry: Option<String> = Category "" Optional Sensitive
            ["african" "asian" "european" "mixed"];
        /// Presentation of the sampled body; not a claim about gender.
        body_presentation: Option<String> = Category "" Required Sensitive
            ["feminine" "androgynous" "masculine"];
        /// Stature, barefoot, in the rest pose.
        height_m: Option<f32> = F32 "m" Optional Sensitive;
        /// Body-mass index, measured on the volume of the body.
        bmi: Option<f32> = F32 "kg/m2" Optional Sensitive;
        /// Shape sliders of body and face, in the order of the scene document.
        shape_params: Option<Vec<f32>> = F32List "" Optional Open;
        /// Rotations of the bones, in the order of the scene document.
        pose_params: Option<Vec<f32>> = F32List "" Optional Open;
        /// Weights of the face units, in the order of the scene document.
        expression_params: Option<Vec<f32>> = F32List "" Optional Open;
        /// Name of the expression.
        expression_id: Option<String> = Category "" Optional Open;
        /// Gaze in the head, positive toward the person's left.
        gaze_yaw_deg: Option<f32> = F32 "deg" Optional Open;
        /// Gaze in the head, positive up.
        gaze_pitch_deg: Option<f32> = F32 "deg" Optional Open;
        /// Colour of the iris.
        eye_color: Option<String> = Category "" Optional Open
            ["brown" "hazel" "amber" "green" "grey" "blue"];
        /// Depth of the crease of the upper lids; 0 without one.
        lid_crease: Option<f32> = F32 "" Optional Open;
        /// Cut of the scalp hair, or `none`.
        hair_style: Option<String> = Category "" Required Open;
        /// Variety of the cut, or `none`.
        hair_variety: Option<String> = Category "" Optional Open;
        /// Andre Walker type of the hair, or `none`.
        hair_type: Option<String> = Category "" Required Sensitive
            ["none" "1" "2A" "2B" "2C" "3A" "3B" "3C" "4A" "4B" "4C"];
        /// Texture of the scalp hair: the group of the hair type.
        hair_texture: Option<String> = Category "" Required Sensitive
            ["none" "straight" "wavy" "curly" "coily"];
        /// Length of the scalp hair.
        hair_length: Option<String> = Category "" Required Open
            ["none" "short" "medium" "long"];
        /// Named colour of the hair.
        hair_color: Option<String> = Category "" Required Open
            ["none" "black" "dark_brown" "light_brown" "blond" "red" "grey" "white" "dyed"];
        /// Where a second colour of the scalp hair is, or `none`.
        hair_second_color: Option<String> = Category "" Optional Open
            ["none" "streaks" "tips" "under" "front" "half"];
        /// Share of strands that are grey.
        hair_grey_fraction: Option<f32> = F32 "" Optional Open;
        /// Beard or moustache, or `none`.
        facial_hair: Option<String> = Category "" Required Open;
        /// Hat or scarf, or `none`.
        head_covering: Option<String> = Category "" Required Open
            ["none" "cap" "beanie" "brimmed_hat" "cycling_helmet" "hard_hat" "headscarf" "turban"
            "headphones"];
        /// Glasses, or `none`.
        eyewear: Option<String> = Category "" Required Open
            ["none" "glasses" "sunglasses"];
        /// Shape of the frame of the glasses, or `none`.
        eyewear_frame: Option<String> = Category "" Optional Open
            ["none" "rectangular" "square" "round" "oval" "panto" "cat_eye" "aviator" "browline"
            "rimless" "half_rim" "wayfarer" "hexagonal" "oversized" "sport"];
        /// Mask, or `none`.
        face_covering: Option<String> = Category "" Required Open
            ["none" "surgical_mask" "cloth_mask"];
        /// Earrings, or `none`.
        earrings: Option<String> = Category "" Optional Open
            ["none" "stud" "hoop" "drop"];
        /// What the person wears.
        garments: Option<Vec<String>> = TextList "" Required Open;
        /// Kind of top.
        top_kind: Option<String> = Category "" Optional Open;
        /// Kind of trousers or skirt.
        bottom_kind: Option<String> = Category "" Optional Open;
        /// Kind of shoes.
        shoe_kind: Option<String> = Category "" Optional Open;
        /// Style of dress, drawn on its own.
        clothing_style: Option<String> = Category "" Optional Open
            ["feminine" "neutral" "masculine"];
    }
    Nuisance {
        /// Name of the environment that lights the scene.
        lighting_id: Option<String> = Category "" Required Open;
        /// Kind of light.
        lighting_kind: Option<String> = Category "" Required Open
            ["indoor" "outdoor" "studio" "low_light"];
        /// Exposure offset from the metered value.
        light_ev: Option<f32> = F32 "EV" Required Open;
        /// Turn of the environment about the vertical.
        light_yaw_deg: Option<f32> = F32 "deg" Optional Open;
        /// Azimuth of the strongest light in camera space, from +Z toward +X.
        key_light_azimuth_deg: Option<f32> = F32 "deg" Optional Open;
        /// Elevation of the strongest light in camera space.
        key_light_elevation_deg: Option<f32> = F32 "deg" Optional Open;
        /// Number of lamps besides the environment.
        lamps: Option<i32> = I32 "" Optional Open;
        /// Height of the sun of a computed sky above the horizon; null where there is none.
        sun_height_deg: Option<f32> = F32 "deg" Optional Open;
        /// Pixel filter of the picture.
        pixel_filter: Option<String> = Category "" Optional Open
            ["box" "gaussian" "blackman_harris"];
        /// Tone curve of the display-referred picture.
        tone_curve: Option<String> = Category "" Optional Open
            ["agx" "srgb" "filmic"];
        /// Share of the colour of the light that white balance took out.
        white_balance: Option<f32> = F32 "" Optional Open;
        /// Error of the white balance, positive is warmer.
        white_shift_mired: Option<f32> = F32 "mired" Optional Open;
        /// Time for which the shutter was open; null where the camera was ideal.
        shutter_s: Option<f32> = F32 "s" Optional Open;
        /// Sensitivity of the sensor; null where it had no noise.
        iso: Option<f32> = F32 "" Optional Open;
        /// Turn of the head in camera space, positive toward the person's left.
        head_yaw_deg: Option<f32> = F32 "deg" Required Open;
        /// Nod of the head in camera space, positive up.
        head_pitch_deg: Option<f32> = F32 "deg" Required Open;
        /// Tilt of the head in camera space, positive toward the person's left shoulder.
        head_roll_deg: Option<f32> = F32 "deg" Required Open;
        /// Family of the pose.
        pose_id: Option<String> = Category "" Required Open;
        /// Whether the person sits.
        seated: Option<bool> = Bool "" Optional Open;
        /// Turn of the person against the camera about the vertical; 0 faces the camera.
        subject_yaw_deg: Option<f32> = F32 "deg" Optional Open;
        /// Name of the background.
        background_id: Option<String> = Category "" Required Open;
    }
    Points {
        /// Joints of `docs/points.md`: x, y, z of each in camera space.
        joints_camera_m: Option<Vec<f32>> = F32List "m" Optional Open;
        /// Film position x, y of each joint; the first pixel has its centre at 0.5, and a joint outside the picture lies beyond its borders.
        joints_px: Option<Vec<f32>> = F32List "px" Optional Open;
        /// Of each joint 2 in sight, 1 hidden, 0 outside the picture.
        joints_visibility: Option<Vec<i8>> = I8List "" Optional Open;
        /// The 68 face landmarks of iBUG, then the right and the left pupil: x, y, z of each in camera space.
        landmarks_camera_m: Option<Vec<f32>> = F32List "m" Optional Open;
        /// Film position x, y of each landmark, as of the joints.
        landmarks_px: Option<Vec<f32>> = F32List "px" Optional Open;
        /// Of each landmark 2 in sight, 1 hidden, 0 outside the picture.
        landmarks_visibility: Option<Vec<i8>> = I8List "" Optional Open;
        /// Points of the net over the face of `docs/points.md`: x, y, z of each in camera space.
        face_net_camera_m: Option<Vec<f32>> = F32List "m" Optional Open;
        /// Of each point of the net 2 in sight, 1 hidden, 0 outside the picture.
        face_net_visibility: Option<Vec<i8>> = I8List "" Optional Open;
    }
    Measured {
        /// Mean of alpha.
        fg_fraction: f32 = F32 "" Required Open;
        /// Share of pixels with 0.02 < alpha < 0.98.
        soft_fraction: f32 = F32 "" Required Open;
        /// First column of the box around alpha >= 0.5.
        bbox_x0: i32 = I32 "px" Required Open;
        /// First row of the box around alpha >= 0.5.
        bbox_y0: i32 = I32 "px" Required Open;
        /// Column after the last of the box around alpha >= 0.5.
        bbox_x1: i32 = I32 "px" Required Open;
        /// Row after the last of the box around alpha >= 0.5.
        bbox_y1: i32 = I32 "px" Required Open;
        /// 1st percentile of the depth over alpha >= 0.5; null where there is none.
        depth_p01_m: Option<f32> = F32 "m" Optional Open;
        /// Median of the depth over alpha >= 0.5; null where there is none.
        depth_p50_m: Option<f32> = F32 "m" Optional Open;
        /// 99th percentile of the depth over alpha >= 0.5; null where there is none.
        depth_p99_m: Option<f32> = F32 "m" Optional Open;
        /// Mean Rec. 709 luma of the sRGB picture over alpha >= 0.5.
        luma_mean: Option<f32> = F32 "" Optional Open;
        /// Share of pixels with all channels at most 1 of 255, over alpha >= 0.5.
        clip_low_fraction: Option<f32> = F32 "" Optional Open;
        /// Share of pixels with any channel at least 254 of 255, over alpha >= 0.5.
        clip_high_fraction: Option<f32> = F32 "" Optional Open;
        /// Number of visible facial-skin pixels with alpha >= 0.98.
        skin_px: Option<i32> = I32 "px" Optional Open;
        /// Individual typology angle of the medians of L* and b* over the facial-skin pixels; null below 200 of them.
        skin_ita_measured_deg: Option<f32> = F32 "deg" Optional Open;
        /// Mean linear luminance over the facial-skin pixels; null below 200 of them.
        skin_luma_measured: Option<f32> = F32 "" Optional Open;
        /// Share of the face region that hair covers.
        hair_occlusion: Option<f32> = F32 "" Optional Open;
        /// Share of the face region that is visible.
        face_visible_fraction: Option<f32> = F32 "" Optional Open;
    }
    Provenance {
        /// Version of the program that rendered the sample.
        renderer_version: Option<String> = Category "" Required Open;
        /// BLAKE3 of the resolved recipe.
        recipe_blake3: Option<String> = Category "" Required Open;
        /// Samples a pixel; the most of them where the sampling was adaptive.
        spp: Option<i32> = I32 "" Required Open;
        /// Mean number of samples a pixel.
        spp_mean: Option<f32> = F32 "" Optional Open;
        /// Relative squared error of the picture before denoising, estimated from two halves of its samples; null where they were not kept apart.
        noise_error: Option<f32> = F32 "" Optional Open;
        /// Bound on the contribution of indirect paths, in units of the exposed picture.
        clamp_indirect: Option<f32> = F32 "" Optional Open;
        /// Whether the picture was denoised.
        denoised: Option<bool> = Bool "" Required Open;
        /// What took the noise out: none, built-in or oidn.
        denoiser: Option<String> = Category "" Optional Open;
        /// Folder or archive that an imported sample came from; null where this program made it.
        source_name: Option<String> = Category "" Optional Open;
        /// Number of an imported sample in its source.
        source_index: Option<i64> = I64 "" Optional Open;
    }
}

/// A column holds a value of another type than the schema says.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("column {column:?} cannot hold {found}")]
pub struct WrongValue {
    /// Name of the column.
    pub column: &'static str,
    /// What was found.
    pub found: String,
}

impl SampleMeta {
    /// The value of the column called `name`.
    pub fn value(&self, name: &str) -> Option<Value> {
        let column_idx = COLUMNS.iter().position(|column| column.name == name)?;
        self.values().into_iter().nth(column_idx)
    }

    /// Names of the required labels that this sample lacks; empty for a generated sample.
    pub fn missing_labels(&self) -> Vec<&'static str> {
        COLUMNS
            .iter()
            .zip(self.values())
            .filter(|(column, value)| column.required && *value == Value::Null)
            .map(|(column, _)| column.name)
            .collect()
    }
}

/// The column called `name`.
pub fn column(name: &str) -> Option<&'static Column> {
    COLUMNS.iter().find(|column| column.name == name)
}

/// The bin of an age in years, as in the column `age_bin`.
pub fn age_bin(age_years: f32) -> &'static str {
    match age_years {
        a if a < 30.0 => "18-29",
        a if a < 45.0 => "30-44",
        a if a < 60.0 => "45-59",
        a if a < 75.0 => "60-74",
        _ => "75-90",
    }
}

/// The group of an age in years, as in the column `age_group`.
pub fn age_group(age_years: f32) -> &'static str {
    match age_years {
        a if a < 30.0 => "young_adult",
        a if a < 60.0 => "adult",
        _ => "older_adult",
    }
}

/// The presentation of a body, as in the column `body_presentation`.
pub fn body_presentation(body_sex_param: f32) -> &'static str {
    match body_sex_param {
        s if s < 0.4 => "feminine",
        s if s > 0.6 => "masculine",
        _ => "androgynous",
    }
}

/// The texture of an Andre Walker hair type, as in the column `hair_texture`.
pub fn hair_texture(hair_type: &str) -> &'static str {
    match hair_type.as_bytes().first() {
        Some(b'1') => "straight",
        Some(b'2') => "wavy",
        Some(b'3') => "curly",
        Some(b'4') => "coily",
        _ => "none",
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn column_names_are_unique_and_say_their_unit() {
        let names: BTreeSet<_> = COLUMNS.iter().map(|c| c.name).collect();
        assert_eq!(names.len(), COLUMNS.len());
        for column in COLUMNS {
            assert!(!column.desc.is_empty(), "{}", column.name);
            let is_float = matches!(column.kind, Kind::F32 | Kind::F64 | Kind::F32List);
            assert_eq!(
                column.name.ends_with("_deg"),
                column.unit == "deg",
                "{}",
                column.name
            );
            assert_eq!(is_float && column.unit == "m", column.name.ends_with("_m"));
        }
    }

    #[test]
    fn values_come_back_as_the_same_sample() {
        let meta = SampleMeta {
            sample_id: "a-0000001".into(),
            index: 1,
            skin_tone_mst: Some(7),
            garments: Some(vec!["shirt".into()]),
            world_from_camera: Some([0.25; 16]),
            expression_params: Some(vec![]),
            joints_visibility: Some(vec![0, 2]),
            denoised: Some(false),
            denoiser: Some("none".into()),
            ..Default::default()
        };
        assert_eq!(SampleMeta::from_values(meta.values()).unwrap(), meta);
        assert_eq!(meta.value("skin_tone_mst"), Some(Value::Int(7)));
    }

    #[test]
    fn a_value_of_another_type_is_refused_by_name() {
        let mut values = SampleMeta::default().values();
        values[1] = Value::Text("one".into());
        let error = SampleMeta::from_values(values).unwrap_err();
        assert_eq!(error.column, "index");
    }

    #[test]
    fn labels_derived_from_numbers_lie_in_their_vocabularies() {
        let has = |name: &str, word: &str| column(name).unwrap().vocabulary.contains(&word);
        for age in [18.0, 29.99, 30.0, 44.9, 45.0, 60.0, 75.0, 90.0] {
            assert!(has("age_bin", age_bin(age)) && has("age_group", age_group(age)));
        }
        for s in [0.0, 0.4, 0.6, 1.0] {
            assert!(has("body_presentation", body_presentation(s)));
        }
        for hair_type in column("hair_type").unwrap().vocabulary {
            assert!(has("hair_texture", hair_texture(hair_type)));
        }
    }
}
