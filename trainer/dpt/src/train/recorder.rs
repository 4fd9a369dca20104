//! What a run tells while it goes: a bar, a log, event files. Of several processes the first tells.

use std::io::{IsTerminal as _, Stderr};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use bottega_schemas::TrainConfig;

use super::folder::RunFolder;
use super::state::StepOutcome;
use super::{Compute, memory};
use crate::error::TrainError;
use crate::observe::tensorboard::EventWriter;
use crate::observe::{EvaluationRecord, LogHeader, LogWriter, Progress, StepRecord, Window};

/// Times since the last record.
#[derive(Debug)]
struct Times {
    since: Instant,
    wait_s: f64,
    pictures: usize,
}

/// Tells of a run.
#[derive(Debug)]
pub(super) struct Recorder {
    /// Absent in all processes but the first.
    outlets: Option<Outlets>,
    window: Window,
    times: Times,
    log_every: u64,
    pictures_per_epoch: f64,
    ranks: usize,
}

#[derive(Debug)]
struct Outlets {
    progress: Progress<Stderr>,
    log: LogWriter,
    events: EventWriter,
}

impl Recorder {
    /// Begins to tell of a run that has done `done_steps`; `window` is what its checkpoint had
    /// summed since the last record.
    pub(super) fn new(
        folder: &RunFolder,
        config: &TrainConfig,
        compute: Compute,
        (rank, ranks): (usize, usize),
        done_steps: u64,
        window: Window,
        pictures_per_epoch: u64,
    ) -> Result<Self, TrainError> {
        let outlets = match rank {
            0 => Some(Outlets::open(folder, config, compute, ranks, done_steps)?),
            _ => None,
        };
        Ok(Self {
            outlets,
            window,
            times: Times {
                since: Instant::now(),
                wait_s: 0.0,
                pictures: 0,
            },
            log_every: config.run.log_every,
            pictures_per_epoch: pictures_per_epoch.max(1) as f64,
            ranks,
        })
    }

    /// Takes in a step; `step` steps are done, `pictures_seen` pictures of this process.
    pub(super) fn step(
        &mut self,
        step: u64,
        pictures_seen: u64,
        outcome: &StepOutcome,
        wait_s: f64,
    ) -> Result<(), TrainError> {
        self.window.steps += 1;
        self.window.grad_norm += outcome.grad_norm;
        for (name, value) in &outcome.losses {
            *self.window.losses.entry(name.clone()).or_default() += value;
        }
        self.times.wait_s += wait_s;
        self.times.pictures += outcome.pictures;
        if self.window.steps < self.log_every {
            return Ok(());
        }
        let seconds = self.times.since.elapsed().as_secs_f64().max(1e-9);
        let steps = self.window.steps as f64;
        let losses = self.window.losses.iter();
        let [lr, encoder_lr] = outcome.rates;
        let record = StepRecord {
            step,
            epoch: pictures_seen as f64 / self.pictures_per_epoch,
            losses: losses
                .map(|(name, sum)| (name.clone(), sum / steps))
                .collect(),
            lr,
            encoder_lr,
            grad_norm: self.window.grad_norm / steps,
            images_per_s: (self.times.pictures * self.ranks) as f64 / seconds,
            data_wait_share: (self.times.wait_s / seconds).min(1.0),
            seconds: seconds / steps,
            memory_mb: memory::peak_bytes().unwrap_or(0) as f64 / f64::from(1_u32 << 20),
        };
        if let Some(outlets) = &mut self.outlets {
            outlets.progress.step(&record);
            outlets.log.step(&record)?;
            outlets.events.step(now_s(), &record)?;
        }
        self.window = Window::default();
        self.rest();
        Ok(())
    }

    /// Takes in an evaluation.
    pub(super) fn evaluation(&mut self, record: &EvaluationRecord) -> Result<(), TrainError> {
        if let Some(outlets) = &mut self.outlets {
            let metrics = record.metrics.iter();
            let words: Vec<String> = metrics
                .filter(|(name, _)| TOLD.contains(&name.as_str()))
                .map(|(name, value)| format!("{name} {value:.4}"))
                .collect();
            let (step, samples) = (record.step, record.samples);
            let text = format!(
                "held out after {step} steps, {samples} samples: {}",
                words.join(", ")
            );
            outlets.progress.say(&text);
            outlets.log.evaluation(record)?;
            outlets.events.evaluation(now_s(), record)?;
            outlets.events.flush()?;
        }
        Ok(())
    }

    /// A sentence for people.
    pub(super) fn say(&mut self, text: &str) {
        if let Some(outlets) = &mut self.outlets {
            outlets.progress.say(text);
        }
    }

    /// Begins a new interval of time: what passed since the last step was no training.
    pub(super) fn rest(&mut self) {
        self.times = Times {
            since: Instant::now(),
            wait_s: 0.0,
            pictures: 0,
        };
        if let Some(outlets) = &mut self.outlets {
            outlets.progress.rest();
        }
    }

    /// What was summed since the last record, for the checkpoint.
    pub(super) fn window(&self) -> &Window {
        &self.window
    }

    /// Hands over to the system what was told.
    pub(super) fn flush(&mut self) -> Result<(), TrainError> {
        match &mut self.outlets {
            Some(outlets) => outlets.events.flush(),
            None => Ok(()),
        }
    }
}

/// Metrics that are told on the terminal; all are in the log.
const TOLD: [&str; 4] = [
    "loss/total",
    "depth/abs_rel",
    "normal/mean_deg",
    "alpha/mad",
];

impl Outlets {
    fn open(
        folder: &RunFolder,
        config: &TrainConfig,
        compute: Compute,
        ranks: usize,
        done_steps: u64,
    ) -> Result<Self, TrainError> {
        let header = LogHeader {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            config_blake3: blake3::hash(config.to_toml().as_bytes())
                .to_hex()
                .to_string(),
            device: compute.device_name(),
            precision: compute.precision_name().to_owned(),
            threads: usize::try_from(tch::get_num_threads()).unwrap_or(0),
            ranks,
        };
        let mut events = EventWriter::create(&folder.events(), now_s(), done_steps)?;
        if done_steps == 0 {
            let text = format!("```toml\n{}\n```", config.to_toml());
            events.text(now_s(), 0, "config", &text)?;
        }
        let is_dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        let is_terminal = std::io::stderr().is_terminal() && !is_dumb;
        Ok(Self {
            progress: Progress::new(std::io::stderr(), is_terminal, done_steps, config.run.steps),
            log: LogWriter::open(&folder.log(), &header, done_steps)?,
            events,
        })
    }
}

/// Seconds since 1970, for TensorBoard.
#[allow(
    clippy::disallowed_methods,
    reason = "TensorBoard shows when a step was; nothing that is learned depends on it"
)]
fn now_s() -> f64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0.0, |since| since.as_secs_f64())
}
