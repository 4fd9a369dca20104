//! One value of an answer, without Arrow's types.

use std::fmt;

use arrow::array::{Array, ArrayRef, AsArray as _};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Float32Type, Float64Type, Int64Type, UInt64Type};
use arrow::util::display::{ArrayFormatter, FormatOptions};
use serde::ser::{Serialize, SerializeMap as _, SerializeSeq as _, Serializer};

use crate::error::FormatError;

/// A value.
///
/// As JSON it is what one expects; infinities are the texts `inf` and `-inf`, NaN is null, and
/// bytes are `{"bytes": n}`, since pixels belong into no answer.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// Not known.
    Null,
    /// A truth value.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A whole number without sign.
    Uint(u64),
    /// A number of 32 bits, whose shortest digits are fewer.
    Single(f32),
    /// A number.
    Float(f64),
    /// A text.
    Text(String),
    /// That many bytes.
    Bytes(usize),
    /// Several values.
    List(Vec<Self>),
    /// Named values.
    Record(Vec<(String, Self)>),
}

impl Cell {
    /// The value of a row of a column.
    pub(super) fn of(column: &ArrayRef, row: usize) -> Result<Self, FormatError> {
        let wrong = |error: arrow::error::ArrowError| FormatError::query(error.to_string());
        if column.is_null(row) {
            return Ok(Self::Null);
        }
        let kind = column.data_type();
        let one = || column.slice(row, 1);
        Ok(match kind {
            DataType::Null => Self::Null,
            DataType::Boolean => Self::Bool(column.as_boolean().value(row)),
            DataType::UInt64 => Self::Uint(column.as_primitive::<UInt64Type>().value(row)),
            kind if kind.is_integer() => {
                let one = cast(&one(), &DataType::Int64).map_err(wrong)?;
                Self::Int(one.as_primitive::<Int64Type>().value(0))
            }
            DataType::Float32 => Self::Single(column.as_primitive::<Float32Type>().value(row)),
            DataType::Float64 => Self::Float(column.as_primitive::<Float64Type>().value(row)),
            DataType::Utf8 => Self::Text(column.as_string::<i32>().value(row).to_owned()),
            DataType::LargeUtf8 | DataType::Utf8View | DataType::Dictionary(_, _) => {
                let one = cast(&one(), &DataType::Utf8).map_err(wrong)?;
                Self::of(&one, 0)?
            }
            DataType::Binary => Self::Bytes(column.as_binary::<i32>().value(row).len()),
            DataType::LargeBinary => Self::Bytes(column.as_binary::<i64>().value(row).len()),
            DataType::BinaryView => Self::Bytes(column.as_binary_view().value(row).len()),
            DataType::FixedSizeBinary(n) => Self::Bytes(*n as usize),
            DataType::List(_) => Self::items(&column.as_list::<i32>().value(row))?,
            DataType::LargeList(_) => Self::items(&column.as_list::<i64>().value(row))?,
            DataType::FixedSizeList(_, _) => Self::items(&column.as_fixed_size_list().value(row))?,
            DataType::Struct(fields) => {
                let columns = column.as_struct().columns().iter();
                let named = fields
                    .iter()
                    .zip(columns)
                    .map(|(field, column)| Ok((field.name().clone(), Self::of(column, row)?)));
                Self::Record(named.collect::<Result<_, FormatError>>()?)
            }
            // Dates, durations, decimals: as Arrow writes them.
            _ => {
                let options = FormatOptions::default();
                let text = ArrayFormatter::try_new(column, &options).map_err(wrong)?;
                Self::Text(text.value(row).try_to_string().map_err(wrong)?)
            }
        })
    }

    fn items(items: &ArrayRef) -> Result<Self, FormatError> {
        let items = (0..items.len()).map(|i| Self::of(items, i));
        Ok(Self::List(items.collect::<Result<_, FormatError>>()?))
    }

    /// Whether it is a number, which tables put to the right.
    pub fn is_number(&self) -> bool {
        matches!(
            self,
            Self::Int(_) | Self::Uint(_) | Self::Single(_) | Self::Float(_)
        )
    }
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => Ok(()),
            Self::Bool(v) => write!(f, "{v}"),
            Self::Int(v) => write!(f, "{v}"),
            Self::Uint(v) => write!(f, "{v}"),
            Self::Single(v) => write!(f, "{v}"),
            Self::Float(v) => write!(f, "{v}"),
            Self::Text(v) => f.write_str(v),
            Self::Bytes(n) => write!(f, "{n} bytes"),
            Self::List(items) => {
                f.write_str("[")?;
                for (i, item) in items.iter().enumerate() {
                    write!(f, "{}{item}", if i == 0 { "" } else { ", " })?;
                }
                f.write_str("]")
            }
            Self::Record(fields) => {
                f.write_str("{")?;
                for (i, (name, value)) in fields.iter().enumerate() {
                    write!(f, "{}{name}: {value}", if i == 0 { "" } else { ", " })?;
                }
                f.write_str("}")
            }
        }
    }
}

impl Serialize for Cell {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let number = |serializer: S, v: f64| match v {
            v if v == f64::INFINITY => serializer.serialize_str("inf"),
            v if v == f64::NEG_INFINITY => serializer.serialize_str("-inf"),
            v if v.is_nan() => serializer.serialize_unit(),
            v => serializer.serialize_f64(v),
        };
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(v) => serializer.serialize_bool(*v),
            Self::Int(v) => serializer.serialize_i64(*v),
            Self::Uint(v) => serializer.serialize_u64(*v),
            Self::Single(v) if v.is_finite() => serializer.serialize_f32(*v),
            Self::Single(v) => number(serializer, f64::from(*v)),
            Self::Float(v) => number(serializer, *v),
            Self::Text(v) => serializer.serialize_str(v),
            Self::Bytes(n) => {
                let mut map = serializer.serialize_map(Some(1))?;
                map.serialize_entry("bytes", n)?;
                map.end()
            }
            Self::List(items) => {
                let mut list = serializer.serialize_seq(Some(items.len()))?;
                for item in items {
                    list.serialize_element(item)?;
                }
                list.end()
            }
            Self::Record(fields) => {
                let mut map = serializer.serialize_map(Some(fields.len()))?;
                for (name, value) in fields {
                    map.serialize_entry(name, value)?;
                }
                map.end()
            }
        }
    }
}
