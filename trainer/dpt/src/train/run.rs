//! A training run from beginning to end.

use std::path::{Path, PathBuf};

use bottega_schemas::TrainConfig;

use super::folder::RunFolder;
use super::held_out::{HeldOutOutcome, evaluate};
use super::recorder::Recorder;
use super::state::State;
use super::{Compute, memory, report};
use crate::checkpoint::{CheckpointInfo, save_model, save_run};
use crate::collective::Collective;
use crate::data::{Batch, DataSources, Feed, HeldOut};
use crate::error::TrainError;

/// How a run is started.
pub struct RunOptions<'a> {
    /// The folder of the run.
    pub out: &'a Path,
    /// Whether a run that is there is given up.
    pub overwrite: bool,
    /// Number of this process among those of its machine.
    pub local_rank: usize,
    /// Asked after every step; yes ends the run with a checkpoint.
    pub is_interrupted: &'a dyn Fn() -> bool,
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq)]
pub struct RunSummary {
    /// Steps done.
    pub step: u64,
    /// Whether it was interrupted before its last step.
    pub is_interrupted: bool,
    /// The page for people, where the run came to its end.
    pub report: Option<PathBuf>,
}

/// Trains, or goes on with what stands in the folder; see `docs/training.md`.
///
/// # Errors
/// Everything that can go wrong, with what to do; what was saved stays whole.
pub fn train(
    config: &TrainConfig,
    options: &RunOptions<'_>,
    collective: &mut dyn Collective,
) -> Result<RunSummary, TrainError> {
    let first = collective.is_first();
    let folder = RunFolder::open(options.out, config, options.overwrite, first)?;
    collective.barrier()?;
    let compute = Compute::of_run(&config.run, options.local_rank)?;
    let sources = DataSources::open(&config.data, config.run.seed)?;
    let mut told = Vec::new();
    let mut state = State::begin(config, compute, &mut |text| told.push(text))?;

    let mut info = CheckpointInfo::new(config, sources.fingerprint());
    let mut loader_state = None;
    if let Some(checkpoint) = folder.checkpoint()? {
        loader_state = Some(state.resume(&checkpoint)?);
        info = CheckpointInfo {
            config: config.clone(),
            ..checkpoint.info
        };
        told = vec![format!("resumed after {} steps", info.step)];
    }
    let place = (collective.rank() as u64, collective.ranks() as u64);
    let feed = Feed::new(config, &sources, place, loader_state.as_ref())?;
    let held_out = match config.run.evaluate_samples {
        0 => sources.held_out.clone(),
        n => HeldOut::some(&sources.held_out, n, config.run.seed)?,
    };
    if first {
        folder.begin(config)?;
    }
    let recorder = Recorder::new(
        &folder,
        config,
        compute,
        (collective.rank(), collective.ranks()),
        info.step,
        info.window.clone(),
        feed.images_per_epoch(),
    )?;
    let mut run = Run {
        config,
        folder,
        compute,
        state,
        feed,
        held_out,
        recorder,
        info,
        collective,
        last_evaluation: None,
        is_memory_checked: false,
    };
    for text in told {
        run.recorder.say(&text);
    }
    let summary = run.go(options)?;
    run.collective.finish()?;
    Ok(summary)
}

/// What a run would do, in words: everything that can be known before the first step.
///
/// # Errors
/// What would stop the run at its start.
pub fn plan(config: &TrainConfig, local_rank: usize, ranks: usize) -> Result<String, TrainError> {
    let compute = Compute::of_run(&config.run, local_rank)?;
    let sources = DataSources::open(&config.data, config.run.seed)?;
    let model = config.model.config();
    let [width, height] = config.data.size_px;
    let size = format!("{:?}", config.model.size).to_lowercase();
    let info = model.info(&size, height, width);
    let rows: u64 = sources
        .training
        .iter()
        .map(|(source, _)| source.rows())
        .sum();
    let per_step = (config.data.batch * config.data.accumulate * ranks) as u64;
    let passes = (config.run.steps * per_step) as f64 / rows.max(1) as f64;
    Ok(format!(
        "model      {size}, {:.1} million parameters, {:.1} GMAC a picture\n\
         device     {}, {}, {ranks} processes\n\
         data       {rows} samples to train on, {} held out\n\
         steps      {} of {per_step} pictures, {passes:.1} passes over the data\n",
        info.params as f64 / 1e6,
        info.macs_g,
        compute.device_name(),
        compute.precision_name(),
        sources.n_held_out(),
        config.run.steps,
    ))
}

/// A run that goes.
struct Run<'a> {
    config: &'a TrainConfig,
    folder: RunFolder,
    compute: Compute,
    state: State,
    feed: Feed,
    held_out: Vec<HeldOut>,
    recorder: Recorder,
    info: CheckpointInfo,
    collective: &'a mut dyn Collective,
    last_evaluation: Option<HeldOutOutcome>,
    /// Once in a process is enough: its memory stays with it.
    is_memory_checked: bool,
}

impl Run<'_> {
    fn go(&mut self, options: &RunOptions<'_>) -> Result<RunSummary, TrainError> {
        let steps = self.config.run.steps;
        if self.info.step == 0 {
            self.evaluate()?;
        }
        while self.info.step < steps {
            self.step()?;
            let step = self.info.step;
            let is_last = step == steps;
            // All processes stop after the same step, or none would find the others.
            let is_interrupted = self.collective.any((options.is_interrupted)())?;
            let is_due = |every: u64| every > 0 && step.is_multiple_of(every);
            if is_last || (is_due(self.config.run.evaluate_every) && !is_interrupted) {
                self.evaluate()?;
            }
            if is_last || is_interrupted || is_due(self.config.run.checkpoint_every) {
                self.save()?;
            }
            if is_interrupted && !is_last {
                self.recorder.say(&format!(
                    "stopped after {step} of {steps} steps; the same command goes on from there"
                ));
                return Ok(RunSummary {
                    step,
                    is_interrupted: true,
                    report: None,
                });
            }
        }
        self.finish()
    }

    /// One step of the optimizer.
    fn step(&mut self) -> Result<(), TrainError> {
        let config = self.config;
        let mut batches = Vec::with_capacity(config.data.accumulate);
        let mut wait_s = 0.0;
        for _ in 0..config.data.accumulate {
            let batch = self.feed.next_batch()?;
            wait_s += self.feed.last_wait_s();
            batches.push(batch);
        }
        if !self.is_memory_checked && self.compute.device == tch::Device::Cpu {
            self.check_memory(&batches[0])?;
        }
        self.is_memory_checked = true;
        let (state, collective) = (&mut self.state, &mut *self.collective);
        let (device, step) = (self.compute.device, self.info.step);
        let outcome = memory::guarded(&config.data, || {
            let moved: Result<Vec<Batch>, _> = batches
                .iter()
                .map(|batch| batch.to_device(device))
                .collect();
            state.step(config, step, &moved?, collective)
        })?;
        self.info.step += 1;
        self.info.pictures += (outcome.pictures * self.collective.ranks()) as u64;
        self.recorder
            .step(self.info.step, self.info.pictures, &outcome, wait_s)
    }

    /// Tries one picture before the first batch: what it takes tells whether the batch fits.
    fn check_memory(&mut self, batch: &Batch) -> Result<(), TrainError> {
        if batch.len() < 2 {
            return Ok(());
        }
        let Some(before) = memory::peak_bytes() else {
            return Ok(());
        };
        let one = batch.first()?;
        self.state.try_backward(self.config, &one)?;
        let after = memory::peak_bytes().unwrap_or(before);
        self.recorder.rest();
        memory::check_batch(&self.config.data, after.saturating_sub(before))
    }

    fn evaluate(&mut self) -> Result<(), TrainError> {
        if self.held_out.is_empty() {
            return Ok(());
        }
        let step = self.info.step;
        let (config, held_out) = (self.config, &self.held_out);
        let found = evaluate(config, &mut self.state, held_out, step, self.collective)?;
        self.recorder.evaluation(&found.record)?;
        self.info.depth_sign = found.depth_sign;
        let loss = found.record.metrics.get("loss/total").copied();
        let is_best = loss.is_some_and(|loss| self.info.best.is_none_or(|best| loss < best));
        // The model as it began is no result.
        if is_best && step > 0 {
            self.info.best = loss;
            self.save_best()?;
        }
        self.last_evaluation = Some(found);
        self.recorder.rest();
        Ok(())
    }

    fn save_best(&mut self) -> Result<(), TrainError> {
        if self.collective.is_first() {
            let State { model, average, .. } = &self.state;
            save_model(&self.folder.best(), model, average.as_ref(), &self.info)?;
        }
        Ok(())
    }

    fn save(&mut self) -> Result<(), TrainError> {
        self.info.optimizer_steps = self.state.optimizer.steps();
        self.info.loader = Some(self.feed.state().clone());
        self.info.window = self.recorder.window().clone();
        if self.collective.is_first() {
            self.recorder.flush()?;
            let State {
                model,
                average,
                optimizer,
                ..
            } = &self.state;
            let path = self.folder.last();
            save_run(&path, model, average.as_ref(), optimizer, &self.info)?;
        }
        self.recorder.rest();
        self.collective.barrier()
    }

    fn finish(&mut self) -> Result<RunSummary, TrainError> {
        if self.held_out.is_empty() {
            // Nothing was measured: the last model is the best that is known.
            self.save_best()?;
        } else if self.last_evaluation.is_none() {
            // Resumed after the last step: the report needs its pictures.
            let (config, step) = (self.config, self.info.step);
            let found = evaluate(
                config,
                &mut self.state,
                &self.held_out,
                step,
                self.collective,
            )?;
            self.last_evaluation = Some(found);
        }
        let mut summary = RunSummary {
            step: self.info.step,
            is_interrupted: false,
            report: None,
        };
        if self.collective.is_first() {
            let shown = self.last_evaluation.as_ref();
            let shown = shown.map_or(&[][..], |found| &found.shown);
            let path = self.folder.report();
            report::write(&path, &self.folder.log(), self.config, self.compute, shown)?;
            self.recorder.say(&format!(
                "done: {} steps, report {}",
                self.info.step,
                path.display()
            ));
            summary.report = Some(path);
        }
        Ok(summary)
    }
}
