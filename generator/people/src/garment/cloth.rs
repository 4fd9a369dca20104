//! A piece of cloth while it is being made: fine vertices that remember where on the body they
//! belong, cut along iso-lines of fields.

use std::collections::BTreeMap;

use glam::Vec3;

use super::shell::Rows;

/// A piece of cloth.
#[derive(Clone, Debug)]
pub(crate) struct Cloth {
    /// Where the vertex lies on the body-hugging shell at rest, in metres.
    pub(crate) anchor: Vec<Vec3>,
    /// Where it lies on the cloth at rest, in metres.
    pub(crate) rest: Vec<Vec3>,
    /// Where it lies on the worn cloth, in metres; as at rest before it is worn.
    pub(crate) worn: Vec<Vec3>,
    /// Skin weights: (bone, weight).
    pub(crate) skin: Rows,
    /// Triangles, counter-clockwise seen from outside.
    pub(crate) triangles: Vec<[u32; 3]>,
}

impl Cloth {
    /// A piece from fine quads, of which only the vertices in use are kept.
    pub(crate) fn from_quads(
        quads: impl Iterator<Item = [u32; 4]>,
        anchor: &[Vec3],
        rest: &[Vec3],
        skin: &Rows,
    ) -> Self {
        let mut piece = Self {
            anchor: Vec::new(),
            rest: Vec::new(),
            worn: Vec::new(),
            skin: Rows::new(),
            triangles: Vec::new(),
        };
        let mut new_index = vec![u32::MAX; anchor.len()];
        for quad in quads {
            let quad = quad.map(|v| {
                let slot = &mut new_index[v as usize];
                if *slot == u32::MAX {
                    *slot = piece.anchor.len() as u32;
                    piece.anchor.push(anchor[v as usize]);
                    piece.rest.push(rest[v as usize]);
                    piece.worn.push(rest[v as usize]);
                    piece.skin.push_sorted(skin.row(v as usize));
                }
                *slot
            });
            let [a, b, c, d] = quad;
            piece.triangles.extend([[a, b, c], [a, c, d]]);
        }
        piece
    }

    /// Number of vertices.
    pub(crate) fn len(&self) -> usize {
        self.anchor.len()
    }

    /// Keeps the whole triangles with a corner where `field` exceeds `least`.
    pub(crate) fn rough(&self, field: &[f32], least: f32) -> Self {
        let kept = |t: &&[u32; 3]| t.iter().any(|&v| least < field[v as usize]);
        let triangles: Vec<[u32; 3]> = self.triangles.iter().filter(kept).copied().collect();
        self.with_triangles(&triangles)
    }

    /// Keeps where `field` is positive; triangles that straddle are cut at its zero.
    pub(crate) fn clip(&self, field: &[f32]) -> Self {
        self.split(field).0
    }

    /// The same cloth with edges along the zero of `field`.
    pub(crate) fn score(&self, field: &[f32]) -> Self {
        let (all, inside, outside) = self.cut(field);
        all.with_triangles(&[inside, outside].concat())
    }

    /// The pieces where `field` is positive and where it is not.
    pub(crate) fn split(&self, field: &[f32]) -> (Self, Self) {
        let (all, inside, outside) = self.cut(field);
        (all.with_triangles(&inside), all.with_triangles(&outside))
    }

    /// All vertices with those on the zero of `field`, and the triangles of either side.
    fn cut(&self, field: &[f32]) -> (Self, Vec<[u32; 3]>, Vec<[u32; 3]>) {
        // Vertices on the iso-line would leave slivers: they count as a hair inside.
        let field: Vec<f32> = field
            .iter()
            .map(|&f| if f.abs() < 1e-5 { 1e-5 } else { f })
            .collect();
        let mut all = self.clone();
        let mut crossings: BTreeMap<(u32, u32), u32> = BTreeMap::new();
        let (mut inside, mut outside) = (Vec::new(), Vec::new());
        let mut cross = |all: &mut Self, a: u32, b: u32| {
            let key = (a.min(b), a.max(b));
            *crossings
                .entry(key)
                .or_insert_with(|| all.push_between(key.0, key.1, &field))
        };
        for &t in &self.triangles {
            let positive = t.map(|v| 0.0 < field[v as usize]);
            let n_positive = positive.iter().filter(|p| **p).count();
            match n_positive {
                3 => inside.push(t),
                0 => outside.push(t),
                _ => {
                    // Turn the triangle until its lone corner comes first.
                    let lone = n_positive == 1;
                    let first = positive.iter().position(|p| *p == lone).unwrap_or(0);
                    let [a, b, c] = [t[first], t[(first + 1) % 3], t[(first + 2) % 3]];
                    let (ab, ca) = (cross(&mut all, a, b), cross(&mut all, c, a));
                    let (tip, base) = if lone {
                        (&mut inside, &mut outside)
                    } else {
                        (&mut outside, &mut inside)
                    };
                    tip.push([a, ab, ca]);
                    // The shorter diagonal keeps the triangles round.
                    let p = |v: u32| all.anchor[v as usize];
                    if p(ab).distance_squared(p(c)) < p(b).distance_squared(p(ca)) {
                        base.extend([[ab, b, c], [ab, c, ca]]);
                    } else {
                        base.extend([[ab, b, ca], [b, c, ca]]);
                    }
                }
            }
        }
        (all, inside, outside)
    }

    /// Appends the vertex where `field` vanishes between two others.
    fn push_between(&mut self, a: u32, b: u32, field: &[f32]) -> u32 {
        let (fa, fb) = (field[a as usize], field[b as usize]);
        // Not nearer than 2 % to either end, so that no triangle degenerates.
        let t = (fa / (fa - fb)).clamp(0.02, 0.98);
        let (a, b) = (a as usize, b as usize);
        self.anchor.push(self.anchor[a].lerp(self.anchor[b], t));
        self.rest.push(self.rest[a].lerp(self.rest[b], t));
        self.worn.push(self.worn[a].lerp(self.worn[b], t));
        let blend: Vec<(u32, f32)> = [(a, 1.0 - t), (b, t)]
            .into_iter()
            .flat_map(|(v, share)| {
                let row = self.skin.row(v).iter();
                row.map(move |&(bone, w)| (bone, share * w))
            })
            .collect();
        self.skin.push(blend);
        self.anchor.len() as u32 - 1
    }

    /// The vertices that these triangles use, with them.
    fn with_triangles(&self, triangles: &[[u32; 3]]) -> Self {
        let mut new_index = vec![u32::MAX; self.len()];
        let mut piece = Self {
            anchor: Vec::new(),
            rest: Vec::new(),
            worn: Vec::new(),
            skin: Rows::new(),
            triangles: Vec::with_capacity(triangles.len()),
        };
        for t in triangles {
            piece.triangles.push(t.map(|v| {
                let slot = &mut new_index[v as usize];
                if *slot == u32::MAX {
                    *slot = piece.anchor.len() as u32;
                    piece.anchor.push(self.anchor[v as usize]);
                    piece.rest.push(self.rest[v as usize]);
                    piece.worn.push(self.worn[v as usize]);
                    piece.skin.push_sorted(self.skin.row(v as usize));
                }
                *slot
            }));
        }
        piece
    }

    /// Share of the skin weights of each vertex that belongs to the marked bones.
    pub(crate) fn share(&self, marked: &[bool]) -> Vec<f32> {
        (0..self.len())
            .map(|v| {
                let row = self.skin.row(v).iter();
                let of = row.filter(|(bone, _)| marked[*bone as usize]);
                of.map(|(_, w)| w).sum()
            })
            .collect()
    }
}

/// Edges of polygons in ascending order, and how many polygons have each.
pub(crate) fn counted_edges<'a>(
    polygons: impl Iterator<Item = &'a [u32]>,
) -> Vec<((u32, u32), u32)> {
    let mut edges: Vec<(u32, u32)> = Vec::new();
    for polygon in polygons {
        for (k, &a) in polygon.iter().enumerate() {
            let b = polygon[(k + 1) % polygon.len()];
            edges.push((a.min(b), a.max(b)));
        }
    }
    edges.sort_unstable();
    edges
        .chunk_by(|x, y| x == y)
        .map(|same| (same[0], same.len() as u32))
        .collect()
}

/// Neighbours of each vertex, and which vertices lie on a border.
pub(crate) struct Neighbours {
    /// Neighbours of each vertex; of a border vertex, its neighbours along the border only.
    pub(crate) of: Vec<Vec<u32>>,
    /// Whether the vertex lies on a border.
    pub(crate) border: Vec<bool>,
}

impl Neighbours {
    pub(crate) fn of(n_vertices: usize, triangles: &[[u32; 3]]) -> Self {
        let edges = counted_edges(triangles.iter().map(|t| t.as_slice()));
        let mut border = vec![false; n_vertices];
        for &((a, b), count) in &edges {
            if count == 1 {
                border[a as usize] = true;
                border[b as usize] = true;
            }
        }
        let mut of = vec![Vec::new(); n_vertices];
        for &((a, b), count) in &edges {
            for (from, to) in [(a, b), (b, a)] {
                if !border[from as usize] || count == 1 {
                    of[from as usize].push(to);
                }
            }
        }
        Self { of, border }
    }

    /// Moves each vertex by `share` of the way to the mean of its neighbours, once.
    pub(crate) fn smooth(&self, values: &mut [Vec3], share: impl Fn(usize) -> f32) {
        let before = values.to_vec();
        for (v, neighbours) in self.of.iter().enumerate() {
            if neighbours.is_empty() {
                continue;
            }
            let sum: Vec3 = neighbours.iter().map(|&u| before[u as usize]).sum();
            let mean = sum / neighbours.len() as f32;
            values[v] = before[v].lerp(mean, share(v));
        }
    }
}

/// Borders as closed loops, each in the direction in which the triangles run along it.
pub(crate) fn border_loops(triangles: &[[u32; 3]]) -> Vec<Vec<u32>> {
    let mut directed: Vec<(u32, u32)> = triangles
        .iter()
        .flat_map(|t| [0, 1, 2].map(|k| (t[k], t[(k + 1) % 3])))
        .collect();
    directed.sort_unstable();
    let mut next: BTreeMap<u32, u32> = directed
        .iter()
        .filter(|&&(a, b)| directed.binary_search(&(b, a)).is_err())
        .copied()
        .collect();
    let mut loops = Vec::new();
    while let Some((&start, _)) = next.iter().next() {
        let mut ring = Vec::new();
        let mut at = start;
        while let Some(to) = next.remove(&at) {
            ring.push(at);
            at = to;
        }
        loops.push(ring);
    }
    loops
}

/// Unit normals of vertices, weighted by area.
pub(crate) fn vertex_normals(positions: &[Vec3], triangles: &[[u32; 3]]) -> Vec<Vec3> {
    let mut normals = vec![Vec3::ZERO; positions.len()];
    for t in triangles {
        let [a, b, c] = t.map(|v| positions[v as usize]);
        let n = (b - a).cross(c - a);
        for &v in t {
            normals[v as usize] += n;
        }
    }
    normals.iter().map(|n| n.normalize_or(Vec3::Y)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sheet() -> Cloth {
        let points: Vec<Vec3> = (0..36)
            .map(|i| Vec3::new((i % 6) as f32, (i / 6) as f32, 0.0))
            .collect();
        let mut skin = Rows::new();
        (0..36).for_each(|_| skin.push([(0, 1.0)]));
        let quads = (0..25).map(|i| {
            let a = i / 5 * 6 + i % 5;
            [a, a + 1, a + 7, a + 6]
        });
        Cloth::from_quads(quads, &points, &points, &skin)
    }

    fn area(cloth: &Cloth) -> f32 {
        let corner = |v: u32| cloth.rest[v as usize];
        let areas = cloth.triangles.iter().map(|t| {
            let [a, b, c] = t.map(corner);
            0.5 * (b - a).cross(c - a).z
        });
        areas.sum()
    }

    #[test]
    fn a_cut_follows_the_line_and_loses_no_area() {
        let cloth = sheet();
        let field: Vec<f32> = cloth
            .anchor
            .iter()
            .map(|p| p.x + 0.3 * p.y - 2.65)
            .collect();
        let (inside, outside) = cloth.split(&field);
        assert!((area(&inside) + area(&outside) - 25.0).abs() < 1e-3);
        let loops = border_loops(&inside.triangles);
        assert_eq!(loops.len(), 1);
        // The cut line itself: vertices off the sheet's own border lie on it.
        for &v in &loops[0] {
            let p = inside.anchor[v as usize];
            let on_sheet = p.y < 1e-4 || 5.0 - 1e-4 < p.y || 5.0 - 1e-4 < p.x;
            let on_line = (p.x + 0.3 * p.y - 2.65).abs() < 0.02;
            assert!(on_sheet || on_line, "{p}");
        }
    }

    #[test]
    fn smoothing_a_flat_sheet_keeps_its_border_on_the_border() {
        let cloth = sheet();
        let neighbours = Neighbours::of(cloth.len(), &cloth.triangles);
        let mut points = cloth.rest.clone();
        for _ in 0..5 {
            neighbours.smooth(&mut points, |_| 0.5);
        }
        assert!(points.iter().all(|p| p.z.abs() < 1e-6));
        assert_eq!(neighbours.border.iter().filter(|b| **b).count(), 20);
    }
}
