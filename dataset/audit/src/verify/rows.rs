//! One row of a shard: its bytes, its labels and its planes.

use std::collections::BTreeMap;

use bottega_format::measure::{Measured, PlaneView};
use bottega_format::{EncodedRow, StoredPlanes};
use bottega_schemas::column::{Group, Value};
use bottega_schemas::sample::COLUMNS;
use bottega_schemas::shard_schema::{
    ALPHA_BLAKE3, DEPTH_BLAKE3, IMAGE_BLAKE3, NORMAL_BLAKE3, SCENE_BLAKE3,
};
use bottega_schemas::{Part, Plane, PlaneEncoding, SampleMeta};

use crate::finding::{Check, Finding};

use super::config::VerifyConfig;
use super::is_close;
use super::labels::check_labels;
use super::optional_planes::check_optional_planes;
use super::planes::{Pinhole, PlaneSlices, check_planes, median};
use super::points::check_points_on_skin;
use super::row_facts::RowFacts;
use super::scene::check_scene;
use super::surface::SurfaceFit;

/// Checks a row as it was read; `generated` rows must have every required label. Returns what the
/// checks across rows need, where the planes can be decoded.
pub(super) fn check_row(
    (row_idx, row): (u64, &EncodedRow),
    hashes: &BTreeMap<&'static str, String>,
    generated: bool,
    config: &VerifyConfig,
    findings: &mut Vec<Finding>,
) -> Option<RowFacts> {
    if config.checksums {
        check_hashes(row, hashes, generated, findings);
        check_attributes(row, generated, findings);
    }
    check_labels(&row.meta, generated, findings);
    check_scene(&row.scene_json, &row.meta, generated, findings);
    match row.decode() {
        Ok(planes) => {
            let fit = check_decoded(&planes, &row.meta, config, findings);
            Some(RowFacts::of(row_idx, row, &planes, fit))
        }
        Err(err) => {
            findings.push(Finding::new(Check::Readable, err.to_string()));
            None
        }
    }
}

fn check_hashes(
    row: &EncodedRow,
    hashes: &BTreeMap<&'static str, String>,
    generated: bool,
    findings: &mut Vec<Finding>,
) {
    let blobs: [(&str, &[u8]); 5] = [
        (IMAGE_BLAKE3, &row.image),
        (ALPHA_BLAKE3, &row.alpha),
        (DEPTH_BLAKE3, &row.depth_exr),
        (NORMAL_BLAKE3, &row.normal_exr),
        (SCENE_BLAKE3, row.scene_json.as_bytes()),
    ];
    for (column, bytes) in blobs {
        let computed = blake3::hash(bytes).to_hex();
        let message = match hashes.get(column) {
            Some(stored) if *stored == computed.as_str() => continue,
            Some(stored) => format!("{column} says {stored}, the stored bytes have {computed}"),
            None if generated => format!("{column} is null, the stored bytes have {computed}"),
            None => continue,
        };
        findings.push(Finding::new(Check::BlobHash, message));
    }
}

/// Compares what the EXR files say of themselves with what they are.
fn check_attributes(row: &EncodedRow, generated: bool, findings: &mut Vec<Finding>) {
    let required = [
        (Plane::Depth, &row.depth_exr),
        (Plane::Normal, &row.normal_exr),
    ];
    let optional = (row.optional.iter()).map(|(plane, file)| (*plane, file));
    for (plane, file) in required.into_iter().chain(optional) {
        if plane.encoding() == PlaneEncoding::Byte {
            continue;
        }
        // A file that cannot be read is found when it is decoded.
        let Ok(attributes) = bottega_format::plane_attributes(file) else {
            continue;
        };
        let wanted = [
            ("bottega.layer", plane.exr_part()),
            ("bottega.unit", plane.unit()),
            ("bottega.sample_id", row.meta.sample_id.as_str()),
        ];
        for (name, wanted) in wanted {
            let message = match attributes.get(name) {
                Some(found) if found == wanted => continue,
                Some(found) => format!("attribute {name} is {found:?}, wanted {wanted:?}"),
                None if generated => format!("attribute {name} is missing, wanted {wanted:?}"),
                None => continue,
            };
            findings.push(Finding::new(Check::Encoding, message).at(plane, None));
        }
    }
}

fn check_decoded(
    planes: &StoredPlanes,
    meta: &SampleMeta,
    config: &VerifyConfig,
    findings: &mut Vec<Finding>,
) -> Option<SurfaceFit> {
    let size = [planes.width as i64, planes.height as i64];
    if [meta.width, meta.height].map(i64::from) != size {
        let message = format!(
            "the planes have {} x {} pixels, the labels say {} x {}",
            size[0], size[1], meta.width, meta.height
        );
        findings.push(Finding::new(Check::PlaneSize, message));
    }
    let pinhole = (meta.fx > 0.0 && meta.fy > 0.0).then_some(Pinhole {
        fx: meta.fx,
        fy: meta.fy,
        cx: meta.cx,
        cy: meta.cy,
    });
    let parts = planes
        .optional
        .get(&Plane::PartId)
        .and_then(|values| values.bytes());
    let is_hair: Option<Vec<bool>> = parts.map(|parts| {
        let is_hair = |number: &u8| {
            let mut hair = Part::ALL.iter().filter(|part| part.is_hair());
            hair.any(|part| *part as u8 == *number)
        };
        parts.iter().map(is_hair).collect()
    });
    let slices = PlaneSlices {
        width: planes.width,
        height: planes.height,
        rgb8: &planes.rgb8,
        alpha8: &planes.alpha8,
        depth_m: &planes.depth_m,
        normal: &planes.normal,
        is_hair: is_hair.as_deref(),
    };
    let fit = check_planes(&slices, pinhole, config, findings);
    let camera = (pinhole, meta.world_from_camera);
    check_optional_planes(planes, camera, config, findings);
    let size = (planes.width, planes.height);
    check_points_on_skin(meta, &planes.depth_m, size, findings);
    check_measured(planes, meta, config, findings);
    check_distance(planes, meta, config, findings);
    fit
}

/// The person is about where the labels place it.
fn check_distance(
    planes: &StoredPlanes,
    meta: &SampleMeta,
    config: &VerifyConfig,
    findings: &mut Vec<Finding>,
) {
    let depths = planes.depth_m.iter().zip(&planes.alpha8);
    let mut depths_m: Vec<f32> = depths
        .filter(|(depth_m, alpha)| depth_m.is_finite() && **alpha >= 128)
        .map(|(depth_m, _)| *depth_m)
        .collect();
    let (Some(median_m), Some(distance_m)) = (median(&mut depths_m), meta.camera_distance_m) else {
        return;
    };
    let (median_m, distance_m) = (f64::from(median_m), f64::from(distance_m));
    let [slack_m, share] = config.camera_distance_tolerance;
    let tolerance_m = slack_m + share * distance_m;
    if !is_close(median_m, distance_m, tolerance_m) {
        let message = format!(
            "the median is {median_m} m, but the camera is labelled {distance_m} m away, wanted \
             within {tolerance_m:.2} m"
        );
        findings.push(Finding::new(Check::Depth, message).at(Plane::Depth, None));
    }
}

/// Computes the measured columns again. Those that need the facial-skin mask, which is not
/// stored, come out null and are not compared.
fn check_measured(
    planes: &StoredPlanes,
    meta: &SampleMeta,
    config: &VerifyConfig,
    findings: &mut Vec<Finding>,
) {
    let view = PlaneView {
        width: planes.width,
        rgb8: &planes.rgb8,
        alpha8: &planes.alpha8,
        depth_m: &planes.depth_m,
    };
    let mut measured = SampleMeta::default();
    Measured::of(&view, None).store_in(&mut measured);
    let columns = COLUMNS.iter().zip(meta.values()).zip(measured.values());
    for ((column, stored), computed) in columns {
        if column.group != Group::Measured || computed == Value::Null || stored == Value::Null {
            continue;
        }
        let (Some(stored), Some(computed)) = (stored.as_f64(), computed.as_f64()) else {
            continue;
        };
        let size = computed.abs().max(1.0);
        if !is_close(stored, computed, config.measured_tolerance * size) {
            let message = format!("{} is {stored}, the planes give {computed}", column.name);
            findings.push(Finding::new(Check::Measured, message));
        }
    }
}
