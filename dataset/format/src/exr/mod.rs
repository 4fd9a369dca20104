//! OpenEXR: our writer, and reading by the `exr` crate.
//!
//! The writer is our own because the crate keeps custom attributes in a hash map, whose order (and
//! with it the bytes of a file) changes from run to run. Reading needs no order.

mod decode;
mod encode;

pub(crate) use decode::{DecodedPart, decode, first_attributes};
pub(crate) use encode::{Channel, Part, Samples, encode};
