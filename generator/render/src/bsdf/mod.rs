//! What a surface or a fibre does to light at one point.
//!
//! Directions are unit vectors of the local frame (+Z the normal of a surface, +X along a fibre);
//! both point away from the point. Values include the cosine of the incident direction, so that
//! fibres, whose model cancels it, need no exception.

mod cloth;
mod coated;
mod dielectric;
mod diffuse;
mod ggx;
mod hair;
mod lacquer;

pub use cloth::ClothBsdf;
pub use coated::{Coat, CoatedBsdf, ExitBsdf, Reflectance, conductor_fresnel, f0_of_ior};
pub use dielectric::{DielectricBsdf, absorbed, fresnel, passed_sheet, transmittance};
pub use diffuse::DiffuseBsdf;
pub use ggx::Ggx;
pub use hair::{HairBsdf, HairFiber, absorption_of_color, color_of_absorption};
pub use lacquer::LacqueredBsdf;

use glam::{Vec2, Vec3};

/// Value and density of one pair of directions.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BsdfValue {
    /// The BSDF times the cosine of the incident direction, per steradian.
    pub f_cos: Vec3,
    /// Density with which sampling returns the incident direction, per steradian.
    pub pdf: f32,
}

impl BsdfValue {
    /// No light and never drawn.
    pub const ZERO: Self = Self {
        f_cos: Vec3::ZERO,
        pdf: 0.0,
    };
}

/// A drawn incident direction.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BsdfSample {
    /// Local unit direction toward the light.
    pub wi: Vec3,
    /// Value times cosine over density: the factor on the path's throughput.
    pub weight: Vec3,
    /// Density per steradian; of no meaning when `specular`.
    pub pdf: f32,
    /// Whether the direction was the only one possible (a mirror).
    pub specular: bool,
}

/// The reflection model at one point.
#[derive(Clone, Copy, Debug)]
pub enum Bsdf<'a> {
    /// Ideal diffuse.
    Diffuse(DiffuseBsdf),
    /// GGX over a diffuse base: plastic, skin, metal.
    Coated(CoatedBsdf<'a>),
    /// A clear coat over a coated base.
    Lacquered(LacqueredBsdf<'a>),
    /// Light that leaves the skin after it has scattered below.
    Exit(ExitBsdf<'a>),
    /// Threads and sheen.
    Cloth(ClothBsdf),
    /// A fibre.
    Hair(HairBsdf<'a>),
    /// A smooth refracting boundary.
    Dielectric(DielectricBsdf),
}

impl Bsdf<'_> {
    /// Value and density for a pair of directions.
    #[inline]
    pub fn eval(&self, wo: Vec3, wi: Vec3) -> BsdfValue {
        match self {
            Self::Diffuse(bsdf) => bsdf.eval(wo, wi),
            Self::Coated(bsdf) => bsdf.eval(wo, wi),
            Self::Lacquered(bsdf) => bsdf.eval(wo, wi),
            Self::Exit(bsdf) => bsdf.eval(wo, wi),
            Self::Cloth(bsdf) => bsdf.eval(wo, wi),
            Self::Hair(bsdf) => bsdf.eval(wo, wi),
            Self::Dielectric(_) => BsdfValue::ZERO,
        }
    }

    /// Draws an incident direction; `None` when the light is absorbed.
    #[inline]
    pub fn sample(&self, wo: Vec3, u_lobe: f32, u: Vec2) -> Option<BsdfSample> {
        match self {
            Self::Diffuse(bsdf) => bsdf.sample(wo, u),
            Self::Coated(bsdf) => bsdf.sample(wo, u_lobe, u),
            Self::Lacquered(bsdf) => bsdf.sample(wo, u_lobe, u),
            Self::Exit(bsdf) => bsdf.sample(wo, u),
            Self::Cloth(bsdf) => bsdf.sample(wo, u_lobe, u),
            Self::Hair(bsdf) => bsdf.sample(wo, u_lobe, u),
            Self::Dielectric(bsdf) => bsdf.sample(wo, u_lobe, u),
        }
    }

    /// Whether light is only ever found by [`Self::sample`].
    #[inline]
    pub fn is_specular(&self) -> bool {
        matches!(self, Self::Dielectric(_))
    }
}

/// A sample from its value, `None` where nothing would come of it.
#[inline]
fn sample_of_value(wi: Vec3, value: BsdfValue) -> Option<BsdfSample> {
    (0.0 < value.pdf).then(|| BsdfSample {
        wi,
        weight: value.f_cos / value.pdf,
        pdf: value.pdf,
        specular: false,
    })
}

#[cfg(test)]
mod tests;
