//! The exponential moving average of the weights, which is what is evaluated and exported.

use std::collections::BTreeMap;

use tch::nn::VarStore;
use tch::{Tensor, no_grad};

/// Prefix of the average in a checkpoint.
const PREFIX: &str = "ema.";

/// The average: `a = d a + (1 - d) w` after each step.
#[derive(Debug)]
pub struct Average {
    decay: f64,
    /// Average and variable.
    pairs: BTreeMap<String, (Tensor, Tensor)>,
}

impl Average {
    /// An average that begins at the present values.
    pub fn new(variables: &VarStore, decay: f64) -> Self {
        let pair = |value: Tensor| (value.detach().copy(), value);
        let variables = variables.variables().into_iter();
        Self {
            decay,
            pairs: variables.map(|(name, value)| (name, pair(value))).collect(),
        }
    }

    /// Takes the present values into the average.
    pub fn update(&mut self) {
        no_grad(|| {
            for (average, value) in self.pairs.values_mut() {
                let _ = average.lerp_(value, 1.0 - self.decay);
            }
        });
    }

    /// The average, by the names of the variables.
    pub fn values(&self) -> BTreeMap<String, Tensor> {
        let pairs = self.pairs.iter();
        pairs
            .map(|(name, (average, _))| (name.clone(), average.shallow_clone()))
            .collect()
    }

    /// The average, by the names it has in a checkpoint.
    pub fn state(&self) -> BTreeMap<String, Tensor> {
        let values = self.values().into_iter();
        values
            .map(|(name, average)| (format!("{PREFIX}{name}"), average))
            .collect()
    }

    /// Takes the average of a checkpoint; `Err` holds the name of one that is missing or has
    /// another shape.
    pub fn restore(&mut self, tensors: &BTreeMap<String, Tensor>) -> Result<(), String> {
        for (name, (average, _)) in &mut self.pairs {
            let name = format!("{PREFIX}{name}");
            match tensors.get(&name) {
                Some(tensor) if tensor.size() == average.size() => average.copy_(tensor),
                _ => return Err(name),
            }
        }
        Ok(())
    }

    /// Puts the average into the variables and the variables into the average; doing it again
    /// undoes it.
    pub fn swap(&mut self) {
        no_grad(|| {
            for (average, value) in self.pairs.values_mut() {
                let held = value.detach().copy();
                value.copy_(average);
                average.copy_(&held);
            }
        });
    }
}
