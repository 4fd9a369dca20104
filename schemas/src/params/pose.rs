//! Joint rotations, expression and gaze.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Pose of the body.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PoseParams {
    /// Family the pose was drawn from: `stand`, `gesture`, `walk`, `sit`.
    pub pose_id: String,
    /// Rotation of the root bone.
    pub root_rotation: [f32; 4],
    /// Rotation of each bone relative to rest, expressed in the rest model axes; missing bones
    /// are at rest.
    pub bones: BTreeMap<String, [f32; 4]>,
    /// Whether the person sits on a seat.
    pub seated: bool,
}

/// Expression and gaze.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct FaceParams {
    /// Name of the expression, for the label.
    pub expression_id: String,
    /// Face units by their ARKit names -> weight in `[0, 1]`.
    pub units: BTreeMap<String, f32>,
    /// Gaze in the head, positive toward the person's left, in radians.
    pub gaze_yaw_rad: f32,
    /// Gaze in the head, positive up, in radians.
    pub gaze_pitch_rad: f32,
    /// Distance of the point both eyes look at, in metres.
    pub vergence_m: f32,
    /// Whether the eyes turn to the camera where it stands, as far as the limits of the gaze
    /// allow; beyond them, and when this is false, the gaze angles above hold.
    #[serde(default)]
    pub gaze_at_camera: bool,
}
