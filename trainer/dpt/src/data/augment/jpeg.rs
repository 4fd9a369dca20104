//! What JPEG leaves of a picture: YCbCr without subsampling, the cosine transform of blocks of
//! 8 x 8, and rounding to the steps of a quality (ITU-T T.81, tables K.1 and K.2, scaled as the
//! Independent JPEG Group does). Entropy coding loses nothing, so it is left out: that is most of
//! the time of a real codec. A test compares with one.

use std::f64::consts::PI;

use super::super::frame::Frame;

/// Side of a block.
const SIDE: usize = 8;

/// A block, row by row.
type Block = [[f32; SIDE]; SIDE];

/// Steps of brightness at quality 50.
const LUMA_STEPS: [[u16; SIDE]; SIDE] = [
    [16, 11, 10, 16, 24, 40, 51, 61],
    [12, 12, 14, 19, 26, 58, 60, 55],
    [14, 13, 16, 24, 40, 57, 69, 56],
    [14, 17, 22, 29, 51, 87, 80, 62],
    [18, 22, 37, 56, 68, 109, 103, 77],
    [24, 35, 55, 64, 81, 104, 113, 92],
    [49, 64, 78, 87, 103, 121, 120, 101],
    [72, 92, 95, 98, 112, 100, 103, 99],
];

/// Steps of color at quality 50.
const CHROMA_STEPS: [[u16; SIDE]; SIDE] = [
    [17, 18, 24, 47, 99, 99, 99, 99],
    [18, 21, 26, 66, 99, 99, 99, 99],
    [24, 26, 56, 99, 99, 99, 99, 99],
    [47, 66, 99, 99, 99, 99, 99, 99],
    [99, 99, 99, 99, 99, 99, 99, 99],
    [99, 99, 99, 99, 99, 99, 99, 99],
    [99, 99, 99, 99, 99, 99, 99, 99],
    [99, 99, 99, 99, 99, 99, 99, 99],
];

/// Compresses the picture with a quality of 1 to 100, and opens it again.
pub(super) fn compress(frame: &mut Frame, quality: u8) {
    let (width, height) = (frame.width, frame.height);
    let cosines = cosines();
    let luma = steps(&LUMA_STEPS, quality);
    let chroma = steps(&CHROMA_STEPS, quality);
    for top in (0..height).step_by(SIDE) {
        for left in (0..width).step_by(SIDE) {
            // Beyond the border blocks repeat it.
            let at =
                |y: usize, x: usize| (top + y).min(height - 1) * width + (left + x).min(width - 1);
            let mut planes = [[[0.0_f32; SIDE]; SIDE]; 3];
            for y in 0..SIDE {
                let pixels: [[f32; 3]; SIDE] = std::array::from_fn(|x| frame.rgb[at(y, x)]);
                let row = [0, 1, 2].map(|k| pixels.map(|pixel| whole(255.0 * pixel[k])));
                let luma = mixed(&row, [0.299, 0.587, 0.114], 0.0);
                let blue = mixed(&row, [-0.168_736, -0.331_264, 0.5], 128.0);
                let red = mixed(&row, [0.5, -0.418_688, -0.081_312], 128.0);
                for (plane, row) in planes.iter_mut().zip([luma, blue, red]) {
                    plane[y] = row.map(|v| v - 128.0);
                }
            }
            for (plane, steps) in planes.iter_mut().zip([&luma, &chroma, &chroma]) {
                round_to_steps(plane, steps, &cosines);
            }
            for y in 0..SIDE.min(height - top) {
                let row = planes.map(|plane| plane[y]);
                let row = [
                    mixed(&row, [1.0, 0.0, 1.402], 128.0),
                    mixed(&row, [1.0, -0.344_136, -0.714_136], 128.0),
                    mixed(&row, [1.0, 1.772, 0.0], 128.0),
                ]
                .map(|channel| channel.map(|v| v / 255.0));
                for x in 0..SIDE.min(width - left) {
                    frame.rgb[at(y, x)] = row.map(|channel| channel[x]);
                }
            }
        }
    }
}

/// A weighted sum of three channels as bytes.
fn mixed([a, b, c]: &[[f32; SIDE]; 3], weights: [f32; 3], offset: f32) -> [f32; SIDE] {
    std::array::from_fn(|x| {
        whole(weights[0] * a[x] + weights[1] * b[x] + weights[2] * c[x] + offset)
    })
}

/// The nearest whole number of 0 to 255.
fn whole(value: f32) -> f32 {
    let value = if value > 0.0 { value } else { 0.0 };
    nearest(if value < 255.0 { value } else { 255.0 })
}

/// The nearest whole number to one that is far below 2^22.
fn nearest(value: f32) -> f32 {
    // Where numbers are this large they have no digits behind the point left.
    const LARGE: f32 = 12_582_912.0;
    (value + LARGE) - LARGE
}

/// The orthonormal cosine transform: row k holds the wave of frequency k.
fn cosines() -> Block {
    std::array::from_fn(|k| {
        let scale = if k == 0 { 0.125_f64.sqrt() } else { 0.5 };
        std::array::from_fn(|n| {
            (scale * libm::cos((2 * n + 1) as f64 * k as f64 * PI / 16.0)) as f32
        })
    })
}

/// The steps of a quality.
fn steps(table: &[[u16; SIDE]; SIDE], quality: u8) -> Block {
    let quality = u32::from(quality.clamp(1, 100));
    let percent = if quality < 50 {
        5000 / quality
    } else {
        200 - 2 * quality
    };
    table.map(|row| row.map(|step| ((u32::from(step) * percent + 50) / 100).clamp(1, 255) as f32))
}

/// Transforms a block, rounds it to its steps, and transforms it back.
fn round_to_steps(block: &mut Block, steps: &Block, cosines: &Block) {
    let back = transposed(cosines);
    let mut waves = product(cosines, &product(block, &back));
    for (waves, steps) in waves.iter_mut().zip(steps) {
        for (wave, step) in waves.iter_mut().zip(steps) {
            *wave = step * nearest(*wave / step);
        }
    }
    *block = product(&back, &product(&waves, cosines));
}

fn transposed(block: &Block) -> Block {
    std::array::from_fn(|i| std::array::from_fn(|j| block[j][i]))
}

/// The product of two blocks; each row of it is a sum of rows of the second.
fn product(a: &Block, b: &Block) -> Block {
    let mut out = [[0.0; SIDE]; SIDE];
    for (out, a) in out.iter_mut().zip(a) {
        for (share, row) in a.iter().zip(b) {
            for (sum, value) in out.iter_mut().zip(row) {
                *sum += share * value;
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use image::codecs::jpeg::{JpegDecoder, JpegEncoder};
    use image::{ExtendedColorType, ImageDecoder as _};

    use super::*;

    /// Waves, an edge, and noise, of a size that is no multiple of a block.
    fn picture() -> Frame {
        let mut frame = Frame::new(61, 45, [1.0; 4]);
        for at in 0..frame.n_px() {
            let (x, y) = ((at % 61) as f32, (at / 61) as f32);
            let noise = ((at * 7919) % 101) as f32 / 1010.0;
            let wave = 0.5 + 0.3 * libm::sinf(0.2 * x + 0.1 * y);
            let edge = if x + 2.0 * y > 70.0 { 0.2 } else { 0.0 };
            let rgb = [wave + noise, 0.6 * wave + edge, 0.8 - 0.5 * wave + noise];
            frame.rgb[at] = rgb.map(|v: f32| (255.0 * v.clamp(0.0, 1.0)).round() / 255.0);
        }
        frame
    }

    fn real_codec(frame: &Frame, quality: u8) -> Vec<f32> {
        let values = frame.rgb.as_flattened().iter();
        let mut bytes: Vec<u8> = values.map(|v| (v * 255.0).round() as u8).collect();
        let mut file = Vec::new();
        JpegEncoder::new_with_quality(&mut file, quality)
            .encode(&bytes, 61, 45, ExtendedColorType::Rgb8)
            .unwrap();
        let decoder = JpegDecoder::new(std::io::Cursor::new(&file)).unwrap();
        decoder.read_image(&mut bytes).unwrap();
        bytes.into_iter().map(|v| f32::from(v) / 255.0).collect()
    }

    #[test]
    fn what_is_left_is_what_a_real_codec_leaves() {
        let frame = picture();
        for quality in [10, 40, 50, 75, 95] {
            let mut ours = frame.clone();
            compress(&mut ours, quality);
            let theirs = real_codec(&frame, quality);
            let mean = |a: &[f32], b: &[f32]| {
                let sum: f32 = a.iter().zip(b).map(|(a, b)| (a - b).abs()).sum();
                sum / a.len() as f32
            };
            let lost = mean(frame.rgb.as_flattened(), &theirs);
            let apart = mean(ours.rgb.as_flattened(), &theirs);
            assert!(lost > 0.002, "quality {quality} loses {lost}");
            assert!(apart < 0.4 * lost, "{quality}: {apart} apart, {lost} lost");
            assert!(apart < 0.006, "{quality}: {apart}");
        }
    }
}
