//! The glass itself: where label rays pass through something see-through, and where that is.

use glam::{Vec2, Vec3};
use rayon::prelude::*;

use super::area;
use super::outline;
use super::pattern::{REFINEMENT, lattice};
use super::survey::Survey;
use super::view::View;
use crate::accel::Hit;
use crate::interaction::SurfaceHit;
use crate::ray::RayMask;
use crate::texture::shading_normal;

/// The nearest see-through surface, where nothing opaque is before it, row by row from the
/// top-left.
#[derive(Clone, Debug, PartialEq)]
pub struct GlassPlanes {
    /// Share of the pixel in which glass is seen.
    pub coverage: Vec<f32>,
    /// Distance of the glass along the optical axis on the ray through the pixel's centre, in
    /// metres; `+inf` for none.
    pub depth_m: Vec<f32>,
    /// Camera-space unit normal there, on the camera's side; zero for none.
    pub normal: Vec<Vec3>,
}

/// Traces the glass of a scene.
pub(super) fn trace(survey: &Survey<'_>, n_rays: u32) -> GlassPlanes {
    let view = View {
        mask: RayMask::GLASS,
        ..survey.view
    };
    let [width, height] = view.size_px();
    let n_px = (width * height) as usize;
    if view.accel.mesh_kinds() & RayMask::GLASS.0 == 0 {
        return GlassPlanes {
            coverage: vec![0.0; n_px],
            depth_m: vec![f32::INFINITY; n_px],
            normal: vec![Vec3::ZERO; n_px],
        };
    }
    let place = |pixel: usize| (pixel as u32 % width, pixel as u32 / width);
    let centers: Vec<Option<Hit>> = (0..n_px)
        .into_par_iter()
        .with_min_len(width as usize)
        .map(|pixel| {
            let (x, y) = place(pixel);
            seen(&view, Vec2::new(x as f32 + 0.5, y as f32 + 0.5))
        })
        .collect();
    let outline = outline::mark(&view);
    let pattern = lattice(n_rays);
    let n_first = pattern.len() / REFINEMENT as usize;
    let share = |pixel: usize| {
        let (x, y) = place(pixel);
        let own = centers[pixel].is_some();
        let rows = y.saturating_sub(1)..=(y + 1).min(height - 1);
        let is_alike = rows.into_iter().all(|row| {
            let columns = x.saturating_sub(1)..=(x + 1).min(width - 1);
            (columns.into_iter())
                .all(|column| centers[(row * width + column) as usize].is_some() == own)
        });
        let has_fibres = !survey.fibres.of(x, y).is_empty();
        if is_alike && !outline[pixel] && (!own || (!has_fibres && survey.known(x, y).is_some())) {
            return f32::from(own);
        }
        let corner_px = Vec2::new(x as f32, y as f32);
        let is_seen = |offset: Vec2| seen(&view, corner_px + offset).is_some();
        if has_fibres {
            let n_seen = pattern[..n_first].iter().filter(|p| is_seen(**p)).count();
            n_seen as f32 / n_first as f32
        } else {
            area::share(is_seen, &pattern, 0.0)
        }
    };
    let described: Vec<(f32, Vec3)> = (centers.par_iter().enumerate())
        .map(|(pixel, hit)| match hit {
            Some(hit) => describe(&view, place(pixel), hit),
            None => (f32::INFINITY, Vec3::ZERO),
        })
        .collect();
    GlassPlanes {
        coverage: (0..n_px)
            .into_par_iter()
            .with_min_len(width as usize)
            .map(share)
            .collect(),
        depth_m: described.iter().map(|(depth_m, _)| *depth_m).collect(),
        normal: described.iter().map(|(_, normal)| *normal).collect(),
    }
}

/// The glass at a film position, if nothing opaque is before it.
fn seen(view: &View<'_>, film_px: Vec2) -> Option<Hit> {
    let ray = view.ray(film_px);
    let hit = view.accel.intersect_meshes(&ray)?;
    let before = ray.with_mask(RayMask::LABEL).with_t_max(hit.t);
    (!view.accel.occluded(&before)).then_some(hit)
}

fn describe(view: &View<'_>, (x, y): (u32, u32), hit: &Hit) -> (f32, Vec3) {
    let camera = &view.scene.camera;
    let film_px = Vec2::new(x as f32 + 0.5, y as f32 + 0.5);
    let ray = view.ray(film_px);
    let surface = SurfaceHit::new(view.scene, &ray, hit);
    let material = &view.scene.materials[surface.material as usize];
    let footprint_m = camera.pixel_size_m(hit.t);
    let normal = shading_normal(material, &surface, -ray.direction, footprint_m);
    let normal = camera.camera_from_world_direction(normal);
    (camera.depth_m(film_px, hit.t), normal.normalize_or(Vec3::Z))
}
