//! A plane of a cache: a head of ten bytes, then the codes of [`super::residuals`], compressed by
//! zstd or, at level 0, as they are.
//!
//! ```text
//! u8   layout: 1 bytes, 2 RGB, 3 floats, 4 three halves, 5 four halves, 6 three floats
//! u8   1 if compressed
//! u32  width   u32  height      little-endian
//! ```

use half::f16;
use half::slice::{HalfBitsSliceExt as _, HalfFloatSliceExt as _};

use bottega_schemas::Plane;

use crate::error::FormatError;
use crate::pixels::Scratch;
use crate::plane_values::PlaneValues;
use crate::shard::StoredPlanes;

use super::residuals::{
    of_bytes, of_rgb, of_words16, of_words32, to_bytes, to_rgb, to_words16, to_words32,
};

/// Bytes before the codes.
const HEAD: usize = 10;
/// Most pixels of a plane: damaged bytes must not exhaust the memory.
const MAX_PIXELS: usize = 1 << 26;

const BYTES: u8 = 1;
const RGB: u8 = 2;
const FLOATS: u8 = 3;
const HALF3: u8 = 4;
const HALF4: u8 = 5;
const FLOAT3: u8 = 6;

/// Bytes of a pixel in the codes of a layout.
fn code_bytes(layout: u8) -> Option<usize> {
    Some(match layout {
        BYTES => 1,
        RGB => 3,
        FLOATS => 4,
        HALF3 => 6,
        HALF4 => 8,
        FLOAT3 => 12,
        _ => return None,
    })
}

/// Packs a plane of a row; `level` is that of zstd, 0 for none.
pub(super) fn pack(plane: Plane, row: &StoredPlanes, level: i32) -> Result<Vec<u8>, FormatError> {
    let (width, height) = (row.width, row.height);
    let mut codes = Vec::new();
    let layout = match plane {
        Plane::Rgb8 => {
            of_rgb(&row.rgb8, &mut codes);
            RGB
        }
        Plane::Alpha => {
            of_bytes(&row.alpha8, &mut codes);
            BYTES
        }
        Plane::Depth => pack_floats(&row.depth_m, width, &mut codes),
        Plane::Normal => pack_vectors(&row.normal, width, &mut codes),
        plane => match row.optional.get(&plane) {
            Some(PlaneValues::Byte(values)) => {
                of_bytes(values, &mut codes);
                BYTES
            }
            Some(PlaneValues::Scalar(values)) => pack_floats(values, width, &mut codes),
            Some(PlaneValues::Vector(values)) => pack_vectors(values, width, &mut codes),
            Some(PlaneValues::Layers(values)) => {
                if !pack_halves(values, width, &mut codes) {
                    let reason = "its values are no halves".to_owned();
                    return Err(FormatError::malformed(plane.column(), reason));
                }
                HALF4
            }
            None => {
                return Err(FormatError::MissingColumn {
                    column: plane.column(),
                });
            }
        },
    };
    let mut out = vec![layout, u8::from(level > 0)];
    out.extend((width as u32).to_le_bytes());
    out.extend((height as u32).to_le_bytes());
    if level > 0 {
        let packed = zstd::bulk::compress(&codes, level)
            .map_err(|error| FormatError::malformed("plane", error.to_string()))?;
        out.extend(packed);
    } else {
        out.extend(codes);
    }
    Ok(out)
}

fn pack_floats(values: &[f32], width: usize, codes: &mut Vec<u8>) -> u8 {
    let bits: Vec<u32> = values.iter().map(|value| value.to_bits()).collect();
    of_words32(&bits, width, codes);
    FLOATS
}

/// As halves where they are halves bit for bit, else as floats.
fn pack_vectors(values: &[[f32; 3]], width: usize, codes: &mut Vec<u8>) -> u8 {
    if pack_halves(values, width, codes) {
        return HALF3;
    }
    for k in 0..3 {
        let bits: Vec<u32> = values.iter().map(|value| value[k].to_bits()).collect();
        of_words32(&bits, width, codes);
    }
    FLOAT3
}

fn pack_halves<const N: usize>(values: &[[f32; N]], width: usize, codes: &mut Vec<u8>) -> bool {
    let is_half = |value: &f32| f16::from_f32(*value).to_f32().to_bits() == value.to_bits();
    if !values.as_flattened().iter().all(is_half) {
        return false;
    }
    let mut high = Vec::with_capacity(values.len() * N);
    for k in 0..N {
        let bits = values.iter().map(|value| f16::from_f32(value[k]).to_bits());
        let bits: Vec<u16> = bits.collect();
        of_words16(&bits, width, codes, &mut high);
    }
    codes.extend(high);
    true
}

/// Unpacks a plane into its place in `out`; width and height.
pub(crate) fn unpack(
    plane: Plane,
    packed: &[u8],
    scratch: &mut Scratch,
    out: &mut StoredPlanes,
) -> Result<(usize, usize), FormatError> {
    let malformed = |reason: &str| FormatError::malformed("plane in the cache", reason);
    let (head, packed) = packed
        .split_first_chunk::<HEAD>()
        .ok_or_else(|| malformed("it is shorter than its head"))?;
    let number = |at: usize| {
        let bytes = [head[at], head[at + 1], head[at + 2], head[at + 3]];
        u32::from_le_bytes(bytes) as usize
    };
    let (layout, width, height) = (head[0], number(2), number(6));
    let n_bytes = code_bytes(layout).ok_or_else(|| malformed("its layout is unknown"))?;
    let n_pixels = width.saturating_mul(height);
    if n_pixels == 0 || n_pixels > MAX_PIXELS {
        return Err(malformed("its size makes no sense"));
    }
    let Scratch { unpacked, zstd, .. } = scratch;
    unpacked.resize(n_pixels * n_bytes, 0);
    let codes = unpacked.as_mut_slice();
    if head[1] == 0 {
        if packed.len() != codes.len() {
            return Err(malformed("it is cut"));
        }
        codes.copy_from_slice(packed);
    } else {
        let n = zstd
            .0
            .decompress_to_buffer(packed, codes)
            .map_err(|error| malformed(&error.to_string()))?;
        if n != codes.len() {
            return Err(malformed("it is cut"));
        }
    }
    let is_done = match plane {
        Plane::Rgb8 if layout == RGB => {
            out.rgb8.resize(3 * n_pixels, 0);
            to_rgb(codes, &mut out.rgb8);
            true
        }
        Plane::Alpha if layout == BYTES => {
            to_bytes(codes);
            out.alpha8.resize(n_pixels, 0);
            out.alpha8.copy_from_slice(codes);
            true
        }
        Plane::Depth if layout == FLOATS => {
            floats(codes, width, &mut out.depth_m);
            true
        }
        Plane::Normal => vectors(layout, codes, width, &mut out.normal),
        Plane::Rgb8 | Plane::Alpha | Plane::Depth => false,
        plane => {
            let values = out.optional.entry(plane);
            let values = values.or_insert(PlaneValues::Byte(Vec::new()));
            unpack_optional(layout, codes, width, values)
        }
    };
    if is_done {
        Ok((width, height))
    } else {
        Err(malformed("it holds values of another kind"))
    }
}

fn unpack_optional(layout: u8, codes: &mut [u8], width: usize, values: &mut PlaneValues) -> bool {
    match (layout, &mut *values) {
        (BYTES, PlaneValues::Byte(_))
        | (FLOATS, PlaneValues::Scalar(_))
        | (HALF3 | FLOAT3, PlaneValues::Vector(_))
        | (HALF4, PlaneValues::Layers(_)) => {}
        (BYTES, _) => *values = PlaneValues::Byte(Vec::new()),
        (FLOATS, _) => *values = PlaneValues::Scalar(Vec::new()),
        (HALF3 | FLOAT3, _) => *values = PlaneValues::Vector(Vec::new()),
        (HALF4, _) => *values = PlaneValues::Layers(Vec::new()),
        _ => return false,
    }
    match values {
        PlaneValues::Byte(out) => {
            to_bytes(codes);
            out.clear();
            out.extend_from_slice(codes);
        }
        PlaneValues::Scalar(out) => floats(codes, width, out),
        PlaneValues::Vector(out) => return vectors(layout, codes, width, out),
        PlaneValues::Layers(out) => halves(codes, width, out),
    }
    true
}

fn floats(codes: &[u8], width: usize, out: &mut Vec<f32>) {
    out.resize(codes.len() / 4, 0.0);
    to_words32(codes, width, |y, row| {
        for (value, bits) in out[y * width..].iter_mut().zip(row) {
            *value = f32::from_bits(*bits);
        }
    });
}

fn vectors(layout: u8, codes: &[u8], width: usize, out: &mut Vec<[f32; 3]>) -> bool {
    match layout {
        HALF3 => halves(codes, width, out),
        FLOAT3 => {
            let n = codes.len() / 12;
            out.resize(n, [0.0; 3]);
            for (k, codes) in codes.chunks_exact(4 * n).enumerate() {
                to_words32(codes, width, |y, row| {
                    for (value, bits) in out[y * width..].iter_mut().zip(row) {
                        value[k] = f32::from_bits(*bits);
                    }
                });
            }
        }
        _ => return false,
    }
    true
}

fn halves<const N: usize>(codes: &[u8], width: usize, out: &mut Vec<[f32; N]>) {
    out.resize(codes.len() / (2 * N), [0.0; N]);
    let mut rows: [Vec<f32>; N] = std::array::from_fn(|_| vec![0.0; width]);
    to_words16::<N>(codes, width, |y, words| {
        for (row, words) in rows.iter_mut().zip(words) {
            let words: &[f16] = words.reinterpret_cast();
            words.convert_to_f32_slice(row);
        }
        let line = &mut out[y * width..][..width];
        for (x, pixel) in line.iter_mut().enumerate() {
            *pixel = std::array::from_fn(|k| rows[k][x]);
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::synthetic;

    #[test]
    fn damaged_planes_are_errors() {
        let sample = synthetic::sample("balls", 3, (24, 16));
        let row = crate::EncodedRow::encode(&sample, Default::default()).unwrap();
        let row = row.decode().unwrap();
        let mut scratch = Scratch::default();
        for level in [0, 3] {
            for plane in [Plane::Rgb8, Plane::Alpha, Plane::Depth, Plane::Normal] {
                let packed = pack(plane, &row, level).unwrap();
                let mut out = StoredPlanes::default();
                let size = unpack(plane, &packed, &mut scratch, &mut out).unwrap();
                assert_eq!(size, (24, 16));
                for length in [0, 5, 10, packed.len() / 2, packed.len() - 1] {
                    let cut = unpack(plane, &packed[..length], &mut scratch, &mut out);
                    assert!(cut.is_err(), "{plane:?} {length}");
                }
                let other = if plane == Plane::Alpha {
                    Plane::Depth
                } else {
                    Plane::Alpha
                };
                assert!(unpack(other, &packed, &mut scratch, &mut out).is_err());
                for at in 0..10 {
                    let mut wrong = packed.clone();
                    wrong[at] ^= 0x55;
                    // An error, or other values; never a panic.
                    let _ = unpack(plane, &wrong, &mut scratch, &mut out);
                }
            }
        }
    }
}
