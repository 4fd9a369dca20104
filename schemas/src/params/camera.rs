//! What the camera wants; where it stands follows from the posed body.

use serde::{Deserialize, Serialize};

/// Camera intent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct CameraParams {
    /// Focal length as on 35 mm film by the diagonal, in millimetres (the trade's unit).
    pub focal_35mm: f32,
    /// Share of the frame height that the framed extent fills.
    pub subject_share: f32,
    /// Turn of the person against the camera about the vertical, in radians; 0 faces the camera.
    pub subject_yaw_rad: f32,
    /// Elevation of the camera's view: positive looks down on the person, in radians.
    pub pitch_rad: f32,
    /// Roll about the optical axis, in radians.
    pub roll_rad: f32,
    /// Shift of the framed centre, in shares of the frame width and height.
    pub offset: [f32; 2],
    /// f-number of a thin lens; `None` is a pinhole.
    pub f_number: Option<f32>,
    /// Width and height of the picture, in pixels.
    pub resolution_px: [u32; 2],
}
