//! Layouts of others: what is read into a dataset, and what a dataset is written as.
//!
//! Every export writes the same bytes in every run.

pub mod coco;
pub mod face_synthetics;
mod job;
pub mod npz;
mod point_list;
mod rows;
pub mod synthhuman;
pub mod webdataset;

pub use job::{Export, Exported};
