//! What is worn on the head: glasses, headwear, masks, earrings.

use serde::{Deserialize, Serialize};

use super::garment::FabricParams;

/// What a person wears on the head; nothing where absent.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct WornParams {
    /// Glasses or sunglasses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub glasses: Option<GlassesParams>,
    /// Hat, helmet, scarf, turban or headphones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub headwear: Option<HeadwearParams>,
    /// Face mask.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mask: Option<MaskParams>,
    /// A pair of earrings.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub earrings: Option<EarringParams>,
}

impl WornParams {
    /// Whether nothing is worn on the head.
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }
}

/// Shape of a pair of glasses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum FrameKind {
    /// Low and wide with small corners.
    Rectangular,
    /// Nearly as high as wide, rounded corners.
    Square,
    /// Circles.
    Round,
    /// Ellipses.
    Oval,
    /// Round below, wide at the brow: the pantoscopic shape.
    Panto,
    /// Outer corners drawn up.
    CatEye,
    /// Drops toward the cheek, two bars over the nose.
    Aviator,
    /// Heavy over the brow, thin wire below.
    Browline,
    /// Lenses without a rim.
    Rimless,
    /// A rim along the brow only.
    HalfRim,
    /// Trapezoids of thick acetate.
    Wayfarer,
    /// Six straight sides.
    Hexagonal,
    /// Large, to the middle of the cheek.
    Oversized,
    /// Two lenses that wrap around the face.
    Sport,
}

impl FrameKind {
    /// All frames, in order.
    pub const ALL: [Self; 14] = [
        Self::Rectangular,
        Self::Square,
        Self::Round,
        Self::Oval,
        Self::Panto,
        Self::CatEye,
        Self::Aviator,
        Self::Browline,
        Self::Rimless,
        Self::HalfRim,
        Self::Wayfarer,
        Self::Hexagonal,
        Self::Oversized,
        Self::Sport,
    ];
}

/// What a frame is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum FrameMaterial {
    /// Coloured plastic, polished.
    Acetate,
    /// Plastic mottled in two colours, as of tortoise shell.
    Tortoise,
    /// Thin metal.
    Metal,
}

/// What a lens does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum LensKind {
    /// A clear sheet that bends no light.
    Plano,
    /// A solid lens that shrinks or magnifies the eye.
    Prescription,
    /// A tinted sheet.
    Sun,
}

/// Glasses or sunglasses.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct GlassesParams {
    /// Shape.
    pub frame: FrameKind,
    /// What the frame is made of.
    pub material: FrameMaterial,
    /// Linear Rec. 709 colour of the frame; of metal, at normal incidence.
    pub color: [f32; 3],
    /// Linear Rec. 709 second colour of tortoise.
    pub second_color: [f32; 3],
    /// Size of the lenses relative to what is usual for the face, about 0.85 to 1.15.
    pub size: f32,
    /// Width of the rim relative to what is usual for the frame, about 0.7 to 1.4.
    pub rim: f32,
    /// What the lenses do.
    pub lens: LensKind,
    /// Power of prescription lenses, in dioptres (the field's unit); negative for the
    /// short-sighted.
    pub power_dpt: f32,
    /// Share of light that the lenses let through per channel, besides what they reflect.
    pub transmittance: [f32; 3],
}

impl GlassesParams {
    /// Word of the label `eyewear`.
    pub fn word(&self) -> &'static str {
        match self.lens {
            LensKind::Plano | LensKind::Prescription => "glasses",
            LensKind::Sun => "sunglasses",
        }
    }
}

/// Kind of headwear.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum HeadwearKind {
    /// Baseball cap.
    Cap,
    /// Close knitted cap.
    Beanie,
    /// Hat with a brim all around.
    BrimmedHat,
    /// Cycling helmet with vents and straps.
    CyclingHelmet,
    /// Helmet of builders.
    HardHat,
    /// Scarf over hair, ears and neck, to the shoulders.
    Headscarf,
    /// Cloth wound around the head.
    Turban,
    /// Headphones over the ears.
    Headphones,
}

impl HeadwearKind {
    /// All kinds, in order.
    pub const ALL: [Self; 8] = [
        Self::Cap,
        Self::Beanie,
        Self::BrimmedHat,
        Self::CyclingHelmet,
        Self::HardHat,
        Self::Headscarf,
        Self::Turban,
        Self::Headphones,
    ];
}

/// Hat, helmet, scarf, turban or headphones.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct HeadwearParams {
    /// Kind.
    pub kind: HeadwearKind,
    /// Cloth; of helmets and headphones only the colours count.
    pub fabric: FabricParams,
    /// How low it sits: 0 high on the head, 1 down to the brows.
    pub depth: f32,
    /// Size of brim, folds or slack, in `[0, 1]`.
    pub fullness: f32,
    /// Whether a cap is worn with its visor to the back.
    pub backward: bool,
}

/// Kind of face mask.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum MaskKind {
    /// Pleated, of fleece.
    SurgicalMask,
    /// Shaped, of cloth.
    ClothMask,
}

impl MaskKind {
    /// All kinds, in order.
    pub const ALL: [Self; 2] = [Self::SurgicalMask, Self::ClothMask];
}

/// A mask over nose, mouth and chin.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct MaskParams {
    /// Kind.
    pub kind: MaskKind,
    /// Linear Rec. 709 colour.
    pub color: [f32; 3],
}

/// Kind of earring.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum EarringKind {
    /// A small ball or stone on the lobe.
    Stud,
    /// A ring through the lobe.
    Hoop,
    /// A pendant below the lobe.
    Drop,
}

impl EarringKind {
    /// All kinds, in order.
    pub const ALL: [Self; 3] = [Self::Stud, Self::Hoop, Self::Drop];
}

/// A pair of earrings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct EarringParams {
    /// Kind.
    pub kind: EarringKind,
    /// Diameter of stud or hoop, or length of the pendant, in metres.
    pub size_m: f32,
    /// Linear Rec. 709 colour of the metal at normal incidence.
    pub color: [f32; 3],
}
