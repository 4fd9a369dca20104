//! What the face is made of besides skin: eyes, lids, lashes, teeth.

mod eye;
mod lashes;
mod lids;
mod teeth;

pub(crate) use eye::{cornea, eyeball};
pub(crate) use lashes::lashes;
pub(crate) use lids::fit_lids;
pub(crate) use teeth::teeth;
