//! What can go wrong while reading or writing samples, shards and datasets.

use std::path::{Path, PathBuf};

/// Everything that can go wrong in this crate.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FormatError {
    /// The operating system refused.
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        /// What was tried, as a verb phrase: `"create"`.
        action: &'static str,
        /// Path it was tried on.
        path: PathBuf,
        /// The reason given.
        source: std::io::Error,
    },

    /// The disk is full.
    #[error(
        "the disk is full: cannot {action} {}, which needs {needed_bytes} bytes; free that much \
         and run the same command again, nothing that was published is lost",
        path.display()
    )]
    NoSpace {
        /// What was tried, as a verb phrase.
        action: &'static str,
        /// Path it was tried on.
        path: PathBuf,
        /// Size of what was being written.
        needed_bytes: u64,
    },

    /// A sample breaks a rule of its planes or labels.
    #[error("sample {sample_id}: {reason}")]
    InvalidSample {
        /// Name of the sample.
        sample_id: Box<str>,
        /// Which rule, and where.
        reason: Box<str>,
    },

    /// A part promised by the sample layout is absent from an EXR file.
    #[error("part {part:?} is missing; a sample needs it, the file has {found}")]
    MissingPart {
        /// Name of the part.
        part: &'static str,
        /// The parts that are there.
        found: Box<str>,
    },

    /// A part or plane has other channels than its layout says.
    #[error("{part}: expected {expected}, found {found}")]
    WrongChannels {
        /// Name of the part or plane.
        part: &'static str,
        /// Names and types that were wanted.
        expected: &'static str,
        /// Names and types that are there.
        found: Box<str>,
    },

    /// Bytes that are cut, damaged or of another kind.
    #[error("the {what} is damaged or cut: {reason}")]
    Malformed {
        /// What was being read.
        what: &'static str,
        /// Where it broke.
        reason: Box<str>,
    },

    /// A column promised by the schema is absent from a shard.
    #[error("column {column:?} is missing; the shard schema requires it")]
    MissingColumn {
        /// Name of the column.
        column: &'static str,
    },

    /// A column has another type than the schema says.
    #[error("column {column:?} should be {expected}, found {found}")]
    WrongColumn {
        /// Name of the column.
        column: &'static str,
        /// Type that was wanted.
        expected: Box<str>,
        /// Type that is there.
        found: Box<str>,
    },

    /// Stored bytes do not have the hash that is stored beside them.
    #[error("{what} of row {row} does not match its stored BLAKE3; the shard is damaged")]
    HashMismatch {
        /// Which blob.
        what: &'static str,
        /// Row in the shard.
        row: usize,
    },

    /// A row that the shard does not have.
    #[error("no row {row}: the shard has {rows} rows")]
    NoSuchRow {
        /// Row that was asked for.
        row: usize,
        /// Rows that are there.
        rows: usize,
    },

    /// Rows came in another order than that of their index.
    #[error("index {found} was pushed where {expected} comes next in the shard")]
    OutOfOrder {
        /// Index that comes next.
        expected: u64,
        /// Index that came.
        found: u64,
    },

    /// The folder holds a dataset of another plan.
    #[error("{}", .0)]
    PlanMismatch(Box<PlanMismatch>),

    /// A range of indices that does not lie on the shards.
    #[error(
        "the start {start} is not a multiple of the shard size {shard_size}; start at {below} or \
         at {}", below + shard_size
    )]
    Misaligned {
        /// First index that was asked for.
        start: u64,
        /// Rows in a shard.
        shard_size: u64,
        /// The multiple just below.
        below: u64,
    },

    /// A folder that should receive files holds some already.
    #[error(
        "{} is not empty, and what it holds is not this export; choose another folder, or pass \
         --overwrite to replace what is there",
        path.display()
    )]
    NotEmpty {
        /// The folder.
        path: PathBuf,
    },

    /// A folder that should receive an export holds files that would be taken for some of it.
    #[error(
        "{} holds {count} files that this export would not write, such as {first}; its readers \
         would take them for it: move them away, or choose another folder",
        path.display()
    )]
    Strangers {
        /// The folder.
        path: PathBuf,
        /// First of the files, below the folder.
        first: Box<str>,
        /// How many there are.
        count: usize,
    },

    /// The dataset lacks what a layout needs.
    #[error("{layout} needs {needed}, which this dataset lacks: {reason}")]
    Lacks {
        /// Layout that was asked for.
        layout: &'static str,
        /// What it needs.
        needed: &'static str,
        /// What is there, and what to do.
        reason: Box<str>,
    },

    /// Something sound that does not fit what is asked of it.
    #[error("the {what} cannot be used: {reason}")]
    Unusable {
        /// What was given.
        what: &'static str,
        /// Why it does not fit, and what to do.
        reason: Box<str>,
    },

    /// A plane of a row of a shard.
    #[error("{}", .0)]
    InRow(Box<InRow>),

    /// A query that cannot be answered.
    #[error("{reason}")]
    Query {
        /// Why, and what to do.
        reason: Box<str>,
    },

    /// An error in a known file.
    #[error("{}: {source}", path.display())]
    InFile {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: Box<Self>,
    },
}

const _: () = assert!(
    size_of::<FormatError>() <= 64,
    "FormatError travels in every Result; box what makes it large",
);

/// What is wrong with a plane of a row.
#[derive(Debug, thiserror::Error)]
#[error(
    "{}: row {row} (sample {sample_id}), plane {plane}: {source}",
    path.display()
)]
pub struct InRow {
    /// The shard, or the file of a cache.
    pub path: PathBuf,
    /// Row in the shard.
    pub row: usize,
    /// Name of the sample.
    pub sample_id: Box<str>,
    /// The plane.
    pub plane: &'static str,
    /// What is wrong with it.
    pub source: FormatError,
}

/// The folder holds a dataset of another plan.
#[derive(Debug, thiserror::Error)]
#[error(
    "{} holds another dataset: its {field} is {found}, this run has {wanted}; choose another \
     folder, or pass --overwrite to replace it",
    path.display()
)]
pub struct PlanMismatch {
    /// The dataset folder.
    pub path: PathBuf,
    /// First field of the plan that differs.
    pub field: String,
    /// Its value in the folder.
    pub found: String,
    /// Its value in this run.
    pub wanted: String,
}

impl FormatError {
    /// A damaged or cut thing.
    pub(crate) fn malformed(what: &'static str, reason: impl Into<String>) -> Self {
        Self::Malformed {
            what,
            reason: reason.into().into_boxed_str(),
        }
    }

    /// Something that does not fit.
    pub(crate) fn unusable(what: &'static str, reason: impl Into<String>) -> Self {
        Self::Unusable {
            what,
            reason: reason.into().into_boxed_str(),
        }
    }

    /// A query that cannot be answered.
    #[cfg(feature = "sql")]
    pub(crate) fn query(reason: impl Into<String>) -> Self {
        Self::Query {
            reason: reason.into().into_boxed_str(),
        }
    }

    /// Names the file an error is about.
    pub(crate) fn in_file(self, path: &Path) -> Self {
        match self {
            Self::Io { .. } | Self::NoSpace { .. } | Self::InFile { .. } | Self::InRow(_) => self,
            error => Self::InFile {
                path: path.into(),
                source: Box::new(error),
            },
        }
    }

    /// The error without the name of the file, where another error names it.
    pub(crate) fn without_file(self, file: &Path) -> Self {
        match self {
            Self::InFile { path, source } if path == file => *source,
            error => error,
        }
    }

    /// An error of the operating system while reading, or writing little.
    pub(crate) fn io(action: &'static str, path: &Path, source: std::io::Error) -> Self {
        Self::Io {
            action,
            path: path.into(),
            source,
        }
    }

    /// An error of the operating system while writing `needed_bytes`; tells a full disk apart.
    pub fn write(
        action: &'static str,
        path: &Path,
        needed_bytes: u64,
        source: std::io::Error,
    ) -> Self {
        use std::io::ErrorKind::{QuotaExceeded, StorageFull};
        match source.kind() {
            StorageFull | QuotaExceeded => Self::NoSpace {
                action,
                path: path.into(),
                needed_bytes,
            },
            _ => Self::io(action, path, source),
        }
    }
}
