//! What is minimised: alpha by cross entropy, L1, dice and a Laplacian pyramid; normals by their
//! cosine; depth by its squared error and multi-scale gradient after the best scale and shift
//! (DAViD, ICCV 2025; MiDaS, Ranftl et al. 2020). Weights and details that the paper leaves open
//! are ours.
//!
//! Every loss is a value for each picture of the batch, `[N]`, so that a loss that is no number
//! can be traced to its sample; what is minimised is their mean, which is why the mean gradient of
//! several machines with equal batches is that of one machine with all pictures. All are computed
//! in the kind of the prediction, which is 32-bit when training.

mod alpha;
mod depth;
mod normal;
mod pyramid;
mod total;

pub use alpha::{bce, dice, l1};
pub use depth::{Alignment, align, multi_scale_gradient, normalize_depth, ssi_mse};
pub use normal::cosine;
pub use pyramid::{laplacian, laplacian_levels};
pub use total::{LossPart, Losses, PARTS, Truth, losses};

use tch::{Kind, Tensor};

/// Sum over all but the first dimension: `[N]`.
fn sum_image(x: &Tensor) -> Tensor {
    x.flatten(1, -1).sum_dim_intlist(1, false, x.kind())
}

/// The mean of `x` over the pixels that `valid` counts, for each picture: `[N]`.
fn mean_image(x: &Tensor, valid: &Tensor) -> Tensor {
    let valid = valid.to_kind(x.kind());
    sum_image(&(x * &valid)) / sum_image(&valid).clamp_min(1.0)
}

/// `x` where `mask` holds and 0 elsewhere, whatever `x` is there, be it no number.
fn masked(x: &Tensor, mask: &Tensor) -> Tensor {
    x.where_self(&mask.to_kind(Kind::Bool), &x.zeros_like())
}
