//! Verification, statistics and contact sheets of datasets.
//!
//! - [`verify`]: whether a dataset is whole and means what it says; every fault is a
//!   [`Finding`](finding::Finding) with its place.
//! - [`diff`]: how two datasets differ.
//! - [`stats`]: how the labels are distributed.
//! - [`inspect`]: what one file holds.
//! - [`fairness`]: who is in a dataset and what hangs together with who they are.
//! - [`report`]: all of this as one page.
//! - [`contact_sheet`]: what the samples look like.
//! - [`view`]: all samples in a browser.
//!
//! Nothing here renders, and nothing writes into a dataset.

pub mod contact_sheet;
pub mod diff;
mod error;
pub mod fairness;
pub mod files;
pub mod finding;
#[cfg(test)]
mod fixture;
pub mod inspect;
pub mod labels;
pub mod pixels;
pub mod report;
#[cfg(feature = "sql")]
pub mod sql;
pub mod statistics;
pub mod stats;
pub mod verify;
pub mod view;

pub use error::AuditError;
pub use files::DatasetFiles;
pub use finding::{Check, Finding};
pub use stats::DatasetStats;
pub use verify::{Verification, VerifyConfig};
