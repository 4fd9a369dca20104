//! PNG, written so that its bytes depend on the pixels and on one pinned library only.
//!
//! 8-bit grey or RGB, an `sRGB` chunk for colour, one `IDAT`. Each row takes the filter with the
//! smallest sum of absolute differences (the heuristic of the PNG specification, 12.8), then
//! DEFLATE by `miniz_oxide`. The usual encoder reaches DEFLATE through `flate2`, whose back end is
//! chosen by the features of the whole build; calling `miniz_oxide` keeps bytes out of its reach.

use image::{ColorType, ImageDecoder, codecs::png::PngDecoder};

use crate::error::FormatError;
use crate::pixels::{Scratch, read_png, with_scratch};

/// DEFLATE level: beyond it files shrink by less than a hundredth.
const DEFLATE_LEVEL: u8 = 6;

/// Largest picture that is decoded, in pixels: a damaged header must not exhaust the memory.
const MAX_PIXELS: u64 = 1 << 26;

/// Width and height that the header of a PNG tells; `None` for what is no PNG.
pub(crate) fn size_of(png: &[u8]) -> Option<(usize, usize)> {
    let header = png.strip_prefix(b"\x89PNG\r\n\x1a\n")?.get(8..16)?;
    let number = |at: usize| {
        let bytes = header[at..at + 4].try_into().expect("the slice has four");
        u32::from_be_bytes(bytes) as usize
    };
    Some((number(0), number(4)))
}

/// Encodes 8-bit RGB, three bytes a pixel.
pub(crate) fn encode_rgb(width: usize, rgb8: &[u8]) -> Vec<u8> {
    encode(width, 3, rgb8)
}

/// Encodes 8-bit grey.
pub(crate) fn encode_grey(width: usize, grey8: &[u8]) -> Vec<u8> {
    encode(width, 1, grey8)
}

fn encode(width: usize, n_channels: usize, pixels: &[u8]) -> Vec<u8> {
    let row_bytes = width * n_channels;
    assert!(
        row_bytes > 0 && pixels.len().is_multiple_of(row_bytes),
        "whole rows"
    );
    let height = pixels.len() / row_bytes;
    let data = filter_rows(pixels, row_bytes, n_channels);
    let data = miniz_oxide::deflate::compress_to_vec_zlib(&data, DEFLATE_LEVEL);

    let mut header = Vec::with_capacity(13);
    header.extend((width as u32).to_be_bytes());
    header.extend((height as u32).to_be_bytes());
    // Bit depth, color type, then compression, filter and interlace methods, all the first.
    header.extend([8, if n_channels == 3 { 2 } else { 0 }, 0, 0, 0]);

    let mut png = Vec::with_capacity(data.len() + 64);
    png.extend(b"\x89PNG\r\n\x1a\n");
    push_chunk(&mut png, b"IHDR", &header);
    if n_channels == 3 {
        // Rendering intent: perceptual.
        push_chunk(&mut png, b"sRGB", &[0]);
    }
    push_chunk(&mut png, b"IDAT", &data);
    push_chunk(&mut png, b"IEND", &[]);
    png
}

fn push_chunk(png: &mut Vec<u8>, kind: &[u8; 4], data: &[u8]) {
    png.extend((data.len() as u32).to_be_bytes());
    let start = png.len();
    png.extend(kind);
    png.extend(data);
    let crc = crc32fast::hash(&png[start..]);
    png.extend(crc.to_be_bytes());
}

/// The rows, each after the number of its filter.
fn filter_rows(pixels: &[u8], row_bytes: usize, n_channels: usize) -> Vec<u8> {
    let mut out = Vec::with_capacity(pixels.len() + pixels.len() / row_bytes);
    let zeros = vec![0; row_bytes];
    let mut above = zeros.as_slice();
    let mut candidates: [Vec<u8>; 5] = std::array::from_fn(|_| vec![0; row_bytes]);
    for row in pixels.chunks_exact(row_bytes) {
        for i in 0..row_bytes {
            let left = if i < n_channels {
                0
            } else {
                row[i - n_channels]
            };
            let up = above[i];
            let up_left = if i < n_channels {
                0
            } else {
                above[i - n_channels]
            };
            let mean = (u16::from(left) + u16::from(up)) / 2;
            for (candidate, guess) in
                candidates
                    .iter_mut()
                    .zip([0, left, up, mean as u8, paeth(left, up, up_left)])
            {
                candidate[i] = row[i].wrapping_sub(guess);
            }
        }
        let cost = |row: &Vec<u8>| -> u64 {
            row.iter()
                .map(|&v| u64::from((v as i8).unsigned_abs()))
                .sum()
        };
        // The first of equals, so that the choice is one.
        let best = (0..5).min_by_key(|&i| cost(&candidates[i])).unwrap_or(0);
        out.push(best as u8);
        out.extend(&candidates[best]);
        above = row;
    }
    out
}

/// The Paeth predictor (PNG specification, 9.4).
fn paeth(left: u8, up: u8, up_left: u8) -> u8 {
    let [a, b, c] = [left, up, up_left].map(i16::from);
    let p = a + b - c;
    let [pa, pb, pc] = [a, b, c].map(|v| (p - v).abs());
    if pa <= pb && pa <= pc {
        left
    } else if pb <= pc {
        up
    } else {
        up_left
    }
}

/// A decoded 8-bit picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Picture {
    pub(crate) width: usize,
    pub(crate) height: usize,
    pub(crate) bytes: Vec<u8>,
}

/// Decodes an 8-bit RGB picture.
pub(crate) fn decode_rgb(what: &'static str, png: &[u8]) -> Result<Picture, FormatError> {
    decode(what, png, ColorType::Rgb8)
}

/// Decodes an 8-bit grey picture.
pub(crate) fn decode_grey(what: &'static str, png: &[u8]) -> Result<Picture, FormatError> {
    decode(what, png, ColorType::L8)
}

fn decode(what: &'static str, png: &[u8], wanted: ColorType) -> Result<Picture, FormatError> {
    let mut bytes = Vec::new();
    let n_channels = usize::from(wanted.channel_count());
    let (width, height) = with_scratch(|scratch| read(what, png, n_channels, scratch, &mut bytes))?;
    Ok(Picture {
        width,
        height,
        bytes,
    })
}

/// Reads an 8-bit picture of one channel or three into `out`; its width and height.
pub(crate) fn read(
    what: &'static str,
    png: &[u8],
    n_channels: usize,
    scratch: &mut Scratch,
    out: &mut Vec<u8>,
) -> Result<(usize, usize), FormatError> {
    match read_png(png, n_channels, scratch, out) {
        Some(size) => Ok(size),
        None => read_any(what, png, n_channels, out),
    }
}

/// Reads a picture of any writer, with the words for what is wrong with it.
pub(crate) fn read_any(
    what: &'static str,
    png: &[u8],
    n_channels: usize,
    out: &mut Vec<u8>,
) -> Result<(usize, usize), FormatError> {
    let malformed = |error: image::ImageError| FormatError::malformed(what, error.to_string());
    let decoder = PngDecoder::new(std::io::Cursor::new(png)).map_err(malformed)?;
    let (width, height) = decoder.dimensions();
    let wanted = if n_channels == 3 {
        ColorType::Rgb8
    } else {
        ColorType::L8
    };
    if decoder.color_type() != wanted {
        let found = format!("PNG of {:?}, wanted {wanted:?}", decoder.color_type());
        return Err(FormatError::malformed(what, found));
    }
    if u64::from(width) * u64::from(height) > MAX_PIXELS {
        return Err(FormatError::malformed(
            what,
            format!("{width} x {height} pixels"),
        ));
    }
    out.clear();
    out.resize(decoder.total_bytes() as usize, 0);
    decoder.read_image(out).map_err(malformed)?;
    Ok((width as usize, height as usize))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Smooth in one part, noisy in the other, so that every filter wins somewhere.
    fn picture(width: usize, height: usize, n_channels: usize) -> Vec<u8> {
        let mut state = 1_u32;
        (0..width * height * n_channels)
            .map(|i| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let (x, y) = ((i / n_channels) % width, i / n_channels / width);
                match (y * 5) / height {
                    0 => (x * 3) as u8,
                    1 => (y * 7) as u8,
                    2 => (x + y) as u8,
                    3 => (state >> 24) as u8,
                    _ => ((x * y) / 3 + (state >> 30) as usize) as u8,
                }
            })
            .collect()
    }

    #[test]
    fn pictures_come_back_as_they_were() {
        for (width, height) in [(1, 1), (3, 7), (384, 64)] {
            let rgb = picture(width, height, 3);
            let found = decode_rgb("image", &encode_rgb(width, &rgb)).unwrap();
            assert_eq!(
                (found.width, found.height, &found.bytes),
                (width, height, &rgb)
            );
            let grey = picture(width, height, 1);
            let found = decode_grey("alpha", &encode_grey(width, &grey)).unwrap();
            assert_eq!(found.bytes, grey);
        }
    }

    #[test]
    fn a_cut_or_foreign_picture_is_an_error() {
        let png = encode_rgb(20, &picture(20, 20, 3));
        for length in [0, 5, 40, png.len() / 2] {
            assert!(decode_rgb("image", &png[..length]).is_err(), "{length}");
        }
        let error = decode_grey("alpha", &png).unwrap_err().to_string();
        assert!(error.contains("Rgb8"), "{error}");
    }
}
