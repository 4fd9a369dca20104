//! The asset packs: what is given to every person and every scene, with licence and origin.
//!
//! One pack is embedded in the binary; further ones add to it or replace parts of it by name. The
//! format is written in `docs/asset-pack.md`. Read [`AssetStore`] first.

mod environment;
mod error;
mod hdr;
mod pack;
mod store;
#[cfg(test)]
mod tests;

pub use environment::EnvironmentMap;
pub use error::AssetError;
pub use pack::{AssetEntry, AssetKind, Codec, Origin, PACK_VERSION, Pack, PackBuilder};
pub use store::{AssetFinding, AssetInfo, AssetStore};
