//! The FaceSynthetics layout: `NNNNNN.png`, `NNNNNN_seg.png` and `NNNNNN_ldmks.txt`.
//!
//! Landmarks are the 68 of iBUG and the right and left pupil, a line `x y` each, in pixels: the
//! first pixel has its centre at 0.5, and points outside of the picture stand beyond its borders.
//! Where a sample has none, an export that should have them is refused.
//!
//! Segmentation follows from the part plane as far as it tells: one number for all bare skin, none
//! for the side of eyes and brows. What it cannot tell is 255, which readers ignore; `classes.json`
//! says so.

use std::fmt::Write as _;

use serde_json::json;

use bottega_schemas::{Part, Plane};

use super::job::{Export, Exported, for_each_row, write_file};
use super::point_list::PointList;
use crate::error::FormatError;
use crate::png;
use crate::shard::EncodedRow;

const LAYOUT: &str = "the FaceSynthetics layout";
const IGNORED: u8 = 255;
/// Samples that names of six digits count.
const SAMPLES_MAX: u64 = 1_000_000;

/// Class of a part number.
fn class_of(number: u8) -> u8 {
    match Part::ALL.into_iter().find(|part| *part as u8 == number) {
        _ if number == 0 => 0,
        Some(Part::Ground | Part::Seat) => 0,
        Some(Part::Skin) => 1,
        Some(Part::Teeth | Part::Tongue | Part::Mouth) => 9,
        Some(Part::Hair) => 13,
        Some(Part::Beard) => 14,
        Some(Part::Top | Part::Bottom | Part::Shoe) => 15,
        Some(Part::Glasses | Part::Lens) => 16,
        Some(Part::Headwear) => 17,
        Some(Part::Facewear) => 18,
        Some(Part::Eye | Part::Cornea | Part::Brow | Part::Lash) => IGNORED,
        Some(Part::Earring | Part::Down) | None => IGNORED,
    }
}

/// Exports pictures, segmentation and, `with_landmarks`, landmarks, which every sample must have
/// then.
pub fn export(
    job: &Export<'_>,
    with_landmarks: bool,
    mut watch: impl FnMut(u64, u64),
) -> Result<Exported, FormatError> {
    let rows = job.rows()?;
    rows.refuse_splits(LAYOUT)?;
    let [_, has_landmarks] = rows.places.iter().fold([true; 2], |all, place| {
        std::array::from_fn(|i| all[i] && place.has_points[i])
    });
    if with_landmarks && !has_landmarks {
        return Err(lacks_landmarks());
    }
    let has_parts = |shard: &crate::shard::ShardReader| {
        shard
            .columns()
            .iter()
            .any(|column| column == Plane::PartId.column())
    };
    if !rows.shards.iter().all(has_parts) {
        return Err(lacks_parts());
    }
    let total = rows.places.len() as u64;
    if total > SAMPLES_MAX {
        let reason = format!("{total} samples, its names count to {SAMPLES_MAX}");
        return Err(FormatError::malformed("dataset", reason).in_file(job.dataset));
    }
    let options = if with_landmarks { "" } else { "no landmarks" };
    job.begin(&rows, ("facesynthetics", options), |name| {
        let digits = match name.strip_suffix("_ldmks.txt") {
            Some(digits) => digits,
            None => {
                let stem = name.strip_suffix(".png")?;
                stem.strip_suffix("_seg").unwrap_or(stem)
            }
        };
        let is_number = digits.len() == 6 && digits.bytes().all(|b| b.is_ascii_digit());
        is_number.then(|| digits.parse().is_ok_and(|number: u64| number < total))
    })?;
    let mut report = Exported::default();
    if !with_landmarks {
        report.left_out.push("_ldmks.txt: not asked for");
    }
    watch(0, total);
    let files_of = |row: &EncodedRow| {
        let (png, seg) = pictures_of(row)?;
        let landmarks = if with_landmarks {
            Some(landmarks_of(row)?)
        } else {
            None
        };
        Ok((png, seg, landmarks))
    };
    for_each_row(&rows, &rows.places, files_of, |_, (png, seg, landmarks)| {
        let number = report.samples;
        if let Some(landmarks) = landmarks {
            let path = job.out.join(format!("{number:06}_ldmks.txt"));
            write_file(&path, landmarks.as_bytes())?;
            report.files += 1;
        }
        write_file(&job.out.join(format!("{number:06}.png")), &png)?;
        write_file(&job.out.join(format!("{number:06}_seg.png")), &seg)?;
        report.samples += 1;
        report.files += 2;
        watch(report.samples, total);
        Ok(())
    })?;
    let classes = json!({
        "0": "background",
        "1": "bare skin; nose, ears, lips and neck are not told apart",
        "9": "inside of the mouth",
        "13": "hair",
        "14": "beard",
        "15": "clothing",
        "255": "ignore; eyes, brows and lashes, whose side is not known",
    });
    let text = format!("{classes:#}\n");
    write_file(&job.out.join("classes.json"), text.as_bytes())?;
    report.files += 1;
    Ok(report)
}

fn lacks_parts() -> FormatError {
    FormatError::Lacks {
        layout: LAYOUT,
        needed: "the plane part_id",
        reason: "generated datasets have it, imported ones do not".into(),
    }
}

fn lacks_landmarks() -> FormatError {
    FormatError::Lacks {
        layout: LAYOUT,
        needed: "70 landmarks",
        reason: "some samples have none, being imported or made before there were any; pass \
                 --no-landmarks to write pictures and segmentation alone"
            .into(),
    }
}

/// A line for each landmark.
fn landmarks_of(row: &EncodedRow) -> Result<String, FormatError> {
    let landmarks = PointList::landmarks(&row.meta)?.ok_or_else(lacks_landmarks)?;
    let mut text = String::new();
    for [x, y] in landmarks.positions() {
        let _ = writeln!(text, "{x:.4} {y:.4}");
    }
    Ok(text)
}

fn pictures_of(row: &EncodedRow) -> Result<(Vec<u8>, Vec<u8>), FormatError> {
    let planes = row.decode()?;
    let parts = planes
        .optional
        .get(&Plane::PartId)
        .and_then(|values| values.bytes());
    let parts = parts.ok_or_else(lacks_parts)?;
    let classes: Vec<u8> = parts.iter().map(|&number| class_of(number)).collect();
    Ok((row.image.clone(), png::encode_grey(planes.width, &classes)))
}
