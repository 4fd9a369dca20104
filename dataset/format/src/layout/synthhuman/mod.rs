//! The SynthHuman layout: five files a sample, flat in a folder or in zip archives.
//!
//! | file | content |
//! | --- | --- |
//! | `rgb_NNNNNNN.png` | 8-bit sRGB, with background |
//! | `alpha_NNNNNNN.png` | 8-bit grey coverage |
//! | `depth_NNNNNNN.exr` | one channel, distance along the optical axis in centimetres, 65504: none |
//! | `normal_NNNNNNN.exr` | unit normals, +X right, +Y up, +Z toward the camera; `B`=X `G`=Y `R`=Z |
//! | `cam_NNNNNNN.txt` | intrinsic matrix, three lines of three numbers, pixels |
//!
//! There is no label of the person. The official set lies in archives of 5000 samples, first the
//! faces, then the full bodies, then the upper bodies.

mod documents;
mod export;
mod import;
mod names;
mod normals;
mod planes;

pub use export::{ExportJob, ExportReport, export};
pub use import::{ImportJob, ImportReport, import};
pub use names::Incomplete;
pub use normals::{NormalCoding, NormalOrder};

/// Depth that says "no surface": the largest finite half float.
const NO_DEPTH_CM: f32 = 65504.0;

/// Samples in an archive of the official set.
const SAMPLES_PER_ARCHIVE: usize = 5000;

/// First indices of full bodies and of upper bodies in the official set, and its size.
const OFFICIAL_BOUNDS: [u64; 3] = [98_040, 198_016, 298_008];

/// The framing of a sample of the official set, by its index.
fn official_framing(index: u64) -> Option<&'static str> {
    let [faces, full_bodies, all] = OFFICIAL_BOUNDS;
    match index {
        i if i < faces => Some("face"),
        i if i < full_bodies => Some("full_body"),
        i if i < all => Some("upper_body"),
        _ => None,
    }
}
