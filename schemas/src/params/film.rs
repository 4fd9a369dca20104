//! What the camera makes of the light: filter, white balance, noise, tone.

use serde::{Deserialize, Serialize};

/// Tone curve of the display-referred picture.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ToneCurveName {
    /// A filmic curve in the manner of AgX: bright colours fade to white.
    #[default]
    Agx,
    /// The sRGB transfer function, clipped at one.
    Srgb,
    /// The look of film print, contrastier.
    Filmic,
}

impl ToneCurveName {
    /// The word used in recipes and labels.
    pub fn name(self) -> &'static str {
        match self {
            Self::Agx => "agx",
            Self::Srgb => "srgb",
            Self::Filmic => "filmic",
        }
    }
}

/// Pixel filter of the picture; labels have their own.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum PixelFilterName {
    /// Evenly over the pixel.
    Box,
    /// Gaussian with a standard deviation of half a pixel.
    Gaussian,
    /// Blackman-Harris, 1.5 pixels wide.
    #[default]
    BlackmanHarris,
}

impl PixelFilterName {
    /// The word used in recipes and labels.
    pub fn name(self) -> &'static str {
        match self {
            Self::Box => "box",
            Self::Gaussian => "gaussian",
            Self::BlackmanHarris => "blackman_harris",
        }
    }
}

/// Noise of the sensor (EMVA 1288); the scene-linear picture never has it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SensorParams {
    /// Sensitivity, arithmetic ISO.
    pub iso: f32,
    /// Electrons that exposed value 1 frees in a pixel of the picture at ISO 100.
    pub electrons: f32,
    /// Standard deviation of reading, in electrons.
    pub read_noise_e: f32,
}

/// How the camera moves while its shutter is open, evenly and in its own axes at the middle of that
/// time (+X right, +Y up, +Z toward the camera).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct CameraMotionParams {
    /// Velocity, in metres a second.
    pub velocity_m_s: [f32; 3],
    /// Axis of the turn times its rate, in radians a second.
    pub turn_rad_s: [f32; 3],
}

/// Settings of a camera that is not led by a meter.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ExposureParams {
    /// Light on the head, in lux: it sets the scale of the scene's light.
    pub illuminance_lux: f32,
    /// f-number for which the camera is set; the blur of its lens is the camera's.
    pub f_number: f32,
    /// Time for which the shutter is open, in seconds.
    pub shutter_s: f32,
    /// Sensitivity, arithmetic ISO.
    pub iso: f32,
}

/// What the camera makes of the light.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct FilmParams {
    /// Pixel filter.
    pub pixel_filter: PixelFilterName,
    /// Tone curve.
    pub tone_curve: ToneCurveName,
    /// Share of the colour of the light on the head that white balance takes out, 0 to 1.
    pub white_balance: f32,
    /// Error of the white balance, in mireds; positive is warmer.
    pub white_shift_mired: f32,
    /// Time for which the shutter is open, in seconds.
    pub shutter_s: Option<f32>,
    /// Motion of the camera meanwhile; `None` where it stands still.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub camera_motion: Option<CameraMotionParams>,
    /// Noise of the sensor; `None` for none.
    pub sensor: Option<SensorParams>,
    /// Settings from which the exposure follows; `None` where it was metered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exposure: Option<ExposureParams>,
}

impl FilmParams {
    /// Whether nothing differs from a plain picture.
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }
}
