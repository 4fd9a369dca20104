//! Recipe to numbers to scene to planes to sample; the asset pack; job ranges.

pub mod assets;
