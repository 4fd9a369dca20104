//! A folder of EXR samples becomes a dataset.
//!
//! Files that `generate` kept carry the plan of their dataset, and give the shards that were made
//! directly. Otherwise the plan follows from the samples: the name of the dataset from their names,
//! the recipe and the program from their labels; what the files do not tell (the assets) stays
//! empty.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use bottega_schemas::shard_schema::{DEFAULT_SHARD_SIZE, SCHEMA_VERSION};
use bottega_schemas::{DatasetPlan, Manifest, OptionalPlanes};

use crate::card::front_matter;
use crate::dataset::{DatasetWriter, Documents};
use crate::error::FormatError;
use crate::exr_sample::{read_plan, read_sample};
use crate::sample::Sample;
use crate::shard::EncodedRow;

/// Licence when the files do not tell one.
const NO_LICENSE: &str = "NOASSERTION";

/// Which samples go where.
#[derive(Clone, Copy, Debug)]
pub struct ShardJob<'a> {
    /// Folder with the EXR samples of one dataset and one split.
    pub exr_dir: &'a Path,
    /// Folder that receives the dataset.
    pub out: &'a Path,
    /// Samples in a shard; `None` is the size in the plan of the samples, or the default.
    pub shard_size: Option<u64>,
    /// Whether a dataset of another plan is replaced.
    pub overwrite: bool,
}

/// Puts every EXR sample of a folder into shards; `watch` hears how many of how many are done.
///
/// Indices must follow each other without a gap and start at a shard.
pub fn shard_exr_folder(
    job: &ShardJob<'_>,
    mut watch: impl FnMut(u64, u64),
) -> Result<Manifest, FormatError> {
    let files = exr_files(job.exr_dir)?;
    let empty = || {
        FormatError::malformed(
            "EXR folder",
            format!("no *.exr in {}", job.exr_dir.display()),
        )
    };
    let first_file = files.first().ok_or_else(empty)?;
    let first = read_sample(first_file)?;
    let start = index_of(&first)?;
    let plan = plan_of(first_file, &first, job.shard_size)?;
    let recipe = "# Made from EXR samples by `bottega shard`; their recipe is not known.\n";
    let mut writer = DatasetWriter::open(job.out, plan.clone(), recipe, job.overwrite)?;
    let total = files.len() as u64;
    let tasks = writer.missing(start..start + total)?;

    watch(0, total);
    for (done, path) in (1u64..).zip(&files) {
        let in_file = |error: FormatError| error.in_file(path);
        let sample = read_sample(path)?;
        let index = index_of(&sample).map_err(in_file)?;
        if plan_of(path, &sample, job.shard_size)? != plan {
            let reason = "it belongs to another dataset, recipe or program than the first sample";
            return Err(in_file(FormatError::malformed("EXR folder", reason)));
        }
        if index != start + done - 1 {
            let reason = format!("index {index} where {} comes next", start + done - 1);
            return Err(in_file(FormatError::malformed("EXR folder", reason)));
        }
        if tasks
            .iter()
            .any(|task| task.indices.contains(&index) && !task.finished.contains(&index))
        {
            writer.keep(&EncodedRow::encode(&sample, plan.planes).map_err(in_file)?)?;
        }
        watch(done, total);
    }
    for task in &tasks {
        writer.publish(task)?;
    }
    let head = front_matter(writer.manifest());
    let card = format!(
        "{head}\n# {}\n\nMade from EXR samples by `bottega shard`.\n",
        plan.dataset
    );
    writer.finish(&Documents {
        card,
        asset_licenses_json: "{}\n".to_owned(),
    })
}

fn exr_files(folder: &Path) -> Result<Vec<PathBuf>, FormatError> {
    let io = |error| FormatError::io("list", folder, error);
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(io)? {
        let path = entry.map_err(io)?.path();
        if path.extension().is_some_and(|ext| ext == "exr") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn index_of(sample: &Sample) -> Result<u64, FormatError> {
    let index = sample.meta().index;
    u64::try_from(index)
        .map_err(|_| FormatError::malformed("EXR folder", format!("index {index} is negative")))
}

/// The plan in the file, or what the sample tells of it.
fn plan_of(
    path: &Path,
    sample: &Sample,
    shard_size: Option<u64>,
) -> Result<DatasetPlan, FormatError> {
    let mut plan = match read_plan(path)? {
        Some(plan) => plan,
        None => told_plan(sample),
    };
    plan.shard_size = shard_size.unwrap_or(plan.shard_size);
    Ok(plan)
}

fn told_plan(sample: &Sample) -> DatasetPlan {
    let (meta, planes) = (sample.meta(), sample.planes());
    let dataset = meta
        .sample_id
        .rsplit_once('-')
        .map_or(&*meta.sample_id, |(name, _)| name);
    DatasetPlan {
        dataset: dataset.to_owned(),
        config_blake3: meta.recipe_blake3.clone().unwrap_or_default(),
        assets_blake3: String::new(),
        renderer_version: meta.renderer_version.clone().unwrap_or_default(),
        schema_version: SCHEMA_VERSION.to_owned(),
        license: NO_LICENSE.to_owned(),
        split: meta.split.clone(),
        shard_size: DEFAULT_SHARD_SIZE,
        planes: planes
            .optional
            .keys()
            .fold(OptionalPlanes::default(), |set, plane| set.with(*plane)),
        notes: BTreeMap::new(),
    }
}
