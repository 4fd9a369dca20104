//! The scene document of a sample against its labels: both say what was drawn, so that labels or a
//! document of another row do not pass.

use serde_json::Value as Json;

use bottega_schemas::SampleMeta;
use bottega_schemas::column::Value;
use bottega_schemas::sample::COLUMNS;

use crate::finding::{Check, Finding};

use super::is_close;

/// Labels are 32-bit floats of what the document holds.
const TOLERANCE: f64 = 1e-4;
/// Sizes are measured on the body that the document leads to.
const MEASURED_TOLERANCE: f64 = 0.01;

/// How a label follows from a number of the document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Follows {
    /// It is the same word, number or truth.
    Same,
    /// It is the same angle, in degrees instead of radians.
    Degrees,
    /// It is about the same number.
    About,
}

/// Columns, where the document says the same, and how.
const RELATIONS: &[(&str, &str, Follows)] = &[
    ("framing", "/framing", Follows::Same),
    ("width", "/camera/resolution_px/0", Follows::Same),
    ("height", "/camera/resolution_px/1", Follows::Same),
    ("camera_roll_deg", "/camera/roll_rad", Follows::Degrees),
    (
        "subject_yaw_deg",
        "/camera/subject_yaw_rad",
        Follows::Degrees,
    ),
    ("skin_tone_mst", "/person/skin/tone_mst", Follows::Same),
    ("skin_ita_deg", "/person/skin/ita_deg", Follows::Same),
    ("freckles", "/person/skin/freckles", Follows::Same),
    ("moles", "/person/skin/moles", Follows::Same),
    ("blemishes", "/person/skin/blemishes", Follows::Same),
    ("wrinkles", "/person/skin/wrinkles", Follows::Same),
    ("vitiligo", "/person/skin/vitiligo", Follows::Same),
    ("scars", "/person/skin/scars", Follows::Same),
    ("sweat", "/person/skin/sweat", Follows::Same),
    ("body_hair", "/person/skin/body_hair", Follows::Same),
    ("lid_crease", "/person/eyes/lid_crease", Follows::Same),
    ("age_years", "/person/age_years", Follows::Same),
    ("body_sex_param", "/person/body_sex_param", Follows::Same),
    ("height_m", "/person/stature_m", Follows::About),
    ("bmi", "/person/bmi", Follows::About),
    ("expression_id", "/face/expression_id", Follows::Same),
    ("gaze_yaw_deg", "/face/gaze_yaw_rad", Follows::Degrees),
    ("gaze_pitch_deg", "/face/gaze_pitch_rad", Follows::Degrees),
    ("eye_color", "/person/eyes/color", Follows::Same),
    (
        "hair_grey_fraction",
        "/groom/color/grey_fraction",
        Follows::Same,
    ),
    ("hair_style", "/groom/scalp/cut", Follows::Same),
    ("hair_type", "/groom/scalp/hair_type", Follows::Same),
    ("facial_hair", "/groom/beard/style", Follows::Same),
    ("clothing_style", "/garments/style", Follows::Same),
    ("top_kind", "/garments/top/kind", Follows::Same),
    ("bottom_kind", "/garments/bottom/kind", Follows::Same),
    ("shoe_kind", "/garments/shoes/kind", Follows::Same),
    ("head_covering", "/worn/headwear/kind", Follows::Same),
    ("eyewear_frame", "/worn/glasses/frame", Follows::Same),
    ("face_covering", "/worn/mask/kind", Follows::Same),
    ("earrings", "/worn/earrings/kind", Follows::Same),
    ("lighting_id", "/lighting/environment_id", Follows::Same),
    ("lighting_kind", "/lighting/kind", Follows::Same),
    ("light_ev", "/lighting/exposure_ev", Follows::Same),
    ("light_yaw_deg", "/lighting/yaw_rad", Follows::Degrees),
    ("pose_id", "/pose/pose_id", Follows::Same),
    ("seated", "/pose/seated", Follows::Same),
];

/// Checks the document of a row; `generated` rows must have one.
pub(super) fn check_scene(
    scene_json: &str,
    meta: &SampleMeta,
    generated: bool,
    findings: &mut Vec<Finding>,
) {
    let mut push = |message: String| findings.push(Finding::new(Check::SceneDocument, message));
    if scene_json.is_empty() {
        if generated {
            push("the scene document is null".into());
        }
        return;
    }
    let document: Json = match serde_json::from_str(scene_json) {
        Ok(document) => document,
        Err(err) => {
            push(format!("the scene document is not JSON: {err}"));
            return;
        }
    };
    let values = meta.values();
    let mut differing = Vec::new();
    for (name, place, follows) in RELATIONS {
        let column = COLUMNS.iter().position(|column| column.name == *name);
        let (Some(column), Some(said)) = (column, document.pointer(place)) else {
            continue;
        };
        if !agrees(&values[column], said, *follows) {
            let label = match values[column].as_text() {
                Some(word) => format!("{word:?}"),
                None => values[column]
                    .as_f64()
                    .map_or_else(|| format!("{:?}", values[column]), |v| v.to_string()),
            };
            differing.push(format!(
                "{name} is {label}, the document says {place} {said}"
            ));
        }
    }
    if let Some(first) = differing.first() {
        let more = match differing.len() - 1 {
            0 => String::new(),
            more => format!(" (and {more} more labels differ)"),
        };
        push(format!("{first}{more}; are both of this row?"));
    }
}

/// Whether a label is what the document says; what either does not say agrees.
fn agrees(label: &Value, said: &Json, follows: Follows) -> bool {
    match (label, said) {
        (Value::Null, _) | (_, Json::Null) => true,
        (Value::Bool(label), Json::Bool(said)) => label == said,
        (_, Json::String(said)) => label.as_text().is_none_or(|label| label == said),
        (_, Json::Number(said)) => {
            let (Some(label), Some(said)) = (label.as_f64(), said.as_f64()) else {
                return true;
            };
            let (said, tolerance) = match follows {
                Follows::Same => (said, TOLERANCE),
                Follows::Degrees => (said.to_degrees(), TOLERANCE),
                Follows::About => (said, MEASURED_TOLERANCE),
            };
            is_close(label, said, tolerance * said.abs().max(1.0))
        }
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn messages(meta: &SampleMeta, json: &str) -> Vec<String> {
        let mut findings = Vec::new();
        check_scene(json, meta, true, &mut findings);
        findings.into_iter().map(|found| found.message).collect()
    }

    const JSON: &str = r#"{"framing":"face","camera":{"resolution_px":[384,512],"roll_rad":0.5},
        "person":{"skin":{"tone_mst":3,"ita_deg":48.636127},"stature_m":1.7},
        "pose":{"pose_id":"sit","seated":true},"groom":{"scalp":null}}"#;

    fn meta() -> SampleMeta {
        SampleMeta {
            framing: Some("face".into()),
            width: 384,
            height: 512,
            camera_roll_deg: Some(28.647_89),
            skin_tone_mst: Some(3),
            skin_ita_deg: Some(48.636_127),
            height_m: Some(1.7004),
            pose_id: Some("sit".into()),
            seated: Some(true),
            ..SampleMeta::default()
        }
    }

    #[test]
    fn every_relation_names_a_column() {
        for (name, place, _) in RELATIONS {
            assert!(COLUMNS.iter().any(|column| column.name == *name), "{name}");
            assert!(place.starts_with('/'), "{place}");
        }
    }

    #[test]
    fn labels_that_the_document_says_too_agree() {
        assert_eq!(messages(&meta(), JSON), Vec::<String>::new());
        // What one of them does not know is no contradiction.
        assert_eq!(
            messages(
                &SampleMeta {
                    seated: None,
                    ..meta()
                },
                JSON
            ),
            Vec::<String>::new()
        );
        assert_eq!(messages(&meta(), "{}"), Vec::<String>::new());
    }

    #[test]
    fn each_label_of_another_row_is_named() {
        type Spoil = fn(&mut SampleMeta);
        let cases: [(&str, Spoil); 6] = [
            ("skin_tone_mst is 7", |m| m.skin_tone_mst = Some(7)),
            ("skin_ita_deg is 20", |m| m.skin_ita_deg = Some(20.0)),
            ("pose_id is \"stand\"", |m| m.pose_id = Some("stand".into())),
            ("seated", |m| m.seated = Some(false)),
            ("camera_roll_deg is 0.5", |m| m.camera_roll_deg = Some(0.5)),
            ("height_m is 1.6", |m| m.height_m = Some(1.6)),
        ];
        for (wanted, spoil) in cases {
            let mut meta = meta();
            spoil(&mut meta);
            let found = messages(&meta, JSON);
            assert!(
                found.len() == 1 && found[0].contains(wanted),
                "{wanted}: {found:?}"
            );
        }
        assert!(messages(&meta(), "")[0].contains("null"));
        assert!(messages(&meta(), "{")[0].contains("not JSON"));
    }
}
