//! Owns every byte on disk: EXR sample, Parquet shard, manifest.
//!
//! ```text
//! Sample --write_sample--> <id>.exr --read_sample--> Sample
//!    | EncodedRow::encode
//!    v
//! EncodedRow --ShardWriter::push--> data/train-00017.parquet --ShardReader::row--> EncodedRow
//!                                                                 | decode
//!                                                                 v
//!                                                           StoredPlanes
//! ```
//!
//! What the values mean is said in [`bottega_schemas::plane`] and [`bottega_schemas::sample`]; the
//! files are described in `docs/formats.md`. The bytes depend on samples and plan alone: never on
//! time, threads, hash-map order, or the features of a build.

mod archive;
mod atomic;
pub mod cache;
mod canonical_json;
pub mod card;
mod checkpoint;
pub mod croissant;
pub mod dataset;
mod error;
mod exr;
mod exr_folder;
pub mod exr_sample;
pub mod layout;
pub mod loader;
mod lock;
mod loose_exr;
pub mod manifest;
pub mod measure;
mod pixels;
mod plane_codec;
mod plane_values;
mod png;
pub mod predictions;
mod preview;
#[cfg(feature = "sql")]
pub mod query;
pub mod sample;
pub mod shard;
pub mod synthetic;

pub use atomic::{write_atomically, write_large};
pub use dataset::{DatasetWriter, Documents, ShardTask};
pub use error::{FormatError, InRow, PlanMismatch};
pub use exr_folder::{ShardJob, shard_exr_folder};
pub use exr_sample::{
    read_plan, read_planes, read_sample, write_planes, write_sample, write_sample_of,
};
pub use loose_exr::{LooseValues, encode_loose_exr};
pub use manifest::{find_shards, read_manifest};
pub use measure::Measured;
pub use plane_codec::{Image, decode_direction, decode_distance, plane_attributes};
pub use plane_values::PlaneValues;
pub use predictions::{Prediction, read_predictions, write_predictions};
pub use sample::{Planes, Sample};
pub use shard::{
    EncodedRow, LabelColumn, LabelRow, NO_WORD, PlaneFile, RowPlane, RowValues, ShardFile,
    ShardInfo, ShardReader, ShardWriter, StoredPlanes,
};
