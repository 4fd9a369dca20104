//! CIELAB (D65) and linear Rec. 709, in `f64` on portable mathematics.

use bottega_schemas::scene_spec::SrgbHex;

/// White of D65 for the 2 degree observer.
const WHITE: [f64; 3] = [0.950_47, 1.0, 1.088_83];

/// A color in CIELAB under D65: L*, a*, b*.
pub(super) type Lab = [f64; 3];

/// Linear Rec. 709 of an sRGB color.
pub(super) fn linear_from_srgb(color: SrgbHex) -> [f64; 3] {
    color.0.map(|byte| {
        let v = f64::from(byte) / 255.0;
        if v <= 0.040_45 {
            v / 12.92
        } else {
            libm::pow((v + 0.055) / 1.055, 2.4)
        }
    })
}

/// CIELAB of a linear Rec. 709 color.
pub(super) fn lab_from_linear([r, g, b]: [f64; 3]) -> Lab {
    let xyz = [
        0.412_456_4 * r + 0.357_576_1 * g + 0.180_437_5 * b,
        0.212_672_9 * r + 0.715_152_2 * g + 0.072_175 * b,
        0.019_333_9 * r + 0.119_192 * g + 0.950_304_1 * b,
    ];
    let f = |t: f64| {
        if t > 216.0 / 24_389.0 {
            libm::cbrt(t)
        } else {
            (24_389.0 / 27.0 * t + 16.0) / 116.0
        }
    };
    let [fx, fy, fz] = [
        f(xyz[0] / WHITE[0]),
        f(xyz[1] / WHITE[1]),
        f(xyz[2] / WHITE[2]),
    ];
    [116.0 * fy - 16.0, 500.0 * (fx - fy), 200.0 * (fy - fz)]
}

/// Linear Rec. 709 of a CIELAB color; components may lie outside 0 to 1.
pub(super) fn linear_from_lab([l, a, b]: Lab) -> [f64; 3] {
    let fy = (l + 16.0) / 116.0;
    let inverse = |f: f64| {
        let cube = f * f * f;
        if cube > 216.0 / 24_389.0 {
            cube
        } else {
            (116.0 * f - 16.0) * 27.0 / 24_389.0
        }
    };
    let x = inverse(fy + a / 500.0) * WHITE[0];
    let y = inverse(fy) * WHITE[1];
    let z = inverse(fy - b / 200.0) * WHITE[2];
    [
        3.240_454_2 * x - 1.537_138_5 * y - 0.498_531_4 * z,
        -0.969_266 * x + 1.876_010_8 * y + 0.041_556 * z,
        0.055_643_4 * x - 0.204_025_9 * y + 1.057_225_2 * z,
    ]
}

/// Keeps an albedo where cloth and dye are: neither black holes nor mirrors.
pub(super) fn as_albedo(linear: [f64; 3]) -> [f32; 3] {
    linear.map(|v| v.clamp(0.008, 0.85) as f32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lab_meets_published_swatches_and_comes_back() {
        // Monk tones 5 and 7: L*, a*, b* of their sRGB swatches.
        for (swatch, wanted) in [
            (SrgbHex([0xd7, 0xbd, 0x96]), [77.9, 3.5, 23.1]),
            (SrgbHex([0x82, 0x5c, 0x43]), [42.5, 12.3, 20.5]),
        ] {
            let linear = linear_from_srgb(swatch);
            let lab = lab_from_linear(linear);
            for (found, wanted) in lab.into_iter().zip(wanted) {
                assert!((found - wanted).abs() < 0.06, "{lab:?}");
            }
            for (found, wanted) in linear_from_lab(lab).into_iter().zip(linear) {
                assert!((found - wanted).abs() < 1e-6);
            }
        }
    }
}
