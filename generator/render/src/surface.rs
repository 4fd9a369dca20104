//! Surfaces of the metallic-roughness model, with pictures: what exchange formats describe.

use glam::Vec3;

use crate::scene::{Bump, ColorTexture};
use crate::texture::ImageTexture;

/// A surface of the metallic-roughness model: GGX over a diffuse base or a metal, perhaps under a
/// clear coat, perhaps shining, perhaps with holes.
#[derive(Clone, Debug, PartialEq)]
pub struct Surface {
    /// Albedo of the base, or colour at normal incidence of the metal.
    pub color: ColorTexture,
    /// Perceptual roughness in `[0, 1]`.
    pub roughness: f32,
    /// 0 for a dielectric coat over a diffuse base, 1 for a metal.
    pub metallic: f32,
    /// Picture whose G multiplies the roughness and whose B multiplies `metallic`.
    pub roughness_metallic: Option<ImageTexture>,
    /// Index of refraction of the coat.
    pub ior: f32,
    /// Fine relief.
    pub bump: Option<Bump>,
    /// Strength of a clear coat, in `[0, 1]`.
    pub clear_coat: f32,
    /// Perceptual roughness of the clear coat.
    pub clear_coat_roughness: f32,
    /// Radiance of the outer side (by the winding). The light of a constant one is sampled like
    /// that of lamps; that of a picture is found by scattered rays alone.
    pub emission: ColorTexture,
    /// Where the surface is there.
    pub opacity: Opacity,
}

/// Where a surface is there at all.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Opacity {
    /// Everywhere.
    #[default]
    Solid,
    /// Where the fourth channel of the picture, times `factor`, is at least `cutoff`.
    Cutout {
        /// The picture.
        texture: ImageTexture,
        /// Factor on it.
        factor: f32,
        /// Least opacity that counts.
        cutoff: f32,
    },
    /// As a veil: each ray meets it with the probability of its opacity. Labels see it where that
    /// is at least one half.
    Veil {
        /// The picture, whose fourth channel is the opacity; without one it is 1.
        texture: Option<ImageTexture>,
        /// Factor on it.
        factor: f32,
    },
}

impl Surface {
    /// Emission that is the same everywhere and not black.
    pub(crate) fn even_emission(&self) -> Option<Vec3> {
        match self.emission {
            ColorTexture::Constant(radiance) if radiance != Vec3::ZERO => Some(radiance),
            _ => None,
        }
    }

    /// Whether the emission comes from a picture or a pattern.
    pub(crate) fn has_emission_texture(&self) -> bool {
        !matches!(self.emission, ColorTexture::Constant(_))
    }
}

impl Default for Surface {
    /// Grey, dielectric, as rough as can be.
    fn default() -> Self {
        Self {
            color: ColorTexture::Constant(Vec3::splat(0.8)),
            roughness: 1.0,
            metallic: 0.0,
            roughness_metallic: None,
            ior: 1.5,
            bump: None,
            clear_coat: 0.0,
            clear_coat_roughness: 0.0,
            emission: ColorTexture::Constant(Vec3::ZERO),
            opacity: Opacity::Solid,
        }
    }
}

#[cfg(test)]
mod tests;
