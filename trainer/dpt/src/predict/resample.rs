//! Change of size of one plane, with the arithmetic of OpenCV: halving by `pyrDown`, `INTER_LINEAR`
//! down to the model's size, `INTER_CUBIC` back.
//!
//! Pixel centers lie at +0.5, so that index `i` of the result reads at
//! `(i + 0.5) * from / to - 0.5`. Bilinear reading stops at the outermost pixels; bicubic reading
//! (a = -0.75) repeats them; halving mirrors at them without repeating them.

use rayon::prelude::*;

/// The parameter of the bicubic kernel.
const CUBIC_A: f32 = -0.75;

/// Weights of the kernel that smooths before halving, each way.
const PYRAMID: [f32; 5] = [1.0 / 16.0, 4.0 / 16.0, 6.0 / 16.0, 4.0 / 16.0, 1.0 / 16.0];

/// A plane of numbers, row by row from the top.
#[derive(Clone, Debug, PartialEq)]
pub struct Plane {
    /// Width, in pixels.
    pub width: usize,
    /// Height, in pixels.
    pub height: usize,
    /// The numbers.
    pub values: Vec<f32>,
}

/// A part of an axis of the result, of which each pixel reads at `N` places.
struct Taps<const N: usize> {
    /// Indices into the source and their weights.
    taps: Vec<([usize; N], [f32; N])>,
}

impl<const N: usize> Taps<N> {
    /// Along a row.
    fn across(&self, row: &[f32], out: &mut [f32]) {
        for (out, (at, weights)) in out.iter_mut().zip(&self.taps) {
            *out = (0..N).map(|i| weights[i] * row[at[i]]).sum();
        }
    }
}

/// Where pixel `i` reads: the pixel before, and the way to the next.
fn place(i: usize, from: usize, to: usize) -> (isize, f32) {
    let at = (i as f64 + 0.5) * (from as f64 / to as f64) - 0.5;
    let floor = at.floor();
    (floor as isize, (at - floor) as f32)
}

fn linear_taps(from: usize, to: usize) -> Taps<2> {
    let tap = |i| {
        let (before, t) = place(i, from, to);
        let last = from as isize - 1;
        match before {
            before if before < 0 => ([0, 0], [1.0, 0.0]),
            before if before >= last => ([last as usize; 2], [1.0, 0.0]),
            before => ([before as usize, before as usize + 1], [1.0 - t, t]),
        }
    };
    Taps {
        taps: (0..to).map(tap).collect(),
    }
}

fn cubic_taps(from: usize, to: usize, part: std::ops::Range<usize>) -> Taps<4> {
    let tap = |i| {
        let (before, t) = place(i, from, to);
        let at = [-1, 0, 1, 2]
            .map(|step| (before + step).clamp(0, from as isize - 1))
            .map(|at| at as usize);
        (at, cubic_weights(t))
    };
    Taps {
        taps: part.map(tap).collect(),
    }
}

/// Weights of the four pixels around a place at `t` between the middle two.
fn cubic_weights(t: f32) -> [f32; 4] {
    let a = CUBIC_A;
    let near = |t: f32| ((a + 2.0) * t - (a + 3.0)) * t * t + 1.0;
    let before = t + 1.0;
    let first = ((a * before - 5.0 * a) * before + 8.0 * a) * before - 4.0 * a;
    let [second, third] = [near(t), near(1.0 - t)];
    [first, second, third, 1.0 - first - second - third]
}

/// Index `at` mirrored into an axis of `n` pixels, whose outermost ones are not repeated.
fn mirror(at: isize, n: usize) -> usize {
    let last = n as isize - 1;
    if last == 0 {
        return 0;
    }
    let at = at.rem_euclid(2 * last);
    at.min(2 * last - at) as usize
}

fn pyramid_taps(from: usize) -> Taps<5> {
    let tap = |i: usize| {
        let at = [-2, -1, 0, 1, 2].map(|step| mirror(2 * i as isize + step, from));
        (at, PYRAMID)
    };
    Taps {
        taps: (0..from.div_ceil(2)).map(tap).collect(),
    }
}

/// Applies taps along rows, then along columns.
fn apply<const N: usize>(plane: &Plane, rows: &Taps<N>, columns: &Taps<N>) -> Plane {
    let (width, height) = (columns.taps.len(), rows.taps.len());
    // Only source rows that are read are worth their work.
    let first = rows.taps.iter().flat_map(|(at, _)| at).min().copied();
    let last = rows.taps.iter().flat_map(|(at, _)| at).max().copied();
    let (Some(first), Some(last)) = (first, last) else {
        return Plane {
            width,
            height,
            values: Vec::new(),
        };
    };
    let mut narrow = vec![0.0; width * (last + 1 - first)];
    narrow
        .par_chunks_exact_mut(width)
        .zip(plane.values[plane.width * first..].par_chunks_exact(plane.width))
        .for_each(|(out, row)| columns.across(row, out));
    let mut values = vec![0.0; width * height];
    values
        .par_chunks_exact_mut(width)
        .zip(&rows.taps)
        .for_each(|(out, (at, weights))| {
            let sources = at.map(|at| &narrow[width * (at - first)..][..width]);
            for (x, out) in out.iter_mut().enumerate() {
                *out = (0..N).map(|i| weights[i] * sources[i][x]).sum();
            }
        });
    Plane {
        width,
        height,
        values,
    }
}

/// Smooths and takes every second pixel of every second row, from the first on.
pub fn pyr_down(plane: &Plane) -> Plane {
    apply(
        plane,
        &pyramid_taps(plane.height),
        &pyramid_taps(plane.width),
    )
}

/// Bilinear change of size, without smoothing.
pub fn resize_linear(plane: &Plane, width: usize, height: usize) -> Plane {
    if (plane.width, plane.height) == (width, height) {
        return plane.clone();
    }
    apply(
        plane,
        &linear_taps(plane.height, height),
        &linear_taps(plane.width, width),
    )
}

/// Bicubic change of size to `width` x `height`, of which only the given rows and columns are made.
///
/// `rows` and `columns` lie within the result.
pub fn resize_cubic(
    plane: &Plane,
    (width, height): (usize, usize),
    columns: std::ops::Range<usize>,
    rows: std::ops::Range<usize>,
) -> Plane {
    let columns = cubic_taps(plane.width, width, columns);
    let rows = cubic_taps(plane.height, height, rows);
    apply(plane, &rows, &columns)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ramp(width: usize, height: usize) -> Plane {
        let values = (0..width * height)
            .map(|i| (i % width) as f32 + 10.0 * (i / width) as f32)
            .collect();
        Plane {
            width,
            height,
            values,
        }
    }

    #[test]
    fn places_are_mirrored_without_repeating_the_border() {
        let found: Vec<usize> = (-3..8).map(|at| mirror(at, 4)).collect();
        assert_eq!(found, [3, 2, 1, 0, 1, 2, 3, 2, 1, 0, 1]);
        assert_eq!(mirror(-2, 1), 0);
        assert_eq!(mirror(-2, 2), 0);
    }

    #[test]
    fn the_same_size_changes_nothing() {
        let plane = ramp(7, 5);
        assert_eq!(resize_linear(&plane, 7, 5), plane);
        let cubic = resize_cubic(&plane, (7, 5), 0..7, 0..5);
        assert_eq!(cubic, plane);
    }

    #[test]
    fn a_part_of_a_result_is_that_part_of_the_whole() {
        let plane = ramp(9, 6);
        let whole = resize_cubic(&plane, (31, 20), 0..31, 0..20);
        let part = resize_cubic(&plane, (31, 20), 4..29, 3..18);
        for y in 0..15 {
            let wanted = &whole.values[(y + 3) * 31 + 4..][..25];
            assert_eq!(&part.values[25 * y..][..25], wanted);
        }
    }

    #[test]
    fn one_pixel_becomes_a_flat_plane() {
        let plane = Plane {
            width: 1,
            height: 1,
            values: vec![0.25],
        };
        assert_eq!(resize_linear(&plane, 3, 2).values, [0.25; 6]);
        assert_eq!(pyr_down(&plane).values, [0.25]);
        let cubic = resize_cubic(&plane, (3, 2), 0..3, 0..2);
        assert!(cubic.values.iter().all(|v| (v - 0.25).abs() < 1e-6));
    }
}
