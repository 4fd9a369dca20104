//! The metrics of the paper on plain slices; no LibTorch.
