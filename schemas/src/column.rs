//! What a column of a shard is: its name, type, unit and meaning.
//!
//! The columns of a sample are listed once, in `sample.rs`; writer, reader, validator, statistics
//! and documentation all walk that list.

/// Type of the values of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Free text.
    Text,
    /// Text from a small vocabulary, stored with a dictionary.
    Category,
    /// True or false.
    Bool,
    /// 8-bit signed integer.
    I8,
    /// 32-bit signed integer.
    I32,
    /// 64-bit signed integer.
    I64,
    /// 32-bit float.
    F32,
    /// 64-bit float.
    F64,
    /// List of 32-bit floats.
    F32List,
    /// List of 8-bit signed integers.
    I8List,
    /// List of texts.
    TextList,
    /// 4 x 4 matrix of 64-bit floats, row-major.
    Matrix4,
}

/// What a column speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    /// Which sample this is.
    Identity,
    /// The final camera.
    Camera,
    /// The sampled person.
    Subject,
    /// Sampled circumstances that should be independent of the person.
    Nuisance,
    /// Joints and landmarks of the person.
    Points,
    /// Measured on the stored planes.
    Measured,
    /// What made the sample.
    Provenance,
}

/// One column of a sample's labels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    /// Name, in files and in code.
    pub name: &'static str,
    /// Type of its values.
    pub kind: Kind,
    /// Unit of its values; empty where there is none.
    pub unit: &'static str,
    /// Meaning, in a sentence.
    pub desc: &'static str,
    /// What it speaks of.
    pub group: Group,
    /// Whether a generated sample must have it; imported samples may lack labels.
    pub required: bool,
    /// Whether it names a sensitive attribute of the person.
    pub sensitive: bool,
    /// Declared vocabulary of a category; empty where it is open.
    pub vocabulary: &'static [&'static str],
}

/// Whether a generated sample must have a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Need {
    /// It must.
    Required,
    /// It may lack it.
    Optional,
}

impl Need {
    pub(crate) const fn is_required(self) -> bool {
        matches!(self, Self::Required)
    }
}

/// Whether a column names a sensitive attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Care {
    /// It does.
    Sensitive,
    /// It does not.
    Open,
}

impl Care {
    pub(crate) const fn is_sensitive(self) -> bool {
        matches!(self, Self::Sensitive)
    }
}

/// A value of any column.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Nothing known.
    Null,
    /// Text or category.
    Text(String),
    /// True or false.
    Bool(bool),
    /// Integer of any width.
    Int(i64),
    /// 32-bit float.
    F32(f32),
    /// 64-bit float.
    F64(f64),
    /// List of 32-bit floats.
    F32List(Vec<f32>),
    /// List of 8-bit signed integers.
    I8List(Vec<i8>),
    /// List of texts.
    TextList(Vec<String>),
    /// 4 x 4 matrix, row-major.
    Matrix4([f64; 16]),
}

impl Value {
    /// The value as a number, where it is one.
    pub fn as_f64(&self) -> Option<f64> {
        match *self {
            Self::Int(v) => Some(v as f64),
            Self::F32(v) => Some(f64::from(v)),
            Self::F64(v) => Some(v),
            Self::Bool(v) => Some(f64::from(u8::from(v))),
            _ => None,
        }
    }

    /// The value as text, where it is text.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(v) => Some(v),
            _ => None,
        }
    }

    /// Whether every number of it is finite.
    pub fn is_finite(&self) -> bool {
        match self {
            Self::F32(v) => v.is_finite(),
            Self::F64(v) => v.is_finite(),
            Self::F32List(v) => v.iter().all(|v| v.is_finite()),
            Self::Matrix4(v) => v.iter().all(|v| v.is_finite()),
            _ => true,
        }
    }
}

/// A field of `SampleMeta`: goes into a [`Value`] and comes back.
pub(crate) trait ScalarField: Sized {
    /// The value of a column.
    fn to_value(&self) -> Value;
    /// The field; `None` if the value is of another type.
    fn from_value(value: Value) -> Option<Self>;
}

macro_rules! scalar_field {
    ($type:ty, $value:ident => $to:expr, $pattern:pat => $from:expr) => {
        impl ScalarField for $type {
            fn to_value(&self) -> Value {
                let $value = self;
                $to
            }
            fn from_value(value: Value) -> Option<Self> {
                match value {
                    $pattern => $from,
                    _ => None,
                }
            }
        }
    };
}

scalar_field!(String, v => Value::Text(v.clone()), Value::Text(v) => Some(v));
scalar_field!(bool, v => Value::Bool(*v), Value::Bool(v) => Some(v));
scalar_field!(i8, v => Value::Int(i64::from(*v)), Value::Int(v) => Self::try_from(v).ok());
scalar_field!(i32, v => Value::Int(i64::from(*v)), Value::Int(v) => Self::try_from(v).ok());
scalar_field!(i64, v => Value::Int(*v), Value::Int(v) => Some(v));
scalar_field!(f32, v => Value::F32(*v), Value::F32(v) => Some(v));
scalar_field!(f64, v => Value::F64(*v), Value::F64(v) => Some(v));
scalar_field!(Vec<f32>, v => Value::F32List(v.clone()), Value::F32List(v) => Some(v));
scalar_field!(Vec<i8>, v => Value::I8List(v.clone()), Value::I8List(v) => Some(v));
scalar_field!(Vec<String>, v => Value::TextList(v.clone()), Value::TextList(v) => Some(v));
scalar_field!([f64; 16], v => Value::Matrix4(*v), Value::Matrix4(v) => Some(v));

impl<T: ScalarField> ScalarField for Option<T> {
    fn to_value(&self) -> Value {
        self.as_ref().map_or(Value::Null, T::to_value)
    }

    fn from_value(value: Value) -> Option<Self> {
        match value {
            Value::Null => Some(None),
            value => T::from_value(value).map(Some),
        }
    }
}
