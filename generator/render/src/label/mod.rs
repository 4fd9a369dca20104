//! Exact ground truth: what the planes of a picture say of each pixel.
//!
//! Two families, both from the same trees and the same pinhole as the picture, and independent
//! of its sampling, lens and noise:
//!
//! - **First hit** (depth, range, normal, part): the one ray through the centre of the pixel.
//! - **Coverage** (alpha): the share of the pixel that shows the subject, from a fixed pattern
//!   of at least 64 rays spread over the pixel's square.
//!
//! Label rays stop at the first object that is not see-through. If it is the subject, it is
//! counted; if it is not (ground, furniture), it hides what is behind it and counts as nothing.

mod beam;
mod coverage;
mod first_hit;
mod outline;
mod pattern;
mod raster;

use glam::Vec3;
use rayon::prelude::*;

use crate::accel::Accel;
use crate::scene::Scene;

/// The smallest coverage that survives eight bits.
const SMALLEST_ALPHA: f32 = 1.0 / 255.0;

/// The label planes of one picture, row by row from the top-left.
#[derive(Clone, Debug, PartialEq)]
pub struct LabelPlanes {
    /// Coverage of the subject in `[0, 1]`; at least 1/255 where the centre ray hits it.
    pub alpha: Vec<f32>,
    /// Distance along the optical axis of the pixel-centre first hit, in metres; `+inf` for none.
    pub depth_m: Vec<f32>,
    /// Distance along the ray of that hit, in metres; `+inf` for none.
    pub range_m: Vec<f32>,
    /// Camera-space unit shading normal of that hit, on the camera's side; zero for none.
    pub normal: Vec<Vec3>,
    /// Part number of that hit; 0 for none.
    pub part: Vec<u8>,
}

/// Traces all label planes of a scene, with `label_rays` rays (at least 64) for the coverage of
/// a pixel. The planes are the same for any number of threads.
pub fn render_labels(scene: &Scene, accel: &Accel, label_rays: u32) -> LabelPlanes {
    let hits = first_hit::trace(scene, accel);
    let alpha = coverage::trace(scene, accel, label_rays.max(64), &hits);
    planes(hits, alpha)
}

/// The same planes with every coverage ray of every pixel traced by itself. Slow; it is what
/// [`render_labels`] must equal.
pub fn render_labels_exhaustively(scene: &Scene, accel: &Accel, label_rays: u32) -> LabelPlanes {
    let hits = first_hit::trace(scene, accel);
    let alpha = coverage::trace_exhaustively(scene, accel, label_rays.max(64));
    planes(hits, alpha)
}

fn planes(hits: Vec<first_hit::FirstHit>, mut alpha: Vec<f32>) -> LabelPlanes {
    // Thin strands are never lost by rounding: where there is depth, there is alpha.
    for (alpha, hit) in alpha.iter_mut().zip(&hits) {
        if hit.is_subject() {
            *alpha = alpha.max(SMALLEST_ALPHA);
        }
    }
    LabelPlanes {
        alpha,
        depth_m: hits.par_iter().map(|hit| hit.depth_m).collect(),
        range_m: hits.par_iter().map(|hit| hit.range_m).collect(),
        normal: hits.par_iter().map(|hit| hit.normal).collect(),
        part: hits.par_iter().map(|hit| hit.part).collect(),
    }
}
