//! Distance to skin and clothes: a grid for the many questions, the meshes themselves for the close
//! ones.

use bottega_geometry::closest_point::{Closest, ClosestPoint};
use glam::{IVec3, Vec3};
use rayon::prelude::*;

use super::surface::HeadSurface;

/// Distance between grid nodes, in metres.
const CELL_M: f32 = 0.007;
/// Grid nodes between two nodes of the coarse grid, along each axis.
const COARSE: i32 = 4;
/// Nodes farther than this from everything are interpolated on the coarse grid, in metres.
const BAND_M: f32 = 0.025;
/// Strands are kept this far from the outer side of cloth, whose ribs stand out a little, in
/// metres.
const CLOTH_GAP_M: f32 = 0.0018;
/// Cloth is looked for this far around a point, in metres.
const CLOTH_REACH_M: f32 = 0.06;
/// How far an interpolated distance may be off, in metres.
const SLACK_M: f32 = 1.8 * CELL_M;

/// Signed distance to skin and clothes; negative inside.
pub(crate) struct SkinField {
    mesh: ClosestPoint,
    /// Room for clothes of which nothing else is known, by triangle of the skin.
    clothes_m: Vec<[f32; 3]>,
    most_room_m: f32,
    /// Outer sides of the clothes that are known.
    clothes: Vec<ClosestPoint>,
    origin: Vec3,
    size: IVec3,
    distances_m: Vec<f32>,
}

/// Distances on the coarse grid.
struct Coarse {
    size: IVec3,
    /// To skin and clothes.
    signed_m: Vec<f32>,
    /// To the skin alone, without its sign.
    skin_m: Vec<f32>,
}

impl SkinField {
    /// Tabulates the distance in the box from `low` to `high`.
    pub(crate) fn build(surface: &HeadSurface, low: Vec3, high: Vec3) -> Self {
        let size = ((high - low) / CELL_M).ceil().as_ivec3().max(IVec3::ONE) + IVec3::ONE;
        let clothes_m = &surface.clothes_m;
        let mut field = Self {
            mesh: surface.closest_point(),
            clothes_m: surface
                .triangles
                .iter()
                .map(|t| t.map(|v| clothes_m[v as usize]))
                .collect(),
            most_room_m: clothes_m.iter().fold(0.0, |most, m| most.max(*m)),
            clothes: surface.clothes.clone(),
            origin: low,
            size,
            distances_m: Vec::new(),
        };
        let coarse = field.coarse();
        let row_len = size.x as usize;
        let mut distances_m = vec![0.0; row_len * (size.y * size.z) as usize];
        distances_m
            .par_chunks_mut(row_len)
            .enumerate()
            .for_each(|(row, distances_m)| field.fill_row(&coarse, row as i32, distances_m));
        field.distances_m = distances_m;
        field
    }

    fn coarse(&self) -> Coarse {
        let size = (self.size - IVec3::ONE) / COARSE + 2;
        let row_len = size.x as usize;
        let rows: Vec<Vec<(f32, f32)>> = (0..size.y * size.z)
            .into_par_iter()
            .map(|row| {
                let (y, z) = (row % size.y, row / size.y);
                let mut reach = f32::INFINITY;
                (0..row_len as i32)
                    .map(|x| {
                        let p = self.origin + (IVec3::new(x, y, z) * COARSE).as_vec3() * CELL_M;
                        let (signed_m, skin_m) = self.distance(p, reach);
                        // Each answer bounds the search for the next.
                        reach = skin_m + 1.01 * COARSE as f32 * CELL_M;
                        (signed_m, skin_m)
                    })
                    .collect()
            })
            .collect();
        let (signed_m, skin_m) = rows.into_iter().flatten().unzip();
        Coarse {
            size,
            signed_m,
            skin_m,
        }
    }

    /// Distance of skin and clothes, and that of the skin alone without its sign, which must be
    /// within `reach_m`.
    fn distance(&self, p: Vec3, reach_m: f32) -> (f32, f32) {
        let skin = self.mesh.query(p, reach_m);
        let signed_m = skin.map_or(f32::MAX, |hit| {
            hit.distance - self.room_m(hit.triangle, hit.barycentric)
        });
        let clothes = self.clothes.iter();
        let signed_m = clothes.fold(signed_m, |least, sheet| {
            over(sheet, p, CLOTH_REACH_M).map_or(least, |hit| least.min(hit.distance - CLOTH_GAP_M))
        });
        (
            signed_m,
            skin.map_or(f32::INFINITY, |hit| hit.distance.abs()),
        )
    }

    /// Fills one row along X.
    fn fill_row(&self, coarse: &Coarse, row: i32, distances_m: &mut [f32]) {
        let (y, z) = (row % self.size.y, row / self.size.y);
        for (x, distance_m) in distances_m.iter_mut().enumerate() {
            let node = IVec3::new(x as i32, y, z);
            let (cell, t) = (node / COARSE, (node % COARSE).as_vec3() / COARSE as f32);
            let (mut between_m, mut least_m, mut reach_m) = (0.0, 0.0f32, f32::INFINITY);
            for corner in 0..8 {
                let corner = IVec3::new(corner & 1, (corner >> 1) & 1, corner >> 2);
                let at = cell + corner;
                let idx = (at.x + coarse.size.x * (at.y + coarse.size.y * at.z)) as usize;
                let share = Vec3::select(corner.cmpeq(IVec3::ONE), t, 1.0 - t);
                let away_m = (node - at * COARSE).as_vec3().length() * CELL_M;
                between_m += share.element_product() * coarse.signed_m[idx];
                least_m = least_m.max(coarse.signed_m[idx].abs() - away_m);
                reach_m = reach_m.min(coarse.skin_m[idx] + away_m);
            }
            *distance_m = if BAND_M < least_m {
                between_m
            } else {
                let p = self.origin + node.as_vec3() * CELL_M;
                self.distance(p, reach_m + 1e-4).0
            };
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

    /// `p`, or the point outside of skin and clothes by `margin_m` nearest to it.
    pub(crate) fn push_out(&self, p: Vec3, margin_m: f32) -> Vec3 {
        let mut p = p;
        // Between ear and skull one push may lead into the other side.
        for _ in 0..4 {
            let (rough_m, outward) = self.sample(p);
            if margin_m + SLACK_M < rough_m {
                return p;
            }
            // What is outside for certain need not know how far.
            let outside = 0.8 * CELL_M < rough_m;
            let near_m = rough_m.abs() + SLACK_M;
            let reach_m = if outside { 0.0 } else { near_m.min(0.04) };
            let skin_m = reach_m.max(margin_m + self.most_room_m);
            let found = self.mesh.query(p, skin_m);
            let lost = found.is_none() && rough_m < 0.0;
            let mut deepest = found.map(|hit| {
                let room_m = self.room_m(hit.triangle, hit.barycentric);
                (margin_m + room_m - hit.distance, hit)
            });
            for sheet in &self.clothes {
                let reach_m = if outside {
                    0.0
                } else {
                    near_m.min(CLOTH_REACH_M)
                };
                let wanted_m = margin_m + CLOTH_GAP_M;
                if let Some(hit) = over(sheet, p, reach_m.max(wanted_m)) {
                    let missing_m = wanted_m - hit.distance;
                    if deepest.is_none_or(|(most_m, _)| most_m < missing_m) {
                        deepest = Some((missing_m, hit));
                    }
                }
            }
            let Some((missing_m, hit)) = deepest else {
                if lost {
                    p += outward * -rough_m;
                    continue;
                }
                return p;
            };
            if missing_m <= 1e-5 {
                return p;
            }
            let away = if 1e-4 < hit.distance.abs() {
                (p - hit.point) / hit.distance
            } else {
                hit.normal
            };
            p = hit.point + away * (missing_m + hit.distance);
        }
        p
    }

    /// The mesh behind the grid.
    pub(crate) fn mesh(&self) -> &ClosestPoint {
        &self.mesh
    }
}

/// The point of an open sheet nearest to `p` within `reach_m`, unless that lies on a border, which
/// says nothing of inside and outside.
fn over(sheet: &ClosestPoint, p: Vec3, reach_m: f32) -> Option<Closest> {
    let hit = sheet.query(p, reach_m)?;
    let offset = p - hit.point;
    let aside_m = (offset - hit.normal * offset.dot(hit.normal)).length();
    (aside_m <= 0.001 + 0.5 * hit.distance.abs()).then_some(hit)
}
