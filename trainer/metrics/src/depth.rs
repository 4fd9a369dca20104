//! Depth up to scale and shift: alignment, RMSE, AbsRel, delta.

/// Smallest aligned depth that enters a ratio.
const MIN_DEPTH: f64 = 1e-6;

/// The affine map `scale * predicted + shift`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ScaleShift {
    /// Factor on the prediction.
    pub scale: f64,
    /// Offset after the factor, in the unit of the truth.
    pub shift: f64,
}

/// Errors of one aligned depth map, in the unit of the truth where they have one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DepthMetrics {
    /// Alignment that was used.
    pub alignment: ScaleShift,
    /// Root mean square error.
    pub rmse: f64,
    /// Mean absolute error over the true depth.
    pub abs_rel: f64,
    /// Share of pixels whose ratio to the truth is under 1.25.
    pub delta1: f64,
    /// Share of pixels whose ratio to the truth is under 1.05.
    pub delta1_105: f64,
    /// Root mean square error of the logarithms.
    pub rmse_log: f64,
    /// Pixels that counted.
    pub n: usize,
}

/// Least-squares scale and shift that take `predicted` to `truth` over the mask.
///
/// `None` when the mask is empty. A constant prediction gets scale 0 and the mean truth as shift.
pub fn align_scale_shift(predicted: &[f32], truth: &[f32], mask: &[bool]) -> Option<ScaleShift> {
    let (mut n, mut sum_p, mut sum_t) = (0_usize, 0.0, 0.0);
    for (p, t) in masked(predicted, truth, mask) {
        n += 1;
        sum_p += p;
        sum_t += t;
    }
    if n == 0 {
        return None;
    }
    let (mean_p, mean_t) = (sum_p / n as f64, sum_t / n as f64);
    let (mut var_p, mut cov) = (0.0, 0.0);
    for (p, t) in masked(predicted, truth, mask) {
        var_p += (p - mean_p) * (p - mean_p);
        cov += (p - mean_p) * (t - mean_t);
    }
    let scale = if 0.0 < var_p { cov / var_p } else { 0.0 };
    Some(ScaleShift {
        scale,
        shift: mean_t - scale * mean_p,
    })
}

/// Aligns `predicted` to `truth` and measures what is left; `None` when the mask is empty.
///
/// `truth` is positive where the mask is set. Slices are of equal length.
pub fn depth_metrics(predicted: &[f32], truth: &[f32], mask: &[bool]) -> Option<DepthMetrics> {
    let alignment = align_scale_shift(predicted, truth, mask)?;
    let (mut n, mut square, mut relative, mut square_log) = (0_usize, 0.0, 0.0, 0.0);
    let (mut within_125, mut within_105) = (0_usize, 0_usize);
    for (p, t) in masked(predicted, truth, mask) {
        let q = alignment.scale * p + alignment.shift;
        let positive = q.max(MIN_DEPTH);
        let ratio = (positive / t).max(t / positive);
        // Metrics are compared with tolerance, never byte for byte.
        let log_error = libm::log(positive) - libm::log(t);
        n += 1;
        square += (q - t) * (q - t);
        relative += (q - t).abs() / t;
        square_log += log_error * log_error;
        within_125 += usize::from(ratio < 1.25);
        within_105 += usize::from(ratio < 1.05);
    }
    let count = n as f64;
    Some(DepthMetrics {
        alignment,
        rmse: (square / count).sqrt(),
        abs_rel: relative / count,
        delta1: within_125 as f64 / count,
        delta1_105: within_105 as f64 / count,
        rmse_log: (square_log / count).sqrt(),
        n,
    })
}

fn masked<'a>(
    predicted: &'a [f32],
    truth: &'a [f32],
    mask: &'a [bool],
) -> impl Iterator<Item = (f64, f64)> + 'a {
    assert!(
        predicted.len() == truth.len() && truth.len() == mask.len(),
        "planes of one size"
    );
    let pairs = predicted.iter().zip(truth).zip(mask);
    pairs
        .filter(|(_, counts)| **counts)
        .map(|((p, t), _)| (f64::from(*p), f64::from(*t)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_affine_copy_has_no_error() {
        let truth = [1.0, 2.0, 4.0, 5.0];
        let predicted = truth.map(|t| -3.0 * t + 7.0);
        let m = depth_metrics(&predicted, &truth, &[true; 4]).expect("the mask is set");
        assert!(m.rmse < 1e-12 && m.delta1 == 1.0, "{m:?}");
    }

    #[test]
    fn an_empty_mask_has_no_value() {
        assert_eq!(depth_metrics(&[1.0], &[1.0], &[false]), None);
    }
}
