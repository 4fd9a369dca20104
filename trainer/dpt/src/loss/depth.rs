//! The losses of depth, which is known up to scale and shift (MiDaS, Ranftl et al. 2020).

use tch::Tensor;

use super::{masked, sum_image};

/// Number of scales of the gradient loss.
const SCALES: i64 = 4;

/// Determinant of the least squares below which no scale and shift can be told.
const DETERMINANT_MIN: f64 = 1e-12;

/// The scale and shift of each picture, `[N, 1, 1, 1]`; the scale may be negative.
#[derive(Debug)]
pub struct Alignment {
    /// The factor.
    pub scale: Tensor,
    /// What is added.
    pub shift: Tensor,
}

impl Alignment {
    /// `scale * x + shift`.
    pub fn apply(&self, x: &Tensor) -> Tensor {
        &self.scale * x + &self.shift
    }

    /// The same numbers, through which no gradient flows.
    pub fn detach(&self) -> Self {
        Self {
            scale: self.scale.detach(),
            shift: self.shift.detach(),
        }
    }
}

/// Depth less its median, by its mean distance from the median, over `mask`; 0 elsewhere. Of an
/// even number of values the lower of the middle two is the median; the divisor is at least 1e-6.
pub fn normalize_depth(depth: &Tensor, mask: &Tensor) -> Tensor {
    let count = sum_image(&mask.to_kind(depth.kind()));
    let outside = mask.to_kind(tch::Kind::Bool).logical_not();
    // What does not count is sorted to the end.
    let flat = depth.masked_fill(&outside, f64::INFINITY).flatten(1, -1);
    let (sorted, _) = flat.sort(1, false);
    let middle = ((&count - 1.0) / 2.0).floor().clamp_min(0.0);
    let middle = middle.to_kind(tch::Kind::Int64).unsqueeze(1);
    let median = sorted.gather(1, &middle, false).view([-1, 1, 1, 1]);
    let off = masked(&(depth - median), mask);
    let deviation = sum_image(&off.abs()) / count.clamp_min(1.0);
    off / deviation.clamp_min(1e-6).view([-1, 1, 1, 1])
}

/// The scale and shift of each picture that bring `predicted` nearest to `target` over `mask` in
/// the least squares, both 0 where none can be told.
pub fn align(predicted: &Tensor, target: &Tensor, mask: &Tensor) -> Alignment {
    let kind = predicted.kind();
    let mask = mask.to_kind(kind);
    let per_image = |x: &Tensor| sum_image(x).view([-1, 1, 1, 1]);
    let count = per_image(&mask).clamp_min(1.0);
    let target = masked(target, &mask);
    let mean_x = per_image(&(predicted * &mask)) / &count;
    let mean_y = per_image(&target) / &count;
    // Centred sums: the plain ones lose most digits where depth varies little.
    let x = (predicted - &mean_x) * &mask;
    let variance = per_image(&x.square());
    let covariance = per_image(&(&x * (&target - &mean_y)));
    let known = (&variance * &count).ge(DETERMINANT_MIN);
    // Both branches of a choice have gradients: neither may divide by zero.
    let divisor = variance.where_self(&known, &variance.ones_like());
    let scale = (covariance / divisor).where_self(&known, &variance.zeros_like());
    let shift = (&mean_y - &scale * &mean_x).where_self(&known, &variance.zeros_like());
    Alignment { scale, shift }
}

/// Mean squared distance over `mask` of the residual `scale * predicted + shift - target`.
pub fn ssi_mse(residual: &Tensor, mask: &Tensor) -> Tensor {
    let mask = mask.to_kind(residual.kind());
    sum_image(&(residual.square() * &mask)) / sum_image(&mask).clamp_min(1.0)
}

/// Absolute differences of neighbours of the residual, in both directions, at four scales: every
/// pixel, every second, fourth, eighth, without averaging.
pub fn multi_scale_gradient(residual: &Tensor, mask: &Tensor) -> Tensor {
    let mask = mask.to_kind(residual.kind());
    let mut total = sum_image(&mask).zeros_like();
    for scale in 0..SCALES {
        let step = 1 << scale;
        let coarse = |x: &Tensor| x.slice(2, 0, None, step).slice(3, 0, None, step);
        let (r, m) = (coarse(residual), coarse(&mask));
        let mut sum = total.zeros_like();
        for dim in [2, 3] {
            if r.size()[dim] < 2 {
                continue;
            }
            let dim = dim as i64;
            let ahead = |x: &Tensor| x.slice(dim, 1, None, 1);
            let behind = |x: &Tensor| x.slice(dim, 0, -1, 1);
            let both = ahead(&m) * behind(&m);
            sum += sum_image(&((ahead(&r) - behind(&r)).abs() * both));
        }
        total += sum / sum_image(&m).clamp_min(1.0);
    }
    total
}
