//! What bad pictures have: few pixels, blur, noise.

use super::super::frame::Frame;
use super::super::resample::{Window, resize};

/// Standard deviation of the sum of four even bytes.
const FOUR_BYTES: f32 = 147.8;

/// Makes the picture smaller by a factor of at most 1, and as large as it was again.
pub(super) fn downscale(frame: &mut Frame, factor: f64) {
    let size = (frame.width, frame.height);
    let side = |side: usize| ((side as f64 * factor).round() as usize).max(1);
    let small_size = (side(size.0), side(size.1));
    if small_size == size {
        return;
    }
    let small = resize(
        &frame.rgb,
        size,
        small_size,
        Window::whole(size, small_size),
    );
    frame.rgb = resize(&small, small_size, size, Window::whole(small_size, size));
    clamp(&mut frame.rgb);
}

/// Blurs the picture by a Gaussian; borders repeat. `across` is memory that is used again.
pub(super) fn blur(frame: &mut Frame, sigma_px: f64, across: &mut Vec<[f32; 3]>) {
    let kernel = gaussian(sigma_px);
    let radius = kernel.len() / 2;
    if radius == 0 {
        return;
    }
    let (width, height) = (frame.width, frame.height);
    // Along rows: each row stands in a longer one whose ends repeat its border.
    let mut padded = vec![[0.0_f32; 3]; width + 2 * radius];
    across.clear();
    across.resize(width * height, [0.0; 3]);
    for (row, out) in (frame.rgb.chunks_exact(width)).zip(across.chunks_exact_mut(width)) {
        padded[..radius].fill(row[0]);
        padded[radius..radius + width].copy_from_slice(row);
        padded[radius + width..].fill(row[width - 1]);
        let out = out.as_flattened_mut();
        for (k, &weight) in kernel.iter().enumerate() {
            let source = padded[k..k + width].as_flattened();
            for (sum, value) in out.iter_mut().zip(source) {
                *sum += weight * value;
            }
        }
    }
    for (y, out) in frame.rgb.chunks_exact_mut(width).enumerate() {
        let out = out.as_flattened_mut();
        out.fill(0.0);
        for (k, &weight) in kernel.iter().enumerate() {
            let row = (y + k).saturating_sub(radius).min(height - 1);
            let source = across[row * width..][..width].as_flattened();
            for (sum, value) in out.iter_mut().zip(source) {
                *sum += weight * value;
            }
        }
    }
    clamp(&mut frame.rgb);
}

/// Adds nearly Gaussian noise, each channel by itself: sums of four even bytes, which end at 3.5
/// standard deviations.
pub(super) fn noise(rgb: &mut [[f32; 3]], sigma: f32, key: u64) {
    let (low, high) = (key as u32, (key >> 32) as u32);
    let scale = sigma / FOUR_BYTES;
    for (i, value) in rgb.as_flattened_mut().iter_mut().enumerate() {
        let bits = hash(hash(i as u32 ^ low).wrapping_add(high));
        let halves = (bits & 0x00ff_00ff) + ((bits >> 8) & 0x00ff_00ff);
        let sum = (halves & 0xffff) + (halves >> 16);
        *value = (*value + scale * (sum as i32 - 510) as f32).clamp(0.0, 1.0);
    }
}

/// A permutation of 32-bit words without visible order (Wellons, "lowbias32").
fn hash(mut bits: u32) -> u32 {
    bits ^= bits >> 16;
    bits = bits.wrapping_mul(0x7feb_352d);
    bits ^= bits >> 15;
    bits = bits.wrapping_mul(0x846c_a68b);
    bits ^ (bits >> 16)
}

/// Weights of a Gaussian to three standard deviations.
fn gaussian(sigma_px: f64) -> Vec<f32> {
    let radius = (3.0 * sigma_px).ceil() as i32;
    let weight = |at: i32| libm::exp(-0.5 * (f64::from(at) / sigma_px).powi(2));
    let weights: Vec<f64> = (-radius..=radius)
        .map(|at| if at == 0 { 1.0 } else { weight(at) })
        .collect();
    let total: f64 = weights.iter().sum();
    weights.iter().map(|w| (w / total) as f32).collect()
}

fn clamp(rgb: &mut [[f32; 3]]) {
    for value in rgb.as_flattened_mut() {
        *value = value.clamp(0.0, 1.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn noise_has_the_deviation_that_is_asked_for_and_no_mean() {
        let mut rgb = vec![[0.5_f32; 3]; 40_000];
        noise(&mut rgb, 0.02, 77);
        let values: Vec<f64> = rgb
            .as_flattened()
            .iter()
            .map(|v| f64::from(*v) - 0.5)
            .collect();
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        let square = values.iter().map(|v| v * v).sum::<f64>() / n;
        assert!(mean.abs() < 3e-4, "{mean}");
        assert!((square.sqrt() - 0.02).abs() < 2e-4, "{}", square.sqrt());
        // Neighbors know nothing of each other.
        let lag = |by: usize| {
            let pairs = values.iter().zip(&values[by..]);
            pairs.map(|(a, b)| a * b).sum::<f64>() / n / square
        };
        for by in [1, 2, 3, 4, 8, 256, 384, 1152] {
            assert!(lag(by).abs() < 0.015, "{by}: {}", lag(by));
        }
    }

    #[test]
    fn blur_spreads_a_point_to_its_deviation_and_keeps_the_sum() {
        let mut frame = Frame::new(41, 41, [1.0; 4]);
        frame.rgb[20 * 41 + 20] = [1.0; 3];
        blur(&mut frame, 1.7, &mut Vec::new());
        let (mut sum, mut square) = (0.0, 0.0);
        for (i, [v, ..]) in frame.rgb.iter().enumerate() {
            let x = (i % 41) as f64 - 20.0;
            sum += f64::from(*v);
            square += f64::from(*v) * x * x;
        }
        assert!((sum - 1.0).abs() < 1e-4, "{sum}");
        assert!((square.sqrt() - 1.7).abs() < 0.04, "{}", square.sqrt());
    }
}
