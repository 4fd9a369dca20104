//! From samples to a picture: tiles in parallel, each pixel on its own.

use glam::{UVec2, Vec3};
use rayon::prelude::*;

use crate::accel::Accel;
use crate::denoise::{FEATURES, Half, denoise};
use crate::integrator::{PathTracer, Prepare};
use crate::sampler::{Sampler, SobolSampler};
use crate::scene::{RenderSettings, Scene};

/// Side of a tile, in pixels: neighbouring rays meet the same nodes of the tree.
const TILE_PX: u32 = 16;

/// Exposed light of a picture, row by row. Each pixel depends only on the scene, the settings and
/// its own place, so the bytes do not depend on the number of threads.
pub(crate) fn expose(scene: &Scene, accel: &Accel, settings: &RenderSettings) -> Vec<Vec3> {
    let prepare = Prepare::new(scene);
    let tracer = PathTracer::new(scene, accel, &prepare, settings);
    expose_half(&tracer, scene, settings.seed, 0..settings.spp.max(1)).color
}

/// The same without its noise: at least two paths a pixel are traced.
pub(crate) fn expose_denoised(
    scene: &Scene,
    accel: &Accel,
    settings: &RenderSettings,
) -> Vec<Vec3> {
    // Consecutive samples are stratified among themselves, so each half is as good as it can be.
    let spp = settings.spp.max(2);
    let prepare = Prepare::new(scene);
    let tracer = PathTracer::new(scene, accel, &prepare, settings);
    let halves =
        [0..spp / 2, spp / 2..spp].map(|range| expose_half(&tracer, scene, settings.seed, range));
    let [width, height] = scene.camera.resolution_px;
    denoise(width as usize, height as usize, &halves)
}

/// Mean light and features of some of the paths of each pixel.
fn expose_half(
    tracer: &PathTracer<'_>,
    scene: &Scene,
    seed: u64,
    range: std::ops::Range<u32>,
) -> Half {
    let [width, height] = scene.camera.resolution_px;
    let (columns, rows) = (width.div_ceil(TILE_PX), height.div_ceil(TILE_PX));
    let share = 1.0 / range.len() as f32;
    let tiles: Vec<Vec<(Vec3, [f32; FEATURES])>> = (0..columns * rows)
        .into_par_iter()
        .map(|tile| {
            let corner = UVec2::new(tile % columns, tile / columns) * TILE_PX;
            let mut sampler = SobolSampler::new(seed);
            pixels_of_tile(corner, width, height)
                .map(|pixel| {
                    let mut sum = Vec3::ZERO;
                    let mut features = [0.0; FEATURES];
                    for pixel_sample_idx in range.clone() {
                        sampler.start_pixel_sample(pixel, pixel_sample_idx);
                        let sample = tracer.sample(pixel, &mut sampler);
                        sum += sample.light;
                        for (sum, feature) in features.iter_mut().zip(sample.features) {
                            *sum += feature;
                        }
                    }
                    (sum * share, features.map(|sum| sum * share))
                })
                .collect()
        })
        .collect();
    let mut half = Half {
        color: vec![Vec3::ZERO; (width * height) as usize],
        features: vec![[0.0; FEATURES]; (width * height) as usize],
    };
    for (tile, values) in (0..).zip(tiles) {
        let corner = UVec2::new(tile % columns, tile / columns) * TILE_PX;
        for (pixel, (color, features)) in pixels_of_tile(corner, width, height).zip(values) {
            let i = (pixel.y * width + pixel.x) as usize;
            half.color[i] = color;
            half.features[i] = features;
        }
    }
    half
}

/// The pixels of the tile at `corner` that lie in the picture, row by row.
fn pixels_of_tile(corner: UVec2, width: u32, height: u32) -> impl Iterator<Item = UVec2> {
    let end = (corner + UVec2::splat(TILE_PX)).min(UVec2::new(width, height));
    (corner.y..end.y).flat_map(move |y| (corner.x..end.x).map(move |x| UVec2::new(x, y)))
}
