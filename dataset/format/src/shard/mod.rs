//! The Parquet shard: one row a sample, labels as columns, planes as ordinary PNG and EXR files
//! inside cells, so that pyarrow, DuckDB, Polars and Hugging Face `datasets` read it unaided.
//!
//! Read [`row`] first (what a row is), then [`writer`] and [`reader`].

mod blob_pages;
mod columns;
mod hybrid;
pub mod label_columns;
mod label_pages;
mod layout;
mod page;
mod pread;
mod prefetch;
pub mod reader;
pub mod row;
pub mod row_parts;
pub mod writer;

pub(crate) use blob_pages::BlobPages;
pub use label_columns::{LabelColumn, NO_WORD};
pub use layout::ShardInfo;
pub(crate) use layout::{BlobKind, TAIL, blob_columns, n_identity_columns, writer_properties};
#[cfg(feature = "sql")]
pub(crate) use layout::{data_type, fixed_blobs};
pub(crate) use pread::{PositionedFile, WindowedRead};
#[cfg(feature = "sql")]
pub(crate) use reader::guard;
pub use reader::{LabelRow, ShardReader};
pub use row::{EncodedRow, StoredPlanes};
pub use row_parts::{PlaneFile, RowPlane, RowValues};
pub use writer::{ShardFile, ShardWriter};
