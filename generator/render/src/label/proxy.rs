//! A smooth surface about hair, for normals that show the shape of the whole.
//!
//! The strands are spread over a grid of voxels, the density is smoothed, and the surface is
//! where it crosses a level between the inside of the hair and the air. Its normal is the
//! negative gradient of the density. Only the normal comes from there; depth and coverage stay
//! those of the fibres.
//!
//! A hit takes the normal of the point at which its ray first enters the surface about there; a
//! strand that flies off takes the gradient where it is.

use bottega_geometry::StrandSet;
use glam::Vec3;
use rayon::prelude::*;

use crate::ray::Ray;

/// Voxels along the longest side of the hair.
const LONGEST_SIDE: f32 = 96.0;

/// Side of the smallest voxel, in metres: finer ones would show single locks of short hair.
const SMALLEST_VOXEL_M: f32 = 1.5e-3;

/// Empty voxels around the hair: more than smoothing reaches.
const BORDER: usize = 11;

/// How often the density is smoothed by weights 1, 2, 1 along each axis: together a Gaussian with
/// a standard deviation of 2.2 voxels.
const PASSES: usize = 10;

/// The level of the surface, as a share of the mean density where the hair is.
const LEVEL: f32 = 0.5;

/// How far before and behind a hit the surface is looked for along the ray, and in which steps, in
/// voxels. Rays may go deep into thin hair before they meet a strand.
const REACH: [f32; 2] = [32.0, 10.0];
const STEP: f32 = 0.5;

/// Smoothed density of strands.
#[derive(Clone, Debug)]
pub(super) struct DensityGrid {
    /// Centre of the first voxel.
    origin: Vec3,
    voxel_m: f32,
    size: [usize; 3],
    /// Length times radius of the strands by voxel, X fastest, then Y.
    density: Vec<f32>,
    level: f32,
}

impl DensityGrid {
    /// The density of some strands; `None` where there are none.
    pub(super) fn of(strands: &StrandSet) -> Option<Self> {
        let (lo, hi) = (strands.points.iter())
            .fold((Vec3::INFINITY, Vec3::NEG_INFINITY), |(lo, hi), point| {
                (lo.min(*point), hi.max(*point))
            });
        let extent = hi - lo;
        if strands.is_empty() || !extent.is_finite() {
            return None;
        }
        let voxel_m = (extent.max_element() / LONGEST_SIDE).max(SMALLEST_VOXEL_M);
        let size = extent
            .to_array()
            .map(|side| (side / voxel_m) as usize + 2 + 2 * BORDER);
        let mut grid = Self {
            origin: lo - Vec3::splat(BORDER as f32 * voxel_m),
            voxel_m,
            size,
            density: vec![0.0; size.iter().product()],
            level: 0.0,
        };
        for strand in 0..strands.len() {
            let (points, radii) = (strands.strand(strand), strands.strand_radii(strand));
            for (ends, radii) in points.windows(2).zip(radii.windows(2)) {
                grid.add([ends[0], ends[1]], 0.5 * (radii[0] + radii[1]));
            }
        }
        for _ in 0..PASSES {
            for axis in 0..3 {
                grid.smooth(axis);
            }
        }
        let (sum, squares) = (grid.density.iter())
            .fold((0.0_f64, 0.0_f64), |(sum, squares), &d| {
                (sum + f64::from(d), squares + f64::from(d) * f64::from(d))
            });
        if sum <= 0.0 {
            return None;
        }
        grid.level = LEVEL * (squares / sum) as f32;
        Some(grid)
    }

    /// Unit normal, in world space, for a ray that meets a strand at distance `t_m`; `None` where
    /// the density is the same all around.
    pub(super) fn normal(&self, ray: &Ray, t_m: f32) -> Option<Vec3> {
        let n_steps = ((REACH[0] + REACH[1]) / STEP) as i32;
        let at = |step: i32| t_m + (step as f32 * STEP - REACH[0]) * self.voxel_m;
        let mut place = t_m;
        let mut before = self.density_at(ray.at(at(0)));
        for step in 1..=n_steps {
            let after = self.density_at(ray.at(at(step)));
            if before < self.level && self.level <= after {
                let share = (self.level - before) / (after - before);
                place = at(step - 1) + share * STEP * self.voxel_m;
                break;
            }
            before = after;
        }
        (-self.gradient_at(ray.at(place))).try_normalize()
    }

    /// Spreads a piece of strand over the voxels about it.
    fn add(&mut self, ends: [Vec3; 2], radius_m: f32) {
        let length_m = ends[0].distance(ends[1]);
        let n_steps = (2.0 * length_m / self.voxel_m).ceil().max(1.0);
        let weight = radius_m * length_m / n_steps;
        for step in 0..n_steps as u32 {
            let share = (step as f32 + 0.5) / n_steps;
            let place = (ends[0] + (ends[1] - ends[0]) * share - self.origin) / self.voxel_m;
            let cell = place.floor();
            let f = (place - cell).to_array();
            let [x, y, z] = cell.to_array().map(|c| c as usize);
            for corner in 0..8 {
                let bits = [corner & 1, corner >> 1 & 1, corner >> 2];
                let part: f32 = (0..3)
                    .map(|k| if bits[k] == 1 { f[k] } else { 1.0 - f[k] })
                    .product();
                let idx = self.index([x + bits[0], y + bits[1], z + bits[2]]);
                self.density[idx] += weight * part;
            }
        }
    }

    fn index(&self, [x, y, z]: [usize; 3]) -> usize {
        (z * self.size[1] + y) * self.size[0] + x
    }

    /// Averages each voxel with its neighbours along an axis; outside is nothing.
    fn smooth(&mut self, axis: usize) {
        let stride = [1, self.size[0], self.size[0] * self.size[1]][axis];
        let (size, old) = (self.size, &self.density);
        let layer = size[0] * size[1];
        self.density = (0..old.len())
            .into_par_iter()
            .with_min_len(layer)
            .map(|idx| {
                let place = [idx % size[0], idx / size[0] % size[1], idx / layer][axis];
                let before = if 0 < place { old[idx - stride] } else { 0.0 };
                let after = if place + 1 < size[axis] {
                    old[idx + stride]
                } else {
                    0.0
                };
                0.5 * old[idx] + 0.25 * (before + after)
            })
            .collect();
    }

    /// Density at a world-space point, interpolated between voxels.
    fn density_at(&self, point: Vec3) -> f32 {
        let place = (point - self.origin) / self.voxel_m;
        let cell = place.floor();
        let is_inside = (0..3).all(|k| 0.0 <= cell[k] && cell[k] + 1.0 < self.size[k] as f32);
        if !is_inside {
            return 0.0;
        }
        let f = place - cell;
        let [x, y, z] = cell.to_array().map(|c| c as usize);
        let row = |y: usize, z: usize| {
            let start = self.index([x, y, z]);
            let [a, b] = [self.density[start], self.density[start + 1]];
            a + (b - a) * f.x
        };
        let sheet = |z: usize| {
            let (a, b) = (row(y, z), row(y + 1, z));
            a + (b - a) * f.y
        };
        let (a, b) = (sheet(z), sheet(z + 1));
        a + (b - a) * f.z
    }

    /// Direction in which the density grows, by differences over two voxels.
    fn gradient_at(&self, point: Vec3) -> Vec3 {
        let difference = |axis: Vec3| {
            let step = axis * self.voxel_m;
            self.density_at(point + step) - self.density_at(point - step)
        };
        let gradient = Vec3::new(
            difference(Vec3::X),
            difference(Vec3::Y),
            difference(Vec3::Z),
        );
        // Densities are tiny numbers, whose squares would vanish.
        gradient / self.level
    }
}
