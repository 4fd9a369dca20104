//! Poses: drawn from a prior ([`draw_pose`]), then fitted to the body that takes them
//! ([`settle`]).

mod draw;
#[cfg(feature = "fit")]
pub mod fit;
mod hand;
mod limb;
mod limits;
mod obstacle;
#[cfg(any(test, feature = "fit"))]
mod pca;
mod prior;
mod quantile;
mod seated;
mod settle;
mod skeleton;
mod template;
#[cfg(test)]
mod tests;

pub use draw::{PoseFamily, draw_pose};
pub use prior::{POSE_PRIOR_VERSION, PoseGroup, PosePrior};
pub use settle::settle;

#[cfg(test)]
pub(crate) use prior::shipped as shipped_prior;
