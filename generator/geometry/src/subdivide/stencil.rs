//! Sparse linear maps from coarse to refined vertices.

use glam::{Vec2, Vec3};
use rayon::prelude::*;

/// What a stencil can carry: anything that adds and scales.
pub trait Attribute: Copy + Send + Sync {
    /// Nothing.
    const ZERO: Self;
    /// `self + value * weight`.
    fn add_scaled(self, value: Self, weight: f32) -> Self;
}

impl Attribute for f32 {
    const ZERO: Self = 0.0;
    fn add_scaled(self, value: Self, weight: f32) -> Self {
        self + value * weight
    }
}

impl Attribute for Vec2 {
    const ZERO: Self = Self::ZERO;
    fn add_scaled(self, value: Self, weight: f32) -> Self {
        self + value * weight
    }
}

impl Attribute for Vec3 {
    const ZERO: Self = Self::ZERO;
    fn add_scaled(self, value: Self, weight: f32) -> Self {
        self + value * weight
    }
}

/// For each refined vertex, the coarse vertices it is a weighted mean of.
#[derive(Clone, Debug, PartialEq)]
pub struct Stencil {
    offsets: Vec<u32>,
    vertices: Vec<u32>,
    weights: Vec<f32>,
}

impl Default for Stencil {
    fn default() -> Self {
        Self {
            offsets: vec![0],
            vertices: Vec::new(),
            weights: Vec::new(),
        }
    }
}

impl Stencil {
    /// Number of refined vertices.
    pub fn len(&self) -> usize {
        self.offsets.len() - 1
    }

    /// Whether it gives no vertices.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Appends one refined vertex.
    pub(super) fn push(&mut self, terms: impl IntoIterator<Item = (u32, f32)>) {
        for (vertex, weight) in terms {
            self.vertices.push(vertex);
            self.weights.push(weight);
        }
        self.offsets.push(self.vertices.len() as u32);
    }

    /// Coarse vertices and weights of one refined vertex; the weights sum to 1.
    pub fn terms(&self, refined: usize) -> impl Iterator<Item = (u32, f32)> + '_ {
        let row = self.offsets[refined] as usize..self.offsets[refined + 1] as usize;
        let weights = self.weights[row.clone()].iter().copied();
        self.vertices[row].iter().copied().zip(weights)
    }

    /// Values at the refined vertices.
    pub fn apply<T: Attribute>(&self, coarse: &[T]) -> Vec<T> {
        (0..self.len())
            .into_par_iter()
            .with_min_len(4096)
            .map(|refined| {
                self.terms(refined).fold(T::ZERO, |sum, (vertex, weight)| {
                    sum.add_scaled(coarse[vertex as usize], weight)
                })
            })
            .collect()
    }
}
