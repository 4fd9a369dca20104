//! Sparse blend shapes.

use glam::Vec3;

/// One unit of a stored offset, in metres: targets are written with three decimals of a decimetre.
const OFFSET_UNIT_M: f32 = 1e-4;

/// A blend shape: offsets of some vertices, exact as they were published.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Target {
    /// Vertices that move, ascending.
    pub vertices: Vec<u16>,
    /// Offset of each, in units of 0.1 mm, in body axes.
    pub offsets: Vec<[i16; 3]>,
}

impl Target {
    /// Adds `weight` times this shape to `positions`, which are metres.
    pub fn add_to(&self, positions: &mut [Vec3], weight: f32) {
        let scale = weight * OFFSET_UNIT_M;
        for (&vertex, &[x, y, z]) in self.vertices.iter().zip(&self.offsets) {
            positions[usize::from(vertex)] +=
                Vec3::new(f32::from(x), f32::from(y), f32::from(z)) * scale;
        }
    }

    /// As [`Self::add_to`], leaving out the vertices in `skip`.
    pub fn add_to_except(&self, positions: &mut [Vec3], weight: f32, skip: std::ops::Range<u16>) {
        let scale = weight * OFFSET_UNIT_M;
        for (&vertex, &[x, y, z]) in self.vertices.iter().zip(&self.offsets) {
            if !skip.contains(&vertex) {
                positions[usize::from(vertex)] +=
                    Vec3::new(f32::from(x), f32::from(y), f32::from(z)) * scale;
            }
        }
    }
}
