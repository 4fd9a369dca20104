//! Planes as pictures for people: depth in a map of colours, normals as colours, alpha in grey.

use std::io::Cursor;

use image::{DynamicImage, GrayImage, ImageFormat, Luma, Rgb, RgbImage};

use crate::error::TrainError;

/// Colour of a pixel without depth.
const NO_DEPTH: Rgb<u8> = Rgb([34, 36, 40]);

/// Shares of the person's pixels that lie nearer and farther than the ends of the colours.
const DEPTH_ENDS: [f64; 2] = [0.01, 0.99];

/// Depth within the person in colours: near is pale yellow, far is dark violet, in steps of equal
/// lightness. The range is that of this plane alone, without its last hundredths, so that truth in
/// metres and a prediction of unknown scale look alike where they agree.
///
/// `person` says which pixels count; pixels that are not finite have no depth.
///
/// # Panics
/// If a plane has not `width * height` pixels, which is a bug of the caller.
pub fn depth_picture(depth: &[f32], person: &[bool], [width, height]: [usize; 2]) -> RgbImage {
    assert_eq!(depth.len(), width * height, "pixels of the depth plane");
    assert_eq!(person.len(), depth.len(), "pixels of the person's mask");
    let known = |(d, p): (&f32, &bool)| (*p && d.is_finite()).then_some(*d);
    let mut sorted: Vec<f32> = depth.iter().zip(person).filter_map(known).collect();
    sorted.sort_unstable_by(f32::total_cmp);
    let at = |share: f64| {
        let last = sorted.len().saturating_sub(1) as f64;
        sorted.get((share * last).round() as usize).copied()
    };
    let [near, far] = DEPTH_ENDS.map(|share| at(share).unwrap_or(0.0));
    let span = if far > near { far - near } else { 1.0 };
    let colors: Vec<Rgb<u8>> = (0..256).map(|i| far_color(f64::from(i) / 255.0)).collect();
    picture([width, height], |i| {
        known((&depth[i], &person[i])).map_or(NO_DEPTH, |d| {
            // The cast saturates, so that ends beyond the range keep the last colour.
            colors[usize::from((255.0 * (d - near) / span + 0.5) as u8)]
        })
    })
}

/// Normals in camera space as colours: x, y, z from -1 to 1 are red, green, blue from 0 to 255.
/// No surface (0, 0, 0) is grey.
///
/// # Panics
/// If there are not `width * height` normals, which is a bug of the caller.
pub fn normal_picture(normals: &[[f32; 3]], [width, height]: [usize; 2]) -> RgbImage {
    assert_eq!(normals.len(), width * height, "pixels of the normal plane");
    picture([width, height], |i| {
        Rgb(normals[i].map(|v| to_byte(0.5 * (v + 1.0))))
    })
}

/// Alpha in grey: 0 is black, 1 is white.
///
/// # Panics
/// If there are not `width * height` values, which is a bug of the caller.
pub fn alpha_picture(alpha: &[f32], [width, height]: [usize; 2]) -> GrayImage {
    assert_eq!(alpha.len(), width * height, "pixels of the alpha plane");
    GrayImage::from_fn(width as u32, height as u32, |x, y| {
        Luma([to_byte(alpha[y as usize * width + x as usize])])
    })
}

/// A picture as the bytes of a PNG file.
///
/// # Errors
/// A picture that is too large for the format.
pub fn to_png(picture: impl Into<DynamicImage>) -> Result<Vec<u8>, TrainError> {
    let mut png = Cursor::new(Vec::new());
    let picture = picture.into();
    picture
        .write_to(&mut png, ImageFormat::Png)
        .map_err(|error| TrainError::stopped(format!("cannot encode a picture as PNG: {error}")))?;
    Ok(png.into_inner())
}

fn picture([width, height]: [usize; 2], color: impl Fn(usize) -> Rgb<u8>) -> RgbImage {
    RgbImage::from_fn(width as u32, height as u32, |x, y| {
        color(y as usize * width + x as usize)
    })
}

/// NaN is black; the cast saturates.
fn to_byte(v: f32) -> u8 {
    (255.0 * v + 0.5) as u8
}

/// A colour for a share of the way from near to far. Lightness falls evenly in Oklab, so that
/// equal steps of depth look equal, in grey and to the colour-blind too; the hue goes from yellow
/// over green and blue to violet.
fn far_color(share: f64) -> Rgb<u8> {
    let lightness = 0.95 - 0.72 * share;
    let hue_rad = (105.0 + 195.0 * share).to_radians();
    // The colours that a screen can show are narrow where they are pale and where they are dark.
    let chroma = 0.06 + 0.28 * share * (1.0 - share);
    let (a, b) = (chroma * libm::cos(hue_rad), chroma * libm::sin(hue_rad));
    oklab_to_srgb(lightness, a, b)
}

/// Oklab (Björn Ottosson, 2020) to sRGB bytes; what a screen cannot show is cut.
fn oklab_to_srgb(lightness: f64, a: f64, b: f64) -> Rgb<u8> {
    let cube = |v: f64| v * v * v;
    let l = cube(lightness + 0.396_337_777_4 * a + 0.215_803_757_3 * b);
    let m = cube(lightness - 0.105_561_345_8 * a - 0.063_854_172_8 * b);
    let s = cube(lightness - 0.089_484_177_5 * a - 1.291_485_548_0 * b);
    let linear = [
        4.076_741_662_1 * l - 3.307_711_591_3 * m + 0.230_969_929_2 * s,
        -1.268_438_004_6 * l + 2.609_757_401_1 * m - 0.341_319_396_5 * s,
        -0.004_196_086_3 * l - 0.703_418_614_7 * m + 1.707_614_701_0 * s,
    ];
    Rgb(linear.map(|v| {
        let v = if v <= 0.003_130_8 {
            12.92 * v
        } else {
            1.055 * libm::pow(v, 1.0 / 2.4) - 0.055
        };
        (255.0 * v + 0.5) as u8
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn luma(color: Rgb<u8>) -> f64 {
        let [r, g, b] = color.0.map(f64::from);
        0.2126 * r + 0.7152 * g + 0.0722 * b
    }

    #[test]
    fn farther_is_darker_all_the_way() {
        let lumas: Vec<f64> = (0..=64)
            .map(|i| luma(far_color(f64::from(i) / 64.0)))
            .collect();
        assert!(lumas.windows(2).all(|w| w[1] < w[0]), "{lumas:?}");
        assert!(lumas[0] > 220.0 && lumas[64] < 50.0, "{lumas:?}");
    }

    #[test]
    fn depth_is_shown_within_the_person_whatever_its_scale() {
        let depth: Vec<f32> = (0..12).map(|i| 1.0 + 0.1 * i as f32).collect();
        let mut person = vec![true; 12];
        person[0] = false;
        let shown = depth_picture(&depth, &person, [4, 3]);
        assert_eq!(*shown.get_pixel(0, 0), NO_DEPTH);
        assert!(luma(*shown.get_pixel(1, 0)) > luma(*shown.get_pixel(3, 2)) + 100.0);
        let scaled: Vec<f32> = depth.iter().map(|d| 3.0 * d - 7.0).collect();
        let differ = depth_picture(&scaled, &person, [4, 3])
            .iter()
            .zip(shown.iter())
            .map(|(a, b)| a.abs_diff(*b))
            .max();
        assert!(differ <= Some(2), "{differ:?}");
    }

    #[test]
    fn planes_without_a_person_or_of_odd_numbers_are_shown_too() {
        let odd = [f32::NAN, f32::INFINITY, 1.0, -1e30];
        let nobody = depth_picture(&odd, &[false; 4], [2, 2]);
        assert!(nobody.pixels().all(|px| *px == NO_DEPTH));
        let all = depth_picture(&odd, &[true; 4], [2, 2]);
        assert_eq!(*all.get_pixel(1, 0), NO_DEPTH);
        assert_eq!(
            alpha_picture(&[f32::NAN, -1.0, 0.5, 2.0], [2, 2]).as_raw(),
            &[0, 0, 128, 255]
        );
        let normals = normal_picture(&[[0.0; 3], [0.0, 0.0, 1.0]], [2, 1]);
        assert_eq!(normals.as_raw(), &[128, 128, 128, 128, 128, 255]);
    }
}
