//! The CPU path tracer and its exact labels; knows nothing of people, files or schemas.
//!
//! Lengths are metres, angles radians, light linear Rec. 709. World space is right-handed with
//! +Y up. Camera space is right-handed: +X right, +Y up, +Z toward the camera, which looks along
//! -Z. Pixel `(i, j)` covers `[i, i+1) x [j, j+1)` from the top-left corner; its centre is at +0.5.

pub mod accel;
pub mod bsdf;
mod camera;
mod error;
mod fast_math;
pub mod frame;
pub mod interaction;
pub mod light;
pub mod ray;
pub mod sampler;
pub mod sampling;
pub mod scene;
mod simd;
#[cfg(test)]
mod test_support;
pub mod tone;

pub use error::RenderError;
