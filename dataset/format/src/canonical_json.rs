//! JSON in one spelling: keys sorted, no spaces, numbers shortest.

use std::collections::BTreeMap;

use serde_json::Value;

/// The document in canonical spelling, so that equal documents have equal hashes.
pub(crate) fn canonical_json(text: &str) -> Result<String, serde_json::Error> {
    let value: Value = serde_json::from_str(text)?;
    let mut out = String::with_capacity(text.len());
    write_value(&value, None, &mut out);
    Ok(out)
}

/// A document for people: keys sorted, indented, with a line feed at its end.
pub(crate) fn sorted_pretty_json<T: serde::Serialize>(document: &T) -> String {
    let value = serde_json::to_value(document).expect("our documents are plain data");
    let mut out = String::new();
    write_value(&value, Some(0), &mut out);
    out.push('\n');
    out
}

/// Sorts explicitly: whether `serde_json` keeps keys sorted depends on the features of a build.
///
/// `indent` is the depth of the value in an indented document.
fn write_value(value: &Value, indent: Option<usize>, out: &mut String) {
    let inner = indent.map(|depth| depth + 1);
    match value {
        Value::Array(items) if !items.is_empty() => {
            out.push('[');
            for (i, item) in items.iter().enumerate() {
                separate(i, inner, out);
                write_value(item, inner, out);
            }
            break_line(indent, out);
            out.push(']');
        }
        Value::Object(map) if !map.is_empty() => {
            let sorted: BTreeMap<_, _> = map.iter().collect();
            out.push('{');
            for (i, (key, item)) in sorted.into_iter().enumerate() {
                separate(i, inner, out);
                out.push_str(&Value::String(key.clone()).to_string());
                out.push_str(if inner.is_some() { ": " } else { ":" });
                write_value(item, inner, out);
            }
            break_line(indent, out);
            out.push('}');
        }
        leaf => out.push_str(&leaf.to_string()),
    }
}

fn separate(i: usize, indent: Option<usize>, out: &mut String) {
    if i > 0 {
        out.push(',');
    }
    break_line(indent, out);
}

fn break_line(indent: Option<usize>, out: &mut String) {
    if let Some(depth) = indent {
        out.push('\n');
        out.extend(std::iter::repeat_n("  ", depth));
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

    #[test]
    fn a_document_for_people_is_sorted_and_indented() {
        let document = serde_json::json!({ "b": [1, 2], "a": {}, "c": { "d": [] } });
        let text =
            "{\n  \"a\": {},\n  \"b\": [\n    1,\n    2\n  ],\n  \"c\": {\n    \"d\": []\n  }\n}\n";
        assert_eq!(sorted_pretty_json(&document), text);
    }
}
