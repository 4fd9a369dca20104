//! Locks: strands that grow near each other draw together toward their tips.

use glam::Vec3;
use rayon::prelude::*;

use super::root::Root;

/// For each root the nearest of the first `n_centers` roots on its side of the parting.
///
/// The first roots are evenly spread (see [`super::root::spread`]), so they serve as centres.
pub(crate) fn assign(roots: &[Root], sides: &[i8], n_centers: usize) -> Vec<u32> {
    let n_centers = n_centers.clamp(1, roots.len().max(1));
    roots
        .par_iter()
        .zip(sides)
        .map(|(root, &side)| {
            let mut nearest = (f32::INFINITY, 0);
            for (center, other) in roots.iter().take(n_centers).enumerate() {
                let across = if sides[center] == side { 0.0 } else { 1.0 };
                let squared = root.template_dm.distance_squared(other.template_dm) + across;
                if squared < nearest.0 {
                    nearest = (squared, center as u32);
                }
            }
            nearest.1
        })
        .collect()
}

/// Draws a strand toward the centre of its lock: not at the root, by `strength` at the tip, with
/// `exponent` between. Both have as many points.
pub(crate) fn draw_together(
    strand: &mut [Vec3],
    center: &[Vec3],
    strength: f32,
    exponent: Exponent,
) {
    let last = (strand.len() - 1) as f32;
    for (i, (point, &target)) in strand.iter_mut().zip(center).enumerate() {
        let t = i as f32 / last;
        let weight = match exponent {
            Exponent::Linear => t,
            Exponent::Root => t.sqrt(),
            Exponent::Square => t * t,
        };
        *point = point.lerp(target, strength * weight);
    }
}

/// How a lock tightens along the strand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exponent {
    /// Soon after the root.
    Root,
    /// Evenly.
    Linear,
    /// Only near the tips.
    Square,
}
