//! The first-hit family: one pinhole ray through the centre of each pixel.

use glam::{Vec2, Vec3};
use rayon::prelude::*;

use crate::accel::Accel;
use crate::interaction::SurfaceHit;
use crate::ray::RayMask;
use crate::scene::Scene;
use crate::texture::shading_normal;

/// What the centre ray of a pixel meets.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct FirstHit {
    pub(super) depth_m: f32,
    pub(super) range_m: f32,
    /// In camera space.
    pub(super) normal: Vec3,
    pub(super) part: u8,
}

impl FirstHit {
    const NONE: Self = Self {
        depth_m: f32::INFINITY,
        range_m: f32::INFINITY,
        normal: Vec3::ZERO,
        part: 0,
    };

    /// Whether the ray meets the subject first.
    pub(super) fn is_subject(&self) -> bool {
        self.range_m.is_finite()
    }
}

/// Traces the centre rays, row by row from the top-left.
pub(super) fn trace(scene: &Scene, accel: &Accel) -> Vec<FirstHit> {
    let [width, height] = scene.camera.resolution_px;
    (0..width * height)
        .into_par_iter()
        .with_min_len(width as usize)
        .map(|pixel| {
            let center = Vec2::new((pixel % width) as f32 + 0.5, (pixel / width) as f32 + 0.5);
            at(scene, accel, center)
        })
        .collect()
}

fn at(scene: &Scene, accel: &Accel, film_px: Vec2) -> FirstHit {
    let camera = &scene.camera;
    let ray = camera.ray(film_px).with_mask(RayMask::LABEL);
    let Some(hit) = accel.intersect(&ray) else {
        return FirstHit::NONE;
    };
    let surface = SurfaceHit::new(scene, &ray, &hit);
    if !surface.label.subject {
        return FirstHit::NONE;
    }
    let footprint_m = camera.pixel_size_m(hit.t);
    let material = &scene.materials[surface.material as usize];
    let toward_camera = shading_normal(material, &surface, -ray.direction, footprint_m);
    FirstHit {
        depth_m: camera.depth_m(film_px, hit.t),
        range_m: hit.t,
        normal: camera
            .camera_from_world_direction(toward_camera)
            .normalize_or(Vec3::Z),
        part: surface.label.part,
    }
}
