//! Solids of which hard things are made: rods swept along paths, beads, and turned profiles.

use bottega_geometry::{TriMesh, math};
use glam::{Vec2, Vec3};

use super::head::Head;
use crate::garment::cloth::vertex_normals;

/// Points around a rod.
const N_AROUND: usize = 12;

/// Collects solids of one look into one mesh of head space.
#[derive(Clone, Debug, Default)]
pub(crate) struct Solid {
    /// The mesh so far; its rest positions are those of head space.
    pub(crate) mesh: TriMesh,
}

/// Where a rod goes and how thick it is there.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Section {
    /// Middle of the section.
    pub(crate) at: Vec3,
    /// Direction of the first half axis; need not be exactly across the rod.
    pub(crate) side: Vec3,
    /// Half axes: along `side`, and across it and the rod, in metres.
    pub(crate) half_m: Vec2,
}

impl Section {
    /// A round section.
    pub(crate) fn round(at: Vec3, side: Vec3, radius_m: f32) -> Self {
        Self {
            at,
            side,
            half_m: Vec2::splat(radius_m),
        }
    }
}

impl Solid {
    /// Whether nothing was added.
    pub(crate) fn is_empty(&self) -> bool {
        self.mesh.triangles.is_empty()
    }

    /// Adds triangles with smooth normals; `uvs` are metres.
    pub(crate) fn add(&mut self, points: &[Vec3], uvs: &[Vec2], triangles: &[[u32; 3]]) {
        let first = self.mesh.positions.len() as u32;
        self.mesh.normals.extend(vertex_normals(points, triangles));
        self.mesh.positions.extend_from_slice(points);
        self.mesh.rest.extend_from_slice(points);
        self.mesh.uvs.extend_from_slice(uvs);
        self.mesh
            .triangles
            .extend(triangles.iter().map(|t| t.map(|v| v + first)));
    }

    /// Adds a finished mesh.
    pub(crate) fn append(&mut self, mesh: &TriMesh) {
        let first = self.mesh.positions.len() as u32;
        self.mesh.positions.extend_from_slice(&mesh.positions);
        self.mesh.normals.extend_from_slice(&mesh.normals);
        self.mesh.rest.extend_from_slice(&mesh.rest);
        self.mesh.uvs.extend_from_slice(&mesh.uvs);
        self.mesh
            .triangles
            .extend(mesh.triangles.iter().map(|t| t.map(|v| v + first)));
    }

    /// Adds a rod through `sections`, at least two; `square` is the exponent of its section: 2 an
    /// ellipse, more a rounded rectangle. Open rods have rounded ends.
    pub(crate) fn rod(&mut self, sections: &[Section], closed: bool, square: f32) {
        let n = sections.len();
        if n < 2 {
            return;
        }
        let along = |i: usize| {
            let (before, after) = if closed {
                ((i + n - 1) % n, (i + 1) % n)
            } else {
                (i.saturating_sub(1), (i + 1).min(n - 1))
            };
            (sections[after].at - sections[before].at).normalize_or(Vec3::Z)
        };
        let mut rings: Vec<Section> = sections.to_vec();
        let mut tangents: Vec<Vec3> = (0..n).map(along).collect();
        if !closed {
            // Two smaller rings round each end.
            let end = |i: usize, outward: f32, out: f32, size: f32| {
                let section = sections[i];
                let depth_m = 0.7 * section.half_m.min_element();
                Section {
                    at: section.at + along(i) * (outward * out * depth_m),
                    half_m: section.half_m * size,
                    ..section
                }
            };
            rings.splice(0..0, [end(0, -1.0, 1.0, 0.3), end(0, -1.0, 0.72, 0.72)]);
            rings.extend([end(n - 1, 1.0, 0.72, 0.72), end(n - 1, 1.0, 1.0, 0.3)]);
            tangents.splice(0..0, [along(0); 2]);
            tangents.extend([along(n - 1); 2]);
        }
        let (mut points, mut uvs) = ring_points(&rings, &tangents, square);
        let n_rings = rings.len();
        let mut triangles = Vec::new();
        let at = |ring: usize, k: usize| (ring % n_rings * N_AROUND + k % N_AROUND) as u32;
        let n_strips = if closed { n_rings } else { n_rings - 1 };
        for ring in 0..n_strips {
            for k in 0..N_AROUND {
                let (a, b) = (at(ring, k), at(ring, k + 1));
                let (c, d) = (at(ring + 1, k + 1), at(ring + 1, k));
                triangles.extend([[a, b, c], [a, c, d]]);
            }
        }
        if !closed {
            for (ring, flip) in [(0, true), (n_rings - 1, false)] {
                let center = points.len() as u32;
                points.push(rings[ring].at);
                uvs.push(Vec2::ZERO);
                for k in 0..N_AROUND {
                    let (a, b) = (at(ring, k), at(ring, k + 1));
                    triangles.push(if flip { [center, b, a] } else { [center, a, b] });
                }
            }
        }
        self.add(&points, &uvs, &triangles);
    }

    /// Adds an ellipsoid with these half axes, which must be a right-handed frame across each
    /// other.
    pub(crate) fn ellipsoid(&mut self, center: Vec3, axes: [Vec3; 3]) {
        const ROWS: usize = 9;
        const COLUMNS: usize = 16;
        let mut points = vec![center + axes[1], center - axes[1]];
        let mut triangles = Vec::new();
        for row in 1..ROWS {
            let (sin_t, cos_t) = math::sin_cos(std::f32::consts::PI * row as f32 / ROWS as f32);
            for column in 0..COLUMNS {
                let (sin_p, cos_p) =
                    math::sin_cos(std::f32::consts::TAU * column as f32 / COLUMNS as f32);
                points.push(
                    center
                        + axes[0] * (sin_t * sin_p)
                        + axes[1] * cos_t
                        + axes[2] * (sin_t * cos_p),
                );
            }
        }
        let at = |row: usize, column: usize| (2 + (row - 1) * COLUMNS + column % COLUMNS) as u32;
        for column in 0..COLUMNS {
            triangles.push([0, at(1, column), at(1, column + 1)]);
            triangles.push([1, at(ROWS - 1, column + 1), at(ROWS - 1, column)]);
            for row in 1..ROWS - 1 {
                let (a, b) = (at(row, column), at(row + 1, column));
                let (c, d) = (at(row + 1, column + 1), at(row, column + 1));
                triangles.extend([[a, b, c], [a, c, d]]);
            }
        }
        let uvs = vec![Vec2::ZERO; points.len()];
        self.add(&points, &uvs, &triangles);
    }

    /// Adds a turned solid: `profile` holds radius and height along `axis`, from the bottom to the
    /// top; it is closed where the radius is 0.
    pub(crate) fn turned(&mut self, center: Vec3, axis: Vec3, profile: &[Vec2]) {
        const COLUMNS: usize = 32;
        let (u, v) = math::orthonormal_basis(axis);
        let mut points = Vec::new();
        for p in profile {
            for column in 0..COLUMNS {
                let (sin, cos) =
                    math::sin_cos(std::f32::consts::TAU * column as f32 / COLUMNS as f32);
                points.push(center + axis * p.y + (u * cos + v * sin) * p.x);
            }
        }
        let at = |row: usize, column: usize| (row * COLUMNS + column % COLUMNS) as u32;
        let mut triangles = Vec::new();
        for row in 0..profile.len().saturating_sub(1) {
            for column in 0..COLUMNS {
                let (a, b) = (at(row, column), at(row, column + 1));
                let (c, d) = (at(row + 1, column + 1), at(row + 1, column));
                if 0.0 < profile[row].x {
                    triangles.push([a, b, c]);
                }
                if 0.0 < profile[row + 1].x {
                    triangles.push([a, c, d]);
                }
            }
        }
        let uvs = vec![Vec2::ZERO; points.len()];
        self.add(&points, &uvs, &triangles);
    }
}

/// Moves sections of an open rod off the skin until their corners are `gap_m` outside.
pub(crate) fn clear(sections: &mut [Section], head: &Head, gap_m: f32) {
    let n = sections.len();
    for i in 0..n {
        let along = (sections[(i + 1).min(n - 1)].at - sections[i.saturating_sub(1)].at)
            .normalize_or(Vec3::Z);
        let section = &mut sections[i];
        let side = section.side.reject_from(along).normalize_or(Vec3::X);
        let up = along.cross(side);
        for _ in 0..8 {
            let mut worst: Option<(f32, Vec3)> = None;
            for (x, y) in [
                (1.0, 1.0),
                (1.0, -1.0),
                (-1.0, 1.0),
                (-1.0, -1.0),
                (0.0, 0.0),
            ] {
                let corner =
                    section.at + side * (x * section.half_m.x) + up * (y * section.half_m.y);
                let Some(hit) = head.skin.query(corner, 0.02) else {
                    continue;
                };
                let missing_m = gap_m - hit.distance;
                if 1e-5 < missing_m && worst.is_none_or(|(most_m, _)| most_m < missing_m) {
                    worst = Some((missing_m, hit.normal));
                }
            }
            let Some((missing_m, outward)) = worst else {
                break;
            };
            section.at += outward * missing_m;
        }
    }
}

/// Points of every ring, counter-clockwise seen against the rod's direction.
fn ring_points(rings: &[Section], tangents: &[Vec3], square: f32) -> (Vec<Vec3>, Vec<Vec2>) {
    let mut points = Vec::with_capacity(rings.len() * N_AROUND);
    let mut uvs = Vec::with_capacity(points.capacity());
    let mut length_m = 0.0;
    for (i, (ring, tangent)) in rings.iter().zip(tangents).enumerate() {
        if 0 < i {
            length_m += ring.at.distance(rings[i - 1].at);
        }
        let side = ring.side.reject_from(*tangent).normalize_or_zero();
        let side = if side == Vec3::ZERO {
            math::orthonormal_basis(*tangent).0
        } else {
            side
        };
        let up = tangent.cross(side);
        for k in 0..N_AROUND {
            let (sin, cos) = math::sin_cos(std::f32::consts::TAU * k as f32 / N_AROUND as f32);
            let round = |x: f32| math::pow(x.abs(), 2.0 / square).copysign(x);
            let across = side * (round(cos) * ring.half_m.x) + up * (round(sin) * ring.half_m.y);
            points.push(ring.at + across);
            uvs.push(Vec2::new(length_m, k as f32 / N_AROUND as f32 * 0.01));
        }
    }
    (points, uvs)
}

/// Points evenly spaced along a smooth curve through `knots` (Catmull-Rom).
pub(crate) fn smooth_path(knots: &[Vec3], n_points: usize) -> Vec<Vec3> {
    let n = knots.len();
    if n < 2 || n_points < 2 {
        return knots.to_vec();
    }
    let mut fine = Vec::new();
    for i in 0..n - 1 {
        let before = knots[i.saturating_sub(1)];
        let after = knots[(i + 2).min(n - 1)];
        let (a, b) = (knots[i], knots[i + 1]);
        for k in 0..16 {
            let t = k as f32 / 16.0;
            let (t2, t3) = (t * t, t * t * t);
            fine.push(
                0.5 * (2.0 * a
                    + (b - before) * t
                    + (2.0 * before - 5.0 * a + 4.0 * b - after) * t2
                    + (3.0 * a - before - 3.0 * b + after) * t3),
            );
        }
    }
    fine.push(knots[n - 1]);
    let mut sums = vec![0.0];
    for pair in fine.windows(2) {
        sums.push(sums[sums.len() - 1] + pair[0].distance(pair[1]));
    }
    let total = sums[sums.len() - 1].max(1e-9);
    (0..n_points)
        .map(|i| {
            let wanted = total * i as f32 / (n_points - 1) as f32;
            let k = sums
                .partition_point(|s| *s < wanted)
                .clamp(1, fine.len() - 1);
            let span = (sums[k] - sums[k - 1]).max(1e-9);
            fine[k - 1].lerp(fine[k], ((wanted - sums[k - 1]) / span).clamp(0.0, 1.0))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::garment::finish::{open_edges, volume_m3};

    #[test]
    fn solids_are_closed_and_face_outward() {
        let mut rod = Solid::default();
        let sections =
            [0.0, 0.5, 1.0].map(|z| Section::round(Vec3::new(0.0, 0.0, z), Vec3::X, 0.1));
        rod.rod(&sections, false, 2.0);
        assert_eq!(open_edges(&rod.mesh), 0);
        let volume = volume_m3(&rod.mesh);
        assert!((0.028..0.036).contains(&volume), "{volume}");

        let mut bead = Solid::default();
        bead.ellipsoid(Vec3::ONE, [Vec3::X, Vec3::Y, Vec3::Z]);
        assert_eq!(open_edges(&bead.mesh), 0);
        let volume = volume_m3(&bead.mesh);
        assert!((3.5..4.2).contains(&volume), "{volume}");

        let mut cone = Solid::default();
        let profile = [Vec2::ZERO, Vec2::new(1.0, 0.0), Vec2::new(0.0, 1.0)];
        cone.turned(Vec3::ONE, Vec3::Z, &profile);
        assert_eq!(open_edges(&cone.mesh), 0);
        let volume = volume_m3(&cone.mesh);
        assert!((1.0..1.05).contains(&volume), "{volume}");

        let mut ring = Solid::default();
        let sections: Vec<Section> = (0..40)
            .map(|i| {
                let (sin, cos) = math::sin_cos(std::f32::consts::TAU * i as f32 / 40.0);
                let out = Vec3::new(cos, sin, 0.0);
                Section::round(out, out, 0.1)
            })
            .collect();
        ring.rod(&sections, true, 2.0);
        assert_eq!(open_edges(&ring.mesh), 0);
        assert!(0.15 < volume_m3(&ring.mesh));
    }
}
