//! How pictures are varied while training. Nothing of it is published; the values are ours.

use serde::{Deserialize, Serialize};

/// An interval from which a number is drawn evenly; `from` may equal `to`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Range {
    /// The least value.
    pub from: f64,
    /// The greatest value.
    pub to: f64,
}

/// Probabilities (0 to 1) and strengths of the augmentations, in the order of their use. Those
/// that move pixels move depth, normals, alpha and the camera with them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct AugmentConfig {
    /// Whether anything is varied at all.
    pub enabled: bool,
    /// Probability of a mirror image.
    pub flip: f64,
    /// Probability of a rotation in the plane of the picture.
    pub rotate: f64,
    /// Largest angle of the rotation, in degrees either way.
    pub rotate_max_deg: f64,
    /// Probability of a crop.
    pub resized_crop: f64,
    /// Side of the crop as a share of the picture's; crops keep part of the person.
    pub crop: Range,
    /// Largest change of the crop's aspect ratio, as a factor of at least 1.
    pub crop_aspect: f64,
    /// Probability of another background, from another sample or of one colour, through alpha.
    pub background: f64,
    /// Probability of a change of brightness, contrast, saturation and hue.
    pub color: f64,
    /// Largest factor of brightness, contrast and saturation away from 1, 0 to below 1.
    pub color_strength: f64,
    /// Largest turn of the hue, in degrees.
    pub hue_max_deg: f64,
    /// Probability of a change of gamma.
    pub gamma: f64,
    /// The exponents.
    pub gamma_range: Range,
    /// Probability of a grey picture.
    pub grayscale: f64,
    /// Probability that the picture is made smaller and larger again.
    pub downscale: f64,
    /// The factors, of at most 1.
    pub downscale_range: Range,
    /// Probability of a Gaussian blur.
    pub blur: f64,
    /// Its standard deviations, in pixels.
    pub blur_sigma_px: Range,
    /// Probability of noise.
    pub noise: f64,
    /// Its standard deviations, where white is 1.
    pub noise_sigma: Range,
    /// Probability of JPEG compression.
    pub jpeg: f64,
    /// Its qualities, 1 to 100.
    pub jpeg_quality: Range,
}

impl Default for AugmentConfig {
    fn default() -> Self {
        let range = |from, to| Range { from, to };
        Self {
            enabled: true,
            flip: 0.5,
            rotate: 0.3,
            rotate_max_deg: 20.0,
            resized_crop: 0.8,
            crop: range(0.5, 1.0),
            crop_aspect: 1.1,
            background: 0.1,
            color: 0.8,
            color_strength: 0.3,
            hue_max_deg: 8.0,
            gamma: 0.3,
            gamma_range: range(0.7, 1.4),
            grayscale: 0.05,
            downscale: 0.15,
            downscale_range: range(0.3, 0.9),
            blur: 0.15,
            blur_sigma_px: range(0.3, 2.0),
            noise: 0.3,
            noise_sigma: range(0.002, 0.03),
            jpeg: 0.3,
            jpeg_quality: range(40.0, 95.0),
        }
    }
}
