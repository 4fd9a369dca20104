//! CIELAB and linear Rec. 709.

use bottega_geometry::math;
use glam::Vec3;

/// CIELAB (D65, L* in `[0, 100]`) as linear Rec. 709, clamped to reflectances.
pub(crate) fn linear_from_lab([l, a, b]: [f32; 3]) -> Vec3 {
    let fy = (l + 16.0) / 116.0;
    let cube = |f: f32| {
        // Linear below the knee at 6/29, as CIE 15 defines it.
        if 6.0 / 29.0 < f {
            f * f * f
        } else {
            3.0 * (6.0 / 29.0) * (6.0 / 29.0) * (f - 4.0 / 29.0)
        }
    };
    let white = Vec3::new(0.950_47, 1.0, 1.088_83);
    let xyz = white * Vec3::new(cube(fy + a / 500.0), cube(fy), cube(fy - b / 200.0));
    Vec3::new(
        xyz.dot(Vec3::new(3.240_454_2, -1.537_138_5, -0.498_531_4)),
        xyz.dot(Vec3::new(-0.969_266, 1.876_010_8, 0.041_556)),
        xyz.dot(Vec3::new(0.055_643_4, -0.204_025_9, 1.057_225_2)),
    )
    .clamp(Vec3::splat(0.002), Vec3::ONE)
}

/// CIELAB (D65) of a linear Rec. 709 colour.
#[cfg(test)]
pub(crate) fn lab_from_linear(rgb: Vec3) -> [f32; 3] {
    let f = |t: f32| {
        if 216.0 / 24_389.0 < t {
            math::pow(t, 1.0 / 3.0)
        } else {
            (24_389.0 / 27.0 * t + 16.0) / 116.0
        }
    };
    let x = f(rgb.dot(Vec3::new(0.412_456_4, 0.357_576_1, 0.180_437_5)) / 0.950_47);
    let y = f(rgb.dot(Vec3::new(0.212_672_9, 0.715_152_2, 0.072_175)));
    let z = f(rgb.dot(Vec3::new(0.019_333_9, 0.119_192, 0.950_304_1)) / 1.088_83);
    [116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)]
}

/// Optical density of a reflectance.
pub(crate) fn density(albedo: Vec3) -> Vec3 {
    Vec3::from(albedo.to_array().map(|value| -math::ln(value.max(1e-3))))
}

/// Reflectance of an optical density.
pub(crate) fn albedo(density: Vec3) -> Vec3 {
    Vec3::from(density.to_array().map(|value| math::exp(-value.max(0.0))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn skin_anchors_have_their_published_albedo() {
        for (lab, rgb) in [
            ([72.0, 7.0, 12.0], [0.564, 0.410, 0.328]),
            ([56.0, 11.0, 18.5], [0.370, 0.211, 0.135]),
            ([29.0, 8.0, 8.0], [0.090, 0.051, 0.040]),
        ] {
            let found = linear_from_lab(lab);
            assert!(found.distance(Vec3::from(rgb)) < 0.004, "{lab:?}: {found}");
            assert!(albedo(density(found)).distance(found) < 1e-5);
        }
    }
}
