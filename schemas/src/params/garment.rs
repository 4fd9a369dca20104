//! Clothes and shoes.

use serde::{Deserialize, Serialize};

/// What the person wears. Nobody is undressed: every field is present.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct GarmentParams {
    /// Upper body.
    pub top: TopParams,
    /// Lower body.
    pub bottom: BottomParams,
    /// Feet.
    pub shoes: ShoeParams,
    /// Style of dress, drawn on its own: `feminine`, `masculine`, `neutral`.
    pub style: String,
}

/// Kind of top.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum TopKind {
    /// Short sleeves, round neck.
    TShirt,
    /// Long sleeves, round neck.
    LongSleeve,
    /// Long sleeves, collar.
    Shirt,
    /// Thick, long sleeves, high neck.
    Turtleneck,
    /// Thick knit, long sleeves.
    Sweater,
    /// No sleeves.
    TankTop,
}

/// The top.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct TopParams {
    /// Kind.
    pub kind: TopKind,
    /// End of the sleeve along the arm: 0 shoulder, 1 wrist.
    pub sleeve: f32,
    /// Drop of the hem below the waist: 0 waist, 1 mid-thigh.
    pub hem: f32,
    /// Depth of the neckline, in `[0, 1]`.
    pub neckline: f32,
    /// Looseness, in metres of ease away from the points of support.
    pub ease_m: f32,
    /// Fabric.
    pub fabric: FabricParams,
}

/// Kind of lower garment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum BottomKind {
    /// Long trousers.
    Trousers,
    /// Denim trousers.
    Jeans,
    /// To the knee.
    Shorts,
    /// A skirt.
    Skirt,
    /// Close-fitting.
    Leggings,
}

/// The lower garment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct BottomParams {
    /// Kind.
    pub kind: BottomKind,
    /// End along the leg: 0 hip, 1 ankle.
    pub length: f32,
    /// Looseness, in metres of ease away from the points of support.
    pub ease_m: f32,
    /// Fabric.
    pub fabric: FabricParams,
}

/// Kind of shoe.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ShoeKind {
    /// Trainer with a thick light sole.
    Sneaker,
    /// Smooth leather shoe.
    Leather,
    /// To above the ankle.
    Boot,
}

/// The shoes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ShoeParams {
    /// Kind.
    pub kind: ShoeKind,
    /// Linear Rec. 709 colour of the upper.
    pub color: [f32; 3],
    /// Linear Rec. 709 colour of the sole.
    pub sole_color: [f32; 3],
}

/// How the threads run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Weave {
    /// Plain woven.
    Plain,
    /// Jersey.
    Jersey,
    /// Coarse knit.
    Knit,
    /// Denim twill.
    Denim,
}

/// Pattern of colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Pattern {
    /// One colour.
    Solid,
    /// Horizontal stripes.
    Stripes,
    /// Checks.
    Checks,
    /// Heather or washed mottling.
    Mottle,
}

/// Cloth: colours, pattern and weave.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct FabricParams {
    /// Linear Rec. 709 ground colour.
    pub color: [f32; 3],
    /// Linear Rec. 709 second colour of the pattern.
    pub second_color: [f32; 3],
    /// Pattern.
    pub pattern: Pattern,
    /// Period of the pattern, in metres.
    pub period_m: f32,
    /// Weave.
    pub weave: Weave,
    /// Strength of the sheen, in `[0, 1]`.
    pub sheen: f32,
    /// Depth of the soft creases, in metres.
    pub crease_depth_m: f32,
}
