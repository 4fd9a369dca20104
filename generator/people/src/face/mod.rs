//! What the face is made of besides skin: eyes, lids, tears, lashes, teeth.

mod eye;
mod lashes;
mod lids;
mod socket;
mod tear;
mod teeth;

pub(crate) use eye::{cornea, eyeball, pupil};
pub(crate) use lashes::lashes;
pub(crate) use lids::fit_lids;
pub(crate) use socket::part_sockets;
pub(crate) use tear::tear_line;
pub(crate) use teeth::teeth;
