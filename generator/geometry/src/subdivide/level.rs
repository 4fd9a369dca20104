//! One step of refinement.

use super::stencil::Stencil;

/// One step: refined faces and where their vertices come from.
///
/// Refined vertices are numbered: those of the coarse vertices that have a face (ascending), those
/// of the edges (sorted by their ends), those of the faces.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Level {
    /// Refined quads, those of one coarse face after another: corner, edge, face, edge.
    pub(super) faces: Vec<[u32; 4]>,
    /// Coarse face of each.
    pub(super) parents: Vec<u32>,
    /// Refined vertices from coarse ones.
    pub(super) stencil: Stencil,
    /// Refined vertex of each coarse one; `u32::MAX` for one without a face.
    pub(super) vertex_points: Vec<u32>,
}

/// One directed side of a face.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Side {
    /// Ends, the lower first.
    ends: [u32; 2],
    face: u32,
    corner: u32,
}

/// One undirected edge and the faces on it.
#[derive(Clone, Debug)]
struct Edge {
    ends: [u32; 2],
    faces: [u32; 2],
    n_faces: u32,
}

impl Level {
    pub(super) fn refine(faces: &[[u32; 4]], n_vertices: usize) -> Self {
        let n_corners = |face: &[u32; 4]| if face[2] == face[3] { 3 } else { 4 };

        // Edges, by sorting the sides of all faces.
        let mut sides: Vec<Side> = Vec::with_capacity(4 * faces.len());
        for (face_idx, face) in faces.iter().enumerate() {
            let n = n_corners(face);
            for corner in 0..n {
                let (a, b) = (face[corner], face[(corner + 1) % n]);
                sides.push(Side {
                    ends: [a.min(b), a.max(b)],
                    face: face_idx as u32,
                    corner: corner as u32,
                });
            }
        }
        sides.sort_unstable();
        let mut edges: Vec<Edge> = Vec::with_capacity(sides.len() / 2);
        let mut edge_of_side = vec![[0u32; 4]; faces.len()];
        for side in &sides {
            if edges.last().is_none_or(|edge| edge.ends != side.ends) {
                edges.push(Edge {
                    ends: side.ends,
                    faces: [side.face; 2],
                    n_faces: 0,
                });
            }
            let edge_idx = edges.len() - 1;
            let edge = &mut edges[edge_idx];
            edge.faces[1] = side.face;
            edge.n_faces += 1;
            edge_of_side[side.face as usize][side.corner as usize] = edge_idx as u32;
        }

        // Numbers of the refined vertices.
        let mut n_faces_of = vec![0u32; n_vertices];
        for face in faces {
            for &vertex in &face[..n_corners(face)] {
                n_faces_of[vertex as usize] += 1;
            }
        }
        let mut vertex_point = vec![u32::MAX; n_vertices];
        let mut n_used = 0;
        for (vertex, &n) in n_faces_of.iter().enumerate() {
            if 0 < n {
                vertex_point[vertex] = n_used;
                n_used += 1;
            }
        }
        let edge_point = |edge: u32| n_used + edge;
        let face_point = |face: usize| n_used + edges.len() as u32 + face as u32;

        let stencil = stencil(faces, &edges, &n_faces_of);
        let mut refined = Vec::with_capacity(4 * faces.len());
        let mut parents = Vec::with_capacity(4 * faces.len());
        for (face_idx, face) in faces.iter().enumerate() {
            let n = n_corners(face);
            for corner in 0..n {
                refined.push([
                    vertex_point[face[corner] as usize],
                    edge_point(edge_of_side[face_idx][corner]),
                    face_point(face_idx),
                    edge_point(edge_of_side[face_idx][(corner + n - 1) % n]),
                ]);
                parents.push(face_idx as u32);
            }
        }
        Self {
            faces: refined,
            parents,
            stencil,
            vertex_points: vertex_point,
        }
    }

    /// Two triangles of each refined face, with the coarse face of each.
    pub(super) fn triangles(&self) -> (Vec<[u32; 3]>, Vec<u32>) {
        let mut triangles = Vec::with_capacity(2 * self.faces.len());
        let mut parents = Vec::with_capacity(2 * self.faces.len());
        for (&[a, b, c, d], &parent) in self.faces.iter().zip(&self.parents) {
            triangles.extend([[a, b, c], [a, c, d]]);
            parents.extend([parent; 2]);
        }
        (triangles, parents)
    }

    /// Triangles of this level, the second, in the coarse faces that are `finer`; elsewhere those
    /// of the `first`, which share all vertices along the border with the finer ones.
    pub(super) fn mixed_triangles(
        &self,
        first: &Self,
        finer: impl Fn(usize) -> bool,
    ) -> (Vec<[u32; 3]>, Vec<u32>) {
        let mut triangles = Vec::new();
        let mut parents = Vec::new();
        // Edge points of this level that a finer face uses must be met by its coarser neighbours.
        let mut used = vec![false; self.stencil.len()];
        for (refined, &middle) in self.faces.iter().zip(&self.parents) {
            if finer(first.parents[middle as usize] as usize) {
                refined.iter().for_each(|&v| used[v as usize] = true);
            }
        }
        // Every face of the first level is a quad, so four faces here follow from each.
        for (middle, quarters) in self.faces.chunks_exact(4).enumerate() {
            let parent = first.parents[middle];
            let before = triangles.len();
            if finer(parent as usize) {
                for &[a, b, c, d] in quarters {
                    triangles.extend([[a, b, c], [a, c, d]]);
                }
            } else {
                // Corners in order, with the edge points between them that are in use.
                let mut outline = Vec::with_capacity(8);
                for quarter in quarters {
                    outline.push(quarter[0]);
                    if used[quarter[1] as usize] {
                        outline.push(quarter[1]);
                    }
                }
                if outline.len() == 4 {
                    let [a, b, c, d] = [outline[0], outline[1], outline[2], outline[3]];
                    triangles.extend([[a, b, c], [a, c, d]]);
                } else {
                    let center = quarters[0][2];
                    for corner in 0..outline.len() {
                        let next = outline[(corner + 1) % outline.len()];
                        triangles.push([outline[corner], next, center]);
                    }
                }
            }
            parents.resize(parents.len() + triangles.len() - before, parent);
        }
        (triangles, parents)
    }
}

/// Where the refined vertices lie.
fn stencil(faces: &[[u32; 4]], edges: &[Edge], n_faces_of: &[u32]) -> Stencil {
    let corners = |face: usize| {
        let face = &faces[face];
        &face[..if face[2] == face[3] { 3 } else { 4 }]
    };

    // Terms of the vertex points are gathered vertex by vertex: neighbours along edges, and
    // corners of the faces around.
    let n_vertices = n_faces_of.len();
    let mut around: Vec<Vec<(u32, f32)>> = vec![Vec::new(); n_vertices];
    let mut border: Vec<Vec<u32>> = vec![Vec::new(); n_vertices];
    for edge in edges {
        for (vertex, other) in [(edge.ends[0], edge.ends[1]), (edge.ends[1], edge.ends[0])] {
            if edge.n_faces == 2 {
                let n = n_faces_of[vertex as usize] as f32;
                // 2R/n, R being the mean of n edge midpoints: each midpoint weighs 2/n^2.
                around[vertex as usize].push((other, 1.0 / (n * n)));
            } else {
                border[vertex as usize].push(other);
            }
        }
    }
    for face in 0..faces.len() {
        let corners = corners(face);
        for &vertex in corners {
            let n = n_faces_of[vertex as usize] as f32;
            let share = 1.0 / (n * n * corners.len() as f32);
            around[vertex as usize].extend(corners.iter().map(|&corner| (corner, share)));
        }
    }

    let mut stencil = Stencil::default();
    for vertex in 0..n_vertices {
        let own = vertex as u32;
        match (n_faces_of[vertex], border[vertex].as_slice()) {
            (0, _) => {}
            (n, []) => {
                let n = n as f32;
                let terms = &mut around[vertex];
                terms.push((own, 1.0 / n + (n - 3.0) / n));
                stencil.push(merged(terms));
            }
            (_, &[a, b]) => stencil.push([(own, 0.75), (a, 0.125), (b, 0.125)]),
            _ => stencil.push([(own, 1.0)]),
        }
    }
    for edge in edges {
        let [a, b] = edge.ends;
        if edge.n_faces == 2 {
            let mut terms = vec![(a, 0.25), (b, 0.25)];
            for face in edge.faces {
                let corners = corners(face as usize);
                let share = 0.25 / corners.len() as f32;
                terms.extend(corners.iter().map(|&corner| (corner, share)));
            }
            stencil.push(merged(&mut terms));
        } else {
            stencil.push([(a, 0.5), (b, 0.5)]);
        }
    }
    for face in 0..faces.len() {
        let corners = corners(face);
        let share = 1.0 / corners.len() as f32;
        stencil.push(corners.iter().map(|&corner| (corner, share)));
    }
    stencil
}

/// Terms with those of one vertex added up, ascending.
fn merged(terms: &mut Vec<(u32, f32)>) -> impl Iterator<Item = (u32, f32)> + '_ {
    terms.sort_by_key(|&(vertex, _)| vertex);
    terms.dedup_by(|next, kept| {
        let same = next.0 == kept.0;
        if same {
            kept.1 += next.1;
        }
        same
    });
    terms.iter().copied()
}
