//! Nearest point of a triangle mesh, and on which side of it a point lies.
//!
//! A bounding volume hierarchy split at the median finds the nearest triangle by branch and bound.
//! The sign comes from angle-weighted pseudo-normals of faces, edges and vertices (Baerentzen and
//! Aanaes 2005), which is right for every point near a closed surface; where the surface is open,
//! the side is the one of the nearest point. Vertices at the same position count as one, so that
//! seams of texture coordinates do not open the surface.

use std::cmp::Ordering;

use glam::Vec3;

use crate::math;

/// Triangles in a leaf at most.
const LEAF_TRIANGLES: usize = 4;

/// A triangle mesh that answers nearest-point queries.
#[derive(Clone, Debug)]
pub struct ClosestPoint {
    nodes: Vec<Node>,
    /// Triangles in leaf order.
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

#[derive(Clone, Copy, Debug)]
struct Node {
    min: Vec3,
    max: Vec3,
    /// First triangle of a leaf, else the second child; the first child follows its parent.
    first: u32,
    /// Number of triangles; 0 marks an inner node.
    len: u32,
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
        let mut order: Vec<u32> = (0..triangles.len() as u32).collect();
        let mut nodes = Vec::with_capacity(triangles.len());
        if !triangles.is_empty() {
            let bounds = |index: u32| {
                let corners = triangles[index as usize].map(|v| positions[v as usize]);
                (
                    corners[0].min(corners[1]).min(corners[2]),
                    corners[0].max(corners[1]).max(corners[2]),
                )
            };
            split(&mut nodes, &mut order, 0, &centroids, &bounds);
        }
        Self {
            nodes,
            triangles: order
                .iter()
                .map(|&index| {
                    let [a, b, c] = triangles[index as usize].map(|v| positions[v as usize]);
                    Triangle {
                        a,
                        ab: b - a,
                        ac: c - a,
                        index,
                    }
                })
                .collect(),
            pseudo_normals: order.iter().map(|&i| pseudo_normals[i as usize]).collect(),
        }
    }

    /// The nearest point within `max_distance` of `p`; ties go to the first in tree order.
    pub fn query(&self, p: Vec3, max_distance: f32) -> Option<Closest> {
        let mut best_squared = max_distance * max_distance;
        let mut best = None;
        let mut stack = [(0u32, 0.0f32); 64];
        let mut stack_len = usize::from(!self.nodes.is_empty());
        while 0 < stack_len {
            stack_len -= 1;
            let (node_idx, lower_bound) = stack[stack_len];
            if best_squared < lower_bound {
                continue;
            }
            let node = &self.nodes[node_idx as usize];
            if 0 < node.len {
                for slot in node.first as usize..(node.first + node.len) as usize {
                    let (barycentric, feature) = self.triangles[slot].closest(p);
                    let point = self.triangles[slot].at(barycentric);
                    let squared = point.distance_squared(p);
                    if squared < best_squared || (best.is_none() && squared <= best_squared) {
                        best_squared = squared;
                        best = Some((slot, barycentric, feature, point));
                    }
                }
                continue;
            }
            let (near, far) = (node_idx + 1, node.first);
            let near_squared = self.nodes[near as usize].distance_squared(p);
            let far_squared = self.nodes[far as usize].distance_squared(p);
            let pair = if near_squared <= far_squared {
                [(far, far_squared), (near, near_squared)]
            } else {
                [(near, near_squared), (far, far_squared)]
            };
            for (child, squared) in pair {
                if squared <= best_squared {
                    stack[stack_len] = (child, squared);
                    stack_len += 1;
                }
            }
        }
        best.map(|(slot, barycentric, feature, point)| {
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

impl Node {
    fn distance_squared(&self, p: Vec3) -> f32 {
        (self.min - p)
            .max(p - self.max)
            .max(Vec3::ZERO)
            .length_squared()
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

/// Appends the subtree over `order`, whose first triangle has slot `first`.
fn split(
    nodes: &mut Vec<Node>,
    order: &mut [u32],
    first: usize,
    centroids: &[Vec3],
    bounds: &impl Fn(u32) -> (Vec3, Vec3),
) {
    let (mut min, mut max) = (Vec3::INFINITY, Vec3::NEG_INFINITY);
    let (mut centroid_min, mut centroid_max) = (min, max);
    for &index in order.iter() {
        let (low, high) = bounds(index);
        (min, max) = (min.min(low), max.max(high));
        centroid_min = centroid_min.min(centroids[index as usize]);
        centroid_max = centroid_max.max(centroids[index as usize]);
    }
    let node_idx = nodes.len();
    nodes.push(Node {
        min,
        max,
        first: first as u32,
        len: order.len() as u32,
    });
    if order.len() <= LEAF_TRIANGLES {
        return;
    }
    let extent = centroid_max - centroid_min;
    let axis = if extent.y <= extent.x && extent.z <= extent.x {
        0
    } else if extent.z <= extent.y {
        1
    } else {
        2
    };
    let middle = order.len() / 2;
    order.select_nth_unstable_by(middle, |&i, &j| {
        let (x, y) = (centroids[i as usize][axis], centroids[j as usize][axis]);
        x.partial_cmp(&y).unwrap_or(Ordering::Equal).then(i.cmp(&j))
    });
    let (left, right) = order.split_at_mut(middle);
    split(nodes, left, first, centroids, bounds);
    nodes[node_idx].first = nodes.len() as u32;
    nodes[node_idx].len = 0;
    split(nodes, right, first + middle, centroids, bounds);
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
