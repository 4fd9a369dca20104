//! SQL over datasets, by DataFusion: the feature `sql`.
//!
//! There are two tables. `samples` has a row for each sample of every shard: all labels, the scene
//! document, the stored hashes, the bytes of the planes, and `dataset`, where the sample lies.
//! `predictions` has the rows of `metadata/predictions.parquet`, where there is one. A column that
//! a shard was made without is null there.
//!
//! Nothing but questions is answered, and nothing but the given files is read: statements that
//! change or define something are refused, and no other file can be named. Memory is bounded;
//! nothing is written, not even to a temporary file. Arrow's types stay inside.

mod cell;
mod complaint;
mod files;

use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion::execution::SendableRecordBatchStream;
use datafusion::execution::disk_manager::{DiskManagerBuilder, DiskManagerMode};
use datafusion::execution::memory_pool::FairSpillPool;
use datafusion::execution::object_store::ObjectStoreUrl;
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::prelude::{SQLOptions, SessionConfig, SessionContext};
use futures::StreamExt as _;

use bottega_schemas::sample::COLUMNS;
use bottega_schemas::{Kind, Plane};

use crate::error::FormatError;
use crate::predictions;
use crate::shard::{TAIL, data_type, fixed_blobs};

use self::complaint::complain;
use self::files::{FileTable, Opening};

pub use self::cell::Cell;
pub use self::files::QueryFile;

/// Column of both tables that says which dataset a row is of.
pub const DATASET: &str = "dataset";

/// What a query may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QueryOptions {
    /// Threads.
    pub threads: usize,
    /// Bytes that sorting, grouping and joining may hold.
    pub memory_bytes: usize,
}

/// Datasets that can be asked.
pub struct Query {
    runtime: tokio::runtime::Runtime,
    context: SessionContext,
    memory_bytes: usize,
}

impl std::fmt::Debug for Query {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Query")
            .field("memory_bytes", &self.memory_bytes)
            .finish_non_exhaustive()
    }
}

impl Query {
    /// Prepares to ask the given shards, and the given files of predictions, if there are any.
    pub fn new(
        shards: Vec<QueryFile>,
        predictions: Vec<QueryFile>,
        options: QueryOptions,
    ) -> Result<Self, FormatError> {
        let threads = options.threads.max(1);
        let wrong = |error| complain(&error, options.memory_bytes);
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(threads)
            .build()
            .map_err(|error| FormatError::query(format!("cannot start the threads: {error}")))?;
        let disk = DiskManagerBuilder::default().with_mode(DiskManagerMode::Disabled);
        let environment = RuntimeEnvBuilder::new()
            .with_disk_manager_builder(disk)
            .with_memory_pool(Arc::new(FairSpillPool::new(options.memory_bytes)))
            .build_arc()
            .map_err(wrong)?;
        // The file system goes: the tables below read their own files, and nothing else may.
        environment
            .deregister_object_store(ObjectStoreUrl::local_filesystem().as_ref())
            .map_err(wrong)?;
        let config = SessionConfig::new()
            .with_target_partitions(threads)
            .with_information_schema(true);
        let context = SessionContext::new_with_config_rt(config, environment);
        let samples = FileTable::new(samples_schema(), shards, Opening::Shard, threads);
        context
            .register_table("samples", Arc::new(samples))
            .map_err(wrong)?;
        if !predictions.is_empty() {
            let table = FileTable::new(predictions_schema(), predictions, Opening::Any, threads);
            context
                .register_table("predictions", Arc::new(table))
                .map_err(wrong)?;
        }
        Ok(Self {
            runtime,
            context,
            memory_bytes: options.memory_bytes,
        })
    }

    /// Asks; the rows come as they are found.
    pub fn ask(&self, sql: &str) -> Result<Answer<'_>, FormatError> {
        let only_questions = SQLOptions::new()
            .with_allow_ddl(false)
            .with_allow_dml(false)
            .with_allow_statements(false);
        let start = async {
            let frame = self.context.sql_with_options(sql, only_questions).await?;
            frame.execute_stream().await
        };
        let stream = self
            .runtime
            .block_on(start)
            .map_err(|error| complain(&error, self.memory_bytes))?;
        let fields = stream.schema();
        Ok(Answer {
            query: self,
            columns: fields.fields().iter().map(|f| f.name().clone()).collect(),
            stream,
            batch: RecordBatch::new_empty(fields),
            row: 0,
        })
    }
}

/// The rows of an answer.
pub struct Answer<'a> {
    query: &'a Query,
    columns: Vec<String>,
    stream: SendableRecordBatchStream,
    batch: RecordBatch,
    row: usize,
}

impl std::fmt::Debug for Answer<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Answer")
            .field("columns", &self.columns)
            .finish_non_exhaustive()
    }
}

impl Answer<'_> {
    /// Names of the columns.
    pub fn columns(&self) -> &[String] {
        &self.columns
    }
}

impl Iterator for Answer<'_> {
    type Item = Result<Vec<Cell>, FormatError>;

    fn next(&mut self) -> Option<Self::Item> {
        while self.row == self.batch.num_rows() {
            match self.query.runtime.block_on(self.stream.next())? {
                Ok(batch) => (self.batch, self.row) = (batch, 0),
                Err(error) => return Some(Err(complain(&error, self.query.memory_bytes))),
            }
        }
        let row = self.row;
        self.row += 1;
        let cells = self.batch.columns().iter();
        Some(cells.map(|column| Cell::of(column, row)).collect())
    }
}

fn samples_schema() -> SchemaRef {
    let list = |item| DataType::List(Arc::new(Field::new("item", item, true)));
    let of_kind = |kind: Kind| match kind {
        // As plain as questions are.
        Kind::Category => DataType::Utf8,
        Kind::Matrix4 => list(DataType::Float64),
        kind => data_type(kind),
    };
    let labels = COLUMNS.iter().map(|c| (c.name, of_kind(c.kind)));
    let planes = fixed_blobs().chain(Plane::OPTIONAL.map(Plane::column));
    let planes = planes.map(|name| (name, DataType::Binary));
    let texts = TAIL.iter().map(|(name, _)| (*name, DataType::Utf8));
    let all = labels.chain(texts).chain(planes);
    schema_of(all.chain([(DATASET, DataType::Utf8)]))
}

fn predictions_schema() -> SchemaRef {
    let texts = predictions::TEXTS.iter().chain(["identity_id"].iter());
    let texts = texts.map(|name| (*name, DataType::Utf8));
    schema_of(texts.chain([("value", DataType::Float64), (DATASET, DataType::Utf8)]))
}

fn schema_of(columns: impl Iterator<Item = (&'static str, DataType)>) -> SchemaRef {
    let fields = columns.map(|(name, data_type)| Field::new(name, data_type, true));
    Arc::new(Schema::new(fields.collect::<Vec<Field>>()))
}
