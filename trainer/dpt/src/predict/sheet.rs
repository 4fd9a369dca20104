//! All that is seen in a picture, side by side: picture, depth in colors, normals, alpha, the person
//! cut out.

use image::imageops::{FilterType, overlay, resize};
use image::{Rgb, RgbImage};

use crate::error::TrainError;

use super::Prediction;
use super::picture::Picture;
use super::present::{depth_range, is_person, normal_pixels, png};
use super::runtime::CHANNELS;

/// Longer side of a tile, in pixels; smaller pictures keep their size.
const TILE_PX: usize = 768;

/// Pixels between tiles and around them.
const GAP_PX: usize = 8;

/// What lies between the tiles.
const PAPER: Rgb<u8> = Rgb([245, 245, 242]);

/// Share of the person's pixels at either end that the colors of depth do not tell apart, so that
/// a few far hairs do not take all contrast.
const DEPTH_OUTSIDE: f32 = 0.005;

/// Colors of depth from near to far, ever darker.
const DEPTH_COLORS: [[f32; CHANNELS]; 6] = [
    [255.0, 246.0, 214.0],
    [250.0, 190.0, 92.0],
    [228.0, 104.0, 76.0],
    [158.0, 50.0, 108.0],
    [82.0, 32.0, 112.0],
    [26.0, 16.0, 62.0],
];

/// Greys of the board below a cut-out person, and the side of its squares in pixels of the sheet.
const BOARD: [f32; 2] = [206.0, 242.0];
const BOARD_PX: usize = 12;

/// The color of a depth, 0 for the nearest, 1 for the farthest.
fn depth_color(share: f32) -> [u8; CHANNELS] {
    let last = DEPTH_COLORS.len() - 1;
    let at = share.clamp(0.0, 1.0) * last as f32;
    let before = (at as usize).min(last - 1);
    let t = at - before as f32;
    std::array::from_fn(|c| {
        let [a, b] = [DEPTH_COLORS[before][c], DEPTH_COLORS[before + 1][c]];
        (a + t * (b - a)).round() as u8
    })
}

/// The sheet as a PNG of 8-bit RGB.
pub fn sheet_png(picture: &Picture, prediction: &Prediction) -> Result<Vec<u8>, TrainError> {
    let (width, height) = (prediction.width, prediction.height);
    let shrink = (TILE_PX as f64 / width.max(height) as f64).min(1.0);
    let [tile_width, tile_height] =
        [width, height].map(|length| ((length as f64 * shrink).round() as usize).max(1));
    let tiles = tiles(
        picture,
        prediction,
        (BOARD_PX as f64 / shrink).round() as usize,
    );
    let sheet_width = GAP_PX + tiles.len() * (tile_width + GAP_PX);
    let mut sheet =
        RgbImage::from_pixel(sheet_width as u32, (tile_height + 2 * GAP_PX) as u32, PAPER);
    for (i, pixels) in tiles.into_iter().enumerate() {
        let tile = RgbImage::from_raw(width as u32, height as u32, pixels)
            .ok_or_else(|| TrainError::stopped("the prediction is of another size"))?;
        let tile = if shrink < 1.0 {
            let filter = FilterType::Triangle;
            resize(&tile, tile_width as u32, tile_height as u32, filter)
        } else {
            tile
        };
        let left = GAP_PX + i * (tile_width + GAP_PX);
        overlay(&mut sheet, &tile, left as i64, GAP_PX as i64);
    }
    png::<Rgb<u8>>(sheet_width, sheet.into_raw())
}

/// The tiles as RGB at the size of the picture, on which a square of the board has `board_px`.
fn tiles(picture: &Picture, prediction: &Prediction, board_px: usize) -> Vec<Vec<u8>> {
    let rgb8 = picture.rgb8();
    let mut tiles = vec![rgb8.clone()];
    if let Some(depth) = &prediction.depth {
        let range = depth_range(prediction, DEPTH_OUTSIDE);
        let color = |px: usize| match range {
            Some(range) if is_person(prediction, px) && depth[px].is_finite() => {
                depth_color(range.share(depth[px]))
            }
            _ => [0; CHANNELS],
        };
        tiles.push((0..depth.len()).flat_map(color).collect());
    }
    if prediction.normal.is_some() {
        tiles.push(normal_pixels(prediction));
    }
    if let Some(alpha) = &prediction.alpha {
        let grey = |&share: &f32| [(255.0 * share).round() as u8; CHANNELS];
        tiles.push(alpha.iter().flat_map(grey).collect());
        let on_board = |(px, (&color, &share)): (usize, (&[u8; CHANNELS], &f32))| {
            let square = px % prediction.width / board_px + px / prediction.width / board_px;
            let ground = BOARD[square % 2];
            color.map(|v| (ground + share * (f32::from(v) - ground)).round() as u8)
        };
        let pixels = rgb8.as_chunks::<CHANNELS>().0;
        let pixels = pixels.iter().zip(alpha).enumerate();
        tiles.push(pixels.flat_map(on_board).collect());
    }
    tiles
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colors_of_depth_darken_from_near_to_far() {
        let light = |share: f32| -> u32 {
            let [r, g, b] = depth_color(share).map(u32::from);
            2 * r + 5 * g + b
        };
        let lights: Vec<u32> = (0..=50_u8).map(|i| light(f32::from(i) / 50.0)).collect();
        assert!(lights.is_sorted_by(|a, b| a > b), "{lights:?}");
        assert_eq!(depth_color(-3.0), depth_color(0.0));
        assert_eq!(depth_color(7.0), depth_color(1.0));
    }
}
