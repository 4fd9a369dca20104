//! Colour and relief of surfaces: procedural ones in the space before posing, so that patterns
//! stick to the body, and pictures laid by texture coordinates.

mod bump;
mod color;
mod image;
mod noise;

pub(crate) use bump::across_tangent;
pub use bump::bumped_normal;
pub use color::{albedo_of, color_at};
pub use image::{Encoding, Image, ImageTexture, Wrap};

use glam::Vec3;

use crate::interaction::{SurfaceDetail, SurfaceHit};
use crate::scene::{Bump, Material};

/// The relief of a material, if it has one.
pub fn bump_of(material: &Material) -> Option<&Bump> {
    match material {
        Material::Glossy { bump, .. }
        | Material::Lacquer { bump, .. }
        | Material::Metal { bump, .. }
        | Material::Satin { bump, .. }
        | Material::Skin { bump, .. }
        | Material::Cloth { bump, .. } => bump.as_ref(),
        Material::Surface(surface) => surface.bump.as_ref(),
        _ => None,
    }
}

/// Least cosine by which relief is foreshortened.
const LEAST_SLANT_COS: f32 = 0.1;

/// The shading normal of `hit` with the relief of `bump`, seen from the direction `wo` in pixels of
/// `footprint_m`. On a slanted surface a pixel spans more of it, and relief fades out the sooner:
/// it would only shimmer.
pub(crate) fn relief_normal(bump: &Bump, hit: &SurfaceHit, wo: Vec3, footprint_m: f32) -> Vec3 {
    let seen_m = match bump.is_map() {
        true => footprint_m,
        false => footprint_m / hit.geometric_normal.dot(wo).abs().max(LEAST_SLANT_COS),
    };
    bumped_normal(bump, hit, seen_m)
}

/// The unit shading normal that pictures and labels share: interpolated, with the relief of the
/// material as far as pixels of `footprint_m` show it, on the side of the surface that faces the
/// viewer in direction `wo`. Where interpolation turns it beyond the horizon it is brought back to
/// the horizon, never to the other side.
pub fn shading_normal(material: &Material, hit: &SurfaceHit, wo: Vec3, footprint_m: f32) -> Vec3 {
    if let SurfaceDetail::Strand { .. } = hit.detail {
        return hit.normal;
    }
    let normal = match bump_of(material) {
        Some(bump) => relief_normal(bump, hit, wo, footprint_m),
        None => hit.normal,
    };
    let side = 1.0_f32.copysign(hit.geometric_normal.dot(wo));
    facing(normal * side, wo, 0.0).unwrap_or(hit.geometric_normal * side)
}

/// `normal` bent toward `wo` just so far that the cosine between them is at least `least_cos`.
pub(crate) fn facing(normal: Vec3, wo: Vec3, least_cos: f32) -> Option<Vec3> {
    let cos = normal.dot(wo);
    if least_cos <= cos {
        return Some(normal);
    }
    (normal + wo * (least_cos - cos)).try_normalize()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_normal_beyond_the_horizon_comes_back_to_it_on_the_same_side() {
        let wo = Vec3::Z;
        let bent = facing(Vec3::new(0.99, 0.0, -0.1).normalize(), wo, 0.0).expect("not opposite");
        assert!((bent - Vec3::X).length() < 1e-6, "{bent}");
        let kept = Vec3::new(0.6, 0.0, 0.8);
        assert_eq!(facing(kept, wo, 0.0), Some(kept));
        assert_eq!(facing(Vec3::NEG_Z, wo, 0.0), None);
    }
}
