//! The three crops of a person.

use serde::{Deserialize, Serialize};

/// How much of the person the picture shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Framing {
    /// Head and shoulders.
    Face,
    /// Crown to hip.
    UpperBody,
    /// The whole person.
    FullBody,
}

impl Framing {
    /// Name, as in the column `framing`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Face => "face",
            Self::UpperBody => "upper_body",
            Self::FullBody => "full_body",
        }
    }
}
