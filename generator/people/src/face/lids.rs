//! Lids that lie on the eyeball: where skin near the eye would cut into it, it is moved out.
//!
//! Blend shapes carry the lids over a sphere in straight lines, and the cornea bulges beyond the
//! sphere they were made for; a blink or a glance would let the eye show through.

use glam::Vec3;

use super::eye;
use crate::body::EyePose;

/// Thickness of the film between eye and lid over the radius of the eye.
pub(super) const FILM: f32 = 0.012;

/// Moves the points where `lid` is positive out of the eyeball.
pub(crate) fn fit_lids(positions: &mut [Vec3], lid: &[f32], eyes: &[EyePose; 2]) {
    for (p, _) in positions.iter_mut().zip(lid).filter(|&(_, &lid)| 0.0 < lid) {
        for eye in eyes {
            *p += clearance(*p, eye, FILM);
        }
    }
}

/// How far a point must move outward to be `above` the eye by this share of its radius.
pub(super) fn clearance(p: Vec3, eye: &EyePose, above: f32) -> Vec3 {
    let offset = (p - eye.center) / eye.radius_m;
    let distance = offset.length();
    if !(0.5..=1.3).contains(&distance) {
        return Vec3::ZERO;
    }
    let d = eye.rotation.inverse() * (offset / distance);
    let surface = eye::surface(d) + above;
    offset * (eye.radius_m * (surface / distance - 1.0).max(0.0))
}
