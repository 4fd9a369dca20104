//! Indexed surface meshes: triangles for rendering, quads for modelling.

use glam::{Vec2, Vec3};

/// Triangles as the renderer takes them.
///
/// The per-vertex arrays `normals`, `uvs`, `rest`, `colors` and `gloss` are either empty or as long
/// as `positions`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TriMesh {
    /// Vertex positions, in metres.
    pub positions: Vec<Vec3>,
    /// Unit shading normals, outward.
    pub normals: Vec<Vec3>,
    /// Texture coordinates, v up.
    pub uvs: Vec<Vec2>,
    /// Positions before posing, in metres: the space in which procedural textures live.
    pub rest: Vec<Vec3>,
    /// Linear Rec. 709 reflectances, read by materials that ask for the vertex colour.
    pub colors: Vec<Vec3>,
    /// How oily or wet the surface is, in `[-1, 1]`: 0 as its material says, 1 wet, below 0 drier.
    pub gloss: Vec<f32>,
    /// Vertex indices, counter-clockwise seen from outside.
    pub triangles: Vec<[u32; 3]>,
}

/// Quads (or triangles, with the last index repeated) with face-varying texture coordinates.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct QuadMesh {
    /// Vertex positions, in metres.
    pub positions: Vec<Vec3>,
    /// Position indices of each face, counter-clockwise seen from outside.
    pub faces: Vec<[u32; 4]>,
    /// Texture coordinates, indexed by `uv_faces`; may be empty.
    pub uvs: Vec<Vec2>,
    /// Texture-coordinate indices of each face; as long as `faces`, or empty.
    pub uv_faces: Vec<[u32; 4]>,
}
