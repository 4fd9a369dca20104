//! Distributions of poses, expressions and gaze.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{ByFraming, ExpressionMode, PoseFamily};
use crate::distribution::quantity::{AngleDeg, Count, Metres, Signed, Unit};
use crate::distribution::{Choice, Law, Scalar};

/// Pose of the body and the head.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PoseSpec {
    /// Family of poses, by framing.
    pub family: ByFraming<Choice<PoseFamily>>,
    /// Turn of the head against the chest, positive to the person's left, in degrees.
    pub head_yaw_deg: Law<AngleDeg>,
    /// Nod of the head against the chest, positive down, in degrees.
    pub head_pitch_deg: Law<AngleDeg>,
    /// Tilt of the head against the chest, positive to the person's right, in degrees.
    pub head_roll_deg: Law<AngleDeg>,
}

/// Expression and gaze.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct FaceSpec {
    /// Neutral, a preset, or random units.
    pub mode: Choice<ExpressionMode>,
    /// Weight that every unit gets by chance in a neutral face; negative is none.
    pub neutral_noise: Law<Signed>,
    /// Preset.
    pub preset: Choice<String>,
    /// Lowest and highest weight of the units of each preset at full strength. A unit without
    /// `Left` or `Right` stands for both.
    pub presets: BTreeMap<String, BTreeMap<String, [f64; 2]>>,
    /// Strength of a preset.
    pub preset_strength: Law<Unit>,
    /// Number of random units.
    pub random_count: Law<Count>,
    /// Weight of a random unit.
    pub random_weight: Law<Unit>,
    /// Difference between the left and right unit of a pair.
    pub asymmetry: Law<Signed>,
    /// Share of faces with the tongue out.
    pub tongue_share: Scalar<Unit>,
    /// Share of faces with the eyes closed or blinking.
    pub closed_eyes_share: Scalar<Unit>,
    /// How far such eyes are closed.
    pub eye_closure: Law<Unit>,
    /// Gaze in the head, positive toward the person's left, in degrees.
    pub gaze_yaw_deg: Law<AngleDeg>,
    /// Gaze in the head, positive up, in degrees.
    pub gaze_pitch_deg: Law<AngleDeg>,
    /// Share of people who look at the camera as far as their eyes turn.
    pub camera_gaze_share: Scalar<Unit>,
    /// Distance of the point both eyes look at, in metres.
    pub vergence_m: Law<Metres>,
}
