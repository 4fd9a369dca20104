//! Queries against a count by brute force, and what datasets with gaps look like.
