//! What can go wrong while reading a document.

use std::path::PathBuf;

/// Everything that can go wrong while reading a recipe, a profile or another small document.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SchemaError {
    /// The operating system refused.
    #[error("cannot read the document: {}", path.display())]
    Io {
        /// Path that was tried.
        path: PathBuf,
        /// The reason given.
        source: std::io::Error,
    },

    /// Neither a file nor a shipped document.
    #[error("{kind} {name:?} is neither a file nor shipped; shipped are {shipped}")]
    NotFound {
        /// `recipe` or `profile`.
        kind: &'static str,
        /// What was asked for.
        name: Box<str>,
        /// Names of what is there.
        shipped: Box<str>,
    },

    /// The text is not TOML (or not JSON).
    #[error("{file}: not a readable document: {message}")]
    Syntax {
        /// File or name of the document.
        file: Box<str>,
        /// What the parser said, with line and column.
        message: Box<str>,
    },

    /// A key that the document does not know.
    #[error("{file}: unknown key `{key}`{hint}")]
    UnknownKey {
        /// File or name of the document.
        file: Box<str>,
        /// Full path of the key.
        key: Box<str>,
        /// The likely spelling, or the keys that are known.
        hint: Box<str>,
    },

    /// A value that is missing, of the wrong kind, or outside what is allowed.
    #[error("{file}: `{key}`: {message}")]
    Invalid {
        /// File or name of the document.
        file: Box<str>,
        /// Full path of the key.
        key: Box<str>,
        /// What was found and what is allowed.
        message: Box<str>,
    },
}

const _: () = assert!(
    size_of::<SchemaError>() <= 64,
    "SchemaError travels in every Result; box what makes it large",
);
