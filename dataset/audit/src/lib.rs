//! Verification, statistics and contact sheets of datasets.
