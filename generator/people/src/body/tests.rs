//! The body against the reference cases, and the symmetries it must keep.
//!
//! `tests/golden/golden_body.jsonl.zst` holds 26 cases computed by an independent program in double
//! precision: shape, expression and pose with the positions of 200 vertices and all bones. Its
//! frame is +Z up with the person facing -Y, so (x, y, z) there is (x, z, -y) here.

use std::{collections::BTreeMap, path::Path};

use bottega_schemas::params::ShapeParams;
use glam::{Quat, Vec3};
use serde_json::Value;

use super::{
    fixture::{model, sections},
    model::BodyModel,
    phenotype::{TargetWeights, ValueWeights},
    posed::{Body, EyePose},
    rig::PosedBone,
};

const TOLERANCE_M: f32 = 1e-4;

#[test]
fn every_reference_case_is_met() {
    let model = model();
    let mut records = golden();
    let header = records.remove(0);
    let vertices: Vec<usize> = list(&header["vertex_indices"], |v| v.as_u64().unwrap() as usize);
    let names = list(&header["bones"], |v| v.as_str().unwrap().to_owned());
    let ours: Vec<&str> = model
        .rig
        .bones
        .iter()
        .map(|bone| bone.name.as_str())
        .collect();
    assert_eq!(ours, names);
    assert_eq!(records.len(), 26);
    for case in &records {
        let id = &case["id"];
        let weights = golden_weights(model, &case["target_weights"]);
        let rest = model.morph(&weights);
        let near = |name: &str, found: &[Vec3]| {
            let expected = points(&case[name]);
            assert_eq!(found.len(), expected.len());
            let worst = largest(found.iter().zip(&expected).map(|(a, b)| a.distance(*b)));
            assert!(
                worst <= TOLERANCE_M,
                "case {id}: {name} is off by {worst} m"
            );
        };
        let pick = |all: &[Vec3]| vertices.iter().map(|&v| all[v]).collect::<Vec<_>>();
        near("rest_vertices", &pick(&rest));
        let height = case["rest_height_m"].as_f64().unwrap() as f32;
        assert!(
            (model.stature_m(&rest) - height).abs() <= TOLERANCE_M,
            "case {id}"
        );

        let body = pose(model, rest, case);
        near("posed_vertices", &pick(&body.posed));
        near("rest_bone_heads", &column(&body, |bone| bone.rest_head));
        near("rest_bone_tails", &column(&body, |bone| bone.rest_tail));
        near("posed_bone_heads", &column(&body, |bone| bone.head));
    }
}

#[test]
fn rest_orientations_are_those_of_the_reference() {
    let model = model();
    let mut n_cases = 0;
    for case in &golden()[1..] {
        let Some(rotations) = case["rest_bone_rotation_xyzw"].as_array() else {
            continue;
        };
        n_cases += 1;
        let rest = model.morph(&golden_weights(model, &case["target_weights"]));
        let body = pose(model, rest, case);
        for (bone_idx, expected) in rotations.iter().enumerate() {
            let found = model.rig.rest_orientation(bone_idx, &body.bones[bone_idx]);
            // The frames differ by the change of axes on the right too: compare as turns of ours.
            let error = 1.0 - found.dot(rotation(expected)).abs();
            assert!(
                error < 1e-5,
                "case {}, bone {bone_idx}: {found}",
                case["id"]
            );
        }
    }
    assert_eq!(n_cases, 4);
}

#[test]
fn sliders_give_the_weights_of_the_reference() {
    let model = model();
    let mut n_makehuman = 0;
    for case in &golden()[1..] {
        let phenotype = &case["phenotype"];
        let shape = shape(phenotype, &case["local_changes"]);
        let values = if case["macro_mode"] == "makehuman" {
            n_makehuman += 1;
            ValueWeights::makehuman(&shape)
        } else {
            anny(phenotype)
        };
        let units = numbers(&case["face_units"]);
        let found = model
            .resolve_values(&values, &shape.details, &units)
            .unwrap();
        let found: BTreeMap<u32, f32> = found.entries.into_iter().collect();
        let expected: BTreeMap<u32, f32> = golden_weights(model, &case["target_weights"])
            .entries
            .into_iter()
            .collect();
        for target in found.keys().chain(expected.keys()) {
            let [a, b] = [&found, &expected].map(|w| w.get(target).copied().unwrap_or(0.0));
            assert!((a - b).abs() <= 1e-6, "case {}: {a} {b}", case["id"]);
        }
    }
    assert_eq!(n_makehuman, 8);
}

#[test]
fn the_template_is_symmetric() {
    let model = model();
    for (vertex, &partner) in model.mirror.iter().enumerate() {
        let [a, b] = [vertex, usize::from(partner)].map(|v| model.template[v]);
        assert!(a.distance(b * Vec3::new(-1.0, 1.0, 1.0)) < 1e-6, "{vertex}");
        assert_eq!(usize::from(model.mirror[usize::from(partner)]), vertex);
    }
}

#[test]
fn a_mirrored_pose_mirrors_the_body() {
    let model = model();
    let rest = model.template.clone();
    let turn = Quat::from_xyzw(0.3, -0.2, 0.1, 0.9).normalize();
    let mirrored = Quat::from_xyzw(turn.x, -turn.y, -turn.z, turn.w);
    let [left, right] = ["upperarm01.L", "upperarm01.R"].map(|name| model.bone(name).unwrap());
    let a = skin(model, rest.clone(), &BTreeMap::from([(left, turn)]), None);
    let b = skin(model, rest, &BTreeMap::from([(right, mirrored)]), None);
    let worst = largest((0..BodyModel::BODY_VERTICES.end).map(|v| {
        let partner = usize::from(model.mirror[v]);
        a.posed[v].distance(b.posed[partner] * Vec3::new(-1.0, 1.0, 1.0))
    }));
    // Published skin weights are rounded to 1/65535 on each side by itself.
    assert!(worst < 2e-4, "{worst}");
}

#[test]
fn the_rest_pose_is_the_rest_mesh() {
    let model = model();
    let body = skin(model, model.template.clone(), &BTreeMap::new(), None);
    let worst = largest(
        body.posed
            .iter()
            .zip(&body.rest)
            .map(|(a, b)| a.distance(*b)),
    );
    assert!(worst < 1e-5, "{worst}");
}

#[test]
fn reading_and_writing_the_model_changes_no_byte() {
    let read = sections();
    let written = model().encode();
    assert_eq!(written.len(), read.len());
    for (name, bytes) in &written {
        assert!(*bytes == read[*name], "{name}");
    }
}

#[test]
fn cut_sections_are_errors() {
    let whole = sections();
    for name in whole.keys() {
        let mut cut = whole.clone();
        cut.remove(name);
        assert!(BodyModel::decode(&cut).is_err(), "{name} missing");
        let bytes = &whole[name];
        for n in [0, 1, bytes.len() / 3, bytes.len() - 1] {
            cut.insert(name.clone(), bytes[..n].to_vec());
            assert!(BodyModel::decode(&cut).is_err(), "{name} cut to {n}");
        }
    }
}

fn golden() -> Vec<Value> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/golden_body.jsonl.zst");
    let packed = std::fs::read(path).expect("the golden file is there");
    let text = String::from_utf8(zstd::decode_all(packed.as_slice()).unwrap()).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// `block:name` -> weight, as weights of our targets.
fn golden_weights(model: &BodyModel, json: &Value) -> TargetWeights {
    let mut entries: Vec<(u32, f32)> = numbers(json)
        .into_iter()
        .map(|(label, weight)| {
            let (block, name) = label.split_once(':').unwrap();
            let path = match block {
                "universal" => format!("macrodetails/universal-{name}"),
                "race" => format!("macrodetails/{name}"),
                "height" => format!("macrodetails/height/{name}"),
                "proportions" => format!("macrodetails/proportions/{name}"),
                "breast" => format!("breast/{name}"),
                "facial_action" => format!("faceunits/{name}"),
                "local_change" => {
                    let ending = format!("/{name}");
                    let mut all = model.target_names.keys();
                    all.find(|path| path.ends_with(&ending)).unwrap().clone()
                }
                other => panic!("unknown block {other}"),
            };
            (model.target_names[&path], weight)
        })
        .collect();
    entries.sort_by_key(|&(target, _)| target);
    TargetWeights { entries }
}

fn pose(model: &BodyModel, rest: Vec<Vec3>, case: &Value) -> Body {
    let mut local = BTreeMap::from([(0, rotation(&case["root_rotation_xyzw"]))]);
    for (name, turn) in case["pose_xyzw"].as_object().unwrap() {
        local.insert(model.bone(name).unwrap(), rotation(turn));
    }
    let root = point(&case["root_position"]);
    skin(model, rest, &local, Some(root))
}

fn skin(
    model: &BodyModel,
    rest: Vec<Vec3>,
    local: &BTreeMap<usize, Quat>,
    root: Option<Vec3>,
) -> Body {
    let bones = model.rig.pose(&rest, local, root);
    let eye = EyePose {
        rest_center: Vec3::ZERO,
        center: Vec3::ZERO,
        radius_m: 0.0,
        gaze: Quat::IDENTITY,
        rotation: Quat::IDENTITY,
    };
    Body::skin(model, rest.clone(), rest, bones, [eye; 2])
}

/// The other published convention: gender is 0 male to 1 female, age goes from -1/3 in steps of a
/// third, stature and proportions act at 0.5 in both directions.
fn anny(phenotype: &Value) -> ValueWeights {
    let shape = shape(phenotype, &Value::Null);
    let mut values = ValueWeights::makehuman(&shape);
    values.gender = [("male", 1.0 - shape.gender), ("female", shape.gender)];
    let third = 3.0 * shape.age;
    let at = |anchor: f32| (1.0 - (third - anchor).abs()).max(0.0);
    values.age = [
        ("baby", at(0.0)),
        ("child", at(1.0)),
        ("young", at(2.0)),
        ("old", at(3.0)),
    ];
    values.height = [
        ("minheight", 1.0 - shape.height),
        ("maxheight", shape.height),
    ];
    values.proportions = [
        ("idealproportions", 1.0 - shape.proportions),
        ("uncommonproportions", shape.proportions),
    ];
    values
}

fn shape(phenotype: &Value, details: &Value) -> ShapeParams {
    let get = |name: &str| phenotype[name].as_f64().unwrap() as f32;
    ShapeParams {
        gender: get("gender"),
        age: get("age"),
        muscle: get("muscle"),
        weight: get("weight"),
        height: get("height"),
        proportions: get("proportions"),
        cupsize: get("cupsize"),
        firmness: get("firmness"),
        ancestry: [get("african"), get("asian"), get("caucasian")],
        details: numbers(details),
    }
}

fn numbers(json: &Value) -> BTreeMap<String, f32> {
    let map = json.as_object().into_iter().flatten();
    map.map(|(name, value)| (name.clone(), value.as_f64().unwrap() as f32))
        .collect()
}

fn column(body: &Body, of: impl Fn(&PosedBone) -> Vec3) -> Vec<Vec3> {
    body.bones.iter().map(of).collect()
}

fn list<T>(json: &Value, of: impl Fn(&Value) -> T) -> Vec<T> {
    json.as_array().unwrap().iter().map(of).collect()
}

fn points(json: &Value) -> Vec<Vec3> {
    list(json, point)
}

fn point(json: &Value) -> Vec3 {
    let [x, y, z] = [0, 1, 2].map(|axis| json[axis].as_f64().unwrap() as f32);
    Vec3::new(x, z, -y)
}

fn rotation(json: &Value) -> Quat {
    let [x, y, z, w] = [0, 1, 2, 3].map(|axis| json[axis].as_f64().unwrap() as f32);
    Quat::from_xyzw(x, z, -y, w)
}

fn largest(values: impl Iterator<Item = f32>) -> f32 {
    values.fold(0.0, f32::max)
}
