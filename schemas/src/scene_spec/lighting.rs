//! Distributions of light and camera.

use serde::{Deserialize, Serialize};

use super::ByFraming;
use crate::distribution::quantity::{
    AngleDeg, FNumber, Focal35Mm, FrameShare, FrameShift, Metres, Stops, Unit,
};
use crate::distribution::{Choice, Law, Scalar};
use crate::params::LightingKind;

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
