//! Labels of one sample: present, in their range and vocabulary, and in agreement with each other.

use bottega_schemas::SampleMeta;
use bottega_schemas::column::Kind;
use bottega_schemas::sample::{COLUMNS, age_bin, age_group, body_presentation, hair_texture};

use crate::finding::{Check, Finding};

use super::is_close;
use super::points::check_points;

/// Labels of which one follows from the other are stored as 32-bit floats.
const CAMERA_TOLERANCE: f64 = 1e-4;

/// What the values of a numeric column may be, both ends included.
const RANGES: &[(&str, f64, f64)] = &[
    ("index", 0.0, i64::MAX as f64),
    ("seed", 0.0, i64::MAX as f64),
    ("width", 1.0, i32::MAX as f64),
    ("height", 1.0, i32::MAX as f64),
    ("camera_distance_m", 0.0, f64::MAX),
    ("focal_35mm", 0.0, f64::MAX),
    ("f_number", 0.0, f64::MAX),
    ("skin_tone_mst", 1.0, 10.0),
    ("skin_ita_deg", -90.0, 90.0),
    ("skin_hue_deg", -180.0, 180.0),
    ("freckles", 0.0, f64::MAX),
    ("moles", 0.0, f64::MAX),
    ("blemishes", 0.0, f64::MAX),
    ("wrinkles", 0.0, 5.0),
    ("vitiligo", 0.0, 1.0),
    ("scars", 0.0, f64::MAX),
    ("sweat", 0.0, 1.0),
    ("body_hair", 0.0, 1.0),
    ("lid_crease", 0.0, 1.0),
    ("age_years", 18.0, 90.0),
    ("body_sex_param", 0.0, 1.0),
    ("height_m", 1.2, 2.3),
    ("bmi", 10.0, 70.0),
    ("gaze_yaw_deg", -90.0, 90.0),
    ("gaze_pitch_deg", -90.0, 90.0),
    ("hair_grey_fraction", 0.0, 1.0),
    ("key_light_azimuth_deg", -180.0, 180.0),
    ("key_light_elevation_deg", -90.0, 90.0),
    ("head_yaw_deg", -180.0, 180.0),
    ("head_pitch_deg", -90.0, 90.0),
    ("head_roll_deg", -180.0, 180.0),
    ("fg_fraction", 0.0, 1.0),
    ("soft_fraction", 0.0, 1.0),
    ("luma_mean", 0.0, 1.0),
    ("clip_low_fraction", 0.0, 1.0),
    ("clip_high_fraction", 0.0, 1.0),
    ("skin_px", 0.0, i32::MAX as f64),
    ("skin_ita_measured_deg", -90.0, 90.0),
    ("skin_luma_measured", 0.0, f64::MAX),
    ("hair_occlusion", 0.0, 1.0),
    ("face_visible_fraction", 0.0, 1.0),
    ("spp", 1.0, i32::MAX as f64),
];

/// Checks the labels of one sample; `generated` samples must have every required label.
pub fn check_labels(meta: &SampleMeta, generated: bool, findings: &mut Vec<Finding>) {
    if generated {
        let missing = meta.missing_labels();
        if !missing.is_empty() {
            let message = format!("required labels are null: {}", missing.join(", "));
            findings.push(Finding::new(Check::MissingLabel, message));
        }
    }
    check_values(meta, findings);
    check_derived(meta, findings);
    check_camera(meta, findings);
    check_points(meta, findings);
}

fn check_values(meta: &SampleMeta, findings: &mut Vec<Finding>) {
    for (column, value) in COLUMNS.iter().zip(meta.values()) {
        let name = column.name;
        if !value.is_finite() {
            let message = format!("{name} is {value:?}, wanted finite numbers");
            findings.push(Finding::new(Check::Label, message));
        }
        if let Some(word) = value.as_text() {
            if !column.vocabulary.is_empty() && !column.vocabulary.contains(&word) {
                let message = format!(
                    "{name} is {word:?}, wanted one of {}",
                    column.vocabulary.join(", ")
                );
                findings.push(Finding::new(Check::Label, message));
            } else if word.is_empty() && column.required && column.kind != Kind::Text {
                findings.push(Finding::new(Check::Label, format!("{name} is empty")));
            }
        }
        let range = RANGES.iter().find(|(ranged, ..)| *ranged == name);
        if let (Some(&(_, low, high)), Some(number)) = (range, value.as_f64())
            && !(low..=high).contains(&number)
        {
            let message = format!("{name} is {number}, wanted {low} to {high}");
            findings.push(Finding::new(Check::Label, message));
        }
    }
}

/// Labels that follow from other labels.
fn check_derived(meta: &SampleMeta, findings: &mut Vec<Finding>) {
    let derived = [
        (
            "age_bin",
            meta.age_bin.as_deref(),
            meta.age_years.map(age_bin),
        ),
        (
            "age_group",
            meta.age_group.as_deref(),
            meta.age_years.map(age_group),
        ),
        (
            "body_presentation",
            meta.body_presentation.as_deref(),
            meta.body_sex_param.map(body_presentation),
        ),
        (
            "hair_texture",
            meta.hair_texture.as_deref(),
            meta.hair_type.as_deref().map(hair_texture),
        ),
    ];
    for (name, stored, expected) in derived {
        if let (Some(stored), Some(expected)) = (stored, expected)
            && stored != expected
        {
            let message =
                format!("{name} is {stored:?}, but the label it follows from gives {expected:?}");
            findings.push(Finding::new(Check::Label, message));
        }
    }
    let number = meta
        .sample_id
        .rsplit('-')
        .next()
        .and_then(|text| text.parse::<i64>().ok());
    if number.is_some_and(|number| number != meta.index) {
        let message = format!(
            "sample_id is {:?}, but index is {}",
            meta.sample_id, meta.index
        );
        findings.push(Finding::new(Check::Label, message));
    }
}

fn check_camera(meta: &SampleMeta, findings: &mut Vec<Finding>) {
    let mut push = |message: String| findings.push(Finding::new(Check::Camera, message));
    if !(meta.fx > 0.0 && meta.fy > 0.0) {
        push(format!(
            "focal lengths are {} and {} px, wanted positive ones",
            meta.fx, meta.fy
        ));
        return;
    }
    let fov_y_deg = 2.0 * libm::atan(0.5 * f64::from(meta.height) / meta.fy).to_degrees();
    if (fov_y_deg - f64::from(meta.fov_y_deg)).abs() > CAMERA_TOLERANCE * fov_y_deg {
        push(format!(
            "fov_y_deg is {}, but height and fy give {fov_y_deg}",
            meta.fov_y_deg
        ));
    }
    if let Some(matrix) = &meta.world_from_camera
        && let Some(reason) = why_not_rigid(matrix)
    {
        push(format!(
            "world_from_camera is not a rotation and a shift: {reason}"
        ));
    }
}

fn why_not_rigid(matrix: &[f64; 16]) -> Option<String> {
    let column = |c: usize| [matrix[c], matrix[4 + c], matrix[8 + c]];
    let dot = |a: [f64; 3], b: [f64; 3]| a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
    if matrix[12..] != [0.0, 0.0, 0.0, 1.0] {
        return Some(format!("its last row is {:?}", &matrix[12..]));
    }
    for (a, b) in [(0, 0), (1, 1), (2, 2), (0, 1), (0, 2), (1, 2)] {
        let wanted = f64::from(u8::from(a == b));
        let found = dot(column(a), column(b));
        if !is_close(found, wanted, CAMERA_TOLERANCE) {
            return Some(format!(
                "axes {a} and {b} have the product {found}, wanted {wanted}"
            ));
        }
    }
    let [x, y, z] = [column(0), column(1), column(2)];
    let normal = [
        x[1] * y[2] - x[2] * y[1],
        x[2] * y[0] - x[0] * y[2],
        x[0] * y[1] - x[1] * y[0],
    ];
    (dot(normal, z) < 0.0).then(|| "it mirrors".to_owned())
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// Labels without a fault, of a square picture seen by 90 degrees.
    pub(crate) fn good_meta(index: i64, width: i32, height: i32) -> SampleMeta {
        let fy = 0.5 * f64::from(height);
        let mut identity = [0.0; 16];
        for i in 0..4 {
            identity[5 * i] = 1.0;
        }
        let text = |word: &str| Some(word.to_owned());
        SampleMeta {
            sample_id: format!("test-{index:07}"),
            index,
            split: "train".to_owned(),
            framing: text(["face", "upper_body", "full_body"][index as usize % 3]),
            identity_id: Some(format!("{index:016x}")),
            seed: Some(1000 + index),
            width,
            height,
            fx: fy,
            fy,
            cx: 0.5 * f64::from(width),
            cy: 0.5 * f64::from(height),
            world_from_camera: Some(identity),
            camera_distance_m: Some(1.0),
            fov_y_deg: 90.0,
            skin_tone_mst: Some(1 + (index % 10) as i8),
            skin_ita_deg: Some(20.0),
            age_years: Some(30.0),
            age_bin: text("30-44"),
            age_group: text("adult"),
            body_sex_param: Some(0.25),
            body_presentation: text("feminine"),
            expression_id: text("neutral"),
            hair_style: text("bob"),
            hair_type: text("2A"),
            hair_texture: text("wavy"),
            hair_length: text("medium"),
            hair_color: text("black"),
            facial_hair: text("none"),
            head_covering: text("none"),
            eyewear: text("none"),
            face_covering: text("none"),
            garments: Some(vec!["t_shirt".to_owned(), "jeans".to_owned()]),
            lighting_id: text("studio"),
            lighting_kind: text("studio"),
            light_ev: Some(0.0),
            head_yaw_deg: Some(0.0),
            head_pitch_deg: Some(0.0),
            head_roll_deg: Some(0.0),
            pose_id: text("stand"),
            background_id: text("studio"),
            renderer_version: text("0.1.0"),
            recipe_blake3: Some("0".repeat(64)),
            spp: Some(16),
            denoised: Some(false),
            ..SampleMeta::default()
        }
    }

    fn messages_of(meta: &SampleMeta) -> Vec<String> {
        let mut findings = Vec::new();
        check_labels(meta, true, &mut findings);
        findings
            .into_iter()
            .map(|finding| finding.message)
            .collect()
    }

    #[test]
    fn good_labels_have_no_finding() {
        assert_eq!(messages_of(&good_meta(3, 64, 64)), Vec::<String>::new());
    }

    #[test]
    fn every_ranged_column_is_a_column() {
        for (name, low, high) in RANGES {
            assert!(COLUMNS.iter().any(|column| column.name == *name), "{name}");
            assert!(low < high, "{name}");
        }
    }

    #[test]
    fn each_wrong_label_is_found_by_name() {
        type Spoil = fn(&mut SampleMeta);
        let cases: [(&str, Spoil); 9] = [
            ("framing", |m| m.framing = Some("portrait".to_owned())),
            ("skin_tone_mst", |m| m.skin_tone_mst = Some(0)),
            ("age_years", |m| m.age_years = Some(17.0)),
            ("age_bin", |m| m.age_bin = Some("18-29".to_owned())),
            ("hair_texture", |m| {
                m.hair_texture = Some("coily".to_owned())
            }),
            ("pose_id", |m| m.pose_id = None),
            ("sample_id", |m| m.sample_id = "test-0000009".to_owned()),
            ("fov_y_deg", |m| m.fov_y_deg = 60.0),
            ("light_ev", |m| m.light_ev = Some(f32::NAN)),
        ];
        for (name, spoil) in cases {
            let mut meta = good_meta(3, 64, 64);
            spoil(&mut meta);
            let messages = messages_of(&meta);
            assert!(
                messages.iter().any(|message| message.contains(name)),
                "{name}: {messages:?}"
            );
        }
    }

    #[test]
    fn a_camera_that_mirrors_or_scales_is_found() {
        for (at, value) in [(0, -1.0), (0, 2.0), (15, 0.0), (1, 0.5)] {
            let mut meta = good_meta(3, 64, 64);
            meta.world_from_camera.as_mut().unwrap()[at] = value;
            assert_eq!(messages_of(&meta).len(), 1, "{at}");
        }
    }
}
