//! Light and background.

use serde::{Deserialize, Serialize};

/// Kind of light, for the label.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum LightingKind {
    /// Under a roof.
    Indoor,
    /// Under the sky.
    Outdoor,
    /// Studio lamps.
    Studio,
    /// Night or deep dusk.
    LowLight,
}

/// The environment and the exposure.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct LightingParams {
    /// Asset name of the environment.
    pub environment_id: String,
    /// Kind of light.
    pub kind: LightingKind,
    /// Turn of the environment about the vertical, in radians.
    pub yaw_rad: f32,
    /// Exposure offset from the metered value, in stops.
    pub exposure_ev: f32,
    /// The computed sky in place of the asset; its environment is called `sky`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sky: Option<SkyParams>,
    /// Lamps about the person.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lamps: Vec<LampParams>,
}

/// Name of the environment of a computed sky.
pub const SKY_ID: &str = "sky";

/// A cloudless sky with its sun.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SkyParams {
    /// Height of the sun above the horizon, in radians.
    pub sun_height_rad: f32,
    /// Azimuth of the sun from the person's front (+Z) toward the person's left (+X), in radians.
    pub sun_azimuth_rad: f32,
    /// Turbidity of the air, 1.7 to 10.
    pub turbidity: f32,
}

/// Kind of lamp.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum LampKind {
    /// A square panel.
    Softbox,
    /// A disc.
    Dish,
    /// A sphere.
    Bulb,
    /// A point that shines into a cone.
    Spot,
}

/// One lamp, aimed at the head.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct LampParams {
    /// Kind.
    pub kind: LampKind,
    /// Azimuth about the head from the camera's side, positive toward the camera's right, in
    /// radians.
    pub azimuth_rad: f32,
    /// Height above the head, in radians.
    pub height_rad: f32,
    /// Distance from the head.
    pub distance_m: f32,
    /// Width; of a spot the width of its light at the head.
    pub size_m: f32,
    /// Light on a card at the head that faces the lamp, over the light of the environment there,
    /// in stops.
    pub ratio_ev: f32,
    /// Colour temperature, in kelvin.
    pub temperature_k: f32,
}
