//! Weights from and to files: our checkpoints, encoders of timm, models of DPT.
//!
//! Nothing is taken or left silently: every load returns a [`LoadReport`].

mod assign;
mod encoder;
mod safetensors_file;
mod tensor_file;
mod tensors;

pub use assign::{LoadReport, assign};
pub use encoder::{load_encoder, resample_position};
pub(crate) use safetensors_file::write_floats;
pub use safetensors_file::{SafetensorsFile, write_safetensors};
pub use tensor_file::TensorFile;
pub use tensors::{NamedTensor, NamedTensors, Tensors};
