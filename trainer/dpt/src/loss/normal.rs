//! The loss of normals.

use tch::Tensor;

use super::sum_image;

/// Mean of `1 - n . v / |v|` weighted by `weight` `[N, 1, H, W]`: the foreground, or alpha itself.
/// `predicted` `[N, 3, H, W]` is of any length; a vector of length 0 counts as orthogonal.
pub fn cosine(predicted: &Tensor, normal: &Tensor, weight: &Tensor) -> Tensor {
    let weight = weight.to_kind(predicted.kind());
    let sum = |v: &Tensor| v.sum_dim_intlist(1, true, v.kind());
    let length = sum(&predicted.square()).clamp_min(1e-12).sqrt();
    let cosine = sum(&(predicted * normal)) / length;
    sum_image(&((1.0 - cosine) * &weight)) / sum_image(&weight).clamp_min(1e-6)
}
