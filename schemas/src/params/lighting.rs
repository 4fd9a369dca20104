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
}
