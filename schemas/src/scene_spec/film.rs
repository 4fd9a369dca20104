//! Distributions of what the camera makes of the light.

use serde::{Deserialize, Serialize};

use crate::distribution::quantity::{Electrons, Iso, Mireds, ShutterSeconds, Unit};
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
    /// Noise of the sensor; none when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sensor: Option<SensorSpec>,
}

impl FilmSpec {
    /// Whether every picture is plain.
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }
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
