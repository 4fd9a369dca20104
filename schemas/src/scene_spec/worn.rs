//! Distributions of what is worn on the head.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{ByStyle, FabricSpec, Knots, SrgbHex};
use crate::distribution::quantity::{Dioptres, Factor, Millimetres, Unit};
use crate::distribution::{Choice, Law, Scalar};
use crate::params::{EarringKind, FrameKind, FrameMaterial, HeadwearKind, MaskKind};

/// What people wear on the head.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct WornSpec {
    /// Glasses and sunglasses.
    pub glasses: GlassesSpec,
    /// Hats, helmets, scarves, turbans and headphones.
    pub headwear: HeadwearSpec,
    /// Face masks.
    pub mask: MaskSpec,
    /// Earrings.
    pub earrings: EarringSpec,
}

/// Glasses and sunglasses.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct GlassesSpec {
    /// Share of people with clear glasses, by age.
    pub wear: Knots,
    /// Share of people with sunglasses, at most what the clear ones leave.
    pub sun_share: Scalar<Unit>,
    /// Frame of clear glasses, by style.
    pub frame: ByStyle<Choice<FrameKind>>,
    /// Frame of sunglasses, by style.
    pub sun_frame: ByStyle<Choice<FrameKind>>,
    /// What frames are made of that may be of anything; wire frames are always of metal.
    pub material: Choice<FrameMaterial>,
    /// Colors of acetate, sRGB.
    pub acetate_colors: Choice<SrgbHex>,
    /// Colors of metal, sRGB.
    pub metal_colors: Choice<SrgbHex>,
    /// Size of the lenses.
    pub size: Law<Factor>,
    /// Width of the rim.
    pub rim: Law<Factor>,
    /// Share of clear glasses with optical power.
    pub prescription_share: Scalar<Unit>,
    /// Their power, in dioptres.
    pub power_dpt: Law<Dioptres>,
    /// Colors of tinted lenses, sRGB, as light that has passed looks on white.
    pub tints: Choice<SrgbHex>,
}

/// Hats, helmets, scarves, turbans and headphones.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct HeadwearSpec {
    /// Share of people with any.
    pub share: Scalar<Unit>,
    /// Kind, by style.
    pub kind: ByStyle<Choice<HeadwearKind>>,
    /// How low it sits.
    pub depth: Law<Unit>,
    /// Size of brim, folds or slack.
    pub fullness: Law<Unit>,
    /// Share of caps worn with the visor to the back.
    pub backward_share: Scalar<Unit>,
    /// Cloth of each kind.
    pub fabrics: BTreeMap<HeadwearKind, FabricSpec>,
    /// Colors of each kind, sRGB.
    pub colors: BTreeMap<HeadwearKind, Choice<SrgbHex>>,
}

/// Face masks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct MaskSpec {
    /// Share of people with one.
    pub share: Scalar<Unit>,
    /// Kind.
    pub kind: Choice<MaskKind>,
    /// Colors of surgical masks, sRGB.
    pub surgical_colors: Choice<SrgbHex>,
    /// Colors of cloth masks, sRGB.
    pub cloth_colors: Choice<SrgbHex>,
}

/// Earrings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct EarringSpec {
    /// Share of people with a pair, by style.
    pub share: ByStyle<Scalar<Unit>>,
    /// Kind, by style.
    pub kind: ByStyle<Choice<EarringKind>>,
    /// Diameter or length of each kind, in millimetres.
    pub size_mm: BTreeMap<EarringKind, Law<Millimetres>>,
    /// Colors of the metal, sRGB.
    pub metal_colors: Choice<SrgbHex>,
}
