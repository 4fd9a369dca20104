//! Faults of coding and of mix-ups: planes of another sample, moved, mirrored, enlarged or coded in
//! another way, labels and documents of another row, and single bits.
//!
//! Hashes and measured columns are renewed, so that only meaning can tell.

mod planted;

use bottega_audit::Check;
use bottega_format::{EncodedRow, StoredPlanes};

use planted::{Change, ROW, is_found, judge, made, read, smooth_px, spoil, turn};

/// Moves values of every pixel by some columns; what comes in from the edge is that of the edge.
fn shift<T: Copy>(values: &mut [T], width: usize, per_pixel: usize, by: usize) {
    for row in values.chunks_exact_mut(width * per_pixel) {
        row.copy_within(..(width - by) * per_pixel, by * per_pixel);
    }
}

fn mirror<T: Copy>(values: &mut [T], width: usize) {
    for row in values.chunks_exact_mut(width) {
        row.reverse();
    }
}

fn mirror_rgb(planes: &mut StoredPlanes) {
    for row in planes.rgb8.chunks_exact_mut(3 * planes.width) {
        row.reverse();
        row.chunks_exact_mut(3).for_each(<[u8]>::reverse);
    }
}

fn move_truth(planes: &mut StoredPlanes, by: usize) {
    let width = planes.width;
    shift(&mut planes.alpha8, width, 1, by);
    shift(&mut planes.depth_m, width, 1, by);
    shift(&mut planes.normal, width, 1, by);
}

/// A pixel of the background whose surroundings have no person and one grey.
fn even_px(planes: &StoredPlanes) -> usize {
    let (w, h) = (planes.width, planes.height);
    let is_even = |px: &usize| {
        let (x, y) = (px % w, px / w);
        let (xs, ys) = (x.wrapping_sub(1)..=x + 1, y.wrapping_sub(1)..=y + 1);
        let inside = x > 0 && x + 1 < w && y > 0 && y + 1 < h;
        let near = |n: usize| {
            let like = |k: usize| planes.rgb8[3 * n + k].abs_diff(planes.rgb8[3 * px + k]) < 8;
            planes.alpha8[n] == 0 && (0..3).all(like)
        };
        inside && ys.into_iter().all(|y| xs.clone().all(|x| near(y * w + x)))
    };
    (0..w * h)
        .find(is_even)
        .expect("somewhere the background is even")
}

/// Coverage by the exponent of a display.
fn with_gamma(planes: &mut StoredPlanes, gamma: f32) {
    for alpha in &mut planes.alpha8 {
        let share = libm::powf(f32::from(*alpha) / 255.0, gamma);
        *alpha = ((255.0 * share + 0.5) as u8).max(u8::from(*alpha > 0));
    }
}

/// Name of the fault, how it is planted, the checks of which one finds it, and whether it shows on
/// imported samples too.
const FAULTS: &[(&str, Change, &[Check], bool)] = &[
    (
        "rgb-bit",
        |p, _| {
            let px = even_px(p);
            p.rgb8[3 * px + 1] ^= 1 << 7;
        },
        &[Check::LonePixel],
        true,
    ),
    (
        "alpha-bit-in-the-background",
        |p, _| {
            let px = even_px(p);
            p.alpha8[px] ^= 1 << 5;
        },
        &[Check::LonePixel],
        true,
    ),
    (
        "alpha-bit-in-the-person",
        |p, _| {
            let px = smooth_px(p);
            p.alpha8[px] ^= 1 << 5;
        },
        &[Check::LonePixel],
        // Imports do not tell hair apart, which is soft before a face.
        false,
    ),
    (
        "highest-bit-of-the-fraction-of-depth",
        |p, _| {
            let px = smooth_px(p);
            p.depth_m[px] = f32::from_bits(p.depth_m[px].to_bits() ^ 1 << 22);
        },
        &[Check::LonePixel],
        // Imports do not tell hair apart, and a strand may hang so far before a face.
        false,
    ),
    (
        "bit-of-a-normal",
        |p, _| {
            let px = smooth_px(p);
            let z = p.normal[px][2];
            p.normal[px][2] = f32::from_bits(z.to_bits() ^ 1 << 22);
        },
        &[Check::NormalLength],
        true,
    ),
    (
        "depth-by-inches",
        |p, _| p.depth_m.iter_mut().for_each(|d| *d *= 39.37),
        &[Check::Depth],
        true,
    ),
    (
        "x-left",
        |p, _| turn(p, |[x, y, z]| [-x, y, z]),
        &[Check::NormalFromDepth, Check::DepthFromNormal],
        true,
    ),
    (
        "transposed",
        |p, _| turn(p, |[x, y, z]| [y, x, z]),
        &[Check::NormalFromDepth, Check::DepthFromNormal],
        true,
    ),
    (
        "depth-moved-by-1",
        |p, _| {
            let width = p.width;
            shift(&mut p.depth_m, width, 1, 1);
        },
        &[Check::SurfaceAgreement],
        false,
    ),
    (
        "alpha-moved-by-2",
        |p, _| {
            let width = p.width;
            shift(&mut p.alpha8, width, 1, 2);
        },
        &[Check::SurfaceAgreement, Check::Alignment],
        true,
    ),
    (
        "truth-moved-by-1",
        |p, _| move_truth(p, 1),
        &[Check::Alignment],
        true,
    ),
    (
        "truth-moved-by-2",
        |p, _| move_truth(p, 2),
        &[Check::Alignment],
        true,
    ),
    (
        "planes-mirrored-but-not-their-normals",
        |p, _| {
            let width = p.width;
            mirror_rgb(p);
            mirror(&mut p.alpha8, width);
            mirror(&mut p.depth_m, width);
            mirror(&mut p.normal, width);
        },
        &[Check::NormalFromDepth, Check::DepthFromNormal],
        true,
    ),
    (
        "enlarged-depth",
        |p, _| {
            for px in 0..p.depth_m.len() {
                let (x, y) = (px % p.width / 2 * 2, px / p.width / 2 * 2);
                let coarse = p.depth_m[y * p.width + x];
                if coarse.is_finite() && p.depth_m[px].is_finite() {
                    p.depth_m[px] = coarse;
                }
            }
        },
        &[Check::Depth],
        true,
    ),
    (
        "half-depth",
        |p, _| {
            for depth_m in &mut p.depth_m {
                *depth_m = half::f16::from_f32(*depth_m).to_f32();
            }
        },
        &[Check::Depth],
        false,
    ),
    (
        "alpha-for-a-display",
        |p, _| with_gamma(p, 1.0 / 2.2),
        &[Check::Coverage],
        true,
    ),
    (
        "alpha-made-linear",
        |p, _| with_gamma(p, 2.2),
        &[Check::Coverage],
        true,
    ),
    (
        "premultiplied",
        |p, _| {
            for (rgb, alpha) in p.rgb8.chunks_exact_mut(3).zip(&p.alpha8) {
                rgb.iter_mut()
                    .for_each(|v| *v = (u32::from(*v) * u32::from(*alpha) / 255) as u8);
            }
        },
        &[Check::Picture],
        // Others may cut backgrounds out.
        false,
    ),
    (
        "65504-for-none",
        |p, _| none_as(p, 65504.0),
        &[Check::Depth, Check::SurfaceAgreement],
        true,
    ),
    (
        "zero-for-none",
        |p, _| none_as(p, 0.0),
        &[Check::Depth, Check::SurfaceAgreement],
        true,
    ),
    (
        "no-number-for-none",
        |p, _| none_as(p, f32::NAN),
        &[Check::Depth, Check::SurfaceAgreement],
        true,
    ),
];

fn none_as(planes: &mut StoredPlanes, value: f32) {
    for depth_m in &mut planes.depth_m {
        if !depth_m.is_finite() {
            *depth_m = value;
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
            assert!(
                is_found(&findings, ROW, checks),
                "{name}, imported {is_imported}: {findings:?}"
            );
            let place = findings.iter().find(|f| checks.contains(&f.check));
            let place = place.expect("it was just found");
            assert!(
                place.file.is_some() && place.sample_id.is_some() && place.plane.is_some(),
                "{place:?}"
            );
        }
    }
}

#[test]
fn planes_of_another_sample_are_found() {
    for (dataset, is_imported) in [(&made().generated, false), (&made().imported, true)] {
        let (info, rows) = read(dataset);
        type Take = fn(&mut StoredPlanes, &StoredPlanes);
        let takes: [(&str, Take); 4] = [
            ("depth", |p, other| p.depth_m.clone_from(&other.depth_m)),
            ("normal", |p, other| p.normal.clone_from(&other.normal)),
            ("alpha", |p, other| p.alpha8.clone_from(&other.alpha8)),
            ("truth", |p, other| {
                p.alpha8.clone_from(&other.alpha8);
                p.depth_m.clone_from(&other.depth_m);
                p.normal.clone_from(&other.normal);
            }),
        ];
        // The balls that hang farthest apart.
        let (row, other) = (4, 2);
        let other = rows[other].decode().expect("it is whole");
        for (name, take) in takes {
            let mut spoilt = rows.clone();
            spoilt[row] = spoil(&rows[row], &|planes, _| take(planes, &other));
            let findings = judge(&format!("other-{name}-{is_imported}"), &info, &spoilt);
            let is_it = |f: &&bottega_audit::Finding| f.row == Some(row as u64);
            // Equal planes of two rows are found too; here it is the row alone that must tell.
            let told = findings
                .iter()
                .filter(is_it)
                .any(|f| f.check != Check::Duplicate);
            assert!(told, "{name}, imported {is_imported}: {findings:?}");
        }
    }
}

#[test]
fn pictures_swapped_between_two_rows_are_found() {
    let (info, rows) = read(&made().generated);
    let pictures = [ROW, ROW - 1].map(|row| rows[row].decode().expect("it is whole").rgb8);
    let mut spoilt = rows.clone();
    for (row, picture) in [(ROW, &pictures[1]), (ROW - 1, &pictures[0])] {
        spoilt[row] = spoil(&rows[row], &|planes, _| planes.rgb8.clone_from(picture));
    }
    let findings = judge("swapped-pictures", &info, &spoilt);
    assert!(
        findings.iter().any(|f| f.check == Check::Alignment),
        "{findings:?}"
    );
}

#[test]
fn a_mirrored_picture_and_a_mirrored_depth_are_found() {
    let (info, rows) = read(&made().generated);
    // A ball in the middle is its own mirror image: the one farthest aside tells.
    let aside = |row: &EncodedRow| {
        let middle = [row.meta.bbox_x0, row.meta.bbox_x1]
            .into_iter()
            .sum::<i32>();
        (middle - row.meta.width).abs()
    };
    let row = (0..rows.len()).max_by_key(|row| aside(&rows[*row]));
    let row = row.expect("there are rows");
    let mut spoilt = rows.clone();
    spoilt[row] = spoil(&rows[row], &|planes, _| mirror_rgb(planes));
    let findings = judge("mirrored-picture", &info, &spoilt);
    assert!(
        is_found(&findings, row, &[Check::Alignment]),
        "{findings:?}"
    );
    let mirror_depth = |planes: &mut StoredPlanes, _: &EncodedRow| {
        let width = planes.width;
        mirror(&mut planes.depth_m, width);
    };
    spoilt[row] = spoil(&rows[row], &mirror_depth);
    let findings = judge("mirrored-depth", &info, &spoilt);
    assert!(
        is_found(&findings, row, &[Check::SurfaceAgreement]),
        "{findings:?}"
    );
}

#[test]
fn labels_and_documents_swapped_between_two_rows_are_found() {
    let (info, rows) = read(&made().generated);
    // Balls have no scene of their own; what the labels say is written into one.
    let with_scene = |row: &EncodedRow| {
        let mut row = row.clone();
        if !row.scene_json.contains("\"person\"") {
            let meta = &row.meta;
            let person = serde_json::json!({
                "skin": { "tone_mst": meta.skin_tone_mst, "ita_deg": meta.skin_ita_deg },
                "age_years": meta.age_years,
            });
            let pose = serde_json::json!({ "pose_id": meta.pose_id });
            row.scene_json = serde_json::json!({ "person": person, "pose": pose }).to_string();
        }
        row
    };
    let sound: Vec<EncodedRow> = rows.iter().map(with_scene).collect();
    assert_eq!(judge("scenes", &info, &sound), []);

    let mut tones = sound.clone();
    tones[ROW].meta.skin_tone_mst = sound[ROW - 1].meta.skin_tone_mst;
    tones[ROW - 1].meta.skin_tone_mst = sound[ROW].meta.skin_tone_mst;
    let findings = judge("tones", &info, &tones);
    for row in [ROW, ROW - 1] {
        assert!(
            is_found(&findings, row, &[Check::SceneDocument]),
            "{findings:?}"
        );
    }
    let told = findings.iter().any(|f| f.message.contains("skin_tone_mst"));
    assert!(told, "{findings:?}");

    let mut documents = sound.clone();
    documents[ROW]
        .scene_json
        .clone_from(&sound[ROW - 1].scene_json);
    documents[ROW - 1]
        .scene_json
        .clone_from(&sound[ROW].scene_json);
    let findings = judge("documents", &info, &documents);
    assert!(
        is_found(&findings, ROW, &[Check::SceneDocument]),
        "{findings:?}"
    );
}
