//! The planes of a sample: what each pixel value means, once and for all.
//!
//! Camera space is right-handed, +X right, +Y up, +Z toward the camera, which looks along -Z.
//! Pixel centres lie at +0.5, rows run from the top. Two families:
//!
//! - *First hit*: the pinhole ray through the pixel's centre. `depth` is the distance of its hit
//!   along the optical axis (not along the ray), `normal` the outward unit normal there. Never
//!   filtered, so every value belongs to a true surface point.
//! - *Coverage*: at least 64 rays over the pixel's box. `alpha` is the share of them that meets
//!   the person with everything worn.
//!
//! The two agree: where the centre ray hits, alpha is at least 1/255; where the stored alpha is 0,
//! depth is +inf and the normal (0, 0, 0).

use serde::{Deserialize, Serialize};

/// A plane of a sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Plane {
    /// Scene-linear Rec. 709 picture after exposure, before noise and tone curve, with background.
    RgbLinear,
    /// The picture as shown: 8-bit sRGB.
    Rgb8,
    /// Coverage of the person with everything worn, in `[0, 1]`.
    Alpha,
    /// Distance of the first hit along the optical axis, in metres; +inf is no surface.
    Depth,
    /// Outward unit normal of the first hit in camera space; (0, 0, 0) is no surface.
    Normal,
    /// Distance of the first hit along the ray, in metres; +inf is no surface.
    Range,
    /// Depth of the median hit among the coverage rays, in metres; +inf is no surface.
    DepthMedian,
    /// Unit mean of the normals met by the coverage rays; (0, 0, 0) is no surface.
    NormalMean,
    /// Number of the part at the first hit; 0 is no surface.
    PartId,
}

impl Plane {
    /// Name of the part of this plane in an EXR sample; alpha lies in the part of the picture.
    pub fn exr_part(self) -> &'static str {
        match self {
            Self::RgbLinear | Self::Alpha => "rgba",
            Self::Rgb8 => "display",
            Self::Depth => "depth",
            Self::Normal => "normal",
            Self::Range => "range",
            Self::DepthMedian => "depth_median",
            Self::NormalMean => "normal_mean",
            Self::PartId => "part_id",
        }
    }

    /// Unit of the values, as written into files.
    pub fn unit(self) -> &'static str {
        match self {
            Self::RgbLinear => "scene-linear",
            Self::Rgb8 => "sRGB",
            Self::Alpha => "coverage",
            Self::Depth | Self::Range | Self::DepthMedian => "m",
            Self::Normal | Self::NormalMean => "unit-vector",
            Self::PartId => "part-number",
        }
    }
}

/// Which optional planes a dataset stores.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OptionalPlanes {
    /// [`Plane::Range`].
    pub range: bool,
    /// [`Plane::DepthMedian`].
    pub depth_median: bool,
    /// [`Plane::NormalMean`].
    pub normal_mean: bool,
    /// [`Plane::PartId`].
    pub part_id: bool,
}
