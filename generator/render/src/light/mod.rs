//! Where light comes from: so far always from the environment.

mod background;
mod distribution;
mod environment;
mod meter;

pub use environment::{EnvironmentLight, LightSample};
pub use meter::{exposure_of_grey_card, irradiance};
