//! White balance: colours of light, and adaptation from one white to that of the display.
//!
//! Colours are linear Rec. 709. Adaptation scales the responses of the Bradford cones (Lam 1985),
//! as CIECAM97 and ICC profiles do.

use glam::{Mat3, Vec2, Vec3};

/// Chromaticity of the display's white, D65.
const D65: Vec2 = Vec2::new(0.3127, 0.3290);

/// Cone responses from XYZ.
fn bradford() -> Mat3 {
    Mat3::from_cols(
        Vec3::new(0.8951, -0.7502, 0.0389),
        Vec3::new(0.2664, 1.7135, -0.0685),
        Vec3::new(-0.1614, 0.0367, 1.0296),
    )
}

/// XYZ from linear Rec. 709.
fn xyz_from_rgb() -> Mat3 {
    Mat3::from_cols(
        Vec3::new(0.412_390_8, 0.212_639, 0.019_330_8),
        Vec3::new(0.357_584_3, 0.715_168_7, 0.119_194_8),
        Vec3::new(0.180_480_8, 0.072_192_3, 0.950_532_2),
    )
}

/// Linear Rec. 709 of a chromaticity `xy`, with luminance `y`; channels may be negative outside
/// the gamut.
pub fn rgb_of_chromaticity(xy: Vec2, y: f32) -> Vec3 {
    let xyz = Vec3::new(xy.x / xy.y, 1.0, (1.0 - xy.x - xy.y) / xy.y) * y;
    xyz_from_rgb().inverse() * xyz
}

/// Chromaticity of light of a colour temperature: daylight (CIE 15) from 4000 K, a black body
/// (Kim et al. 2002) below. Clamped to 1667 to 25000 K.
pub fn chromaticity_of_temperature(kelvin: f32) -> Vec2 {
    let t = f64::from(kelvin.clamp(1667.0, 25_000.0));
    let r = 1e3 / t;
    let cubic = |a: f64, b: f64, c: f64, d: f64, x: f64| ((a * x + b) * x + c) * x + d;
    let (x, y) = if t < 4000.0 {
        let x = cubic(-0.266_123_9, -0.234_358_9, 0.877_695_6, 0.179_91, r);
        let y = if t < 2222.0 {
            cubic(-1.106_381_4, -1.348_110_2, 2.185_558_32, -0.202_196_83, x)
        } else {
            cubic(-0.954_947_6, -1.374_185_93, 2.091_370_15, -0.167_488_67, x)
        };
        (x, y)
    } else {
        let x = if t < 7000.0 {
            cubic(-4.607, 2.9678, 0.099_11, 0.244_063, r)
        } else {
            cubic(-2.0064, 1.9018, 0.247_48, 0.237_04, r)
        };
        (x, (-3.0 * x + 2.87) * x - 0.275)
    };
    Vec2::new(x as f32, y as f32)
}

/// Colour of light of a colour temperature, with luminance one and no negative channel.
pub fn color_of_temperature(kelvin: f32) -> Vec3 {
    rgb_of_chromaticity(chromaticity_of_temperature(kelvin), 1.0).max(Vec3::ZERO)
}

/// The matrix that makes light of colour `white` neutral to the share `degree` (0 leaves colours
/// as they are, 1 adapts fully). Neutral keeps its luminance. A white without light, or one that
/// some cone does not see, is left alone.
pub fn adaptation(white: Vec3, degree: f32) -> Mat3 {
    let cones_from_rgb = bradford() * xyz_from_rgb();
    let target = cones_from_rgb * rgb_of_chromaticity(D65, 1.0);
    let xyz = xyz_from_rgb() * white;
    let seen = cones_from_rgb * white / xyz.y;
    if !(1e-6 < xyz.y && 1e-3 < seen.min_element() && seen.is_finite()) {
        return Mat3::IDENTITY;
    }
    let gains = Vec3::ONE.lerp(target / seen, degree.clamp(0.0, 1.0));
    cones_from_rgb.inverse() * Mat3::from_diagonal(gains) * cones_from_rgb
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colour_temperatures_are_those_of_the_standard_illuminants() {
        // D50, D65, D75 and A, as CIE 15 gives them.
        for (kelvin, x, y) in [
            (5003.0, 0.3457, 0.3585),
            (6504.0, 0.3127, 0.3290),
            (7504.0, 0.2990, 0.3149),
            (2856.0, 0.4476, 0.4074),
        ] {
            let xy = chromaticity_of_temperature(kelvin);
            assert!((xy - Vec2::new(x, y)).length() < 1e-3, "{kelvin}: {xy}");
        }
        let white = color_of_temperature(6504.0);
        assert!((white - Vec3::ONE).abs().max_element() < 5e-3, "{white}");
        let bulb = color_of_temperature(2700.0);
        assert!(bulb.z < 0.5 * bulb.y && bulb.y < bulb.x, "{bulb}");
    }

    #[test]
    fn adaptation_makes_its_white_neutral_and_leaves_neutral_light_alone() {
        for kelvin in [2400.0, 3200.0, 5000.0, 9000.0] {
            let white = color_of_temperature(kelvin);
            let neutral = adaptation(white, 1.0) * white;
            assert!(
                (neutral - Vec3::ONE).abs().max_element() < 1e-3,
                "{neutral}"
            );
            let half = adaptation(white, 0.5) * white;
            assert!(half.x / half.z < white.x / white.z || white.x < white.z);
        }
        let same = adaptation(Vec3::splat(3.0), 1.0) * Vec3::new(0.2, 0.4, 0.1);
        assert!((same - Vec3::new(0.2, 0.4, 0.1)).abs().max_element() < 1e-4);
        assert_eq!(adaptation(Vec3::ZERO, 1.0), Mat3::IDENTITY);
    }

    #[test]
    fn adaptation_is_that_of_the_published_matrix() {
        // D50 to D65 in XYZ, as ICC tools print it.
        let d50 = rgb_of_chromaticity(Vec2::new(0.3457, 0.3585), 1.0);
        let matrix = xyz_from_rgb() * adaptation(d50, 1.0) * xyz_from_rgb().inverse();
        let wanted: [[f32; 3]; 3] = [
            [0.955_577, -0.023_039, 0.063_164],
            [-0.028_29, 1.009_942, 0.021_008],
            [0.012_298, -0.020_483, 1.329_91],
        ];
        for (row, wanted) in wanted.iter().enumerate() {
            for (column, wanted) in wanted.iter().enumerate() {
                let found = matrix.col(column)[row];
                assert!((found - wanted).abs() < 2e-3, "{row}, {column}: {found}");
            }
        }
    }
}
