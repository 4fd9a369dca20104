//! Takes noise out of a picture by regression on features that have little noise.
//!
//! Around each pixel the colours are fitted as a linear function of albedo, normal and nearness
//! (after Bitterli et al. 2016, "Nonlinearly Weighted First-order Regression"). How much a
//! neighbour counts follows from how alike the colours about both pixels are beyond their noise
//! (non-local means). The paths of a pixel are kept in two halves: the weights come from one, the
//! colours from the other, and the other way round, so that noise does not choose its own weights.
//!
//! The noise of single hairs is taken out as far as their features explain them; where nothing
//! alike is near, a pixel stays as it is. Everything is a fixed order of additions per pixel, so
//! the result does not depend on the number of threads.

use glam::Vec3;
use rayon::prelude::*;

use super::solve::{Fitted, solve};
use super::{EXPLAINING, Half};

/// Unknowns of the fit: a constant and one slope for each feature.
pub(super) const UNKNOWNS: usize = EXPLAINING + 1;
/// Entries of the upper triangle of the normal matrix.
pub(super) const PAIRS: usize = UNKNOWNS * (UNKNOWNS + 1) / 2;
/// Radius of the neighbourhood, in pixels.
const WINDOW: usize = 8;
/// Radius of the patches that are compared, in pixels.
const PATCH: usize = 3;
/// Border about the picture, in which its edge is repeated.
const BORDER: usize = WINDOW + PATCH;
/// Height of the strips that are worked on at once, in pixels.
const STRIP: usize = 8;
/// Width of a piece of a strip, in pixels.
const PIECE: usize = 32;
/// Differences of colour count in units of this many standard deviations.
const BANDWIDTH: f32 = 0.6;
/// Differences below this are never noise worth removing, in exposed light.
const LEAST_SIGMA: f32 = 2e-3;

/// A plane with its edges repeated outward.
struct Padded {
    stride: usize,
    values: Vec<f32>,
}

impl Padded {
    fn new(width: usize, height: usize, value: impl Fn(usize) -> f32 + Sync) -> Self {
        // A piece may stick out of the picture on the right by less than its width.
        let stride = width + 2 * BORDER + PIECE;
        let rows = height + 2 * BORDER + STRIP;
        let mut values = vec![0.0; stride * rows];
        values
            .par_chunks_exact_mut(stride)
            .enumerate()
            .for_each(|(row, out)| {
                let y = row.saturating_sub(BORDER).min(height - 1);
                for (column, out) in out.iter_mut().enumerate() {
                    let x = column.saturating_sub(BORDER).min(width - 1);
                    *out = value(y * width + x);
                }
            });
        Self { stride, values }
    }

    /// `len` values from pixel `(x, y)`, which may lie in the border.
    #[inline]
    fn row(&self, x: isize, y: isize, len: usize) -> &[f32] {
        let border = BORDER as isize;
        let start = (y + border) as usize * self.stride + (x + border) as usize;
        &self.values[start..start + len]
    }
}

/// One half, ready to be read at any offset.
struct Planes {
    color: [Padded; 3],
    /// Variance of the colour.
    variance: [Padded; 3],
}

/// Two fits of the picture, from two halves of its paths: fit `i` holds no light of half `i`, whose
/// colours only tell which neighbours are alike.
pub(super) fn fits(width: usize, height: usize, halves: &[Half; 2]) -> [Vec<Fitted>; 2] {
    let variance = smooth_variance(width, height, halves);
    let planes = halves.each_ref().map(|half| Planes {
        color: [0, 1, 2].map(|c| Padded::new(width, height, |i| half.color[i][c])),
        variance: [0, 1, 2].map(|c| Padded::new(width, height, |i| variance[i][c])),
    });
    let features: [Padded; EXPLAINING] = std::array::from_fn(|f| {
        Padded::new(width, height, |i| {
            0.5 * (halves[0].features[i][f] + halves[1].features[i][f])
        })
    });
    [0, 1].map(|guide: usize| {
        let nothing = Fitted {
            color: Vec3::ZERO,
            own: 0.0,
        };
        let mut out = vec![nothing; width * height];
        out.par_chunks_mut(width * STRIP)
            .enumerate()
            .for_each(|(strip, out)| {
                let mut work = Work::new();
                let rows = out.len() / width;
                for x in (0..width).step_by(PIECE) {
                    let piece = Piece {
                        x,
                        y: strip * STRIP,
                        width,
                        height,
                    };
                    work.accumulate(&piece, &planes[guide], &planes[1 - guide], &features);
                    for row in 0..rows {
                        for column in 0..PIECE.min(width - x) {
                            out[row * width + x + column] = work.fit(row * PIECE + column);
                        }
                    }
                }
            });
        out
    })
}

/// The variance of each half, from the difference between them, averaged over 5 x 5 pixels.
fn smooth_variance(width: usize, height: usize, halves: &[Half; 2]) -> Vec<Vec3> {
    let raw: [Padded; 3] = [0, 1, 2].map(|c| {
        Padded::new(width, height, |i| {
            let difference = halves[0].color[i][c] - halves[1].color[i][c];
            0.5 * difference * difference
        })
    });
    (0..width * height)
        .into_par_iter()
        .map(|i| {
            let (x, y) = ((i % width) as isize, (i / width) as isize);
            Vec3::from_array([0, 1, 2].map(|c: usize| {
                let sum: f32 = (-2..=2)
                    .map(|dy| raw[c].row(x - 2, y + dy, 5).iter().sum::<f32>())
                    .sum();
                sum / 25.0
            }))
        })
        .collect()
}

/// Which pixels are worked on.
struct Piece {
    x: usize,
    y: usize,
    width: usize,
    height: usize,
}

/// Sums of the normal equations for all pixels of a piece.
struct Work {
    /// Upper triangle of the matrix, entry by entry, each for all pixels.
    matrix: Vec<[f32; STRIP * PIECE]>,
    /// Right-hand sides: unknown by unknown, three channels each.
    right: Vec<[f32; STRIP * PIECE]>,
    /// Differences between colours, over the piece and a border for the patches.
    difference: Vec<f32>,
}

/// Width of the area of differences.
const WIDE: usize = PIECE + 2 * PATCH;
/// Its height.
const TALL: usize = STRIP + 2 * PATCH;

impl Work {
    fn new() -> Self {
        Self {
            matrix: vec![[0.0; STRIP * PIECE]; PAIRS],
            right: vec![[0.0; STRIP * PIECE]; 3 * UNKNOWNS],
            difference: vec![0.0; WIDE * TALL],
        }
    }

    /// Sums over the neighbourhoods of all pixels of `piece`.
    fn accumulate(
        &mut self,
        piece: &Piece,
        guide: &Planes,
        target: &Planes,
        features: &[Padded; EXPLAINING],
    ) {
        self.matrix.iter_mut().for_each(|plane| plane.fill(0.0));
        self.right.iter_mut().for_each(|plane| plane.fill(0.0));
        let reach = WINDOW as isize;
        for dy in -reach..=reach {
            for dx in -reach..=reach {
                self.compare(piece, guide, dx, dy);
                for row in 0..STRIP {
                    let weights = self.weights(piece, row, dx, dy);
                    self.add_row(piece, row, (dx, dy), &weights, target, features);
                }
            }
        }
    }

    /// Squared differences between pixels and their neighbours at `(dx, dy)`, less what noise
    /// explains, in units of noise; summed over rows of the patches.
    fn compare(&mut self, piece: &Piece, guide: &Planes, dx: isize, dy: isize) {
        let patch = PATCH as isize;
        let (x, y) = (piece.x as isize - patch, piece.y as isize - patch);
        let mut line = [0.0; WIDE];
        for row in 0..TALL {
            let y = y + row as isize;
            line.fill(0.0);
            for c in 0..3 {
                let a = guide.color[c].row(x, y, WIDE);
                let b = guide.color[c].row(x + dx, y + dy, WIDE);
                let va = guide.variance[c].row(x, y, WIDE);
                let vb = guide.variance[c].row(x + dx, y + dy, WIDE);
                for i in 0..WIDE {
                    let d = a[i] - b[i];
                    let noise = va[i] + va[i].min(vb[i]);
                    let scale =
                        (BANDWIDTH * BANDWIDTH) * (va[i] + vb[i]) + LEAST_SIGMA * LEAST_SIGMA;
                    line[i] += (d * d - noise) / scale;
                }
            }
            let out = &mut self.difference[row * WIDE..row * WIDE + PIECE];
            for (i, out) in out.iter_mut().enumerate() {
                *out = line[i..i + 2 * PATCH + 1].iter().sum();
            }
        }
    }

    /// Weights of the neighbours of the pixels of one row.
    fn weights(&self, piece: &Piece, row: usize, dx: isize, dy: isize) -> [f32; PIECE] {
        let mut weights = [0.0; PIECE];
        for patch_row in 0..=2 * PATCH {
            let line = &self.difference[(row + patch_row) * WIDE..][..PIECE];
            for (weight, d) in weights.iter_mut().zip(line) {
                *weight += d;
            }
        }
        const PER_PATCH: f32 = 1.0 / (3 * (2 * PATCH + 1) * (2 * PATCH + 1)) as f32;
        for weight in &mut weights {
            // Beyond 16 nothing is left; the bound keeps the polynomial in range.
            *weight = bounded_exp(-(*weight * PER_PATCH).clamp(0.0, 16.0));
        }
        // Neighbours outside the picture do not count.
        let y = (piece.y + row) as isize + dy;
        let is_row_inside = 0 <= y && y < piece.height as isize;
        for (i, weight) in weights.iter_mut().enumerate() {
            let x = (piece.x + i) as isize + dx;
            if !is_row_inside || x < 0 || piece.width as isize <= x {
                *weight = 0.0;
            }
        }
        weights
    }

    /// Adds the neighbours at one offset to the sums of one row of pixels.
    fn add_row(
        &mut self,
        piece: &Piece,
        row: usize,
        (dx, dy): (isize, isize),
        weights: &[f32; PIECE],
        target: &Planes,
        features: &[Padded; EXPLAINING],
    ) {
        let (x, y) = (piece.x as isize, (piece.y + row) as isize);
        let mut columns = [[1.0; PIECE]; UNKNOWNS];
        for (column, feature) in columns[1..].iter_mut().zip(features) {
            let here = feature.row(x, y, PIECE);
            let there = feature.row(x + dx, y + dy, PIECE);
            for i in 0..PIECE {
                column[i] = there[i] - here[i];
            }
        }
        let colors = [0, 1, 2].map(|c: usize| target.color[c].row(x + dx, y + dy, PIECE));
        let span = row * PIECE..(row + 1) * PIECE;
        let mut entry = 0;
        for a in 0..UNKNOWNS {
            let mut weighted = [0.0; PIECE];
            for i in 0..PIECE {
                weighted[i] = weights[i] * columns[a][i];
            }
            for column in &columns[a..] {
                let sums = &mut self.matrix[entry][span.clone()];
                for i in 0..PIECE {
                    sums[i] = weighted[i].mul_add(column[i], sums[i]);
                }
                entry += 1;
            }
            for (c, color) in colors.iter().enumerate() {
                let sums = &mut self.right[3 * a + c][span.clone()];
                for i in 0..PIECE {
                    sums[i] = weighted[i].mul_add(color[i], sums[i]);
                }
            }
        }
    }

    /// The fitted colour of a pixel at its own features.
    fn fit(&self, pixel: usize) -> Fitted {
        let matrix: [f32; PAIRS] = std::array::from_fn(|entry| self.matrix[entry][pixel]);
        let right: [Vec3; UNKNOWNS] = std::array::from_fn(|a| {
            Vec3::from_array([0, 1, 2].map(|c: usize| self.right[3 * a + c][pixel]))
        });
        solve(matrix, right)
    }
}

/// `exp(x)` for `x` in `[-16, 0]`, without branches; relative error below 1e-3.
#[inline]
pub(super) fn bounded_exp(x: f32) -> f32 {
    // (1 + x/64 + ...)^64 with a cubic start.
    let y = x * (1.0 / 64.0);
    let mut p = y
        .mul_add(1.0 / 24.0, 1.0 / 6.0)
        .mul_add(y, 0.5)
        .mul_add(y, 1.0)
        .mul_add(y, 1.0);
    for _ in 0..6 {
        p *= p;
    }
    p
}
