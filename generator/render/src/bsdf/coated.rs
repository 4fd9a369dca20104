//! GGX over a diffuse base: plastic, leather, skin and metals in one model.
//!
//! The coat reflects E(wo) of the light, its multiple scattering between microfacets included
//! (Kulla and Conty 2017). The base gets what is left on the way in and on the way out:
//!
//! f_base = albedo / pi (1 - E(wo)) (1 - E(wi)) / (1 - E_avg)
//!
//! which is reciprocal, loses nothing when the albedo is white, and keeps the base's colour.

use glam::{Vec2, Vec3};

use super::ggx::{Ggx, lambert, schlick_weight};
use super::{BsdfSample, BsdfValue, sample_of_value};
use crate::sampling::{cosine_hemisphere, luminance};

/// Steps of the albedo tables, over the square root of the cosine.
const STEPS: usize = 32;

/// A coat of one or two GGX lobes, with its tables. Depends on the material only.
#[derive(Clone, Debug)]
pub struct Coat {
    lobes: [Ggx; 2],
    /// Share of the second lobe.
    second: f32,
    /// Albedo `f0 a + b` by direction: pairs `(a, b)`.
    albedo: [Vec2; STEPS + 1],
    /// The same, averaged over directions by the cosine.
    average: Vec2,
}

impl Coat {
    /// A coat of one lobe.
    pub fn single(roughness: f32) -> Self {
        let lobe = Ggx::from_roughness(roughness);
        Self::new([lobe, lobe], 0.0)
    }

    /// A coat of two lobes: of the second, of roughness `second_roughness`, the share `second`.
    pub fn double(roughness: f32, second_roughness: f32, second: f32) -> Self {
        let lobes = [roughness, second_roughness].map(Ggx::from_roughness);
        Self::new(lobes, second)
    }

    fn new(lobes: [Ggx; 2], second: f32) -> Self {
        let mut albedo = [Vec2::ZERO; STEPS + 1];
        for (i, entry) in albedo.iter_mut().enumerate() {
            let root = i as f32 / STEPS as f32;
            let of = |lobe: Ggx| Vec2::from(lobe.albedo(root * root));
            *entry = if 0.0 < second {
                of(lobes[0]).lerp(of(lobes[1]), second)
            } else {
                of(lobes[0])
            };
        }
        let mut coat = Self {
            lobes,
            second,
            albedo,
            average: Vec2::ZERO,
        };
        // The average 2 E cos dcos, with cos = x^2, over the interpolated table itself.
        let n = 16 * STEPS;
        for i in 0..n {
            let x = (i as f32 + 0.5) / n as f32;
            coat.average += coat.albedo(x * x) * (4.0 * x * x * x / n as f32);
        }
        coat
    }

    /// The pair `(a, b)` at `cos`.
    #[inline]
    fn albedo(&self, cos: f32) -> Vec2 {
        let x = cos.clamp(0.0, 1.0).sqrt() * STEPS as f32;
        let i = (x as usize).min(STEPS - 1);
        self.albedo[i].lerp(self.albedo[i + 1], x - i as f32)
    }
}

/// Reflectance at normal incidence of a boundary with index of refraction `ior`.
pub fn f0_of_ior(ior: f32) -> f32 {
    let r = (ior - 1.0) / (ior + 1.0);
    r * r
}

/// Reflection of a coat over a diffuse base at one point.
#[derive(Clone, Copy, Debug)]
pub struct CoatedBsdf<'a> {
    coat: &'a Coat,
    f0: Vec3,
    /// Albedo of the base.
    base: Vec3,
    /// Reflectance averaged over directions, times what multiple scattering makes of it.
    multiple: Vec3,
    /// `1 / (1 - E_avg)`.
    base_scale: Vec3,
}

impl<'a> CoatedBsdf<'a> {
    /// A coat of reflectance `f0` at normal incidence over a base of albedo `base`.
    #[inline]
    pub fn new(coat: &'a Coat, f0: Vec3, base: Vec3) -> Self {
        let average = coat.average.x + coat.average.y;
        let fresnel = f0 * (20.0 / 21.0) + Vec3::splat(1.0 / 21.0);
        let lost = 1.0 - average;
        let multiple = fresnel * fresnel * average / (Vec3::ONE - fresnel * lost);
        let coat_average = f0 * coat.average.x + Vec3::splat(coat.average.y) + multiple * lost;
        Self {
            coat,
            f0,
            base,
            multiple,
            base_scale: (Vec3::ONE - coat_average).max(Vec3::splat(1e-4)).recip(),
        }
    }

    /// What the coat reflects of light from a direction, and what single scattering loses.
    #[inline]
    fn coat_albedo(&self, cos: f32) -> (Vec3, f32) {
        let ab = self.coat.albedo(cos);
        let lost = 1.0 - ab.x - ab.y;
        (
            self.f0 * ab.x + Vec3::splat(ab.y) + self.multiple * lost,
            lost,
        )
    }

    /// Probability with which the specular lobes are sampled.
    #[inline]
    fn specular_probability(&self, coat_albedo: Vec3) -> f32 {
        let specular = luminance(coat_albedo);
        let diffuse = luminance(self.base * (Vec3::ONE - coat_albedo));
        (specular / (specular + diffuse).max(1e-6)).clamp(0.1, 0.95)
    }

    /// Value and density for a pair of directions.
    #[inline]
    pub fn eval(&self, wo: Vec3, wi: Vec3) -> BsdfValue {
        if wo.z <= 0.0 || wi.z <= 0.0 {
            return BsdfValue::ZERO;
        }
        let (albedo_o, lost_o) = self.coat_albedo(wo.z);
        let (albedo_i, lost_i) = self.coat_albedo(wi.z);
        let probability = self.specular_probability(albedo_o);
        let h = (wo + wi).normalize();
        let fresnel = self.f0.lerp(Vec3::ONE, schlick_weight(wo.dot(h)));
        let (mut single, mut single_pdf) = self.coat.lobes[0].eval(wo, wi, h);
        if 0.0 < self.coat.second {
            let (second, second_pdf) = self.coat.lobes[1].eval(wo, wi, h);
            single += (second - single) * self.coat.second;
            single_pdf += (second_pdf - single_pdf) * self.coat.second;
        }
        let lost_average = (1.0 - self.coat.average.x - self.coat.average.y).max(1e-6);
        let multiple = self.multiple * (lost_o * lost_i / lost_average);
        let base = self.base * (Vec3::ONE - albedo_o) * (Vec3::ONE - albedo_i) * self.base_scale;
        let cosine = lambert(wi.z);
        BsdfValue {
            f_cos: fresnel * single + (base + multiple) * cosine,
            pdf: probability * single_pdf + (1.0 - probability) * cosine,
        }
    }

    /// Draws a direction from the specular lobes or by the cosine.
    #[inline]
    pub fn sample(&self, wo: Vec3, u_lobe: f32, u: Vec2) -> Option<BsdfSample> {
        if wo.z <= 0.0 {
            return None;
        }
        let (albedo_o, _) = self.coat_albedo(wo.z);
        let probability = self.specular_probability(albedo_o);
        let wi = if u_lobe < probability {
            let second = u_lobe < probability * self.coat.second;
            self.coat.lobes[usize::from(second)].sample(wo, u)
        } else {
            cosine_hemisphere(u)
        };
        sample_of_value(wi, self.eval(wo, wi))
    }

    /// Probability with which to follow the coat instead of what enters below, seen at `cos`.
    #[inline]
    pub fn coat_probability(&self, cos: f32) -> f32 {
        self.specular_probability(self.coat_albedo(cos).0)
    }

    /// The part of the light from `wo` that enters below the coat.
    #[inline]
    pub fn entering(&self, cos: f32) -> Vec3 {
        Vec3::ONE - self.coat_albedo(cos).0
    }

    /// The same coat over a black base.
    #[inline]
    pub fn without_base(&self) -> Self {
        Self {
            base: Vec3::ZERO,
            ..*self
        }
    }

    /// How light leaves that comes from below the coat.
    #[inline]
    pub fn exit(&self) -> ExitBsdf<'a> {
        ExitBsdf(*self)
    }
}

/// Light that leaves through the coat from below, after it has scattered there: a diffuse lobe of
/// albedo one, less what the coat sends back, in proportion to what it sends back on average.
#[derive(Clone, Copy, Debug)]
pub struct ExitBsdf<'a>(CoatedBsdf<'a>);

impl ExitBsdf<'_> {
    /// Value and density; the direction from which the light came does not matter.
    #[inline]
    pub fn eval(&self, _wo: Vec3, wi: Vec3) -> BsdfValue {
        if wi.z <= 0.0 {
            return BsdfValue::ZERO;
        }
        let pdf = lambert(wi.z);
        BsdfValue {
            f_cos: self.0.entering(wi.z) * self.0.base_scale * pdf,
            pdf,
        }
    }

    /// Draws a direction by the cosine.
    #[inline]
    pub fn sample(&self, wo: Vec3, u: Vec2) -> Option<BsdfSample> {
        let wi = cosine_hemisphere(u);
        sample_of_value(wi, self.eval(wo, wi))
    }
}
