//! Distributions of scalp hair, brows, beards and their colors.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{ByStyle, Knots, LengthClass, NaturalHairColor, SrgbHex};
use crate::distribution::quantity::{Factor, Millimetres, Pigment, Signed, Unit, Years};
use crate::distribution::{Choice, Law, Scalar};
use crate::labels::HairTexture;
use crate::params::{BeardStyle, HairCut, HairStyle, SecondColorPlace};

/// All hair of a person.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct GroomSpec {
    /// Texture; the types within a texture are equally likely.
    pub hair_texture: Choice<HairTexture>,
    /// Color.
    pub color: HairColorSpec,
    /// Length.
    pub length: HairLengthSpec,
    /// Loss of hair.
    pub loss: HairLossSpec,
    /// Side of the parting: 0 none or centre.
    pub parting: Law<Signed>,
    /// Lift of the roots.
    pub volume: Law<Unit>,
    /// Strength of clumping.
    pub clump: Law<Unit>,
    /// Strength of frizz, by texture.
    pub frizz: BTreeMap<HairTexture, Law<Unit>>,
    /// Brows.
    pub brows: BrowSpec,
    /// Beard.
    pub beard: BeardSpec,
}

/// Hair color.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct HairColorSpec {
    /// Color before graying and dye.
    pub natural: Choice<NaturalHairColor>,
    /// Pigments of each color.
    pub pigments: BTreeMap<NaturalHairColor, PigmentSpec>,
    /// Share of dyed hair among those who have some.
    pub dyed_share: Scalar<Unit>,
    /// Share of unnatural colors among the dyed.
    pub unnatural_share: Scalar<Unit>,
    /// Natural-looking dyes, sRGB.
    pub natural_dyes: Choice<SrgbHex>,
    /// Unnatural dyes, sRGB.
    pub unnatural_dyes: Choice<SrgbHex>,
    /// Share of people with a second color among the dyed: their first is their own.
    pub second_share: Scalar<Unit>,
    /// Where the second color is.
    pub second_places: Choice<SecondColorPlace>,
    /// Graying.
    pub grey: GreySpec,
}

/// Concentrations of the pigments.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PigmentSpec {
    /// Eumelanin.
    pub eumelanin: Law<Pigment>,
    /// Pheomelanin.
    pub pheomelanin: Law<Pigment>,
}

/// Graying with age: any grey with probability `1 / (1 + exp(-(age - center) / scale))`; of the
/// hair a share Beta-distributed about `mean_at_55 + mean_per_year (age - 55)`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct GreySpec {
    /// Age at which half have some grey hair.
    pub center_years: Scalar<Years>,
    /// Spread of that age.
    pub scale_years: Scalar<Years>,
    /// How much later black straight hair and coily hair turn.
    pub later_years: Scalar<Years>,
    /// Mean grey share at 55 among those with any.
    pub mean_at_55: Scalar<Unit>,
    /// Its rise per year.
    pub mean_per_year: Scalar<Unit>,
    /// Concentration of the Beta distribution.
    pub concentration: Scalar<Factor>,
}

/// Length of the scalp hair.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct HairLengthSpec {
    /// Length of everybody.
    pub everyone: Choice<LengthClass>,
    /// Length by style of dress.
    pub by_style: ByStyle<Choice<LengthClass>>,
    /// Varieties of each cut; those that the hair does not take are left out.
    pub styles: BTreeMap<HairCut, Choice<HairStyle>>,
    /// Weight of `by_style` against `everyone`.
    pub style_weight: Scalar<Unit>,
    /// Length along the strand by cut, in millimetres.
    pub length_mm: BTreeMap<HairCut, Law<Millimetres>>,
    /// How much longer than straight hair a strand of each texture is for the same look; applies
    /// to the cuts `bob`, `long`, `ponytail` and `bun`.
    pub curl_factor: BTreeMap<HairTexture, Scalar<Factor>>,
    /// Share of rounded coils among the medium and long hair of types 3C to 4C.
    pub afro_share: Scalar<Unit>,
    /// Share of the side parting among short hair.
    pub side_part_share: Scalar<Unit>,
    /// Share of the knot among tied hair.
    pub bun_share: Scalar<Unit>,
}

/// Hair loss.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct HairLossSpec {
    /// Share of masculine bodies with pattern baldness, by age.
    pub balding: Knots,
    /// Share of feminine bodies with diffuse thinning, by age.
    pub thinning: Knots,
    /// How far it has gone, 0 to 1, for those who have it.
    pub severity: Law<Unit>,
    /// Share of shaved heads among the others.
    pub shaved_share: Scalar<Unit>,
    /// Share of shaved heads among those with pattern baldness.
    pub shaved_share_balding: Scalar<Unit>,
    /// Forward shift of the hairline of those without hair loss.
    pub hairline: Law<Signed>,
}

/// Brows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct BrowSpec {
    /// Density.
    pub density: Law<Unit>,
    /// Length of the longest hairs, in millimetres.
    pub length_mm: Law<Millimetres>,
    /// Width relative to the template, by style of dress.
    pub thickness: ByStyle<Law<Factor>>,
}

/// Beards.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct BeardSpec {
    /// Share that wears facial hair, by age: of people of masculine style, and of neutral style
    /// with a masculine body.
    pub wear: Knots,
    /// What they wear.
    pub style: Choice<BeardStyle>,
    /// Length, in millimetres.
    pub length_mm: BTreeMap<BeardStyle, Law<Millimetres>>,
    /// Density.
    pub density: Law<Unit>,
}
