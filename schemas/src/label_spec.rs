//! Which labels a dataset has besides the usual ones, and by which rules.

use serde::{Deserialize, Serialize};

use crate::plane::Plane;

/// The normal that labels give hair.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum HairNormals {
    /// Perpendicular to the fibre, toward the camera.
    #[default]
    Fiber,
    /// That of a smooth surface about the hair as a whole.
    Proxy,
}

/// What labels do at see-through things such as the lenses of glasses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum GlassLabels {
    /// They tell of what is behind.
    #[default]
    Through,
    /// They tell of the glass, as of any surface.
    Surface,
}

/// Which labels a recipe asks for; without it, the usual ones.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct LabelSpec {
    /// Optional planes to store; the part numbers always are.
    #[serde(default)]
    pub planes: Vec<Plane>,
    /// What the normals of hair are.
    #[serde(default)]
    pub hair_normals: HairNormals,
    /// What labels do at glass.
    #[serde(default)]
    pub glass: GlassLabels,
}

impl LabelSpec {
    /// Whether nothing is asked for.
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

impl HairNormals {
    /// The word used in recipes and metadata.
    pub fn name(self) -> &'static str {
        match self {
            Self::Fiber => "fiber",
            Self::Proxy => "proxy",
        }
    }
}

impl GlassLabels {
    /// The word used in recipes and metadata.
    pub fn name(self) -> &'static str {
        match self {
            Self::Through => "through",
            Self::Surface => "surface",
        }
    }
}
