//! Named 32-bit tensors, borrowed one at a time, so that whoever holds them need not copy them all.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::error::TrainError;

/// Tensors by their names (`encoder.pos_embed`, `heads.depth.conv3.bias`, ...).
pub trait Tensors {
    /// The names, ascending.
    fn names(&self) -> Vec<String>;

    /// The shape of a tensor; `None` if there is no such tensor.
    fn shape(&self, name: &str) -> Option<Vec<usize>>;

    /// The values of a tensor, row-major; an error if it is missing or not of 32-bit floats.
    fn values(&self, name: &str) -> Result<Cow<'_, [f32]>, TrainError>;
}

/// A tensor in memory.
#[derive(Clone, Debug, PartialEq)]
pub struct NamedTensor {
    /// Lengths of the axes.
    pub shape: Vec<usize>,
    /// The values, row-major.
    pub values: Vec<f32>,
}

/// Tensors in memory.
pub type NamedTensors = BTreeMap<String, NamedTensor>;

impl Tensors for NamedTensors {
    fn names(&self) -> Vec<String> {
        self.keys().cloned().collect()
    }

    fn shape(&self, name: &str) -> Option<Vec<usize>> {
        self.get(name).map(|tensor| tensor.shape.clone())
    }

    fn values(&self, name: &str) -> Result<Cow<'_, [f32]>, TrainError> {
        let tensor = self
            .get(name)
            .ok_or_else(|| TrainError::stopped(format!("there is no tensor {name}")))?;
        let n: usize = tensor.shape.iter().product();
        if n != tensor.values.len() {
            let (found, shape) = (tensor.values.len(), &tensor.shape);
            return Err(TrainError::stopped(format!(
                "tensor {name} has {found} values, but its shape {shape:?} wants {n}"
            )));
        }
        Ok(Cow::Borrowed(&tensor.values))
    }
}
