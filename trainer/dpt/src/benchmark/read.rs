//! Reads the files of one picture of a test set.

use std::fs;
use std::path::Path;

use image::{DynamicImage, ImageReader};

use bottega_format::{decode_direction, decode_distance};

use super::{BenchmarkSample, Entry, GREEN, Layout};
use crate::data::Frame;
use crate::error::TrainError;

pub(super) fn read(layout: Layout, entry: &Entry) -> Result<BenchmarkSample, TrainError> {
    let picture = open(&entry.rgb)?;
    let (width, height) = (picture.width() as usize, picture.height() as usize);
    let mut frame = Frame::new(width, height, [f64::NAN; 4]);
    if layout == Layout::PhotoMatte85 {
        if !picture.color().has_alpha() {
            return Err(TrainError::file(
                "picture",
                &entry.rgb,
                "it has no alpha channel",
            ));
        }
        let pixels = picture.into_rgba32f().into_raw();
        for (at, [r, g, b, a]) in pixels.as_chunks::<4>().0.iter().enumerate() {
            let before = |k: usize, front: f32| a * front + (1.0 - a) * GREEN[k];
            frame.rgb[at] = [before(0, *r), before(1, *g), before(2, *b)];
            frame.alpha[at] = *a;
        }
    } else {
        let pixels = picture.into_rgb32f().into_raw();
        frame.rgb.copy_from_slice(pixels.as_chunks::<3>().0);
        if let Some(path) = &entry.alpha {
            frame.alpha = grey(path, (width, height))?;
        }
    }
    if let Some(path) = &entry.depth {
        let plane = decode_distance("depth", &bytes(path)?)?;
        check_size(path, (plane.width, plane.height), (width, height))?;
        frame.depth_m = plane.values;
    }
    if let Some(path) = &entry.normal {
        let plane = decode_direction("normal", &bytes(path)?)?;
        check_size(path, (plane.width, plane.height), (width, height))?;
        frame.normal = plane.values;
    }
    let mask = match &entry.mask {
        Some(path) => Some(grey(path, (width, height))?),
        None => None,
    };
    let mask: Option<Vec<bool>> = mask.map(|mask| mask.iter().map(|v| *v > 0.5).collect());
    if let (None, Some(mask)) = (&entry.alpha, &mask) {
        frame.alpha = mask
            .iter()
            .map(|&is_in| f32::from(u8::from(is_in)))
            .collect();
    }
    let trimap = match (&entry.trimap, &entry.alpha) {
        (Some(path), _) => {
            // Stored values may be off by a little.
            let classes = grey(path, (width, height))?;
            let class = |v: &f32| match *v {
                v if v < 0.25 => 0,
                v if v > 0.75 => 255,
                _ => bottega_metrics::TRIMAP_UNKNOWN,
            };
            Some(classes.iter().map(class).collect())
        }
        (None, Some(_)) => {
            let radius = (0.01 * width.max(height) as f64).round().max(1.0) as usize;
            Some(bottega_metrics::trimap(&frame.alpha, width, radius))
        }
        (None, None) => None,
    };
    Ok(BenchmarkSample {
        subset: entry.subset.clone(),
        name: entry.name.clone(),
        frame,
        has_depth: entry.depth.is_some(),
        has_normal: entry.normal.is_some(),
        has_alpha: entry.alpha.is_some(),
        mask,
        trimap,
    })
}

fn bytes(path: &Path) -> Result<Vec<u8>, TrainError> {
    fs::read(path).map_err(|error| TrainError::io("read", path, error))
}

/// Opens a picture by what it holds, not by its name.
fn open(path: &Path) -> Result<DynamicImage, TrainError> {
    let reader = ImageReader::open(path).and_then(ImageReader::with_guessed_format);
    let reader = reader.map_err(|error| TrainError::io("read", path, error))?;
    let decoded = reader.decode();
    decoded.map_err(|error| TrainError::file("picture", path, error.to_string()))
}

/// One plane of 0 to 1: the grey of a picture, or its alpha where it has one that says something.
fn grey(path: &Path, size: (usize, usize)) -> Result<Vec<f32>, TrainError> {
    let picture = open(path)?;
    check_size(
        path,
        (picture.width() as usize, picture.height() as usize),
        size,
    )?;
    if picture.color().has_alpha() {
        let pixels = picture.to_rgba32f().into_raw();
        let (pixels, _) = pixels.as_chunks::<4>();
        if pixels.iter().any(|pixel| pixel[3] < 1.0) {
            return Ok(pixels.iter().map(|pixel| pixel[3]).collect());
        }
    }
    // Mattes are grey, so that any channel is the value.
    let pixels = picture.into_rgb32f().into_raw();
    Ok(pixels
        .as_chunks::<3>()
        .0
        .iter()
        .map(|pixel| pixel[0])
        .collect())
}

fn check_size(
    path: &Path,
    (width, height): (usize, usize),
    wanted: (usize, usize),
) -> Result<(), TrainError> {
    if (width, height) == wanted {
        return Ok(());
    }
    let reason = format!(
        "it has {width} x {height} pixels, its picture {} x {}",
        wanted.0, wanted.1
    );
    Err(TrainError::file("plane", path, reason))
}
