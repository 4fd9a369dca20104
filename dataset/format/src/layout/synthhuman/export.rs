//! A dataset becomes files of the SynthHuman layout: the same bytes in every run.

use std::fs::{self, File};
use std::io::BufWriter;
use std::path::{Path, PathBuf};

use half::f16;
use rayon::prelude::*;
use serde::Serialize;

use super::names::KINDS;
use super::planes::{Intrinsics, intrinsics_text};
use super::{NO_DEPTH_CM, SAMPLES_PER_ARCHIVE};
use crate::atomic::{publish, temporary};
use crate::error::FormatError;
use crate::exr::{Channel, Part, Samples, encode};
use crate::layout::rows::{RowPlace, Rows, make_folder};
use crate::shard::EncodedRow;
use crate::zip::ZipWriter;

/// Samples that are encoded at a time.
const BATCH: usize = 32;

/// What is exported, and how.
#[derive(Clone, Debug)]
pub struct ExportJob<'a> {
    /// Dataset folder or shard.
    pub dataset: &'a Path,
    /// Folder that receives the files.
    pub out: &'a Path,
    /// Whether depth and normals are half floats rather than floats.
    pub is_half: bool,
    /// Whether archives are written rather than loose files.
    pub is_zip: bool,
    /// First part of the names of archives.
    pub prefix: &'a str,
    /// Samples in an archive.
    pub samples_per_archive: usize,
    /// Whether files that are there are replaced.
    pub overwrite: bool,
}

impl<'a> ExportJob<'a> {
    /// Loose files of floats.
    pub fn new(dataset: &'a Path, out: &'a Path) -> Self {
        Self {
            dataset,
            out,
            is_half: false,
            is_zip: false,
            prefix: "SynthHuman",
            samples_per_archive: SAMPLES_PER_ARCHIVE,
            overwrite: false,
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
    let mut rows = Rows::of(job.dataset)?;
    rows.places
        .sort_by_key(|place| (framing_rank(place), place.index));
    make_folder(job.out, job.overwrite)?;
    let total = rows.places.len() as u64;
    let mut report = ExportReport::default();
    let per_file = if job.is_zip {
        job.samples_per_archive.max(1)
    } else {
        usize::MAX
    };
    watch(0, total);
    for (archive_idx, places) in rows.places.chunks(per_file).enumerate() {
        let mut sink = if job.is_zip {
            let name = format!("{}_{archive_idx:04}.zip", job.prefix);
            report.archives += 1;
            Sink::archive(&job.out.join(name))?
        } else {
            Sink::Folder(job.out.to_owned())
        };
        for batch in places.chunks(BATCH) {
            let encoded: Vec<[Vec<u8>; 5]> = batch
                .par_iter()
                .map(|place| files_of(&rows.row(place)?, job.is_half))
                .collect::<Result<_, _>>()?;
            for files in &encoded {
                for ((kind, ending), bytes) in KINDS.iter().zip(files) {
                    sink.add(&format!("{kind}_{:07}.{ending}", report.samples), bytes)?;
                    report.bytes += bytes.len() as u64;
                }
                report.samples += 1;
            }
            watch(report.samples, total);
        }
        sink.finish()?;
    }
    Ok(report)
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

/// Where files go.
enum Sink {
    Folder(PathBuf),
    Archive {
        path: PathBuf,
        zip: ZipWriter<BufWriter<File>>,
    },
}

impl Sink {
    fn archive(path: &Path) -> Result<Self, FormatError> {
        let tmp = temporary(path);
        let file =
            File::create(&tmp).map_err(|error| FormatError::write("create", path, 0, error))?;
        Ok(Self::Archive {
            path: path.to_owned(),
            zip: ZipWriter::new(BufWriter::with_capacity(1 << 20, file)),
        })
    }

    fn add(&mut self, name: &str, bytes: &[u8]) -> Result<(), FormatError> {
        let needed = bytes.len() as u64;
        match self {
            Self::Folder(folder) => {
                let path = folder.join(name);
                fs::write(&path, bytes)
                    .map_err(|error| FormatError::write("write", &path, needed, error))
            }
            Self::Archive { path, zip } => zip
                .add(name, bytes)
                .map_err(|error| FormatError::write("write", path, needed, error)),
        }
    }

    /// An archive appears under its name only now.
    fn finish(self) -> Result<(), FormatError> {
        let Self::Archive { path, zip } = self else {
            return Ok(());
        };
        let failed = |error| FormatError::write("write", &path, 0, error);
        let out = zip.finish().map_err(failed)?;
        let file = out
            .into_inner()
            .map_err(|error| failed(error.into_error()))?;
        file.sync_all().map_err(failed)?;
        publish(&temporary(&path), &path)
    }
}
