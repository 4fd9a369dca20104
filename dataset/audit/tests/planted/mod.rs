//! Sound samples, and what plants a fault into one of them.
//!
//! The samples are balls in closed form; `BOTTEGA_FAULT_DATASET` names a rendered dataset instead.
//! Each is judged as it was made, and after it went out and in again as SynthHuman files.

#![allow(dead_code, reason = "each test file uses a part of it")]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::AtomicU64;

use bottega_audit::verify::{VerifyConfig, verify_dataset};
use bottega_audit::{Check, Finding, Verification};
use bottega_format::layout::synthhuman::{ExportJob, ImportJob, export, import};
use bottega_format::shard::writer::write_shard;
use bottega_format::{
    DatasetWriter, Documents, EncodedRow, ShardInfo, ShardReader, StoredPlanes, find_shards,
    synthetic,
};
use bottega_schemas::{DatasetPlan, OptionalPlanes, Part, Plane};

/// The row that is spoilt.
pub(crate) const ROW: usize = 3;

pub(crate) struct Made {
    pub(crate) dir: tempfile::TempDir,
    pub(crate) generated: PathBuf,
    pub(crate) imported: PathBuf,
}

pub(crate) fn made() -> &'static Made {
    static MADE: OnceLock<Made> = OnceLock::new();
    MADE.get_or_init(|| {
        let dir = tempfile::tempdir().expect("there is room");
        let [balls, zips, imported] = ["balls", "zips", "imported"].map(|n| dir.path().join(n));
        let generated = match std::env::var_os("BOTTEGA_FAULT_DATASET") {
            Some(path) => path.into(),
            None => {
                write_balls(&balls);
                balls
            }
        };
        let job = ExportJob {
            is_zip: true,
            ..ExportJob::new(&generated, &zips)
        };
        export(&job, |_, _| {}).expect("it is sound");
        let job = ImportJob {
            sources: &[zips],
            out: &imported,
            dataset: "imported",
            split: "train",
            license: "CC0-1.0",
            is_official: false,
            allow_partial: false,
            normal_order: None,
            shard_size: 16,
            overwrite: false,
        };
        import(&job, |_, _| {}).expect("it was just exported");
        Made {
            dir,
            generated,
            imported,
        }
    })
}

/// Balls of skin before backgrounds that differ, as those of pictures do.
fn write_balls(root: &Path) {
    let planes = OptionalPlanes::of(&[Plane::PartId]);
    let plan = DatasetPlan {
        planes,
        shard_size: 16,
        ..synthetic::plan("ball")
    };
    let mut writer = DatasetWriter::open(root, plan, "seed = 0\n", false).expect("it is empty");
    let tasks = writer.missing(0..6).expect("the range is aligned");
    for index in 0..6 {
        let sample = synthetic::sample("ball", index, (96, 128));
        let row = EncodedRow::encode(&sample, planes).expect("a ball can be encoded");
        let paint = |planes: &mut StoredPlanes, _: &EncodedRow| {
            for (px, alpha) in planes.alpha8.iter().enumerate() {
                let bar = (px % 96 / 12 + 8 * (px / 96 / 16)) as u64;
                let grey = (40 + (index * 7919 + bar * 104_729) % 160) as u8;
                if *alpha == 0 {
                    planes.rgb8[3 * px..3 * px + 3].fill(grey);
                }
            }
            cover(planes);
        };
        writer.keep(&spoil(&row, &paint)).expect("there is room");
    }
    writer.publish(&tasks[0]).expect("every sample is kept");
    writer.finish(&Documents::default()).expect("there is room");
}

/// Makes the coverage of a ball that of its outline: the share of the pixel inside a circle.
fn cover(planes: &mut StoredPlanes) {
    let width = planes.width;
    let at = |px: usize| [px % width, px / width].map(|v| v as f32 + 0.5);
    let hits: Vec<usize> = (0..planes.depth_m.len())
        .filter(|px| planes.depth_m[*px].is_finite())
        .collect();
    let n = hits.len() as f32;
    let center = [0, 1].map(|axis| hits.iter().map(|px| at(*px)[axis]).sum::<f32>() / n);
    let radius = (n / std::f32::consts::PI).sqrt();
    for px in 0..planes.depth_m.len() {
        let [x, y] = at(px);
        let inside = radius - (x - center[0]).hypot(y - center[1]);
        let alpha = (255.0 * (0.5 + inside).clamp(0.0, 1.0) + 0.5) as u8;
        planes.alpha8[px] = alpha.max(u8::from(planes.depth_m[px].is_finite()));
    }
}

pub(crate) fn verify(path: &Path, checksums: bool) -> Verification {
    let config = VerifyConfig {
        checksums,
        ..VerifyConfig::default()
    };
    verify_dataset(path, &config, &AtomicU64::new(0)).expect("it is a dataset")
}

pub(crate) fn read(dataset: &Path) -> (ShardInfo, Vec<EncodedRow>) {
    let shard = find_shards(dataset).expect("it is a folder").remove(0);
    let reader = ShardReader::open(&shard).expect("it is a shard");
    let rows = (0..reader.rows()).map(|row| reader.row(row).expect("it is whole"));
    (reader.info().expect("it is ours"), rows.collect())
}

/// Writes rows as a shard of its own, with right hashes, and judges what they mean.
pub(crate) fn judge(name: &str, info: &ShardInfo, rows: &[EncodedRow]) -> Vec<Finding> {
    let folder = made().dir.path().join(name);
    fs::create_dir_all(folder.join("data")).expect("there is room");
    let path = folder.join("data/train-00000.parquet");
    write_shard(&path, info.clone(), rows.iter().cloned().map(Ok), 0)
        .expect("the rows are in order");
    let findings = verify(&folder, false).findings;
    fs::remove_dir_all(&folder).expect("it is ours");
    findings
}

/// The row with other planes; what is measured is measured again.
pub(crate) fn spoil(
    row: &EncodedRow,
    change: &dyn Fn(&mut StoredPlanes, &EncodedRow),
) -> EncodedRow {
    let mut planes = row.decode().expect("it is whole");
    change(&mut planes, row);
    let mut spoilt = EncodedRow::of_stored(row.meta.clone(), &planes, None, None);
    spoilt.scene_json.clone_from(&row.scene_json);
    spoilt.optional.clone_from(&row.optional);
    spoilt
}

pub(crate) fn ray(px: usize, width: usize, row: &EncodedRow) -> [f32; 3] {
    let meta = &row.meta;
    let x = ((px % width) as f64 + 0.5 - meta.cx) / meta.fx;
    let y = -((px / width) as f64 + 0.5 - meta.cy) / meta.fy;
    [x as f32, y as f32, -1.0]
}

/// A pixel of the person amid a smooth, opaque surface.
pub(crate) fn smooth_px(planes: &StoredPlanes) -> usize {
    let (w, h) = (planes.width, planes.height);
    let dot = |a: [f32; 3], b: [f32; 3]| a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
    let parts = planes.optional.get(&Plane::PartId);
    let is_hair = |px: usize| {
        let part = parts.and_then(|parts| parts.bytes()).map(|parts| parts[px]);
        let mut hair = Part::ALL.into_iter().filter(|part| part.is_hair());
        part.is_some_and(|number| hair.any(|part| part as u8 == number))
    };
    let is_smooth = |px: &usize| {
        let (x, y) = (px % w, px / w);
        let inside = x > 1 && x + 2 < w && y > 1 && y + 2 < h;
        inside
            && [
                px - w - 1,
                px - w,
                px - w + 1,
                px - 1,
                px + 1,
                px + w - 1,
                px + w,
                px + w + 1,
            ]
            .iter()
            .all(|&n| {
                planes.alpha8[n] == 255
                    && !is_hair(n)
                    && (planes.depth_m[n] - planes.depth_m[*px]).abs() < 0.01 * planes.depth_m[*px]
                    && dot(planes.normal[n], planes.normal[*px]) > 0.95
            })
    };
    (0..w * h)
        .find(is_smooth)
        .expect("somewhere a person is smooth")
}

/// Whether a check of some was made at a row.
pub(crate) fn is_found(findings: &[Finding], row: usize, checks: &[Check]) -> bool {
    let is_it = |f: &Finding| f.row == Some(row as u64) && checks.contains(&f.check);
    findings.iter().any(is_it)
}

/// A change of the planes of a row.
pub(crate) type Change = fn(&mut StoredPlanes, &EncodedRow);

pub(crate) fn turn(planes: &mut StoredPlanes, change: impl Fn([f32; 3]) -> [f32; 3]) {
    for normal in &mut planes.normal {
        *normal = change(*normal);
    }
}
