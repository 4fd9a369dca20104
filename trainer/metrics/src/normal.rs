//! Angles between predicted and true normals.

/// Smallest squared length that is normalised; below it the vector is scaled by its root.
const MIN_LENGTH: f64 = 1e-12;

/// Angular errors of one normal map, in degrees, and shares in percent.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NormalMetrics {
    /// Mean angle, in degrees.
    pub mean_deg: f64,
    /// Median angle (mean of the middle two for even counts), in degrees.
    pub median_deg: f64,
    /// Root mean square angle, in degrees.
    pub rmse_deg: f64,
    /// Percentage of pixels strictly under 5 degrees.
    pub pct_5: f64,
    /// Percentage of pixels strictly under 11.25 degrees.
    pub pct_11_25: f64,
    /// Percentage of pixels strictly under 22.5 degrees.
    pub pct_22_5: f64,
    /// Percentage of pixels strictly under 30 degrees.
    pub pct_30: f64,
    /// Pixels that counted.
    pub n: usize,
}

/// Compares two normal maps of interleaved XYZ triples; `None` when the mask is empty.
///
/// Vectors need not be of unit length.
pub fn normal_metrics(
    predicted: &[[f32; 3]],
    truth: &[[f32; 3]],
    mask: &[bool],
) -> Option<NormalMetrics> {
    assert!(
        predicted.len() == truth.len() && truth.len() == mask.len(),
        "planes of one size"
    );
    let pairs = predicted.iter().zip(truth).zip(mask);
    let mut angles: Vec<f64> = pairs
        .filter(|(_, counts)| **counts)
        .map(|((p, t), _)| {
            let (p, t) = (unit(p), unit(t));
            let cosine: f64 = p.iter().zip(&t).map(|(a, b)| a * b).sum();
            libm::acos(cosine.clamp(-1.0, 1.0)).to_degrees()
        })
        .collect();
    if angles.is_empty() {
        return None;
    }
    let n = angles.len();
    let count = n as f64;
    let mean_deg = angles.iter().sum::<f64>() / count;
    let rmse_deg = (angles.iter().map(|a| a * a).sum::<f64>() / count).sqrt();
    angles.sort_by(f64::total_cmp);
    let median_deg = 0.5 * (angles[(n - 1) / 2] + angles[n / 2]);
    let pct =
        |limit_deg: f64| 100.0 * angles.partition_point(|angle| *angle < limit_deg) as f64 / count;
    Some(NormalMetrics {
        mean_deg,
        median_deg,
        rmse_deg,
        pct_5: pct(5.0),
        pct_11_25: pct(11.25),
        pct_22_5: pct(22.5),
        pct_30: pct(30.0),
        n,
    })
}

fn unit(v: &[f32; 3]) -> [f64; 3] {
    let v = v.map(f64::from);
    let length = v.iter().map(|x| x * x).sum::<f64>().sqrt().max(MIN_LENGTH);
    v.map(|x| x / length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_right_angle_is_ninety_degrees() {
        let m = normal_metrics(&[[0.0, 0.0, 2.0]], &[[1.0, 0.0, 0.0]], &[true]);
        assert!((m.expect("the mask is set").mean_deg - 90.0).abs() < 1e-9);
    }
}
