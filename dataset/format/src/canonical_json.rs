//! JSON in one spelling: keys sorted, no spaces, numbers shortest.

use std::collections::BTreeMap;

use serde_json::Value;

/// The document in canonical spelling, so that equal documents have equal hashes.
pub(crate) fn canonical_json(text: &str) -> Result<String, serde_json::Error> {
    let value: Value = serde_json::from_str(text)?;
    let mut out = String::with_capacity(text.len());
    write_value(&value, &mut out);
    Ok(out)
}

/// Sorts explicitly: whether `serde_json` keeps keys sorted depends on the features of a build.
fn write_value(value: &Value, out: &mut String) {
    match value {
        Value::Array(items) => {
            out.push('[');
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                write_value(item, out);
            }
            out.push(']');
        }
        Value::Object(map) => {
            let sorted: BTreeMap<_, _> = map.iter().collect();
            out.push('{');
            for (i, (key, item)) in sorted.into_iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                out.push_str(&Value::String(key.clone()).to_string());
                out.push(':');
                write_value(item, out);
            }
            out.push('}');
        }
        leaf => out.push_str(&leaf.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spelling_does_not_matter() {
        let a = canonical_json(r#"{ "b": [1, 2.50], "a": {"y": "\u00e9", "x": null} }"#).unwrap();
        let b = canonical_json(r#"{"a":{"x":null,"y":"é"},"b":[1,2.5]}"#).unwrap();
        assert_eq!(a, b);
        assert_eq!(canonical_json(&a).unwrap(), a);
    }
}
