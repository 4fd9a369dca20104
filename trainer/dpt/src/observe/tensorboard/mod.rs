//! Event files that TensorBoard reads: scalars, pictures, texts.
//!
//! `tensorboard --logdir FOLDER` shows them. [`message`] holds the messages, [`record`] their
//! frames; the writer follows TensorBoard's own: one file a process, and a restart says from which
//! step on what earlier files hold is void.

mod message;
mod record;

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};

use prost::Message as _;

use self::message::{Event, Image, Summary, Value, What};
use super::record::{EvaluationRecord, StepRecord};
use crate::error::TrainError;

/// What every event file says first.
const FILE_VERSION: &str = "brain.Event:2";

/// An event file that is being written.
///
/// Times are wall times in seconds since 1970, given by the caller; TensorBoard shows them.
#[derive(Debug)]
pub struct EventWriter {
    path: PathBuf,
    file: BufWriter<File>,
}

impl EventWriter {
    /// A new event file in a folder, which is made where it does not exist. After a restart
    /// `done_steps` says how many steps count of what earlier files hold; 0 for a new run.
    ///
    /// # Errors
    /// A folder or file that cannot be made.
    pub fn create(folder: &Path, wall_time_s: f64, done_steps: u64) -> Result<Self, TrainError> {
        std::fs::create_dir_all(folder)
            .map_err(|source| TrainError::io("make the folder of event files", folder, source))?;
        // TensorBoard reads the files of a folder in the order of their names; two starts within a
        // second need two names.
        let (mut n, second) = (0, wall_time_s as u64);
        let (path, file) = loop {
            let path = folder.join(format!("events.out.tfevents.{second:010}.{n}.bottega"));
            match File::create_new(&path) {
                Ok(file) => break (path, file),
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => n += 1,
                Err(source) => return Err(TrainError::io("make the event file", &path, source)),
            }
        };
        let file = BufWriter::new(file);
        let mut writer = Self { path, file };
        writer.put(wall_time_s, 0, What::FileVersion(FILE_VERSION.into()))?;
        if done_steps > 0 {
            // What stands at this step and beyond in earlier files is dropped by readers.
            let start = What::SessionLog(message::SessionLog::start());
            writer.put(wall_time_s, done_steps + 1, start)?;
        }
        writer.flush()?;
        Ok(writer)
    }

    /// Where the file lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Adds the numbers of a step.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub fn step(&mut self, wall_time_s: f64, record: &StepRecord) -> Result<(), TrainError> {
        let values = record.scalars().map(|(tag, v)| Value::scalar(tag, v));
        self.summary(wall_time_s, record.step, values.collect())
    }

    /// Adds the metrics of an evaluation, under `held_out/`.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub fn evaluation(
        &mut self,
        wall_time_s: f64,
        record: &EvaluationRecord,
    ) -> Result<(), TrainError> {
        let metrics = record.metrics.iter();
        let values = metrics.map(|(name, v)| Value::scalar(format!("held_out/{name}"), *v));
        self.summary(wall_time_s, record.step, values.collect())
    }

    /// Adds a picture, given as the bytes of a PNG file of `[width, height]` pixels.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub fn image(
        &mut self,
        wall_time_s: f64,
        step: u64,
        tag: &str,
        size_px: [usize; 2],
        png: Vec<u8>,
    ) -> Result<(), TrainError> {
        let image = Image::png(size_px, png);
        self.summary(wall_time_s, step, vec![Value::image(tag.into(), image)])
    }

    /// Adds a text, which is shown as Markdown.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub fn text(
        &mut self,
        wall_time_s: f64,
        step: u64,
        tag: &str,
        text: &str,
    ) -> Result<(), TrainError> {
        self.summary(wall_time_s, step, vec![Value::text(tag.into(), text)])
    }

    /// Hands over to the system what was added.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub fn flush(&mut self) -> Result<(), TrainError> {
        self.file.flush().map_err(|source| self.refused(source))
    }

    fn summary(
        &mut self,
        wall_time_s: f64,
        step: u64,
        values: Vec<Value>,
    ) -> Result<(), TrainError> {
        self.put(wall_time_s, step, What::Summary(Summary { value: values }))
    }

    fn put(&mut self, wall_time_s: f64, step: u64, what: What) -> Result<(), TrainError> {
        let event = Event {
            wall_time: wall_time_s,
            step: i64::try_from(step).unwrap_or(i64::MAX),
            what: Some(what),
        };
        let frame = record::frame(&event.encode_to_vec());
        self.file
            .write_all(&frame)
            .map_err(|source| self.refused(source))
    }

    fn refused(&self, source: std::io::Error) -> TrainError {
        TrainError::io("write the event file", &self.path, source)
    }
}
