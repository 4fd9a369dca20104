//! One sample as the page shows it: labels, scene, hashes, and the command that makes it again.

use std::path::Path;

use serde_json::{Value as Json, json};

use bottega_schemas::Value;
use bottega_schemas::sample::COLUMNS;

use super::index::{Index, told};
use super::plane_picture::name_of;
use super::refusal::Refusal;
use super::shards::{OpenShards, Place};

/// Largest whole number that a browser keeps exact.
const EXACT_MAX: u64 = 1 << 53;

/// The sample of a row, as JSON.
pub(super) fn sample_json(index: &Index, shards: &OpenShards, row: usize) -> Result<Json, Refusal> {
    let place = shards.place(index, row)?;
    let found = place.reader.label_row(place.row);
    let found = found.map_err(|error| Refusal::broken(told(&error)))?;
    let labels: Vec<Json> = COLUMNS
        .iter()
        .zip(found.meta.values())
        .map(|(column, value)| json!({ "name": column.name, "value": json_of(value) }))
        .collect();
    let scene_text = found.scene_json.as_deref().unwrap_or_default();
    // As a text: a browser would round the large whole numbers of the document.
    let scene: Option<Json> = serde_json::from_str(scene_text).ok();
    let scene = scene.and_then(|scene| serde_json::to_string_pretty(&scene).ok());
    let planes: Vec<&str> = place
        .reader
        .stored_planes()
        .into_iter()
        .map(name_of)
        .collect();
    let meta = &found.meta;
    Ok(json!({
        "row": row,
        "id": meta.sample_id,
        "size": [meta.width, meta.height],
        "camera": { "fx": meta.fx, "fy": meta.fy, "cx": meta.cx, "cy": meta.cy },
        "shard": place.name,
        "row_in_shard": place.row,
        "labels": labels,
        "planes": planes,
        "hashes": found.hashes,
        "scene": scene,
        "commands": commands(&place, &meta.sample_id, scene.is_some()),
    }))
}

/// Commands about a sample, for a POSIX shell; where a scene is stored, the one that makes the
/// sample again.
fn commands(place: &Place, id: &str, has_scene: bool) -> Json {
    let target = quoted_target(&place.path, place.row);
    let again = has_scene.then(|| {
        // A name from a file must not become an option or a path.
        let safe: String = id
            .chars()
            .map(|c| {
                if c.is_alphanumeric() || "-_.".contains(c) {
                    c
                } else {
                    '_'
                }
            })
            .collect();
        let out = format!("./{safe}.exr");
        format!(
            "bottega inspect {target} --scene | bottega render - --out {}",
            quote(&out)
        )
    });
    json!({ "again": again, "inspect": format!("bottega inspect {target}") })
}

fn quoted_target(path: &Path, row: usize) -> String {
    quote(&format!("{}:{row}", path.display()))
}

/// A word as a POSIX shell takes it unchanged.
pub(super) fn quote(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=,+@%".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

fn json_of(value: Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Text(text) => text.into(),
        Value::Bool(truth) => truth.into(),
        // As a text where a browser would round it.
        Value::Int(number) if number.unsigned_abs() > EXACT_MAX => number.to_string().into(),
        Value::Int(number) => number.into(),
        // The shortest decimal of a 32-bit float, not that of its 64-bit twin.
        Value::F32(number) => serde_json::from_str(&number.to_string()).unwrap_or(Json::Null),
        Value::F64(number) => number.into(),
        Value::F32List(list) => list.into(),
        Value::I8List(list) => list.into(),
        Value::TextList(list) => list.into(),
        Value::Matrix4(matrix) => matrix.to_vec().into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_quoted_for_the_shell_only_where_they_must_be() {
        assert_eq!(quote("/data/a-1.parquet:7"), "/data/a-1.parquet:7");
        assert_eq!(quote("my data"), "'my data'");
        assert_eq!(quote("it's $HOME;`ls`"), r"'it'\''s $HOME;`ls`'");
        assert_eq!(quote(""), "''");
    }

    #[test]
    fn numbers_reach_the_browser_as_they_are_stored() {
        assert_eq!(json_of(Value::F32(0.1)).to_string(), "0.1");
        assert_eq!(json_of(Value::F32(f32::NAN)), Json::Null);
        let seed = 8_070_450_532_247_928_832;
        assert_eq!(json_of(Value::Int(seed)), json!("8070450532247928832"));
        assert_eq!(json_of(Value::Int(-3)), json!(-3));
    }
}
