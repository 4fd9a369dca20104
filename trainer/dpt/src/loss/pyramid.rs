//! The Laplacian pyramid, as the matting literature has it (Hou and Liu 2019).
//!
//! Blur: `[1, 4, 6, 4, 1] / 16` in both directions, borders reflected. Down: blur, then every
//! second pixel. Up: pixels at even places of a picture of zeros, then blur with a gain of 4.

use tch::Tensor;

use super::sum_image;

/// Sum over levels of `2^i mean |L_i|` of the pyramid of the difference `[N, 1, H, W]`, where
/// `valid` says which pixels count. The pyramid is linear: that of a difference is the difference
/// of the pyramids. The coarsest picture, which is left when all levels are taken, is not compared.
///
/// A picture too small for `levels` levels has as many as it can.
pub fn laplacian(difference: &Tensor, valid: &Tensor, levels: usize) -> Tensor {
    let kind = difference.kind();
    let valid = valid.to_kind(kind);
    let difference = difference * &valid;
    let pixels = (difference.numel() as i64 / difference.size()[0]) as f64;
    let share = (sum_image(&valid) / pixels).clamp_min(1.0 / pixels);
    let mut total = share.zeros_like();
    for (i, level) in laplacian_levels(&difference, levels).iter().enumerate() {
        let pixels = (level.numel() as i64 / level.size()[0]) as f64;
        let weight = f64::from(1_u32 << i) / pixels;
        total += sum_image(&level.abs()) * weight / &share;
    }
    total
}

/// The levels of the pyramid of `x` `[N, 1, H, W]`, the finest first, without the coarsest picture.
pub fn laplacian_levels(x: &Tensor, levels: usize) -> Vec<Tensor> {
    let mut found = Vec::with_capacity(levels);
    let mut fine = x.shallow_clone();
    for _ in 0..levels {
        let size = fine.size();
        // Two pixels cannot be reflected beyond a border that is two pixels away.
        if size[2].min(size[3]) < 3 {
            break;
        }
        let coarse = blur(&fine, 1.0).slice(2, 0, None, 2).slice(3, 0, None, 2);
        let spread = fine.zeros_like();
        spread
            .slice(2, 0, None, 2)
            .slice(3, 0, None, 2)
            .copy_(&coarse);
        found.push(&fine - blur(&spread, 4.0));
        fine = coarse;
    }
    found
}

fn blur(x: &Tensor, gain: f64) -> Tensor {
    let kernel = Tensor::from_slice(&[1.0_f64, 4.0, 6.0, 4.0, 1.0]) / 16.0;
    let kernel = (kernel * libm::sqrt(gain))
        .to_kind(x.kind())
        .to_device(x.device());
    let (row, column) = (kernel.view([1, 1, 1, 5]), kernel.view([1, 1, 5, 1]));
    let convolve =
        |x: &Tensor, kernel: &Tensor| x.conv2d(kernel, None::<&Tensor>, [1, 1], [0, 0], [1, 1], 1);
    convolve(&convolve(&x.reflection_pad2d([2, 2, 2, 2]), &row), &column)
}
