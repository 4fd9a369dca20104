//! Colours of skin, in linear Rec. 709.

pub(crate) mod color;
pub(crate) mod gloss;
pub(crate) mod masks;
pub(crate) mod noise;
pub(crate) mod skin;
