//! Which way noise is taken out of a picture.

use serde::{Deserialize, Serialize};

/// A way to take noise out of a picture; labels never have any.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Denoiser {
    /// The picture stays as it is.
    #[default]
    None,
    /// Regression on albedo, normal and nearness: the same bytes on every machine.
    BuiltIn,
    /// Open Image Denoise 2, where it is installed: its bytes differ between machines.
    Oidn,
}

impl Denoiser {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::None, Self::BuiltIn, Self::Oidn];

    /// Name, as in recipes and in the column `denoiser`.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::BuiltIn => "built-in",
            Self::Oidn => "oidn",
        }
    }

    /// The one of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.name() == name)
    }
}
