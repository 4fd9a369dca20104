//! Single pixels that differ from eight neighbours which agree: what a damaged bit leaves behind.
//!
//! Strands of hair make lone pixels too, nearer than what is behind them and softer. A pixel is
//! told only where its surroundings are one smooth, opaque surface. Lone normals are not told:
//! folds, seams and buttons make them in sound samples; those that look away are found elsewhere.

use bottega_schemas::Plane;

use crate::finding::{Check, Finding};

use super::config::VerifyConfig;
use super::planes::PlaneSlices;

/// The pixels around a pixel, row by row.
fn around(px: usize, width: usize) -> [usize; 8] {
    let (above, below) = (px - width, px + width);
    [
        above - 1,
        above,
        above + 1,
        px - 1,
        px + 1,
        below - 1,
        below,
        below + 1,
    ]
}

/// Reports lone pixels of depth and alpha.
pub(super) fn check_outliers(
    planes: &PlaneSlices<'_>,
    config: &VerifyConfig,
    findings: &mut Vec<Finding>,
) {
    let PlaneSlices {
        width,
        height,
        alpha8,
        depth_m,
        normal,
        ..
    } = *planes;
    let mut first: [Option<(usize, String)>; 2] = [const { None }; 2];
    let mut counts = [0usize; 2];
    for y in 1..height.saturating_sub(1) {
        for x in 1..width.saturating_sub(1) {
            let px = y * width + x;
            let ring = around(px, width);
            let is_opaque = ring
                .iter()
                .all(|&n| alpha8[n] == 255 && depth_m[n].is_finite());
            if !is_opaque {
                continue;
            }
            let depths = ring.map(|n| depth_m[n]);
            let (near, far) = depths
                .iter()
                .fold((f32::INFINITY, 0.0f32), |(a, b), &d| (a.min(d), b.max(d)));
            if far - near > 2.0 * config.smooth_depth_step * near {
                continue;
            }
            let mut note = |kind: usize, message: String| {
                counts[kind] += 1;
                if first[kind].is_none() {
                    first[kind] = Some((px, message));
                }
            };
            let depth = depth_m[px];
            let is_lone =
                |d: f32| d > config.lone_depth_ratio * far || d * config.lone_depth_ratio < near;
            if depth.is_finite() && is_lone(depth) {
                note(
                    0,
                    format!("{depth} m amid a smooth surface at {near} m to {far} m"),
                );
                continue;
            }
            let mean = ring.iter().fold([0.0f32; 3], |sum, &n| {
                [0, 1, 2].map(|axis| sum[axis] + normal[n][axis] / 8.0)
            });
            let dot = |a: [f32; 3], b: [f32; 3]| a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
            let agree = ring
                .iter()
                .all(|&n| dot(normal[n], mean) > config.smooth_normal_cosine);
            let is_smooth =
                depth.is_finite() && (depth - near).abs() < 3.0 * config.smooth_depth_step * near;
            if !agree || !is_smooth {
                continue;
            }
            if alpha8[px] < config.lone_alpha_min {
                note(
                    1,
                    format!("{} of 255 amid an opaque, smooth surface", alpha8[px]),
                );
            }
        }
    }
    let planes_of = [Plane::Depth, Plane::Alpha];
    for ((kind, first), count) in planes_of.into_iter().zip(first).zip(counts) {
        let Some((px, message)) = first else { continue };
        let more = match count - 1 {
            0 => String::new(),
            more => format!(" (and {more} more)"),
        };
        let pixel = Some([px % width, px / width]);
        findings.push(Finding::new(Check::LonePixel, message + &more).at(kind, pixel));
    }
}
