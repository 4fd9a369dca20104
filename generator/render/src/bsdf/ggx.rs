//! The GGX microfacet lobe (Walter et al. 2007) with Smith's height-correlated masking, with one
//! roughness along +X and one along +Y (Heitz 2014).

use std::f32::consts::{FRAC_1_PI, PI};
use std::sync::OnceLock;

use glam::{Vec2, Vec3};

use crate::fast_math::sin_cos_turns;

/// Least alpha: below it a lobe is a mirror.
const ALPHA_MIN: f32 = 1e-3;
/// Steps of the albedo tables, over the square root of the cosine.
pub(super) const STEPS: usize = 32;
/// Steps of the albedo tables, over the perceptual roughness.
const ROUGHNESS_STEPS: usize = 48;

/// One lobe.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ggx {
    /// Width along +X and +Y.
    alpha: Vec2,
}

impl Ggx {
    /// A lobe of perceptual roughness in `[0, 1]`; alpha is its square, kept above mirrors.
    pub fn from_roughness(roughness: f32) -> Self {
        Self::anisotropic(roughness, 0.0)
    }

    /// A lobe that is wider along +X for an `anisotropy` above 0 and along +Y below; 1 and -1 are
    /// ten to one (Burley 2012). The product of both widths does not depend on it.
    pub fn anisotropic(roughness: f32, anisotropy: f32) -> Self {
        let alpha = roughness * roughness;
        let aspect = (1.0 - 0.9 * anisotropy.abs().min(1.0)).sqrt();
        let (wide, narrow) = (alpha / aspect, alpha * aspect);
        let alpha = if anisotropy < 0.0 {
            Vec2::new(narrow, wide)
        } else {
            Vec2::new(wide, narrow)
        };
        Self {
            alpha: alpha.clamp(Vec2::splat(ALPHA_MIN), Vec2::ONE),
        }
    }

    /// Length of the unit vector `w` in the space in which the microfacets are a half sphere.
    #[inline]
    fn stretched(&self, w: Vec3) -> f32 {
        let (x, y) = (self.alpha.x * w.x, self.alpha.y * w.y);
        x.mul_add(x, y.mul_add(y, w.z * w.z)).sqrt()
    }

    /// Distribution of normals D at a microfacet normal `h`.
    #[inline]
    fn distribution(&self, h: Vec3) -> f32 {
        // Sine and cosine apart, so that sharp lobes do not lose their width to rounding.
        let (x, y) = (h.x / self.alpha.x, h.y / self.alpha.y);
        let length_squared = x * x + y * y + h.z * h.z;
        1.0 / (PI * self.alpha.x * self.alpha.y * length_squared * length_squared)
    }

    /// The lobe without Fresnel, times the incident cosine, and the density of [`Self::sample`],
    /// for directions above the surface and their half vector `h`.
    #[inline]
    pub fn eval(&self, wo: Vec3, wi: Vec3, h: Vec3) -> (f32, f32) {
        let d = self.distribution(h);
        let smith_o = self.stretched(wo);
        let visibility = 0.5 / (wi.z * smith_o + wo.z * self.stretched(wi));
        (d * visibility * wi.z, 0.5 * d / (wo.z + smith_o))
    }

    /// Draws an incident direction by the visible normals (Dupuy and Benyoub 2023); it may lie
    /// below the surface.
    #[inline]
    pub fn sample(&self, wo: Vec3, u: Vec2) -> Vec3 {
        let alpha = self.alpha;
        let v = Vec3::new(alpha.x * wo.x, alpha.y * wo.y, wo.z).normalize();
        let z = (1.0 - u.x).mul_add(1.0 + v.z, -v.z);
        let radius = (1.0 - z * z).max(0.0).sqrt();
        let (sin, cos) = sin_cos_turns(u.y);
        let h = Vec3::new(radius * cos, radius * sin, z) + v;
        let h = Vec3::new(alpha.x * h.x, alpha.y * h.y, h.z.max(1e-7)).normalize();
        h * (2.0 * wo.dot(h)) - wo
    }

    /// Share of light that a lobe reflects from a direction of cosine `cos`, in two parts: for a
    /// microfacet reflectance `f0 + (f90 - f0)(1 - cos)^5` the albedo is `f0 a + f90 b`.
    ///
    /// The direction leans along the level unit vector `axis`.
    fn integrate(&self, cos: f32, axis: Vec2) -> Vec2 {
        const N: usize = 24;
        let cos = cos.max(1e-3);
        let wo = (axis * (1.0 - cos * cos).max(0.0).sqrt()).extend(cos);
        let mut sum = Vec2::ZERO;
        for i in 0..N * N {
            let u = Vec2::new((i % N) as f32 + 0.5, (i / N) as f32 + 0.5) / N as f32;
            let wi = self.sample(wo, u);
            if wi.z <= 0.0 {
                continue;
            }
            let h = (wo + wi).normalize();
            let (f_cos, pdf) = self.eval(wo, wi, h);
            let grazing = schlick_weight(wo.dot(h));
            sum += Vec2::new(1.0 - grazing, grazing) * (f_cos / pdf);
        }
        sum / (N * N) as f32
    }
}

/// Albedo `(a, b)` by the cosine, at the squares of `0, 1/STEPS, ... 1`.
pub(super) type AlbedoTable = [Vec2; STEPS + 1];

/// The albedo of a lobe seen from directions that lean along `axis`.
pub(super) fn albedo_along(lobe: Ggx, axis: Vec2) -> AlbedoTable {
    std::array::from_fn(|i| {
        let root = i as f32 / STEPS as f32;
        lobe.integrate(root * root, axis)
    })
}

/// The albedo of a round lobe of this roughness.
pub(super) fn albedo_of_roughness(roughness: f32) -> AlbedoTable {
    static TABLE: OnceLock<Vec<AlbedoTable>> = OnceLock::new();
    let table = TABLE.get_or_init(|| {
        (0..=ROUGHNESS_STEPS)
            .map(|row| {
                let lobe = Ggx::from_roughness(row as f32 / ROUGHNESS_STEPS as f32);
                albedo_along(lobe, Vec2::X)
            })
            .collect()
    });
    let x = roughness.clamp(0.0, 1.0) * ROUGHNESS_STEPS as f32;
    let row = (x as usize).min(ROUGHNESS_STEPS - 1);
    std::array::from_fn(|i| table[row][i].lerp(table[row + 1][i], x - row as f32))
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
