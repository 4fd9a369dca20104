//! Scalp hair, brows, beard and their colour.

use serde::{Deserialize, Serialize};

use super::HairStyle;

/// All hair of one person.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct GroomParams {
    /// Hair of the scalp; `None` is a shaved head that was drawn on purpose.
    pub scalp: Option<ScalpHairParams>,
    /// Eyebrows.
    pub brows: BrowParams,
    /// Beard or moustache.
    pub beard: Option<BeardParams>,
    /// Colour of all hair.
    pub color: HairColorParams,
}

/// Cut of the scalp hair.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum HairCut {
    /// Clipped to a few millimetres.
    Buzz,
    /// Short back and sides, longer top.
    Crop,
    /// Short all round, combed to one side.
    SidePart,
    /// To the jaw.
    Bob,
    /// To the shoulders or below.
    Long,
    /// Rounded volume of coils.
    Afro,
    /// Drawn back and tied at the back of the head.
    Ponytail,
    /// Drawn back into a knot.
    Bun,
}

impl HairCut {
    /// All cuts, in order.
    pub const ALL: [Self; 8] = [
        Self::Buzz,
        Self::Crop,
        Self::SidePart,
        Self::Bob,
        Self::Long,
        Self::Afro,
        Self::Ponytail,
        Self::Bun,
    ];
}

/// Andre Walker hair type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub enum HairType {
    /// Straight.
    #[serde(rename = "1")]
    T1,
    /// Loose waves.
    #[serde(rename = "2A")]
    T2A,
    /// Waves.
    #[serde(rename = "2B")]
    T2B,
    /// Deep waves.
    #[serde(rename = "2C")]
    T2C,
    /// Loose curls.
    #[serde(rename = "3A")]
    T3A,
    /// Curls.
    #[serde(rename = "3B")]
    T3B,
    /// Corkscrews.
    #[serde(rename = "3C")]
    T3C,
    /// Soft coils.
    #[serde(rename = "4A")]
    T4A,
    /// Zigzag coils.
    #[serde(rename = "4B")]
    T4B,
    /// Tight coils.
    #[serde(rename = "4C")]
    T4C,
}

/// The scalp hair.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ScalpHairParams {
    /// Cut.
    pub cut: HairCut,
    /// Variety of the cut; without it, the plain one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub style: Option<HairStyle>,
    /// Curl class.
    pub hair_type: HairType,
    /// Length of the longest strands, in metres along the strand.
    pub length_m: f32,
    /// Side of the parting: -1 the person's right, 0 centre or none, 1 left.
    pub parting: f32,
    /// Lift of the roots, in `[0, 1]`.
    pub volume: f32,
    /// Strength of clumping, in `[0, 1]`.
    pub clump: f32,
    /// Strength of frizz, in `[0, 1]`.
    pub frizz: f32,
    /// Forward shift of the hairline, in `[-1, 1]`; negative recedes.
    pub hairline: f32,
    /// Thinning at crown and temples, in `[0, 1]`.
    pub thinning: f32,
}

impl ScalpHairParams {
    /// The style; a style of another cut counts as none.
    pub fn style(&self) -> HairStyle {
        let plain = HairStyle::plain(self.cut);
        self.style
            .filter(|style| style.cut() == self.cut)
            .unwrap_or(plain)
    }
}

/// The eyebrows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct BrowParams {
    /// Density, in `[0, 1]`.
    pub density: f32,
    /// Length of the longest hairs, in metres.
    pub length_m: f32,
    /// Width of the brow relative to the template, about 0.6 to 1.4.
    pub thickness: f32,
}

/// Style of the beard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum BeardStyle {
    /// A few days' growth.
    Stubble,
    /// Upper lip only.
    Moustache,
    /// Chin and upper lip.
    Goatee,
    /// Full and short.
    ShortBeard,
    /// Full and long.
    LongBeard,
}

/// The beard.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct BeardParams {
    /// Style.
    pub style: BeardStyle,
    /// Length, in metres.
    pub length_m: f32,
    /// Density, in `[0, 1]`.
    pub density: f32,
}

/// Colour of hair, as people name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum HairColorLabel {
    /// Black.
    Black,
    /// Dark brown.
    DarkBrown,
    /// Light brown.
    LightBrown,
    /// Blond.
    Blond,
    /// Red.
    Red,
    /// Mostly grey.
    Grey,
    /// Mostly white.
    White,
    /// Dyed.
    Dyed,
}

/// Where a second colour of the scalp hair is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum SecondColorPlace {
    /// In locks all over.
    Streaks,
    /// From half of the length to the tips.
    Tips,
    /// Below, at the nape and over the ears.
    Under,
    /// In two locks that frame the face.
    Front,
    /// On the person's left half.
    Half,
}

/// A second colour of the scalp hair.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SecondColorParams {
    /// Where it is.
    pub place: SecondColorPlace,
    /// Linear Rec. 709 colour under multiple scattering.
    pub dye: [f32; 3],
}

/// Pigments of the hair.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct HairColorParams {
    /// Name of the colour.
    pub label: HairColorLabel,
    /// Eumelanin concentration.
    pub eumelanin: f32,
    /// Pheomelanin concentration.
    pub pheomelanin: f32,
    /// Share of strands that are grey; a choice per strand, not a blend.
    pub grey_fraction: f32,
    /// Linear Rec. 709 colour of dyed hair under multiple scattering; replaces the pigments.
    pub dye: Option<[f32; 3]>,
    /// A second colour of the scalp hair.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub second: Option<SecondColorParams>,
}
