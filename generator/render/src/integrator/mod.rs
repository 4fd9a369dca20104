//! How light is gathered along paths.

mod path;

pub(crate) use path::{PathTracer, Prepare};

#[cfg(test)]
mod tests;
