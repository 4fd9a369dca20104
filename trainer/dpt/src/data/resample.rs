//! Resizing of planes with several channels, each side by its own weights.
//!
//! The filter is a triangle of one source pixel when the plane grows (bilinear) and of one target
//! pixel when it shrinks, so that detail that the target cannot show averages out instead of
//! aliasing. Pixel centers lie at +0.5 and borders repeat.

/// Weights of one side: for each target pixel its first source pixel and the weights from there.
struct Taps {
    first: Vec<usize>,
    /// `n` weights for each target pixel.
    weights: Vec<f32>,
    n: usize,
}

impl Taps {
    /// Target pixel t shows the source from `origin + t * scale` to `origin + (t + 1) * scale`.
    fn new(from: usize, to: usize, origin: f64, scale: f64) -> Self {
        let support = scale.max(1.0);
        let n = (2.0 * support).ceil() as usize + 1;
        // Borders repeat: what lies outside adds to the outermost pixel, so all taps fit inside.
        let n = n.min(from);
        let (mut first, mut weights) = (Vec::with_capacity(to), vec![0.0_f32; n * to]);
        let mut sums = vec![0.0_f64; n];
        for t in 0..to {
            let center = origin + (t as f64 + 0.5) * scale;
            let start = (center - support).floor();
            let last_start = (from - n) as f64;
            let inside = start.clamp(0.0, last_start) as usize;
            sums.fill(0.0);
            let mut total = 0.0;
            for k in 0..(2.0 * support).ceil() as i64 + 1 {
                let at = start as i64 + k;
                let weight = 1.0 - ((at as f64 + 0.5 - center) / support).abs();
                if weight > 0.0 {
                    let to = at.clamp(inside as i64, (inside + n - 1) as i64) as usize;
                    sums[to - inside] += weight;
                    total += weight;
                }
            }
            first.push(inside);
            let row = &mut weights[t * n..][..n];
            for (weight, sum) in row.iter_mut().zip(&sums) {
                *weight = (sum / total) as f32;
            }
        }
        Self { first, weights, n }
    }
}

/// A window of a plane at another size: target pixel (x, y) shows the source around
/// `origin + ((x, y) + 0.5) * scale`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Window {
    /// Where the top left corner of the target lies, in source pixels.
    pub(crate) origin: [f64; 2],
    /// Source pixels in a target pixel, along x and y.
    pub(crate) scale: [f64; 2],
}

impl Window {
    /// The whole of a plane.
    pub(crate) fn whole(from: (usize, usize), to: (usize, usize)) -> Self {
        let scale = [from.0 as f64 / to.0 as f64, from.1 as f64 / to.1 as f64];
        Self {
            origin: [0.0; 2],
            scale,
        }
    }
}

/// Resizes a plane of pixels of `C` channels.
pub(crate) fn resize<const C: usize>(
    plane: &[[f32; C]],
    from: (usize, usize),
    to: (usize, usize),
    window: Window,
) -> Vec<[f32; C]> {
    let (width, height) = from;
    let rows = Taps::new(height, to.1, window.origin[1], window.scale[1]);
    let columns = Taps::new(width, to.0, window.origin[0], window.scale[0]);
    let mut line = vec![[0.0_f32; C]; width];
    let mut out = vec![[0.0_f32; C]; to.0 * to.1];
    for (y, out) in out.chunks_exact_mut(to.0).enumerate() {
        let line = line.as_flattened_mut();
        line.fill(0.0);
        for (k, &weight) in rows.weights[y * rows.n..][..rows.n].iter().enumerate() {
            if weight != 0.0 {
                let source = plane[(rows.first[y] + k) * width..][..width].as_flattened();
                for (sum, value) in line.iter_mut().zip(source) {
                    *sum += weight * value;
                }
            }
        }
        let (line, _) = line.as_chunks::<C>();
        let taps = columns.weights.chunks_exact(columns.n).zip(&columns.first);
        for (out, (weights, &first)) in out.iter_mut().zip(taps) {
            let mut sum = [0.0; C];
            for (value, weight) in line[first..].iter().zip(weights) {
                for c in 0..C {
                    sum[c] += weight * value[c];
                }
            }
            *out = sum;
        }
    }
    out
}

/// A plane of one channel as pixels.
pub(crate) fn as_pixels(plane: &[f32]) -> &[[f32; 1]] {
    plane.as_chunks::<1>().0
}

/// The source pixel whose center is nearest to the center of each target pixel, along one side;
/// whether the center of the target lies within the source.
pub(crate) fn nearest(from: usize, to: usize, origin: f64, scale: f64) -> Vec<(usize, bool)> {
    let nearest = |t: usize| {
        let at = origin + (t as f64 + 0.5) * scale;
        let is_inside = at >= 0.0 && at < from as f64;
        (at.clamp(0.0, from as f64 - 1.0) as usize, is_inside)
    };
    (0..to).map(nearest).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ramp(width: usize, height: usize) -> Vec<[f32; 2]> {
        let px = |i: usize| [(i % width) as f32 + 0.5, (i / width) as f32 + 0.5];
        (0..width * height).map(px).collect()
    }

    #[test]
    fn a_ramp_stays_a_ramp_away_from_the_borders() {
        for to in [(40, 30), (13, 9), (7, 22)] {
            let (from, plane) = ((24, 18), ramp(24, 18));
            let window = Window::whole(from, to);
            let out = resize(&plane, from, to, window);
            for (i, [u, v]) in out.into_iter().enumerate() {
                let wanted = [i % to.0, i / to.0];
                for (k, (found, size)) in [(u, 24.0), (v, 18.0)].into_iter().enumerate() {
                    let at = (wanted[k] as f64 + 0.5) * window.scale[k];
                    let border = window.scale[k].max(1.0);
                    // Weights at whole pixels do not keep the mean exactly where sides shrink.
                    let slack = if border > 1.0 { 0.1 } else { 1e-4 };
                    if at > border && at < size - border {
                        assert!((f64::from(found) - at).abs() < slack, "{found} at {at}");
                    }
                }
            }
        }
    }

    #[test]
    fn the_same_size_changes_nothing_and_shrinking_averages() {
        let plane = ramp(5, 4);
        let same = resize(&plane, (5, 4), (5, 4), Window::whole((5, 4), (5, 4)));
        assert_eq!(same, plane);
        // A checkerboard of single pixels becomes grey; at the corners the border weighs more.
        let checks: Vec<[f32; 1]> = (0..256).map(|i| [((i + i / 16) % 2) as f32]).collect();
        let grey = resize(&checks, (16, 16), (4, 4), Window::whole((16, 16), (4, 4)));
        for i in [1, 2, 4, 5, 6, 7, 8, 9, 10, 11, 13, 14] {
            assert!((grey[i][0] - 0.5).abs() < 1e-6, "{grey:?}");
        }
    }

    #[test]
    fn borders_repeat_outside() {
        let window = Window {
            origin: [-3.0, 0.0],
            scale: [1.0, 1.0],
        };
        let out = resize(&[[1.0_f32], [2.0]], (2, 1), (8, 1), window);
        let values: Vec<f32> = out.into_iter().map(|[v]| v).collect();
        assert_eq!(values, [1.0, 1.0, 1.0, 1.0, 2.0, 2.0, 2.0, 2.0]);
        let found = nearest(2, 4, -1.0, 1.0);
        assert_eq!(found, [(0, false), (0, true), (1, true), (1, false)]);
    }
}
