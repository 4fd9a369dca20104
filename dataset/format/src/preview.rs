//! The preview of a sample: picture, coverage, depth and normals side by side, a quarter in size.

use crate::png;
use crate::shard::StoredPlanes;

/// Pixels of the sample to one of the preview, each way.
const SHRINK: usize = 4;

/// Width and height of the preview of a sample.
pub(crate) fn preview_size(width: usize, height: usize) -> (usize, usize) {
    (4 * width.div_ceil(SHRINK), height.div_ceil(SHRINK))
}

/// Encodes the preview as a PNG.
pub(crate) fn encode_preview(planes: &StoredPlanes) -> Vec<u8> {
    let (width, height) = (planes.width, planes.height);
    let tile = [width.div_ceil(SHRINK), height.div_ceil(SHRINK)];
    let depths_m = planes
        .depth_m
        .iter()
        .copied()
        .filter(|depth_m| depth_m.is_finite());
    let near_m = depths_m.clone().fold(f32::INFINITY, f32::min);
    let span_m = (depths_m.fold(0.0, f32::max) - near_m).max(1e-3);
    let depth_grey = |i: usize| match planes.depth_m[i] {
        depth_m if depth_m.is_finite() => {
            let nearness = 1.0 - (depth_m - near_m) / span_m;
            [(32.0 + 223.0 * nearness) as u8; 3]
        }
        _ => [0; 3],
    };
    let normal_color = |i: usize| match planes.normal[i] {
        [0.0, 0.0, 0.0] => [0; 3],
        normal => normal.map(|v| (127.5 * (v + 1.0)).clamp(0.0, 255.0) as u8),
    };
    let picture = |i: usize| {
        [
            planes.rgb8[3 * i],
            planes.rgb8[3 * i + 1],
            planes.rgb8[3 * i + 2],
        ]
    };
    let tiles: [&dyn Fn(usize) -> [u8; 3]; 4] = [
        &picture,
        &|i| [planes.alpha8[i]; 3],
        &depth_grey,
        &normal_color,
    ];

    let row_bytes = 3 * 4 * tile[0];
    let mut rgb8 = vec![0; row_bytes * tile[1]];
    for (tile_idx, color) in tiles.into_iter().enumerate() {
        for ty in 0..tile[1] {
            for tx in 0..tile[0] {
                let (xs, ys) = (block(tx, width), block(ty, height));
                let n = (xs.len() * ys.len()) as u32;
                let mut sum = [0_u32; 3];
                for y in ys {
                    for x in xs.clone() {
                        let rgb = color(y * width + x);
                        sum = std::array::from_fn(|c| sum[c] + u32::from(rgb[c]));
                    }
                }
                let at = ty * row_bytes + 3 * (tile_idx * tile[0] + tx);
                rgb8[at..at + 3].copy_from_slice(&sum.map(|sum| (sum / n) as u8));
            }
        }
    }
    png::encode_rgb(4 * tile[0], &rgb8)
}

/// The pixels under the `i`-th pixel of the preview.
fn block(i: usize, length: usize) -> std::ops::Range<usize> {
    i * SHRINK..length.min((i + 1) * SHRINK)
}
