//! Writes a dataset of many labels with tiny pictures, to measure what reads labels:
//! `cargo run --release -p bottega_audit --example label_dataset -- DIR ROWS`.
//!
//! Shards, row groups, columns and encodings are those of real datasets; only the pictures have
//! four pixels.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use rayon::prelude::*;

use bottega_format::shard::writer::write_shard;
use bottega_format::{EncodedRow, FormatError, ShardInfo, synthetic};
use bottega_schemas::OptionalPlanes;
use bottega_schemas::shard_schema::{DEFAULT_SHARD_SIZE, shard_path};

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let (Some(dir), Some(rows)) = (args.first(), args.get(1).and_then(|n| n.parse().ok())) else {
        eprintln!("usage: label_dataset DIR ROWS");
        return ExitCode::from(2);
    };
    match write(&PathBuf::from(dir), rows) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}

fn write(root: &Path, rows: u64) -> Result<(), FormatError> {
    let data = root.join("data");
    if let Err(error) = std::fs::create_dir_all(&data) {
        eprintln!("cannot create {}: {error}", data.display());
    }
    let mut plan = synthetic::plan("labels");
    plan.shard_size = DEFAULT_SHARD_SIZE;
    let base = synthetic::sample("labels", 0, (2, 2));
    let base = EncodedRow::encode(&base, OptionalPlanes::default())?;
    let n_shards = rows.div_ceil(plan.shard_size);
    (0..n_shards).into_par_iter().try_for_each(|shard_idx| {
        let first = shard_idx * plan.shard_size;
        let row = |index: u64| {
            let sample = synthetic::sample("labels", index, (2, 2));
            let mut meta = sample.meta().clone();
            // As long as those of drawn people.
            let vary = |n: u64| {
                (0..n)
                    .map(|i| ((index * 31 + i * 7) % 97) as f32 / 97.0)
                    .collect()
            };
            meta.shape_params = Some(vary(120));
            meta.pose_params = Some(vary(220));
            meta.expression_params = Some(vary(50));
            Ok(EncodedRow {
                meta,
                ..base.clone()
            })
        };
        let indices = first..(first + plan.shard_size).min(rows);
        let info = ShardInfo {
            plan: plan.clone(),
            shard_idx,
        };
        let path = root.join(shard_path(&plan.split, shard_idx));
        write_shard(&path, info, indices.map(row), 1 << 20).map(|_| ())
    })
}
