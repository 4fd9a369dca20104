//! Principal components of weighted samples by Jacobi rotations: only sums, products and square
//! roots, so that the fitted numbers are the same on every machine.

/// Mean and main directions of a cloud of points.
#[derive(Clone, Debug)]
pub(crate) struct Components {
    /// Weighted mean.
    pub(crate) mean: Vec<f64>,
    /// Standard deviation along each direction, largest first.
    pub(crate) sigma: Vec<f64>,
    /// Unit directions, their largest entry positive.
    pub(crate) basis: Vec<Vec<f64>>,
}

/// Directions that hold `share` of the variance of `samples`, but at most `n_max` of them.
pub(crate) fn principal(samples: &[(f64, Vec<f64>)], share: f64, n_max: usize) -> Components {
    let n_dims = samples[0].1.len();
    let total: f64 = samples.iter().map(|(weight, _)| weight).sum();
    let mut mean = vec![0.0; n_dims];
    for (weight, x) in samples {
        for (m, v) in mean.iter_mut().zip(x) {
            *m += weight * v / total;
        }
    }
    let mut covariance = vec![vec![0.0; n_dims]; n_dims];
    for (weight, x) in samples {
        for (r, row) in covariance.iter_mut().enumerate() {
            for (c, entry) in row.iter_mut().enumerate() {
                *entry += weight * (x[r] - mean[r]) * (x[c] - mean[c]) / total;
            }
        }
    }
    let (values, vectors) = eigen(covariance);
    let mut order: Vec<usize> = (0..n_dims).collect();
    order.sort_by(|&a, &b| values[b].total_cmp(&values[a]));
    let variance: f64 = values.iter().map(|v| v.max(0.0)).sum();
    let (mut sigma, mut basis, mut held) = (Vec::new(), Vec::new(), 0.0);
    for &i in order.iter().take(n_max) {
        if share * variance <= held || values[i] <= 1e-10 {
            break;
        }
        held += values[i];
        let mut direction: Vec<f64> = vectors.iter().map(|row| row[i]).collect();
        let largest = direction
            .iter()
            .fold(0.0_f64, |max, &v| if max.abs() < v.abs() { v } else { max });
        if largest < 0.0 {
            direction.iter_mut().for_each(|v| *v = -*v);
        }
        sigma.push(values[i].sqrt());
        basis.push(direction);
    }
    Components { mean, sigma, basis }
}

/// Eigenvalues and eigenvectors (in columns) of a symmetric matrix.
fn eigen(mut a: Vec<Vec<f64>>) -> (Vec<f64>, Vec<Vec<f64>>) {
    let n = a.len();
    let mut v: Vec<Vec<f64>> = (0..n)
        .map(|r| (0..n).map(|c| f64::from(u8::from(r == c))).collect())
        .collect();
    for _sweep in 0..64 {
        let off: f64 = (0..n)
            .flat_map(|r| (0..r).map(move |c| (r, c)))
            .map(|(r, c)| a[r][c] * a[r][c])
            .sum();
        if off < 1e-26 {
            break;
        }
        for p in 0..n {
            for q in p + 1..n {
                rotate(&mut a, &mut v, p, q);
            }
        }
    }
    ((0..n).map(|i| a[i][i]).collect(), v)
}

/// One Jacobi rotation that zeroes `a[p][q]`.
fn rotate(a: &mut [Vec<f64>], v: &mut [Vec<f64>], p: usize, q: usize) {
    if a[p][q].abs() < 1e-300 {
        return;
    }
    let theta = (a[q][q] - a[p][p]) / (2.0 * a[p][q]);
    let t = theta.signum() / (theta.abs() + (theta * theta + 1.0).sqrt());
    let c = 1.0 / (t * t + 1.0).sqrt();
    let s = t * c;
    for row in a.iter_mut() {
        (row[p], row[q]) = (c * row[p] - s * row[q], s * row[p] + c * row[q]);
    }
    let (upper, lower) = a.split_at_mut(q);
    for (x, y) in upper[p].iter_mut().zip(&mut lower[0]) {
        (*x, *y) = (c * *x - s * *y, s * *x + c * *y);
    }
    for row in v.iter_mut() {
        (row[p], row[q]) = (c * row[p] - s * row[q], s * row[p] + c * row[q]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_long_axis_of_an_ellipse_is_found() {
        // Points on x = 3 s (0.6, 0.8), y = 1 t (-0.8, 0.6), around (1, 2).
        let samples: Vec<(f64, Vec<f64>)> = [(1.0, 0.0), (-1.0, 0.0), (0.0, 1.0), (0.0, -1.0)]
            .iter()
            .map(|(s, t)| {
                let (s, t) = (3.0 * s, 1.0 * t);
                (2.0, vec![1.0 + 0.6 * s - 0.8 * t, 2.0 + 0.8 * s + 0.6 * t])
            })
            .collect();
        let fit = principal(&samples, 1.0, 2);
        assert!((fit.mean[0] - 1.0).abs() < 1e-12 && (fit.mean[1] - 2.0).abs() < 1e-12);
        assert!((fit.sigma[0] - 4.5_f64.sqrt()).abs() < 1e-12, "{:?}", fit);
        assert!((fit.sigma[1] - 0.5_f64.sqrt()).abs() < 1e-12);
        assert!((fit.basis[0][0] - 0.6).abs() < 1e-12 && (fit.basis[0][1] - 0.8).abs() < 1e-12);
    }
}
