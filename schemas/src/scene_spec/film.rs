//! Distributions of what the camera makes of the light.

use serde::{Deserialize, Serialize};

use crate::distribution::quantity::{
    Electrons, FNumber, Iso, Lux, MetresPerSecond, Mireds, ShutterSeconds, TurnDegPerSecond, Unit,
};
use crate::distribution::{Choice, Law, Scalar};
use crate::params::{PixelFilterName, ToneCurveName};

/// Film: every key may be left out, and what is left out is a plain picture.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct FilmSpec {
    /// Pixel filter; `blackman_harris` when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pixel_filter: Option<Choice<PixelFilterName>>,
    /// Tone curve; `agx` when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tone_curve: Option<Choice<ToneCurveName>>,
    /// Share of the colour of the light that white balance takes out; 0 when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub white_balance: Option<Law<Unit>>,
    /// Error of the white balance, in mireds, positive is warmer; 0 when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub white_shift_mired: Option<Law<Mireds>>,
    /// Time for which the shutter is open, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shutter_s: Option<Law<ShutterSeconds>>,
    /// Motion of the camera while the shutter is open; it stands still when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shake: Option<ShakeSpec>,
    /// Noise of the sensor; none when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sensor: Option<SensorSpec>,
    /// Settings of a camera that is not led by a meter; metered when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exposure: Option<ExposureSpec>,
}

impl FilmSpec {
    /// Whether every picture is plain.
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// Settings of a camera that is not led by a meter: pictures are as bright as light and settings
/// make them (ISO 2720; the brightest value that is not clipped is 1.2 x 2^EV100 cd/m2). They take
/// the place of `lighting.exposure_ev`, `shutter_s` and `sensor.iso`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ExposureSpec {
    /// Light on the head, in lux.
    pub illuminance_lux: Law<Lux>,
    /// f-number for which the camera is set.
    pub f_number: Law<FNumber>,
    /// Time for which the shutter is open, in seconds.
    pub shutter_s: Law<ShutterSeconds>,
    /// Sensitivity, arithmetic ISO.
    pub iso: Law<Iso>,
}

/// Motion of a camera in the hand: it moves and turns evenly while the shutter is open, each in a
/// direction of its own, all directions being equally likely. Labels are those of the middle.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ShakeSpec {
    /// Share of the pictures in which the camera moves.
    pub share: Scalar<Unit>,
    /// Speed of the camera, in metres a second.
    pub speed_m_s: Law<MetresPerSecond>,
    /// Rate at which it turns, in degrees a second.
    pub turn_deg_s: Law<TurnDegPerSecond>,
}

/// Noise of the sensor.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SensorSpec {
    /// Share of the pictures that have noise.
    pub share: Scalar<Unit>,
    /// Sensitivity, arithmetic ISO.
    pub iso: Law<Iso>,
    /// Electrons that exposed value 1 frees in a pixel of the picture at ISO 100.
    pub electrons: Law<Electrons>,
    /// Standard deviation of reading, in electrons.
    pub read_noise_e: Law<Electrons>,
}
