//! A dataset becomes files of the SynthHuman layout: the same bytes in every run.

use std::fs;
use std::path::Path;

use half::f16;
use serde::Serialize;

use super::names::{KINDS, base_name, parse};
use super::planes::{Intrinsics, intrinsics_text};
use super::{NO_DEPTH_CM, SAMPLES_PER_ARCHIVE};
use crate::archive::ZipWriter;
use crate::atomic::write_large;
use crate::error::FormatError;
use crate::exr::{Channel, Part, Samples, encode};
use crate::layout::job::{Export, for_each_row, write_file};
use crate::layout::rows::{RowPlace, Rows};
use crate::shard::EncodedRow;

const LAYOUT: &str = "the SynthHuman layout";
/// Samples that names of seven digits count.
const SAMPLES_MAX: u64 = 10_000_000;

/// What is exported, and how.
#[derive(Clone, Debug)]
pub struct ExportJob<'a> {
    /// Which dataset goes where.
    pub export: Export<'a>,
    /// Whether depth and normals are half floats rather than floats.
    pub is_half: bool,
    /// Whether archives are written rather than loose files.
    pub is_zip: bool,
    /// First part of the names of archives.
    pub prefix: &'a str,
    /// Samples in an archive.
    pub samples_per_archive: usize,
}

impl<'a> ExportJob<'a> {
    /// Loose files of floats.
    pub fn new(dataset: &'a Path, out: &'a Path) -> Self {
        Self {
            export: Export::new(dataset, out),
            is_half: false,
            is_zip: false,
            prefix: "SynthHuman",
            samples_per_archive: SAMPLES_PER_ARCHIVE,
        }
    }
}

/// What was exported.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ExportReport {
    /// Samples.
    pub samples: u64,
    /// Archives; 0 for loose files.
    pub archives: u64,
    /// Size of all files.
    pub bytes: u64,
}

/// Exports; `watch` hears how many of how many samples are done.
///
/// Samples are numbered from 0: faces, then full bodies, then upper bodies, then those of unknown
/// framing, each in order of index.
pub fn export(
    job: &ExportJob<'_>,
    mut watch: impl FnMut(u64, u64),
) -> Result<ExportReport, FormatError> {
    let mut rows = job.export.rows()?;
    rows.refuse_splits(LAYOUT)?;
    rows.places
        .sort_by_key(|place| (framing_rank(place), place.index));
    let total = rows.places.len() as u64;
    if total > SAMPLES_MAX {
        let reason = format!("it has {total} samples, names of the layout count to {SAMPLES_MAX}");
        return Err(FormatError::malformed("dataset", reason).in_file(job.export.dataset));
    }
    let per_archive = job.samples_per_archive.max(1);
    begin(job, &rows, per_archive)?;

    let mut report = ExportReport::default();
    watch(0, total);
    let encode = |row: &EncodedRow| files_of(row, job.is_half);
    if !job.is_zip {
        for_each_row(&rows, &rows.places, encode, |_, files| {
            for (name, bytes) in named(report.samples, &files) {
                write_file(&job.export.out.join(name), bytes)?;
                report.bytes += bytes.len() as u64;
            }
            report.samples += 1;
            watch(report.samples, total);
            Ok(())
        })?;
        return Ok(report);
    }
    for (number, places) in rows.places.chunks(per_archive).enumerate() {
        let path = job.export.out.join(archive_name(job.prefix, number));
        report.archives += 1;
        if path.exists() && !job.export.overwrite {
            // An earlier run finished it.
            report.samples += places.len() as u64;
        } else {
            write_large(&path, None, |out| {
                let failed = |error| FormatError::write("write", &path, 0, error);
                let mut zip = ZipWriter::new(out);
                for_each_row(&rows, places, encode, |_, files| {
                    for (name, bytes) in named(report.samples, &files) {
                        let needed = bytes.len() as u64;
                        zip.add(&name, bytes)
                            .map_err(|error| FormatError::write("write", &path, needed, error))?;
                    }
                    report.samples += 1;
                    watch(report.samples, total);
                    Ok(())
                })?;
                zip.finish().map(|_| ()).map_err(failed)
            })?;
        }
        let metadata = fs::metadata(&path);
        report.bytes += metadata
            .map_err(|error| FormatError::io("look at", &path, error))?
            .len();
        watch(report.samples, total);
    }
    Ok(report)
}

fn begin(job: &ExportJob<'_>, rows: &Rows, per_archive: usize) -> Result<(), FormatError> {
    let n_samples = rows.places.len() as u64;
    let kind = if job.is_half { "half" } else { "float" };
    let options = match job.is_zip {
        true => format!("{kind}, {} archives of {per_archive} samples", job.prefix),
        false => format!("{kind}, loose"),
    };
    let n_archives = rows.places.len().div_ceil(per_archive);
    let archives: Vec<String> = (0..n_archives)
        .map(|number| archive_name(job.prefix, number))
        .collect();
    job.export.begin(rows, ("synthhuman", &options), |name| {
        if let Some((_, index)) = parse(base_name(name)) {
            return Some(!job.is_zip && index < n_samples && !name.contains('/'));
        }
        name.ends_with(".zip")
            .then(|| job.is_zip && archives.iter().any(|archive| archive == name))
    })
}

fn archive_name(prefix: &str, number: usize) -> String {
    format!("{prefix}_{number:04}.zip")
}

/// The files of a sample with their names.
fn named(number: u64, files: &[Vec<u8>; 5]) -> impl Iterator<Item = (String, &[u8])> {
    let kinds = KINDS.iter().zip(files);
    kinds.map(move |((kind, ending), bytes)| {
        (format!("{kind}_{number:07}.{ending}"), bytes.as_slice())
    })
}

fn framing_rank(place: &RowPlace) -> usize {
    let order = ["face", "full_body", "upper_body"];
    let is_it = |framing: &&str| place.framing.as_deref() == Some(*framing);
    order.iter().position(is_it).unwrap_or(order.len())
}

/// The files of a sample, in the order of [`KINDS`].
fn files_of(row: &EncodedRow, is_half: bool) -> Result<[Vec<u8>; 5], FormatError> {
    let planes = row.decode()?;
    let depth = planes.depth_m.iter().zip(&planes.alpha8);
    let depth_cm: Vec<f32> = depth
        .map(|(&depth_m, &alpha)| centimetres(depth_m, alpha))
        .collect();
    let samples = |values: Vec<f32>| match is_half {
        true => Samples::Half(values.into_iter().map(f16::from_f32).collect()),
        false => Samples::Float(values),
    };
    let part = |channels: Vec<Channel>| Part {
        name: "",
        channels,
        attributes: Vec::new(),
    };
    let size = (planes.width, planes.height);
    let depth = part(vec![Channel {
        name: "Y",
        samples: samples(depth_cm),
    }]);
    // OpenCV loads B first: its arrays then hold X, Y, Z.
    let axis = |name: &'static str, axis: usize| Channel {
        name,
        samples: samples(planes.normal.iter().map(|normal| normal[axis]).collect()),
    };
    let normal = part(vec![axis("B", 0), axis("G", 1), axis("R", 2)]);
    let meta = &row.meta;
    let cam = intrinsics_text(Intrinsics {
        fx: meta.fx,
        fy: meta.fy,
        cx: meta.cx,
        cy: meta.cy,
    });
    Ok([
        row.image.clone(),
        row.alpha.clone(),
        encode(size.0, size.1, &[depth]),
        encode(size.0, size.1, &[normal]),
        cam.into_bytes(),
    ])
}

/// Centimetres of a stored depth, or what says that there is none.
fn centimetres(depth_m: f32, alpha: u8) -> f32 {
    let cm = (f64::from(depth_m) * 100.0) as f32;
    if alpha == 0 || cm >= NO_DEPTH_CM {
        NO_DEPTH_CM
    } else {
        cm
    }
}
