//! What training reads: samples become frames, frames are varied and brought to one size, and
//! batches of tensors wait before the step needs them.
//!
//! ```text
//! DataConfig -- DataSources::open --> training mix, held-out people
//!    LoadedSample -- Frame::of_sample --> Frame -- augment --> Frame -- fit --> Frame
//!        \_________ in the threads of bottega_format::loader, a pure function _____/
//!    Frames -- Batch::of --> tensors -- Feed::next_batch --> the step
//! ```
//!
//! See `docs/training-data.md`.

pub mod augment;
pub mod batch;
pub mod evaluation;
pub mod feed;
pub mod fit;
pub mod frame;
mod planar;
mod resample;
pub mod sources;
#[cfg(test)]
mod test_scene;

pub use batch::Batch;
pub use evaluation::{Evaluation, HeldOutSample};
pub use feed::{Feed, planes_of};
pub use fit::{Fitting, fit};
pub use frame::Frame;
pub use sources::{DataSources, HeldOut};
