//! The training cache: the planes of a dataset once more, in a form that is cheaper to decode than
//! PNG and EXR.
//!
//! ```text
//! <cache>/
//!   cache.json                what it was made of; written last, so that it says: complete
//!   <shard name>.planes       the rows of one shard
//!   .lock                     one writer at a time
//! ```
//!
//! A cache is derived: it can be thrown away and made again, and is no dataset that others read.
//! It holds the same values bit for bit, is tied to its dataset by the hash of the manifest, and a
//! loader refuses it when they differ. See ADR 0006 for the layout of a plane.

mod build;
mod codec;
mod file;
mod residuals;

pub use build::{CacheJob, CacheReport};
pub(crate) use codec::unpack;
pub use file::Cache;
