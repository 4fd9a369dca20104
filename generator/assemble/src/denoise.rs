//! Pictures by the denoiser of a preset.

use bottega_render::accel::Accel;
use bottega_render::scene::{Film, RenderSettings, Scene};
use bottega_render::{render_denoised, render_denoised_by};
use bottega_schemas::scene_spec::Denoiser;

use crate::error::AssembleError;

/// Renders all planes of a picture; `denoiser` takes the noise out of the light alone.
///
/// # Errors
/// When the denoiser is not part of this build, or its library is not to be had.
pub fn render(
    scene: &Scene,
    accel: &Accel,
    settings: &RenderSettings,
    denoiser: Denoiser,
) -> Result<Film, AssembleError> {
    match denoiser {
        Denoiser::None => Ok(bottega_render::render(scene, accel, settings)),
        Denoiser::BuiltIn => Ok(render_denoised(scene, accel, settings)),
        Denoiser::Oidn => {
            // Asked first, so that no picture is rendered in vain.
            let library = library()?;
            Ok(render_denoised_by(scene, accel, settings, |noisy| {
                library.denoise(noisy)
            })?)
        }
    }
}

/// Open Image Denoise, opened once.
#[cfg(all(feature = "oidn", unix))]
fn library() -> Result<&'static bottega_render::denoise::oidn::OpenImageDenoise, AssembleError> {
    use std::sync::OnceLock;

    use bottega_render::RenderError;
    use bottega_render::denoise::oidn::{LIBRARY, OpenImageDenoise};

    static OPENED: OnceLock<Result<OpenImageDenoise, RenderError>> = OnceLock::new();
    let opened = OPENED.get_or_init(|| OpenImageDenoise::open(LIBRARY.as_ref()));
    opened.as_ref().map_err(|error| error.clone().into())
}

/// A library that cannot be had.
#[cfg(not(all(feature = "oidn", unix)))]
#[derive(Clone, Copy)]
enum Missing {}

#[cfg(not(all(feature = "oidn", unix)))]
impl Missing {
    fn denoise(self, _: &bottega_render::denoise::Noisy) -> Result<Vec<glam::Vec3>, AssembleError> {
        match self {}
    }
}

#[cfg(not(all(feature = "oidn", unix)))]
fn library() -> Result<Missing, AssembleError> {
    Err(AssembleError::NoSuchDenoiser)
}
