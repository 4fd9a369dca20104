//! Reads TOML documents so that every mistake is reported with the full path of its key.
//!
//! A deserializer over `toml::Value` whose errors gather the path on their way up and keep unknown
//! keys and words apart from other mistakes, so that a likely spelling can be suggested.

use std::fmt;
use std::path::Path;

use serde::de::{
    self, DeserializeOwned, DeserializeSeed, Deserializer, IntoDeserializer, MapAccess, SeqAccess,
    Visitor,
};
use serde::forward_to_deserialize_any;
use toml::Value;

use crate::error::SchemaError;
use crate::spelling;

/// Reads `table` as a `T`; `file` names the document in messages and `prefix` opens every path.
pub(crate) fn read<T: DeserializeOwned>(
    table: toml::Table,
    file: &str,
    prefix: &str,
) -> Result<T, SchemaError> {
    T::deserialize(Node(Value::Table(table))).map_err(|error| error.into_schema_error(file, prefix))
}

/// The text of the document at `path`.
pub(crate) fn read_text(path: &Path) -> Result<String, SchemaError> {
    std::fs::read_to_string(path).map_err(|source| SchemaError::Io {
        path: path.to_owned(),
        source,
    })
}

/// Parses TOML text into a table.
pub(crate) fn parse(text: &str, file: &str) -> Result<toml::Table, SchemaError> {
    text.parse()
        .map_err(|error: toml::de::Error| SchemaError::Syntax {
            file: file.into(),
            message: error.to_string().trim_end().into(),
        })
}

/// Lays `over` onto `base`: tables merge key by key, everything else is replaced. A table that
/// names a `law` is one value and is replaced as a whole.
pub(crate) fn merge(base: &mut toml::Table, over: toml::Table) {
    for (key, value) in over {
        match (base.get_mut(&key), value) {
            (Some(Value::Table(old)), Value::Table(new))
                if !old.contains_key("law") && !new.contains_key("law") =>
            {
                merge(old, new);
            }
            (_, value) => {
                base.insert(key, value);
            }
        }
    }
}

/// A mistake and where it is.
#[derive(Debug)]
struct Mistake {
    /// Keys from the innermost outwards.
    path: Vec<String>,
    problem: Problem,
}

#[derive(Debug)]
enum Problem {
    UnknownKey {
        key: String,
        known: &'static [&'static str],
    },
    Other(String),
}

impl Mistake {
    fn new(problem: Problem) -> Self {
        Self {
            path: Vec::new(),
            problem,
        }
    }

    fn under(mut self, key: &str) -> Self {
        self.path.push(key.to_owned());
        self
    }

    fn into_schema_error(mut self, file: &str, prefix: &str) -> SchemaError {
        if !prefix.is_empty() {
            self.path.push(prefix.to_owned());
        }
        self.path.reverse();
        let join = |path: &[String]| -> Box<str> {
            if path.is_empty() {
                "(top level)".into()
            } else {
                path.join(".").into()
            }
        };
        match self.problem {
            Problem::UnknownKey { key, known } => {
                let hint = hint(&key, known);
                self.path.push(key);
                SchemaError::UnknownKey {
                    file: file.into(),
                    key: join(&self.path),
                    hint: hint.into(),
                }
            }
            Problem::Other(message) => SchemaError::Invalid {
                file: file.into(),
                key: join(&self.path),
                message: message.into(),
            },
        }
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.problem {
            Problem::UnknownKey { key, known } => {
                write!(f, "unknown key `{key}`{}", hint(key, known))
            }
            Problem::Other(message) => f.write_str(message),
        }
    }
}

impl std::error::Error for Mistake {}

impl de::Error for Mistake {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::new(Problem::Other(message.to_string()))
    }

    fn unknown_field(field: &str, expected: &'static [&'static str]) -> Self {
        Self::new(Problem::UnknownKey {
            key: field.to_owned(),
            known: expected,
        })
    }

    fn unknown_variant(variant: &str, expected: &'static [&'static str]) -> Self {
        Self::custom(format_args!(
            "{variant:?} is not known{}",
            hint(variant, expected)
        ))
    }

    fn missing_field(field: &'static str) -> Self {
        Self::custom(format_args!("the key `{field}` is missing"))
    }

    fn duplicate_field(field: &'static str) -> Self {
        Self::custom(format_args!("the key `{field}` is given twice"))
    }
}

/// The likely spelling of `word`, or all known ones when none is near.
fn hint(word: &str, known: &[&str]) -> String {
    if known.is_empty() {
        return "; no key is allowed here".to_owned();
    }
    match spelling::nearest(word, known.iter().copied()) {
        Some(best) => format!("; did you mean `{best}`?"),
        None => format!("; allowed are {}", known.join(", ")),
    }
}

/// One value of the document.
struct Node(Value);

impl<'de> Deserializer<'de> for Node {
    type Error = Mistake;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mistake> {
        match self.0 {
            Value::String(text) => visitor.visit_string(text),
            Value::Integer(number) => visitor.visit_i64(number),
            Value::Float(number) => visitor.visit_f64(number),
            Value::Boolean(flag) => visitor.visit_bool(flag),
            Value::Datetime(date) => visitor.visit_string(date.to_string()),
            Value::Array(items) => visitor.visit_seq(Items {
                items: items.into_iter(),
                idx: 0,
            }),
            Value::Table(table) => visitor.visit_map(Entries {
                entries: table.into_iter(),
                pending: None,
            }),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mistake> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Mistake> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Mistake> {
        match self.0 {
            Value::String(text) => {
                let text: de::value::StringDeserializer<Mistake> = text.into_deserializer();
                text.deserialize_enum(name, variants, visitor)
            }
            other => Err(de::Error::custom(format_args!(
                "found {}, wanted one of {}",
                other.type_str(),
                variants.join(", ")
            ))),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}

struct Items {
    items: std::vec::IntoIter<Value>,
    idx: usize,
}

impl<'de> SeqAccess<'de> for Items {
    type Error = Mistake;

    fn next_element_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, Mistake> {
        let Some(value) = self.items.next() else {
            return Ok(None);
        };
        let idx = self.idx;
        self.idx += 1;
        seed.deserialize(Node(value))
            .map(Some)
            .map_err(|e| e.under(&idx.to_string()))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.items.len())
    }
}

struct Entries {
    entries: toml::map::IntoIter<String, Value>,
    pending: Option<(String, Value)>,
}

impl<'de> MapAccess<'de> for Entries {
    type Error = Mistake;

    fn next_key_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, Mistake> {
        let Some((key, value)) = self.entries.next() else {
            return Ok(None);
        };
        let found = seed.deserialize(key.clone().into_deserializer())?;
        self.pending = Some((key, value));
        Ok(Some(found))
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Mistake> {
        let (key, value) = self
            .pending
            .take()
            .ok_or_else(|| de::Error::custom("a value without a key"))?;
        seed.deserialize(Node(value)).map_err(|e| e.under(&key))
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code)]
    struct Outer {
        inner: Inner,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code)]
    struct Inner {
        subject_share: f64,
        list: Vec<u8>,
    }

    fn message(text: &str) -> String {
        read::<Outer>(parse(text, "x.toml").expect("valid TOML"), "x.toml", "")
            .expect_err("the document is wrong")
            .to_string()
    }

    #[test]
    fn a_misspelt_key_is_named_with_its_path_and_a_suggestion() {
        assert_eq!(
            message("[inner]\nsubject_shar = 0.5\nlist = []"),
            "x.toml: unknown key `inner.subject_shar`; did you mean `subject_share`?"
        );
    }

    #[test]
    fn a_wrong_value_is_named_with_its_path() {
        let found = message("[inner]\nsubject_share = 0.5\nlist = [1, 2, 300]");
        assert!(found.starts_with("x.toml: `inner.list.2`: "), "{found}");
        let found = message("[inner]\nlist = []");
        assert_eq!(found, "x.toml: `inner`: the key `subject_share` is missing");
    }

    #[test]
    fn merging_replaces_a_law_as_a_whole_and_other_tables_key_by_key() {
        let mut base = parse("[a]\nb = { law = 'x', p = 1 }\nc = 2", "").expect("valid");
        merge(
            &mut base,
            parse("[a]\nb = { law = 'y' }\nd = 3", "").expect("valid"),
        );
        let want = parse("[a]\nb = { law = 'y' }\nc = 2\nd = 3", "").expect("valid");
        assert_eq!(base, want);
    }
}
