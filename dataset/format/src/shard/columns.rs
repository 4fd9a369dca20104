//! Labels between [`Value`]s and Arrow arrays.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray as _, BooleanArray, DictionaryArray, FixedSizeListArray,
    FixedSizeListBuilder, Float32Array, Float32Builder, Float64Array, Float64Builder, Int8Array,
    Int8Builder, Int32Array, Int64Array, ListBuilder, StringArray, StringBuilder,
};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Float32Type, Float64Type, Int8Type, Int32Type, Int64Type};

use bottega_schemas::{Column, Kind, Value};

use crate::error::FormatError;
use crate::shard::layout::data_type;

/// The array of a column; a value of another type is stored as null, which [`SampleMeta`]'s types
/// rule out.
///
/// [`SampleMeta`]: bottega_schemas::SampleMeta
pub(crate) fn to_array(kind: Kind, values: &[Value]) -> ArrayRef {
    let text = |value: &Value| value.as_text().map(str::to_owned);
    let int = |value: &Value| match value {
        Value::Int(v) => Some(*v),
        _ => None,
    };
    match kind {
        Kind::Text => Arc::new(values.iter().map(text).collect::<StringArray>()),
        Kind::Category => {
            let texts: Vec<Option<&str>> = values.iter().map(Value::as_text).collect();
            Arc::new(texts.into_iter().collect::<DictionaryArray<Int32Type>>())
        }
        Kind::Bool => {
            let bool = |value: &Value| match value {
                Value::Bool(v) => Some(*v),
                _ => None,
            };
            Arc::new(values.iter().map(bool).collect::<BooleanArray>())
        }
        Kind::I8 => Arc::new(
            values
                .iter()
                .map(|v| int(v).map(|v| v as i8))
                .collect::<Int8Array>(),
        ),
        Kind::I32 => Arc::new(
            values
                .iter()
                .map(|v| int(v).map(|v| v as i32))
                .collect::<Int32Array>(),
        ),
        Kind::I64 => Arc::new(values.iter().map(int).collect::<Int64Array>()),
        Kind::F32 => {
            let float = |value: &Value| match value {
                Value::F32(v) => Some(*v),
                _ => None,
            };
            Arc::new(values.iter().map(float).collect::<Float32Array>())
        }
        Kind::F64 => {
            let float = |value: &Value| match value {
                Value::F64(v) => Some(*v),
                _ => None,
            };
            Arc::new(values.iter().map(float).collect::<Float64Array>())
        }
        Kind::F32List => {
            let mut builder = ListBuilder::new(Float32Builder::new());
            for value in values {
                if let Value::F32List(items) = value {
                    builder.values().append_slice(items);
                }
                builder.append(matches!(value, Value::F32List(_)));
            }
            Arc::new(builder.finish())
        }
        Kind::I8List => {
            let mut builder = ListBuilder::new(Int8Builder::new());
            for value in values {
                if let Value::I8List(items) = value {
                    builder.values().append_slice(items);
                }
                builder.append(matches!(value, Value::I8List(_)));
            }
            Arc::new(builder.finish())
        }
        Kind::TextList => {
            let mut builder = ListBuilder::new(StringBuilder::new());
            for value in values {
                if let Value::TextList(items) = value {
                    items
                        .iter()
                        .for_each(|item| builder.values().append_value(item));
                }
                builder.append(matches!(value, Value::TextList(_)));
            }
            Arc::new(builder.finish())
        }
        Kind::Matrix4 => {
            let mut builder = FixedSizeListBuilder::new(Float64Builder::new(), 16);
            for value in values {
                match value {
                    Value::Matrix4(items) => builder.values().append_slice(items),
                    _ => builder.values().append_nulls(16),
                }
                builder.append(matches!(value, Value::Matrix4(_)));
            }
            let array: FixedSizeListArray = builder.finish();
            Arc::new(array)
        }
    }
}

/// Whether a file's column can be read as this kind; other writers choose other widths and
/// dictionaries.
pub(crate) fn check_type(column: &Column, found: &DataType) -> Result<(), FormatError> {
    let plain = match found {
        DataType::Dictionary(_, values) => values,
        found => found,
    };
    let fits = match column.kind {
        Kind::Text | Kind::Category => {
            matches!(
                plain,
                DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View
            )
        }
        Kind::Bool => *plain == DataType::Boolean,
        Kind::I8 | Kind::I32 | Kind::I64 => plain.is_integer(),
        Kind::F32 | Kind::F64 => plain.is_floating(),
        Kind::F32List | Kind::I8List | Kind::TextList | Kind::Matrix4 => matches!(
            plain,
            DataType::List(_) | DataType::LargeList(_) | DataType::FixedSizeList(_, _)
        ),
    };
    if fits {
        return Ok(());
    }
    Err(FormatError::WrongColumn {
        column: column.name,
        expected: data_type(column.kind).to_string().into(),
        found: found.to_string().into(),
    })
}

/// The values of an array of a checked type.
pub(crate) fn from_array(column: &Column, array: &ArrayRef) -> Result<Vec<Value>, FormatError> {
    let wrong = |error: arrow::error::ArrowError| {
        FormatError::malformed("shard", format!("column {}: {error}", column.name))
    };
    let cast_to = |data_type: DataType| cast(array, &data_type).map_err(wrong);
    let n_rows = array.len();
    let mut values = Vec::with_capacity(n_rows);
    match column.kind {
        Kind::Text | Kind::Category => {
            let array = cast_to(DataType::Utf8)?;
            let array = array.as_string::<i32>();
            values.extend(array.iter().map(|v| match v {
                Some(text) => Value::Text(text.to_owned()),
                None => Value::Null,
            }));
        }
        Kind::Bool => {
            let array = cast_to(DataType::Boolean)?;
            values.extend(
                array
                    .as_boolean()
                    .iter()
                    .map(|v| v.map_or(Value::Null, Value::Bool)),
            );
        }
        Kind::I8 | Kind::I32 | Kind::I64 => {
            let array = cast_to(DataType::Int64)?;
            let array = array.as_primitive::<Int64Type>();
            values.extend(array.iter().map(|v| v.map_or(Value::Null, Value::Int)));
        }
        Kind::F32 => {
            let array = cast_to(DataType::Float32)?;
            let array = array.as_primitive::<Float32Type>();
            values.extend(array.iter().map(|v| v.map_or(Value::Null, Value::F32)));
        }
        Kind::F64 => {
            let array = cast_to(DataType::Float64)?;
            let array = array.as_primitive::<Float64Type>();
            values.extend(array.iter().map(|v| v.map_or(Value::Null, Value::F64)));
        }
        Kind::F32List | Kind::I8List | Kind::TextList | Kind::Matrix4 => {
            let item = match column.kind {
                Kind::F32List => DataType::Float32,
                Kind::I8List => DataType::Int8,
                Kind::TextList => DataType::Utf8,
                _ => DataType::Float64,
            };
            let item = Arc::new(arrow::datatypes::Field::new("item", item, true));
            let array = cast_to(DataType::List(item))?;
            let array = array.as_list::<i32>();
            for row in 0..n_rows {
                values.push(if array.is_null(row) {
                    Value::Null
                } else {
                    list_value(column, &array.value(row))?
                });
            }
        }
    }
    Ok(values)
}

fn list_value(column: &Column, items: &ArrayRef) -> Result<Value, FormatError> {
    let malformed = |reason: String| {
        FormatError::malformed("shard", format!("column {}: {reason}", column.name))
    };
    if items.null_count() > 0 {
        return Err(malformed("a list has a null item".into()));
    }
    match column.kind {
        Kind::F32List => Ok(Value::F32List(
            items.as_primitive::<Float32Type>().values().to_vec(),
        )),
        Kind::I8List => Ok(Value::I8List(
            items.as_primitive::<Int8Type>().values().to_vec(),
        )),
        Kind::TextList => {
            let items = items.as_string::<i32>().iter().flatten().map(str::to_owned);
            Ok(Value::TextList(items.collect()))
        }
        _ => {
            let items = items.as_primitive::<Float64Type>().values();
            let matrix: [f64; 16] = items
                .as_ref()
                .try_into()
                .map_err(|_| malformed(format!("{} numbers, wanted 16", items.len())))?;
            Ok(Value::Matrix4(matrix))
        }
    }
}
