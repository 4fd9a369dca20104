//! The fit of one pixel: ridge regression by Cholesky's decomposition.

use glam::Vec3;

use super::regression::{PAIRS, UNKNOWNS};

/// Weight of the penalty on slopes, relative to the weight of the pixels: where features hardly
/// vary their slopes are not to be trusted.
const RIDGE: f32 = 2e-3;

/// Position of entry `(a, b)`, `a <= b`, in the upper triangle.
const fn entry(a: usize, b: usize) -> usize {
    a * UNKNOWNS - a * (a + 1) / 2 + b
}

/// The fitted value of one pixel.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Fitted {
    pub(super) color: Vec3,
    /// Part of the pixel's own colour in it (its leverage), in `[0, 1]`, where it counts as one.
    pub(super) own: f32,
}

/// The constants of the three fits whose normal equations have the upper triangle `matrix` and
/// the right-hand sides `right`. The unknown 0 is the constant.
pub(super) fn solve(mut matrix: [f32; PAIRS], mut right: [Vec3; UNKNOWNS]) -> Fitted {
    let weight = matrix[0].max(1e-20);
    let mean = Fitted {
        color: right[0] / weight,
        own: (1.0 / weight).min(1.0),
    };
    for a in 1..UNKNOWNS {
        matrix[entry(a, a)] += RIDGE * weight;
    }
    // The constant is wanted, so it is eliminated last: unknowns are taken from the back.
    for pivot in (1..UNKNOWNS).rev() {
        let inverse = 1.0 / matrix[entry(pivot, pivot)];
        for a in 0..pivot {
            let factor = matrix[entry(a, pivot)] * inverse;
            for b in a..pivot {
                matrix[entry(a, b)] -= factor * matrix[entry(b, pivot)];
            }
            let eliminated = right[pivot] * factor;
            right[a] -= eliminated;
        }
    }
    // What is left of the constant's weight tells how much of it the slopes took; if next to
    // nothing is left, the fit is an extrapolation and the mean is the safer answer.
    if matrix[0] < 1e-3 * weight {
        return mean;
    }
    // The pixel's own features are the origin, so it enters the constant's equation alone.
    Fitted {
        color: right[0] / matrix[0],
        own: (1.0 / matrix[0]).min(1.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_linear_picture_is_fitted_exactly() {
        let mut matrix = [0.0; PAIRS];
        let mut right = [Vec3::ZERO; UNKNOWNS];
        for k in 0..200_u32 {
            let mut x = [1.0; UNKNOWNS];
            for (a, x) in x.iter_mut().enumerate().skip(1) {
                *x = ((k * (2 * a as u32 + 1) * 7919) % 101) as f32 / 50.0 - 1.0;
            }
            let color = Vec3::new(3.0 + x[1] - 2.0 * x[4], 1.0 + 0.5 * x[7], 2.0);
            for a in 0..UNKNOWNS {
                for b in a..UNKNOWNS {
                    matrix[entry(a, b)] += x[a] * x[b];
                }
                right[a] += x[a] * color;
            }
        }
        let found = solve(matrix, right).color;
        assert!(
            (found - Vec3::new(3.0, 1.0, 2.0)).length() < 0.02,
            "{found}"
        );
    }

    #[test]
    fn a_lone_pixel_keeps_its_color() {
        let mut matrix = [0.0; PAIRS];
        matrix[0] = 0.3;
        let mut right = [Vec3::ZERO; UNKNOWNS];
        right[0] = Vec3::new(0.3, 0.6, 0.9);
        let found = solve(matrix, right);
        assert!((found.color - Vec3::new(1.0, 2.0, 3.0)).length() < 1e-5);
        assert_eq!(found.own, 1.0);
    }
}
