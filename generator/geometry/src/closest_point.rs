//! Nearest point of a triangle mesh, and on which side of it a point lies.
//!
//! A tree of eight-fold nodes, split at medians, finds the nearest triangle by branch and bound;
//! the boxes of a node and the triangles of a leaf are tested eight at a time.
//! The sign comes from angle-weighted pseudo-normals of faces, edges and vertices (Baerentzen and
//! Aanaes 2005), which is right for every point near a closed surface; where the surface is open,
//! the side is the one of the nearest point. Vertices at the same position count as one, so that
//! seams of texture coordinates do not open the surface.

use std::cmp::Ordering;

use glam::Vec3;

use crate::math;

/// Children of a node, and triangles in a leaf, at most.
const WIDTH: usize = 8;

/// Marks a child that is a leaf.
const LEAF: u32 = 1 << 31;

/// Entries of the stack of a search: each node on the way down leaves seven siblings at most, and
/// medians keep the tree shallow.
const STACK_LEN: usize = 96;

/// A triangle mesh that answers nearest-point queries.
#[derive(Clone, Debug)]
pub struct ClosestPoint {
    /// The root comes first; empty for a mesh without triangles.
    nodes: Vec<Node>,
    leaves: Vec<Leaf>,
    /// Triangles in leaf order, `WIDTH` for each leaf; a leaf that is not full repeats its first.
    triangles: Vec<Triangle>,
    /// Pseudo-normals in leaf order: face, edges 01, 12, 20, vertices 0, 1, 2.
    pseudo_normals: Vec<[Vec3; 7]>,
}

#[derive(Clone, Copy, Debug)]
struct Triangle {
    a: Vec3,
    ab: Vec3,
    ac: Vec3,
    /// Index in the mesh that was given.
    index: u32,
}

/// Numbers of eight children or triangles.
type Eight = [f32; WIDTH];
/// Vectors of eight children or triangles, by axis.
type Eight3 = [Eight; 3];

/// Boxes and places of eight children; those that are missing are infinitely far.
#[derive(Clone, Copy, Debug)]
struct Node {
    min: Eight3,
    max: Eight3,
    /// Index of a node, or of a leaf where marked as such.
    child: [u32; WIDTH],
}

/// Eight triangles side by side.
#[derive(Clone, Copy, Debug)]
struct Leaf {
    a: Eight3,
    ab: Eight3,
    ac: Eight3,
    /// Unit normals, zero where degenerate.
    normal: Eight3,
    /// One over the squared lengths of ab, ac and bc; zero where they vanish.
    inverse: Eight3,
}

/// The nearest point of a mesh.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Closest {
    /// The point on the surface.
    pub point: Vec3,
    /// Unit pseudo-normal there, outward; zero on a degenerate triangle.
    pub normal: Vec3,
    /// Distance in the unit of the mesh, negative inside.
    pub distance: f32,
    /// Index of the triangle.
    pub triangle: u32,
    /// Weights of the triangle's three vertices.
    pub barycentric: Vec3,
}

impl ClosestPoint {
    /// Prepares the mesh; triangles are counter-clockwise seen from outside.
    pub fn build(positions: &[Vec3], triangles: &[[u32; 3]]) -> Self {
        let pseudo_normals = pseudo_normals(positions, triangles);
        let centroids: Vec<Vec3> = triangles
            .iter()
            .map(|t| t.iter().map(|&v| positions[v as usize]).sum::<Vec3>() / 3.0)
            .collect();
        let mut tree = Self {
            nodes: Vec::new(),
            leaves: Vec::new(),
            triangles: Vec::new(),
            pseudo_normals: Vec::new(),
        };
        if !triangles.is_empty() {
            let mut order: Vec<u32> = (0..triangles.len() as u32).collect();
            let mesh = Mesh {
                positions,
                triangles,
                centroids: &centroids,
                pseudo_normals: &pseudo_normals,
            };
            tree.branch(&mesh, &mut order);
        }
        tree
    }

    /// Appends the node over the triangles of `order` and returns its index.
    fn branch(&mut self, mesh: &Mesh<'_>, order: &mut [u32]) -> u32 {
        let node_idx = self.nodes.len();
        self.nodes.push(Node {
            min: [[f32::INFINITY; WIDTH]; 3],
            max: [[f32::NEG_INFINITY; WIDTH]; 3],
            child: [0; WIDTH],
        });
        let mut parts = vec![order];
        while parts.len() < WIDTH {
            let largest = (0..parts.len())
                .rev()
                .max_by_key(|&k| parts[k].len())
                .filter(|&k| WIDTH < parts[k].len());
            let Some(k) = largest else {
                break;
            };
            let (left, right) = mesh.halve(parts.swap_remove(k));
            parts.extend([left, right]);
        }
        for (k, part) in parts.into_iter().enumerate() {
            let (min, max) = mesh.bounds(part);
            for axis in 0..3 {
                self.nodes[node_idx].min[axis][k] = min[axis];
                self.nodes[node_idx].max[axis][k] = max[axis];
            }
            self.nodes[node_idx].child[k] = if part.len() <= WIDTH {
                self.leaf(mesh, part)
            } else {
                self.branch(mesh, part)
            };
        }
        node_idx as u32
    }

    /// Appends a leaf and returns its marked index.
    fn leaf(&mut self, mesh: &Mesh<'_>, order: &[u32]) -> u32 {
        let mut leaf = Leaf {
            a: [[0.0; WIDTH]; 3],
            ab: [[0.0; WIDTH]; 3],
            ac: [[0.0; WIDTH]; 3],
            normal: [[0.0; WIDTH]; 3],
            inverse: [[0.0; WIDTH]; 3],
        };
        for k in 0..WIDTH {
            let index = order[if k < order.len() { k } else { 0 }];
            let [a, b, c] = mesh.corners(index);
            let (ab, ac) = (b - a, c - a);
            self.triangles.push(Triangle { a, ab, ac, index });
            self.pseudo_normals
                .push(mesh.pseudo_normals[index as usize]);
            let normal = ab.cross(ac).normalize_or_zero();
            let lengths = [ab, ac, ac - ab].map(Vec3::length_squared);
            for axis in 0..3 {
                leaf.a[axis][k] = a[axis];
                leaf.ab[axis][k] = ab[axis];
                leaf.ac[axis][k] = ac[axis];
                leaf.normal[axis][k] = normal[axis];
                leaf.inverse[axis][k] = if 1e-30 < lengths[axis] {
                    1.0 / lengths[axis]
                } else {
                    0.0
                };
            }
        }
        self.leaves.push(leaf);
        LEAF | (self.leaves.len() as u32 - 1)
    }

    /// The nearest point nearer than `max_distance` to `p`; ties go to the first in tree order.
    ///
    /// The nearer the bound, the faster the answer: who knows how far the surface is at most should
    /// say so.
    pub fn query(&self, p: Vec3, max_distance: f32) -> Option<Closest> {
        let mut best_squared = max_distance * max_distance;
        let mut best = None;
        let mut stack = [(0u32, 0.0f32); STACK_LEN];
        let mut stack_len = usize::from(!self.nodes.is_empty());
        while 0 < stack_len {
            stack_len -= 1;
            let (place, lower_bound) = stack[stack_len];
            if best_squared < lower_bound {
                continue;
            }
            if place & LEAF != 0 {
                let leaf_idx = (place & !LEAF) as usize;
                let squared = self.leaves[leaf_idx].distances_squared(p);
                for (k, &squared) in squared.iter().enumerate() {
                    if squared < best_squared {
                        best_squared = squared;
                        best = Some(leaf_idx * WIDTH + k);
                    }
                }
                continue;
            }
            let node = &self.nodes[place as usize];
            let squared = node.distances_squared(p);
            // Insertion keeps the nearest child on top of the stack.
            let first = stack_len;
            for (k, &squared) in squared.iter().enumerate() {
                if squared < best_squared {
                    let mut at = stack_len;
                    while first < at && stack[at - 1].1 < squared {
                        stack[at] = stack[at - 1];
                        at -= 1;
                    }
                    stack[at] = (node.child[k], squared);
                    stack_len += 1;
                }
            }
        }
        best.map(|slot| {
            let (barycentric, feature) = self.triangles[slot].closest(p);
            let point = self.triangles[slot].at(barycentric);
            let normal = self.pseudo_normals[slot][feature];
            let offset = p - point;
            let sign = if offset.dot(normal) < 0.0 { -1.0 } else { 1.0 };
            Closest {
                point,
                normal,
                distance: sign * offset.length(),
                triangle: self.triangles[slot].index,
                barycentric,
            }
        })
    }
}

/// The larger of two numbers that are no NaN, in one instruction.
fn larger(a: f32, b: f32) -> f32 {
    if a < b { b } else { a }
}

/// The smaller of two numbers that are no NaN, in one instruction.
fn smaller(a: f32, b: f32) -> f32 {
    if b < a { b } else { a }
}

impl Node {
    /// Squared distances of `p` from the boxes.
    fn distances_squared(&self, p: Vec3) -> Eight {
        let mut squared = [0.0; WIDTH];
        for (axis, p) in p.to_array().into_iter().enumerate() {
            let (min, max) = (&self.min[axis], &self.max[axis]);
            for (k, squared) in squared.iter_mut().enumerate() {
                let off = larger(larger(min[k] - p, p - max[k]), 0.0);
                *squared += off * off;
            }
        }
        squared
    }
}

impl Leaf {
    /// Squared distances of `p` from the triangles: that of the plane over the triangle, else that
    /// of the nearest edge.
    fn distances_squared(&self, p: Vec3) -> Eight {
        let p = p.to_array();
        let mut squared = [0.0; WIDTH];
        for k in 0..WIDTH {
            let at = |v: &Eight3| [v[0][k], v[1][k], v[2][k]];
            let dot = |u: [f32; 3], v: [f32; 3]| u[0] * v[0] + u[1] * v[1] + u[2] * v[2];
            let sub = |u: [f32; 3], v: [f32; 3]| [u[0] - v[0], u[1] - v[1], u[2] - v[2]];
            let (ab, ac) = (at(&self.ab), at(&self.ac));
            let ap = sub(p, at(&self.a));
            let (bp, cp) = (sub(ap, ab), sub(ap, ac));
            let (d1, d2) = (dot(ab, ap), dot(ac, ap));
            let (d3, d4) = (dot(ab, bp), dot(ac, bp));
            let (d5, d6) = (dot(ab, cp), dot(ac, cp));
            let edge = |from: [f32; 3], along: [f32; 3], share: f32| {
                let t = smaller(larger(share, 0.0), 1.0);
                let off = [
                    from[0] - along[0] * t,
                    from[1] - along[1] * t,
                    from[2] - along[2] * t,
                ];
                dot(off, off)
            };
            let bc = sub(ac, ab);
            let on_ab = edge(ap, ab, d1 * self.inverse[0][k]);
            let on_ac = edge(ap, ac, d2 * self.inverse[1][k]);
            let on_bc = edge(bp, bc, (d4 - d3) * self.inverse[2][k]);
            let nearest = smaller(smaller(on_ab, on_ac), on_bc);
            let (va, vb, vc) = (d3 * d6 - d5 * d4, d5 * d2 - d1 * d6, d1 * d4 - d3 * d2);
            let height = dot(at(&self.normal), ap);
            let inside = smaller(smaller(va, vb), vc);
            squared[k] = if 0.0 < inside {
                height * height
            } else {
                nearest
            };
        }
        squared
    }
}

impl Triangle {
    fn at(&self, barycentric: Vec3) -> Vec3 {
        self.a + self.ab * barycentric.y + self.ac * barycentric.z
    }

    /// Weights of the nearest point and the feature it lies on, as numbered in `pseudo_normals`
    /// (Ericson, "Real-Time Collision Detection", 5.1.5).
    fn closest(&self, p: Vec3) -> (Vec3, usize) {
        let (ab, ac) = (self.ab, self.ac);
        let ap = p - self.a;
        let (d1, d2) = (ab.dot(ap), ac.dot(ap));
        if d1 <= 0.0 && d2 <= 0.0 {
            return (Vec3::X, 4);
        }
        let bp = ap - ab;
        let (d3, d4) = (ab.dot(bp), ac.dot(bp));
        if 0.0 <= d3 && d4 <= d3 {
            return (Vec3::Y, 5);
        }
        let vc = d1 * d4 - d3 * d2;
        if vc <= 0.0 && 0.0 <= d1 && d3 <= 0.0 {
            let t = d1 / (d1 - d3);
            return (Vec3::new(1.0 - t, t, 0.0), 1);
        }
        let cp = ap - ac;
        let (d5, d6) = (ab.dot(cp), ac.dot(cp));
        if 0.0 <= d6 && d5 <= d6 {
            return (Vec3::Z, 6);
        }
        let vb = d5 * d2 - d1 * d6;
        if vb <= 0.0 && 0.0 <= d2 && d6 <= 0.0 {
            let t = d2 / (d2 - d6);
            return (Vec3::new(1.0 - t, 0.0, t), 3);
        }
        let va = d3 * d6 - d5 * d4;
        if va <= 0.0 && 0.0 <= d4 - d3 && 0.0 <= d5 - d6 {
            let t = (d4 - d3) / ((d4 - d3) + (d5 - d6));
            return (Vec3::new(0.0, 1.0 - t, t), 2);
        }
        let inv = 1.0 / (va + vb + vc);
        let (v, w) = (vb * inv, vc * inv);
        (Vec3::new(1.0 - v - w, v, w), 0)
    }
}

/// What a tree is made from.
struct Mesh<'a> {
    positions: &'a [Vec3],
    triangles: &'a [[u32; 3]],
    centroids: &'a [Vec3],
    pseudo_normals: &'a [[Vec3; 7]],
}

impl Mesh<'_> {
    fn corners(&self, triangle: u32) -> [Vec3; 3] {
        self.triangles[triangle as usize].map(|v| self.positions[v as usize])
    }

    fn bounds(&self, order: &[u32]) -> (Vec3, Vec3) {
        let (mut min, mut max) = (Vec3::INFINITY, Vec3::NEG_INFINITY);
        for &index in order {
            for corner in self.corners(index) {
                (min, max) = (min.min(corner), max.max(corner));
            }
        }
        (min, max)
    }

    /// Splits at the median of the longest axis.
    fn halve<'o>(&self, order: &'o mut [u32]) -> (&'o mut [u32], &'o mut [u32]) {
        let (mut min, mut max) = (Vec3::INFINITY, Vec3::NEG_INFINITY);
        for &index in order.iter() {
            let centroid = self.centroids[index as usize];
            (min, max) = (min.min(centroid), max.max(centroid));
        }
        let extent = max - min;
        let axis = if extent.y <= extent.x && extent.z <= extent.x {
            0
        } else if extent.z <= extent.y {
            1
        } else {
            2
        };
        let middle = order.len() / 2;
        order.select_nth_unstable_by(middle, |&i, &j| {
            let (x, y) = (
                self.centroids[i as usize][axis],
                self.centroids[j as usize][axis],
            );
            x.partial_cmp(&y).unwrap_or(Ordering::Equal).then(i.cmp(&j))
        });
        order.split_at_mut(middle)
    }
}

/// Unit normals of each triangle's face, edges 01, 12, 20 and vertices 0, 1, 2.
fn pseudo_normals(positions: &[Vec3], triangles: &[[u32; 3]]) -> Vec<[Vec3; 7]> {
    let welded = weld(positions);
    let faces: Vec<Vec3> = triangles
        .iter()
        .map(|t| {
            let [a, b, c] = t.map(|v| positions[v as usize]);
            (b - a).cross(c - a).normalize_or_zero()
        })
        .collect();

    let mut vertices = vec![Vec3::ZERO; positions.len()];
    let mut edges: Vec<([u32; 2], u32, u32)> = Vec::with_capacity(3 * triangles.len());
    for (triangle_idx, t) in triangles.iter().enumerate() {
        for corner in 0..3 {
            let v = [0, 1, 2].map(|k| t[(corner + k) % 3]);
            let [a, b, c] = v.map(|v| positions[v as usize]);
            let (ab, ac) = ((b - a).normalize_or_zero(), (c - a).normalize_or_zero());
            let angle_rad = math::acos(ab.dot(ac));
            let [from, to, _] = v.map(|v| welded[v as usize]);
            vertices[from as usize] += faces[triangle_idx] * angle_rad;
            let key = [from.min(to), from.max(to)];
            edges.push((key, triangle_idx as u32, corner as u32));
        }
    }

    let mut normals: Vec<[Vec3; 7]> = triangles
        .iter()
        .zip(&faces)
        .map(|(t, &face)| {
            let [a, b, c] = t.map(|v| vertices[welded[v as usize] as usize].normalize_or_zero());
            [face, face, face, face, a, b, c]
        })
        .collect();
    edges.sort_unstable();
    for shared in edges.chunk_by(|x, y| x.0 == y.0) {
        let sum: Vec3 = shared.iter().map(|&(_, t, _)| faces[t as usize]).sum();
        for &(_, triangle_idx, corner) in shared {
            normals[triangle_idx as usize][1 + corner as usize] = sum.normalize_or_zero();
        }
    }
    normals
}

/// For each vertex the first vertex at the same position.
fn weld(positions: &[Vec3]) -> Vec<u32> {
    // Adding zero turns -0 into +0, so that both have the same bits.
    let key = |v: u32| {
        (positions[v as usize] + Vec3::ZERO)
            .to_array()
            .map(f32::to_bits)
    };
    let mut order: Vec<u32> = (0..positions.len() as u32).collect();
    order.sort_unstable_by_key(|&v| (key(v), v));
    let mut welded = vec![0; positions.len()];
    for same in order.chunk_by(|&a, &b| key(a) == key(b)) {
        for &v in same {
            welded[v as usize] = same[0];
        }
    }
    welded
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A sphere of the given radius with a pole on +Y, open at no place.
    fn sphere(radius: f32, n_rings: u32, n_sectors: u32) -> (Vec<Vec3>, Vec<[u32; 3]>) {
        let mut positions = vec![Vec3::Y * radius];
        for ring in 1..n_rings {
            let (sin, cos) = math::sin_cos(std::f32::consts::PI * ring as f32 / n_rings as f32);
            for sector in 0..n_sectors {
                let turn = std::f32::consts::TAU * sector as f32 / n_sectors as f32;
                let (s, c) = math::sin_cos(turn);
                positions.push(Vec3::new(sin * s, cos, sin * c) * radius);
            }
        }
        positions.push(-Vec3::Y * radius);
        let at = |ring: u32, sector: u32| 1 + (ring - 1) * n_sectors + sector % n_sectors;
        let last = positions.len() as u32 - 1;
        let mut triangles = Vec::new();
        for sector in 0..n_sectors {
            triangles.push([0, at(1, sector), at(1, sector + 1)]);
            for ring in 1..n_rings - 1 {
                let (a, b) = (at(ring, sector), at(ring, sector + 1));
                let (c, d) = (at(ring + 1, sector), at(ring + 1, sector + 1));
                triangles.extend([[a, c, d], [a, d, b]]);
            }
            triangles.push([last, at(n_rings - 1, sector + 1), at(n_rings - 1, sector)]);
        }
        (positions, triangles)
    }

    fn cloud(n: u32, half_extent: f32) -> impl Iterator<Item = Vec3> {
        // The R3 sequence (Roberts 2018) fills the cube evenly.
        (1..=n).map(move |i| {
            let i = i as f32;
            let unit = Vec3::new(i * 0.819_172_5, i * 0.671_043_6, i * 0.549_700_5).fract_gl();
            (unit - 0.5) * 2.0 * half_extent
        })
    }

    #[test]
    fn distance_to_a_fine_sphere_matches_the_closed_form() {
        let (positions, triangles) = sphere(0.1, 96, 192);
        let mesh = ClosestPoint::build(&positions, &triangles);
        for p in cloud(2000, 0.2) {
            let closest = mesh.query(p, 1.0).expect("the mesh is within a metre");
            let expected = p.length() - 0.1;
            assert!(
                (closest.distance - expected).abs() < 1e-4,
                "{p} {closest:?}"
            );
            let rebuilt = triangles[closest.triangle as usize]
                .iter()
                .zip(closest.barycentric.to_array())
                .map(|(&v, w)| positions[v as usize] * w)
                .sum::<Vec3>();
            assert!(rebuilt.distance(closest.point) < 1e-6, "{p}");
        }
    }

    #[test]
    fn the_tree_finds_what_a_linear_search_finds_also_on_sharp_edges() {
        let (positions, triangles) = sphere(0.1, 3, 4);
        let mesh = ClosestPoint::build(&positions, &triangles);
        for p in cloud(2000, 0.2) {
            let nearest = triangles
                .iter()
                .map(|t| {
                    let [a, b, c] = t.map(|v| positions[v as usize]);
                    let triangle = Triangle {
                        a,
                        ab: b - a,
                        ac: c - a,
                        index: 0,
                    };
                    triangle.at(triangle.closest(p).0).distance(p)
                })
                .fold(f32::INFINITY, f32::min);
            let closest = mesh.query(p, 1.0).expect("the mesh is within a metre");
            assert!((closest.distance.abs() - nearest).abs() < 1e-6, "{p}");
            // The octahedron-like body is convex: inside means behind every plane.
            let inside = triangles.iter().all(|t| {
                let [a, b, c] = t.map(|v| positions[v as usize]);
                (b - a).cross(c - a).dot(p - a) <= 0.0
            });
            assert_eq!(
                closest.distance < 0.0,
                inside && 0.0 < nearest,
                "{p} {closest:?}"
            );
        }
    }

    #[test]
    fn seams_with_doubled_vertices_keep_the_sign() {
        let (positions, triangles) = sphere(0.1, 6, 8);
        let doubled: Vec<Vec3> = triangles
            .iter()
            .flat_map(|t| t.map(|v| positions[v as usize]))
            .collect();
        let separate: Vec<[u32; 3]> = (0..triangles.len() as u32)
            .map(|t| [3 * t, 3 * t + 1, 3 * t + 2])
            .collect();
        let whole = ClosestPoint::build(&positions, &triangles);
        let parts = ClosestPoint::build(&doubled, &separate);
        for p in cloud(500, 0.15) {
            assert_eq!(whole.query(p, 1.0), parts.query(p, 1.0), "{p}");
        }
    }

    #[test]
    fn nothing_is_found_beyond_the_given_distance_or_in_an_empty_mesh() {
        let (positions, triangles) = sphere(0.1, 6, 8);
        let mesh = ClosestPoint::build(&positions, &triangles);
        assert!(mesh.query(Vec3::new(0.0, 0.3, 0.0), 0.1).is_none());
        assert!(mesh.query(Vec3::new(0.0, 0.3, 0.0), 0.201).is_some());
        assert!(
            ClosestPoint::build(&[], &[])
                .query(Vec3::ZERO, 1.0)
                .is_none()
        );
    }
}
