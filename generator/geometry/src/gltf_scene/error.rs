//! What can go wrong with a glTF file.

use std::path::PathBuf;

/// A glTF file that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum GltfError {
    /// The file cannot be read or is no glTF 2.0.
    #[error("cannot read {path} as glTF 2.0: {source}; .gltf with its files beside it, or .glb, is expected", path = path.display())]
    Parse {
        /// The file.
        path: PathBuf,
        /// The parser's reason.
        source: gltf::Error,
    },
    /// The file contradicts itself.
    #[error("{path} is not a sound glTF file: {reason}", path = path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
}
