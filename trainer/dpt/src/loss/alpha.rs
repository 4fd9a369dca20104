//! Losses of the soft foreground on single pixels.

use tch::Tensor;

use super::{mean_image, sum_image};

/// Cross entropy of logits `z` and alpha `a` in \[0, 1\]:
/// mean of `-(a log sigmoid(z) + (1 - a) log sigmoid(-z))`.
pub fn bce(logit: &Tensor, alpha: &Tensor, valid: &Tensor) -> Tensor {
    let absent: Tensor = 1.0 - alpha;
    let likelihood = alpha * logit.log_sigmoid() + absent * logit.neg().log_sigmoid();
    mean_image(&likelihood.neg(), valid)
}

/// Mean absolute difference of `p` and `a`.
pub fn l1(predicted: &Tensor, alpha: &Tensor, valid: &Tensor) -> Tensor {
    mean_image(&(predicted - alpha).abs(), valid)
}

/// `1 - (2 sum pa + 1) / (sum p^2 + sum a^2 + 1)`: the squared form (V-Net, Milletari et al.
/// 2016), which is 0 where a soft prediction is perfect.
pub fn dice(predicted: &Tensor, alpha: &Tensor, valid: &Tensor) -> Tensor {
    let valid = valid.to_kind(predicted.kind());
    let (p, a) = (predicted * &valid, alpha * &valid);
    let shared = sum_image(&(&p * &a)) * 2.0 + 1.0;
    let all = sum_image(&p.square()) + sum_image(&a.square()) + 1.0;
    1.0 - shared / all
}
