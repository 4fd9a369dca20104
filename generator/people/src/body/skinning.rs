//! Linear blend skinning with every published influence (up to twelve a vertex).

use glam::{Affine3A, Mat3A, Vec3A};

/// Skin weights of all vertices, row after row.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SkinWeights {
    /// Start of each vertex's row, and one past the last.
    pub offsets: Vec<u32>,
    /// Bone of each entry.
    pub bones: Vec<u8>,
    /// Weight of each entry; a row sums to 1.
    pub weights: Vec<f32>,
}

impl SkinWeights {
    /// Bones and weights of one vertex.
    pub fn of(&self, vertex: usize) -> impl Iterator<Item = (usize, f32)> + '_ {
        let row = self.offsets[vertex] as usize..self.offsets[vertex + 1] as usize;
        self.bones[row.clone()]
            .iter()
            .map(|&bone| usize::from(bone))
            .zip(self.weights[row].iter().copied())
    }

    /// The blended map of one vertex from rest to posed space, given that of each bone.
    pub fn blend(&self, vertex: usize, posed_from_rest: &[Affine3A]) -> Affine3A {
        let mut matrix = Mat3A::ZERO;
        let mut translation = Vec3A::ZERO;
        for (bone, weight) in self.of(vertex) {
            matrix += posed_from_rest[bone].matrix3 * weight;
            translation += posed_from_rest[bone].translation * weight;
        }
        Affine3A {
            matrix3: matrix,
            translation,
        }
    }
}
