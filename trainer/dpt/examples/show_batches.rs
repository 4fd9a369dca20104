//! Shows what training sees: batches of a configuration as one PNG, for each sample its picture,
//! depth, normals and coverage side by side.
//!
//! `cargo run --release -p bottega_trainer --example show_batches -- train.toml out.png [N]`

#![allow(clippy::print_stdout, reason = "an example talks")]

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use image::{Rgb, RgbImage};
use tch::Tensor;

use bottega_schemas::TrainConfig;
use bottega_trainer::data::{Batch, DataSources, Feed};

/// Samples in a row of the sheet.
const ACROSS: usize = 3;

/// Longest side of a plane on the sheet, in pixels.
const SIDE_PX: usize = 160;

fn main() -> Result<()> {
    let mut args = std::env::args_os().skip(1).map(PathBuf::from);
    let usage = "wanted: show_batches CONFIG OUT.png [N]";
    let (config, out) = (args.next().context(usage)?, args.next().context(usage)?);
    let n: usize = match args.next() {
        Some(n) => n.to_string_lossy().parse().context(usage)?,
        None => 24,
    };
    tch::set_num_threads(1);
    let config = TrainConfig::load(&config)?;
    let sources = DataSources::open(&config.data, config.run.seed)?;
    let mut feed = Feed::new(&config, &sources, (0, 1), None)?;
    let mut tiles = Vec::new();
    while tiles.len() < n {
        let batch = feed.next_batch()?;
        for at in 0..batch.len().min(n - tiles.len()) {
            println!(
                "{} {}: {}",
                tiles.len() / ACROSS,
                tiles.len() % ACROSS,
                batch.sample_ids[at]
            );
            tiles.push(tile(&batch, at));
        }
    }
    let (width, height) = tiles[0].dimensions();
    let rows = tiles.len().div_ceil(ACROSS) as u32;
    let mut sheet = RgbImage::new(ACROSS as u32 * (width + 4), rows * (height + 4));
    for (i, tile) in tiles.iter().enumerate() {
        let (column, row) = ((i % ACROSS) as u32, (i / ACROSS) as u32);
        let (x, y) = (column * (width + 4), row * (height + 4));
        image::imageops::replace(&mut sheet, tile, x.into(), y.into());
    }
    sheet.save(&out)?;
    println!("{}", out.display());
    Ok(())
}

/// Picture, depth (near is bright), normals and coverage of a sample; what is not valid is red.
fn tile(batch: &Batch, at: usize) -> RgbImage {
    let size = batch.image.size();
    let (height, width) = (size[2] as usize, size[3] as usize);
    let n_px = width * height;
    let plane = |tensor: &Tensor, channels: usize| -> Vec<f32> {
        let mut values = vec![0.0_f32; channels * n_px];
        let one = tensor.get(at as i64).to_kind(tch::Kind::Float).contiguous();
        one.copy_data(&mut values, channels * n_px);
        values
    };
    let (rgb, depth_m) = (plane(&batch.image, 3), plane(&batch.depth_m, 1));
    let (normal, alpha) = (plane(&batch.normal, 3), plane(&batch.alpha, 1));
    let (valid, foreground) = (plane(&batch.valid, 1), plane(&batch.foreground, 1));
    let seen = |px: usize| foreground[px] > 0.0;
    let depths = (0..n_px).filter(|&px| seen(px)).map(|px| depth_m[px]);
    let (near, far) = depths.fold((f32::INFINITY, 0.0_f32), |(lo, hi), d| {
        (lo.min(d), hi.max(d))
    });
    let step = width.max(height).div_ceil(SIDE_PX);
    let (tile_width, tile_height) = (width / step, height / step);
    let byte = |v: f32| (255.0 * v.clamp(0.0, 1.0)) as u8;
    RgbImage::from_fn(4 * tile_width as u32, tile_height as u32, |x, y| {
        let (panel, x) = (x as usize / tile_width, x as usize % tile_width);
        let px = y as usize * step * width + x * step;
        let shade = (far - depth_m[px]) / (far - near).max(1e-6);
        let color = match panel {
            0 => [0, 1, 2].map(|c| rgb[c * n_px + px]),
            _ if valid[px] == 0.0 => [0.5, 0.0, 0.0],
            1 if seen(px) => [0.15 + 0.85 * shade; 3],
            2 if seen(px) => [0, 1, 2].map(|c| 0.5 + 0.5 * normal[c * n_px + px]),
            3 => [alpha[px]; 3],
            _ => [0.0; 3],
        };
        Rgb(color.map(byte))
    })
}
