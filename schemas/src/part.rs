//! Parts of a person and of the surroundings, as numbered in the part plane.

use serde::{Deserialize, Serialize};

/// A part; its number is the value in the part plane. 0 is "no surface".
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum Part {
    /// Bare skin of the whole body.
    Skin = 1,
    /// Eyeball: sclera and iris.
    Eye = 2,
    /// The clear front of the eye.
    Cornea = 3,
    /// Teeth and gums.
    Teeth = 4,
    /// Tongue.
    Tongue = 5,
    /// Scalp hair.
    Hair = 6,
    /// Eyebrows.
    Brow = 7,
    /// Eyelashes.
    Lash = 8,
    /// Beard and moustache.
    Beard = 9,
    /// Upper garment.
    Top = 10,
    /// Trousers, shorts or skirt.
    Bottom = 11,
    /// Shoes.
    Shoe = 12,
    /// The ground; not part of the subject.
    Ground = 100,
    /// A seat; not part of the subject.
    Seat = 101,
}
