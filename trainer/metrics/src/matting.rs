//! Soft foreground segmentation: SAD, MSE, MAD, gradient and connectivity errors.
//!
//! Gradient and connectivity after Rhemann et al., "A perceptually motivated online benchmark for
//! image matting", CVPR 2009. Sums are divided by 1000, as is customary.

/// Value of a trimap where the truth is in doubt.
pub const TRIMAP_UNKNOWN: u8 = 128;

/// Standard deviation of the derivative-of-Gaussian filter, in pixels.
const GRADIENT_SIGMA_PX: f64 = 1.4;

/// Half width of that filter: ceil(sigma * sqrt(-2 ln(sqrt(2 pi) * sigma * 0.01))), in pixels.
const GRADIENT_RADIUS_PX: isize = 4;

/// Differences of connectivity below this are forgiven.
const CONNECTIVITY_THETA: f64 = 0.15;

/// Errors of one alpha matte over the whole image.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MattingMetrics {
    /// Sum of absolute differences over 1000.
    pub sad: f64,
    /// Mean squared difference.
    pub mse: f64,
    /// Mean absolute difference.
    pub mad: f64,
    /// Gradient error over 1000.
    pub grad: f64,
    /// Connectivity error over 1000.
    pub conn: f64,
}

/// Errors of one alpha matte where the trimap is [`TRIMAP_UNKNOWN`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TrimapMetrics {
    /// Sum of absolute differences over 1000.
    pub sad: f64,
    /// Mean squared difference over the unknown pixels; 0 when there are none.
    pub mse: f64,
    /// Gradient error over 1000; the map is made on the whole image, then masked.
    pub grad: f64,
    /// Connectivity error over 1000; the map is made on the whole image, then masked.
    pub conn: f64,
    /// Unknown pixels.
    pub n: usize,
}

/// Compares two mattes of `width` columns; `None` for an empty image.
pub fn matting_metrics(predicted: &[f32], truth: &[f32], width: usize) -> Option<MattingMetrics> {
    let maps = ErrorMaps::new(predicted, truth, width)?;
    let n = truth.len() as f64;
    let absolute: f64 = maps.absolute.iter().sum();
    Some(MattingMetrics {
        sad: absolute / 1000.0,
        mse: maps.absolute.iter().map(|d| d * d).sum::<f64>() / n,
        mad: absolute / n,
        grad: maps.gradient.iter().sum::<f64>() / 1000.0,
        conn: maps.connectivity.iter().sum::<f64>() / 1000.0,
    })
}

/// Compares two mattes of `width` columns where `trimap` is [`TRIMAP_UNKNOWN`].
///
/// `None` for an empty image.
pub fn trimap_metrics(
    predicted: &[f32],
    truth: &[f32],
    trimap: &[u8],
    width: usize,
) -> Option<TrimapMetrics> {
    assert_eq!(trimap.len(), truth.len(), "planes of one size");
    let maps = ErrorMaps::new(predicted, truth, width)?;
    let unknown = |map: &[f64], power: i32| -> f64 {
        let pairs = map.iter().zip(trimap);
        pairs
            .filter(|(_, t)| **t == TRIMAP_UNKNOWN)
            .map(|(d, _)| d.powi(power))
            .sum()
    };
    let n = trimap.iter().filter(|t| **t == TRIMAP_UNKNOWN).count();
    Some(TrimapMetrics {
        sad: unknown(&maps.absolute, 1) / 1000.0,
        mse: unknown(&maps.absolute, 2) / n.max(1) as f64,
        grad: unknown(&maps.gradient, 1) / 1000.0,
        conn: unknown(&maps.connectivity, 1) / 1000.0,
        n,
    })
}

/// Per-pixel errors.
struct ErrorMaps {
    absolute: Vec<f64>,
    gradient: Vec<f64>,
    connectivity: Vec<f64>,
}

impl ErrorMaps {
    fn new(predicted: &[f32], truth: &[f32], width: usize) -> Option<Self> {
        assert_eq!(predicted.len(), truth.len(), "planes of one size");
        if truth.is_empty() || width == 0 {
            return None;
        }
        assert_eq!(truth.len() % width, 0, "whole rows");
        let p: Vec<f64> = predicted.iter().map(|x| f64::from(*x)).collect();
        let t: Vec<f64> = truth.iter().map(|x| f64::from(*x)).collect();
        let square = |a: f64| a * a;
        let (grad_p, grad_t) = (gradient_magnitude(&p, width), gradient_magnitude(&t, width));
        Some(Self {
            absolute: p.iter().zip(&t).map(|(a, b)| (a - b).abs()).collect(),
            gradient: grad_p
                .iter()
                .zip(&grad_t)
                .map(|(a, b)| square(a - b))
                .collect(),
            connectivity: connectivity_error(&p, &t, width),
        })
    }
}

/// Magnitude of the derivative-of-Gaussian gradient, with replicated borders.
fn gradient_magnitude(image: &[f64], width: usize) -> Vec<f64> {
    let radius = GRADIENT_RADIUS_PX;
    let sigma = GRADIENT_SIGMA_PX;
    let gauss = |x: f64| {
        libm::exp(-x * x / (2.0 * sigma * sigma)) / (sigma * (2.0 * std::f64::consts::PI).sqrt())
    };
    let smooth: Vec<f64> = (-radius..=radius).map(|i| gauss(i as f64)).collect();
    let slope: Vec<f64> = (-radius..=radius)
        .map(|i| -(i as f64) * gauss(i as f64) / (sigma * sigma))
        .collect();
    let energy = |taps: &[f64]| taps.iter().map(|x| x * x).sum::<f64>();
    // The outer product of both filters is scaled to unit length.
    let norm = (energy(&smooth) * energy(&slope)).sqrt();
    let dx = separable(image, width, &slope, &smooth);
    let dy = separable(image, width, &smooth, &slope);
    dx.iter()
        .zip(&dy)
        .map(|(x, y)| (x * x + y * y).sqrt() / norm)
        .collect()
}

/// Filters rows with `across` and columns with `down`, with replicated borders.
fn separable(image: &[f64], width: usize, across: &[f64], down: &[f64]) -> Vec<f64> {
    let height = image.len() / width;
    let filter = |source: &[f64], taps: &[f64], step: [isize; 2]| -> Vec<f64> {
        let radius = (taps.len() / 2) as isize;
        let clamp = |i: isize, n: usize| i.clamp(0, n as isize - 1) as usize;
        let mut out = vec![0.0; source.len()];
        for y in 0..height {
            for x in 0..width {
                let sum = taps.iter().enumerate().map(|(i, tap)| {
                    let offset = i as isize - radius;
                    let column = clamp(x as isize + step[0] * offset, width);
                    let row = clamp(y as isize + step[1] * offset, height);
                    tap * source[row * width + column]
                });
                out[y * width + x] = sum.sum();
            }
        }
        out
    };
    filter(&filter(image, across, [1, 0]), down, [0, 1])
}

/// Absolute difference of the connectivity of both mattes, per pixel.
fn connectivity_error(predicted: &[f64], truth: &[f64], width: usize) -> Vec<f64> {
    let n = truth.len();
    // Threshold up to which each pixel stays in the common connected region; -1 = not left yet.
    let mut level = vec![-1.0_f64; n];
    let mut previous = 0.0;
    for step in 1..=10 {
        let threshold = f64::from(step) * 0.1;
        let both: Vec<bool> = predicted
            .iter()
            .zip(truth)
            .map(|(p, t)| threshold <= *p && threshold <= *t)
            .collect();
        let omega = largest_component(&both, width);
        for (pixel_level, inside) in level.iter_mut().zip(&omega) {
            if *pixel_level < 0.0 && !inside {
                *pixel_level = previous;
            }
        }
        previous = threshold;
    }
    let phi = |alpha: f64, level: f64| {
        let level = if level < 0.0 { 1.0 } else { level };
        let distance = alpha - level;
        1.0 - if CONNECTIVITY_THETA <= distance {
            distance
        } else {
            0.0
        }
    };
    (0..n)
        .map(|i| (phi(predicted[i], level[i]) - phi(truth[i], level[i])).abs())
        .collect()
}

/// The largest 4-connected region of `set`; the first in raster order on a tie.
fn largest_component(set: &[bool], width: usize) -> Vec<bool> {
    let mut component = vec![0_u32; set.len()];
    let (mut best, mut best_size, mut n_components) = (0, 0, 0);
    let mut stack = Vec::new();
    for start in 0..set.len() {
        if !set[start] || component[start] != 0 {
            continue;
        }
        n_components += 1;
        component[start] = n_components;
        stack.push(start);
        let mut size = 0;
        while let Some(i) = stack.pop() {
            size += 1;
            let x = i % width;
            let neighbors = [
                (0 < x).then(|| i - 1),
                (x + 1 < width).then_some(i + 1),
                i.checked_sub(width),
                (i + width < set.len()).then_some(i + width),
            ];
            for j in neighbors.into_iter().flatten() {
                if set[j] && component[j] == 0 {
                    component[j] = n_components;
                    stack.push(j);
                }
            }
        }
        if best_size < size {
            (best, best_size) = (n_components, size);
        }
    }
    component.iter().map(|c| best != 0 && *c == best).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_equal_matte_has_no_error() {
        let alpha: Vec<f32> = (0..48).map(|i| i as f32 / 47.0).collect();
        let m = matting_metrics(&alpha, &alpha, 8).expect("the image is not empty");
        assert_eq!((m.sad, m.mse, m.grad, m.conn), (0.0, 0.0, 0.0, 0.0));
    }

    #[test]
    fn the_larger_region_wins() {
        let set = [true, false, true, true];
        assert_eq!(largest_component(&set, 4), [false, false, true, true]);
    }
}
