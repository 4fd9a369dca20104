//! What coverings do to the hair below: it is pressed flat, and comes out below the rim.
//!
//! A press maps space: along each ray from the middle of the head, heights over the skin are drawn
//! in below a ceiling. Where nothing presses the map is the identity, and it is smooth in between,
//! so strands stay smooth.

use std::f32::consts::TAU;

use bottega_geometry::{StrandSet, math};
use glam::Vec3;

use super::{fan::Fan, head::Head};

/// Strands are kept this far below the inner side of a covering, in metres.
const GAP_M: f32 = 0.0012;

/// Least room of hair between skin and covering, in metres.
const LEAST_ROOM_M: f32 = 0.0008;

/// Room for hair gained per metre away from the rim.
const FLARE: f32 = 0.9;

/// Hair farther than this from the rim is not pressed, in metres.
const REACH_M: f32 = 0.075;

/// A ceiling over the hair of one head.
#[derive(Clone, Debug)]
pub(crate) struct Press {
    origin: Vec3,
    up: Vec3,
    left: Vec3,
    front: Vec3,
    n_rows: usize,
    n_columns: usize,
    theta_max: f32,
    /// Height of the skin along each ray.
    floor_m: Vec<f32>,
    /// Height under which hair stays; infinite where it is free.
    ceiling_m: Vec<f32>,
    /// Whether a closed shell hides what is there.
    hides: Vec<bool>,
}

/// Rays of one origin from the crown down to `theta_max`, about the axis `up`.
pub(crate) struct Dome {
    /// Where all rays start.
    pub(crate) origin: Vec3,
    /// Unit axis toward the crown.
    pub(crate) up: Vec3,
    /// Unit axis to the person's left.
    pub(crate) left: Vec3,
    /// Unit axis to the front.
    pub(crate) front: Vec3,
    /// Angle from the axis of the last row, in radians.
    pub(crate) theta_max: f32,
    /// Rays down.
    pub(crate) n_rows: usize,
    /// Rays around.
    pub(crate) n_columns: usize,
}

impl Dome {
    /// A dome about an axis in the middle plane of the head.
    pub(crate) fn new(origin: Vec3, up: Vec3, theta_max: f32, size: [usize; 2]) -> Self {
        let left = Vec3::X;
        Self {
            origin,
            up,
            left,
            front: left.cross(up),
            theta_max,
            n_rows: size[0],
            n_columns: size[1],
        }
    }

    /// Direction at angles around and from the axis, in radians.
    pub(crate) fn direction(&self, phi: f32, theta: f32) -> Vec3 {
        let d = super::fan::spherical(phi, theta);
        self.left * d.x + self.up * d.y + self.front * d.z
    }

    /// Angle of a row from the axis.
    pub(crate) fn theta(&self, row: usize) -> f32 {
        self.theta_max * row as f32 / (self.n_rows - 1) as f32
    }

    /// The fan of its rays.
    pub(crate) fn fan(&self) -> Fan {
        Fan::new(self.n_rows, self.n_columns, true, |row, column| {
            let phi = TAU * column as f32 / self.n_columns as f32;
            (self.origin, self.direction(phi, self.theta(row)))
        })
    }

    /// The press of a covering whose inner side is the fan's height where `covers`.
    pub(crate) fn press(&self, fan: &Fan, covers: impl Fn(usize) -> bool, hides: bool) -> Press {
        let covered: Vec<bool> = (0..fan.origins.len()).map(covers).collect();
        let mut ceiling_m = vec![f32::INFINITY; covered.len()];
        // Distance from what is covered, over the grid: two sweeps down and up, and around.
        let points: Vec<Vec3> = (0..covered.len())
            .map(|i| fan.point(i, fan.floor_m[i]))
            .collect();
        let mut away_m: Vec<f32> = covered
            .iter()
            .map(|c| if *c { 0.0 } else { f32::INFINITY })
            .collect();
        let mut room_m: Vec<f32> = (0..covered.len())
            .map(|i| (fan.height_m[i] - fan.floor_m[i] - GAP_M).max(LEAST_ROOM_M))
            .collect();
        for _ in 0..3 {
            for sweep in 0..4 {
                for k in 0..covered.len() {
                    let i = if sweep % 2 == 0 {
                        k
                    } else {
                        covered.len() - 1 - k
                    };
                    let (row, column) = (i / self.n_columns, i % self.n_columns);
                    let from = match sweep {
                        0 if 0 < row => i - self.n_columns,
                        1 if row + 1 < self.n_rows => i + self.n_columns,
                        2 => fan.at(row, column + self.n_columns - 1),
                        3 => fan.at(row, column + 1),
                        _ => continue,
                    };
                    let there_m = away_m[from] + points[i].distance(points[from]);
                    if there_m < away_m[i] {
                        away_m[i] = there_m;
                        room_m[i] = room_m[from];
                    }
                }
            }
        }
        for i in 0..covered.len() {
            if covered[i] {
                ceiling_m[i] = fan.floor_m[i] + room_m[i];
            } else if away_m[i] < REACH_M {
                let free = math::smoothstep(0.5 * REACH_M, REACH_M, away_m[i]);
                let wide_m = room_m[i] + FLARE * away_m[i];
                ceiling_m[i] = fan.floor_m[i] + wide_m / (1.0 - free).max(1e-3);
            }
        }
        Press {
            origin: self.origin,
            up: self.up,
            left: self.left,
            front: self.front,
            n_rows: self.n_rows,
            n_columns: self.n_columns,
            theta_max: self.theta_max,
            floor_m: fan.floor_m.clone(),
            ceiling_m,
            hides: covered.iter().map(|c| *c && hides).collect(),
        }
    }
}

impl Press {
    /// Row, column and remainders of a point of head space, and its distance from the middle.
    fn locate(&self, p: Vec3) -> Option<(usize, usize, f32, f32, f32)> {
        let d = p - self.origin;
        let r = d.length();
        if !(1e-4..=0.5).contains(&r) {
            return None;
        }
        let theta = math::acos(d.dot(self.up) / r);
        let row = theta / self.theta_max * (self.n_rows - 1) as f32;
        if (self.n_rows - 1) as f32 <= row {
            return None;
        }
        let phi = math::atan2(d.dot(self.left), d.dot(self.front));
        let phi = if phi < 0.0 { phi + TAU } else { phi };
        let column = phi / TAU * self.n_columns as f32;
        let (i, j) = (row as usize, column as usize % self.n_columns);
        Some((i, j, row - i as f32, column.fract(), r))
    }

    fn blend(&self, values: &[f32], (i, j, t, s): (usize, usize, f32, f32)) -> f32 {
        let at = |row: usize, column: usize| values[row * self.n_columns + column % self.n_columns];
        let (a, b) = (at(i, j), at(i, j + 1));
        let (c, d) = (at(i + 1, j), at(i + 1, j + 1));
        (a * (1.0 - s) + b * s) * (1.0 - t) + (c * (1.0 - s) + d * s) * t
    }

    /// Where a point of head space goes.
    pub(crate) fn map(&self, p: Vec3) -> Vec3 {
        let Some((i, j, t, s, r)) = self.locate(p) else {
            return p;
        };
        let ceiling_m = self.blend(&self.ceiling_m, (i, j, t, s));
        if !ceiling_m.is_finite() {
            return p;
        }
        let floor_m = self.blend(&self.floor_m, (i, j, t, s));
        let (h, room_m) = (r - floor_m, ceiling_m - floor_m);
        if h <= 0.0 {
            return p;
        }
        let share = h / room_m;
        let pressed = h / (1.0 + share * share).sqrt();
        self.origin + (p - self.origin) * ((floor_m + pressed) / r)
    }

    /// Whether a closed shell hides a point of head space for certain, all around it.
    fn is_hidden(&self, p: Vec3) -> bool {
        let Some((i, j, _, _, _)) = self.locate(p) else {
            return false;
        };
        let at = |row: usize, column: usize| {
            self.hides[row.min(self.n_rows - 1) * self.n_columns + column % self.n_columns]
        };
        (0..=3).all(|k| at(i + k, j) && at(i + k, j + 1))
    }

    /// How far a point of head space lies above the ceiling where hair is covered; negative below.
    #[cfg(test)]
    pub(crate) fn above_m(&self, p: Vec3) -> Option<f32> {
        let (i, j, t, s, r) = self.locate(p)?;
        let at =
            |row: usize, column: usize| self.hides[row * self.n_columns + column % self.n_columns];
        let inside = at(i, j) && at(i + 1, j) && at(i, j + 1) && at(i + 1, j + 1);
        inside.then(|| r - GAP_M - self.blend(&self.ceiling_m, (i, j, t, s)))
    }

    /// Presses strands of the world; those that are hidden from root to tip are left out.
    pub(crate) fn strands(&self, head: &Head, strands: &StrandSet) -> StrandSet {
        let mut pressed = StrandSet::default();
        let mut points = Vec::new();
        for k in 0..strands.len() {
            points.clear();
            points.extend(strands.strand(k).iter().map(|p| self.map(head.to_head(*p))));
            if points.iter().all(|p| self.is_hidden(*p)) {
                continue;
            }
            points.iter_mut().for_each(|p| *p = head.to_world(*p));
            pressed.push(&points, strands.strand_radii(k), strands.palette[k]);
        }
        pressed
    }
}
