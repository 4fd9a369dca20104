//! Materials of the exchange format as materials of this tracer.

use std::f32::consts::PI;
use std::path::Path;

use bottega_geometry::TriMesh;
use bottega_render::scene::{Bump, ColorTexture, Material};
use glam::Vec3;

use super::BenchSceneError;
use super::document::{Document, Hair, Model, Principled, Subsurface};
use super::maps::Maps;

/// Materials in the order of their names, and those names.
pub(super) struct Table {
    names: Vec<String>,
    maps: Vec<Maps>,
    pub(super) list: Vec<Material>,
}

impl Table {
    pub(super) fn new(document: &Document, dir: &Path) -> Result<Self, BenchSceneError> {
        let names = document.materials.keys().cloned().collect();
        let models: Vec<Model> = document.materials.values().map(|m| m.model()).collect();
        let list = (models.iter())
            .map(|model| Ok(material(model, model.maps().bump(dir)?)))
            .collect::<Result<_, BenchSceneError>>()?;
        let maps = models.iter().map(Model::maps).collect();
        Ok(Self { names, maps, list })
    }

    /// The mesh with the displacement map of its material.
    pub(super) fn displace(
        &self,
        material: u32,
        dir: &Path,
        mesh: TriMesh,
    ) -> Result<TriMesh, BenchSceneError> {
        self.maps[material as usize].displace(dir, mesh)
    }

    /// Index of the material called `name`.
    pub(super) fn index_of(&self, name: &str) -> Result<u32, String> {
        let found = self.names.iter().position(|known| known == name);
        found.map(|idx| idx as u32).ok_or_else(|| {
            format!(
                "no material is called {name:?}; there are {}",
                self.names.join(", ")
            )
        })
    }
}

fn material(model: &Model, bump: Option<Bump>) -> Material {
    let constant = |color: [f32; 3]| ColorTexture::Constant(Vec3::from_array(color));
    match model {
        Model::Diffuse(surface) => Material::Diffuse {
            color: constant(surface.base_color),
        },
        Model::Principled(Principled {
            base_color,
            roughness,
            ior,
            ..
        }) => Material::Glossy {
            color: constant(*base_color),
            roughness: *roughness,
            ior: *ior,
            metallic: 0.0,
            bump,
        },
        Model::Subsurface(Subsurface {
            base_color,
            roughness,
            subsurface_radius_m,
            subsurface_weight,
            ..
        }) => Material::Skin {
            color: constant(*base_color),
            roughness: *roughness,
            mean_free_path_m: Vec3::from_array(std::array::from_fn(|c| {
                subsurface_weight * diffuse_mean_free_path(subsurface_radius_m[c], base_color[c])
            })),
            bump,
        },
        Model::HairChiang(Hair {
            absorption_coefficient,
            beta_m,
            beta_n,
            alpha_deg,
            ior,
        }) => Material::Hair {
            sigma_a: Vec3::from_array(*absorption_coefficient),
            beta_m: *beta_m,
            beta_n: *beta_n,
            tilt_rad: alpha_deg.to_radians(),
            ior: *ior,
        },
    }
}

/// The diffuse mean free path whose walk has the free path that belongs to `radius_m`.
///
/// The format's radius is that of Cycles' principled material, whose random walk has the mean free
/// path `radius / (4 pi)`.
fn diffuse_mean_free_path(radius_m: f32, albedo: f32) -> f32 {
    radius_m / (4.0 * PI) / free_path_share(albedo)
}

/// The radius that belongs to a diffuse mean free path: the inverse.
pub(super) fn radius_of(diffuse_mean_free_path_m: f32, albedo: f32) -> f32 {
    diffuse_mean_free_path_m * 4.0 * PI * free_path_share(albedo)
}

/// Mean free path of this tracer's walk over the diffuse mean free path, at an albedo.
fn free_path_share(albedo: f32) -> f32 {
    let off = albedo - 0.33;
    let profile = 3.5 + 100.0 * off * off * off * off;
    (1.9 - albedo + 3.5 * (albedo - 0.8) * (albedo - 0.8)) / profile
}
