//! What models say of samples: one row for each sample, model, task and metric.
//!
//! A flat Parquet file, usually `metadata/predictions.parquet`, with the columns `sample_id`,
//! `identity_id`, `model`, `task`, `metric`, `direction` (texts) and `value` (64-bit float).
//! `direction` says which is better, `lower` or `higher`; `identity_id` may be null or absent.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use arrow::array::{Array as _, ArrayRef, AsArray as _, Float64Array, RecordBatch, StringArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, Float64Type, Schema};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;

use crate::atomic::write_atomically;
use crate::error::FormatError;

/// Columns of texts that must be there.
pub(crate) const TEXTS: [&str; 5] = ["sample_id", "model", "task", "metric", "direction"];

/// One measured prediction.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Prediction {
    /// Name of the sample.
    pub sample_id: String,
    /// Name of its person; `None` where it is not known.
    pub identity_id: Option<String>,
    /// Name of the model.
    pub model: String,
    /// Task, such as `depth`, `normal` or `alpha`.
    pub task: String,
    /// Metric, such as `abs_rel`.
    pub metric: String,
    /// Whether a lower value is better.
    pub lower_is_better: bool,
    /// Value of the metric on this sample.
    pub value: f64,
}

/// Reads a file of predictions.
pub fn read_predictions(path: &Path) -> Result<Vec<Prediction>, FormatError> {
    let file = File::open(path).map_err(|error| FormatError::io("open", path, error))?;
    let read = || -> Result<Vec<Prediction>, FormatError> {
        let malformed = |error: &dyn std::fmt::Display| {
            FormatError::malformed("predictions", error.to_string())
        };
        let reader = ParquetRecordBatchReaderBuilder::try_new(file)
            .and_then(ParquetRecordBatchReaderBuilder::build)
            .map_err(|error| malformed(&error))?;
        let mut predictions = Vec::new();
        for batch in reader {
            read_batch(&batch.map_err(|error| malformed(&error))?, &mut predictions)?;
        }
        Ok(predictions)
    };
    read().map_err(|error| error.in_file(path))
}

fn read_batch(batch: &RecordBatch, out: &mut Vec<Prediction>) -> Result<(), FormatError> {
    let text = |name: &'static str| -> Result<StringArray, FormatError> {
        let array = batch
            .column_by_name(name)
            .ok_or(FormatError::MissingColumn { column: name })?;
        let array = cast(array, &DataType::Utf8);
        let array =
            array.map_err(|error| FormatError::malformed("predictions", error.to_string()))?;
        Ok(array.as_string::<i32>().clone())
    };
    let [sample_id, model, task, metric, direction] = TEXTS;
    let (sample_id, model, task) = (text(sample_id)?, text(model)?, text(task)?);
    let (metric, direction) = (text(metric)?, text(direction)?);
    let identity = batch
        .column_by_name("identity_id")
        .map(|_| text("identity_id"))
        .transpose()?;
    let value = batch
        .column_by_name("value")
        .ok_or(FormatError::MissingColumn { column: "value" })?;
    let value = cast(value, &DataType::Float64)
        .map_err(|error| FormatError::malformed("predictions", error.to_string()))?;
    let value = value.as_primitive::<Float64Type>();
    for row in 0..batch.num_rows() {
        let broken = |what: String| FormatError::malformed("predictions", what);
        let columns = [&sample_id, &model, &task, &metric, &direction];
        if columns.iter().any(|column| column.is_null(row)) || value.is_null(row) {
            return Err(broken(format!("row {} has a null", out.len())));
        }
        let lower_is_better = match direction.value(row) {
            "lower" => true,
            "higher" => false,
            other => {
                return Err(broken(format!(
                    "direction {other:?}, wanted \"lower\" or \"higher\""
                )));
            }
        };
        out.push(Prediction {
            sample_id: sample_id.value(row).to_owned(),
            identity_id: identity
                .as_ref()
                .filter(|column| !column.is_null(row))
                .map(|column| column.value(row).to_owned()),
            model: model.value(row).to_owned(),
            task: task.value(row).to_owned(),
            metric: metric.value(row).to_owned(),
            lower_is_better,
            value: value.value(row),
        });
    }
    Ok(())
}

/// Writes a file of predictions, in the order given.
pub fn write_predictions(path: &Path, predictions: &[Prediction]) -> Result<(), FormatError> {
    let malformed =
        |error: &dyn std::fmt::Display| FormatError::malformed("predictions", error.to_string());
    let text = |value: &dyn Fn(&Prediction) -> Option<String>| -> ArrayRef {
        Arc::new(predictions.iter().map(value).collect::<StringArray>())
    };
    let direction = |p: &Prediction| if p.lower_is_better { "lower" } else { "higher" };
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("sample_id", text(&|p| Some(p.sample_id.clone()))),
        ("identity_id", text(&|p| p.identity_id.clone())),
        ("model", text(&|p| Some(p.model.clone()))),
        ("task", text(&|p| Some(p.task.clone()))),
        ("metric", text(&|p| Some(p.metric.clone()))),
        ("direction", text(&|p| Some(direction(p).to_owned()))),
        (
            "value",
            Arc::new(
                predictions
                    .iter()
                    .map(|p| p.value)
                    .collect::<Float64Array>(),
            ),
        ),
    ];
    let field =
        |(name, array): &(&str, ArrayRef)| Field::new(*name, array.data_type().clone(), true);
    let schema = Arc::new(Schema::new(
        columns.iter().map(field).collect::<Vec<Field>>(),
    ));
    let arrays = columns.into_iter().map(|(_, array)| array).collect();
    let batch = RecordBatch::try_new(schema.clone(), arrays).map_err(|error| malformed(&error))?;
    let level = ZstdLevel::try_new(3).map_err(|error| malformed(&error))?;
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(level))
        .build();
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, schema, Some(properties))
        .map_err(|error| malformed(&error))?;
    writer.write(&batch).map_err(|error| malformed(&error))?;
    writer.close().map_err(|error| malformed(&error))?;
    write_atomically(path, &bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn predictions_come_back_as_they_were() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("predictions.parquet");
        let prediction = |index: usize| Prediction {
            sample_id: format!("a-{index:07}"),
            identity_id: (index.is_multiple_of(2)).then(|| "00ff".to_owned()),
            model: "dpt".into(),
            task: "depth".into(),
            metric: "abs_rel".into(),
            lower_is_better: index != 1,
            value: 0.25 * index as f64,
        };
        let predictions: Vec<Prediction> = (0..5).map(prediction).collect();
        write_predictions(&path, &predictions).unwrap();
        assert_eq!(read_predictions(&path).unwrap(), predictions);
    }

    #[test]
    fn a_file_that_is_none_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("predictions.parquet");
        std::fs::write(&path, "sample_id,value").unwrap();
        assert!(read_predictions(&path).is_err());
        assert!(read_predictions(&dir.path().join("absent.parquet")).is_err());
    }
}
