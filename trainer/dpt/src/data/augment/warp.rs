//! Carries a frame through a [`Geometry`]: color and coverage blend the four nearest pixels, depth
//! and normals take the nearest one, so that no surface is ever mixed with another.
//!
//! Where the result shows more of the picture in fewer pixels, color and coverage are made smaller
//! first ([`resample`](super::super::resample)), along the axes of the source.

use glam::Vec3A;

use super::super::frame::Frame;
use super::super::resample::{Window, as_pixels, resize};
use super::geometry::{Affine, Geometry};

/// Source pixels in a pixel of the result from which on a picture is made smaller first.
const SHRINKS: f64 = 1.1;

/// The frame after the changes of `geometry`.
pub fn warp(frame: &Frame, geometry: &Geometry) -> Frame {
    let mut out = Frame::default();
    warp_into(frame, geometry, &mut out);
    out
}

/// [`warp`] into a frame whose memory is used again.
pub(super) fn warp_into(frame: &Frame, geometry: &Geometry, out: &mut Frame) {
    let map = geometry.source_from_result();
    (out.width, out.height) = geometry.to;
    out.camera_px = geometry.camera_px(frame.camera_px);
    warp_truth(frame, geometry, &map, out);
    warp_picture(frame, &map, out);
}

fn warp_truth(frame: &Frame, geometry: &Geometry, map: &Affine, out: &mut Frame) {
    let (width, height) = (frame.width, frame.height);
    let n_px = out.width * out.height;
    let rows = geometry.normal_rows();
    out.depth_m.resize(n_px, 0.0);
    out.normal.resize(n_px, [0.0; 3]);
    out.valid.resize(n_px, false);
    let mut places = Places::new(map, out.width, (width, height));
    let lines = (out.depth_m.chunks_exact_mut(out.width))
        .zip(out.normal.chunks_exact_mut(out.width))
        .zip(out.valid.chunks_exact_mut(out.width));
    for (y, ((depths_m, normals), valid)) in lines.enumerate() {
        places.nearest(map, y);
        for ((valid, &at), &is_inside) in valid.iter_mut().zip(&places.at).zip(&places.is_inside) {
            *valid = is_inside & frame.valid[at as usize];
        }
        for ((depth_m, &valid), &at) in depths_m.iter_mut().zip(&*valid).zip(&places.at) {
            let found_m = frame.depth_m[at as usize];
            *depth_m = if valid { found_m } else { f32::INFINITY };
        }
        for ((normal, &valid), &at) in normals.iter_mut().zip(&*valid).zip(&places.at) {
            let [nx, ny, nz] = frame.normal[at as usize];
            let keep = f32::from(u8::from(valid));
            *normal = [
                keep * (rows[0][0] * nx + rows[0][1] * ny),
                keep * (rows[1][0] * nx + rows[1][1] * ny),
                keep * nz,
            ];
        }
    }
}

/// Where the pixels of a row of the result lie in the source. Each quantity has its own array, so
/// that the processor computes several pixels at a time.
struct Places {
    /// What a step along the row is in the source.
    step: [f32; 2],
    /// Width and height of the source.
    size: [f32; 2],
    width: i32,
    /// The source pixel: the nearest, or the top left of four.
    at: Vec<u32>,
    is_inside: Vec<bool>,
    /// Shares of the right and of the lower pixels.
    across: Vec<f32>,
    down: Vec<f32>,
}

impl Places {
    fn new(map: &Affine, n: usize, (width, height): (usize, usize)) -> Self {
        Self {
            step: [map[0][0] as f32, map[1][0] as f32],
            size: [width as f32, height as f32],
            width: width as i32,
            at: vec![0; n],
            is_inside: vec![false; n],
            across: vec![0.0; n],
            down: vec![0.0; n],
        }
    }

    /// The shares of the right and of the lower pixels.
    fn shares(&self) -> impl Iterator<Item = (&f32, &f32)> {
        self.across.iter().zip(&self.down)
    }

    /// The pixels whose centers are nearest.
    fn nearest(&mut self, map: &Affine, y: usize) {
        let ([u0, v0], [du, dv], [width, height]) = (row_start(map, y), self.step, self.size);
        for (x, (at, is_inside)) in self.at.iter_mut().zip(&mut self.is_inside).enumerate() {
            let (u, v) = (u0 + x as i32 as f32 * du, v0 + x as i32 as f32 * dv);
            *is_inside = (u >= 0.0) & (u < width) & (v >= 0.0) & (v < height);
            let (column, row) = (whole(u, width - 1.0), whole(v, height - 1.0));
            *at = (row * self.width + column) as u32;
        }
    }

    /// The four pixels around.
    fn around(&mut self, map: &Affine, y: usize) {
        let ([u0, v0], [du, dv], [width, height]) = (row_start(map, y), self.step, self.size);
        // The four start at most one before the last, if there are two.
        let (last_column, last_row) = ((width - 2.0).max(0.0), (height - 2.0).max(0.0));
        let shares = self.across.iter_mut().zip(&mut self.down);
        for (x, (at, (across, down))) in self.at.iter_mut().zip(shares).enumerate() {
            let (u, v) = (u0 + x as i32 as f32 * du, v0 + x as i32 as f32 * dv);
            let (u, v) = (
                between(u - 0.5, width - 1.0),
                between(v - 0.5, height - 1.0),
            );
            let (column, row) = (whole(u, last_column), whole(v, last_row));
            *at = (row * self.width + column) as u32;
            *across = u - column as f32;
            *down = v - row as f32;
        }
    }
}

/// A number between 0 and `most`, which is not below 0.
fn between(number: f32, most: f32) -> f32 {
    // Written so that it is one instruction each; `clamp` minds numbers that are none.
    let number = if number > 0.0 { number } else { 0.0 };
    if number < most { number } else { most }
}

/// A number between 0 and `most` without what is behind the point.
fn whole(number: f32, most: f32) -> i32 {
    between(number, most) as i32
}

fn warp_picture(frame: &Frame, map: &Affine, out: &mut Frame) {
    let from = (frame.width, frame.height);
    let shrink: [f64; 2] = std::array::from_fn(|i| (map[i][0].powi(2) + map[i][1].powi(2)).sqrt());
    if shrink[0].max(shrink[1]) <= SHRINKS {
        return blend(&frame.rgb, &frame.alpha, from, map, out);
    }
    let side = |side: usize, shrink: f64| ((side as f64 / shrink.max(1.0)).ceil() as usize).max(1);
    let to = (side(from.0, shrink[0]), side(from.1, shrink[1]));
    let window = Window::whole(from, to);
    let rgb = resize(&frame.rgb, from, to, window);
    let alpha = resize(as_pixels(&frame.alpha), from, to, window);
    let mut map = *map;
    for (row, scale) in map.iter_mut().zip(window.scale) {
        *row = row.map(|v| v / scale);
    }
    blend(&rgb, alpha.as_flattened(), to, &map, out);
}

fn blend(
    rgb: &[[f32; 3]],
    alpha: &[f32],
    (width, height): (usize, usize),
    map: &Affine,
    out: &mut Frame,
) {
    let n_px = out.width * out.height;
    out.rgb.resize(n_px, [0.0; 3]);
    out.alpha.resize(n_px, 0.0);
    let (right, below) = (usize::from(width > 1), width * usize::from(height > 1));
    let mut places = Places::new(map, out.width, (width, height));
    let lines = (out.rgb.chunks_exact_mut(out.width)).zip(out.alpha.chunks_exact_mut(out.width));
    for (y, (rgb_out, alpha_out)) in lines.enumerate() {
        places.around(map, y);
        let pixels = rgb_out.iter_mut().zip(&places.at);
        for ((rgb_out, &at), (&across, &down)) in pixels.zip(places.shares()) {
            let upper = &rgb[at as usize..];
            let four = [upper[0], upper[right], upper[below], upper[below + right]];
            let [a, b, c, d] = four.map(Vec3A::from_array);
            // In this form a share of 0 or 1 gives the pixel itself.
            let above = (1.0 - across) * a + across * b;
            let beneath = (1.0 - across) * c + across * d;
            let mixed = (1.0 - down) * above + down * beneath;
            *rgb_out = mixed.min(Vec3A::ONE).to_array();
        }
        let pixels = alpha_out.iter_mut().zip(&places.at);
        for ((alpha_out, &at), (&across, &down)) in pixels.zip(places.shares()) {
            let upper = &alpha[at as usize..];
            let above = (1.0 - across) * upper[0] + across * upper[right];
            let beneath = (1.0 - across) * upper[below] + across * upper[below + right];
            let mixed = (1.0 - down) * above + down * beneath;
            *alpha_out = if mixed < 1.0 { mixed } else { 1.0 };
        }
    }
}

/// Where the center of the first pixel of a row of the result lies in the source.
fn row_start(map: &Affine, y: usize) -> [f32; 2] {
    [0, 1].map(|i| (0.5 * map[i][0] + (y as f64 + 0.5) * map[i][1] + map[i][2]) as f32)
}
