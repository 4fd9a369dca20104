//! The metrics of the paper on plain slices; no LibTorch.
//!
//! Every function takes one image, row by row from the top-left, and returns the value of that
//! image in `f64`; averages over images are the caller's, as in the published evaluation. Masks
//! are `true` where a pixel counts. Functions panic only when slices differ in length, which is a
//! bug of the caller; an empty mask gives `None`.

mod depth;
mod matting;
mod normal;
mod trimap;

pub use depth::{DepthMetrics, ScaleShift, align_scale_shift, depth_metrics};
pub use matting::{MattingMetrics, TRIMAP_UNKNOWN, TrimapMetrics, matting_metrics, trimap_metrics};
pub use normal::{NormalMetrics, normal_metrics};
pub use trimap::{TRIMAP_BACKGROUND, TRIMAP_FOREGROUND, trimap};
