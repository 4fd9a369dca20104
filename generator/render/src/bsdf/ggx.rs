//! The GGX microfacet lobe (Walter et al. 2007) with Smith's height-correlated masking.

use std::f32::consts::{FRAC_1_PI, PI};

use glam::{Vec2, Vec3};

use crate::fast_math::sin_cos_turns;

/// One isotropic lobe.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ggx {
    alpha_squared: f32,
    alpha: f32,
}

impl Ggx {
    /// A lobe of perceptual roughness in `[0, 1]`; alpha is its square, kept above mirrors.
    pub fn from_roughness(roughness: f32) -> Self {
        let alpha = (roughness * roughness).clamp(1e-3, 1.0);
        Self {
            alpha,
            alpha_squared: alpha * alpha,
        }
    }

    /// Length of `w`'s shadow in the terms of Smith: `sqrt(alpha^2 + (1 - alpha^2) cos^2)`.
    #[inline]
    fn smith(&self, cos: f32) -> f32 {
        (1.0 - self.alpha_squared)
            .mul_add(cos * cos, self.alpha_squared)
            .sqrt()
    }

    /// Distribution of normals D at a microfacet normal `h`.
    #[inline]
    fn distribution(&self, h: Vec3) -> f32 {
        // Sine and cosine apart, so that sharp lobes do not lose their width to rounding.
        let sin_squared = h.x * h.x + h.y * h.y;
        let denominator = sin_squared + self.alpha_squared * h.z * h.z;
        self.alpha_squared / (PI * denominator * denominator)
    }

    /// The lobe without Fresnel, times the incident cosine, and the density of [`Self::sample`],
    /// for directions above the surface and their half vector `h`.
    #[inline]
    pub fn eval(&self, wo: Vec3, wi: Vec3, h: Vec3) -> (f32, f32) {
        let d = self.distribution(h);
        let smith_o = self.smith(wo.z);
        let visibility = 0.5 / (wi.z * smith_o + wo.z * self.smith(wi.z));
        (d * visibility * wi.z, 0.5 * d / (wo.z + smith_o))
    }

    /// Draws an incident direction by the visible normals (Dupuy and Benyoub 2023); it may lie
    /// below the surface.
    #[inline]
    pub fn sample(&self, wo: Vec3, u: Vec2) -> Vec3 {
        let v = Vec3::new(self.alpha * wo.x, self.alpha * wo.y, wo.z).normalize();
        let z = (1.0 - u.x).mul_add(1.0 + v.z, -v.z);
        let radius = (1.0 - z * z).max(0.0).sqrt();
        let (sin, cos) = sin_cos_turns(u.y);
        let h = Vec3::new(radius * cos, radius * sin, z) + v;
        let h = Vec3::new(self.alpha * h.x, self.alpha * h.y, h.z.max(1e-7)).normalize();
        h * (2.0 * wo.dot(h)) - wo
    }

    /// Share of light that a lobe reflects from `wo`, in two parts: for a microfacet reflectance
    /// `f0 + (1 - f0)(1 - cos)^5` the albedo is `f0 a + b`.
    pub(crate) fn albedo(&self, cos: f32) -> (f32, f32) {
        const N: usize = 24;
        let cos = cos.max(1e-3);
        let wo = Vec3::new((1.0 - cos * cos).max(0.0).sqrt(), 0.0, cos);
        let (mut a, mut b) = (0.0, 0.0);
        for i in 0..N * N {
            let u = Vec2::new((i % N) as f32 + 0.5, (i / N) as f32 + 0.5) / N as f32;
            let wi = self.sample(wo, u);
            if wi.z <= 0.0 {
                continue;
            }
            let h = (wo + wi).normalize();
            let (f_cos, pdf) = self.eval(wo, wi, h);
            let grazing = schlick_weight(wo.dot(h));
            a += f_cos / pdf * (1.0 - grazing);
            b += f_cos / pdf * grazing;
        }
        (a / (N * N) as f32, b / (N * N) as f32)
    }
}

/// `(1 - cos)^5`, the share of white in Schlick's reflectance.
#[inline]
pub(crate) fn schlick_weight(cos: f32) -> f32 {
    let x = (1.0 - cos).clamp(0.0, 1.0);
    let x2 = x * x;
    x2 * x2 * x
}

/// Density of a cosine lobe.
#[inline]
pub(crate) fn lambert(cos: f32) -> f32 {
    cos * FRAC_1_PI
}
