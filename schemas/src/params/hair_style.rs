//! Named styles of scalp hair.

use serde::{Deserialize, Serialize};

use super::{HairCut, HairType};

/// Declares the styles: each with the cut that it is a variety of, and a description.
macro_rules! styles {
    ($($(#[doc = $doc:literal])* $name:ident = $cut:ident;)*) => {
        /// A style: a variety of a [`HairCut`] with its own fringe, sides, ties or locks. Length,
        /// curl, parting, volume and colour vary within it.
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
        )]
        #[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
        #[serde(rename_all = "snake_case")]
        pub enum HairStyle {
            $($(#[doc = $doc])* $name,)*
        }

        impl HairStyle {
            /// All styles, in order.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The cut that it is a variety of.
            pub fn cut(self) -> HairCut {
                match self {
                    $(Self::$name => HairCut::$cut,)*
                }
            }
        }
    };
}

styles! {
    /// Clipped to one length.
    Buzz = Buzz;
    /// Clipped, sides and back down to the skin.
    BuzzFade = Buzz;
    /// Clipped but for a strip over the top.
    BuzzStrip = Buzz;
    /// Short back and sides, longer top.
    Crop = Crop;
    /// Short, combed forward to a straight short fringe.
    FrenchCrop = Crop;
    /// Short all over, combed forward.
    Caesar = Crop;
    /// Short, the top swept to a side.
    IvyLeague = Crop;
    /// The front brushed up and back.
    Quiff = Crop;
    /// The whole top brushed high and back.
    Pompadour = Crop;
    /// Combed flat to the back.
    SlickedBack = Crop;
    /// Standing up in spikes.
    Spiky = Crop;
    /// Sides and back shaved high.
    HighFade = Crop;
    /// Long top over shaved sides.
    Undercut = Crop;
    /// A standing strip over shaved sides.
    Mohawk = Crop;
    /// A standing strip over short sides.
    FauxHawk = Crop;
    /// Short, with a soft fringe to a side.
    Pixie = Crop;
    /// Short top and sides, long at the neck.
    Mullet = Crop;
    /// Short all round, combed to a side.
    SidePart = SidePart;
    /// Combed far over to a side.
    CombOver = SidePart;
    /// Combed to a side over shaved sides.
    PartedFade = SidePart;
    /// Parted in the middle, falling to both sides of the forehead.
    Curtains = SidePart;
    /// To the jaw.
    Bob = Bob;
    /// To the jaw, with a straight fringe.
    BobFringe = Bob;
    /// To the jaw, with a fringe swept to a side.
    BobSideFringe = Bob;
    /// To the ears, with a fringe all round.
    Bowl = Bob;
    /// To the collar bones.
    LongBob = Bob;
    /// To the jaw in many layers.
    Shag = Bob;
    /// To the shoulders or below.
    Long = Long;
    /// Long, with a straight fringe.
    LongFringe = Long;
    /// Long, with a fringe parted in the middle.
    CurtainFringe = Long;
    /// Long, with a fringe swept to a side.
    LongSideFringe = Long;
    /// Long, in many layers.
    LongLayers = Long;
    /// Long; the upper half is tied at the back.
    HalfUp = Long;
    /// Long; the upper half is tied in a knot.
    HalfUpBun = Long;
    /// Rounded volume of coils.
    Afro = Afro;
    /// A close cap of coils.
    AfroShort = Afro;
    /// Coils on top, sides cut short.
    AfroTapered = Afro;
    /// A strip of coils, sides cut short.
    AfroHawk = Afro;
    /// Tied at the back of the head.
    Ponytail = Ponytail;
    /// Tied high, near the crown.
    PonytailHigh = Ponytail;
    /// Tied at the nape.
    PonytailLow = Ponytail;
    /// Tied above one ear.
    PonytailSide = Ponytail;
    /// Tied, with a fringe left out.
    PonytailFringe = Ponytail;
    /// Two tails behind the ears.
    Pigtails = Ponytail;
    /// One braid down the back.
    Braid = Ponytail;
    /// Two braids.
    TwoBraids = Ponytail;
    /// Thin braids that lie on the scalp from the forehead to the nape, and hang from there.
    Cornrows = Ponytail;
    /// A knot at the back of the head.
    Bun = Bun;
    /// A knot at the nape.
    BunLow = Bun;
    /// A knot on top of the head.
    TopKnot = Bun;
    /// Two knots on top of the head.
    TwoBuns = Bun;
    /// A knot on top, sides shaved.
    TopKnotUndercut = Bun;
    /// Matted ropes to the jaw.
    LocsShort = Bob;
    /// Matted ropes to the shoulders or below.
    LocsLong = Long;
    /// Twisted two-strand ropes.
    Twists = Bob;
    /// Many thin braids.
    BoxBraids = Long;
    /// Many thin braids to the jaw.
    BoxBraidsShort = Bob;
}

impl HairStyle {
    /// Whether hair of this type takes the style: ropes need coils to hold, and tight coils neither
    /// lie flat nor fall into the forehead.
    pub fn suits(self, hair_type: HairType) -> bool {
        match self {
            Self::LocsShort
            | Self::LocsLong
            | Self::Cornrows
            | Self::Twists
            | Self::BoxBraids
            | Self::BoxBraidsShort => HairType::T3B <= hair_type,
            Self::SlickedBack
            | Self::Quiff
            | Self::Pompadour
            | Self::Spiky
            | Self::Undercut
            | Self::FrenchCrop
            | Self::Pixie
            | Self::Curtains
            | Self::Bowl
            | Self::BobFringe
            | Self::BobSideFringe
            | Self::LongFringe
            | Self::LongSideFringe
            | Self::CurtainFringe
            | Self::PonytailFringe => hair_type < HairType::T3C,
            _ => true,
        }
    }

    /// Least and greatest length along the strand for which it looks as it should, in metres.
    pub fn length_range_m(self) -> [f32; 2] {
        match self {
            Self::AfroShort => [0.03, 0.06],
            Self::Afro | Self::AfroTapered | Self::AfroHawk => [0.08, 0.2],
            Self::Caesar | Self::FrenchCrop => [0.025, 0.05],
            Self::Spiky => [0.025, 0.06],
            Self::Quiff | Self::FauxHawk | Self::Mohawk => [0.05, 0.09],
            Self::Pixie => [0.05, 0.085],
            Self::Pompadour | Self::SlickedBack | Self::Undercut => [0.065, 0.12],
            Self::Curtains => [0.11, 0.16],
            Self::CombOver => [0.08, 0.14],
            Self::Bowl => [0.15, 0.19],
            Self::LongBob => [0.24, 0.36],
            Self::LocsShort | Self::Twists | Self::BoxBraidsShort => [0.14, 0.26],
            Self::LocsLong | Self::BoxBraids => [0.3, 0.6],
            _ => match self.cut() {
                HairCut::Buzz => [0.002, 0.015],
                HairCut::Crop => [0.02, 0.09],
                HairCut::SidePart => [0.045, 0.14],
                HairCut::Afro => [0.05, 0.3],
                HairCut::Bob => [0.14, 0.6],
                HairCut::Long | HairCut::Ponytail | HairCut::Bun => [0.3, 1.2],
            },
        }
    }

    /// The style that is nothing but its cut.
    pub fn plain(cut: HairCut) -> Self {
        match cut {
            HairCut::Buzz => Self::Buzz,
            HairCut::Crop => Self::Crop,
            HairCut::SidePart => Self::SidePart,
            HairCut::Bob => Self::Bob,
            HairCut::Long => Self::Long,
            HairCut::Afro => Self::Afro,
            HairCut::Ponytail => Self::Ponytail,
            HairCut::Bun => Self::Bun,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_many_styles_and_each_cut_has_its_plain_one() {
        assert!(40 <= HairStyle::ALL.len());
        for cut in HairCut::ALL {
            assert_eq!(HairStyle::plain(cut).cut(), cut);
        }
    }
}
