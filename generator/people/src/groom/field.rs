//! Distance to the skin: a grid for the many questions, the mesh itself for the close ones.

use bottega_geometry::closest_point::ClosestPoint;
use glam::{IVec3, Vec3};
use rayon::prelude::*;

use super::surface::HeadSurface;

/// Distance between grid nodes, in metres.
const CELL_M: f32 = 0.007;

/// Signed distance to the skin plus the room for clothes; negative inside.
pub(crate) struct SkinField {
    mesh: ClosestPoint,
    clothes_m: Vec<[f32; 3]>,
    origin: Vec3,
    size: IVec3,
    distances_m: Vec<f32>,
}

impl SkinField {
    /// Tabulates the distance in the box from `low` to `high`.
    pub(crate) fn build(surface: &HeadSurface, low: Vec3, high: Vec3) -> Self {
        let size = ((high - low) / CELL_M).ceil().as_ivec3().max(IVec3::ONE) + IVec3::ONE;
        let mut field = Self {
            mesh: surface.closest_point(),
            clothes_m: surface
                .triangles
                .iter()
                .map(|t| t.map(|v| surface.clothes_m[v as usize]))
                .collect(),
            origin: low,
            size,
            distances_m: Vec::new(),
        };
        let row_len = size.x as usize;
        let mut distances_m = vec![0.0; row_len * (size.y * size.z) as usize];
        distances_m
            .par_chunks_mut(row_len)
            .enumerate()
            .for_each(|(row, distances_m)| field.fill_row(row as i32, distances_m));
        field.distances_m = distances_m;
        field
    }

    /// Fills one row along X; each answer bounds the search for the next.
    fn fill_row(&self, row: i32, distances_m: &mut [f32]) {
        let (y, z) = (row % self.size.y, row / self.size.y);
        let mut reach = f32::INFINITY;
        for (x, distance_m) in distances_m.iter_mut().enumerate() {
            let p = self.origin + Vec3::new(x as f32, y as f32, z as f32) * CELL_M;
            if let Some(closest) = self.mesh.query(p, reach) {
                *distance_m = closest.distance - self.room_m(closest.triangle, closest.barycentric);
                reach = closest.distance.abs() + 1.01 * CELL_M;
            } else {
                *distance_m = f32::MAX;
                reach = f32::INFINITY;
            }
        }
    }

    fn room_m(&self, triangle: u32, barycentric: Vec3) -> f32 {
        Vec3::from_array(self.clothes_m[triangle as usize]).dot(barycentric)
    }

    /// Distance and unit outward direction, interpolated on the grid; far away outside of it.
    pub(crate) fn sample(&self, p: Vec3) -> (f32, Vec3) {
        let local = (p - self.origin) / CELL_M;
        let cell = local.floor().as_ivec3();
        if cell.min_element() < 0 || (cell - (self.size - 1)).max_element() >= 0 {
            return (1.0, Vec3::Y);
        }
        let t = local - cell.as_vec3();
        let (dx, dy) = (1usize, self.size.x as usize);
        let dz = dy * self.size.y as usize;
        let base = cell.x as usize + cell.y as usize * dy + cell.z as usize * dz;
        let d = |offset: usize| self.distances_m[base + offset];
        let mix = |a: f32, b: f32, t: f32| a + (b - a) * t;
        let (d000, d100, d010, d110) = (d(0), d(dx), d(dy), d(dx + dy));
        let (d001, d101, d011, d111) = (d(dz), d(dx + dz), d(dy + dz), d(dx + dy + dz));
        let (c00, c10) = (mix(d000, d100, t.x), mix(d010, d110, t.x));
        let (c01, c11) = (mix(d001, d101, t.x), mix(d011, d111, t.x));
        let (c0, c1) = (mix(c00, c10, t.y), mix(c01, c11, t.y));
        let gx = mix(
            mix(d100 - d000, d110 - d010, t.y),
            mix(d101 - d001, d111 - d011, t.y),
            t.z,
        );
        let gy = mix(c10 - c00, c11 - c01, t.z);
        let gradient = Vec3::new(gx, gy, c1 - c0);
        (mix(c0, c1, t.z), gradient.normalize_or(Vec3::Y))
    }

    /// `p`, or the point outside of the skin and clothes by `margin_m` nearest to it.
    pub(crate) fn push_out(&self, p: Vec3, margin_m: f32) -> Vec3 {
        let mut p = p;
        // Between ear and skull one push may lead into the other side.
        for _ in 0..4 {
            let (rough_m, outward) = self.sample(p);
            if margin_m + 1.8 * CELL_M < rough_m {
                return p;
            }
            let Some(closest) = self.mesh.query(p, 0.04) else {
                if rough_m < 0.0 {
                    p += outward * -rough_m;
                    continue;
                }
                return p;
            };
            let wanted_m = margin_m + self.room_m(closest.triangle, closest.barycentric);
            if wanted_m - 1e-5 <= closest.distance {
                return p;
            }
            let away = if 1e-4 < closest.distance.abs() {
                (p - closest.point) / closest.distance
            } else {
                closest.normal
            };
            p = closest.point + away * wanted_m;
        }
        p
    }

    /// The mesh behind the grid.
    pub(crate) fn mesh(&self) -> &ClosestPoint {
        &self.mesh
    }
}
