//! GGX over a diffuse base: plastic, leather, skin and metals in one model.
//!
//! The coat reflects E(wo) of the light, its multiple scattering between microfacets included
//! (Kulla and Conty 2017). The base gets what is left on the way in and on the way out:
//!
//! f_base = albedo / pi (1 - E(wo)) (1 - E(wi)) / (1 - E_avg)
//!
//! which is reciprocal, loses nothing when the albedo is white, and keeps the base's colour.

use glam::{Vec2, Vec3};

use super::ggx::{
    AlbedoTable, Ggx, STEPS, albedo_along, albedo_of_roughness, lambert, schlick_weight,
};
use super::{BsdfSample, BsdfValue, sample_of_value};
use crate::sampling::{cosine_hemisphere, luminance};

/// A coat of one or two GGX lobes, with its tables. Depends on the material only.
#[derive(Clone, Debug)]
pub struct Coat {
    lobes: [Ggx; 2],
    /// Share of the second lobe.
    second: f32,
    /// Albedo `f0 a + f90 b` by direction: pairs `(a, b)`.
    albedo: AlbedoTable,
    /// The same for directions that lean along +Y, where they differ from those along +X.
    albedo_y: Option<Box<AlbedoTable>>,
    /// The same, averaged over directions by the cosine.
    average: Vec2,
}

impl Coat {
    /// A coat of one lobe.
    pub fn single(roughness: f32) -> Self {
        Self::anisotropic(roughness, 0.0)
    }

    /// A coat of one lobe that is wider along +X (`anisotropy` above 0) or +Y (below). Its albedo
    /// is known along both axes; between them it is interpolated by the square of the cosine.
    pub fn anisotropic(roughness: f32, anisotropy: f32) -> Self {
        let lobe = Ggx::anisotropic(roughness, anisotropy);
        if anisotropy == 0.0 {
            return Self::new([lobe, lobe], 0.0, albedo_of_roughness(roughness), None);
        }
        let [x, y] = [Vec2::X, Vec2::Y].map(|axis| albedo_along(lobe, axis));
        Self::new([lobe, lobe], 0.0, x, Some(Box::new(y)))
    }

    /// A coat of two lobes: of the second, of roughness `second_roughness`, the share `second`.
    pub fn double(roughness: f32, second_roughness: f32, second: f32) -> Self {
        let lobes = [roughness, second_roughness].map(Ggx::from_roughness);
        let [one, two] = [roughness, second_roughness].map(albedo_of_roughness);
        let albedo = std::array::from_fn(|i| one[i].lerp(two[i], second));
        Self::new(lobes, second, albedo, None)
    }

    fn new(
        lobes: [Ggx; 2],
        second: f32,
        albedo: AlbedoTable,
        albedo_y: Option<Box<AlbedoTable>>,
    ) -> Self {
        let mut coat = Self {
            lobes,
            second,
            albedo,
            albedo_y,
            average: Vec2::ZERO,
        };
        // The average 2 E cos dcos, with cos = x^2, over the interpolated table itself.
        let n = 16 * STEPS;
        for i in 0..n {
            let x = (i as f32 + 0.5) / n as f32;
            let cos = x * x;
            // At 45 degrees between the axes both count alike.
            let level = Vec2::splat(((1.0 - cos * cos) * 0.5).sqrt());
            coat.average += coat.albedo(level.extend(cos)) * (4.0 * x * x * x / n as f32);
        }
        coat
    }

    /// The pair `(a, b)` for light from `w`.
    #[inline]
    fn albedo(&self, w: Vec3) -> Vec2 {
        let x = w.z.clamp(0.0, 1.0).sqrt() * STEPS as f32;
        let i = (x as usize).min(STEPS - 1);
        let at = |table: &AlbedoTable| table[i].lerp(table[i + 1], x - i as f32);
        let along_x = at(&self.albedo);
        match &self.albedo_y {
            None => along_x,
            Some(table) => {
                let share = w.y * w.y / (w.x * w.x + w.y * w.y).max(1e-12);
                along_x.lerp(at(table), share)
            }
        }
    }
}

/// Reflectance at normal incidence of a boundary with index of refraction `ior`.
pub fn f0_of_ior(ior: f32) -> f32 {
    let r = (ior - 1.0) / (ior + 1.0);
    r * r
}

/// Reflectance of a microfacet: Schlick's curve, bent down before the horizon as that of metals is
/// (Hoffman 2019), times what the coarser relief lets out.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reflectance {
    /// At normal incidence.
    pub f0: Vec3,
    /// At grazing incidence.
    pub f90: Vec3,
    /// Factor of `cos (1 - cos)^6`, taken away.
    pub dip: Vec3,
}

impl Reflectance {
    /// A dielectric of index of refraction `ior`, or anything that is white at the horizon.
    pub fn of_f0(f0: Vec3) -> Self {
        Self {
            f0,
            f90: Vec3::ONE,
            dip: Vec3::ZERO,
        }
    }

    /// A metal of complex index of refraction `eta + i k`: exact at normal incidence, at 82
    /// degrees, where the curve dips, and at the horizon.
    pub fn of_conductor(eta: Vec3, k: Vec3) -> Self {
        const COS: f32 = 1.0 / 7.0;
        let at = |cos: f32| {
            Vec3::from_array(std::array::from_fn(|c| {
                conductor_fresnel(cos, eta[c], k[c])
            }))
        };
        let f0 = at(1.0);
        let schlick = f0.lerp(Vec3::ONE, schlick_weight(COS));
        let weight = COS * schlick_weight(COS) * (1.0 - COS);
        Self {
            f0,
            f90: Vec3::ONE,
            dip: ((schlick - at(COS)) / weight).max(Vec3::ZERO),
        }
    }

    /// At an angle of this cosine.
    #[inline]
    pub(super) fn at(&self, cos: f32) -> Vec3 {
        let grazing = schlick_weight(cos);
        self.f0.lerp(self.f90, grazing) - self.dip * (cos.max(0.0) * grazing * (1.0 - cos))
    }

    /// Averaged over directions by the cosine: `2 cos (1 - cos)^5` integrates to 1/21,
    /// `2 cos^2 (1 - cos)^6` to 1/126.
    #[inline]
    fn average(&self) -> Vec3 {
        self.f0 * (20.0 / 21.0) + self.f90 * (1.0 / 21.0) - self.dip * (1.0 / 126.0)
    }
}

/// Reflectance of unpolarised light by a smooth metal.
pub fn conductor_fresnel(cos: f32, eta: f32, k: f32) -> f32 {
    let cos = cos.clamp(0.0, 1.0);
    let (cos2, sin2) = (cos * cos, 1.0 - cos * cos);
    let (eta2, k2) = (eta * eta, k * k);
    let t0 = eta2 - k2 - sin2;
    let a2_b2 = (t0 * t0 + 4.0 * eta2 * k2).sqrt();
    let a = (0.5 * (a2_b2 + t0)).max(0.0).sqrt();
    let (t1, t2) = (a2_b2 + cos2, 2.0 * a * cos);
    let perpendicular = (t1 - t2) / (t1 + t2);
    let (t3, t4) = (cos2 * a2_b2 + sin2 * sin2, t2 * sin2);
    let parallel = perpendicular * (t3 - t4) / (t3 + t4).max(1e-12);
    0.5 * (perpendicular + parallel)
}

/// Reflection of a coat over a diffuse base at one point.
#[derive(Clone, Copy, Debug)]
pub struct CoatedBsdf<'a> {
    coat: &'a Coat,
    reflectance: Reflectance,
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
        Self::with_reflectance(coat, Reflectance::of_f0(f0), base)
    }

    /// A coat of any reflectance over a base of albedo `base`.
    #[inline]
    pub fn with_reflectance(coat: &'a Coat, reflectance: Reflectance, base: Vec3) -> Self {
        let average = coat.average.x + coat.average.y;
        let fresnel = reflectance.average();
        let lost = 1.0 - average;
        let multiple = fresnel * fresnel * average / (Vec3::ONE - fresnel * lost);
        let coat_average =
            reflectance.f0 * coat.average.x + reflectance.f90 * coat.average.y + multiple * lost;
        Self {
            coat,
            reflectance,
            base,
            multiple,
            base_scale: (Vec3::ONE - coat_average).max(Vec3::splat(1e-4)).recip(),
        }
    }

    /// What the coat reflects of light from a direction, and what single scattering loses.
    #[inline]
    fn coat_albedo(&self, w: Vec3) -> (Vec3, f32) {
        let ab = self.coat.albedo(w);
        let lost = 1.0 - ab.x - ab.y;
        (
            self.reflectance.f0 * ab.x + self.reflectance.f90 * ab.y + self.multiple * lost,
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
        let (albedo_o, lost_o) = self.coat_albedo(wo);
        let (albedo_i, lost_i) = self.coat_albedo(wi);
        let probability = self.specular_probability(albedo_o);
        let h = (wo + wi).normalize();
        let fresnel = self.reflectance.at(wo.dot(h));
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
        let (albedo_o, _) = self.coat_albedo(wo);
        let probability = self.specular_probability(albedo_o);
        let wi = if u_lobe < probability {
            let second = u_lobe < probability * self.coat.second;
            self.coat.lobes[usize::from(second)].sample(wo, u)
        } else {
            cosine_hemisphere(u)
        };
        sample_of_value(wi, self.eval(wo, wi))
    }

    /// What the whole coat reflects of light from a direction.
    #[inline]
    pub(super) fn reflected(&self, w: Vec3) -> Vec3 {
        self.coat_albedo(w).0
    }

    /// Bound on the share of light from a direction that is reflected at all.
    #[inline]
    pub(super) fn albedo_bound(&self, w: Vec3) -> Vec3 {
        let coat = self.coat_albedo(w).0;
        coat + self.base * (Vec3::ONE - coat)
    }

    /// Probability with which to follow the coat instead of what enters below.
    #[inline]
    pub fn coat_probability(&self, wo: Vec3) -> f32 {
        self.specular_probability(self.coat_albedo(wo).0)
    }

    /// The part of the light from `w` that enters below the coat.
    #[inline]
    pub fn entering(&self, w: Vec3) -> Vec3 {
        Vec3::ONE - self.coat_albedo(w).0
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
            f_cos: self.0.entering(wi) * self.0.base_scale * pdf,
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
