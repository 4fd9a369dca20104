//! A smooth boundary between two transparent media: the cornea, lenses.
//!
//! Radiance is carried through without the factor for its compression in the denser medium: what
//! lies behind (the iris) is lit through the same boundary without that factor too, so its colour
//! is the one that is given.

use glam::Vec3;

use super::BsdfSample;

/// Smooth refracting boundary, seen from the side of `wo`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DielectricBsdf {
    /// Index of refraction on the far side over that on the near side.
    pub eta: f32,
    /// Whether the boundary is a thin sheet that does not bend light.
    pub thin: bool,
}

impl DielectricBsdf {
    /// Draws reflection or transmission in proportion to what each carries. `wo.z` must be
    /// positive: the frame faces the viewer.
    #[inline]
    pub fn sample(&self, wo: Vec3, u_lobe: f32) -> Option<BsdfSample> {
        if wo.z <= 0.0 {
            return None;
        }
        let reflectance = 1.0 - transmittance(wo.z, self.eta, self.thin);
        let specular = |wi| {
            Some(BsdfSample {
                wi,
                weight: Vec3::ONE,
                pdf: 1.0,
                specular: true,
            })
        };
        if u_lobe < reflectance {
            return specular(Vec3::new(-wo.x, -wo.y, wo.z));
        }
        if self.thin {
            return specular(-wo);
        }
        let across = Vec3::new(-wo.x, -wo.y, 0.0) / self.eta;
        let cos_squared = 1.0 - across.length_squared();
        (0.0 < cos_squared).then(|| specular(across - Vec3::Z * cos_squared.sqrt()))?
    }
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
