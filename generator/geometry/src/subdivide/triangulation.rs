//! Triangles over faces that were refined to different levels.

use std::collections::BTreeMap;

use super::level::Level;

/// A vertex: level and number there.
type Vertex = (u8, u32);

/// Triangles, by vertices of the level at which each of them is final.
#[derive(Debug)]
pub(super) struct Triangulation {
    /// Triangle and its coarse face.
    triangles: Vec<([Vertex; 3], u32)>,
    /// What each vertex of the coarse mesh became.
    vertex_points: Vec<Option<Vertex>>,
}

/// Triangles by final numbers.
pub(super) struct Numbered {
    pub(super) triangles: Vec<[u32; 3]>,
    /// Coarse face of each.
    pub(super) parents: Vec<u32>,
    /// Level and number there of each vertex.
    pub(super) vertices: Vec<Vertex>,
    /// Final number of each vertex of the coarse mesh, `u32::MAX` for one without a face.
    pub(super) vertex_points: Vec<u32>,
}

impl Triangulation {
    /// Cuts the quads of each coarse face at its last level into triangles, those of one coarse
    /// face after another.
    pub(super) fn of(levels: &[Level], depth: impl Fn(usize) -> u32) -> Self {
        // Vertices of each level that a face of that level or of a finer one shows.
        let used: Vec<Vec<bool>> = (levels.iter().enumerate())
            .map(|(k, level)| {
                let mut used = vec![false; level.stencil.len()];
                for (quad, &parent) in level.faces.iter().zip(&level.parents) {
                    if (k as u32) < depth(parent as usize) {
                        quad.iter().for_each(|&v| used[v as usize] = true);
                    }
                }
                used
            })
            .collect();
        // The finest vertex that is the same point.
        let finest = |mut k: usize, mut v: u32| -> Vertex {
            while let Some(next) = levels.get(k + 1) {
                let finer = next.vertex_point[v as usize];
                if finer == u32::MAX || !used[k + 1][finer as usize] {
                    break;
                }
                (k, v) = (k + 1, finer);
            }
            (k as u8, v)
        };

        let mut triangles = Vec::new();
        for (k, level) in levels.iter().enumerate() {
            let quarters = levels.get(k + 1).map(|next| (next, quarters(next)));
            for (idx, (quad, &parent)) in level.faces.iter().zip(&level.parents).enumerate() {
                if depth(parent as usize) != k as u32 + 1 {
                    continue;
                }
                let corners = quad.map(|v| finest(k, v));
                // Points in the middle of edges that a finer neighbour uses.
                let split = quarters.as_ref().and_then(|(next, first)| {
                    let first = *first.get(&(idx as u32))?;
                    let points = [0, 1, 2, 3].map(|i| next.faces[first + i][1]);
                    let any = points.iter().any(|&p| used[k + 1][p as usize]);
                    any.then(|| (points, next.faces[first][2]))
                });
                let Some((points, center)) = split else {
                    let [a, b, c, d] = corners;
                    triangles.extend([([a, b, c], parent), ([a, c, d], parent)]);
                    continue;
                };
                let mut outline = Vec::with_capacity(8);
                for (corner, point) in corners.into_iter().zip(points) {
                    outline.push(corner);
                    if used[k + 1][point as usize] {
                        outline.push(finest(k + 1, point));
                    }
                }
                let center = (k as u8 + 1, center);
                for i in 0..outline.len() {
                    let next = outline[(i + 1) % outline.len()];
                    triangles.push(([outline[i], next, center], parent));
                }
            }
        }
        triangles.sort_by_key(|&(_, parent)| parent);
        let vertex_points = levels.first().map_or(&[][..], |first| &first.vertex_point);
        Self {
            triangles,
            vertex_points: (vertex_points.iter())
                .map(|&v| (v != u32::MAX).then(|| finest(0, v)))
                .collect(),
        }
    }

    /// Numbers the vertices that are in use.
    pub(super) fn finish(self) -> Numbered {
        let mut vertices: Vec<Vertex> = (self.triangles.iter())
            .flat_map(|(triangle, _)| *triangle)
            .collect();
        vertices.sort_unstable();
        vertices.dedup();
        let number = |vertex: Vertex| match vertices.binary_search(&vertex) {
            Ok(idx) => idx as u32,
            Err(_) => u32::MAX,
        };
        Numbered {
            triangles: (self.triangles.iter())
                .map(|(triangle, _)| triangle.map(number))
                .collect(),
            parents: self.triangles.iter().map(|&(_, parent)| parent).collect(),
            vertex_points: (self.vertex_points.iter())
                .map(|vertex| vertex.map_or(u32::MAX, number))
                .collect(),
            vertices,
        }
    }
}

/// First quad of each face of the level before, by that face's number.
fn quarters(level: &Level) -> BTreeMap<u32, usize> {
    let mut first = BTreeMap::new();
    for (quad, &source) in level.sources.iter().enumerate() {
        first.entry(source).or_insert(quad);
    }
    first
}
