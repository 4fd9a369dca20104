//! Fast reading of the files that shards hold, and the arithmetic under it.
//!
//! What is read here is what almost every file is: PNG of 8 bits without interlace, OpenEXR of one
//! part in scan lines, uncompressed or ZIP. Anything else, and anything that looks damaged, is
//! left (`None`) to the general decoders, which know every file and have the words for what is
//! wrong. So a picture means the same on both ways, and only the common case is fast.

mod exr_lines;
mod inflate;
mod png_pixels;
mod png_rows;
#[cfg(test)]
mod tests;
mod unpredict;

use std::cell::RefCell;

pub(crate) use exr_lines::{LineKind, ScanLines};
pub(crate) use png_pixels::read_png;
pub(crate) use unpredict::undo_delta;

/// Room that is used again from plane to plane.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    /// Bytes as they left the compressor.
    pub(crate) unpacked: Vec<u8>,
    /// The 16-bit words of some lines.
    lines: Vec<u16>,
    /// Compressed bytes that lie in pieces in the file.
    packed: Vec<u8>,
    /// One row of each of the channels.
    rows: Vec<Vec<f32>>,
    /// Reads the planes of a training cache.
    pub(crate) zstd: Zstd,
}

/// A decompressor that keeps its tables.
pub(crate) struct Zstd(pub(crate) zstd::bulk::Decompressor<'static>);

impl Default for Zstd {
    fn default() -> Self {
        Self(zstd::bulk::Decompressor::new().expect("its tables are smaller than any memory"))
    }
}

impl std::fmt::Debug for Zstd {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Zstd").finish_non_exhaustive()
    }
}

/// Runs with the room of this thread.
pub(crate) fn with_scratch<T>(run: impl FnOnce(&mut Scratch) -> T) -> T {
    thread_local! {
        static SCRATCH: RefCell<Scratch> = RefCell::default();
    }
    SCRATCH.with_borrow_mut(run)
}
