//! JSON Schemas of the documents, generated from their types (feature `json-schema`).

use std::collections::BTreeMap;

use schemars::{JsonSchema, schema_for};
use serde_json::{Map, Value, json};

use crate::audit::{AuditConfig, AuditReport};
use crate::params::SceneParams;
use crate::scene_spec::{ProfileSpec, RecipeFile};
use crate::train::TrainConfig;

/// Name and pretty JSON text of every schema.
pub fn documents() -> BTreeMap<&'static str, String> {
    let profile = partial(object::<ProfileSpec>());
    BTreeMap::from([
        ("recipe", pretty(recipe(&profile))),
        ("profile", pretty(profile_document(&profile))),
        ("scene_params", pretty(object::<SceneParams>())),
        ("audit_config", pretty(object::<AuditConfig>())),
        ("audit", pretty(object::<AuditReport>())),
        ("train_config", pretty(object::<TrainConfig>())),
    ])
}

fn pretty(schema: Map<String, Value>) -> String {
    let mut text = format!("{:#}", Value::Object(schema));
    text.push('\n');
    text
}

fn object<T: JsonSchema>() -> Map<String, Value> {
    schema_for!(T).as_object().cloned().unwrap_or_default()
}

/// The schema of the same document with any key left out: what lies on top of another profile.
/// Tables that name a law are replaced as a whole and stay complete.
fn partial(mut schema: Map<String, Value>) -> Map<String, Value> {
    schema.remove("required");
    if let Some(Value::Object(definitions)) = schema.get_mut("$defs") {
        for (name, definition) in definitions.iter_mut() {
            let is_section = name.ends_with("Spec") || name.starts_with("By");
            if let (true, Some(definition)) = (is_section, definition.as_object_mut()) {
                definition.remove("required");
            }
        }
    }
    schema
}

/// The profile document: any part of a profile, its version and what it extends.
fn profile_document(profile: &Map<String, Value>) -> Map<String, Value> {
    let mut schema = profile.clone();
    schema.insert("title".to_owned(), json!("Profile"));
    schema.insert("required".to_owned(), json!(["schema_version"]));
    if let Some(Value::Object(properties)) = schema.get_mut("properties") {
        properties.insert("schema_version".to_owned(), json!({ "const": 1 }));
        let extends = json!({
            "type": "string",
            "description": "Name of a shipped profile, or path of a profile, that this one lies on."
        });
        properties.insert("extends".to_owned(), extends);
    }
    schema
}

/// The recipe document with its overrides.
fn recipe(profile: &Map<String, Value>) -> Map<String, Value> {
    let mut schema = object::<RecipeFile>();
    let overrides = json!({
        "type": "object",
        "description": "Keys of the profile that this recipe replaces.",
        "properties": profile.get("properties"),
        "additionalProperties": false
    });
    if let Some(Value::Object(properties)) = schema.get_mut("properties") {
        properties.insert("overrides".to_owned(), overrides);
    }
    if let (Some(Value::Object(own)), Some(Value::Object(more))) =
        (schema.get_mut("$defs"), profile.get("$defs"))
    {
        own.extend(
            more.iter()
                .map(|(name, schema)| (name.clone(), schema.clone())),
        );
    }
    schema
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene_spec::{shipped_profiles, shipped_recipes};

    /// Checks `value` against the parts of JSON Schema that these documents use; the messages
    /// hold the path of every mistake.
    fn mistakes(root: &Value, schema: &Value, value: &Value, path: &str, found: &mut Vec<String>) {
        let Some(schema) = schema.as_object() else {
            return;
        };
        if let Some(Value::String(target)) = schema.get("$ref") {
            let target = root
                .pointer(target.trim_start_matches('#'))
                .expect("a known definition");
            mistakes(root, target, value, path, found);
        }
        for part in schema
            .get("allOf")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
        {
            mistakes(root, part, value, path, found);
        }
        for key in ["anyOf", "oneOf"] {
            let Some(parts) = schema.get(key).and_then(Value::as_array) else {
                continue;
            };
            let fits = |part: &Value| {
                let mut inner = Vec::new();
                mistakes(root, part, value, path, &mut inner);
                inner.is_empty()
            };
            if !parts.iter().any(fits) {
                found.push(format!("{path}: {value} fits none of {key}"));
            }
        }
        if let Some(only) = schema.get("const") {
            let same = only == value || only.as_f64().is_some_and(|n| value.as_f64() == Some(n));
            if !same {
                found.push(format!("{path}: {value} is not {only}"));
            }
        }
        if let Some(words) = schema.get("enum").and_then(Value::as_array)
            && !words.contains(value)
        {
            found.push(format!("{path}: {value} is not one of {words:?}"));
        }
        if let Some(kind) = schema.get("type").and_then(Value::as_str) {
            let fits = match kind {
                "object" => value.is_object(),
                "array" => value.is_array(),
                "string" => value.is_string(),
                "number" => value.is_number(),
                "integer" => value.is_i64() || value.is_u64(),
                "boolean" => value.is_boolean(),
                _ => true,
            };
            if !fits {
                found.push(format!("{path}: {value} is not of type {kind}"));
            }
        }
        let outside = |key: &str, sign: f64| {
            let limit = schema.get(key).and_then(Value::as_f64);
            limit
                .zip(value.as_f64())
                .is_some_and(|(limit, number)| sign * number < sign * limit)
        };
        if outside("minimum", 1.0) || outside("maximum", -1.0) {
            found.push(format!("{path}: {value} is out of range"));
        }
        if let (Some(items), Some(schema)) = (value.as_array(), schema.get("items")) {
            for (idx, item) in items.iter().enumerate() {
                mistakes(root, schema, item, &format!("{path}.{idx}"), found);
            }
        }
        let Some(entries) = value.as_object() else {
            return;
        };
        for name in schema
            .get("required")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
        {
            if !entries.contains_key(name.as_str().unwrap_or_default()) {
                found.push(format!("{path}: {name} is missing"));
            }
        }
        let properties = schema.get("properties").and_then(Value::as_object);
        for (key, item) in entries {
            let path = format!("{path}.{key}");
            if let Some(names) = schema.get("propertyNames") {
                mistakes(root, names, &Value::String(key.clone()), &path, found);
            }
            match (
                properties.and_then(|p| p.get(key)),
                schema.get("additionalProperties"),
            ) {
                (Some(schema), _) => mistakes(root, schema, item, &path, found),
                (None, Some(Value::Bool(false))) => found.push(format!("{path}: unknown key")),
                (None, Some(schema)) => mistakes(root, schema, item, &path, found),
                (None, None) => {}
            }
        }
    }

    fn mistakes_of(schema: &str, toml_text: &str) -> Vec<String> {
        let root: Value = serde_json::from_str(&documents()[schema]).expect("valid JSON");
        let table: toml::Table = toml_text.parse().expect("valid TOML");
        let value = serde_json::to_value(table).expect("TOML without dates is JSON");
        let mut found = Vec::new();
        mistakes(&root, &root, &value, "", &mut found);
        found
    }

    #[test]
    fn shipped_recipes_and_profiles_fit_their_schemas() {
        for (name, text) in shipped_recipes() {
            assert_eq!(mistakes_of("recipe", text), [""; 0], "{name}");
        }
        for (name, text) in shipped_profiles() {
            assert_eq!(mistakes_of("profile", text), [""; 0], "{name}");
        }
    }

    #[test]
    fn the_schemas_refuse_what_the_program_refuses() {
        let face = shipped_recipes()[0].1;
        for wrong in [
            face.replace("dataset", "datset"),
            face.replace("seed = 0", "seed = 'zero'"),
            face.replace("\"draft\"", "\"drafty\""),
            format!("{face}\n[overrides.camera.face]\npich_deg = 3"),
            format!("{face}\n[overrides.lighting]\ndark_share = 3"),
            format!(
                "{face}\n[overrides.eyes]\ncolor = {{ law = 'choice', shares = {{ teal = 1 }} }}"
            ),
            format!("{face}\n[overrides.person]\nage_years = {{ law = 'uniform', min = 20 }}"),
        ] {
            assert!(!mistakes_of("recipe", &wrong).is_empty(), "{wrong}");
        }
        let fine = format!("{face}\n[overrides.camera.face]\npitch_deg = 3");
        assert_eq!(mistakes_of("recipe", &fine), [""; 0]);
    }

    #[test]
    fn the_committed_schemas_are_those_of_the_types() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("json");
        for (name, text) in documents() {
            let path = folder.join(format!("{name}.schema.json"));
            let found = std::fs::read_to_string(&path).expect("a committed schema");
            assert_eq!(found, text, "{name}: run `cargo xtask schemas`");
        }
    }
}
