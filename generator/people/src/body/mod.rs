//! The body: base mesh, shape, skeleton, skinning, and how a person is solved for and posed.
//!
//! Read [`BodyModel`] first (what is given), then [`Body`] (one posed person).

mod anatomy;
mod bytes;
mod codec;
#[cfg(test)]
pub(crate) mod fixture;
mod lips;
mod model;
mod phenotype;
mod posed;
mod proportions;
mod regions;
mod rig;
mod skinning;
mod solve;
mod surface;
mod target;
#[cfg(test)]
mod tests;

pub use anatomy::BODY_DENSITY_KG_M3;
pub use codec::SECTIONS;
pub use model::{BodyModel, Group, Slider};
pub use phenotype::{TargetWeights, ValueWeights};
pub use posed::{Body, EyeLook, EyePose};
pub use regions::{Masks, Regions, Scalp};
pub use rig::{Bone, JointSource, PosedBone, Rig};
pub use skinning::SkinWeights;
pub use solve::SolvedShape;
pub(crate) use surface::tongue;
pub use surface::{Skin, SkinDetail, SkinTopology};
pub use target::Target;
