//! What can go wrong while training, evaluating, predicting or exporting.

use std::path::{Path, PathBuf};

use bottega_format::FormatError;
use bottega_schemas::SchemaError;

/// Longest text of LibTorch that a message keeps; some of its errors print whole tensors.
const LIBTORCH_TEXT_MAX: usize = 600;

/// Everything that can go wrong in the trainer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TrainError {
    /// A configuration that cannot be carried out.
    #[error(transparent)]
    Config(#[from] SchemaError),

    /// A dataset that cannot be read.
    #[error(transparent)]
    Data(#[from] FormatError),

    /// The operating system refused.
    #[error("cannot {action}: {}", path.display())]
    Io {
        /// What was tried, as a verb phrase.
        action: &'static str,
        /// Path it was tried on.
        path: PathBuf,
        /// The reason given.
        source: std::io::Error,
    },

    /// A file that is not what it should be.
    #[error("{what} {}: {reason}", path.display())]
    File {
        /// What it should be, for example `checkpoint`.
        what: &'static str,
        /// The file.
        path: PathBuf,
        /// What is wrong, and what to do.
        reason: Box<str>,
    },

    /// LibTorch refused.
    #[error("LibTorch cannot {action}: {reason}")]
    LibTorch {
        /// What was tried, as a verb phrase.
        action: &'static str,
        /// What it said, cut to a readable length.
        reason: Box<str>,
    },

    /// Anything else that stops a run, with what to do about it.
    #[error("{0}")]
    Stopped(Box<str>),
}

const _: () = assert!(
    size_of::<TrainError>() <= 72,
    "TrainError travels in every Result; box what makes it large",
);

impl TrainError {
    /// An error of the operating system.
    pub fn io(action: &'static str, path: &Path, source: std::io::Error) -> Self {
        Self::Io {
            action,
            path: path.to_owned(),
            source,
        }
    }

    /// A file that is not what it should be.
    pub fn file(what: &'static str, path: &Path, reason: impl Into<String>) -> Self {
        Self::File {
            what,
            path: path.to_owned(),
            reason: reason.into().into(),
        }
    }

    /// An error of LibTorch, its text cut to the first lines.
    pub fn libtorch(action: &'static str, error: &tch::TchError) -> Self {
        let text = error.to_string();
        // The C++ stack is of no use to the reader.
        let text = text.split("Exception raised from").next().unwrap_or(&text);
        let mut reason: String = text.trim().chars().take(LIBTORCH_TEXT_MAX).collect();
        if reason.len() < text.trim().len() {
            reason.push_str(" ...");
        }
        Self::LibTorch {
            action,
            reason: reason.into(),
        }
    }

    /// Something else that stops a run.
    pub fn stopped(reason: impl Into<String>) -> Self {
        Self::Stopped(reason.into().into())
    }
}
