//! Colours of surfaces.

use bottega_geometry::math::smoothstep;
use glam::Vec3;

use super::bump::dominant_axes;
use super::noise::fractal_noise;
use crate::bsdf::color_of_absorption;
use crate::interaction::SurfaceHit;
use crate::scene::{ColorTexture, Material};

/// Reflectance of a material at a hit; of hair the colour that thick hair of the fibre shows.
/// What only refracts or shines has none. Pictures are read without averaging.
pub fn albedo_of(material: &Material, hit: &SurfaceHit) -> Vec3 {
    match material {
        Material::Diffuse { color }
        | Material::Glossy { color, .. }
        | Material::Lacquer { color, .. }
        | Material::Satin { color, .. }
        | Material::Skin { color, .. }
        | Material::Cloth { color, .. } => color_at(color, hit, 0.0),
        Material::Surface(surface) => color_at(&surface.color, hit, 0.0),
        Material::Metal { eta, k, .. } => {
            // At normal incidence.
            let [less, more] = [*eta - Vec3::ONE, *eta + Vec3::ONE];
            (less * less + *k * *k) / (more * more + *k * *k)
        }
        Material::Hair {
            sigma_a, beta_n, ..
        } => color_of_absorption(*sigma_a, *beta_n),
        Material::Dielectric { .. } | Material::Emissive { .. } | Material::Backdrop => Vec3::ZERO,
    }
}

/// Colour of `texture` at a hit, seen in pixels of `footprint_m`.
pub fn color_at(texture: &ColorTexture, hit: &SurfaceHit, footprint_m: f32) -> Vec3 {
    match texture {
        ColorTexture::Constant(color) => *color,
        ColorTexture::Vertex => hit.color,
        ColorTexture::Stripes {
            a,
            b,
            axis,
            period_m,
            duty,
        } => {
            let phase = fraction(hit.rest.dot(*axis) / period_m);
            if phase < *duty { *a } else { *b }
        }
        ColorTexture::Checks { a, b, period_m } => {
            // Bands across the two axes in which the cloth lies, each half transparent.
            let [across, along] = dominant_axes(hit);
            let band = |axis: Vec3| {
                let phase = fraction(hit.rest.dot(axis) / period_m);
                if phase < 0.5 { 0.0 } else { 0.5 }
            };
            a.lerp(*b, band(across) + band(along))
        }
        ColorTexture::Mottle { a, b, scale_m } => {
            let (value, _) = fractal_noise(hit.rest / *scale_m * 2.0, 11);
            a.lerp(*b, smoothstep(-0.7, 0.7, value))
        }
        ColorTexture::Image {
            texture,
            tint,
            times_vertex,
        } => {
            let color = texture.at_hit(hit, footprint_m).truncate() * *tint;
            if *times_vertex {
                color * hit.color
            } else {
                color
            }
        }
    }
}

/// The part of `x` after the point, in `[0, 1)`, also below zero.
fn fraction(x: f32) -> f32 {
    x - x.floor()
}
