//! COCO instances: pictures in `images`, boxes and masks in `annotations.json`.
//!
//! The mask of a person is coverage of at least one half; where the part plane is stored, each part
//! that is seen has an annotation of its own. Masks are run-length encoded down the columns, in
//! the packed text of COCO. Labels that are known stand under `attributes`.
//!
//! Where joints are known, a person has the 17 keypoints of COCO, and beside them those of feet,
//! face and hands as COCO-WholeBody names them. Positions are film positions like the boxes: the
//! first pixel has its centre at 0.5.

use std::collections::BTreeSet;
use std::io::Write as _;

use serde_json::{Value, json};

use bottega_schemas::points::{COCO_BODY, COCO_FEET, COCO_HANDS, COCO_SKELETON, JOINTS};
use bottega_schemas::{Part, Plane, SampleMeta};

use super::job::{Export, Exported, for_each_row, make_subfolder, write_file};
use super::point_list::PointList;
use super::rows::{Rows, known_words};
use crate::atomic::write_large;
use crate::error::FormatError;
use crate::shard::EncodedRow;

/// Number of the category of whole persons; parts follow as this plus their number.
const PERSON: u32 = 1;
const PARTS_FROM: u32 = 100;

/// Folder of the pictures.
const IMAGES: &str = "images";
/// Name of the file of boxes and masks.
const ANNOTATIONS_FILE: &str = "annotations.json";

/// Landmarks of a face that COCO-WholeBody lists: all but the pupils.
const FACE: std::ops::Range<usize> = 0..68;

/// Why `keypoints` and `num_keypoints` are absent.
const NO_KEYPOINTS: &str = "keypoints: the samples hold no joints";
/// Why they are absent of some persons.
const FEW_KEYPOINTS: &str = "keypoints: some samples hold no joints";

/// Alpha of at least one half.
const ALPHA_HALF: u8 = 128;

/// Exports to `images/*.png` and `annotations.json`.
pub fn export(job: &Export<'_>, mut watch: impl FnMut(u64, u64)) -> Result<Exported, FormatError> {
    let rows = job.rows()?;
    let names: BTreeSet<String> = rows
        .places
        .iter()
        .map(|place| format!("{IMAGES}/{}", file_name(&place.sample_id)))
        .collect();
    job.begin(&rows, ("coco", ""), |name| {
        let is_picture = name.starts_with(IMAGES) && name.ends_with(".png");
        let is_of_layout = is_picture || name == ANNOTATIONS_FILE;
        is_of_layout.then(|| names.contains(name) || name == ANNOTATIONS_FILE)
    })?;
    let images = job.out.join(IMAGES);
    make_subfolder(&images)?;
    let total = rows.places.len() as u64;
    let mut report = Exported {
        left_out: left_out(&rows),
        ..Exported::default()
    };
    let plan = rows.plan();
    let license = plan
        .as_ref()
        .map_or("NOASSERTION", |plan| plan.license.as_str())
        .to_owned();
    let name = plan
        .as_ref()
        .map_or("", |plan| plan.dataset.as_str())
        .to_owned();
    let path = job.out.join(ANNOTATIONS_FILE);
    watch(0, total);
    write_large(&path, None, |out| {
        let failed = |error| FormatError::write("write", &path, 0, error);
        let head = json!({ "description": name, "version": "1.0", "left_out": report.left_out });
        let licenses = json!([{ "id": 1, "name": license, "url": "" }]);
        write!(out, "{{\n\"info\": {head},\n\"licenses\": {licenses},\n\"categories\": {},\n\"annotations\": [", categories())
            .map_err(failed)?;
        let (mut entries, mut n_annotations) = (Vec::new(), 0u64);
        for_each_row(
            &rows,
            &rows.places,
            objects_of,
            |place, (mut image, objects, png)| {
                let file = file_name(&place.sample_id);
                write_file(&images.join(&file), &png)?;
                image["id"] = place.index.into();
                image["file_name"] = file.into();
                entries.push(image.to_string());
                for mut object in objects {
                    let comma = if n_annotations == 0 { "" } else { "," };
                    n_annotations += 1;
                    object["id"] = n_annotations.into();
                    object["image_id"] = place.index.into();
                    write!(out, "{comma}\n{object}").map_err(failed)?;
                }
                report.samples += 1;
                report.files += 1;
                watch(report.samples, total);
                Ok(())
            },
        )?;
        write!(out, "\n],\n\"images\": [\n{}\n]\n}}\n", entries.join(",\n")).map_err(failed)
    })?;
    report.files += 1;
    Ok(report)
}

fn file_name(sample_id: &str) -> String {
    format!("{sample_id}.png")
}

fn left_out(rows: &Rows) -> Vec<&'static str> {
    let with_joints = rows.places.iter().filter(|place| place.has_points[0]);
    match with_joints.count() {
        0 => vec![NO_KEYPOINTS],
        n if n < rows.places.len() => vec![FEW_KEYPOINTS],
        _ => Vec::new(),
    }
}

fn categories() -> Value {
    let keypoints: Vec<&str> = JOINTS[COCO_BODY].iter().map(|joint| joint.name).collect();
    let mut list = vec![json!({
        "id": PERSON,
        "name": "person",
        "supercategory": "person",
        "keypoints": keypoints,
        "skeleton": COCO_SKELETON,
    })];
    for part in Part::ALL {
        let name = serde_json::to_value(part).expect("a word");
        let id = PARTS_FROM + u32::from(part as u8);
        list.push(json!({ "id": id, "name": name, "supercategory": "part" }));
    }
    list.into()
}

/// The entry of the picture, its annotations, and the picture itself.
fn objects_of(row: &EncodedRow) -> Result<(Value, Vec<Value>, Vec<u8>), FormatError> {
    let planes = row.decode()?;
    let size = (planes.width, planes.height);
    let mut objects = Vec::new();
    let person: Vec<bool> = planes
        .alpha8
        .iter()
        .map(|&alpha| alpha >= ALPHA_HALF)
        .collect();
    if let Some(mut object) = annotation(PERSON, &person, size) {
        object["attributes"] = known_words(&row.meta).into();
        add_keypoints(&mut object, &row.meta)?;
        objects.push(object);
    }
    if let Some(parts) = planes
        .optional
        .get(&Plane::PartId)
        .and_then(|values| values.bytes())
    {
        for part in Part::ALL {
            let mask: Vec<bool> = parts.iter().map(|&number| number == part as u8).collect();
            objects.extend(annotation(PARTS_FROM + u32::from(part as u8), &mask, size));
        }
    }
    let image = json!({
        "width": size.0,
        "height": size.1,
        "license": 1,
    });
    Ok((image, objects, row.image.clone()))
}

/// Adds the keypoints of a person, where they are known.
fn add_keypoints(object: &mut Value, meta: &SampleMeta) -> Result<(), FormatError> {
    if let Some(joints) = PointList::joints(meta)? {
        object["keypoints"] = joints.triples(COCO_BODY).into();
        object["num_keypoints"] = joints.n_inside(COCO_BODY).into();
        object["foot_kpts"] = joints.triples(COCO_FEET).into();
        object["foot_valid"] = (joints.n_inside(COCO_FEET) > 0).into();
        for (hand, range) in ["lefthand", "righthand"].into_iter().zip(COCO_HANDS) {
            add_part(object, hand, &joints, range);
        }
    }
    if let Some(landmarks) = PointList::landmarks(meta)? {
        add_part(object, "face", &landmarks, FACE);
    }
    Ok(())
}

/// Adds keypoints of a part of a person as COCO-WholeBody names them, with the box about them.
fn add_part(object: &mut Value, name: &str, points: &PointList<'_>, range: std::ops::Range<usize>) {
    object[format!("{name}_box")] = json!(points.bounds(range.clone()));
    object[format!("{name}_valid")] = (points.n_inside(range.clone()) > 0).into();
    object[format!("{name}_kpts")] = points.triples(range).into();
}

/// Box, area and mask; `None` where nothing is set.
fn annotation(category: u32, mask: &[bool], (width, height): (usize, usize)) -> Option<Value> {
    let set = || {
        mask.iter()
            .enumerate()
            .filter(|(_, set)| **set)
            .map(|(px, _)| px)
    };
    let (first, last) = (set().next()?, set().next_back()?);
    let left = set().map(|px| px % width).min()?;
    let right = set().map(|px| px % width).max()?;
    let (top, bottom) = (first / width, last / width);
    Some(json!({
        "category_id": category,
        "bbox": [left, top, right + 1 - left, bottom + 1 - top],
        "area": set().count(),
        "iscrowd": 0,
        "segmentation": {
            "size": [height, width],
            "counts": pack_runs(&runs(mask, (width, height))),
        },
    }))
}

/// Lengths of the runs of unset and set pixels, down the columns, unset first.
fn runs(mask: &[bool], (width, height): (usize, usize)) -> Vec<u32> {
    let mut runs = Vec::new();
    let (mut current, mut length) = (false, 0);
    for px in (0..width).flat_map(|x| (0..height).map(move |y| y * width + x)) {
        if mask[px] == current {
            length += 1;
        } else {
            runs.push(length);
            (current, length) = (!current, 1);
        }
    }
    runs.push(length);
    runs
}

/// The text of COCO: from the third run on the difference to the run before the last, in groups of
/// five bits, the lowest first, with a bit that says whether more follow, as characters from `0`.
fn pack_runs(runs: &[u32]) -> String {
    let mut text = String::new();
    for (i, &run) in runs.iter().enumerate() {
        let mut rest = i64::from(run) - if i > 2 { i64::from(runs[i - 2]) } else { 0 };
        loop {
            let group = (rest & 0x1f) as u8;
            rest >>= 5;
            // The sign is the fifth bit of the last group.
            let is_last = if group & 0x10 != 0 {
                rest == -1
            } else {
                rest == 0
            };
            text.push(char::from(48 + if is_last { group } else { group | 0x20 }));
            if is_last {
                break;
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_go_down_the_columns_and_start_unset() {
        // Two columns, three rows: the left column set, the right one but for its top.
        let mask = [true, false, true, true, true, true];
        assert_eq!(runs(&mask, (2, 3)), [0, 3, 1, 2]);
        assert_eq!(runs(&[false; 4], (2, 2)), [4]);
    }
}
