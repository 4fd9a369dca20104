//! A look at the values between the blocks, for tests and debugging.

use std::collections::BTreeMap;

use tch::Tensor;

/// Is shown the values between the blocks.
pub trait Probe {
    /// Sees `value`, named as the golden files name it: `level0.decoder`.
    fn see(&mut self, name: &str, level: usize, value: &Tensor);
}

/// Looks at nothing.
#[derive(Debug)]
pub struct NoProbe;

impl Probe for NoProbe {
    fn see(&mut self, _: &str, _: usize, _: &Tensor) {}
}

impl Probe for BTreeMap<String, Tensor> {
    fn see(&mut self, name: &str, level: usize, value: &Tensor) {
        self.insert(format!("level{level}.{name}"), value.shallow_clone());
    }
}
