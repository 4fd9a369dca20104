//! From samples to a picture: tiles in parallel, each pixel on its own.

use glam::{UVec2, Vec3};
use rayon::prelude::*;

use crate::accel::Accel;
use crate::integrator::{PathTracer, Prepare};
use crate::sampler::{Sampler, SobolSampler};
use crate::scene::{RenderSettings, Scene};

/// Side of a tile, in pixels: neighbouring rays meet the same nodes of the tree.
const TILE_PX: u32 = 16;

/// The picture alone: exposed linear light, row by row. Each pixel depends only on the scene, the
/// settings and its own place, so the bytes do not depend on the number of threads.
pub(crate) fn expose(scene: &Scene, accel: &Accel, settings: &RenderSettings) -> Vec<Vec3> {
    let prepare = Prepare::new(scene);
    let tracer = PathTracer::new(scene, accel, &prepare, settings);
    let [width, height] = scene.camera.resolution_px;
    let (columns, rows) = (width.div_ceil(TILE_PX), height.div_ceil(TILE_PX));
    let spp = settings.spp.max(1);
    let tiles: Vec<Vec<Vec3>> = (0..columns * rows)
        .into_par_iter()
        .map(|tile| {
            let corner = UVec2::new(tile % columns, tile / columns) * TILE_PX;
            let mut sampler = SobolSampler::new(settings.seed);
            pixels_of_tile(corner, width, height)
                .map(|pixel| {
                    let mut sum = Vec3::ZERO;
                    for pixel_sample_idx in 0..spp {
                        sampler.start_pixel_sample(pixel, pixel_sample_idx);
                        sum += tracer.sample(pixel, &mut sampler);
                    }
                    sum / spp as f32
                })
                .collect()
        })
        .collect();
    let mut picture = vec![Vec3::ZERO; (width * height) as usize];
    for (tile, values) in (0..).zip(tiles) {
        let corner = UVec2::new(tile % columns, tile / columns) * TILE_PX;
        for (pixel, value) in pixels_of_tile(corner, width, height).zip(values) {
            picture[(pixel.y * width + pixel.x) as usize] = value;
        }
    }
    picture
}

/// The pixels of the tile at `corner` that lie in the picture, row by row.
fn pixels_of_tile(corner: UVec2, width: u32, height: u32) -> impl Iterator<Item = UVec2> {
    let end = (corner + UVec2::splat(TILE_PX)).min(UVec2::new(width, height));
    (corner.y..end.y).flat_map(move |y| (corner.x..end.x).map(move |x| UVec2::new(x, y)))
}
