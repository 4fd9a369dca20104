//! A job: a range of indices of one recipe, made into shards.
//!
//! No coordinator: a job is a function of the recipe and the range. Finished samples are kept at
//! once, shards are published whole, and running the same job again does what is missing.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use bottega_format::{DatasetWriter, EncodedRow, write_sample_of};
use bottega_schemas::index::{sample_id, sample_seed};
use bottega_schemas::params::SceneParams;
use bottega_schemas::plane::OptionalPlanes;
use bottega_schemas::scene_spec::{QualityPreset, SceneSpec};
use bottega_schemas::shard_schema::SCHEMA_VERSION;
use bottega_schemas::{DatasetPlan, GlassLabels, Manifest, SampleMeta};
use serde::Serialize;

use crate::card::{assets_hash, documents};
use crate::draw::draw_params;
use crate::error::AssembleError;
use crate::label_planes::LabelOrder;
use crate::studio::{Rendered, StageTimes, Studio};

/// Version of the generator: it names what pixels depend on besides recipe and assets.
pub const RENDERER_VERSION: &str = concat!("bottega ", env!("CARGO_PKG_VERSION"));

/// Rows in a full shard unless asked otherwise.
pub const DEFAULT_SHARD_SIZE: u64 = 256;

/// Licence of the samples: every asset is CC0 or equally free.
const SAMPLE_LICENSE: &str = "CC0-1.0";

/// Most samples in the making at once; each needs memory for one person and one picture.
const MAX_IN_FLIGHT: usize = 8;

/// What is to be made.
#[derive(Clone, Debug, PartialEq)]
pub struct Order {
    /// The recipe, with seed and size as asked.
    pub spec: SceneSpec,
    /// How much work goes into a picture.
    pub preset: QualityPreset,
    /// Indices to make.
    pub indices: Range<u64>,
    /// Rows in a full shard.
    pub shard_size: u64,
    /// Planes to store besides those that the recipe asks for.
    pub planes: OptionalPlanes,
}

/// What a running job tells.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Progress {
    /// How many samples were there already and how many there will be.
    Start {
        /// Samples that earlier runs made.
        finished: u64,
        /// Samples of the order.
        total: u64,
    },
    /// A sample is finished and kept.
    Sample {
        /// Its index.
        index: u64,
        /// What it cost.
        times: StageTimes,
    },
    /// A shard is published.
    Shard {
        /// Its number.
        shard_idx: u64,
    },
}

/// What a job did.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// Samples made now.
    pub made: u64,
    /// Samples that were there already.
    pub skipped: u64,
    /// The manifest of the folder.
    pub manifest: Manifest,
}

/// The recipe as it is frozen in a dataset.
#[derive(Serialize)]
struct Frozen<'a> {
    preset: &'a QualityPreset,
    recipe: &'a SceneSpec,
}

impl Order {
    /// The frozen recipe, as TOML.
    pub fn frozen_recipe(&self) -> Result<String, AssembleError> {
        let frozen = Frozen {
            preset: &self.preset,
            recipe: &self.spec,
        };
        toml::to_string(&frozen).map_err(|source| AssembleError::Toml {
            source: source.into(),
        })
    }

    /// What makes two runs the same dataset.
    pub fn plan(&self, studio: &Studio) -> Result<DatasetPlan, AssembleError> {
        let recipe = self.frozen_recipe()?;
        let labels = self.labels();
        let mut notes = vec![
            ("hair_normals", labels.hair_normals.name()),
            ("tone_curve", "agx-like"),
        ];
        if labels.glass != GlassLabels::default() {
            notes.push(("glass_labels", labels.glass.name()));
        }
        Ok(DatasetPlan {
            dataset: self.spec.dataset.clone(),
            config_blake3: blake3::hash(recipe.as_bytes()).to_hex().to_string(),
            assets_blake3: assets_hash(studio.assets()),
            renderer_version: RENDERER_VERSION.into(),
            schema_version: SCHEMA_VERSION.into(),
            license: SAMPLE_LICENSE.into(),
            split: "train".into(),
            shard_size: self.shard_size,
            planes: labels.planes,
            notes: notes
                .into_iter()
                .map(|(k, v)| (k.to_owned(), v.to_owned()))
                .collect(),
        })
    }

    /// The labels of each sample.
    pub fn labels(&self) -> LabelOrder {
        LabelOrder::new(&self.spec.labels, self.planes)
    }

    /// Draws the numbers of one sample.
    pub fn params(&self, studio: &Studio, index: u64) -> Result<SceneParams, AssembleError> {
        let context = studio.draw_context();
        Ok(draw_params(&self.spec, &context, index)?)
    }

    /// Draws and renders one sample.
    pub fn make(&self, studio: &Studio, index: u64) -> Result<Rendered, AssembleError> {
        let params = self.params(studio, index)?;
        studio.render_with(&params, &self.preset, self.labels(), self.meta(index))
    }

    /// Name and provenance of a sample.
    fn meta(&self, index: u64) -> SampleMeta {
        SampleMeta {
            sample_id: sample_id(&self.spec.dataset, index),
            index: index as i64,
            split: "train".into(),
            seed: Some(sample_seed(self.spec.seed, index) as i64),
            renderer_version: Some(RENDERER_VERSION.into()),
            recipe_blake3: Some(self.spec.hash()),
            ..SampleMeta::default()
        }
    }
}

/// Makes what is missing of `order` in the folder `out`.
///
/// `keep_exr` is a folder that also receives each sample as one EXR file. `overwrite` empties a
/// folder that holds another dataset. Samples are made in parallel on the current rayon pool.
///
/// # Errors
/// The first sample or file that fails stops the job; what was finished before is kept.
pub fn run(
    studio: &Studio,
    order: &Order,
    out: &Path,
    overwrite: bool,
    keep_exr: Option<&Path>,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<Outcome, AssembleError> {
    let plan = order.plan(studio)?;
    let mut writer = DatasetWriter::open(out, plan, &order.frozen_recipe()?, overwrite)?;
    let tasks = writer.missing(order.indices.clone())?;
    let total = order.indices.end - order.indices.start;
    let made: u64 = tasks
        .iter()
        .map(|task| task.remaining().count() as u64)
        .sum();
    progress(Progress::Start {
        finished: total - made,
        total,
    });
    if let Some(folder) = keep_exr {
        std::fs::create_dir_all(folder).map_err(|source| AssembleError::Io {
            action: "make the folder for EXR files",
            path: folder.into(),
            source,
        })?;
    }
    for task in &tasks {
        let remaining: Vec<u64> = task.remaining().collect();
        for_each_in_flight(&remaining, |index| {
            let Rendered { sample, mut times } = order.make(studio, index)?;
            let start = Instant::now();
            if let Some(folder) = keep_exr {
                let path = folder.join(exr_name(sample.meta()));
                write_sample_of(&path, &sample, &writer.manifest().plan)?;
            }
            writer.keep(&EncodedRow::encode(&sample, order.labels().planes)?)?;
            times.write = start.elapsed();
            progress(Progress::Sample { index, times });
            Ok(())
        })?;
        writer.publish(task)?;
        progress(Progress::Shard {
            shard_idx: task.shard_idx,
        });
    }
    let documents = documents(writer.manifest(), studio.assets());
    let manifest = writer.finish(&documents)?;
    Ok(Outcome {
        made,
        skipped: total - made,
        manifest,
    })
}

/// Calls `make` for every index, on as many as there are threads and memory at a time.
///
/// Whoever finishes takes the next index, so that no thread waits for the slowest of a batch.
/// After a failure no further index is begun; the error is that of the lowest index that failed.
fn for_each_in_flight(
    indices: &[u64],
    make: impl Fn(u64) -> Result<(), AssembleError> + Sync,
) -> Result<(), AssembleError> {
    let next = AtomicUsize::new(0);
    let failures = Mutex::new(BTreeMap::new());
    rayon::scope(|scope| {
        for _ in 0..rayon::current_num_threads().clamp(1, MAX_IN_FLIGHT) {
            scope.spawn(|_| {
                while let Some(&index) = indices.get(next.fetch_add(1, Ordering::Relaxed)) {
                    if let Err(error) = make(index) {
                        next.store(indices.len(), Ordering::Relaxed);
                        let mut failures = failures.lock().unwrap_or_else(PoisonError::into_inner);
                        failures.insert(index, error);
                    }
                }
            });
        }
    });
    let failures = failures.into_inner();
    let mut failures = failures.unwrap_or_else(PoisonError::into_inner);
    failures.pop_first().map_or(Ok(()), |(_, error)| Err(error))
}

/// File name of an EXR sample.
pub fn exr_name(meta: &SampleMeta) -> String {
    format!("{}.exr", meta.sample_id)
}

/// Mean of each stage over samples, in seconds, for reports.
pub fn mean_seconds(times: &[StageTimes]) -> BTreeMap<&'static str, f64> {
    let n = times.len().max(1) as f64;
    let mean = |of: fn(&StageTimes) -> std::time::Duration| {
        times.iter().map(|t| of(t).as_secs_f64()).sum::<f64>() / n
    };
    BTreeMap::from([
        ("people", mean(|t| t.people)),
        ("accel", mean(|t| t.accel)),
        ("trace", mean(|t| t.trace)),
        ("write", mean(|t| t.write)),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_index_is_made_once_whatever_the_number_of_threads() {
        for threads in [1, 3, 16] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
            let pool = pool.build().expect("threads can be had");
            let made = Mutex::new(Vec::new());
            let indices: Vec<u64> = (5..45).collect();
            pool.install(|| {
                for_each_in_flight(&indices, |index| {
                    // Work inside of a sample runs on the same threads.
                    rayon::join(|| (), || ());
                    made.lock().unwrap().push(index);
                    Ok(())
                })
            })
            .unwrap();
            let mut made = made.into_inner().unwrap();
            made.sort_unstable();
            assert_eq!(made, indices, "{threads} threads");
        }
    }

    #[test]
    fn the_first_failure_stops_the_job() {
        let made = AtomicUsize::new(0);
        let pool = rayon::ThreadPoolBuilder::new().num_threads(2);
        let pool = pool.build().expect("threads can be had");
        let indices: Vec<u64> = (0..1000).collect();
        let result = pool.install(|| {
            for_each_in_flight(&indices, |index| {
                made.fetch_add(1, Ordering::Relaxed);
                if index < 7 {
                    return Ok(());
                }
                Err(AssembleError::Io {
                    action: "write",
                    path: index.to_string().into(),
                    source: std::io::Error::other("full"),
                })
            })
        });
        let message = result.expect_err("index 7 fails").to_string();
        assert!(message.contains('7'), "{message}");
        assert!(made.into_inner() <= 9);
    }
}
