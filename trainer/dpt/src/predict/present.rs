//! Predictions as pictures for people and programs: depth, normals, alpha, the person cut out.

use std::io::Cursor;

use image::{ImageBuffer, ImageFormat, Luma, Pixel, PixelWithColorType, Rgb, Rgba};

use crate::error::TrainError;

use super::Prediction;
use super::picture::Picture;
use super::runtime::CHANNELS;

/// A pixel belongs to the person where it covers more than this share.
const PERSON_ABOVE: f32 = 0.5;

/// Values of 16 bits that depth may take; 0 is kept for what is not the person.
const DEPTH_STEPS: f32 = 65_534.0;

/// Depth that the smallest and the largest value of a picture stand for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DepthRange {
    /// The nearest depth.
    pub near: f32,
    /// The farthest depth.
    pub far: f32,
}

impl DepthRange {
    /// Where a depth lies, 0 for the nearest, 1 for the farthest.
    pub fn share(self, depth: f32) -> f32 {
        let span = self.far - self.near;
        if span > 0.0 {
            ((depth - self.near) / span).clamp(0.0, 1.0)
        } else {
            0.0
        }
    }
}

/// Whether a pixel belongs to the person; without alpha every pixel does.
pub fn is_person(prediction: &Prediction, px: usize) -> bool {
    prediction
        .alpha
        .as_ref()
        .is_none_or(|alpha| alpha[px] > PERSON_ABOVE)
}

/// The range of depth on the person, without the given share of pixels at either end; `None` where
/// there is no depth or no person.
pub fn depth_range(prediction: &Prediction, outside: f32) -> Option<DepthRange> {
    let depth = prediction.depth.as_ref()?;
    let mut depths: Vec<f32> = (0..depth.len())
        .filter(|&px| is_person(prediction, px) && depth[px].is_finite())
        .map(|px| depth[px])
        .collect();
    let last = depths.len().checked_sub(1)?;
    let skipped = ((outside * last as f32) as usize).min(last / 2);
    let mut at = |i: usize| *depths.select_nth_unstable_by(i, f32::total_cmp).1;
    Some(DepthRange {
        near: at(skipped),
        far: at(last - skipped),
    })
}

/// Depth as a PNG of 16-bit grey: 1 is the nearest depth of the range, 65535 the farthest, 0 is
/// not the person.
pub fn depth_png(prediction: &Prediction, range: DepthRange) -> Result<Vec<u8>, TrainError> {
    let depth = prediction.depth.as_deref().unwrap_or_default();
    let values = (0..depth.len())
        .map(|px| {
            if is_person(prediction, px) && depth[px].is_finite() {
                1 + (range.share(depth[px]) * DEPTH_STEPS).round() as u16
            } else {
                0
            }
        })
        .collect();
    png::<Luma<u16>>(prediction.width, values)
}

/// A normal as a color: -1..1 becomes 0..255.
pub(super) fn normal_color(normal: [f32; CHANNELS]) -> [u8; CHANNELS] {
    normal.map(|v| (127.5 * (v + 1.0)).round().clamp(0.0, 255.0) as u8)
}

/// Normals as a PNG of 8-bit RGB, black where the person is not.
pub fn normal_png(prediction: &Prediction) -> Result<Vec<u8>, TrainError> {
    png::<Rgb<u8>>(prediction.width, normal_pixels(prediction))
}

pub(super) fn normal_pixels(prediction: &Prediction) -> Vec<u8> {
    let normals = prediction.normal.as_deref().unwrap_or_default();
    let color = |(px, &normal): (usize, _)| {
        if is_person(prediction, px) {
            normal_color(normal)
        } else {
            [0; CHANNELS]
        }
    };
    normals.iter().enumerate().flat_map(color).collect()
}

fn to_byte(share: f32) -> u8 {
    (255.0 * share).round().clamp(0.0, 255.0) as u8
}

/// Alpha as a PNG of 8-bit grey.
pub fn alpha_png(prediction: &Prediction) -> Result<Vec<u8>, TrainError> {
    let alpha = prediction.alpha.as_deref().unwrap_or_default();
    png::<Luma<u8>>(
        prediction.width,
        alpha.iter().map(|&share| to_byte(share)).collect(),
    )
}

/// The person as a PNG of 8-bit RGBA: the colors of the picture as they are, and alpha.
pub fn cutout_png(picture: &Picture, prediction: &Prediction) -> Result<Vec<u8>, TrainError> {
    let alpha = prediction.alpha.as_deref().unwrap_or_default();
    let rgb8 = picture.rgb8();
    let pixels = rgb8.as_chunks::<CHANNELS>().0.iter().zip(alpha);
    let rgba = pixels
        .flat_map(|(&[r, g, b], &share)| [r, g, b, to_byte(share)])
        .collect();
    png::<Rgba<u8>>(prediction.width, rgba)
}

/// Encodes whole rows of pixels.
pub(super) fn png<P>(width: usize, values: Vec<P::Subpixel>) -> Result<Vec<u8>, TrainError>
where
    P: Pixel + PixelWithColorType,
    [P::Subpixel]: image::EncodableLayout,
{
    let row = width.max(1) * usize::from(P::CHANNEL_COUNT);
    let height = values.len() / row;
    let refuse = |reason: String| TrainError::stopped(format!("cannot encode a PNG: {reason}"));
    let buffer: ImageBuffer<P, _> = ImageBuffer::from_raw(width as u32, height as u32, values)
        .ok_or_else(|| refuse(format!("no whole picture of {width} x {height} pixels")))?;
    let mut bytes = Vec::new();
    buffer
        .write_to(&mut Cursor::new(&mut bytes), ImageFormat::Png)
        .map_err(|error| refuse(error.to_string()))?;
    Ok(bytes)
}
