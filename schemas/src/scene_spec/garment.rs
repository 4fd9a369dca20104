//! Distributions of clothes and shoes.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{ByStyle, SrgbHex, Style};
use crate::distribution::quantity::{LabStep, Millimetres, Unit};
use crate::distribution::{Choice, Law, Scalar};
use crate::params::{BottomKind, Pattern, ShoeKind, TopKind, Weave};

/// What people wear.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct GarmentSpec {
    /// Probability that the style of dress does not follow the sex parameter.
    pub style_independence: Scalar<Unit>,
    /// Style of those whose style does not follow.
    pub style: Choice<Style>,
    /// Kind of top, by style.
    pub top: ByStyle<Choice<TopKind>>,
    /// Cut of each kind of top.
    pub tops: BTreeMap<TopKind, TopSpec>,
    /// Kind of lower garment, by style.
    pub bottom: ByStyle<Choice<BottomKind>>,
    /// Cut of each kind of lower garment.
    pub bottoms: BTreeMap<BottomKind, BottomSpec>,
    /// Kind of shoes, by style.
    pub shoe: ByStyle<Choice<ShoeKind>>,
    /// Colors of tops, sRGB.
    pub top_colors: Choice<SrgbHex>,
    /// Colors of lower garments but denim, sRGB.
    pub bottom_colors: Choice<SrgbHex>,
    /// Colors of denim, sRGB.
    pub denim_colors: Choice<SrgbHex>,
    /// Colors of leather shoes and boots, sRGB.
    pub leather_colors: Choice<SrgbHex>,
    /// Colors of sneakers, sRGB.
    pub sneaker_colors: Choice<SrgbHex>,
    /// Colors of soles of sneakers, sRGB.
    pub sole_colors: Choice<SrgbHex>,
    /// Scatter of each CIELAB axis about the named color.
    pub color_jitter: Law<LabStep>,
}

/// Cut of a top.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct TopSpec {
    /// End of the sleeve: 0 shoulder, 1 wrist.
    pub sleeve: Law<Unit>,
    /// Drop of the hem: 0 waist, 1 mid-thigh.
    pub hem: Law<Unit>,
    /// Depth of the neckline.
    pub neckline: Law<Unit>,
    /// Looseness, in millimetres.
    pub ease_mm: Law<Millimetres>,
    /// Fabric.
    pub fabric: FabricSpec,
}

/// Cut of a lower garment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct BottomSpec {
    /// End along the leg: 0 hip, 1 ankle.
    pub length: Law<Unit>,
    /// Looseness, in millimetres.
    pub ease_mm: Law<Millimetres>,
    /// Fabric.
    pub fabric: FabricSpec,
}

/// Cloth.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct FabricSpec {
    /// How the threads run.
    pub weave: Choice<Weave>,
    /// Pattern.
    pub pattern: Choice<Pattern>,
    /// Period of the pattern, in millimetres.
    pub period_mm: Law<Millimetres>,
    /// Strength of the sheen.
    pub sheen: Law<Unit>,
    /// Depth of the soft creases, in millimetres.
    pub crease_depth_mm: Law<Millimetres>,
}
