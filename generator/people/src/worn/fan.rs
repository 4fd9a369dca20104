//! Coverings as heights along rays that fan out of the head.
//!
//! A fan is a grid of rays: columns around, rows from the crown (or the brow) down. Along each ray
//! the *floor* is where the skin is and the *height* is where the inner side of the covering is;
//! cloth is drawn tight over the floor like a membrane, and never below it.

use std::f32::consts::TAU;

use bottega_geometry::{TriMesh, closest_point::ClosestPoint, math};
use glam::{Vec2, Vec3};
use rayon::prelude::*;

use super::head::trace;
use crate::garment::{cloth::Cloth, finish::shell_of, shell::Rows};

/// A grid of rays with a floor and a covering.
#[derive(Clone, Debug)]
pub(crate) struct Fan {
    /// Rays around.
    pub(crate) n_columns: usize,
    /// Rays down.
    pub(crate) n_rows: usize,
    /// Whether the last column neighbours the first.
    pub(crate) closed: bool,
    /// Whether all rays of row 0 are one, at the crown.
    pub(crate) crowned: bool,
    /// Rows that the covering has; those below only know the skin.
    pub(crate) n_worn: usize,
    /// Start of each ray, row by row.
    pub(crate) origins: Vec<Vec3>,
    /// Unit direction of each ray.
    pub(crate) directions: Vec<Vec3>,
    /// Distance of the skin along each ray, in metres; 0 where nothing is met.
    pub(crate) floor_m: Vec<f32>,
    /// Distance of the covering along each ray, in metres.
    pub(crate) height_m: Vec<f32>,
}

/// Direction `theta` from +Y, turned by `phi` from +Z toward +X.
pub(crate) fn spherical(phi_rad: f32, theta_rad: f32) -> Vec3 {
    let (sin_p, cos_p) = math::sin_cos(phi_rad);
    let (sin_t, cos_t) = math::sin_cos(theta_rad);
    Vec3::new(sin_t * sin_p, cos_t, sin_t * cos_p)
}

impl Fan {
    /// The fan with `ray(row, column)`: start and unit direction. Rows go down, columns from the
    /// front to the person's left, so that quads face outward.
    pub(crate) fn new(
        n_rows: usize,
        n_columns: usize,
        closed: bool,
        ray: impl Fn(usize, usize) -> (Vec3, Vec3),
    ) -> Self {
        let n = n_rows * n_columns;
        let (mut origins, mut directions) = (Vec::with_capacity(n), Vec::with_capacity(n));
        for row in 0..n_rows {
            for column in 0..n_columns {
                let (origin, direction) = ray(row, column);
                origins.push(origin);
                directions.push(direction);
            }
        }
        let crowned = closed && (1..n_columns).all(|c| directions[c].dot(directions[0]) > 0.999_99);
        Self {
            n_columns,
            n_rows,
            closed,
            crowned,
            n_worn: n_rows,
            origins,
            directions,
            floor_m: vec![0.0; n],
            height_m: vec![0.0; n],
        }
    }

    /// Index of a ray; columns wrap where the fan is closed.
    pub(crate) fn at(&self, row: usize, column: usize) -> usize {
        row * self.n_columns + column % self.n_columns
    }

    /// Angle of a column around a closed fan, from the front over the left, in radians.
    pub(crate) fn phi(&self, column: usize) -> f32 {
        TAU * column as f32 / self.n_columns as f32
    }

    /// The point of ray `i` at `height_m`.
    pub(crate) fn point(&self, i: usize, height_m: f32) -> Vec3 {
        self.origins[i] + self.directions[i] * height_m
    }

    /// Measures the floor: the outermost of these surfaces within `reach_m` along each ray.
    pub(crate) fn measure(&mut self, surfaces: &[&ClosestPoint], reach_m: f32) {
        let (origins, directions) = (&self.origins, &self.directions);
        self.floor_m = (0..origins.len())
            .into_par_iter()
            .with_min_len(64)
            .map(|i| {
                let from = origins[i] + directions[i] * reach_m;
                trace(surfaces, from, -directions[i], reach_m).map_or(0.0, |t| reach_m - t)
            })
            .collect();
    }

    /// Neighbours of a ray along row and column.
    fn neighbours(&self, i: usize) -> ([Option<usize>; 2], [Option<usize>; 2]) {
        let (row, column) = (i / self.n_columns, i % self.n_columns);
        let last = self.n_columns - 1;
        let left = match column {
            0 if self.closed => Some(self.at(row, last)),
            0 => None,
            _ => Some(i - 1),
        };
        let right = match column {
            c if c < last => Some(i + 1),
            _ if self.closed => Some(self.at(row, 0)),
            _ => None,
        };
        let up = (0 < row).then(|| i - self.n_columns);
        let down = (row + 1 < self.n_worn).then(|| i + self.n_columns);
        ([left, right], [up, down])
    }

    /// Draws the covering tight: `n_rounds` times every height moves toward the middle of its
    /// neighbours, never below `least(ray)`. `pull` of a ray is how far, in `[0, 1]`.
    pub(crate) fn tighten(
        &mut self,
        n_rounds: usize,
        least: impl Fn(usize) -> f32,
        pull: impl Fn(usize) -> f32,
    ) {
        let least: Vec<f32> = (0..self.origins.len()).map(least).collect();
        let pull: Vec<f32> = (0..self.origins.len()).map(pull).collect();
        for _ in 0..n_rounds {
            let before = self.height_m.clone();
            for i in 0..self.n_worn * self.n_columns {
                let (across, along) = self.neighbours(i);
                let (mut sum, mut n) = (0.0, 0.0);
                for pair in [across, along] {
                    // A border is free across itself.
                    if let [Some(a), Some(b)] = pair {
                        let middle = 0.5 * (self.point(a, before[a]) + self.point(b, before[b]));
                        sum += (middle - self.origins[i]).dot(self.directions[i]);
                        n += 1.0;
                    }
                }
                if 0.0 < n {
                    let wanted = before[i] + pull[i] * (sum / n - before[i]);
                    self.height_m[i] = wanted.max(least[i]);
                }
            }
            if self.crowned {
                let row = &mut self.height_m[..self.n_columns];
                let mean = row.iter().sum::<f32>() / row.len() as f32;
                row.fill(mean);
            }
        }
    }

    /// Points of the covering.
    pub(crate) fn points(&self) -> Vec<Vec3> {
        (0..self.origins.len())
            .map(|i| self.point(i, self.height_m[i]))
            .collect()
    }

    /// Triangles between rows `rows.start` and `rows.end - 1`, outward.
    pub(crate) fn triangles(&self, rows: std::ops::Range<usize>) -> Vec<[u32; 3]> {
        let mut triangles = Vec::new();
        let n_strips = if self.closed {
            self.n_columns
        } else {
            self.n_columns - 1
        };
        let at = |row: usize, column: usize| match row {
            0 if self.crowned => 0,
            _ => self.at(row, column) as u32,
        };
        for row in rows.start..rows.end.saturating_sub(1) {
            for column in 0..n_strips {
                let (a, b) = (at(row, column), at(row + 1, column));
                let (c, d) = (at(row + 1, column + 1), at(row, column + 1));
                triangles.push([a, b, c]);
                if a != d {
                    triangles.push([a, c, d]);
                }
            }
        }
        triangles
    }

    /// The closed shell over some of the rows, with its inner side `raise_m` over the covering.
    pub(crate) fn shell(
        &self,
        rows: std::ops::Range<usize>,
        raise_m: f32,
        thickness_m: f32,
    ) -> TriMesh {
        let points = self.points();
        let uvs = self.uvs(&points);
        let triangles = self.triangles(rows);
        shell_of(
            &points,
            &uvs,
            &triangles,
            raise_m + thickness_m,
            thickness_m,
        )
    }

    /// The covering of the rows `0..n_rows` as a sheet that can be cut; it hangs on no skin.
    pub(crate) fn cloth(&self, n_rows: usize) -> Cloth {
        let points = self.points();
        let mut skin = Rows::new();
        points.iter().for_each(|_| skin.push([(0, 1.0)]));
        Cloth {
            anchor: points.clone(),
            rest: points.clone(),
            worn: points,
            skin,
            triangles: self.triangles(0..n_rows),
        }
    }

    /// Texture coordinates in metres: around, and down from the first row.
    pub(crate) fn uvs(&self, points: &[Vec3]) -> Vec<Vec2> {
        let mut down = vec![0.0; points.len()];
        for i in self.n_columns..points.len() {
            let above = i - self.n_columns;
            down[i] = down[above] + points[i].distance(points[above]);
        }
        (0..points.len())
            .map(|i| Vec2::new((i % self.n_columns) as f32 * 0.006, -down[i]))
            .collect()
    }
}
