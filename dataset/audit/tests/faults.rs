//! Every kind of fault, planted into sound samples and into the same samples after they went out and
//! in again as SynthHuman files: hashes and measured columns are renewed, so that only the meaning of
//! the planes can tell.

mod planted;

use std::fs;

use bottega_audit::Check;
use bottega_audit::Finding;
use bottega_format::shard::writer::write_shard;
use bottega_format::{EncodedRow, StoredPlanes};

use planted::{Change, ROW, judge, made, ray, read, smooth_px, spoil, turn, verify};

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
