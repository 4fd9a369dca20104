//! Brings frames to the one size of a batch.
//!
//! [`Fit::Pad`] is what the published runtime does: the picture is put into the middle of the
//! smallest canvas of the wanted shape (left and top get the floor of half of what is missing), its
//! borders are repeated into the rest, and the canvas is resized. Padding is not valid: it has no
//! depth and no normal, and coverage, which repeats like the color, counts in no loss.
//!
//! [`Fit::Stretch`] resizes each side by itself. Depth and normals keep their values: they are those
//! of the same camera with pixels that are not square, whose fx and fy scale by different factors.
//!
//! Color and coverage are resized with a filter that averages where they shrink, depth and normals
//! by taking the nearest pixel.

use bottega_schemas::train::Fit;

use super::frame::Frame;
use super::resample::{Window, as_pixels, nearest, resize};

/// How a picture of one size lies in a picture of another.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fitting {
    /// Size of the picture, in pixels.
    pub from: (usize, usize),
    /// Size of the result, in pixels.
    pub to: (usize, usize),
    /// Where the top left corner of the result lies in the picture, in pixels; not above 0.
    pub origin_px: [f64; 2],
    /// Pixels of the picture in a pixel of the result, along x and y.
    pub scale: [f64; 2],
}

impl Fitting {
    /// How a picture of `from` pixels is brought to `to` pixels; both have pixels.
    pub fn new(from: (usize, usize), to: (usize, usize), fit: Fit) -> Self {
        let (width, height) = from;
        let canvas = match fit {
            Fit::Stretch => from,
            Fit::Pad if width * to.1 >= height * to.0 => (width, (width * to.1).div_ceil(to.0)),
            Fit::Pad => ((height * to.0).div_ceil(to.1), height),
        };
        Self {
            from,
            to,
            origin_px: [
                -(((canvas.0 - width) / 2) as f64),
                -(((canvas.1 - height) / 2) as f64),
            ],
            scale: [canvas.0 as f64 / to.0 as f64, canvas.1 as f64 / to.1 as f64],
        }
    }

    /// Size of what the result shows of the picture, in pixels of the result. A picture of this
    /// size needs no other size to fit.
    pub fn inner(&self) -> (usize, usize) {
        let side = |from: usize, scale: f64| ((from as f64 / scale).round() as usize).max(1);
        (
            side(self.from.0, self.scale[0]).min(self.to.0),
            side(self.from.1, self.scale[1]).min(self.to.1),
        )
    }
}

/// The frame at a size; see the head of this file.
pub fn fit(frame: Frame, to: (usize, usize), fit: Fit) -> Frame {
    let from = (frame.width, frame.height);
    if from == to {
        return frame;
    }
    let fitting = Fitting::new(from, to, fit);
    let window = Window {
        origin: fitting.origin_px,
        scale: fitting.scale,
    };
    let [fx, fy, cx, cy] = frame.camera_px;
    let [sx, sy] = fitting.scale;
    let mut out = Frame {
        width: to.0,
        height: to.1,
        camera_px: [
            fx / sx,
            fy / sy,
            (cx - fitting.origin_px[0]) / sx,
            (cy - fitting.origin_px[1]) / sy,
        ],
        ..Frame::default()
    };
    let columns = nearest(from.0, to.0, window.origin[0], sx);
    let rows = nearest(from.1, to.1, window.origin[1], sy);
    let n_px = to.0 * to.1;
    if [sx, sy] == [1.0, 1.0] {
        // Nothing is resized: each pixel is one of the picture.
        (out.rgb, out.alpha) = (Vec::with_capacity(n_px), Vec::with_capacity(n_px));
        for &(row, _) in &rows {
            let start = row * from.0;
            let at = columns.iter().map(|&(column, _)| start + column);
            out.rgb.extend(at.clone().map(|at| frame.rgb[at]));
            out.alpha.extend(at.map(|at| frame.alpha[at]));
        }
    } else {
        out.rgb = resize(&frame.rgb, from, to, window);
        out.alpha = resize(as_pixels(&frame.alpha), from, to, window).into_flattened();
    }
    (out.depth_m, out.normal, out.valid) = (
        Vec::with_capacity(n_px),
        Vec::with_capacity(n_px),
        Vec::with_capacity(n_px),
    );
    for &(row, is_row_inside) in &rows {
        for &(column, is_inside) in &columns {
            let at = row * from.0 + column;
            let valid = is_row_inside && is_inside && frame.valid[at];
            out.valid.push(valid);
            out.depth_m.push(if valid {
                frame.depth_m[at]
            } else {
                f32::INFINITY
            });
            out.normal
                .push(if valid { frame.normal[at] } else { [0.0; 3] });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::test_scene::{Camera, expect_equal, render};
    use super::*;

    #[test]
    fn padding_is_placed_as_the_published_runtime_does() {
        // 5 x 3 in a square: one row above, one below; 5 x 2: one above, two below.
        for (height, top) in [(3, 1), (2, 1)] {
            let mut frame = Frame::new(5, height, [10.0, 10.0, 2.5, 1.0]);
            for (i, px) in frame.rgb.iter_mut().enumerate() {
                *px = [i as f32 / 20.0; 3];
            }
            frame.depth_m.fill(1.0);
            frame.normal.fill([0.0, 0.0, 1.0]);
            frame.alpha.fill(1.0);
            let out = fit(frame.clone(), (5, 5), Fit::Pad);
            for y in 0..5_usize {
                let is_inside = (top..top + height).contains(&y);
                let row = y.saturating_sub(top).min(height - 1);
                for x in 0..5 {
                    let (at, from) = (y * 5 + x, row * 5 + x);
                    assert_eq!(out.rgb[at], frame.rgb[from]);
                    assert_eq!(out.valid[at], is_inside);
                    assert_eq!(out.depth_m[at].is_finite(), is_inside);
                    assert_eq!(out.normal[at] == [0.0; 3], !is_inside);
                }
            }
            assert_eq!(out.camera_px, [10.0, 10.0, 2.5, 1.0 + top as f64]);
            assert!(out.foreground().iter().zip(&out.valid).all(|(m, v)| m == v));
        }
    }

    #[test]
    fn a_fitted_frame_is_the_picture_of_the_camera_that_it_names() {
        let camera = Camera::new((96, 128), [150.0, 150.0, 50.0, 61.0]);
        let frame = render(&camera);
        for (to, how) in [
            ((64, 64), Fit::Pad),
            ((160, 160), Fit::Pad),
            ((128, 128), Fit::Pad),
            ((150, 100), Fit::Stretch),
            ((40, 90), Fit::Stretch),
        ] {
            let out = fit(frame.clone(), to, how);
            let seen = Camera::new(to, out.camera_px);
            let fitting = Fitting::new((96, 128), to, how);
            expect_equal(&out, &seen, fitting.scale);
        }
    }

    #[test]
    fn what_has_the_inner_size_is_not_resized() {
        for from in [
            (384, 512),
            (512, 384),
            (1000, 750),
            (333, 777),
            (7, 512),
            (1, 900),
        ] {
            for to in [(512, 512), (512, 384), (256, 320)] {
                let inner = Fitting::new(from, to, Fit::Pad).inner();
                let again = Fitting::new(inner, to, Fit::Pad);
                assert_eq!(again.scale, [1.0, 1.0], "{from:?} to {to:?}: {inner:?}");
                assert_eq!(again.inner(), inner);
                assert_eq!(Fitting::new(from, to, Fit::Stretch).inner(), to);
            }
        }
    }
}
