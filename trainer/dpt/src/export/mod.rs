//! Gives a trained model to others: safetensors, and ONNX with the contract of the published
//! runtime. No LibTorch is needed; what is exported is a configuration and named tensors.
//!
//! ```text
//! weights::Tensors + ModelCard --> weights::write_safetensors
//!                              +-> write_onnx: config + tensors -> graph -> file
//! ```
//!
//! The contract, and what is folded into the graph to meet it, is in `docs/export.md`.

mod card;
pub mod onnx;

pub use card::{DepthSign, ModelCard, NORMALIZATION};
pub use onnx::{OnnxReport, onnx_bytes, write_onnx};
