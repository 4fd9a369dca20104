//! The DPT-resizer model on LibTorch: a vision transformer that sees the picture small, a
//! convolutional encoder that sees it at its own size, a decoder that joins them, and a head for
//! each of depth, normals and soft alpha (DAViD, ICCV 2025).
//!
//! ```text
//! shards -- bottega_format::loader --> samples -- data --> Batch
//!    Batch -- model --> Outputs -- loss --> gradients -- optim --> weights -- checkpoint --> disk
//!    weights -- export --> safetensors, ONNX        weights + photo -- predict --> planes
//! ```
//!
//! Inside, pictures are RGB in \[0, 1\], `N x C x H x W`; depth is in metres, normals are unit
//! vectors in camera space. This is the only crate that knows LibTorch.

pub mod benchmark;
pub mod checkpoint;
pub mod collective;
pub mod data;
pub mod error;
pub mod evaluate;
pub mod export;
pub mod loss;
pub mod model;
pub mod observe;
pub mod optim;
pub mod predict;
pub mod train;
pub mod weights;

pub use error::TrainError;
pub use train::is_out_of_memory;
