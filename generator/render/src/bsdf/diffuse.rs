//! Lambertian reflection.
//!
//! f(wo, wi) = albedo / pi for directions above the surface, else 0.

use std::f32::consts::FRAC_1_PI;

use glam::{Vec2, Vec3};

use super::{BsdfSample, BsdfValue};
use crate::sampling::cosine_hemisphere;

/// Ideal diffuse reflector.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DiffuseBsdf {
    /// Fraction of light reflected, linear Rec. 709, each component in `[0, 1]`.
    pub albedo: Vec3,
}

impl DiffuseBsdf {
    /// Value and density for a pair of directions.
    #[inline]
    pub fn eval(&self, wo: Vec3, wi: Vec3) -> BsdfValue {
        if wo.z <= 0.0 || wi.z <= 0.0 {
            return BsdfValue::ZERO;
        }
        let pdf = wi.z * FRAC_1_PI;
        BsdfValue {
            f_cos: self.albedo * pdf,
            pdf,
        }
    }

    /// Draws a direction by the cosine.
    #[inline]
    pub fn sample(&self, wo: Vec3, u: Vec2) -> Option<BsdfSample> {
        if wo.z <= 0.0 {
            return None;
        }
        let wi = cosine_hemisphere(u);
        Some(BsdfSample {
            wi,
            weight: self.albedo,
            pdf: wi.z * FRAC_1_PI,
            specular: false,
        })
    }
}
