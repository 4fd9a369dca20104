//! Every kind of fault, planted into sound samples and into the same samples after they went out and
//! in again as SynthHuman files: hashes and measured columns are renewed, so that only the meaning of
//! the planes can tell.
//!
//! The samples are balls in closed form; `BOTTEGA_FAULT_DATASET` names a rendered dataset instead.

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
use bottega_schemas::{DatasetPlan, OptionalPlanes, Plane};

/// The row that is spoilt.
const ROW: usize = 3;

struct Made {
    dir: tempfile::TempDir,
    generated: PathBuf,
    imported: PathBuf,
}

fn made() -> &'static Made {
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
        };
        writer.keep(&spoil(&row, &paint)).expect("there is room");
    }
    writer.publish(&tasks[0]).expect("every sample is kept");
    writer.finish(&Documents::default()).expect("there is room");
}

fn verify(path: &Path, checksums: bool) -> Verification {
    let config = VerifyConfig {
        checksums,
        ..VerifyConfig::default()
    };
    verify_dataset(path, &config, &AtomicU64::new(0)).expect("it is a dataset")
}

fn read(dataset: &Path) -> (ShardInfo, Vec<EncodedRow>) {
    let shard = find_shards(dataset).expect("it is a folder").remove(0);
    let reader = ShardReader::open(&shard).expect("it is a shard");
    let rows = (0..reader.rows()).map(|row| reader.row(row).expect("it is whole"));
    (reader.info().expect("it is ours"), rows.collect())
}

/// Writes rows as a shard of its own, with right hashes, and judges what they mean.
fn judge(name: &str, info: &ShardInfo, rows: &[EncodedRow]) -> Vec<Finding> {
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
fn spoil(row: &EncodedRow, change: &dyn Fn(&mut StoredPlanes, &EncodedRow)) -> EncodedRow {
    let mut planes = row.decode().expect("it is whole");
    change(&mut planes, row);
    let mut spoilt = EncodedRow::of_stored(row.meta.clone(), &planes, None, None);
    spoilt.scene_json.clone_from(&row.scene_json);
    spoilt.optional.clone_from(&row.optional);
    spoilt
}

fn ray(px: usize, width: usize, row: &EncodedRow) -> [f32; 3] {
    let meta = &row.meta;
    let x = ((px % width) as f64 + 0.5 - meta.cx) / meta.fx;
    let y = -((px / width) as f64 + 0.5 - meta.cy) / meta.fy;
    [x as f32, y as f32, -1.0]
}

/// A pixel of the person amid a smooth, opaque surface.
fn smooth_px(planes: &StoredPlanes) -> usize {
    let (w, h) = (planes.width, planes.height);
    let dot = |a: [f32; 3], b: [f32; 3]| a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
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
                    && (planes.depth_m[n] - planes.depth_m[*px]).abs() < 0.01 * planes.depth_m[*px]
                    && dot(planes.normal[n], planes.normal[*px]) > 0.95
            })
    };
    (0..w * h)
        .find(is_smooth)
        .expect("somewhere a person is smooth")
}

type Change = fn(&mut StoredPlanes, &EncodedRow);

/// Name of the fault, how it is planted, the checks of which one finds it, and whether it shows on
/// imported samples too, whose labels say less.
const FAULTS: &[(&str, Change, &[Check], bool)] = &[
    (
        "inward",
        |p, _| turn(p, |[x, y, z]| [-x, -y, -z]),
        &[Check::NormalFacing],
        true,
    ),
    (
        "y-down",
        |p, _| turn(p, |[x, y, z]| [x, -y, z]),
        &[Check::NormalFromDepth, Check::DepthFromNormal],
        true,
    ),
    (
        "x-for-z",
        |p, _| turn(p, |[x, y, z]| [z, y, x]),
        &[Check::NormalFacing, Check::NormalFromDepth],
        true,
    ),
    (
        "turned",
        |p, _| turn(p, |[x, y, z]| [0.92 * x - 0.39 * z, y, 0.39 * x + 0.92 * z]),
        &[
            Check::NormalFacing,
            Check::NormalFromDepth,
            Check::DepthFromNormal,
        ],
        true,
    ),
    (
        "too-short",
        |p, _| turn(p, |n| n.map(|v| 0.98 * v)),
        &[Check::NormalLength],
        true,
    ),
    (
        "centimetres",
        |p, _| p.depth_m.iter_mut().for_each(|d| *d *= 100.0),
        &[Check::Depth],
        true,
    ),
    (
        "metres-by-100",
        |p, _| p.depth_m.iter_mut().for_each(|d| *d /= 100.0),
        &[Check::Depth],
        true,
    ),
    (
        "half-a-metre-more",
        |p, _| p.depth_m.iter_mut().for_each(|d| *d += 0.5 + 0.6 * *d),
        &[Check::Depth, Check::DepthFromNormal],
        false,
    ),
    (
        "moved-aside",
        |p, _| p.depth_m.rotate_right(4),
        &[Check::SurfaceAgreement],
        true,
    ),
    (
        "not-a-number",
        |p, _| {
            let px = smooth_px(p);
            p.depth_m[px] = f32::NAN;
        },
        &[Check::Depth],
        true,
    ),
    (
        "sentinel",
        |p, _| {
            let px = smooth_px(p);
            p.depth_m[px] = 65504.0;
        },
        &[Check::Depth],
        true,
    ),
    (
        "holes",
        |p, _| {
            for i in 0..p.depth_m.len() {
                if i % 3 == 0 {
                    p.depth_m[i] = f32::INFINITY;
                    p.normal[i] = [0.0; 3];
                }
            }
        },
        &[Check::SurfaceAgreement],
        true,
    ),
    (
        "depth-without-alpha",
        |p, _| {
            let far = p.alpha8.iter().position(|a| *a == 0).expect("a corner");
            p.depth_m[far] = 2.0;
            p.normal[far] = [0.0, 0.0, 1.0];
        },
        &[Check::SurfaceAgreement],
        true,
    ),
    (
        "alpha-inverted",
        |p, _| p.alpha8.iter_mut().for_each(|a| *a = 255 - *a),
        &[Check::SurfaceAgreement],
        true,
    ),
    (
        "alpha-to-1",
        |p, _| p.alpha8.iter_mut().for_each(|a| *a /= 255),
        &[Check::Coverage, Check::SurfaceAgreement],
        true,
    ),
    (
        "no-person",
        |p, _| {
            p.alpha8.fill(0);
            p.depth_m.fill(f32::INFINITY);
            p.normal.fill([0.0; 3]);
        },
        &[Check::Picture],
        true,
    ),
    ("blank", |p, _| p.rgb8.fill(90), &[Check::Picture], true),
    (
        "depth-bit",
        |p, _| {
            let px = smooth_px(p);
            p.depth_m[px] = f32::from_bits(p.depth_m[px].to_bits() ^ 1 << 23);
        },
        &[Check::LonePixel],
        true,
    ),
    (
        "alpha-bit",
        |p, _| {
            let px = smooth_px(p);
            p.alpha8[px] ^= 1 << 7;
        },
        &[Check::LonePixel],
        true,
    ),
    (
        "normal-bit",
        |p, _| {
            let px = smooth_px(p);
            p.normal[px][2] = -p.normal[px][2];
        },
        &[Check::NormalFacing],
        false,
    ),
];

fn turn(planes: &mut StoredPlanes, change: impl Fn([f32; 3]) -> [f32; 3]) {
    for normal in &mut planes.normal {
        *normal = change(*normal);
    }
}

#[test]
fn sound_samples_have_no_finding() {
    for dataset in [&made().generated, &made().imported] {
        for checksums in [true, false] {
            let found = verify(dataset, checksums);
            assert_eq!(found.findings, [], "{}", dataset.display());
            assert!(found.rows >= 6);
        }
    }
}

#[test]
fn every_planted_fault_is_found_at_its_row() {
    for (dataset, is_imported) in [(&made().generated, false), (&made().imported, true)] {
        let (info, rows) = read(dataset);
        for (name, change, checks, shows_on_imports) in FAULTS {
            if is_imported && !shows_on_imports {
                continue;
            }
            let mut spoilt = rows.clone();
            spoilt[ROW] = spoil(&rows[ROW], change);
            let findings = judge(&format!("{name}-{is_imported}"), &info, &spoilt);
            let is_it = |f: &Finding| f.row == Some(ROW as u64) && checks.contains(&f.check);
            assert!(
                findings.iter().any(is_it),
                "{name}, imported {is_imported}: {findings:?}"
            );
        }
        // Planted planes that change nothing are found sound: the faults are what is found.
        let mut same = rows.clone();
        same[ROW] = spoil(&rows[ROW], &|_, _| {});
        assert_eq!(judge(&format!("same-{is_imported}"), &info, &same), []);
    }
}

#[test]
fn a_distance_along_the_ray_is_found_where_the_camera_sees_aside() {
    let (info, rows) = read(&made().generated);
    let widest = (0..rows.len()).min_by(|&a, &b| rows[a].meta.fy.total_cmp(&rows[b].meta.fy));
    let row = widest.expect("there are rows");
    let along_ray = |planes: &mut StoredPlanes, row: &EncodedRow| {
        let width = planes.width;
        for (px, depth_m) in planes.depth_m.iter_mut().enumerate() {
            *depth_m *= ray(px, width, row)
                .iter()
                .map(|v| v * v)
                .sum::<f32>()
                .sqrt();
        }
    };
    let mut spoilt = rows.clone();
    spoilt[row] = spoil(&rows[row], &along_ray);
    let findings = judge("along-ray", &info, &spoilt);
    let is_it = |f: &Finding| f.row == Some(row as u64) && f.check == Check::DepthFromNormal;
    assert!(
        findings.iter().any(is_it),
        "fov {}: {findings:?}",
        rows[row].meta.fov_y_deg
    );
}

#[test]
fn copies_near_copies_and_missing_rows_are_found() {
    let (info, rows) = read(&made().generated);
    let n = rows.len();
    let mut copied = rows.clone();
    let meta = rows[4].meta.clone();
    copied[4] = rows[1].clone();
    copied[4].meta.sample_id = meta.sample_id;
    copied[4].meta.index = 4;
    let found = judge("copied", &info, &copied);
    assert!(
        found
            .iter()
            .any(|f| f.check == Check::Duplicate && f.row == Some(4)),
        "{found:?}"
    );

    // The same sample again with other noise, another seed and depth that differs by a trace.
    let noisy = |planes: &mut StoredPlanes, _: &EncodedRow| {
        for (i, value) in planes.rgb8.iter_mut().enumerate() {
            *value = value.saturating_add((i * 7919 % 3) as u8);
        }
        planes
            .depth_m
            .iter_mut()
            .for_each(|depth_m| *depth_m *= 1.000_01);
    };
    let mut near = rows.clone();
    near[4] = spoil(&copied[4], &noisy);
    near[4].meta.seed = Some(1);
    let found = judge("near", &info, &near);
    assert!(
        found
            .iter()
            .any(|f| f.check == Check::Duplicate && f.row == Some(4)),
        "{found:?}"
    );

    for (name, missing) in [("first", 0), ("middle", 2)] {
        let mut fewer = rows.clone();
        fewer.remove(missing);
        let found = judge(name, &info, &fewer);
        assert!(
            found.iter().any(|f| f.check == Check::Index),
            "{name}: {found:?}"
        );
    }
    // At the end, the manifest tells, hashes or not.
    let folder = made().dir.path().join("cut");
    fs::create_dir_all(folder.join("data")).expect("there is room");
    fs::copy(
        made().generated.join("manifest.json"),
        folder.join("manifest.json"),
    )
    .expect("a file");
    let shard = folder.join("data/train-00000.parquet");
    write_shard(&shard, info, rows[..n - 1].iter().cloned().map(Ok), 0)
        .expect("the rows are in order");
    let found = verify(&folder, false).findings;
    assert!(
        found.iter().any(|f| f.check == Check::Manifest),
        "{found:?}"
    );
}

#[test]
fn one_wrong_bit_of_the_file_is_found_by_the_hashes() {
    let folder = made().dir.path().join("bit");
    fs::create_dir_all(folder.join("data")).expect("there is room");
    for name in ["manifest.json", "data/train-00000.parquet"] {
        fs::copy(made().generated.join(name), folder.join(name)).expect("a file");
    }
    let shard = folder.join("data/train-00000.parquet");
    let mut bytes = fs::read(&shard).expect("it was just copied");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&shard, bytes).expect("there is room");
    let found = verify(&folder, true).findings;
    assert!(
        found.iter().any(|f| f.check == Check::Checksum),
        "{found:?}"
    );
}
