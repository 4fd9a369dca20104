//! Named regions of the base mesh: scalp, hair density, brows, beard, lips, lids, nails, ears.
//!
//! Weights are in `[0, 1]` per vertex; faces are in file order, both ends of a range inclusive.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// All regions.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Regions {
    /// What the indices mean.
    pub note: String,
    /// The scalp with its own texture coordinates; reaches down the forehead to the brows.
    pub scalp: Scalp,
    /// Lips, wider than the vermilion.
    pub lips_faces: Vec<[u32; 2]>,
    /// Eyelids.
    pub eyelid_faces: Vec<[u32; 2]>,
    /// Face.
    pub face_faces: Vec<[u32; 2]>,
    /// Front of the neck.
    pub neck_front_faces: Vec<[u32; 2]>,
    /// Eyebrows.
    pub eyebrow_vertices: Vec<(u32, f32)>,
    /// Where scalp hair grows on a natural hairline.
    pub hair_density_vertices: Vec<(u32, f32)>,
    /// Beard.
    pub beard_vertices: Vec<(u32, f32)>,
    /// Moustache.
    pub moustache_vertices: Vec<(u32, f32)>,
    /// Masks sampled at the vertices.
    pub mask_vertices: Masks,
}

/// The scalp.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Scalp {
    /// Where it was taken from.
    pub source: String,
    /// Its faces.
    pub faces: Vec<[u32; 2]>,
    /// Vertices on its border.
    pub boundary_vertices: Vec<u32>,
    /// Seam-free texture coordinates by vertex.
    pub uv: BTreeMap<u32, [f32; 2]>,
}

/// Masks sampled at the vertices: `(vertex, value)`, zero elsewhere.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Masks {
    /// Vermilion of the lips.
    pub lips: Vec<(u32, f32)>,
    /// Ears.
    pub ears: Vec<(u32, f32)>,
    /// The thin strip of the lids along the eye.
    pub eyelids: Vec<(u32, f32)>,
    /// Soft round region of the face, without forehead and ears.
    pub face: Vec<(u32, f32)>,
    /// Finger nails.
    pub fingernails: Vec<(u32, f32)>,
    /// Toe nails.
    pub toenails: Vec<(u32, f32)>,
    /// Inside of the mouth.
    #[serde(rename = "inside-mouth")]
    pub inside_mouth: Vec<(u32, f32)>,
}

impl Regions {
    /// A sparse weight list as one value per vertex.
    pub fn dense(sparse: &[(u32, f32)], n_vertices: usize) -> Vec<f32> {
        let mut dense = vec![0.0; n_vertices];
        for &(vertex, value) in sparse {
            dense[vertex as usize] = value;
        }
        dense
    }

    /// The face indices of a list of inclusive ranges.
    pub fn faces(ranges: &[[u32; 2]]) -> impl Iterator<Item = usize> + '_ {
        ranges
            .iter()
            .flat_map(|&[first, last]| first as usize..=last as usize)
    }
}
