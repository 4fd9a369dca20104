//! From scene-linear light to the eight bits of a picture.

use glam::{Mat3, Vec3};

use crate::fast_math::{ln, pow};
use crate::scene::Film;

/// How exposed linear light becomes display values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ToneCurve {
    /// A filmic curve in the manner of AgX: bright colours fade to white, 0.18 shows as about one
    /// half of the range. Its output is display-encoded.
    #[default]
    AgX,
    /// The sRGB transfer function, clipped at one.
    Srgb,
    /// The look of film print as fitted by Narkowicz 2015 to the ACES reference transform, scaled
    /// so that 0.18 stays 0.18, then the sRGB transfer function. Contrastier than `AgX`, and bright
    /// colours keep their hue until they clip.
    Filmic,
}

impl ToneCurve {
    /// Display value in `[0, 1]` of an exposed linear colour; not a number counts as 0.
    pub fn apply(self, linear: Vec3) -> Vec3 {
        // `max` drops what is not a number.
        let linear = linear.max(Vec3::ZERO);
        match self {
            Self::AgX => agx(linear),
            Self::Srgb => Vec3::from_array(linear.to_array().map(srgb_encode)),
            Self::Filmic => Vec3::from_array(linear.to_array().map(|x| srgb_encode(film_print(x)))),
        }
    }
}

/// The picture as rows of R, G, B bytes, rounded to nearest.
pub fn to_srgb8(film: &Film, curve: ToneCurve) -> Vec<u8> {
    encode(&film.rgb, curve)
}

/// Exposed linear colours as R, G, B bytes, rounded to nearest.
pub fn encode(rgb: &[Vec3], curve: ToneCurve) -> Vec<u8> {
    rgb.iter()
        .flat_map(|&linear| quantize(curve.apply(linear)))
        .collect()
}

/// Bytes of a display value in `[0, 1]`, rounded to nearest.
pub fn quantize(display: Vec3) -> [u8; 3] {
    display
        .to_array()
        .map(|x| (255.0 * x.clamp(0.0, 1.0) + 0.5).floor() as u8)
}

/// The sRGB transfer function; the result is clipped to `[0, 1]`.
pub fn srgb_encode(linear: f32) -> f32 {
    if linear <= 0.003_130_8 {
        12.92 * linear.max(0.0)
    } else if linear < 1.0 {
        (1.055 * pow(linear, 1.0 / 2.4) - 0.055).min(1.0)
    } else {
        1.0
    }
}

/// The inverse of [`srgb_encode`].
pub fn srgb_decode(encoded: f32) -> f32 {
    if encoded <= 0.040_45 {
        encoded.max(0.0) / 12.92
    } else {
        pow((encoded + 0.055) / 1.055, 2.4)
    }
}

/// Scale before the fit with which middle grey stays where it is.
const PRINT_SCALE: f32 = 0.723_53;

/// The fitted curve `x (2.51 x + 0.03) / (x (2.43 x + 0.59) + 0.14)`; the result is display-linear.
fn film_print(linear: f32) -> f32 {
    // Beyond this the curve is flat and above one; the bound keeps the squares finite.
    let x = (PRINT_SCALE * linear).min(1e4);
    (x * (2.51 * x + 0.03) / (x * (2.43 * x + 0.59) + 0.14)).clamp(0.0, 1.0)
}

/// Least and greatest exposure of the filmic curve, as log2 of linear light.
const AGX_RANGE_EV: (f32, f32) = (-12.473_93, 4.026_069);

/// A filmic curve: the primaries are drawn toward grey, so that no channel clips before the
/// others; each channel follows an S-curve over log2 of the light; the primaries go back.
fn agx(linear: Vec3) -> Vec3 {
    let inset = inset();
    let compressed = (inset * linear).max(Vec3::splat(1e-10));
    let curved = Vec3::from_array(compressed.to_array().map(|x| {
        let ev = ln(x) * std::f32::consts::LOG2_E;
        let (least, greatest) = AGX_RANGE_EV;
        s_curve(((ev - least) / (greatest - least)).clamp(0.0, 1.0))
    }));
    (outset() * curved).clamp(Vec3::ZERO, Vec3::ONE)
}

/// Sixth-degree fit of the S-curve over the normalised exposure.
fn s_curve(x: f32) -> f32 {
    let p = x
        .mul_add(15.5, -40.14)
        .mul_add(x, 31.96)
        .mul_add(x, -6.868)
        .mul_add(x, 0.4298)
        .mul_add(x, 0.1191)
        .mul_add(x, -0.002_32);
    p.clamp(0.0, 1.0)
}

/// Draws each primary toward grey. Rows sum to one, so grey stays grey.
fn inset() -> Mat3 {
    Mat3::from_cols(
        Vec3::new(0.842_479_06, 0.042_328_242, 0.042_375_654),
        Vec3::new(0.078_433_59, 0.878_468_64, 0.078_433_59),
        Vec3::new(0.079_223_745, 0.079_166_13, 0.879_143),
    )
}

/// Undoes [`inset`].
fn outset() -> Mat3 {
    Mat3::from_cols(
        Vec3::new(1.196_879, -0.052_896_85, -0.052_971_635),
        Vec3::new(-0.098_020_88, 1.151_903_1, -0.098_043_46),
        Vec3::new(-0.099_029_74, -0.098_961_18, 1.151_073_7),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn curves_rise_and_keep_grey_grey() {
        for curve in [ToneCurve::AgX, ToneCurve::Srgb, ToneCurve::Filmic] {
            let mut last = -1.0;
            for i in 0..2000 {
                let x = crate::fast_math::exp((i as f32 - 1600.0) * 0.006);
                let y = curve.apply(Vec3::splat(x));
                assert!(
                    (y.max_element() - y.min_element()) < 2e-3,
                    "{curve:?} tints {x}: {y}"
                );
                assert!(last - 1e-5 <= y.y, "{curve:?} falls at {x}");
                last = y.y;
            }
        }
    }

    #[test]
    fn middle_grey_shows_where_it_should() {
        let filmic = ToneCurve::AgX.apply(Vec3::splat(0.18)).y;
        assert!((0.44..0.53).contains(&filmic), "{filmic}");
        let srgb = ToneCurve::Srgb.apply(Vec3::splat(0.18)).y;
        assert!((srgb - 0.4613).abs() < 1e-3, "{srgb}");
        let print = ToneCurve::Filmic.apply(Vec3::splat(0.18)).y;
        assert!((print - srgb).abs() < 1e-3, "{print}");
        // Shadows are darker and lights fuller than without the curve.
        let encode = |curve: ToneCurve, x: f32| curve.apply(Vec3::splat(x)).y;
        assert!(encode(ToneCurve::Filmic, 0.02) < encode(ToneCurve::Srgb, 0.02));
        assert!(encode(ToneCurve::Filmic, 0.4) > encode(ToneCurve::Srgb, 0.4));
        assert!(encode(ToneCurve::Filmic, 1.0) < 0.95);
        assert_eq!(quantize(ToneCurve::Srgb.apply(Vec3::splat(0.5)))[0], 188);
        assert_eq!(quantize(Vec3::new(0.0, 1.0, 2.0)), [0, 255, 255]);
        for i in 0..=255 {
            let x = i as f32 / 255.0;
            assert!((srgb_encode(srgb_decode(x)) - x).abs() < 1e-5);
        }
    }

    #[test]
    fn bad_values_are_black_and_bright_colors_fade() {
        assert_eq!(
            ToneCurve::AgX.apply(Vec3::splat(f32::NAN)),
            ToneCurve::AgX.apply(Vec3::ZERO)
        );
        assert!(ToneCurve::AgX.apply(Vec3::ZERO).max_element() < 0.005);
        let dim = ToneCurve::AgX.apply(Vec3::new(0.2, 0.02, 0.02));
        let bright = ToneCurve::AgX.apply(Vec3::new(20.0, 2.0, 2.0));
        assert!(bright.y / bright.x > dim.y / dim.x);
        assert!(ToneCurve::AgX.apply(Vec3::splat(f32::INFINITY)).is_finite());
    }
}
