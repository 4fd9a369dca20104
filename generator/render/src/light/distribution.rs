//! A distribution over the cells of a grid: row by row, then within the row.

use glam::Vec2;

/// Cell probabilities given by cumulative sums, which invert monotonically and so keep the
/// stratification of the numbers that go in.
#[derive(Clone, Debug)]
pub(crate) struct GridDistribution {
    width: usize,
    height: usize,
    /// `height + 1` cumulative probabilities of the rows.
    rows: Vec<f32>,
    /// `width + 1` cumulative probabilities within each row.
    columns: Vec<f32>,
}

/// A drawn cell.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct GridDraw {
    /// Column.
    pub(crate) x: usize,
    /// Row.
    pub(crate) y: usize,
    /// Position within the cell, uniform in `[0, 1)`.
    pub(crate) within: Vec2,
    /// Probability of the cell.
    pub(crate) probability: f32,
}

impl GridDistribution {
    /// Probabilities in proportion to `weights` (finite, not negative), row by row; uniform where
    /// all are zero.
    pub(crate) fn new(width: usize, height: usize, weights: &[f64]) -> Self {
        assert_eq!(weights.len(), width * height, "one weight per cell");
        let mut columns = Vec::with_capacity((width + 1) * height);
        let mut row_sums = Vec::with_capacity(height);
        for row in weights.chunks_exact(width) {
            row_sums.push(row.iter().sum());
            push_cumulative(&mut columns, row);
        }
        let mut rows = Vec::with_capacity(height + 1);
        push_cumulative(&mut rows, &row_sums);
        Self {
            width,
            height,
            rows,
            columns,
        }
    }

    /// Draws a cell for uniform `u`; `None` only where rounding left a cell without probability.
    pub(crate) fn draw(&self, u: Vec2) -> Option<GridDraw> {
        let (y, within_y, row_probability) = invert(&self.rows, u.y);
        let columns = &self.columns[y * (self.width + 1)..(y + 1) * (self.width + 1)];
        let (x, within_x, column_probability) = invert(columns, u.x);
        let probability = row_probability * column_probability;
        (0.0 < probability).then_some(GridDraw {
            x,
            y,
            within: Vec2::new(within_x, within_y),
            probability,
        })
    }

    /// Probability of cell `(x, y)`: exactly the share of numbers for which it is drawn.
    pub(crate) fn probability(&self, x: usize, y: usize) -> f32 {
        debug_assert!(x < self.width && y < self.height, "cell inside the grid");
        let columns = &self.columns[y * (self.width + 1) + x..];
        (self.rows[y + 1] - self.rows[y]) * (columns[1] - columns[0])
    }
}

/// Appends the cumulative shares of `weights`, from 0 to exactly 1.
fn push_cumulative(out: &mut Vec<f32>, weights: &[f64]) {
    let total: f64 = weights.iter().sum();
    let n = weights.len();
    let mut sum = 0.0;
    out.push(0.0);
    for (i, weight) in weights.iter().enumerate() {
        sum += weight;
        let share = if 0.0 < total {
            sum / total
        } else {
            (i + 1) as f64 / n as f64
        };
        out.push(if i + 1 == n { 1.0 } else { share as f32 });
    }
}

/// The cell that `u` falls in, the position within it, and its probability.
fn invert(cumulative: &[f32], u: f32) -> (usize, f32, f32) {
    // The first entry is 0 <= u and the last 1 > u, so the cell lies in between and is not empty.
    let i = cumulative.partition_point(|&c| c <= u) - 1;
    let i = i.min(cumulative.len() - 2);
    let (lo, hi) = (cumulative[i], cumulative[i + 1]);
    let width = hi - lo;
    let within = if 0.0 < width {
        ((u - lo) / width).min(0.999_999_9)
    } else {
        0.5
    };
    (i, within, width)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_drawn_in_proportion_to_their_weights() {
        let weights = [0.0, 1.0, 3.0, 0.0, 0.0, 0.0, 4.0, 0.0];
        let grid = GridDistribution::new(4, 2, &weights);
        let n = 128;
        let mut counts = [0; 8];
        for i in 0..n * n {
            let u = Vec2::new((i % n) as f32 + 0.5, (i / n) as f32 + 0.5) / n as f32;
            let draw = grid
                .draw(u)
                .expect("every number falls in a cell with probability");
            assert_eq!(draw.probability, grid.probability(draw.x, draw.y));
            counts[draw.y * 4 + draw.x] += 1;
        }
        for (count, weight) in counts.iter().zip(weights) {
            assert!((f64::from(*count) / f64::from(n * n) - weight / 8.0).abs() < 1e-9);
        }
    }

    #[test]
    fn a_grid_of_zeros_is_uniform() {
        let grid = GridDistribution::new(4, 2, &[0.0; 8]);
        for i in 0..8 {
            assert!((grid.probability(i % 4, i / 4) - 0.125).abs() < 1e-7);
        }
    }
}
