//! Others' files become a dataset.
//!
//! What the files do not tell stays null: there is no person, no light, no recipe in them. Values
//! are converted (centimetres to metres, 65504 to +inf, normals to our axes), and nothing is
//! blended, filtered or guessed. Pictures that are 8-bit PNG already keep their bytes.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use serde::Serialize;

use bottega_schemas::manifest::NOTE_SOURCE_LAYOUT;
use bottega_schemas::shard_schema::{SCHEMA_VERSION, sample_id};
use bottega_schemas::{DatasetPlan, Manifest, OptionalPlanes, SampleMeta};

use super::documents::documents;
use super::names::{Incomplete, Listing};
use super::normals::{NormalCoding, NormalOrder};
use super::planes::{decode_alpha, decode_depth, decode_normal, decode_rgb, parse_intrinsics};
use super::{NO_DEPTH_CM, official_framing};
use crate::dataset::DatasetWriter;
use crate::error::FormatError;
use crate::plane_codec::Image;
use crate::shard::{EncodedRow, StoredPlanes};

/// Samples from which the code of normals is found before the import begins.
const PROBES: usize = 16;
/// Largest share of samples whose normals may seem to be of another code.
const DISAGREEMENT_MAX: f64 = 0.02;
/// Samples that are converted at a time.
const BATCH: usize = 32;
/// A normal of about this length is left as it is: half floats move it by no more.
const LENGTH_TOLERANCE: f32 = 2e-3;
/// Alpha from which a pixel counts as the person.
const FOREGROUND: u8 = 128;

/// What is imported, and as what.
#[derive(Clone, Debug)]
pub struct ImportJob<'a> {
    /// Folders, zip archives, or folders of archives.
    pub sources: &'a [PathBuf],
    /// Folder that receives the dataset.
    pub out: &'a Path,
    /// Name of the dataset.
    pub dataset: &'a str,
    /// Split of the dataset.
    pub split: &'a str,
    /// Licence of the files, as an SPDX expression.
    pub license: &'a str,
    /// Whether the sources are the official SynthHuman, whose indices tell the framing.
    pub is_official: bool,
    /// Whether samples with missing files are left out rather than refused.
    pub allow_partial: bool,
    /// Axes of the channels of normals; `None` finds them.
    pub normal_order: Option<NormalOrder>,
    /// Samples in a shard.
    pub shard_size: u64,
    /// Whether a dataset of another plan is replaced.
    pub overwrite: bool,
}

/// What was imported.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ImportReport {
    /// Samples in the dataset.
    pub samples: u64,
    /// Samples that were left out since files are missing.
    pub incomplete: Vec<Incomplete>,
    /// How the normals were stored.
    pub normals: NormalCoding,
    /// What was met in the pixels of the samples that this run converted.
    pub pixels: PixelCounts,
}

/// What was met in the pixels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct PixelCounts {
    /// Samples that were counted.
    pub samples: u64,
    /// Pixels with alpha of at least one half.
    pub foreground_px: u64,
    /// Of these, pixels without a depth.
    pub foreground_without_depth_px: u64,
    /// Pixels with a depth or a normal where alpha is 0; both were cleared.
    pub surface_outside_alpha_px: u64,
    /// Normals whose length was outside 0.9 to 1.1, where alpha is not 0.
    pub normal_length_px: u64,
    /// Normals that were made unit vectors again.
    pub normals_renormalized_px: u64,
    /// Pictures and coverages that were encoded again as 8-bit PNG.
    pub pictures_reencoded: u64,
    /// Samples whose normals seem to be of another code than the others.
    pub normal_code_differs: u64,
}

impl PixelCounts {
    fn add(&mut self, other: &Self) {
        self.samples += other.samples;
        self.foreground_px += other.foreground_px;
        self.foreground_without_depth_px += other.foreground_without_depth_px;
        self.surface_outside_alpha_px += other.surface_outside_alpha_px;
        self.normal_length_px += other.normal_length_px;
        self.normals_renormalized_px += other.normals_renormalized_px;
        self.pictures_reencoded += other.pictures_reencoded;
        self.normal_code_differs += other.normal_code_differs;
    }
}

/// Imports; `watch` hears how many of how many samples are done.
pub fn import(
    job: &ImportJob<'_>,
    mut watch: impl FnMut(u64, u64),
) -> Result<ImportReport, FormatError> {
    let listing = Listing::of(job.sources)?;
    let incomplete = listing.incomplete();
    if !incomplete.is_empty() && !job.allow_partial {
        return Err(refuse_incomplete(&incomplete));
    }
    let indices = listing.complete();
    if indices.is_empty() {
        let reason = "no sample has all of its five files rgb, alpha, depth, normal and cam";
        return Err(layout_error(reason));
    }
    let (normals, are_axes_named) = probe(&listing, &indices, job.normal_order)?;
    let plan = plan_of(job, &listing, &indices, normals)?;
    let recipe = recipe_text(job, &indices, &incomplete, normals);
    let mut writer = DatasetWriter::open(job.out, plan, &recipe, job.overwrite)?;
    let convert = Convert {
        job,
        listing: &listing,
        normals,
        are_axes_named,
    };
    let total = indices.len() as u64;
    let tasks = writer.missing(0..total)?;
    let remaining: u64 = tasks
        .iter()
        .map(|task| task.remaining().count() as u64)
        .sum();
    let mut done = total - remaining;
    let mut pixels = PixelCounts::default();
    watch(done, total);
    for task in &tasks {
        let rows: Vec<u64> = task.remaining().collect();
        for batch in rows.chunks(BATCH) {
            let converted: Vec<PixelCounts> = batch
                .par_iter()
                .map(|&index| {
                    let (row, counts) = convert.row(index, indices[index as usize])?;
                    writer.keep(&row)?;
                    Ok(counts)
                })
                .collect::<Result<_, FormatError>>()?;
            converted.iter().for_each(|counts| pixels.add(counts));
            done += batch.len() as u64;
            watch(done, total);
        }
        check_codes(&pixels, normals)?;
        writer.publish(task)?;
    }
    let manifest = finish(writer, job)?;
    Ok(ImportReport {
        samples: manifest.rows(),
        incomplete,
        normals,
        pixels,
    })
}

fn layout_error(reason: impl Into<String>) -> FormatError {
    FormatError::malformed("SynthHuman layout", reason)
}

fn refuse_incomplete(incomplete: &[Incomplete]) -> FormatError {
    let tell =
        |sample: &Incomplete| format!("{:07} lacks {}", sample.index, sample.missing.join(", "));
    let first: Vec<String> = incomplete.iter().take(3).map(tell).collect();
    let more = match incomplete.len().saturating_sub(3) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    layout_error(format!(
        "files of {} samples are missing: {}{more}; get them, or pass --allow-partial to leave \
         these samples out",
        incomplete.len(),
        first.join("; ")
    ))
}

/// The code that most of some samples, spread over all, have.
fn probe(
    listing: &Listing,
    indices: &[u64],
    given: Option<NormalOrder>,
) -> Result<(NormalCoding, bool), FormatError> {
    let step = indices.len().div_ceil(PROBES);
    let mut votes: BTreeMap<NormalCoding, usize> = BTreeMap::new();
    let mut are_axes_named = true;
    for &index in indices.iter().step_by(step.max(1)) {
        let tell = |error: FormatError| name_sample(listing, index, error);
        let [_, alpha, _, normal, _] = listing.read(index)?;
        let (alpha, _) = decode_alpha(&alpha).map_err(tell)?;
        let (normal, named) = decode_normal(&normal).map_err(tell)?;
        are_axes_named &= named;
        let order = if named { Some(NormalOrder::Xyz) } else { given };
        if let Some(code) = NormalCoding::detect(&normal.values, &alpha.values, order) {
            *votes.entry(code).or_default() += 1;
        }
    }
    // The first of equals, so that the choice is one.
    let mut best: Option<(NormalCoding, usize)> = None;
    for (code, n) in votes {
        if best.is_none_or(|(_, most)| n > most) {
            best = Some((code, n));
        }
    }
    let (code, _) = best.ok_or_else(|| {
        layout_error("no sample shows an opaque pixel, so the axes of normals cannot be found")
    })?;
    Ok((code, are_axes_named))
}

fn name_sample(listing: &Listing, index: u64, error: FormatError) -> FormatError {
    let source = listing.source_of(index);
    let advice = "to go on without it, move one of its files away and pass --allow-partial";
    error.in_file(Path::new(&format!(
        "{source}: sample {index:07} ({advice})"
    )))
}

fn plan_of(
    job: &ImportJob<'_>,
    listing: &Listing,
    indices: &[u64],
    normals: NormalCoding,
) -> Result<DatasetPlan, FormatError> {
    let mut notes: BTreeMap<String, String> = [
        (NOTE_SOURCE_LAYOUT, "synthhuman"),
        ("source_depth_unit", "cm"),
        ("principal_point", "unknown"),
        ("hair_normals", "unknown"),
    ]
    .map(|(key, value)| (key.to_owned(), value.to_owned()))
    .into();
    let order = match normals.order {
        NormalOrder::Xyz => "xyz",
        NormalOrder::Zyx => "zyx",
    };
    notes.insert("source_normal_order".to_owned(), order.to_owned());
    Ok(DatasetPlan {
        dataset: job.dataset.to_owned(),
        config_blake3: listing.digest(indices)?,
        assets_blake3: String::new(),
        renderer_version: String::new(),
        schema_version: SCHEMA_VERSION.to_owned(),
        license: job.license.to_owned(),
        split: job.split.to_owned(),
        shard_size: job.shard_size,
        planes: OptionalPlanes::default(),
        notes,
    })
}

/// What takes the place of a recipe: where the samples come from, and what was left out.
fn recipe_text(
    job: &ImportJob<'_>,
    indices: &[u64],
    incomplete: &[Incomplete],
    normals: NormalCoding,
) -> String {
    let quote = |text: &str| serde_json::Value::from(text).to_string();
    let names: Vec<String> = job
        .sources
        .iter()
        .map(|path| quote(&path.file_name().unwrap_or_default().to_string_lossy()))
        .collect();
    let left_out: Vec<String> = incomplete.iter().map(|s| s.index.to_string()).collect();
    format!(
        "# Imported by `bottega import`: the samples were made elsewhere, their recipe is not \
         known.\n[import]\nlayout = \"synthhuman\"\nsources = [{}]\nsamples = {}\nleft_out = \
         [{}]\nnormals = {}\n",
        names.join(", "),
        indices.len(),
        left_out.join(", "),
        quote(&format!("{normals:?}")),
    )
}

fn check_codes(pixels: &PixelCounts, normals: NormalCoding) -> Result<(), FormatError> {
    let differs = pixels.normal_code_differs;
    if differs as f64 <= DISAGREEMENT_MAX * pixels.samples as f64 {
        return Ok(());
    }
    Err(layout_error(format!(
        "the normals of {differs} of {} samples seem to be stored in another way than {normals:?}; \
         pass --normal-order if the order of their channels is known",
        pixels.samples
    )))
}

fn finish(writer: DatasetWriter, job: &ImportJob<'_>) -> Result<Manifest, FormatError> {
    let documents = documents(writer.manifest(), job.sources);
    writer.finish(&documents)
}

/// Converts samples.
struct Convert<'a> {
    job: &'a ImportJob<'a>,
    listing: &'a Listing,
    normals: NormalCoding,
    are_axes_named: bool,
}

impl Convert<'_> {
    /// The row `index` of the dataset, from the sample `source_index` of the source.
    fn row(&self, index: u64, source_index: u64) -> Result<(EncodedRow, PixelCounts), FormatError> {
        let files = self.listing.read(source_index)?;
        self.convert(files, index, source_index)
            .map_err(|error| name_sample(self.listing, source_index, error))
    }

    fn convert(
        &self,
        [rgb_png, alpha_png, depth_exr, normal_exr, cam]: [Vec<u8>; 5],
        index: u64,
        source_index: u64,
    ) -> Result<(EncodedRow, PixelCounts), FormatError> {
        let mut counts = PixelCounts {
            samples: 1,
            ..PixelCounts::default()
        };
        let (rgb, is_plain_rgb) = decode_rgb(&rgb_png)?;
        let size = (rgb.width, rgb.height);
        let (alpha, is_plain_alpha) = decode_alpha(&alpha_png)?;
        let alpha8 = same_size("alpha", size, alpha)?;
        let depth_cm = same_size("depth", size, decode_depth(&depth_exr)?)?;
        let (stored, are_axes) = decode_normal(&normal_exr)?;
        let stored = same_size("normal", size, stored)?;
        let intrinsics = parse_intrinsics(&cam, size)?;

        let given = if are_axes {
            Some(NormalOrder::Xyz)
        } else {
            self.job.normal_order
        };
        let code = NormalCoding::detect(&stored, &alpha8, given);
        let differs = code.is_some_and(|code| code != self.normals);
        counts.normal_code_differs = u64::from(differs || are_axes != self.are_axes_named);

        let depth_m = depth_cm.iter().map(|&cm| metres(cm)).collect();
        let mut planes = StoredPlanes {
            width: size.0,
            height: size.1,
            rgb8: rgb.values.into_flattened(),
            alpha8,
            depth_m,
            normal: stored.iter().map(|&v| self.normals.decode(v)).collect(),
            ..StoredPlanes::default()
        };
        clean(&mut planes, &mut counts);
        counts.pictures_reencoded = u64::from(!is_plain_rgb) + u64::from(!is_plain_alpha);
        let source_index_i64 = i64::try_from(source_index).unwrap_or(i64::MAX);
        let framing = official_framing(source_index).filter(|_| self.job.is_official);
        let meta = SampleMeta {
            sample_id: sample_id(self.job.dataset, index),
            index: i64::try_from(index).unwrap_or(i64::MAX),
            split: self.job.split.to_owned(),
            framing: framing.map(str::to_owned),
            fx: intrinsics.fx,
            fy: intrinsics.fy,
            cx: intrinsics.cx,
            cy: intrinsics.cy,
            fov_y_deg: fov_y_deg(size.1, intrinsics.fy),
            source_name: Some(self.listing.source_of(source_index).to_owned()),
            source_index: Some(source_index_i64),
            ..SampleMeta::default()
        };
        let rgb_png = is_plain_rgb.then_some(rgb_png);
        let alpha_png = is_plain_alpha.then_some(alpha_png);
        Ok((
            EncodedRow::of_stored(meta, &planes, rgb_png, alpha_png),
            counts,
        ))
    }
}

fn fov_y_deg(height: usize, fy: f64) -> f32 {
    (2.0 * libm::atan(0.5 * height as f64 / fy).to_degrees()) as f32
}

/// Metres of a stored depth; +inf where it says that there is none.
fn metres(cm: f32) -> f32 {
    // Written so that NaN is none.
    if cm > 0.0 && cm < NO_DEPTH_CM {
        (f64::from(cm) / 100.0) as f32
    } else {
        f32::INFINITY
    }
}

/// Clears what lies outside the person, and makes normals unit vectors.
fn clean(planes: &mut StoredPlanes, counts: &mut PixelCounts) {
    let pixels = planes
        .alpha8
        .iter()
        .zip(&mut planes.depth_m)
        .zip(&mut planes.normal);
    for ((&alpha, depth_m), normal) in pixels {
        let length = normal.iter().map(|v| v * v).sum::<f32>().sqrt();
        if !length.is_finite() || length < 1e-6 {
            *normal = [0.0; 3];
        }
        if alpha == 0 {
            let is_surface = depth_m.is_finite() || *normal != [0.0; 3];
            counts.surface_outside_alpha_px += u64::from(is_surface);
            *depth_m = f32::INFINITY;
            *normal = [0.0; 3];
            continue;
        }
        if alpha >= FOREGROUND {
            counts.foreground_px += 1;
            counts.foreground_without_depth_px += u64::from(!depth_m.is_finite());
        }
        if *normal != [0.0; 3] {
            counts.normal_length_px += u64::from(!(0.9..=1.1).contains(&length));
            // Written so that a length that is no number counts too.
            let is_unit = (length - 1.0).abs() <= LENGTH_TOLERANCE;
            if !is_unit {
                counts.normals_renormalized_px += 1;
                *normal = normal.map(|v| v / length);
            }
        }
    }
}

fn same_size<T>(
    what: &'static str,
    (width, height): (usize, usize),
    image: Image<T>,
) -> Result<Vec<T>, FormatError> {
    if (image.width, image.height) == (width, height) {
        return Ok(image.values);
    }
    let found = format!(
        "it has {} x {} pixels, the picture {width} x {height}",
        image.width, image.height
    );
    Err(FormatError::malformed(what, found))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_depth_becomes_infinity() {
        for none in [0.0, -1.0, 65504.0, 1e10, f32::INFINITY, f32::NAN] {
            assert_eq!(metres(none), f32::INFINITY, "{none}");
        }
        assert_eq!(metres(150.0), 1.5);
    }
}
