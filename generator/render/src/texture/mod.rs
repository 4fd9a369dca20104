//! Procedural colour and relief, in the space before posing, so that patterns stick to the body.

mod bump;
mod color;
mod noise;

pub use bump::bumped_normal;
pub use color::color_at;
