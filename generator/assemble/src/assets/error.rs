//! Everything that can go wrong while assets are read.

use std::path::PathBuf;

/// Everything that can go wrong while assets are read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AssetError {
    /// The operating system refused.
    #[error("cannot {action}: {}", path.display())]
    Io {
        /// What was tried, as a verb phrase: `"read the asset pack"`.
        action: &'static str,
        /// Path it was tried on.
        path: PathBuf,
        /// The reason given.
        source: std::io::Error,
    },

    /// The file is something else.
    #[error("not an asset pack, which begins with \"BTPK\": {}", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
    },

    /// The pack was made for another version of the program.
    #[error(
        "asset pack of format version {found} where this program reads version {expected}; {advice}: {}",
        path.display()
    )]
    Version {
        /// The file.
        path: PathBuf,
        /// The version in the file.
        found: u32,
        /// The version this program reads.
        expected: u32,
        /// What to do.
        advice: &'static str,
    },

    /// The file ends early or goes on too long.
    #[error(
        "asset pack of {found} bytes where its header promises {expected}; copy or build it again: {}",
        path.display()
    )]
    Length {
        /// The file.
        path: PathBuf,
        /// Bytes in the file.
        found: u64,
        /// Bytes it should have.
        expected: u64,
    },

    /// A part of the file does not have the bytes it was written with.
    #[error(
        "{part} of the asset pack does not match its checksum; copy or build the pack again: {}",
        path.display()
    )]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// Which part: the table, or the name of an asset.
        part: String,
    },

    /// A part of the file cannot be understood although its checksum holds.
    #[error("cannot read {part} of the asset pack: {found}: {}", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// Which part.
        part: String,
        /// What was found.
        found: Box<str>,
    },

    /// No pack has the asset.
    #[error("no asset pack holds {name:?}; `bottega assets list` shows what there is")]
    Missing {
        /// Name of the asset.
        name: String,
    },

    /// A folder without packs was named.
    #[error("no asset pack (*.btpk) in the folder: {}", path.display())]
    EmptyFolder {
        /// The folder.
        path: PathBuf,
    },

    /// The human model in the packs is not usable.
    #[error("cannot use the human model of the asset packs")]
    Human {
        /// The reason.
        source: bottega_people::PeopleError,
    },
}

const _: () = assert!(
    size_of::<AssetError>() <= 80,
    "AssetError travels in every Result; box what makes it large",
);
