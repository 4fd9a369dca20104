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

use glam::Vec3;

use crate::mesh::TriMesh;
use level::Level;
pub use stencil::{Attribute, Stencil};

/// Topology of a quad mesh refined once or twice, the second time perhaps in places only.
#[derive(Clone, Debug, PartialEq)]
pub struct Subdivision {
    /// One map a level, from the coarse vertices to those that the triangles use.
    stencils: Vec<Stencil>,
    /// Triangles of the finest vertices, and the coarse face each lies in.
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
        let level = Level::refine(faces, n_vertices);
        let (triangles, parents) = level.triangles();
        Self {
            stencils: vec![level.stencil],
            triangles,
            parents,
            vertex_points: level.vertex_points,
        }
    }

    /// Refines the mesh of these faces twice where `finer` says so of a face, once elsewhere.
    ///
    /// Faces along the border between both share the vertices of the finer side: no cracks.
    pub fn twice_where(
        faces: &[[u32; 4]],
        n_vertices: usize,
        finer: impl Fn(usize) -> bool,
    ) -> Self {
        let first = Level::refine(faces, n_vertices);
        let second = Level::refine(&first.faces, first.stencil.len());
        let (mut triangles, parents) = second.mixed_triangles(&first, finer);
        let mut used = vec![false; second.stencil.len()];
        triangles
            .iter()
            .flatten()
            .for_each(|&v| used[v as usize] = true);
        let (stencil, new_idx) = second.stencil.select(&used);
        for triangle in &mut triangles {
            *triangle = triangle.map(|v| new_idx[v as usize]);
        }
        // A corner of a face is one at both levels, so it is in use whatever is finer.
        let twice = |once: u32| {
            let at_second = second.vertex_points.get(once as usize);
            at_second.map_or(u32::MAX, |&point| new_idx[point as usize])
        };
        Self {
            vertex_points: first.vertex_points.iter().map(|&v| twice(v)).collect(),
            stencils: vec![first.stencil, stencil],
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
        self.stencils.last().map_or(0, Stencil::len)
    }

    /// Carries an attribute of the coarse vertices to the refined ones.
    pub fn apply<T: Attribute>(&self, coarse: &[T]) -> Vec<T> {
        let mut values = self.stencils[0].apply(coarse);
        for stencil in &self.stencils[1..] {
            values = stencil.apply(&values);
        }
        values
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
