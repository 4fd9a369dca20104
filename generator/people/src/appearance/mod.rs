//! Colours of skin, in linear Rec. 709, its gloss and its relief.

pub(crate) mod color;
pub(crate) mod down;
pub(crate) mod gloss;
pub(crate) mod masks;
pub(crate) mod noise;
pub(crate) mod relief;
pub(crate) mod skin;
pub(crate) mod specks;
mod wrinkles;
