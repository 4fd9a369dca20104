//! The normal that labels give a hit.

use glam::Vec3;
use rayon::prelude::*;

use super::proxy::DensityGrid;
use super::request::HairNormals;
use super::view::View;
use crate::accel::{Hit, HitKind};
use crate::interaction::SurfaceHit;
use crate::ray::Ray;
use crate::scene::Scene;
use crate::texture::{facing, shading_normal};

/// The rule for normals, with what it needs.
#[derive(Debug)]
pub(super) struct Normals {
    /// For each set of strands; empty where fibres have their own normals.
    proxies: Vec<Option<DensityGrid>>,
}

impl Normals {
    pub(super) fn new(scene: &Scene, hair_normals: HairNormals) -> Self {
        let proxies = match hair_normals {
            HairNormals::Fiber => Vec::new(),
            HairNormals::Proxy => (scene.strands.par_iter())
                .map(|object| DensityGrid::of(&object.strands))
                .collect(),
        };
        Self { proxies }
    }

    /// Camera-space unit normal of a hit, on the camera's side.
    pub(super) fn in_camera(
        &self,
        view: &View<'_>,
        ray: &Ray,
        hit: &Hit,
        surface: &SurfaceHit,
    ) -> Vec3 {
        let camera = &view.scene.camera;
        let normal = self.of_proxy(ray, hit).unwrap_or_else(|| {
            let material = &view.scene.materials[surface.material as usize];
            shading_normal(
                material,
                surface,
                -ray.direction,
                camera.pixel_size_m(hit.t),
            )
        });
        camera
            .camera_from_world_direction(normal)
            .normalize_or(Vec3::Z)
    }

    fn of_proxy(&self, ray: &Ray, hit: &Hit) -> Option<Vec3> {
        let HitKind::Strand { object, .. } = hit.kind else {
            return None;
        };
        let normal = (self.proxies.get(object as usize)?.as_ref()?).normal(ray, hit.t)?;
        facing(normal, -ray.direction, 0.0)
    }
}
