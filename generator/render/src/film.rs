//! From samples to a picture: tiles in parallel, each pixel on its own.

mod adaptive;
mod error;

use glam::{UVec2, Vec3};
use rayon::prelude::*;

use crate::accel::Accel;
use crate::denoise::{FEATURES, Half, Noisy};
use crate::integrator::{PathTracer, Prepare};
use crate::ray::Ray;
use crate::sampler::{Sampler, SobolSampler};
use crate::scene::{Budget, Effort, RenderSettings, Scene};

/// Side of a tile, in pixels: neighbouring rays meet the same nodes of the tree.
const TILE_PX: u32 = 16;

/// Paths of a pixel whose first rays are traced together.
const TOGETHER: usize = 8;

/// Exposed light of a picture, row by row.
pub(crate) fn expose(scene: &Scene, accel: &Accel, settings: &RenderSettings) -> Vec<Vec3> {
    expose_measured(scene, accel, settings).0
}

/// Exposed light of a picture, row by row, and what it cost. Each pixel depends only on the
/// scene, the settings and its own place, so the bytes do not depend on the number of threads.
pub(crate) fn expose_measured(
    scene: &Scene,
    accel: &Accel,
    settings: &RenderSettings,
) -> (Vec<Vec3>, Effort) {
    let prepare = Prepare::new(scene);
    let tracer = PathTracer::new(scene, accel, &prepare, settings);
    if settings.budget != Budget::Even {
        let (halves, effort) = adaptive::expose(&tracer, scene, settings);
        return (error::mean_of(&halves), effort);
    }
    let half = expose_half(&tracer, scene, settings, 0..settings.spp.max(1));
    let effort = Effort {
        spp_mean: settings.spp.max(1) as f32,
        error: None,
    };
    (half.color, effort)
}

/// A picture whose paths are kept in two halves, and what it cost: at least two paths a pixel are
/// traced.
pub(crate) fn expose_halves(
    scene: &Scene,
    accel: &Accel,
    settings: &RenderSettings,
) -> (Noisy, Effort) {
    let prepare = Prepare::new(scene);
    let tracer = PathTracer::new(scene, accel, &prepare, settings);
    let [width, height] = scene.camera.resolution_px.map(|side| side as usize);
    let (halves, effort) = if settings.budget != Budget::Even {
        adaptive::expose(&tracer, scene, settings)
    } else {
        // Consecutive samples are stratified among themselves, so each half is as good as it
        // can be.
        let spp = settings.spp.max(2);
        let halves =
            [0..spp / 2, spp / 2..spp].map(|range| expose_half(&tracer, scene, settings, range));
        let errors = error::of_pixels(width, height, &halves);
        let effort = Effort {
            spp_mean: spp as f32,
            error: Some(error::mean(&errors)),
        };
        (halves, effort)
    };
    let noisy = Noisy {
        width,
        height,
        halves,
    };
    (noisy, effort)
}

/// Sums over some paths of a pixel.
#[derive(Clone, Copy, Debug, Default)]
struct Sums {
    light: Vec3,
    features: [f32; FEATURES],
    /// Places where paths were shaded.
    vertices: u32,
}

impl Sums {
    /// Adds the paths of `range`.
    fn add(
        &mut self,
        tracer: &PathTracer<'_>,
        pixel: UVec2,
        range: std::ops::Range<u32>,
        sampler: &SobolSampler,
    ) {
        for first_idx in range.clone().step_by(TOGETHER) {
            let n_paths = (range.end - first_idx).min(TOGETHER as u32) as usize;
            let mut samplers = [*sampler; TOGETHER];
            let (mut rays, mut hits) =
                ([Ray::new(Vec3::ZERO, Vec3::Z); TOGETHER], [None; TOGETHER]);
            for ((idx, sampler), ray) in (first_idx..).zip(&mut samplers[..n_paths]).zip(&mut rays)
            {
                sampler.start_pixel_sample(pixel, idx);
                *ray = tracer.camera_ray(pixel, sampler);
            }
            tracer.first_hits(&rays[..n_paths], &mut hits);
            for (sampler, (ray, hit)) in samplers[..n_paths].iter_mut().zip(rays.iter().zip(hits)) {
                let sample = tracer.sample(*ray, hit, sampler);
                self.light += sample.light;
                for (sum, feature) in self.features.iter_mut().zip(sample.features) {
                    *sum += feature;
                }
                self.vertices += sample.vertices;
            }
        }
    }
}

/// Mean light and features of some of the paths of each pixel.
fn expose_half(
    tracer: &PathTracer<'_>,
    scene: &Scene,
    settings: &RenderSettings,
    range: std::ops::Range<u32>,
) -> Half {
    let [width, height] = scene.camera.resolution_px;
    let (columns, rows) = (width.div_ceil(TILE_PX), height.div_ceil(TILE_PX));
    let share = 1.0 / range.len() as f32;
    let tiles: Vec<Vec<(Vec3, [f32; FEATURES])>> = (0..columns * rows)
        .into_par_iter()
        .map(|tile| {
            let corner = UVec2::new(tile % columns, tile / columns) * TILE_PX;
            let sampler = SobolSampler::of_picture(settings, scene.camera.resolution_px);
            pixels_of_tile(corner, TILE_PX, width, height)
                .map(|pixel| {
                    let mut sums = Sums::default();
                    sums.add(tracer, pixel, range.clone(), &sampler);
                    (sums.light * share, sums.features.map(|sum| sum * share))
                })
                .collect()
        })
        .collect();
    let mut half = Half::black(width, height);
    for (tile, values) in (0..).zip(tiles) {
        let corner = UVec2::new(tile % columns, tile / columns) * TILE_PX;
        for (pixel, (color, features)) in pixels_of_tile(corner, TILE_PX, width, height).zip(values)
        {
            let i = (pixel.y * width + pixel.x) as usize;
            half.color[i] = color;
            half.features[i] = features;
        }
    }
    half
}

impl Half {
    fn black(width: u32, height: u32) -> Self {
        Self {
            color: vec![Vec3::ZERO; (width * height) as usize],
            features: vec![[0.0; FEATURES]; (width * height) as usize],
        }
    }
}

/// The pixels of the tile of this side at `corner` that lie in the picture, row by row.
fn pixels_of_tile(
    corner: UVec2,
    side_px: u32,
    width: u32,
    height: u32,
) -> impl Iterator<Item = UVec2> {
    let end = (corner + UVec2::splat(side_px)).min(UVec2::new(width, height));
    (corner.y..end.y).flat_map(move |y| (corner.x..end.x).map(move |x| UVec2::new(x, y)))
}
