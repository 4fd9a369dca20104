//! A frame as the planes of a tensor, channel by channel, padded on the way.

use bottega_schemas::train::Fit;

use super::fit::{Fitting, fit};
use super::frame::{Frame, is_foreground};

/// The planes of a sample of a batch.
#[derive(Debug, Default)]
pub(super) struct PlanarFrame {
    pub(super) size: (usize, usize),
    /// Three planes.
    pub(super) image: Vec<f32>,
    pub(super) depth_m: Vec<f32>,
    /// Three planes.
    pub(super) normal: Vec<f32>,
    pub(super) alpha: Vec<f32>,
    pub(super) valid: Vec<bool>,
    pub(super) foreground: Vec<bool>,
}

impl PlanarFrame {
    /// Takes the values of a frame, brought to a size as [`fit`] does.
    pub(super) fn fill(&mut self, frame: &Frame, to: (usize, usize), how: Fit) {
        let from = (frame.width, frame.height);
        let fitting = Fitting::new(from, to, how);
        if fitting.scale == [1.0, 1.0] {
            self.pad(frame, &fitting);
        } else {
            let fitted = fit(frame.clone(), to, how);
            self.pad(&fitted, &Fitting::new(to, to, how));
        }
    }

    /// Copies a frame that needs no other size into its place, channel by channel.
    fn pad(&mut self, frame: &Frame, fitting: &Fitting) {
        let (width, height) = fitting.to;
        let n_px = width * height;
        self.size = fitting.to;
        self.image.resize(3 * n_px, 0.0);
        self.normal.resize(3 * n_px, 0.0);
        self.depth_m.resize(n_px, 0.0);
        self.alpha.resize(n_px, 0.0);
        self.valid.resize(n_px, false);
        self.foreground.resize(n_px, false);
        let [left, top] = fitting.origin_px.map(|origin| -origin as usize);
        for y in 0..height {
            let row = y.saturating_sub(top).min(frame.height - 1);
            let is_inside = (top..top + frame.height).contains(&y);
            let source = row * frame.width..(row + 1) * frame.width;
            let out = y * width..(y + 1) * width;
            let inner = out.start + left..out.start + left + frame.width;

            let (rgb, alpha) = (&frame.rgb[source.clone()], &frame.alpha[source.clone()]);
            channels(&mut self.image, n_px, rgb, inner.start);
            let planes = self.image.chunks_exact_mut(n_px);
            for (plane, (first, last)) in planes.zip(rgb[0].into_iter().zip(rgb[rgb.len() - 1])) {
                plane[out.start..inner.start].fill(first);
                plane[inner.end..out.end].fill(last);
            }
            self.alpha[inner.clone()].copy_from_slice(alpha);
            self.alpha[out.start..inner.start].fill(alpha[0]);
            self.alpha[inner.end..out.end].fill(alpha[alpha.len() - 1]);

            // Truth ends with the picture.
            let outside = match is_inside {
                true => [out.start..inner.start, inner.end..out.end],
                false => [out.clone(), out.end..out.end],
            };
            for range in outside {
                self.depth_m[range.clone()].fill(f32::INFINITY);
                self.valid[range.clone()].fill(false);
                self.foreground[range.clone()].fill(false);
                for plane in self.normal.chunks_exact_mut(n_px) {
                    plane[range.clone()].fill(0.0);
                }
            }
            if is_inside {
                self.depth_m[inner.clone()].copy_from_slice(&frame.depth_m[source.clone()]);
                self.valid[inner.clone()].copy_from_slice(&frame.valid[source.clone()]);
                let normals = &frame.normal[source.clone()];
                channels(&mut self.normal, n_px, normals, inner.start);
                let truth = alpha.iter().zip(&frame.depth_m[source.clone()]);
                let truth = truth.zip(&frame.valid[source]);
                let seen = self.foreground[inner].iter_mut();
                for (seen, ((&alpha, &depth_m), &valid)) in seen.zip(truth) {
                    *seen = is_foreground(alpha, depth_m, valid);
                }
            }
        }
    }
}

/// Copies pixels of three channels into three planes of `n_px` pixels, from place `at` on.
fn channels(planes: &mut [f32], n_px: usize, pixels: &[[f32; 3]], at: usize) {
    let (first, rest) = planes.split_at_mut(n_px);
    let (second, third) = rest.split_at_mut(n_px);
    let to = at..at + pixels.len();
    let places = (first[to.clone()].iter_mut())
        .zip(&mut second[to.clone()])
        .zip(&mut third[to]);
    for (((a, b), c), pixel) in places.zip(pixels) {
        [*a, *b, *c] = *pixel;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn planes_are_those_of_the_fitted_frame() {
        let mut frame = Frame::new(6, 9, [5.0, 5.0, 3.0, 4.5]);
        for at in 0..frame.n_px() {
            let value = at as f32 / 54.0;
            frame.rgb[at] = [value, 0.5 * value, 1.0 - value];
            frame.normal[at] = [value, -value, 0.5];
            frame.alpha[at] = 1.0 - 0.9 * value;
            frame.depth_m[at] = 1.0 + value;
            if at % 7 == 0 {
                frame.valid[at] = false;
                frame.depth_m[at] = f32::INFINITY;
                frame.normal[at] = [0.0; 3];
            }
        }
        // Memory that held something else before.
        let mut planes = PlanarFrame::default();
        planes.fill(&Frame::new(30, 20, [1.0; 4]), (30, 20), Fit::Pad);
        for to in [(9, 9), (6, 9), (6, 14), (12, 12), (5, 7)] {
            for how in [Fit::Pad, Fit::Stretch] {
                let wanted = fit(frame.clone(), to, how);
                planes.fill(&frame, to, how);
                assert_eq!(planes.size, to);
                assert_eq!(planes.depth_m, wanted.depth_m);
                assert_eq!(planes.alpha, wanted.alpha);
                assert_eq!(planes.valid, wanted.valid);
                assert_eq!(planes.foreground, wanted.foreground());
                let n_px = to.0 * to.1;
                for (i, (rgb, normal)) in wanted.rgb.iter().zip(&wanted.normal).enumerate() {
                    for c in 0..3 {
                        assert_eq!(planes.image[c * n_px + i], rgb[c]);
                        assert_eq!(planes.normal[c * n_px + i], normal[c]);
                    }
                }
            }
        }
    }
}
