//! The CPU path tracer and its exact labels; knows nothing of people, files or schemas.
//!
//! Lengths are metres, angles radians, light linear Rec. 709. World space is right-handed with
//! +Y up. Camera space is right-handed: +X right, +Y up, +Z toward the camera, which looks along
//! -Z. Pixel `(i, j)` covers `[i, i+1) x [j, j+1)` from the top-left corner; its centre is at +0.5.

pub mod accel;
pub mod bsdf;
mod camera;
pub mod compare;
pub mod denoise;
pub mod displace;
mod error;
pub mod exposure;
mod fast_math;
mod film;
pub mod frame;
mod integrator;
pub mod interaction;
pub mod label;
pub mod light;
mod material;
pub mod ray;
pub mod sampler;
pub mod sampling;
pub mod scene;
pub mod sensor;
mod simd;
mod subsurface;
mod surface;
#[cfg(test)]
mod test_support;
pub mod texture;
pub mod tone;
pub mod white_balance;

pub use error::RenderError;

use std::convert::Infallible;

use accel::Accel;
use denoise::Noisy;
use glam::Vec3;
use scene::{Effort, Film, RenderSettings, Scene};

/// Renders all planes of a picture: light by path tracing, labels exactly.
///
/// The bytes depend on the scene and the settings only, never on the number of threads.
pub fn render(scene: &Scene, accel: &Accel, settings: &RenderSettings) -> Film {
    let picture = film::expose_measured(scene, accel, settings);
    film_of(scene, accel, settings, picture)
}

/// The same with the noise taken out of the picture; labels never have any.
///
/// Meant for few paths a pixel (8 to 64), where it does the work of several times as many; at
/// least two are traced.
pub fn render_denoised(scene: &Scene, accel: &Accel, settings: &RenderSettings) -> Film {
    match render_denoised_by(scene, accel, settings, |noisy| {
        Ok::<_, Infallible>(noisy.denoised())
    }) {
        Ok(film) => film,
        Err(never) => match never {},
    }
}

/// The same with another denoiser.
///
/// # Errors
/// Those of `denoise`.
pub fn render_denoised_by<E>(
    scene: &Scene,
    accel: &Accel,
    settings: &RenderSettings,
    denoise: impl FnOnce(&Noisy) -> Result<Vec<Vec3>, E>,
) -> Result<Film, E> {
    let (noisy, effort) = render_noisy(scene, accel, settings);
    let rgb = denoise(&noisy)?;
    drop(noisy);
    Ok(film_of(scene, accel, settings, (rgb, effort)))
}

/// The picture alone, its paths kept in two halves, with the features that denoisers go by.
pub fn render_noisy(scene: &Scene, accel: &Accel, settings: &RenderSettings) -> (Noisy, Effort) {
    film::expose_halves(scene, accel, settings)
}

fn film_of(
    scene: &Scene,
    accel: &Accel,
    settings: &RenderSettings,
    (rgb, effort): (Vec<Vec3>, Effort),
) -> Film {
    let labels = label::render_labels(scene, accel, settings.label_rays);
    let [width, height] = scene.camera.resolution_px;
    Film {
        width,
        height,
        rgb,
        alpha: labels.alpha,
        depth_m: labels.depth_m,
        normal: labels.normal,
        part: labels.part,
        range_m: labels.range_m,
        effort,
    }
}

/// The picture alone: exposed scene-linear light, row by row from the top-left.
pub fn render_rgb(scene: &Scene, accel: &Accel, settings: &RenderSettings) -> Vec<Vec3> {
    film::expose(scene, accel, settings)
}
