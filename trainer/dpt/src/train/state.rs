//! The moving parts of a run: model, optimizer, average, and one step of all.

use tch::Kind;

use bottega_schemas::{Seed, TrainConfig};

use super::Compute;
use crate::checkpoint::Checkpoint;
use crate::collective::{Collective, FlatBuffer};
use crate::data::Batch;
use crate::error::TrainError;
use crate::loss::{Truth, losses};
use crate::model::{DptResizer, initialize};
use crate::optim::{AdamW, Average, Group, Schedule, decays_usually};
use crate::weights::load_encoder;

/// Model, optimizer, average, schedule.
#[derive(Debug)]
pub(super) struct State {
    pub(super) model: DptResizer,
    pub(super) optimizer: AdamW,
    pub(super) average: Option<Average>,
    schedule: Schedule,
    /// Room for the gradients of all parameters, where several processes train.
    flat: Option<FlatBuffer>,
}

/// The parts of a loss and their means over a batch.
type Parts = Vec<(&'static str, f64)>;

/// What a step did.
#[derive(Debug)]
pub(super) struct StepOutcome {
    /// Mean loss and its parts, by name; `total` is what was minimised.
    pub(super) losses: Vec<(String, f64)>,
    /// L2 norm of the gradients before they were clipped.
    pub(super) grad_norm: f64,
    /// Learning rates of the decoder and of the encoder.
    pub(super) rates: [f64; 2],
    /// Pictures of this process.
    pub(super) pictures: usize,
}

impl State {
    /// A model at its first values: random, a pretrained encoder, or those of a checkpoint.
    /// `tell` is told what was loaded and what was not.
    pub(super) fn begin(
        config: &TrainConfig,
        compute: Compute,
        tell: &mut dyn FnMut(String),
    ) -> Result<Self, TrainError> {
        let model = DptResizer::new(&config.model.config(), compute.device, compute.kind);
        initialize(&model, Seed(config.run.seed).child("weights"));
        if let Some(path) = &config.model.encoder_weights {
            let report = load_encoder(&model, path)?;
            tell(format!("encoder from {}: {report}", path.display()));
        }
        if let Some(path) = &config.model.start_from {
            let report = Checkpoint::read(path)?.start(&model);
            tell(format!("weights from {}: {report}", path.display()));
        }
        let optimizer = AdamW::new(model.variables(), &config.optimizer, decays_usually);
        let decay = config.optimizer.ema;
        let average = (decay > 0.0).then(|| Average::new(model.variables(), decay));
        Ok(Self {
            schedule: Schedule::new(&config.optimizer, config.run.steps),
            model,
            optimizer,
            average,
            flat: None,
        })
    }

    /// Forward, backward, reduction over processes, clipping, and one step of the optimizer.
    ///
    /// # Errors
    /// A loss or a gradient that is no finite number, with its name and sample; the weights are
    /// then as they were before the step.
    pub(super) fn step(
        &mut self,
        config: &TrainConfig,
        step: u64,
        batches: &[Batch],
        collective: &mut dyn Collective,
    ) -> Result<StepOutcome, TrainError> {
        self.optimizer.zero_grad();
        let share = 1.0 / batches.len() as f64;
        let mut sums: Vec<(String, f64)> = Vec::new();
        let mut pictures = 0;
        for batch in batches {
            let (total, parts) = self.backward(config, step, batch, share)?;
            pictures += batch.len();
            let named = std::iter::once(("total", total)).chain(parts);
            for (i, (name, value)) in named.enumerate() {
                match sums.get_mut(i) {
                    Some((_, sum)) => *sum += value * share,
                    None => sums.push((name.to_owned(), value * share)),
                }
            }
        }
        self.reduce(collective, &mut sums)?;
        let grad_norm = self.optimizer.clip(config.optimizer.clip_norm);
        if !grad_norm.is_finite() {
            let parameter = self.optimizer.first_not_finite().unwrap_or("all together");
            return Err(TrainError::stopped(format!(
                "step {step}: the gradient of {parameter} is no finite number though the losses \
                 are; lower optimizer.lr, or set run.precision = \"f32\", and resume from the last \
                 checkpoint"
            )));
        }
        let schedule = &self.schedule;
        self.optimizer.step(|group| schedule.rate(step, group));
        if let Some(average) = &mut self.average {
            average.update();
        }
        let rates = [Group::Rest, Group::Encoder].map(|group| schedule.rate(step, group));
        Ok(StepOutcome {
            losses: sums,
            grad_norm,
            rates,
            pictures,
        })
    }

    /// The gradients of one batch, added to those that are there; the loss and its parts.
    fn backward(
        &self,
        config: &TrainConfig,
        step: u64,
        batch: &Batch,
        share: f64,
    ) -> Result<(f64, Parts), TrainError> {
        let found = losses(
            &self.model.forward(&batch.image),
            &Truth::of(batch),
            &config.loss,
        );
        let total = found.total.to_kind(Kind::Double).double_value(&[]);
        if !total.is_finite() {
            let (part, picture) = found.first_not_finite().unwrap_or(("total", 0));
            let sample = batch.sample_ids.get(picture).map_or("", |id| &**id);
            return Err(TrainError::stopped(format!(
                "step {step}: the loss {part} of sample {sample} is no finite number; look at the \
                 sample (`bottega view`), lower optimizer.lr, or set run.precision = \"f32\", and \
                 resume from the last checkpoint"
            )));
        }
        (&found.total * share).backward();
        Ok((total, found.means()))
    }

    /// Means of gradients and losses over all processes.
    fn reduce(
        &mut self,
        collective: &mut dyn Collective,
        losses: &mut [(String, f64)],
    ) -> Result<(), TrainError> {
        if collective.ranks() == 1 {
            return Ok(());
        }
        let mut gradients = self.optimizer.gradients();
        let flat = self.flat.get_or_insert_with(|| FlatBuffer::of(&gradients));
        flat.gather(&gradients)?;
        collective.all_reduce_mean(flat.values_mut())?;
        flat.scatter(&mut gradients)?;
        let mut values: Vec<f32> = losses.iter().map(|(_, value)| *value as f32).collect();
        collective.all_reduce_mean(&mut values)?;
        for ((_, loss), value) in losses.iter_mut().zip(values) {
            *loss = f64::from(value);
        }
        Ok(())
    }

    /// Puts everything where a checkpoint stood.
    pub(super) fn resume(
        &mut self,
        checkpoint: &Checkpoint,
    ) -> Result<bottega_format::loader::LoaderState, TrainError> {
        checkpoint.resume(&self.model, self.average.as_mut(), &mut self.optimizer)
    }

    /// Forward and backward of a batch, for the memory that it takes; the gradients are dropped.
    pub(super) fn try_backward(
        &mut self,
        config: &TrainConfig,
        batch: &Batch,
    ) -> Result<(), TrainError> {
        self.backward(config, 0, batch, 1.0)?;
        self.optimizer.zero_grad();
        Ok(())
    }
}
