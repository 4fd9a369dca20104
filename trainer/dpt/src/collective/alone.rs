//! One process: every mean is its own.

use super::Collective;
use crate::error::TrainError;

/// One process.
#[derive(Clone, Copy, Debug, Default)]
pub struct Alone;

impl Collective for Alone {
    fn rank(&self) -> usize {
        0
    }

    fn ranks(&self) -> usize {
        1
    }

    fn engine(&self) -> &'static str {
        "alone"
    }

    fn all_reduce_mean(&mut self, _values: &mut [f32]) -> Result<(), TrainError> {
        Ok(())
    }

    fn broadcast(&mut self, _values: &mut [f32], _root: usize) -> Result<(), TrainError> {
        Ok(())
    }

    fn all_gather(&mut self, values: &[f64]) -> Result<Vec<Vec<f64>>, TrainError> {
        Ok(vec![values.to_vec()])
    }
}
