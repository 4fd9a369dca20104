//! NPZ: one file of NumPy arrays a sample, for whoever has no EXR reader, and labels as JSON lines.
//!
//! `rgb` u8 H x W x 3, `alpha` u8 H x W, `depth_m` f32 H x W (+inf for none), `normal` f32
//! H x W x 3 (X, Y, Z), `K` f64 3 x 3, `world_from_camera` f64 4 x 4 where it is known, and the
//! optional planes by their names, and points by those of their columns: `joints_px` f32 75 x 2 and
//! so on. Members are stored, as `numpy.savez` does.

use std::collections::BTreeSet;
use std::io::{Cursor, Write as _};

use bottega_schemas::sample::COLUMNS;
use bottega_schemas::{Group, Value};

use crate::archive::ZipWriter;
use crate::atomic::write_large;
use crate::error::FormatError;
use crate::plane_values::PlaneValues;
use crate::shard::EncodedRow;

use super::job::{Export, Exported, for_each_row, write_file};

/// Name of the file of labels.
const LABELS_FILE: &str = "labels.jsonl";

/// Exports to `<sample_id>.npz` and `labels.jsonl`.
pub fn export(job: &Export<'_>, mut watch: impl FnMut(u64, u64)) -> Result<Exported, FormatError> {
    let rows = job.rows()?;
    let names: BTreeSet<String> = rows
        .places
        .iter()
        .map(|place| file_name(&place.sample_id))
        .collect();
    job.begin(&rows, ("npz", ""), |name| {
        let is_of_layout = name.ends_with(".npz") || name == LABELS_FILE;
        is_of_layout.then(|| names.contains(name) || name == LABELS_FILE)
    })?;
    let total = rows.places.len() as u64;
    let mut report = Exported::default();
    watch(0, total);
    let labels_path = job.out.join(LABELS_FILE);
    write_large(&labels_path, None, |labels| {
        let encode = |row: &EncodedRow| {
            let line = serde_json::to_vec(&row.meta).expect("labels are plain data");
            Ok((row.meta.sample_id.clone(), arrays_of(row)?, line))
        };
        for_each_row(&rows, &rows.places, encode, |_, (id, file, mut line)| {
            write_file(&job.out.join(file_name(&id)), &file)?;
            line.push(b'\n');
            labels
                .write_all(&line)
                .map_err(|error| FormatError::write("write", &labels_path, 0, error))?;
            report.samples += 1;
            report.files += 1;
            watch(report.samples, total);
            Ok(())
        })
    })?;
    report.files += 1;
    Ok(report)
}

fn file_name(sample_id: &str) -> String {
    format!("{sample_id}.npz")
}

/// The file of a sample.
fn arrays_of(row: &EncodedRow) -> Result<Vec<u8>, FormatError> {
    let planes = row.decode()?;
    let (h, w) = (planes.height, planes.width);
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let mut add = |name: &str, dtype: &str, shape: &[usize], bytes: &[u8]| {
        zip.add(&format!("{name}.npy"), &npy(dtype, shape, bytes))
            .expect("memory takes every byte, and planes are smaller than 4 GB");
    };
    let floats = |values: &[f32]| -> Vec<u8> {
        values
            .iter()
            .flat_map(|value| value.to_le_bytes())
            .collect()
    };
    let doubles = |values: &[f64]| -> Vec<u8> {
        values
            .iter()
            .flat_map(|value| value.to_le_bytes())
            .collect()
    };
    add("rgb", "|u1", &[h, w, 3], &planes.rgb8);
    add("alpha", "|u1", &[h, w], &planes.alpha8);
    add("depth_m", "<f4", &[h, w], &floats(&planes.depth_m));
    add(
        "normal",
        "<f4",
        &[h, w, 3],
        &floats(planes.normal.as_flattened()),
    );
    let meta = &row.meta;
    let k = [meta.fx, 0.0, meta.cx, 0.0, meta.fy, meta.cy, 0.0, 0.0, 1.0];
    add("K", "<f8", &[3, 3], &doubles(&k));
    if let Some(matrix) = &meta.world_from_camera {
        add("world_from_camera", "<f8", &[4, 4], &doubles(matrix));
    }
    for (plane, values) in &planes.optional {
        let name = plane.exr_part();
        match values {
            PlaneValues::Scalar(values) => add(name, "<f4", &[h, w], &floats(values)),
            PlaneValues::Vector(values) => {
                add(name, "<f4", &[h, w, 3], &floats(values.as_flattened()));
            }
            PlaneValues::Layers(values) => {
                add(name, "<f4", &[h, w, 4], &floats(values.as_flattened()));
            }
            PlaneValues::Byte(values) => add(name, "|u1", &[h, w], values),
        }
    }
    for (column, value) in COLUMNS.iter().zip(meta.values()) {
        // Places have three numbers, film positions two, visibilities one.
        let per_point = match column.unit {
            "m" => 3,
            _ => 2,
        };
        match value {
            Value::F32List(list)
                if column.group == Group::Points && list.len().is_multiple_of(per_point) =>
            {
                let shape = [list.len() / per_point, per_point];
                add(column.name, "<f4", &shape, &floats(&list));
            }
            Value::I8List(list) if column.group == Group::Points => {
                let bytes: Vec<u8> = list.iter().map(|v| v.cast_unsigned()).collect();
                add(column.name, "|i1", &[list.len()], &bytes);
            }
            _ => {}
        }
    }
    let file = zip.finish().expect("memory takes every byte");
    Ok(file.into_inner())
}

/// An array in the NPY format, version 1.0: magic, length of the header, header, values.
fn npy(dtype: &str, shape: &[usize], bytes: &[u8]) -> Vec<u8> {
    let sizes: Vec<String> = shape.iter().map(ToString::to_string).collect();
    let shape = format!("({},)", sizes.join(", "));
    let mut header = format!("{{'descr': '{dtype}', 'fortran_order': False, 'shape': {shape}, }}");
    // The values start at a multiple of 64 bytes.
    let length = (10 + header.len() + 1).next_multiple_of(64) - 10;
    header.push_str(&" ".repeat(length - 1 - header.len()));
    header.push('\n');
    let mut file = Vec::with_capacity(10 + length + bytes.len());
    file.extend(b"\x93NUMPY\x01\x00");
    file.extend((length as u16).to_le_bytes());
    file.extend(header.as_bytes());
    file.extend(bytes);
    file
}
