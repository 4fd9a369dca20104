//! A training run.
//!
//! ```text
//! TrainConfig --> RunFolder, Compute, DataSources, State
//!   loop:  Feed --> batches --> State::step --> Recorder          every step
//!          held-out samples --> evaluate --> best.safetensors     every evaluate_every
//!          everything that moves --> last.safetensors             every checkpoint_every
//!   end:   report.html
//! ```

mod device;
mod folder;
mod held_out;
mod memory;
mod recorder;
mod report;
mod run;
mod state;

pub use device::Compute;
pub use memory::is_out_of_memory;
pub use run::{RunOptions, RunSummary, plan, train};
