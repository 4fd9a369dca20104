//! `SceneParams`: every number of one sample, final and replayable.
//!
//! Drawn from a recipe by `bottega_assemble`, saved as JSON with the sample, and enough to render
//! it again without the recipe. Lengths are metres, angles radians. Body-space vectors and
//! quaternions are in the model frame of the body: +Y up, the person faces +Z, +X is the person's
//! left; quaternions are `[x, y, z, w]`.

mod camera;
mod film;
mod garment;
mod groom;
mod hair_style;
mod lighting;
mod person;
mod pose;
mod worn;

use serde::{Deserialize, Serialize};

pub use camera::CameraParams;
pub use film::{
    CameraMotionParams, ExposureParams, FilmParams, PixelFilterName, SensorParams, ToneCurveName,
};
pub use garment::{
    BottomKind, BottomParams, FabricParams, GarmentParams, Pattern, ShoeKind, ShoeParams, TopKind,
    TopParams, Weave,
};
pub use groom::{
    BeardParams, BeardStyle, BrowParams, GroomParams, HairColorLabel, HairColorParams, HairCut,
    HairType, ScalpHairParams, SecondColorParams, SecondColorPlace,
};
pub use hair_style::HairStyle;
pub use lighting::{LampKind, LampParams, LightingKind, LightingParams, SKY_ID, SkyParams};
pub use person::{EyeColor, EyeParams, MakeupParams, PersonParams, ShapeParams, SkinParams};
pub use pose::{FaceParams, PoseParams};
pub use worn::{
    EarringKind, EarringParams, FrameKind, FrameMaterial, GlassesParams, HeadwearKind,
    HeadwearParams, LensKind, MaskKind, MaskParams, WornParams,
};

use crate::framing::Framing;

/// Version of this document.
pub const SCENE_PARAMS_VERSION: u32 = 1;

/// Every number of one sample.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SceneParams {
    /// Version of this document, [`SCENE_PARAMS_VERSION`].
    pub schema_version: u32,
    /// Crop of the person.
    pub framing: Framing,
    /// Who: body, face, skin, eyes.
    pub person: PersonParams,
    /// Joint rotations.
    pub pose: PoseParams,
    /// Expression and gaze.
    pub face: FaceParams,
    /// Hair, brows, beard.
    pub groom: GroomParams,
    /// Clothes and shoes.
    pub garments: GarmentParams,
    /// What is worn on the head.
    #[serde(default, skip_serializing_if = "WornParams::is_nothing")]
    pub worn: WornParams,
    /// Light and background.
    pub lighting: LightingParams,
    /// Camera intent; the final camera follows from it and from the posed body.
    pub camera: CameraParams,
    /// What the camera makes of the light.
    #[serde(default, skip_serializing_if = "FilmParams::is_default")]
    pub film: FilmParams,
    /// Seed of the fine structure (strand roots, noise textures) that is not a parameter.
    pub detail_seed: u64,
    /// Seed of the picture's noise.
    pub noise_seed: u64,
}
