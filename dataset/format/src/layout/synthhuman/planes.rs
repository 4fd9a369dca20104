//! The five files of a sample, as others write them, decoded.

use image::{ColorType, ImageDecoder as _, codecs::png::PngDecoder};

use crate::error::FormatError;
use crate::exr::{DecodedPart, decode};
use crate::plane_codec::Image;

/// Largest picture that is decoded, in pixels: a damaged header must not exhaust the memory.
const MAX_PIXELS: u64 = 1 << 26;

/// A PNG of any kind: its samples as 8 bit, channel by channel of a pixel.
struct Picture {
    width: usize,
    height: usize,
    n_channels: usize,
    samples: Vec<u8>,
    /// Whether the file had these very samples, in 8 bit.
    is_8_bit: bool,
}

fn decode_png(what: &'static str, png: &[u8]) -> Result<Picture, FormatError> {
    let malformed = |error: image::ImageError| FormatError::malformed(what, error.to_string());
    let decoder = PngDecoder::new(std::io::Cursor::new(png)).map_err(malformed)?;
    let ((width, height), color) = (decoder.dimensions(), decoder.color_type());
    let is_8_bit = match color {
        ColorType::L8 | ColorType::La8 | ColorType::Rgb8 | ColorType::Rgba8 => true,
        ColorType::L16 | ColorType::La16 | ColorType::Rgb16 | ColorType::Rgba16 => false,
        other => return Err(FormatError::malformed(what, format!("PNG of {other:?}"))),
    };
    if u64::from(width) * u64::from(height) > MAX_PIXELS {
        return Err(FormatError::malformed(
            what,
            format!("{width} x {height} pixels"),
        ));
    }
    let mut bytes = vec![0; decoder.total_bytes() as usize];
    decoder.read_image(&mut bytes).map_err(malformed)?;
    if !is_8_bit {
        let wide = bytes.as_chunks::<2>().0.iter();
        // 65535 / 257 is 255; the nearest of the two.
        bytes = wide
            .map(|&pair| ((u32::from(u16::from_ne_bytes(pair)) + 128) / 257) as u8)
            .collect();
    }
    Ok(Picture {
        width: width as usize,
        height: height as usize,
        n_channels: usize::from(color.channel_count()),
        samples: bytes,
        is_8_bit,
    })
}

/// A picture as 8-bit RGB, and whether the file is just that.
pub(super) fn decode_rgb(png: &[u8]) -> Result<(Image<[u8; 3]>, bool), FormatError> {
    let picture = decode_png("rgb", png)?;
    let pixels = picture.samples.chunks_exact(picture.n_channels);
    let values = pixels.map(|px| match px {
        [grey] | [grey, _] => [*grey; 3],
        [r, g, b, ..] => [*r, *g, *b],
        _ => [0; 3],
    });
    let image = Image {
        width: picture.width,
        height: picture.height,
        values: values.collect(),
    };
    Ok((image, picture.is_8_bit && picture.n_channels == 3))
}

/// Coverage as 8-bit grey, and whether the file is just that.
pub(super) fn decode_alpha(png: &[u8]) -> Result<(Image<u8>, bool), FormatError> {
    let picture = decode_png("alpha", png)?;
    let pixels = picture.samples.chunks_exact(picture.n_channels);
    let values = pixels.map(|px| match px {
        [grey] => *grey,
        [_, alpha] | [_, _, _, alpha] => *alpha,
        [r, g, b] => {
            let [r, g, b] = [*r, *g, *b].map(u32::from);
            // Equal channels, the usual case, come out as they are.
            ((2126 * r + 7152 * g + 722 * b + 5000) / 10_000) as u8
        }
        _ => 0,
    });
    let image = Image {
        width: picture.width,
        height: picture.height,
        values: values.collect(),
    };
    Ok((image, picture.is_8_bit && picture.n_channels == 1))
}

/// Names of depth channels, the likeliest first; a star stands for any layer.
const DEPTH_NAMES: [&str; 6] = ["Y", "Z", "V", "*.V", "*.Z", "R"];

/// Names of normal channels, the likeliest first, and whether these name axes.
const NORMAL_NAMES: [([&str; 3], bool); 4] = [
    (["R", "G", "B"], false),
    (["X", "Y", "Z"], true),
    (["*.X", "*.Y", "*.Z"], true),
    (["*.R", "*.G", "*.B"], false),
];

fn is_named(name: &str, wanted: &str) -> bool {
    match wanted.strip_prefix('*') {
        Some(ending) => name.ends_with(ending),
        None => name == wanted,
    }
}

fn channel(parts: &[DecodedPart], wanted: &str) -> Option<(usize, usize, Vec<f32>)> {
    parts.iter().find_map(|part| {
        let values = part.values_of(|name| is_named(name, wanted))?;
        Some((part.width, part.height, values))
    })
}

fn describe(parts: &[DecodedPart]) -> String {
    parts
        .iter()
        .map(DecodedPart::describe)
        .collect::<Vec<_>>()
        .join(" | ")
}

/// The depth, as stored.
pub(super) fn decode_depth(exr: &[u8]) -> Result<Image<f32>, FormatError> {
    let parts = decode("depth", exr)?;
    let named = DEPTH_NAMES.iter().find_map(|name| channel(&parts, name));
    let found = named.or_else(|| match parts.as_slice() {
        [part] if part.channels.len() == 1 => channel(&parts, "*"),
        _ => None,
    });
    let (width, height, values) = found.ok_or_else(|| FormatError::WrongChannels {
        part: "depth",
        expected: "a channel Y, Z, V or R, or a single one",
        found: describe(&parts).into(),
    })?;
    Ok(Image {
        width,
        height,
        values,
    })
}

/// The normals, as stored in three channels, and whether the names of these are those of axes.
pub(super) fn decode_normal(exr: &[u8]) -> Result<(Image<[f32; 3]>, bool), FormatError> {
    let parts = decode("normal", exr)?;
    for (names, are_axes) in NORMAL_NAMES {
        let [a, b, c] = names.map(|name| channel(&parts, name));
        let (Some(a), Some(b), Some(c)) = (a, b, c) else {
            continue;
        };
        let values =
            a.2.iter()
                .zip(&b.2)
                .zip(&c.2)
                .map(|((a, b), c)| [*a, *b, *c]);
        let image = Image {
            width: a.0,
            height: a.1,
            values: values.collect(),
        };
        return Ok((image, are_axes));
    }
    Err(FormatError::WrongChannels {
        part: "normal",
        expected: "channels R, G, B or X, Y, Z",
        found: describe(&parts).into(),
    })
}

/// Focal lengths and principal point, in pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Intrinsics {
    pub(super) fx: f64,
    pub(super) fy: f64,
    pub(super) cx: f64,
    pub(super) cy: f64,
}

/// Reads nine numbers: `fx 0 cx  0 fy cy  0 0 1`.
pub(super) fn parse_intrinsics(
    text: &[u8],
    (width, height): (usize, usize),
) -> Result<Intrinsics, FormatError> {
    let malformed = |reason: String| {
        let wanted = "wanted the matrix fx 0 cx / 0 fy cy / 0 0 1 in pixels";
        FormatError::malformed("cam", format!("{reason}; {wanted}"))
    };
    let text = String::from_utf8_lossy(text);
    let words = text.split_ascii_whitespace();
    let numbers: Vec<f64> = words
        .map(|word| {
            word.parse()
                .map_err(|_| malformed(format!("{word:?} is no number")))
        })
        .collect::<Result<_, _>>()?;
    let m: [f64; 9] = numbers
        .as_slice()
        .try_into()
        .map_err(|_| malformed(format!("it has {} numbers", numbers.len())))?;
    let intrinsics = Intrinsics {
        fx: m[0],
        fy: m[4],
        cx: m[2],
        cy: m[5],
    };
    let is_in = |v: f64, size: usize| (0.0..=size as f64).contains(&v);
    if m[6..] != [0.0, 0.0, 1.0] || m[1] != 0.0 || m[3] != 0.0 {
        return Err(malformed(format!("it is {m:?}")));
    }
    if !(m[0] > 0.0 && m[0].is_finite() && m[4] > 0.0 && m[4].is_finite()) {
        return Err(malformed(format!(
            "its focal lengths are {} and {}",
            m[0], m[4]
        )));
    }
    if !(is_in(m[2], width) && is_in(m[5], height)) {
        let (cx, cy) = (m[2], m[5]);
        let reason = format!("the principal point {cx}, {cy} is outside {width} x {height} pixels");
        return Err(malformed(reason));
    }
    Ok(intrinsics)
}

/// Text of the intrinsic matrix; the shortest digits that give the same numbers again.
pub(super) fn intrinsics_text(intrinsics: Intrinsics) -> String {
    let Intrinsics { fx, fy, cx, cy } = intrinsics;
    format!("{fx} 0 {cx}\n0 {fy} {cy}\n0 0 1\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intrinsics_come_back_bit_for_bit() {
        let wanted = Intrinsics {
            fx: 740.123_456_789_012_3,
            fy: 2.0 / 3.0 * 1000.0,
            cx: 192.0,
            cy: 255.999_999_999_999_97,
        };
        let text = intrinsics_text(wanted);
        assert_eq!(
            parse_intrinsics(text.as_bytes(), (384, 512)).unwrap(),
            wanted
        );
    }

    #[test]
    fn what_is_no_intrinsic_matrix_is_an_error() {
        for text in [
            "",
            "1 2 3",
            "1 0 1 0 1 1 0 0 x",
            "-1 0 1 0 1 1 0 0 1",
            "9 0 999 0 9 1 0 0 1",
            "9 1 1 0 9 1 0 0 1",
            "9 0 1 0 9 1 0 0 2",
        ] {
            assert!(
                parse_intrinsics(text.as_bytes(), (384, 512)).is_err(),
                "{text}"
            );
        }
    }
}
