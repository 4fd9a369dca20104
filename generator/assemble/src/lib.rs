//! Recipe to numbers to scene to planes to sample; the asset pack; job ranges.

pub mod assets;
pub mod bench_scene;
pub mod build_scene;
mod card;
pub mod cost;
pub mod denoise;
pub mod develop;
pub mod draw;
mod error;
pub mod gltf_scene;
pub mod job;
pub mod label_planes;
pub mod lighting;
pub mod materials;
pub mod motion;
pub mod place_camera;
pub mod point_labels;
pub mod studio;
pub mod to_sample;

pub use error::AssembleError;
pub use label_planes::LabelOrder;
pub use studio::{Rendered, StageTimes, Studio};
