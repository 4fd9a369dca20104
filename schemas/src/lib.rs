//! Every type that crosses a file or a process.

pub mod column;
pub mod framing;
pub mod manifest;
pub mod params;
pub mod part;
pub mod plane;
pub mod sample;
pub mod seed;
pub mod shard_schema;

pub use column::{Column, Group, Kind, Value};
pub use framing::Framing;
pub use manifest::{DatasetPlan, Manifest, ShardEntry};
pub use params::SceneParams;
pub use part::Part;
pub use plane::{OptionalPlanes, Plane};
pub use sample::SampleMeta;
pub use seed::Seed;
