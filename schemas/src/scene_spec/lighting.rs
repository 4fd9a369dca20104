//! Distributions of light and camera.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::ByFraming;
use crate::distribution::quantity::{
    AngleDeg, Count, FNumber, Focal35Mm, FrameShare, FrameShift, Kelvin, Metres, Stops,
    SunHeightDeg, Turbidity, Unit,
};
use crate::distribution::{Choice, Law, Scalar};
use crate::params::{LampKind, LightingKind};

/// Light and background.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct LightingSpec {
    /// Kind of light; the environments of a kind are equally likely.
    pub kind: Choice<LightingKind>,
    /// Turn of the environment about the vertical, in degrees.
    pub yaw_deg: Law<AngleDeg>,
    /// Exposure offset from the metered value, in stops.
    pub exposure_ev: Law<Stops>,
    /// Share of deliberately dark pictures.
    pub dark_share: Scalar<Unit>,
    /// Exposure offset of those, in stops.
    pub dark_ev: Law<Stops>,
    /// A computed sky in place of some outdoor environments; never when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sky: Option<SkySpec>,
    /// Lamps besides the environment; none when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lamps: Option<LampSpec>,
}

/// Cloudless skies.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SkySpec {
    /// Share of the outdoor pictures that have one.
    pub share: Scalar<Unit>,
    /// Height of the sun above the horizon, in degrees.
    pub sun_height_deg: Law<SunHeightDeg>,
    /// Azimuth of the sun from the person's front toward the person's left, in degrees.
    pub sun_azimuth_deg: Law<AngleDeg>,
    /// Turbidity of the air: 2 is clear, 10 hazy.
    pub turbidity: Law<Turbidity>,
}

/// Lamps.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct LampSpec {
    /// Share of the pictures that have lamps, by kind of light; a kind that is left out has none.
    pub share: BTreeMap<LightingKind, Scalar<Unit>>,
    /// Number of lamps where there are some; rounded, 1 to 8.
    pub count: Law<Count>,
    /// Kind of each lamp.
    pub kind: Choice<LampKind>,
    /// Azimuth about the head from the camera's side, in degrees.
    pub azimuth_deg: Law<AngleDeg>,
    /// Height above the head, in degrees.
    pub height_deg: Law<AngleDeg>,
    /// Distance from the head.
    pub distance_m: Law<Metres>,
    /// Width; of a spot the width of its light at the head.
    pub size_m: Law<Metres>,
    /// Light of the lamp at the head over that of the environment, in stops.
    pub ratio_ev: Law<Stops>,
    /// Colour temperature, in kelvin.
    pub temperature_k: Law<Kelvin>,
}

/// Cameras, by framing.
pub type CameraSpec = ByFraming<ViewSpec>;

/// The camera of one framing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ViewSpec {
    /// Share of the frame height that the framed extent fills.
    pub subject_share: Law<FrameShare>,
    /// 35 mm equivalent focal length by the diagonal, in millimetres.
    pub focal_35mm: Law<Focal35Mm>,
    /// Nearest and farthest distance; focal length and share are drawn again outside.
    pub distance_m: [Scalar<Metres>; 2],
    /// Turn of the person against the camera, in degrees.
    pub subject_yaw_deg: Law<AngleDeg>,
    /// Elevation of the view, positive looks down, in degrees.
    pub pitch_deg: Law<AngleDeg>,
    /// Roll, in degrees.
    pub roll_deg: Law<AngleDeg>,
    /// Shift of the framed centre, in shares of the frame width.
    pub offset_x: Law<FrameShift>,
    /// Shift of the framed centre, in shares of the frame height.
    pub offset_y: Law<FrameShift>,
    /// Share of pictures whose vertical shift may cut the framed extent.
    pub truncation_share: Scalar<Unit>,
    /// Share of pictures through a thin lens.
    pub thin_lens_share: Scalar<Unit>,
    /// f-number of the lens.
    pub f_number: Law<FNumber>,
}
