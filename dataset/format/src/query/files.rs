//! A table of Parquet files: reads the columns that a query asks for, file by file.
//!
//! A file that lacks a column has nulls in it; a column of another width is cast. A picture is the
//! bytes of its file.

use std::path::PathBuf;
use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray as _, RecordBatch, RecordBatchOptions};
use arrow::array::{StringArray, new_null_array};
use arrow::compute::cast;
use arrow::datatypes::{DataType, SchemaRef};
use async_trait::async_trait;
use datafusion::catalog::{Session, TableProvider};
use datafusion::error::{DataFusionError, Result as QueryResult};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::logical_expr::{Expr, TableType};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::streaming::{PartitionStream, StreamingTableExec};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader,
    ParquetRecordBatchReaderBuilder,
};

use super::DATASET;
use crate::error::FormatError;
use crate::shard::{PositionedFile, ShardReader, guard};

/// Rows in memory at once: labels, and pixels, of which one row is as large as a thousand labels.
const LABEL_ROWS: usize = 4096;
const PIXEL_ROWS: usize = 32;

/// A file of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueryFile {
    /// Where it is.
    pub path: PathBuf,
    /// The dataset that it is of, as the column `dataset` says it.
    pub dataset: String,
}

/// What a file must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Opening {
    /// A shard, with the columns that shards have.
    Shard,
    /// Any Parquet file.
    Any,
}

/// A table of files.
#[derive(Debug)]
pub(super) struct FileTable {
    schema: SchemaRef,
    files: Arc<[QueryFile]>,
    opening: Opening,
    parts: usize,
}

impl FileTable {
    pub(super) fn new(
        schema: SchemaRef,
        files: Vec<QueryFile>,
        opening: Opening,
        threads: usize,
    ) -> Self {
        Self {
            schema,
            parts: threads.min(files.len()).max(1),
            files: files.into(),
            opening,
        }
    }
}

#[async_trait]
impl TableProvider for FileTable {
    fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    async fn scan(
        &self,
        _: &dyn Session,
        projection: Option<&Vec<usize>>,
        _: &[Expr],
        limit: Option<usize>,
    ) -> QueryResult<Arc<dyn ExecutionPlan>> {
        let schema = match projection {
            Some(columns) => Arc::new(self.schema.project(columns)?),
            None => self.schema.clone(),
        };
        let part = |first: usize| -> Arc<dyn PartitionStream> {
            Arc::new(Part {
                schema: schema.clone(),
                files: self.files.clone(),
                opening: self.opening,
                first,
                step: self.parts,
            })
        };
        let parts = (0..self.parts).map(part).collect();
        let plan = StreamingTableExec::try_new(schema.clone(), parts, None, [], false, limit)?;
        Ok(Arc::new(plan))
    }
}

/// Every n-th file of a table.
#[derive(Clone, Debug)]
struct Part {
    schema: SchemaRef,
    files: Arc<[QueryFile]>,
    opening: Opening,
    first: usize,
    step: usize,
}

impl PartitionStream for Part {
    fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    fn execute(&self, _: Arc<TaskContext>) -> SendableRecordBatchStream {
        let batches = Batches {
            part: self.clone(),
            next: self.first,
            open: None,
        };
        let batches =
            batches.map(|batch| batch.map_err(|error| DataFusionError::External(Box::new(error))));
        Box::pin(RecordBatchStreamAdapter::new(
            self.schema.clone(),
            futures::stream::iter(batches),
        ))
    }
}

/// Reads the files of a part one after the other.
struct Batches {
    part: Part,
    next: usize,
    open: Option<OpenFile>,
}

struct OpenFile {
    file: QueryFile,
    rows_left: usize,
    /// Absent where the query needs no column of the file.
    reader: Option<ParquetRecordBatchReader>,
}

impl Iterator for Batches {
    type Item = Result<RecordBatch, FormatError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(open) = &mut self.open {
                match open.next(&self.part.schema).transpose() {
                    Some(batch) => return Some(batch),
                    None => self.open = None,
                }
            }
            let file = self.part.files.get(self.next)?.clone();
            self.next += self.part.step;
            match OpenFile::new(file, self.part.opening, &self.part.schema) {
                Ok(open) => self.open = Some(open),
                Err(error) => return Some(Err(error)),
            }
        }
    }
}

impl OpenFile {
    fn new(file: QueryFile, opening: Opening, schema: &SchemaRef) -> Result<Self, FormatError> {
        let path = file.path.as_path();
        let (source, metadata) = match opening {
            Opening::Shard => {
                let reader = ShardReader::open_for_labels(path)?;
                (reader.file().clone(), reader.arrow_metadata().clone())
            }
            Opening::Any => {
                let source = PositionedFile::open(path)
                    .map_err(|error| FormatError::io("open", path, error))?;
                let metadata = guard(path, || {
                    ArrowReaderMetadata::load(&source, ArrowReaderOptions::new())
                        .map_err(|error| FormatError::malformed("file", error.to_string()))
                })?;
                (source, metadata)
            }
        };
        let rows = usize::try_from(metadata.metadata().file_metadata().num_rows()).unwrap_or(0);
        let found = metadata.schema().fields().iter().enumerate();
        let roots: Vec<usize> = found
            .filter(|(_, field)| schema.index_of(field.name()).is_ok())
            .map(|(root, _)| root)
            .collect();
        let has_pixels = schema
            .fields()
            .iter()
            .any(|f| *f.data_type() == DataType::Binary);
        let reader = guard(path, || {
            if roots.is_empty() {
                return Ok(None);
            }
            let mask = ProjectionMask::roots(metadata.parquet_schema(), roots.iter().copied());
            ParquetRecordBatchReaderBuilder::new_with_metadata(source, metadata.clone())
                .with_projection(mask)
                .with_batch_size(if has_pixels { PIXEL_ROWS } else { LABEL_ROWS })
                .build()
                .map(Some)
                .map_err(|error| FormatError::malformed("file", error.to_string()))
        })?;
        Ok(Self {
            file,
            rows_left: rows,
            reader,
        })
    }

    /// The next rows, as the table has them.
    fn next(&mut self, schema: &SchemaRef) -> Result<Option<RecordBatch>, FormatError> {
        let path = self.file.path.clone();
        let Some(reader) = &mut self.reader else {
            let rows = self.rows_left.min(LABEL_ROWS);
            self.rows_left -= rows;
            return (rows > 0)
                .then(|| self.as_table(None, rows, schema))
                .transpose();
        };
        let found = guard(&path, || {
            let batch = reader.next().transpose();
            batch.map_err(|error| FormatError::malformed("file", error.to_string()))
        })?;
        let Some(found) = found else {
            return Ok(None);
        };
        let rows = found.num_rows();
        let batch = self.as_table(Some(&found), rows, schema);
        batch.map(Some).map_err(|error| error.in_file(&path))
    }

    fn as_table(
        &self,
        found: Option<&RecordBatch>,
        rows: usize,
        schema: &SchemaRef,
    ) -> Result<RecordBatch, FormatError> {
        let wrong =
            |error: arrow::error::ArrowError| FormatError::malformed("file", error.to_string());
        let mut columns: Vec<ArrayRef> = Vec::with_capacity(schema.fields().len());
        for field in schema.fields() {
            let column = found.and_then(|batch| batch.column_by_name(field.name()));
            columns.push(match column {
                Some(column) => {
                    // A picture is a structure of bytes and path.
                    let picture = column.as_struct_opt();
                    let bytes = picture.and_then(|picture| picture.column_by_name("bytes"));
                    cast(bytes.unwrap_or(column), field.data_type()).map_err(wrong)?
                }
                None if field.name() == DATASET => {
                    let names = std::iter::repeat_n(Some(self.file.dataset.as_str()), rows);
                    Arc::new(names.collect::<StringArray>())
                }
                None => new_null_array(field.data_type(), rows),
            });
        }
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        RecordBatch::try_new_with_options(schema.clone(), columns, &options).map_err(wrong)
    }
}
