//! The log of a run for programs: `log.jsonl`, one JSON object a line, whole after every line.
//!
//! The first line says what ran (`"kind":"run"`), the others what happened (`"kind":"step"`,
//! `"kind":"evaluation"`). A resumed run first cuts what lies beyond its checkpoint, and a line
//! that was half written when the run was killed, so that its log reads like that of a run that
//! was never disturbed.

use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use bottega_format::write_atomically;

use super::record::{EvaluationRecord, StepRecord};
use crate::error::TrainError;

/// What ran.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogHeader {
    /// Version of this program.
    pub version: String,
    /// BLAKE3 of the configuration, in hexadecimal.
    pub config_blake3: String,
    /// Where the model ran: `cpu`, `cuda:0`.
    pub device: String,
    /// Arithmetic of the layers: `f32`, `bf16`.
    pub precision: String,
    /// Threads of one operation on the CPU.
    pub threads: usize,
    /// Processes that trained together.
    pub ranks: usize,
}

/// A line of the log.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Line {
    Run(LogHeader),
    Step(StepRecord),
    Evaluation(EvaluationRecord),
}

/// What a log says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RunLog {
    /// What ran; more than one where a run was resumed in another way than it began.
    pub headers: Vec<LogHeader>,
    /// Steps, as they were recorded.
    pub steps: Vec<StepRecord>,
    /// Evaluations, as they were recorded.
    pub evaluations: Vec<EvaluationRecord>,
}

/// A log that is being written.
#[derive(Debug)]
pub struct LogWriter {
    path: PathBuf,
    file: File,
}

impl LogWriter {
    /// Begins a log (`done_steps` is 0), or goes on with one: lines of steps beyond `done_steps` are
    /// cut. A header is written where the log has none or its last one says otherwise.
    ///
    /// # Errors
    /// A file that cannot be read or written, or that is no log of a run.
    pub fn open(path: &Path, header: &LogHeader, done_steps: u64) -> Result<Self, TrainError> {
        let mut lines = if done_steps > 0 && path.exists() {
            read_lines(path)?
        } else {
            Vec::new()
        };
        lines.retain(|line| match line {
            Line::Run(_) => true,
            Line::Step(record) => record.step <= done_steps,
            Line::Evaluation(record) => record.step <= done_steps,
        });
        // A header that nothing follows tells of a run that left nothing.
        while matches!(lines.last(), Some(Line::Run(_))) {
            lines.pop();
        }
        let last_header = lines.iter().rev().find_map(|line| match line {
            Line::Run(header) => Some(header),
            _ => None,
        });
        if last_header != Some(header) {
            lines.push(Line::Run(header.clone()));
        }
        let mut text = String::new();
        for line in &lines {
            text += &to_text(line);
        }
        write_atomically(path, text.as_bytes())?;
        let file = OpenOptions::new()
            .append(true)
            .open(path)
            .map_err(|source| TrainError::io("open the log", path, source))?;
        Ok(Self {
            path: path.to_owned(),
            file,
        })
    }

    /// Adds a step.
    ///
    /// # Errors
    /// A line that cannot be written.
    pub fn step(&mut self, record: &StepRecord) -> Result<(), TrainError> {
        self.add(&Line::Step(record.clone()))
    }

    /// Adds an evaluation.
    ///
    /// # Errors
    /// A line that cannot be written.
    pub fn evaluation(&mut self, record: &EvaluationRecord) -> Result<(), TrainError> {
        self.add(&Line::Evaluation(record.clone()))
    }

    /// One call of the system a line, so that a killed run leaves whole lines.
    fn add(&mut self, line: &Line) -> Result<(), TrainError> {
        self.file
            .write_all(to_text(line).as_bytes())
            .map_err(|source| TrainError::io("write the log", &self.path, source))
    }
}

/// Reads a log; a last line that was half written is left out.
///
/// # Errors
/// A file that cannot be read, or that is no log of a run.
pub fn read_log(path: &Path) -> Result<RunLog, TrainError> {
    let mut log = RunLog::default();
    for line in read_lines(path)? {
        match line {
            Line::Run(header) => log.headers.push(header),
            Line::Step(record) => log.steps.push(record),
            Line::Evaluation(record) => log.evaluations.push(record),
        }
    }
    Ok(log)
}

fn read_lines(path: &Path) -> Result<Vec<Line>, TrainError> {
    let bytes =
        std::fs::read(path).map_err(|source| TrainError::io("read the log", path, source))?;
    // What a killed run left without its end of line counts as not written.
    let whole = bytes
        .iter()
        .rposition(|b| *b == b'\n')
        .map_or(0, |at| at + 1);
    let text = String::from_utf8_lossy(&bytes[..whole]);
    let mut lines = Vec::new();
    for (i, line) in text.lines().enumerate() {
        let line = serde_json::from_str(line).map_err(|error| {
            let reason = format!("line {} is no record of a run: {error}", i + 1);
            TrainError::file("log", path, reason)
        })?;
        lines.push(line);
    }
    Ok(lines)
}

fn to_text(line: &Line) -> String {
    let mut text = serde_json::to_string(line).expect("records are plain data");
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(device: &str) -> LogHeader {
        LogHeader {
            version: "0.1.0".into(),
            device: device.into(),
            ranks: 1,
            ..LogHeader::default()
        }
    }

    fn step(step: u64) -> StepRecord {
        StepRecord {
            step,
            losses: [("total".into(), 1.0 / step as f64)].into(),
            ..StepRecord::default()
        }
    }

    fn run(path: &Path, done: u64, steps: std::ops::RangeInclusive<u64>) {
        let mut log = LogWriter::open(path, &header("cpu"), done).unwrap();
        for i in steps {
            log.step(&step(i)).unwrap();
            if i % 2 == 0 {
                let record = EvaluationRecord {
                    step: i,
                    samples: 4,
                    metrics: [("depth/rmse_m".into(), 0.1)].into(),
                };
                log.evaluation(&record).unwrap();
            }
        }
    }

    #[test]
    fn the_log_of_a_killed_and_resumed_run_is_that_of_an_undisturbed_one() {
        let folder = tempfile::tempdir().unwrap();
        let [whole, killed] = ["whole.jsonl", "killed.jsonl"].map(|name| folder.path().join(name));
        run(&whole, 0, 1..=8);
        // Killed within step 6, after the checkpoint of step 4.
        run(&killed, 0, 1..=5);
        let mut file = OpenOptions::new().append(true).open(&killed).unwrap();
        file.write_all(b"{\"kind\":\"step\",\"step\":6,\"ep")
            .unwrap();
        run(&killed, 4, 5..=8);
        let [whole, killed] = [whole, killed].map(|path| std::fs::read_to_string(path).unwrap());
        assert_eq!(whole, killed);
        assert_eq!(whole.lines().count(), 1 + 8 + 4);
    }

    #[test]
    fn what_is_written_reads_the_same_and_half_a_line_is_left_out() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log.jsonl");
        run(&path, 0, 1..=3);
        let mut file = OpenOptions::new().append(true).open(&path).unwrap();
        file.write_all(b"{\"kind\":\"ste").unwrap();
        let log = read_log(&path).unwrap();
        assert_eq!(log.headers, [header("cpu")]);
        assert_eq!(log.steps, [step(1), step(2), step(3)]);
        assert_eq!(log.evaluations.len(), 1);
    }

    #[test]
    fn a_run_that_goes_on_elsewhere_says_so() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log.jsonl");
        run(&path, 0, 1..=2);
        let mut log = LogWriter::open(&path, &header("cuda:0"), 2).unwrap();
        log.step(&step(3)).unwrap();
        let read = read_log(&path).unwrap();
        assert_eq!(read.headers, [header("cpu"), header("cuda:0")]);
        assert_eq!(read.steps.len(), 3);
        // Begun anew, nothing of the old log is left.
        LogWriter::open(&path, &header("cuda:0"), 0).unwrap();
        let read = read_log(&path).unwrap();
        assert_eq!((read.headers.len(), read.steps.len()), (1, 0));
    }

    #[test]
    fn a_file_that_is_no_log_is_named_with_its_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log.jsonl");
        std::fs::write(&path, "steps = 3\n").unwrap();
        for error in [
            read_log(&path).unwrap_err(),
            LogWriter::open(&path, &header("cpu"), 1).unwrap_err(),
        ] {
            let message = error.to_string();
            assert!(
                message.contains("log.jsonl") && message.contains("line 1"),
                "{message}"
            );
        }
    }
}
