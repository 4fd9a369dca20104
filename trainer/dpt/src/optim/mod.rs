//! How weights move: AdamW, its schedule, and the average of the weights.

mod adamw;
mod average;
mod schedule;

pub use adamw::{AdamW, Group, decays_usually};
pub use average::Average;
pub use schedule::Schedule;
