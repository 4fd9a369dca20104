//! The color of skin on the individual typology angle.

use bottega_format::measure::{linear_to_lab, srgb_to_linear};

/// Classes of the individual typology angle (Chardon 1991, Del Bino 2013), from light to dark.
pub const ITA_CLASSES: [&str; 6] = [
    "very_light",
    "light",
    "intermediate",
    "tan",
    "brown",
    "dark",
];

/// Lower bounds of the classes but the last, in degrees; a class begins above its bound.
const BOUNDS_DEG: [f64; 5] = [55.0, 41.0, 28.0, 10.0, -30.0];

/// A color as skin is described.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SkinColor {
    /// CIELAB, D65.
    pub lab: [f64; 3],
    /// Individual typology angle atan2(L* - 50, b*), in degrees.
    pub ita_deg: f64,
    /// Hue angle atan2(b*, a*), in degrees.
    pub hue_deg: f64,
    /// Luminance of linear Rec. 709.
    pub luminance: f64,
}

impl SkinColor {
    /// Of an 8-bit sRGB color.
    pub fn of_srgb(rgb8: [u8; 3]) -> Self {
        let linear = rgb8.map(srgb_to_linear);
        let lab = linear_to_lab(linear);
        Self {
            lab,
            ita_deg: libm::atan2(lab[0] - 50.0, lab[2]).to_degrees(),
            hue_deg: libm::atan2(lab[2], lab[1]).to_degrees(),
            luminance: 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2],
        }
    }

    /// The angle as the plain arctangent; `None` where b* is 0. Differs where b* is negative.
    pub fn ita_plain_deg(&self) -> Option<f64> {
        let [l, _, b] = self.lab;
        (b != 0.0).then(|| libm::atan((l - 50.0) / b).to_degrees())
    }
}

/// The class of an angle.
pub fn ita_class(ita_deg: f64) -> &'static str {
    let class = BOUNDS_DEG.iter().position(|bound| ita_deg > *bound);
    ITA_CLASSES[class.unwrap_or(BOUNDS_DEG.len())]
}
