//! Cloth: rough diffuse threads under a sheen of fuzz.
//!
//! The threads follow the energy-preserving form of Oren and Nayar's model (Fujii's variant with
//! a term for multiple scattering; Portsmouth, Kutz and Hill 2024). The sheen has the normals of
//! Estevez and Kulla 2017 ("Charlie") and takes from the threads what it reflects; its colour is
//! between white and that of the threads, as that of fuzz is.

use std::f32::consts::{FRAC_1_PI, PI};
use std::sync::OnceLock;

use glam::{Vec2, Vec3};

use super::{BsdfSample, BsdfValue, sample_of_value};
use crate::fast_math::{acos, pow};
use crate::sampling::{cosine_hemisphere, uniform_sphere};

/// Roughness of the fuzz.
const SHEEN_ROUGHNESS: f32 = 0.35;
/// Steps of the table of the sheen's albedo, over the square root of the cosine.
const STEPS: usize = 32;
/// `1/2 - 2/(3 pi)`, from the albedo of the rough diffuse lobe.
const C1: f32 = 0.5 - 2.0 / (3.0 * PI);
/// `2/3 - 28/(15 pi)`, from its average.
const C2: f32 = 2.0 / 3.0 - 28.0 / (15.0 * PI);

/// Reflection of cloth at one point.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ClothBsdf {
    albedo: Vec3,
    roughness: f32,
    sheen: f32,
    /// Strength of the sheen times its colour.
    fuzz: Vec3,
    /// Scale of the single-scattering lobe.
    single: f32,
    /// Colour of the multiple-scattering lobe over what single scattering loses on average.
    multiple: Vec3,
}

impl ClothBsdf {
    /// Threads of colour `albedo` and roughness in `[0, 1]` under `sheen` in `[0, 1]`.
    #[inline]
    pub fn new(albedo: Vec3, roughness: f32, sheen: f32) -> Self {
        let single = 1.0 / (1.0 + C1 * roughness);
        let average = single * (1.0 + C2 * roughness);
        let lost = 1.0 - average;
        Self {
            albedo,
            roughness,
            sheen,
            fuzz: sheen_color(albedo) * sheen,
            single,
            multiple: albedo * albedo * average / ((Vec3::ONE - albedo * lost) * lost.max(1e-6)),
        }
    }

    /// What single scattering between threads loses of light from a direction.
    #[inline]
    fn lost(&self, cos: f32) -> f32 {
        let cos = cos.clamp(1e-3, 1.0);
        let sin = (1.0 - cos * cos).max(0.0).sqrt();
        let g =
            sin * (acos(cos) - sin * cos) + 2.0 / 3.0 * (sin / cos * (1.0 - sin * sin * sin) - sin);
        1.0 - self.single * (1.0 + self.roughness * g * FRAC_1_PI)
    }

    /// Value and density for a pair of directions.
    #[inline]
    pub fn eval(&self, wo: Vec3, wi: Vec3) -> BsdfValue {
        if wo.z <= 0.0 || wi.z <= 0.0 {
            return BsdfValue::ZERO;
        }
        let s = wo.x * wi.x + wo.y * wi.y;
        let facing = if 0.0 < s { s / wo.z.max(wi.z) } else { s };
        let single = self.single * (1.0 + self.roughness * facing);
        let threads = self.albedo * single + self.multiple * (self.lost(wo.z) * self.lost(wi.z));
        let cosine = wi.z * FRAC_1_PI;
        if self.sheen <= 0.0 {
            return BsdfValue {
                f_cos: threads * cosine,
                pdf: cosine,
            };
        }
        let albedo_o = sheen_albedo(wo.z);
        let kept = 1.0 - self.sheen * albedo_o.max(sheen_albedo(wi.z));
        let fuzz = self.fuzz * (sheen_value(wo, wi) * wi.z);
        let even = self.even_probability(albedo_o);
        BsdfValue {
            f_cos: threads * (cosine * kept) + fuzz,
            pdf: even * UNIFORM_HEMISPHERE_PDF + (1.0 - even) * cosine,
        }
    }

    /// Probability with which a direction is drawn evenly: sheen is strong near the horizon, where
    /// the cosine leads too seldom.
    #[inline]
    fn even_probability(&self, sheen_albedo: f32) -> f32 {
        0.5 * self.sheen * sheen_albedo
    }

    /// Draws a direction by the cosine, or evenly for the sheen.
    #[inline]
    pub fn sample(&self, wo: Vec3, u_lobe: f32, u: Vec2) -> Option<BsdfSample> {
        let is_even = 0.0 < self.sheen && u_lobe < self.even_probability(sheen_albedo(wo.z));
        let wi = if is_even {
            let wi = uniform_sphere(u);
            Vec3::new(wi.x, wi.y, wi.z.abs())
        } else {
            cosine_hemisphere(u)
        };
        sample_of_value(wi, self.eval(wo, wi))
    }
}

/// Density of directions drawn evenly over the hemisphere.
const UNIFORM_HEMISPHERE_PDF: f32 = 0.5 * FRAC_1_PI;

/// Colour of the fuzz of threads of this albedo: thin fibres lose less light than threads, so it is
/// lighter and paler.
#[inline]
fn sheen_color(albedo: Vec3) -> Vec3 {
    let albedo = albedo.max(Vec3::ZERO);
    Vec3::new(albedo.x.sqrt(), albedo.y.sqrt(), albedo.z.sqrt())
}

/// The sheen lobe without the cosine.
#[inline]
fn sheen_value(wo: Vec3, wi: Vec3) -> f32 {
    const EXPONENT: f32 = 1.0 / SHEEN_ROUGHNESS;
    let h = (wo + wi).normalize();
    let sin_squared = (h.x * h.x + h.y * h.y).clamp(1e-12, 1.0);
    let d = (2.0 + EXPONENT) * (0.5 * FRAC_1_PI) * pow(sin_squared, 0.5 * EXPONENT);
    d / (4.0 * (wo.z + wi.z - wo.z * wi.z))
}

/// Share of the light from a direction that a full sheen reflects.
#[inline]
fn sheen_albedo(cos: f32) -> f32 {
    static TABLE: OnceLock<[f32; STEPS + 1]> = OnceLock::new();
    let table = TABLE.get_or_init(|| {
        let mut table = [0.0; STEPS + 1];
        for (i, entry) in table.iter_mut().enumerate() {
            let root = i as f32 / STEPS as f32;
            let cos = (root * root).max(1e-3);
            let wo = Vec3::new((1.0 - cos * cos).max(0.0).sqrt(), 0.0, cos);
            let n = 64;
            for k in 0..n * n {
                let u = Vec2::new((k % n) as f32 + 0.5, (k / n) as f32 + 0.5) / n as f32;
                let mut wi = uniform_sphere(u);
                wi.z = wi.z.abs().max(1e-6);
                *entry += sheen_value(wo, wi) * wi.z * 2.0 * PI / (n * n) as f32;
            }
            *entry = entry.min(1.0);
        }
        table
    });
    let x = cos.clamp(0.0, 1.0).sqrt() * STEPS as f32;
    let i = (x as usize).min(STEPS - 1);
    table[i] + (table[i + 1] - table[i]) * (x - i as f32)
}
