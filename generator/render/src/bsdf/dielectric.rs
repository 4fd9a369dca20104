//! A boundary between two transparent media, smooth or rough: the cornea, lenses, frosted glass.
//!
//! Radiance is carried through without the factor for its compression in the denser medium: what
//! lies behind (the iris) is lit through the same boundary without that factor too, so its colour
//! is the one that is given.

use glam::{Vec2, Vec3};

use super::{BsdfSample, Ggx};
use crate::fast_math::exp;

/// Refracting boundary, smooth or rough, seen from the side of `wo`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DielectricBsdf {
    /// Index of refraction on the far side over that on the near side.
    pub eta: f32,
    /// Whether the boundary is a thin sheet that does not bend light.
    pub thin: bool,
    /// Optical depth of a thin sheet per channel, straight through it.
    pub depth: Vec3,
    /// Microfacets of a rough boundary.
    pub rough: Option<Ggx>,
}

impl DielectricBsdf {
    /// A smooth and clear boundary.
    pub fn smooth(eta: f32, thin: bool) -> Self {
        Self {
            eta,
            thin,
            depth: Vec3::ZERO,
            rough: None,
        }
    }

    /// Normal of the microfacet that light from `wo` meets, drawn by `u`; +Z where all is smooth.
    #[inline]
    pub fn facet(&self, wo: Vec3, u: Vec2) -> Vec3 {
        match &self.rough {
            None => Vec3::Z,
            Some(lobe) => (wo + lobe.sample(wo, u)).normalize_or(Vec3::Z),
        }
    }

    /// Share of light that a facet reflects.
    #[inline]
    pub fn reflected(&self, wo: Vec3, facet: Vec3) -> f32 {
        1.0 - transmittance(wo.dot(facet), self.eta, self.thin)
    }

    /// Direction in which a facet mirrors light; what would go below the surface is turned up, as
    /// the next facets would turn it.
    #[inline]
    pub fn mirrored(&self, wo: Vec3, facet: Vec3) -> Vec3 {
        let wi = facet * (2.0 * wo.dot(facet)) - wo;
        Vec3::new(wi.x, wi.y, wi.z.abs())
    }

    /// Draws reflection or transmission at a facet in proportion to what each carries. `wo.z` must
    /// be positive: the frame faces the viewer.
    ///
    /// What masking by other facets takes from a direction is given back to it, so that a rough
    /// boundary is as bright as a smooth one. That model is not reciprocal; paths meet boundaries
    /// from the side of the viewer alone.
    #[inline]
    pub fn sample_at(&self, wo: Vec3, facet: Vec3, u_lobe: f32) -> Option<BsdfSample> {
        if wo.z <= 0.0 {
            return None;
        }
        let specular = |wi: Vec3, weight: Vec3| {
            Some(BsdfSample {
                wi,
                weight,
                pdf: 1.0,
                specular: true,
            })
        };
        let cos = wo.dot(facet);
        let mirrored = self.mirrored(wo, facet);
        if u_lobe < self.reflected(wo, facet) {
            return specular(mirrored, Vec3::ONE);
        }
        if self.thin {
            // What a rough sheet lets through it spreads as it spreads reflections.
            let through = match self.rough {
                None => -wo,
                Some(_) => Vec3::new(mirrored.x, mirrored.y, -mirrored.z),
            };
            return specular(through, passed_sheet(self.depth, cos, self.eta));
        }
        let across = (facet * cos - wo) / self.eta;
        let cos_squared = 1.0 - across.length_squared();
        if cos_squared <= 0.0 {
            return None;
        }
        let wi = across - facet * cos_squared.sqrt();
        specular(Vec3::new(wi.x, wi.y, -wi.z.abs()), Vec3::ONE)
    }

    /// Draws a facet and what happens there.
    #[inline]
    pub fn sample(&self, wo: Vec3, u_lobe: f32, u: Vec2) -> Option<BsdfSample> {
        self.sample_at(wo, self.facet(wo, u), u_lobe)
    }
}

/// Share of light that a sheet of this optical depth lets pass, for light that meets it at an
/// angle of this cosine and is bent inside.
#[inline]
pub fn passed_sheet(depth: Vec3, cos: f32, eta: f32) -> Vec3 {
    if depth == Vec3::ZERO {
        return Vec3::ONE;
    }
    let sin_squared = (1.0 - cos * cos).max(0.0) / (eta * eta);
    let cos_inside = (1.0 - sin_squared).max(1e-4).sqrt();
    absorbed(depth, 1.0 / cos_inside)
}

/// Share of light that is left after a way of `length` through a medium.
#[inline]
pub fn absorbed(per_length: Vec3, length: f32) -> Vec3 {
    Vec3::from_array(per_length.to_array().map(|a| exp(-a * length)))
}

/// Share of unpolarised light that a boundary reflects; `eta` is the index of refraction on the
/// far side over that on the near side.
#[inline]
pub fn fresnel(cos: f32, eta: f32) -> f32 {
    let cos = cos.clamp(0.0, 1.0);
    let sin_squared = (1.0 - cos * cos) / (eta * eta);
    if 1.0 <= sin_squared {
        return 1.0;
    }
    let cos_t = (1.0 - sin_squared).sqrt();
    let parallel = (eta * cos - cos_t) / (eta * cos + cos_t);
    let perpendicular = (cos - eta * cos_t) / (cos + eta * cos_t);
    0.5 * (parallel * parallel + perpendicular * perpendicular)
}

/// Share of light that passes a boundary, or both faces of a thin sheet with all reflections
/// between them.
#[inline]
pub fn transmittance(cos: f32, eta: f32, thin: bool) -> f32 {
    let r = fresnel(cos, eta);
    if thin { (1.0 - r) / (1.0 + r) } else { 1.0 - r }
}
