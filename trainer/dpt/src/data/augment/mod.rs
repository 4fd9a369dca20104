//! How a frame is varied: a pure function of the frame, the configuration, a seed and, for another
//! background, one more frame.
//!
//! What moves pixels is one affine warp ([`geometry`], [`warp`]) that moves truth and camera along.
//! What changes colors comes after it, at the size of training, and touches nothing but the
//! picture: another background through soft coverage, color, gamma, grey, downscaling, blur, noise,
//! JPEG, in this order. Values stay in \[0, 1\].

mod background;
mod color;
mod degrade;
mod draws;
mod geometry;
mod jpeg;
mod warp;

pub use geometry::Geometry;
pub use warp::warp;

use bottega_schemas::train::AugmentConfig;

use super::frame::Frame;
use draws::Draws;

/// Varies a frame and brings it to `to` pixels. `background` is another frame whose background may
/// be used; see [`wants_background`]. A configuration that is not enabled changes nothing, the
/// size included.
pub fn augment(
    mut frame: Frame,
    config: &AugmentConfig,
    seed: u64,
    to: (usize, usize),
    background: Option<&Frame>,
) -> Frame {
    let mut spare = Frame::default();
    augment_in_place(&mut frame, config, seed, to, background, &mut spare);
    frame
}

/// [`augment`] that uses the memory of `spare`, whose values are lost, again.
pub(crate) fn augment_in_place(
    frame: &mut Frame,
    config: &AugmentConfig,
    seed: u64,
    to: (usize, usize),
    background: Option<&Frame>,
    spare: &mut Frame,
) {
    if !config.enabled {
        return;
    }
    let geometry = geometry_of(frame, config, seed, to);
    if !geometry.is_identity() {
        warp::warp_into(frame, &geometry, spare);
        std::mem::swap(frame, spare);
    }
    let draws = Draws::new(seed);
    if draws.happens("background", config.background) {
        match background.filter(|_| wants_background(config, seed)) {
            Some(other) => background::replace(frame, other, draws),
            None => background::replace_by_color(frame, draws),
        }
    }
    if draws.happens("color", config.color) {
        color::jitter(&mut frame.rgb, config, draws);
    }
    if draws.happens("gamma", config.gamma) {
        let exponent = draws.within("gamma/exponent", config.gamma_range);
        color::gamma(&mut frame.rgb, exponent);
    }
    if draws.happens("grayscale", config.grayscale) {
        color::grayscale(&mut frame.rgb);
    }
    if draws.happens("downscale", config.downscale) {
        let factor = draws.within("downscale/factor", config.downscale_range);
        degrade::downscale(frame, factor);
    }
    if draws.happens("blur", config.blur) {
        let sigma_px = draws.within("blur/sigma", config.blur_sigma_px);
        degrade::blur(frame, sigma_px, &mut spare.rgb);
    }
    if draws.happens("noise", config.noise) {
        let sigma = draws.within("noise/sigma", config.noise_sigma);
        degrade::noise(&mut frame.rgb, sigma as f32, draws.key("noise/values"));
    }
    if draws.happens("jpeg", config.jpeg) {
        let quality = draws.within("jpeg/quality", config.jpeg_quality);
        jpeg::compress(frame, quality.round() as u8);
    }
}

/// Whether [`augment`] with this seed takes the background of another frame.
pub fn wants_background(config: &AugmentConfig, seed: u64) -> bool {
    let draws = Draws::new(seed);
    config.enabled
        && draws.happens("background", config.background)
        && !draws.happens("background/one_color", background::ONE_COLOR)
}

/// What [`augment`] with this seed does to the places of pixels.
pub fn geometry_of(
    frame: &Frame,
    config: &AugmentConfig,
    seed: u64,
    to: (usize, usize),
) -> Geometry {
    if config.enabled {
        Geometry::draw(frame, config, Draws::new(seed), to)
    } else {
        Geometry::resize(frame, (frame.width, frame.height))
    }
}

#[cfg(test)]
mod tests;
