//! Catmull-Clark subdivision as a linear map, computed once for a topology and applied to any
//! attribute of its vertices.
//!
//! Interior rules after Catmull and Clark 1978: a face point is the mean of its corners, an edge
//! point the mean of its ends and the two face points, a vertex point `(Q + 2R + (n - 3) S) / n`
//! with Q and R the means of the n face points and edge midpoints around. On a border an edge
//! point is the midpoint and a vertex point `(a + 6 S + b) / 8` of its border neighbours; a vertex
//! with any other number of border edges stays. Texture coordinates are subdivided on their own
//! topology, whose borders are the seams, so seams stay sharp.

mod level;
mod stencil;
#[cfg(test)]
mod tests;
mod triangulation;

use glam::Vec3;

use crate::mesh::TriMesh;
use level::Level;
pub use stencil::{Attribute, Stencil};
use triangulation::{Numbered, Triangulation};

/// Topology of a quad mesh refined at least once, in places more often.
#[derive(Clone, Debug, PartialEq)]
pub struct Subdivision {
    /// One map a level, each from all vertices of the level before.
    stencils: Vec<Stencil>,
    /// Level and number there of each refined vertex.
    vertices: Vec<(u8, u32)>,
    /// Triangles of the refined vertices, and the coarse face each lies in.
    triangles: Vec<[u32; 3]>,
    parents: Vec<u32>,
    /// Refined vertex of each coarse one; `u32::MAX` for one without a face.
    vertex_points: Vec<u32>,
}

impl Subdivision {
    /// Refines the mesh of these faces once.
    ///
    /// Faces name vertices below `n_vertices`; a triangle repeats its last corner. Vertices of no
    /// face may exist; they have no counterpart in the refined mesh.
    pub fn once(faces: &[[u32; 4]], n_vertices: usize) -> Self {
        Self::adaptive(faces, n_vertices, |_| 1)
    }

    /// Refines each of these faces as often as `wanted` says, at least once.
    ///
    /// Faces that share a vertex differ by one level at most: those beside finer ones are refined
    /// more often than asked for. Along such a border both sides share the vertices of the finer
    /// one: no cracks. A refined vertex lies where refinement of the whole mesh would put it.
    pub fn adaptive(faces: &[[u32; 4]], n_vertices: usize, wanted: impl Fn(usize) -> u32) -> Self {
        let depths = balanced((0..faces.len()).map(wanted).collect(), faces, n_vertices);
        let deepest = depths.iter().copied().max().unwrap_or(1);
        let mut levels = vec![Level::first(faces, n_vertices)];
        while (levels.len() as u32) < deepest {
            let level = &levels[levels.len() - 1];
            let finer = level.next_where(|coarse| (levels.len() as u32) < depths[coarse]);
            levels.push(finer);
        }
        let Numbered {
            triangles,
            parents,
            vertices,
            vertex_points,
        } = Triangulation::of(&levels, |coarse| depths[coarse]).finish();
        Self {
            stencils: levels.into_iter().map(|level| level.stencil).collect(),
            vertices,
            vertex_points,
            triangles,
            parents,
        }
    }

    /// Triangles of the refined mesh, all of one coarse face after another.
    pub fn triangles(&self) -> &[[u32; 3]] {
        &self.triangles
    }

    /// The coarse face in which each triangle lies.
    pub fn parents(&self) -> &[u32] {
        &self.parents
    }

    /// The refined vertex that each coarse one became; `u32::MAX` for one without a face.
    pub fn vertex_points(&self) -> &[u32] {
        &self.vertex_points
    }

    /// Number of vertices of the refined mesh.
    pub fn n_vertices(&self) -> usize {
        self.vertices.len()
    }

    /// Carries an attribute of the coarse vertices to the refined ones.
    pub fn apply<T: Attribute>(&self, coarse: &[T]) -> Vec<T> {
        let mut values: Vec<Vec<T>> = Vec::with_capacity(self.stencils.len());
        for stencil in &self.stencils {
            values.push(stencil.apply(values.last().map_or(coarse, Vec::as_slice)));
        }
        let at = |&(level, idx): &(u8, u32)| values[usize::from(level)][idx as usize];
        self.vertices.iter().map(at).collect()
    }

    /// Smooth unit normals of the refined mesh whose vertices lie at `positions`.
    pub fn normals(&self, positions: &[Vec3]) -> Vec<Vec3> {
        let mut normals = vec![Vec3::ZERO; positions.len()];
        for triangle in &self.triangles {
            let [a, b, c] = triangle.map(|v| positions[v as usize]);
            let normal = (b - a).cross(c - a);
            for &vertex in triangle {
                normals[vertex as usize] += normal;
            }
        }
        for normal in &mut normals {
            *normal = normal.normalize_or(Vec3::Y);
        }
        normals
    }
}

/// Raises depths until faces with a common vertex differ by one at most; none stays below one.
fn balanced(mut depths: Vec<u32>, faces: &[[u32; 4]], n_vertices: usize) -> Vec<u32> {
    let mut around = vec![0u32; n_vertices];
    loop {
        around.fill(0);
        for (face, &depth) in faces.iter().zip(&depths) {
            for &vertex in face {
                around[vertex as usize] = around[vertex as usize].max(depth);
            }
        }
        let mut changed = false;
        for (face, depth) in faces.iter().zip(&mut depths) {
            let most = face.iter().map(|&v| around[v as usize]).max();
            let least = most.unwrap_or(0).saturating_sub(1).max(1);
            changed |= *depth < least;
            *depth = least.max(*depth);
        }
        if !changed {
            return depths;
        }
    }
}

/// Attributes of the refined vertices, to be cut down to the triangles that are shown.
#[derive(Clone, Debug, Default)]
pub struct RefinedAttributes {
    /// Positions.
    pub positions: Vec<Vec3>,
    /// Unit normals.
    pub normals: Vec<Vec3>,
    /// Rest positions, or empty.
    pub rest: Vec<Vec3>,
    /// Colours, or empty.
    pub colors: Vec<Vec3>,
    /// Gloss, or empty.
    pub gloss: Vec<f32>,
}

impl Subdivision {
    /// The triangles whose coarse face is `shown`, with only the vertices they use.
    pub fn mesh_where(
        &self,
        attributes: &RefinedAttributes,
        shown: impl Fn(u32) -> bool,
    ) -> TriMesh {
        let mut new_idx = vec![u32::MAX; self.n_vertices()];
        let mut mesh = TriMesh::default();
        for (triangle, &parent) in self.triangles.iter().zip(&self.parents) {
            if !shown(parent) {
                continue;
            }
            mesh.triangles.push(triangle.map(|vertex| {
                let vertex = vertex as usize;
                if new_idx[vertex] == u32::MAX {
                    new_idx[vertex] = mesh.positions.len() as u32;
                    mesh.positions.push(attributes.positions[vertex]);
                    mesh.normals.push(attributes.normals[vertex]);
                    mesh.rest.extend(attributes.rest.get(vertex));
                    mesh.colors.extend(attributes.colors.get(vertex));
                    mesh.gloss.extend(attributes.gloss.get(vertex));
                }
                new_idx[vertex]
            }));
        }
        mesh
    }
}
