//! Verification, statistics and contact sheets of datasets.

pub mod contact_sheet;
pub mod stats;
