//! Identity, expression, pose, groom and garments turned into geometry.
//!
//! Body space is the model frame of the base mesh in metres: +Y up, the person faces +Z, +X is the
//! person's left. A posed person stands (or sits) with the soles on the plane y = 0 and the pelvis
//! above the origin. Nothing here knows of light, cameras or files.

mod appearance;
pub mod body;
mod build;
mod error;
mod face;
pub mod garment;
pub mod groom;
pub mod marks;
pub mod person;
pub mod pose;
pub mod surfaces;
mod worn;

pub use body::{Body, BodyModel};
pub use build::{BuildStage, Workshop};
pub use error::PeopleError;
pub use marks::{Mark, Marks};
pub use person::{Anatomy, Measured, Person, StrandPart, SurfacePart};
