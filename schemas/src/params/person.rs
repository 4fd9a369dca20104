//! Who the person is: body shape, skin, eyes.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Body, skin and eyes of one identity.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PersonParams {
    /// Identity number: frames of one identity share it.
    pub identity_index: u64,
    /// Age, in years, in `[18, 90]`.
    pub age_years: f32,
    /// 0 feminine to 1 masculine body.
    pub body_sex_param: f32,
    /// Wanted stature (rest pose, barefoot), in metres.
    pub stature_m: f32,
    /// Wanted body-mass index, in kg/m2.
    pub bmi: f32,
    /// Shape sliders that reach stature and body-mass index.
    pub shape: ShapeParams,
    /// Skin.
    pub skin: SkinParams,
    /// Eyes.
    pub eyes: EyeParams,
}

/// Sliders of the MakeHuman base mesh, in the MakeHuman convention.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ShapeParams {
    /// 0 female to 1 male.
    pub gender: f32,
    /// 0.5 is 25 years, 1 is 90 years; production never goes below 0.5.
    pub age: f32,
    /// 0 to 1.
    pub muscle: f32,
    /// 0 to 1.
    pub weight: f32,
    /// 0 to 1; nothing at 0.5.
    pub height: f32,
    /// 0 uncommon to 1 ideal; nothing at 0.5.
    pub proportions: f32,
    /// 0 to 1.
    pub cupsize: f32,
    /// 0 to 1.
    pub firmness: f32,
    /// Shares of the African, Asian and Caucasian face and body morphs; sum 1.
    pub ancestry: [f32; 3],
    /// Detail targets: name of the positive target -> value in `[-1, 1]`.
    pub details: BTreeMap<String, f32>,
}

/// Colour and state of the skin.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SkinParams {
    /// Monk tone that was drawn, 1 to 10.
    pub tone_mst: u8,
    /// Individual typology angle of the mean facial albedo, in degrees (the field's unit).
    pub ita_deg: f32,
    /// Mean facial albedo in CIELAB (D65): L*, a*, b*.
    pub albedo_lab: [f32; 3],
    /// Strength of the redness of cheeks, nose and ears, in `[0, 1]`.
    pub redness: f32,
    /// Number of freckles on the face.
    pub freckles: u32,
    /// Number of moles.
    pub moles: u32,
    /// Perceptual roughness of the main specular lobe.
    pub roughness: f32,
    /// Number of blemishes of the face.
    #[serde(default)]
    pub blemishes: u32,
    /// How deep lines are against the mean of the person's age; 1 is the mean.
    #[serde(default)]
    pub wrinkles: f32,
    /// Share of the face and hands that has lost its pigment (vitiligo), in `[0, 1]`.
    #[serde(default)]
    pub vitiligo: f32,
    /// Number of scars of the face.
    #[serde(default)]
    pub scars: u32,
    /// How wet with sweat or oil the face is, in `[0, 1]`.
    #[serde(default)]
    pub sweat: f32,
    /// How much hair grows on arms and legs, in `[0, 1]`.
    #[serde(default)]
    pub body_hair: f32,
    /// Make-up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub makeup: Option<MakeupParams>,
}

/// Make-up of the face.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct MakeupParams {
    /// How evenly foundation covers the skin, in `[0, 1]`.
    pub foundation: f32,
    /// Strength of the blush on the cheeks, in `[0, 1]`.
    pub blush: f32,
    /// Colour of the lips, linear Rec. 709.
    pub lips: [f32; 3],
    /// How much of the lip's own colour it hides, in `[0, 1]`.
    pub lips_cover: f32,
    /// Colour of the upper lid, linear Rec. 709.
    pub lids: [f32; 3],
    /// How much of the lid's own colour it hides, in `[0, 1]`.
    pub lids_cover: f32,
    /// Strength of the dark line along the lashes, in `[0, 1]`.
    pub liner: f32,
}

/// Colour of the iris, as people name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum EyeColor {
    /// Brown.
    Brown,
    /// Hazel.
    Hazel,
    /// Amber.
    Amber,
    /// Green.
    Green,
    /// Grey.
    Grey,
    /// Blue.
    Blue,
}

/// Eyes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct EyeParams {
    /// Named colour of the iris.
    pub color: EyeColor,
    /// Shift of the iris colour within its name, in `[0, 1]`.
    pub color_variation: f32,
    /// Radius of the pupil over the radius of the iris.
    pub pupil_ratio: f32,
    /// Depth of the crease of the upper lids: 0 is a lid without one, 1 the deepest.
    #[serde(default)]
    pub lid_crease: f32,
}
