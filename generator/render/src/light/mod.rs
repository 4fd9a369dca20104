//! Where light comes from: the environment, the sun, lamps and shining meshes.

mod background;
mod distribution;
mod emitter;
mod environment;
mod meter;
mod set;
mod sky;
mod sun;
mod tree;

pub use environment::{EnvironmentLight, LightSample};
pub use meter::{exposure_of_grey_card, exposure_of_irradiance, irradiance, irradiance_of_lights};
pub(crate) use set::LightSet;
pub use sky::sky;
pub(crate) use tree::Receiver;
