//! Parts of a person and of the surroundings, as numbered in the part plane.

use serde::{Deserialize, Serialize};

/// A part; its number is the value in the part plane. 0 is "no surface".
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum Part {
    /// Bare skin of the whole body, lips included.
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
    /// Frame of glasses.
    Glasses = 13,
    /// Lens of glasses, through which labels look.
    Lens = 14,
    /// Hat, helmet, scarf, turban or headphones.
    Headwear = 15,
    /// Face mask.
    Facewear = 16,
    /// Earring.
    Earring = 17,
    /// Fine hair of the skin, which no label sees.
    Down = 18,
    /// Lining of the mouth: cheeks from inside, palate, throat.
    Mouth = 19,
    /// The ground; not part of the subject.
    Ground = 100,
    /// A seat; not part of the subject.
    Seat = 101,
}

impl Part {
    /// Every part, in order of its number.
    pub const ALL: [Self; 21] = [
        Self::Skin,
        Self::Eye,
        Self::Cornea,
        Self::Teeth,
        Self::Tongue,
        Self::Hair,
        Self::Brow,
        Self::Lash,
        Self::Beard,
        Self::Top,
        Self::Bottom,
        Self::Shoe,
        Self::Glasses,
        Self::Lens,
        Self::Headwear,
        Self::Facewear,
        Self::Earring,
        Self::Down,
        Self::Mouth,
        Self::Ground,
        Self::Seat,
    ];

    /// Whether it is of hair, whose surface is too fine to be smooth.
    pub fn is_hair(self) -> bool {
        matches!(self, Self::Hair | Self::Brow | Self::Lash | Self::Beard)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_of_parts_is_in_order_and_whole() {
        assert!(Part::ALL.is_sorted());
        let known: Vec<u8> = (0..=u8::MAX)
            .filter(|number| Part::ALL.iter().any(|part| *part as u8 == *number))
            .collect();
        assert_eq!(known.len(), Part::ALL.len(), "{known:?}");
    }
}
