//! A clear coat over a coated surface: varnish, enamel, patent leather.
//!
//! f = f_top + f_under (1 - max(E_top(wo), E_top(wi)))
//!
//! which is reciprocal and never returns more light than it gets; a white surface under it loses
//! what the maximum takes twice (at most some percent, at grazing angles).

use glam::{Vec2, Vec3};

use super::{BsdfSample, BsdfValue, Coat, CoatedBsdf, Reflectance, sample_of_value};
use crate::sampling::luminance;

/// Reflection of a clear coat over a coated base at one point.
#[derive(Clone, Copy, Debug)]
pub struct LacqueredBsdf<'a> {
    top: CoatedBsdf<'a>,
    under: CoatedBsdf<'a>,
}

impl<'a> LacqueredBsdf<'a> {
    /// `under` below a clear coat of reflectance `f0` at normal incidence.
    #[inline]
    pub fn new(top: &'a Coat, f0: f32, under: CoatedBsdf<'a>) -> Self {
        Self::with_reflectance(top, Reflectance::of_f0(Vec3::splat(f0)), under)
    }

    /// `under` below a clear coat of any grey reflectance: one that covers a part only has that
    /// share of the reflectance of a whole one.
    #[inline]
    pub fn with_reflectance(
        top: &'a Coat,
        reflectance: Reflectance,
        under: CoatedBsdf<'a>,
    ) -> Self {
        Self {
            top: CoatedBsdf::with_reflectance(top, reflectance, Vec3::ZERO),
            under,
        }
    }

    /// Share of light that the clear coat lets through for a pair of directions.
    #[inline]
    fn passed(&self, wo: Vec3, wi: Vec3) -> f32 {
        let reflected = |w: Vec3| self.top.reflected(w).x;
        1.0 - reflected(wo).max(reflected(wi))
    }

    /// Probability with which the clear coat is sampled.
    #[inline]
    fn top_probability(&self, wo: Vec3) -> f32 {
        let top = self.top.reflected(wo).x;
        let under = (1.0 - top) * luminance(self.under.albedo_bound(wo));
        (top / (top + under).max(1e-6)).clamp(0.1, 0.9)
    }

    /// Value and density for a pair of directions.
    #[inline]
    pub fn eval(&self, wo: Vec3, wi: Vec3) -> BsdfValue {
        if wo.z <= 0.0 || wi.z <= 0.0 {
            return BsdfValue::ZERO;
        }
        let (top, under) = (self.top.eval(wo, wi), self.under.eval(wo, wi));
        let probability = self.top_probability(wo);
        BsdfValue {
            f_cos: top.f_cos + under.f_cos * self.passed(wo, wi),
            pdf: probability * top.pdf + (1.0 - probability) * under.pdf,
        }
    }

    /// Draws a direction from the clear coat or from what lies under it.
    #[inline]
    pub fn sample(&self, wo: Vec3, u_lobe: f32, u: Vec2) -> Option<BsdfSample> {
        if wo.z <= 0.0 {
            return None;
        }
        let probability = self.top_probability(wo);
        let drawn = if u_lobe < probability {
            self.top.sample(wo, u_lobe / probability, u)
        } else {
            let rest = (u_lobe - probability) / (1.0 - probability);
            self.under.sample(wo, rest, u)
        };
        drawn.and_then(|sample| sample_of_value(sample.wi, self.eval(wo, sample.wi)))
    }
}
