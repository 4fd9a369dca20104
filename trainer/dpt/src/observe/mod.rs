//! What a run tells of itself: a bar on the terminal, a log for programs, event files for
//! TensorBoard, and one HTML page for people.
//!
//! ```text
//! StepRecord, EvaluationRecord --> Progress (stderr)
//!                              --> LogWriter (log.jsonl) --> read_log --> report::write_report
//!                              --> EventWriter (events.out.tfevents.*)
//! planes --> pictures --> PNG --> EventWriter, report
//! ```
//!
//! Nothing here knows LibTorch; what is written holds no time but those that the caller gives.

mod log;
pub mod pictures;
mod progress;
mod record;
pub mod report;
pub mod tensorboard;

pub use log::{LogHeader, LogWriter, RunLog, read_log};
pub use progress::Progress;
pub use record::{EvaluationRecord, StepRecord, Window};
