//! Every type that crosses a file or a process.

pub mod audit;
pub mod column;
pub mod distribution;
mod document;
pub mod error;
pub mod face_unit;
pub mod framing;
pub mod index;
#[cfg(feature = "json-schema")]
pub mod json_schema;
pub mod label_spec;
pub mod labels;
pub mod manifest;
pub mod model_config;
pub mod model_size;
pub mod params;
pub mod part;
pub mod plane;
pub mod points;
pub mod sample;
pub mod scene_spec;
pub mod seed;
pub mod shard_schema;
pub mod spelling;
pub mod train;

pub use audit::{AuditConfig, AuditReport};
pub use column::{Column, Group, Kind, Value};
pub use error::SchemaError;
pub use framing::Framing;
pub use label_spec::{GlassLabels, HairNormals, LabelSpec};
pub use manifest::{DatasetPlan, Manifest, ShardEntry};
pub use model_config::{ModelConfig, ModelSize, Task};
pub use params::SceneParams;
pub use part::Part;
pub use plane::{OptionalPlanes, Plane, PlaneEncoding};
pub use sample::SampleMeta;
pub use scene_spec::{Quality, QualityPreset, SceneSpec};
pub use seed::Seed;
pub use train::TrainConfig;
