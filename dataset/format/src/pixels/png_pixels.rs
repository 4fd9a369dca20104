//! PNG of 8 bits, grey or RGB, without interlace, palette and transparency, read at once.

use super::Scratch;
use super::inflate::inflate_zlib;
use super::png_rows::unfilter;

/// Largest picture that is decoded, in pixels: a damaged header must not exhaust the memory.
const MAX_PIXELS: usize = 1 << 26;

/// Reads the pixels of `png` into `out` and returns width and height; `None` if the picture has
/// not `n_channels` of 8 bits, is of another sort, or damaged.
pub(crate) fn read_png(
    png: &[u8],
    n_channels: usize,
    scratch: &mut Scratch,
    out: &mut Vec<u8>,
) -> Option<(usize, usize)> {
    let mut rest = png.strip_prefix(b"\x89PNG\r\n\x1a\n")?;
    let (kind, header) = next_chunk(&mut rest)?;
    let header: &[u8; 13] = header.try_into().ok()?;
    let color = if n_channels == 3 { 2 } else { 0 };
    // Bit depth, color type, then compression, filter and interlace methods.
    if kind != b"IHDR" || header[8..] != [8, color, 0, 0, 0] {
        return None;
    }
    let number = |at: usize| -> Option<usize> {
        let bytes = header[at..at + 4].try_into().ok()?;
        usize::try_from(u32::from_be_bytes(bytes)).ok()
    };
    let (width, height) = (number(0)?, number(4)?);
    let n_pixels = width.checked_mul(height)?;
    // Deflate shrinks at most about a thousandfold.
    if n_pixels == 0 || n_pixels > MAX_PIXELS || n_pixels / 2048 > png.len() {
        return None;
    }

    let Scratch {
        unpacked, packed, ..
    } = scratch;
    packed.clear();
    let mut first: Option<&[u8]> = None;
    let mut n_pieces = 0;
    let mut is_data_over = false;
    loop {
        let (kind, data) = next_chunk(&mut rest)?;
        match kind {
            b"IDAT" if is_data_over => return None,
            b"IDAT" => {
                n_pieces += 1;
                match first {
                    None => first = Some(data),
                    Some(whole) => {
                        if n_pieces == 2 {
                            packed.extend(whole);
                        }
                        packed.extend(data);
                    }
                }
            }
            b"IEND" => break,
            b"tRNS" => return None,
            // Chunks with a small first letter may be passed over.
            [first, ..] if first.is_ascii_lowercase() => is_data_over = n_pieces > 0,
            _ => return None,
        }
    }
    let data = if n_pieces > 1 {
        packed.as_slice()
    } else {
        first?
    };
    let row_bytes = width * n_channels;
    unpacked.resize(height * (row_bytes + 1), 0);
    inflate_zlib(data, unpacked)?;
    out.resize(height * row_bytes, 0);
    unfilter(unpacked, row_bytes, n_channels, out)?;
    Some((width, height))
}

/// The kind and the data of the next chunk, whose sum must be right.
fn next_chunk<'a>(rest: &mut &'a [u8]) -> Option<(&'a [u8; 4], &'a [u8])> {
    let (length, tail) = rest.split_first_chunk::<4>()?;
    let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
    let (body, tail) = tail.split_at_checked(length.checked_add(4)?)?;
    let (sum, tail) = tail.split_first_chunk::<4>()?;
    if crc32fast::hash(body) != u32::from_be_bytes(*sum) {
        return None;
    }
    *rest = tail;
    body.split_first_chunk::<4>()
}
