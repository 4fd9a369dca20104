//! What is left of a plane when each value is guessed from its neighbors, and back.
//!
//! - 32- and 16-bit values (the bits of floats, taken as integers): the guess is left + above -
//!   above left, modulo the size. The rest is folded so that small numbers of either sign have
//!   small codes (0, -1, 1, -2, ...), and the codes are stored byte plane by byte plane, the low
//!   one first: the high ones are nearly all zero. Back: unfold, sum along the row, add the row
//!   above.
//! - bytes: the guess is the byte before, channel by channel; of RGB, red and blue are first
//!   stored as differences to green. Back: sum along the plane.

use crate::pixels::undo_delta;

/// The codes of a plane of 32-bit values.
pub(super) fn of_words32(values: &[u32], width: usize, out: &mut Vec<u8>) {
    let n = values.len();
    let start = out.len();
    out.resize(start + 4 * n, 0);
    for i in 0..n {
        let rest = values[i].wrapping_sub(guess(
            values,
            width,
            i,
            u32::wrapping_add,
            u32::wrapping_sub,
        ));
        let rest = rest as i32;
        let code = (rest << 1) ^ (rest >> 31);
        for (k, byte) in code.to_le_bytes().into_iter().enumerate() {
            out[start + k * n + i] = byte;
        }
    }
}

/// The codes of a plane of 16-bit values.
pub(super) fn of_words16(values: &[u16], width: usize, low: &mut Vec<u8>, high: &mut Vec<u8>) {
    for i in 0..values.len() {
        let rest = values[i].wrapping_sub(guess(
            values,
            width,
            i,
            u16::wrapping_add,
            u16::wrapping_sub,
        ));
        let rest = rest as i16;
        let [a, b] = ((rest << 1) ^ (rest >> 15)).to_le_bytes();
        low.push(a);
        high.push(b);
    }
}

fn guess<T: Copy + Default>(
    values: &[T],
    width: usize,
    i: usize,
    add: impl Fn(T, T) -> T,
    subtract: impl Fn(T, T) -> T,
) -> T {
    let (is_left, is_top) = (i.is_multiple_of(width), i < width);
    let left = if is_left { T::default() } else { values[i - 1] };
    let above = if is_top {
        T::default()
    } else {
        values[i - width]
    };
    let above_left = if is_left || is_top {
        T::default()
    } else {
        values[i - width - 1]
    };
    subtract(add(left, above), above_left)
}

/// Calls `row` with the number and the values of each row of a plane of 32-bit values.
pub(super) fn to_words32(codes: &[u8], width: usize, mut row: impl FnMut(usize, &[u32])) {
    let n = codes.len() / 4;
    let [a, b, c, d] = [0, 1, 2, 3].map(|k| &codes[k * n..(k + 1) * n]);
    let mut above = vec![0_u32; width];
    let mut rests = vec![0_u32; width];
    for y in 0..n / width {
        let line = y * width..(y + 1) * width;
        let bytes = (a[line.clone()].iter().zip(&b[line.clone()]))
            .zip(c[line.clone()].iter().zip(&d[line]));
        for (rest, ((a, b), (c, d))) in rests.iter_mut().zip(bytes) {
            let code =
                u32::from(*a) | u32::from(*b) << 8 | u32::from(*c) << 16 | u32::from(*d) << 24;
            *rest = (code >> 1) ^ (code & 1).wrapping_neg();
        }
        let mut sum = 0_u32;
        for rest in &mut rests {
            sum = sum.wrapping_add(*rest);
            *rest = sum;
        }
        for (above, rest) in above.iter_mut().zip(&rests) {
            *above = above.wrapping_add(*rest);
        }
        row(y, &above);
    }
}

/// Calls `row` with the number and the values of each row of `N` planes of 16-bit values.
pub(super) fn to_words16<const N: usize>(
    codes: &[u8],
    width: usize,
    mut row: impl FnMut(usize, &[Vec<u16>; N]),
) {
    let n = codes.len() / 2 / N;
    let (low, high) = codes.split_at(n * N);
    let mut above: [Vec<u16>; N] = std::array::from_fn(|_| vec![0; width]);
    let mut rests: [Vec<u16>; N] = std::array::from_fn(|_| vec![0; width]);
    for y in 0..n / width {
        for (k, rests) in rests.iter_mut().enumerate() {
            let line = k * n + y * width..k * n + (y + 1) * width;
            let bytes = low[line.clone()].iter().zip(&high[line]);
            for (rest, (low, high)) in rests.iter_mut().zip(bytes) {
                let code = u16::from(*low) | u16::from(*high) << 8;
                *rest = (code >> 1) ^ (code & 1).wrapping_neg();
            }
        }
        // All planes in one loop, so that the sums do not wait for each other.
        let mut sums = [0_u16; N];
        #[expect(clippy::needless_range_loop, reason = "x runs along N rows at once")]
        for x in 0..width {
            for k in 0..N {
                sums[k] = sums[k].wrapping_add(rests[k][x]);
                rests[k][x] = sums[k];
            }
        }
        for (above, rests) in above.iter_mut().zip(&rests) {
            for (above, rest) in above.iter_mut().zip(rests) {
                *above = above.wrapping_add(*rest);
            }
        }
        row(y, &above);
    }
}

/// The codes of a plane of bytes.
pub(super) fn of_bytes(values: &[u8], out: &mut Vec<u8>) {
    let before = [0].into_iter().chain(values.iter().copied());
    out.extend(
        values
            .iter()
            .zip(before)
            .map(|(v, before)| v.wrapping_sub(before)),
    );
}

/// The codes of an RGB picture, three bytes a pixel.
pub(super) fn of_rgb(values: &[u8], out: &mut Vec<u8>) {
    let pixels = values.as_chunks::<3>().0;
    let greens: Vec<u8> = pixels.iter().map(|p| p[1]).collect();
    let reds: Vec<u8> = pixels.iter().map(|p| p[0].wrapping_sub(p[1])).collect();
    let blues: Vec<u8> = pixels.iter().map(|p| p[2].wrapping_sub(p[1])).collect();
    for plane in [greens, reds, blues] {
        of_bytes(&plane, out);
    }
}

/// Undoes [`of_bytes`] in place.
pub(super) fn to_bytes(codes: &mut [u8]) {
    undo_delta(codes);
}

/// Undoes [`of_rgb`].
pub(super) fn to_rgb(codes: &mut [u8], out: &mut [u8]) {
    let n = codes.len() / 3;
    codes.chunks_exact_mut(n.max(1)).for_each(undo_delta);
    let (greens, rest) = codes.split_at(n);
    let (reds, blues) = rest.split_at(n);
    let pixels = out.as_chunks_mut::<3>().0.iter_mut();
    for (((pixel, g), r), b) in pixels.zip(greens).zip(reds).zip(blues) {
        *pixel = [r.wrapping_add(*g), *g, b.wrapping_add(*g)];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(n: usize) -> impl Iterator<Item = u32> {
        let mut state = 3_u32;
        (0..n).map(move |i| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            // Smooth, then wild, with infinities and the extremes of the bits.
            match i % 11 {
                0 => state,
                1 => f32::INFINITY.to_bits(),
                2 => u32::MAX,
                _ => (1.0 + i as f32 * 1e-3).to_bits(),
            }
        })
    }

    #[test]
    fn every_plane_comes_back_bit_for_bit() {
        for (width, height) in [(1, 1), (1, 9), (7, 1), (16, 5), (33, 20)] {
            let n = width * height;
            let values: Vec<u32> = numbers(n).collect();
            let (mut codes, mut found) = (Vec::new(), Vec::<u32>::new());
            of_words32(&values, width, &mut codes);
            to_words32(&codes, width, |y, row| {
                assert_eq!(y * width, found.len());
                found.extend(row);
            });
            assert_eq!(found, values);

            let planes: Vec<u16> = numbers(3 * n).map(|v| v as u16).collect();
            let (mut low, mut high) = (Vec::new(), Vec::new());
            for plane in planes.chunks(n) {
                of_words16(plane, width, &mut low, &mut high);
            }
            low.extend(high);
            let mut found = vec![0; 3 * n];
            to_words16::<3>(&low, width, |y, rows| {
                for (k, row) in rows.iter().enumerate() {
                    found[k * n + y * width..][..width].copy_from_slice(row);
                }
            });
            assert_eq!(found, planes);

            let bytes: Vec<u8> = numbers(3 * n).map(|v| (v >> 13) as u8).collect();
            let mut codes = Vec::new();
            of_rgb(&bytes, &mut codes);
            let mut found = vec![0; 3 * n];
            to_rgb(&mut codes, &mut found);
            assert_eq!(found, bytes);
            let mut codes = Vec::new();
            of_bytes(&bytes, &mut codes);
            to_bytes(&mut codes);
            assert_eq!(codes, bytes);
        }
    }
}
