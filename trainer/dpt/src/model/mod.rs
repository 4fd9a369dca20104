//! The DPT-resizer model, block by block.
//!
//! ```text
//! picture (H x W) ----------------> resizer --r0..r3 (H/2 .. H/16)--+
//!    | to encoder_px x encoder_px                                   v
//!    +--> encoder --4 taps--> reassemble --e0..e3--> decoder, level 3 down to 0 --> heads
//! ```
//!
//! Level 0 is the finest. Names of variables are those of the checkpoint format.

mod decoder;
mod dpt_resizer;
mod encoder;
mod head;
mod init;
mod layers;
mod probe;
mod reassemble;
mod resizer;

pub use dpt_resizer::{DptResizer, Outputs};
pub use init::initialize;
pub use probe::{NoProbe, Probe};

#[cfg(test)]
mod tests;
