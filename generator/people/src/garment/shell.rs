//! A helper surface, refined once for all bodies: every fine vertex is a fixed blend of helper
//! vertices, so that a body's fine shell costs one sparse product.
//!
//! Refinement is Catmull-Clark (1978) with crease rules on open borders.

use std::{collections::BTreeMap, ops::Range};

use glam::Vec3;

use super::cloth::border_loops;
use crate::body::BodyModel;

/// A blend of vertices: rows of (vertex, weight), each row summing to 1.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rows {
    offsets: Vec<u32>,
    entries: Vec<(u32, f32)>,
}

impl Rows {
    pub(crate) fn new() -> Self {
        Self {
            offsets: vec![0],
            entries: Vec::new(),
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.offsets.len() - 1
    }

    pub(crate) fn row(&self, row: usize) -> &[(u32, f32)] {
        &self.entries[self.offsets[row] as usize..self.offsets[row + 1] as usize]
    }

    /// Appends a row; entries of the same column are added up, columns ascend.
    pub(crate) fn push(&mut self, entries: impl IntoIterator<Item = (u32, f32)>) {
        let mut sums: BTreeMap<u32, f32> = BTreeMap::new();
        for (column, weight) in entries {
            *sums.entry(column).or_insert(0.0) += weight;
        }
        self.entries.extend(sums);
        self.offsets.push(self.entries.len() as u32);
    }

    /// Appends a row whose columns already ascend.
    pub(crate) fn push_sorted(&mut self, entries: &[(u32, f32)]) {
        self.entries.extend_from_slice(entries);
        self.offsets.push(self.entries.len() as u32);
    }

    /// Appends the mean of rows of `from` with these weights.
    fn push_blend(&mut self, from: &Self, parts: &[(u32, f32)]) {
        let entries: Vec<(u32, f32)> = parts
            .iter()
            .flat_map(|&(row, share)| {
                from.row(row as usize)
                    .iter()
                    .map(move |&(column, weight)| (column, share * weight))
            })
            .collect();
        self.push(entries);
    }

    /// The blended values of all rows.
    pub(crate) fn apply(&self, values: &[Vec3]) -> Vec<Vec3> {
        (0..self.len())
            .map(|row| {
                let entries = self.row(row).iter();
                entries
                    .map(|&(column, w)| values[column as usize] * w)
                    .sum()
            })
            .collect()
    }
}

/// A helper surface and its refinement.
#[derive(Clone, Debug)]
pub(crate) struct Shell {
    /// Vertices of the model that the surface has; columns of `rows` count from its start.
    pub(crate) vertices: Range<usize>,
    /// Quads of the helper surface, counted from `vertices.start`.
    pub(crate) coarse: Vec<[u32; 4]>,
    /// Fine quads.
    pub(crate) quads: Vec<[u32; 4]>,
    /// Each fine vertex as a blend of the helper surface's.
    pub(crate) rows: Rows,
    /// Skin weights of the fine vertices: (bone, weight).
    pub(crate) skin: Rows,
    /// The same for cloth that hangs over both legs as one: weights of the legs are spread out.
    pub(crate) loose: Rows,
}

/// Rounds in which the weights of the legs spread; each reaches one coarse edge further.
const N_DIFFUSE: usize = 24;

impl Shell {
    /// Refines the helper surface `vertices` (whose faces are `faces`) `levels` times.
    pub(crate) fn build(
        model: &BodyModel,
        vertices: Range<usize>,
        faces: Range<usize>,
        levels: usize,
    ) -> Self {
        let first = vertices.start as u32;
        let mut coarse: Vec<[u32; 4]> = model.faces[faces]
            .iter()
            .map(|f| f.map(|v| v - first))
            .collect();
        close_holes(&mut coarse);
        let mut rows = Rows::new();
        for v in 0..vertices.len() as u32 {
            rows.push([(v, 1.0)]);
        }
        let mut quads = coarse.clone();
        for _level in 0..levels {
            (rows, quads) = refine(&rows, &quads);
        }
        let mut coarse_skin = Rows::new();
        for v in vertices.clone() {
            coarse_skin.push(model.weights.of(v).map(|(bone, w)| (bone as u32, w)));
        }
        let mut shell = Self {
            vertices,
            coarse,
            quads,
            rows,
            skin: Rows::new(),
            loose: Rows::new(),
        };
        shell.skin = shell.refined(&coarse_skin);
        let legs: Vec<bool> = (model.rig.bones.iter())
            .map(|bone| {
                ["upperleg", "lowerleg"]
                    .iter()
                    .any(|stem| bone.name.starts_with(stem))
            })
            .collect();
        let diffused = shell.diffuse(coarse_skin, &legs);
        shell.loose = shell.refined(&diffused);
        shell
    }
}

impl Shell {
    /// Weights of the fine vertices from those of the coarse ones.
    fn refined(&self, coarse: &Rows) -> Rows {
        let mut fine = Rows::new();
        for row in 0..self.rows.len() {
            fine.push_blend(coarse, self.rows.row(row));
        }
        fine
    }

    /// Averages weights with those of the neighbours, where legs have a say.
    fn diffuse(&self, mut weights: Rows, legs: &[bool]) -> Rows {
        let mut around: Vec<Vec<u32>> = vec![Vec::new(); self.vertices.len()];
        for quad in &self.coarse {
            for k in 0..4 {
                // Every inner edge is met twice, in both directions.
                around[quad[k] as usize].push(quad[(k + 1) % 4]);
            }
        }
        for _round in 0..N_DIFFUSE {
            let mut next = Rows::new();
            for (v, neighbours) in around.iter().enumerate() {
                let row = weights.row(v);
                let of_legs = row.iter().filter(|(bone, _)| legs[*bone as usize]);
                let leg: f32 = of_legs.map(|(_, w)| w).sum();
                let share = 0.6 * (4.0 * leg).min(1.0);
                if share <= 1e-3 || neighbours.is_empty() {
                    next.push_sorted(row);
                    continue;
                }
                let each = share / neighbours.len() as f32;
                let mut parts = vec![(v as u32, 1.0 - share)];
                parts.extend(neighbours.iter().map(|&u| (u, each)));
                next.push_blend(&weights, &parts);
            }
            weights = next;
        }
        weights
    }
}

/// Adds the quads that a surface lacks: a border of four edges is no opening for a limb.
fn close_holes(quads: &mut Vec<[u32; 4]>) {
    let triangles: Vec<[u32; 3]> = quads
        .iter()
        .flat_map(|&[a, b, c, d]| [[a, b, c], [a, c, d]])
        .collect();
    for ring in border_loops(&triangles) {
        // The quad runs against the border of those around it.
        if let [a, b, c, d] = ring[..] {
            quads.push([d, c, b, a]);
        }
    }
}

/// One step of Catmull-Clark on the blends.
fn refine(rows: &Rows, quads: &[[u32; 4]]) -> (Rows, Vec<[u32; 4]>) {
    let n = rows.len() as u32;
    // Edges with the faces beside them.
    let mut edges: BTreeMap<(u32, u32), (u32, Vec<u32>)> = BTreeMap::new();
    let mut faces_of: Vec<Vec<u32>> = vec![Vec::new(); n as usize];
    for (face_idx, quad) in quads.iter().enumerate() {
        for k in 0..4 {
            let (a, b) = (quad[k], quad[(k + 1) % 4]);
            let next = edges.len() as u32;
            let edge = edges
                .entry((a.min(b), a.max(b)))
                .or_insert((next, Vec::new()));
            edge.1.push(face_idx as u32);
            faces_of[a as usize].push(face_idx as u32);
        }
    }
    let mut edges_of: Vec<Vec<(u32, bool)>> = vec![Vec::new(); n as usize];
    for (&(a, b), (_, beside)) in &edges {
        let border = beside.len() == 1;
        edges_of[a as usize].push((b, border));
        edges_of[b as usize].push((a, border));
    }

    let mut out = Rows::new();
    for v in 0..n {
        let border: Vec<u32> = edges_of[v as usize]
            .iter()
            .filter(|(_, border)| *border)
            .map(|&(other, _)| other)
            .collect();
        let parts: Vec<(u32, f32)> = if border.is_empty() && !edges_of[v as usize].is_empty() {
            let k = faces_of[v as usize].len() as f32;
            let mut parts = vec![(v, (k - 3.0) / k)];
            for &(other, _) in &edges_of[v as usize] {
                // Twice the mean of the edges' middles, over k.
                parts.extend([(v, 1.0 / (k * k)), (other, 1.0 / (k * k))]);
            }
            for &face in &faces_of[v as usize] {
                parts.extend(quads[face as usize].map(|u| (u, 0.25 / (k * k))));
            }
            parts
        } else if border.len() == 2 {
            vec![(v, 0.75), (border[0], 0.125), (border[1], 0.125)]
        } else {
            vec![(v, 1.0)]
        };
        out.push_blend(rows, &parts);
    }
    let mut by_index: Vec<((u32, u32), &[u32])> = vec![((0, 0), &[]); edges.len()];
    for (&ends, (index, beside)) in &edges {
        by_index[*index as usize] = (ends, beside);
    }
    for ((a, b), beside) in by_index {
        let parts: Vec<(u32, f32)> = if beside.len() == 2 {
            let middles = beside
                .iter()
                .flat_map(|&f| quads[f as usize].map(|u| (u, 0.0625)));
            [(a, 0.25), (b, 0.25)].into_iter().chain(middles).collect()
        } else {
            vec![(a, 0.5), (b, 0.5)]
        };
        out.push_blend(rows, &parts);
    }
    for quad in quads {
        out.push_blend(rows, &quad.map(|u| (u, 0.25)));
    }
    let n_edges = edges.len() as u32;
    let edge = |a: u32, b: u32| n + edges[&(a.min(b), a.max(b))].0;
    let mut fine = Vec::with_capacity(4 * quads.len());
    for (face_idx, &[a, b, c, d]) in quads.iter().enumerate() {
        let m = n + n_edges + face_idx as u32;
        let (ab, bc, cd, da) = (edge(a, b), edge(b, c), edge(c, d), edge(d, a));
        fine.extend([
            [a, ab, m, da],
            [b, bc, m, ab],
            [c, cd, m, bc],
            [d, da, m, cd],
        ]);
    }
    (out, fine)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refining_a_flat_sheet_keeps_it_flat_and_its_border_in_place() {
        // A 3 x 3 sheet of quads.
        let points: Vec<Vec3> = (0..16)
            .map(|i| Vec3::new((i % 4) as f32, (i / 4) as f32, 2.0))
            .collect();
        let quads: Vec<[u32; 4]> = (0..9)
            .map(|i| {
                let a = i / 3 * 4 + i % 3;
                [a, a + 1, a + 5, a + 4]
            })
            .collect();
        let mut rows = Rows::new();
        (0..16).for_each(|v| rows.push([(v, 1.0)]));
        let (rows, fine) = refine(&rows, &quads);
        assert_eq!((rows.len(), fine.len()), (16 + 24 + 9, 36));
        for row in 0..rows.len() {
            let sum: f32 = rows.row(row).iter().map(|(_, w)| w).sum();
            assert!((sum - 1.0).abs() < 1e-6, "{row}: {sum}");
        }
        for p in rows.apply(&points) {
            assert!((p.z - 2.0).abs() < 1e-6);
            assert!((-1e-6..=3.0 + 1e-6).contains(&p.x), "{p}");
        }
    }
}
