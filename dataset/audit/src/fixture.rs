//! Small datasets for tests: balls before a camera, with their truth in closed form.

use std::fs;
use std::path::Path;

use bottega_format::shard::writer::write_shard;
use bottega_format::{EncodedRow, Planes, Sample, ShardInfo};
use bottega_schemas::shard_schema::{SCHEMA_VERSION, shard_path};
use bottega_schemas::{DatasetPlan, Manifest, OptionalPlanes, SampleMeta, ShardEntry};

use crate::verify::good_meta;

pub(crate) const WIDTH: usize = 48;
pub(crate) const HEIGHT: usize = 64;

/// Planes of a ball that moves a little with the index.
pub(crate) fn ball_planes(index: i64) -> Planes {
    let n_px = WIDTH * HEIGHT;
    let mut planes = Planes {
        width: WIDTH,
        height: HEIGHT,
        rgb_linear: vec![[0.1, 0.2, 0.4]; n_px],
        rgb8: background(index),
        alpha: vec![0.0; n_px],
        depth_m: vec![f32::INFINITY; n_px],
        normal: vec![[0.0; 3]; n_px],
        ..Planes::default()
    };
    // The camera of `good_meta` sees 90 degrees over the height.
    let focal_px = 0.5 * HEIGHT as f32;
    let (center, radius) = ([0.01 * index as f32, 0.05, -1.0f32], 0.4f32);
    let dot = |a: [f32; 3], b: [f32; 3]| a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
    for px in 0..n_px {
        let x = ((px % WIDTH) as f32 + 0.5 - 0.5 * WIDTH as f32) / focal_px;
        let y = (0.5 * HEIGHT as f32 - (px / WIDTH) as f32 - 0.5) / focal_px;
        let d = [x, y, -1.0];
        let (dd, dc) = (dot(d, d), dot(d, center));
        let discriminant = dc * dc - dd * (dot(center, center) - radius * radius);
        if discriminant > 0.0 {
            let depth_m = (dc - discriminant.sqrt()) / dd;
            // A soft rim: coverage falls where the surface turns away.
            planes.alpha[px] = (4.0 * (depth_m - center[2].abs()).abs() / radius).clamp(0.02, 1.0);
            planes.depth_m[px] = depth_m;
            planes.normal[px] = [0, 1, 2].map(|axis| (d[axis] * depth_m - center[axis]) / radius);
            planes.rgb8[3 * px..3 * px + 3].copy_from_slice(&[200, 60, 40]);
        }
    }
    planes
}

/// Bars of greys that are others for every index, as backgrounds are.
fn background(index: i64) -> Vec<u8> {
    let grey = |px: usize| {
        let bar = (px % WIDTH / 6 + 8 * (px / WIDTH / 8)) as i64;
        (40 + (index * 7919 + bar * 104_729) % 160) as u8
    };
    (0..WIDTH * HEIGHT).flat_map(|px| [grey(px); 3]).collect()
}

/// A row without a fault, but for what `spoil` does to its labels.
pub(crate) fn row(index: i64, spoil: impl FnOnce(&mut SampleMeta)) -> EncodedRow {
    let mut meta = good_meta(index, WIDTH as i32, HEIGHT as i32);
    spoil(&mut meta);
    let params = format!("{{\"index\":{index}}}");
    let sample = Sample::new(meta, ball_planes(index), &params, None).unwrap();
    EncodedRow::encode(&sample, OptionalPlanes::default()).unwrap()
}

pub(crate) fn plan(shard_size: u64) -> DatasetPlan {
    DatasetPlan {
        dataset: "test".to_owned(),
        config_blake3: "0".repeat(64),
        assets_blake3: "0".repeat(64),
        renderer_version: "0.1.0".to_owned(),
        schema_version: SCHEMA_VERSION.to_owned(),
        license: "CC0-1.0".to_owned(),
        split: "train".to_owned(),
        shard_size,
        planes: OptionalPlanes::default(),
        notes: Default::default(),
    }
}

/// Writes shards of `shard_size` rows and their manifest.
pub(crate) fn write_dataset(root: &Path, shard_size: u64, rows: &[EncodedRow]) {
    fs::create_dir_all(root.join("data")).unwrap();
    let mut manifest = Manifest::new(plan(shard_size));
    for (shard_idx, rows) in (0u64..).zip(rows.chunks(shard_size as usize)) {
        let name = shard_path("train", shard_idx);
        let info = ShardInfo {
            plan: plan(shard_size),
            shard_idx,
        };
        let file = write_shard(
            &root.join(&name),
            info,
            rows.iter().cloned().map(Ok),
            1 << 20,
        )
        .unwrap();
        manifest.shards.push(ShardEntry {
            path: name,
            split: "train".to_owned(),
            index_start: file.index_start,
            index_end: file.index_end,
            rows: file.rows,
            bytes: file.bytes,
            sha256: file.sha256,
            blake3: file.blake3,
        });
    }
    let json = serde_json::to_string(&manifest).unwrap();
    fs::write(root.join("manifest.json"), json).unwrap();
}
