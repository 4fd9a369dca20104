//! The files of a prediction: one picture gives up to eight, named after it.
//!
//! | file | what it holds |
//! | --- | --- |
//! | `<name>_depth.png` | 16-bit grey, 1 nearest to 65535 farthest, 0 not the person |
//! | `<name>_depth.exr` | channel `Y`, float, as predicted, larger is farther |
//! | `<name>_normal.png` | 8-bit RGB, black where the person is not |
//! | `<name>_normal.exr` | channels `R`, `G`, `B` = X, Y, Z, half, as predicted |
//! | `<name>_alpha.png` | 8-bit grey |
//! | `<name>_cutout.png` | 8-bit RGBA, the colors of the picture as they are |
//! | `<name>_side_by_side.png` | picture, depth, normals, alpha, the person cut out |
//! | `<name>_prediction.json` | sizes, what the values of the depth picture stand for, names |

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use bottega_format::{LooseValues, encode_loose_exr, write_atomically};
use rayon::prelude::*;
use serde::Serialize;

use crate::error::TrainError;

use super::Prediction;
use super::picture::Picture;
use super::present::{alpha_png, cutout_png, depth_png, depth_range, normal_png};
use super::sheet::sheet_png;

/// Unit of depth, in words.
const RELATIVE: &str = "relative: up to scale and shift";

/// Frame of normals, in words.
const CAMERA: &str = "camera: +X right, +Y up, +Z toward the camera";

/// Which files are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileOptions {
    /// Depth and normals as floats too; large, and slow for large pictures.
    pub is_exr: bool,
}

impl Default for FileOptions {
    fn default() -> Self {
        Self { is_exr: true }
    }
}

/// What was predicted and where it lies.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PredictionReport {
    /// Name of the picture's file.
    pub picture: String,
    /// Width, in pixels.
    pub width: usize,
    /// Height, in pixels.
    pub height: usize,
    /// What the values of the depth picture stand for, if depth was predicted on a person.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub depth: Option<DepthReport>,
    /// Share of the picture that the person covers, if alpha was predicted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alpha_mean: Option<f64>,
    /// Names of the files, by what they hold.
    pub files: BTreeMap<&'static str, String>,
}

/// What the values of a depth picture stand for.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DepthReport {
    /// Depth is known up to scale and shift alone.
    pub unit: &'static str,
    /// Which way it grows.
    pub larger_is: &'static str,
    /// Depth of the value 1.
    pub png_1: f32,
    /// Depth of the value 65535.
    pub png_65535: f32,
    /// Meaning of the value 0.
    pub png_0: &'static str,
}

/// What the files of a picture's prediction begin with: its name without the ending.
pub fn stem(picture: &Path) -> Result<String, TrainError> {
    match picture.file_stem() {
        Some(stem) => Ok(stem.to_string_lossy().into_owned()),
        None => Err(TrainError::stopped(format!(
            "{} names no picture",
            picture.display()
        ))),
    }
}

/// Refuses pictures whose predictions would be written to the same files.
pub fn check_stems(pictures: &[PathBuf]) -> Result<(), TrainError> {
    let mut seen: BTreeMap<String, &Path> = BTreeMap::new();
    for picture in pictures {
        if let Some(other) = seen.insert(stem(picture)?, picture) {
            return Err(TrainError::stopped(format!(
                "{} and {} would be written to the same files; predict them into two folders",
                other.display(),
                picture.display()
            )));
        }
    }
    Ok(())
}

/// A file to be made: what it holds, the end of its name, its bytes.
struct Job<'a> {
    what: &'static str,
    ending: &'static str,
    encode: Box<dyn Fn() -> Result<Vec<u8>, TrainError> + Sync + 'a>,
}

impl<'a> Job<'a> {
    fn new(
        what: &'static str,
        ending: &'static str,
        encode: impl Fn() -> Result<Vec<u8>, TrainError> + Sync + 'a,
    ) -> Self {
        Self {
            what,
            ending,
            encode: Box::new(encode),
        }
    }
}

fn exr(
    prediction: &Prediction,
    values: LooseValues<'_>,
    attributes: &[(&'static str, &str)],
) -> Result<Vec<u8>, TrainError> {
    let size = (prediction.width, prediction.height);
    Ok(encode_loose_exr(size, values, attributes)?)
}

/// Writes all files of a prediction into a folder, which is made if it is missing; each is there
/// whole, or not at all.
pub fn write_prediction(
    folder: &Path,
    path: &Path,
    picture: &Picture,
    prediction: &Prediction,
    options: FileOptions,
) -> Result<PredictionReport, TrainError> {
    fs::create_dir_all(folder).map_err(|error| TrainError::io("make the folder", folder, error))?;
    let stem = stem(path)?;
    let range = depth_range(prediction, 0.0);
    let mut jobs = vec![Job::new("side_by_side", "side_by_side.png", || {
        sheet_png(picture, prediction)
    })];
    if let Some(depth) = &prediction.depth {
        if let Some(range) = range {
            let encode = move || depth_png(prediction, range);
            jobs.push(Job::new("depth", "depth.png", encode));
        }
        if options.is_exr {
            let attributes = [
                ("bottega.layer", "depth"),
                ("bottega.unit", RELATIVE),
                ("bottega.frame", "larger is farther; not masked"),
            ];
            let encode = move || exr(prediction, LooseValues::Scalar(depth), &attributes);
            jobs.push(Job::new("depth_exr", "depth.exr", encode));
        }
    }
    if let Some(normal) = &prediction.normal {
        jobs.push(Job::new("normal", "normal.png", || normal_png(prediction)));
        if options.is_exr {
            let attributes = [("bottega.layer", "normal"), ("bottega.frame", CAMERA)];
            let encode = move || exr(prediction, LooseValues::Direction(normal), &attributes);
            jobs.push(Job::new("normal_exr", "normal.exr", encode));
        }
    }
    if prediction.alpha.is_some() {
        jobs.push(Job::new("alpha", "alpha.png", || alpha_png(prediction)));
        let encode = || cutout_png(picture, prediction);
        jobs.push(Job::new("cutout", "cutout.png", encode));
    }
    jobs.par_iter().try_for_each(|job| {
        let path = folder.join(format!("{stem}_{}", job.ending));
        Ok::<(), TrainError>(write_atomically(&path, &(job.encode)()?)?)
    })?;

    let report_name = format!("{stem}_prediction.json");
    let mut files: BTreeMap<&'static str, String> = jobs
        .iter()
        .map(|job| (job.what, format!("{stem}_{}", job.ending)))
        .collect();
    files.insert("report", report_name.clone());
    let name = path.file_name().unwrap_or_default();
    let report = PredictionReport {
        picture: name.to_string_lossy().into_owned(),
        width: prediction.width,
        height: prediction.height,
        depth: range.map(|range| DepthReport {
            unit: RELATIVE,
            larger_is: "farther",
            png_1: range.near,
            png_65535: range.far,
            png_0: "not the person",
        }),
        alpha_mean: prediction.alpha.as_ref().map(|alpha| {
            let sum: f64 = alpha.iter().copied().map(f64::from).sum();
            sum / alpha.len() as f64
        }),
        files,
    };
    let mut json = serde_json::to_vec_pretty(&report).expect("a report is plain data");
    json.push(b'\n');
    write_atomically(&folder.join(report_name), &json)?;
    Ok(report)
}
