//! `SceneSpec`: the recipe of a dataset, checked and in SI units.
//!
//! A recipe names its dataset, seed, framings, picture size, quality presets and a profile; the
//! profile holds every distribution, and the recipe's `overrides` lie on top of it, key by key.
//! People write both as TOML (mistakes are reported with their key path); what is
//! here has been checked once and holds metres and radians only.

mod check;
mod denoiser;
mod film;
mod frozen;
mod garment;
mod groom;
mod lighting;
mod person;
mod pose;
mod shipped;
mod words;
mod worn;

use std::path::Path;

use serde::{Deserialize, Serialize};

pub use denoiser::Denoiser;
pub use film::{ExposureSpec, FilmSpec, SensorSpec, ShakeSpec};
pub use frozen::FrozenRecipe;
pub use garment::{BottomSpec, FabricSpec, GarmentSpec, TopSpec};
pub use groom::{
    BeardSpec, BrowSpec, GreySpec, GroomSpec, HairColorSpec, HairLengthSpec, HairLossSpec,
    PigmentSpec,
};
pub use lighting::{CameraSpec, LampSpec, LightingSpec, SkySpec, ViewSpec};
pub use person::{
    EyeSpec, MakeupSpec, PersonSpec, QuotaCount, QuotaSex, RegionSpec, SkinSpec, SliderSpec,
};
pub use pose::{FaceSpec, PoseSpec};
pub use shipped::{shipped_profiles, shipped_recipes};
pub use words::{
    ByFraming, BySex, ByStyle, ExpressionMode, Knots, LengthClass, MonkTone, NaturalHairColor,
    PoseFamily, SrgbHex, Style,
};
pub use worn::{EarringSpec, GlassesSpec, HeadwearSpec, MaskSpec, WornSpec};

use crate::distribution::Choice;
use crate::document;
use crate::error::SchemaError;
use crate::framing::Framing;
use crate::label_spec::LabelSpec;

/// Version of the recipe and profile documents.
pub const SCENE_SPEC_VERSION: u32 = 1;

/// Highest seed: seeds are 63-bit so that every signed 64-bit column holds them.
pub const MAX_SEED: u64 = i64::MAX as u64;

/// A recipe, checked.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SceneSpec {
    /// Version of the document, [`SCENE_SPEC_VERSION`].
    pub schema_version: u32,
    /// Name of the dataset: the first part of every sample's name.
    pub dataset: String,
    /// Root of all randomness, 0 to 2^63 - 1.
    pub seed: u64,
    /// Pictures of one person in a row.
    pub frames_per_identity: u64,
    /// Shares of the framings.
    pub framing: Choice<Framing>,
    /// Width and height of the picture, in pixels.
    pub resolution_px: [u32; 2],
    /// Preset used when none is asked for.
    pub quality: Quality,
    /// What each quality means.
    pub presets: Presets,
    /// Labels besides the usual ones.
    #[serde(skip_serializing_if = "LabelSpec::is_default")]
    pub labels: LabelSpec,
    /// Name of the profile.
    pub profile_name: String,
    /// Every distribution.
    pub profile: ProfileSpec,
}

/// Every distribution of a recipe.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ProfileSpec {
    /// Bodies.
    pub person: PersonSpec,
    /// Skin.
    pub skin: SkinSpec,
    /// Eyes.
    pub eyes: EyeSpec,
    /// Hair.
    pub groom: GroomSpec,
    /// Clothes.
    pub garments: GarmentSpec,
    /// What is worn on the head; nothing when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub worn: Option<WornSpec>,
    /// Body pose.
    pub pose: PoseSpec,
    /// Expression and gaze.
    pub face: FaceSpec,
    /// Light.
    pub lighting: LightingSpec,
    /// Camera.
    pub camera: CameraSpec,
    /// Film; plain when absent.
    #[serde(default, skip_serializing_if = "FilmSpec::is_default")]
    pub film: FilmSpec,
}

/// A named quality.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Quality {
    /// For a look.
    Draft,
    /// For training.
    Standard,
    /// For measuring the others against.
    Reference,
}

impl Quality {
    /// The word used in recipes and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Standard => "standard",
            Self::Reference => "reference",
        }
    }
}

/// The meaning of each quality.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Presets {
    /// For a look.
    pub draft: QualityPreset,
    /// For training.
    pub standard: QualityPreset,
    /// For measuring the others against.
    pub reference: QualityPreset,
}

/// Settings of the renderer that trade time for noise.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct QualityPreset {
    /// Light paths per pixel, 1 to 65536; the most of them where `error` is set.
    pub spp: u32,
    /// Stop at this error, 1e-6 to 1: the mean over the picture of the variance relative to the
    /// squared brightness plus 0.01, before denoising. `spp` paths everywhere when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<f32>,
    /// Longest path, in bounces, 1 to 64.
    pub max_bounces: u32,
    /// Rays per pixel for coverage, 64 to 4096; alpha does not depend on `spp`.
    pub label_rays: u32,
    /// How noise is taken out of the picture; labels never have any. Not at all when absent.
    #[serde(default, skip_serializing_if = "is_none")]
    pub denoiser: Denoiser,
    /// Bound on the contribution of indirect paths, in units of the exposed picture, 1 to 1e6;
    /// 10 when absent.
    #[serde(default = "usual_clamp", skip_serializing_if = "is_usual_clamp")]
    pub clamp_indirect: f32,
    /// Whether the errors of neighbouring pixels cancel; they are independent when absent.
    #[serde(default, skip_serializing_if = "is_false")]
    pub blue_noise: bool,
}

fn usual_clamp() -> f32 {
    10.0
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
fn is_usual_clamp(clamp: &f32) -> bool {
    *clamp == usual_clamp()
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
fn is_none(denoiser: &Denoiser) -> bool {
    *denoiser == Denoiser::None
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
fn is_false(is: &bool) -> bool {
    !is
}

/// What a recipe looks like as a document, without its overrides.
#[derive(Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "json-schema", schemars(rename = "Recipe"))]
pub(crate) struct RecipeFile {
    /// Version of the document; 1.
    schema_version: u32,
    /// Name of the dataset: lower-case letters, digits, `-` and `_`, at most 64.
    dataset: String,
    /// Root of all randomness, 0 to 2^63 - 1.
    seed: u64,
    /// Pictures of one person in a row; 1 when absent.
    #[serde(default = "one")]
    frames_per_identity: u64,
    /// Shares of the framings.
    framing: Choice<Framing>,
    /// Width and height of the picture, in pixels, 16 to 8192.
    resolution_px: [u32; 2],
    /// Preset used when none is asked for.
    quality: Quality,
    /// What each quality means.
    presets: Presets,
    /// Labels besides the usual ones.
    #[serde(default)]
    labels: LabelSpec,
    /// Name of a shipped profile, or path of a profile, relative to the recipe.
    profile: String,
}

fn one() -> u64 {
    1
}

impl SceneSpec {
    /// Reads a recipe: a path, or the name of a shipped one (`face`, `scenes/face.toml`).
    pub fn load(path_or_name: &str) -> Result<Self, SchemaError> {
        Self::load_with(path_or_name, None)
    }

    /// Reads a recipe and puts `profile` (a shipped name or a path) in the place of its own.
    pub fn load_with(path_or_name: &str, profile: Option<&str>) -> Result<Self, SchemaError> {
        let (text, file, folder) = shipped::recipe_text(path_or_name)?;
        Self::from_toml(&text, &file, &folder, profile)
    }

    /// Reads a recipe from its text. `file` names it in messages, `folder` is where a relative
    /// path of its profile starts.
    pub fn from_toml(
        text: &str,
        file: &str,
        folder: &Path,
        profile: Option<&str>,
    ) -> Result<Self, SchemaError> {
        let mut table = document::parse(text, file)?;
        let overrides = match table.remove("overrides") {
            None => toml::Table::new(),
            Some(toml::Value::Table(overrides)) => overrides,
            Some(other) => {
                return Err(SchemaError::Invalid {
                    file: file.into(),
                    key: "overrides".into(),
                    message: format!("found {}, wanted a table", other.type_str()).into(),
                });
            }
        };
        let recipe: RecipeFile = document::read(table, file, "")?;
        check::recipe(&recipe, file)?;
        let (mut base, profile_file) = match profile {
            Some(profile) => shipped::profile_table(profile, Path::new(""))?,
            None => shipped::profile_table(&recipe.profile, folder)?,
        };
        let profile_name = shipped::stem(profile.unwrap_or(&recipe.profile));
        // Read the profile alone first, so that a mistake in it is not blamed on the recipe.
        let mut spec: ProfileSpec = document::read(base.clone(), &profile_file, "")?;
        check::profile(&spec, &profile_file, "")?;
        if !overrides.is_empty() {
            document::merge(&mut base, overrides);
            spec = document::read(base, file, "overrides")?;
            check::profile(&spec, file, "overrides.")?;
        }
        Ok(Self {
            schema_version: recipe.schema_version,
            dataset: recipe.dataset,
            seed: recipe.seed,
            frames_per_identity: recipe.frames_per_identity,
            framing: recipe.framing,
            resolution_px: recipe.resolution_px,
            quality: recipe.quality,
            presets: recipe.presets,
            labels: recipe.labels,
            profile_name,
            profile: spec,
        })
    }

    /// The recipe with another seed; refused above 2^63 - 1.
    pub fn with_seed(mut self, seed: u64) -> Result<Self, SchemaError> {
        if seed > MAX_SEED {
            return Err(SchemaError::Invalid {
                file: "command line".into(),
                key: "seed".into(),
                message: format!("found {seed}, allowed is 0 to {MAX_SEED}").into(),
            });
        }
        self.seed = seed;
        Ok(self)
    }

    /// The recipe with another picture size, in pixels; each side 16 to 8192.
    pub fn with_resolution(mut self, resolution_px: [u32; 2]) -> Result<Self, SchemaError> {
        check::resolution(resolution_px, "command line")?;
        self.resolution_px = resolution_px;
        Ok(self)
    }

    /// The settings of `quality`, or of the recipe's own quality.
    pub fn preset(&self, quality: Option<Quality>) -> &QualityPreset {
        match quality.unwrap_or(self.quality) {
            Quality::Draft => &self.presets.draft,
            Quality::Standard => &self.presets.standard,
            Quality::Reference => &self.presets.reference,
        }
    }

    /// BLAKE3 of the checked recipe, overrides and profile included, in lower-case hex: two
    /// recipes with one hash mean the same dataset, however they are written.
    pub fn hash(&self) -> String {
        let json = serde_json::to_vec(self)
            .expect("a checked recipe holds finite numbers and string keys only");
        blake3::hash(&json).to_hex().to_string()
    }
}

#[cfg(test)]
mod tests;
