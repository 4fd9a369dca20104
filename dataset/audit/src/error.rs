//! What can go wrong while a dataset is looked at. What is wrong *with* it is a finding instead.

use std::path::PathBuf;

use bottega_format::FormatError;

/// Everything that can go wrong in this crate.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AuditError {
    /// Nothing to look at.
    #[error(
        "no dataset here, wanted a folder with *.parquet shards below it, or one shard: {}",
        path.display()
    )]
    NoDataset {
        /// What was given.
        path: PathBuf,
    },

    /// The operating system refused.
    #[error("cannot {action} {}", path.display())]
    Io {
        /// What was tried, as a verb phrase.
        action: &'static str,
        /// Path it was tried on.
        path: PathBuf,
        /// The reason given.
        source: std::io::Error,
    },

    /// A column that no dataset has.
    #[error("there is no column {column:?}; {hint}")]
    NoColumn {
        /// What was asked for.
        column: Box<str>,
        /// The likely spelling.
        hint: Box<str>,
    },

    /// A column that cannot be counted by its values.
    #[error(
        "column {column:?} has no categories to count; wanted a column of words, of truth values \
         or of a scale{hint}"
    )]
    NoCategories {
        /// What was asked for.
        column: Box<str>,
        /// What may be asked instead.
        hint: Box<str>,
    },

    /// A table that nobody could read.
    #[error(
        "{rows:?} by {columns:?} has {cells} cells, more than a million; count columns of fewer \
         categories together"
    )]
    LargeTable {
        /// Column of the rows.
        rows: Box<str>,
        /// Column of the columns.
        columns: Box<str>,
        /// Number of cells.
        cells: u64,
    },

    /// A question about labels that makes no sense.
    #[error("{reason}")]
    Query {
        /// What was wrong, and what was wanted.
        reason: Box<str>,
    },

    /// The viewer cannot listen.
    #[error("cannot listen on 127.0.0.1:{port}; choose another with --port, or none at all")]
    Port {
        /// Port that was tried.
        port: u16,
        /// The reason given.
        source: std::io::Error,
    },

    /// The viewer cannot go on.
    #[error("the viewer cannot {action}")]
    Server {
        /// What was tried, as a verb phrase.
        action: &'static str,
        /// The reason given.
        source: std::io::Error,
    },

    /// A file cannot be read as what it should be.
    #[error(transparent)]
    Format(#[from] FormatError),
}

impl AuditError {
    /// A question that makes no sense.
    pub(crate) fn query(reason: impl Into<Box<str>>) -> Self {
        Self::Query {
            reason: reason.into(),
        }
    }
}

const _: () = assert!(
    size_of::<AuditError>() <= 72,
    "AuditError travels in every Result; box what makes it large",
);
