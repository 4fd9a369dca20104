//! The first-hit family: one pinhole ray through the centre of each pixel.

use glam::{Vec2, Vec3};
use rayon::prelude::*;

use super::normals::Normals;
use super::view::View;
use crate::accel::Hit;
use crate::interaction::SurfaceHit;
use crate::ray::Ray;
use crate::texture::albedo_of;

/// What else is known of the first hit, row by row from the top-left.
#[derive(Clone, Debug, PartialEq)]
pub struct SurfacePlanes {
    /// Linear Rec. 709 reflectance of the material there, of hair the colour that thick hair of
    /// the fibre shows; zero for no surface.
    pub albedo: Vec<Vec3>,
    /// World-space position, in metres; zero for no surface.
    pub position_world: Vec<Vec3>,
    /// Camera-space unit normal of the triangle, on the camera's side, or of the fibre; zero for
    /// no surface.
    pub normal_geometric: Vec<Vec3>,
    /// Texture coordinates; zero where there are none.
    pub uv: Vec<Vec2>,
    /// Whether there are texture coordinates.
    pub has_uv: Vec<bool>,
    /// Number of the object in the scene: from 1 the meshes, then the sets of strands; 0 for no
    /// surface.
    pub instance: Vec<u32>,
}

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

    fn new(view: &View<'_>, normals: &Normals, pixel: u32, hit: &Hit) -> Self {
        let label = view.label_of(hit);
        if !label.subject {
            return Self::NONE;
        }
        let film_px = center(view, pixel);
        let ray = view.ray(film_px);
        let surface = SurfaceHit::new(view.scene, &ray, hit);
        Self {
            depth_m: view.scene.camera.depth_m(film_px, hit.t),
            range_m: hit.t,
            normal: normals.in_camera(view, &ray, hit, &surface),
            part: label.part,
        }
    }
}

/// Centre of a pixel, on the film.
fn center(view: &View<'_>, pixel: u32) -> Vec2 {
    let [width, _] = view.size_px();
    Vec2::new((pixel % width) as f32 + 0.5, (pixel / width) as f32 + 0.5)
}

/// What the centre rays hit, the subject or not, row by row from the top-left.
pub(super) fn trace(view: &View<'_>) -> Vec<Option<Hit>> {
    let [width, height] = view.size_px();
    (0..width * height)
        .into_par_iter()
        .with_min_len(width as usize)
        .map(|pixel| view.accel.intersect(&view.ray(center(view, pixel))))
        .collect()
}

/// The values of the planes that every picture has.
pub(super) fn describe(view: &View<'_>, normals: &Normals, hits: &[Option<Hit>]) -> Vec<FirstHit> {
    (hits.par_iter().enumerate())
        .map(|(pixel, hit)| match hit {
            Some(hit) => FirstHit::new(view, normals, pixel as u32, hit),
            None => FirstHit::NONE,
        })
        .collect()
}

/// Everything else about the first hits.
pub(super) fn describe_surface(view: &View<'_>, hits: &[Option<Hit>]) -> SurfacePlanes {
    let found: Vec<Option<(Ray, SurfaceHit, u32)>> = (hits.par_iter().enumerate())
        .map(|(pixel, hit)| {
            let hit = hit.filter(|hit| view.label_of(hit).subject)?;
            let ray = view.ray(center(view, pixel as u32));
            let surface = SurfaceHit::new(view.scene, &ray, &hit);
            Some((ray, surface, view.instance_of(&hit)))
        })
        .collect();
    let camera = &view.scene.camera;
    let normal_of = |(ray, surface, _): &(Ray, SurfaceHit, u32)| {
        let normal = surface.geometric_normal;
        let side = 1.0_f32.copysign(-normal.dot(ray.direction));
        let normal = camera.camera_from_world_direction(normal * side);
        normal.normalize_or(Vec3::Z)
    };
    let of = |value: fn(&View<'_>, &SurfaceHit) -> Vec3| -> Vec<Vec3> {
        (found.par_iter())
            .map(|found| match found {
                Some((_, surface, _)) => value(view, surface),
                None => Vec3::ZERO,
            })
            .collect()
    };
    SurfacePlanes {
        albedo: of(|view, surface| {
            albedo_of(&view.scene.materials[surface.material as usize], surface)
        }),
        position_world: of(|_, surface| surface.position),
        normal_geometric: (found.par_iter())
            .map(|found| found.as_ref().map_or(Vec3::ZERO, normal_of))
            .collect(),
        uv: (found.iter())
            .map(|found| found.map_or(Vec2::ZERO, |(_, surface, _)| surface.uv))
            .collect(),
        has_uv: (found.iter())
            .map(|found| found.is_some_and(|(.., instance)| has_uv(view, instance)))
            .collect(),
        instance: (found.iter())
            .map(|found| found.map_or(0, |(.., instance)| instance))
            .collect(),
    }
}

fn has_uv(view: &View<'_>, instance: u32) -> bool {
    let mesh = view.scene.meshes.get(instance as usize - 1);
    mesh.is_some_and(|object| !object.mesh.uvs.is_empty())
}
