//! Everything that can go wrong between a recipe and its samples.

use std::path::PathBuf;

use bottega_format::FormatError;
use bottega_people::PeopleError;
use bottega_render::RenderError;

use crate::assets::AssetError;
use crate::draw::DrawError;

/// An error of the assembler.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AssembleError {
    /// A document could not be written as JSON or read from it.
    #[error("cannot convert {what} to or from JSON")]
    Json {
        /// Which document.
        what: &'static str,
        /// The reason given.
        source: serde_json::Error,
    },
    /// The dataset side refused.
    #[error(transparent)]
    Format(#[from] FormatError),
    /// The recipe could not be frozen as TOML.
    #[error("cannot write the resolved recipe as TOML")]
    Toml {
        /// The reason given.
        source: Box<toml::ser::Error>,
    },
    /// No numbers could be drawn.
    #[error(transparent)]
    Draw(#[from] DrawError),
    /// An asset or a pack of them is missing or broken.
    #[error(transparent)]
    Assets(#[from] AssetError),
    /// The numbers make no person.
    #[error(transparent)]
    People(#[from] PeopleError),
    /// The denoiser asked for is not part of this build.
    #[error(
        "this build cannot load Open Image Denoise; build with `--features oidn` on a Unix, or \
         choose the denoiser `built-in`"
    )]
    NoSuchDenoiser,
    /// The numbers let the camera move for no time.
    #[error(
        "`film.camera_motion` needs the time for which the shutter is open: give \
         `film.shutter_s` in seconds, or leave the motion out"
    )]
    NoShutterTime,
    /// The scene cannot be traced.
    #[error(transparent)]
    Render(#[from] RenderError),
    /// A folder is no scene of the exchange format.
    #[error(transparent)]
    BenchScene(#[from] crate::bench_scene::BenchSceneError),
    /// The operating system refused.
    #[error("cannot {action}: {}", path.display())]
    Io {
        /// What was tried, as a verb phrase.
        action: &'static str,
        /// Path it was tried on.
        path: PathBuf,
        /// The reason given.
        source: std::io::Error,
    },
}
