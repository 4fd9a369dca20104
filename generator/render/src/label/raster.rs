//! Which pixels a thick line may touch. Conservative: never one too few.

use glam::{Vec2, Vec3};

use crate::scene::Camera;

/// Slack for rounding, in pixels.
const SLACK_PX: f32 = 0.01;

/// Nothing nearer to the camera's plane than this is projected, in metres.
const NEAR_M: f32 = 1e-3;

/// A line on the film with everything within a distance of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Band {
    ends: [Vec2; 2],
    reach_px: f32,
}

impl Band {
    /// The whole film, for what is too near to be projected.
    const EVERYWHERE: Self = Self {
        ends: [Vec2::ZERO; 2],
        reach_px: f32::INFINITY,
    };

    /// Where a segment shows; `None` behind the camera. Points are in camera space.
    pub(super) fn of_segment(camera: &Camera, ends: [Vec3; 2]) -> Option<Self> {
        let [mut a, mut b] = ends;
        if -NEAR_M < b.z {
            (a, b) = (b, a);
        }
        if -NEAR_M < b.z {
            return None;
        }
        // Cut off what is behind the near plane.
        if -NEAR_M < a.z {
            a += (b - a) * ((-NEAR_M - a.z) / (b.z - a.z));
            a.z = -NEAR_M;
        }
        let ends = [camera.film_from_camera(a)?, camera.film_from_camera(b)?];
        Some(Self {
            ends,
            reach_px: SLACK_PX,
        })
    }

    /// Where a piece of fibre shows; `None` behind the camera. Points are in camera space.
    ///
    /// A point within `r` of a centre at depth `z` and film slope `q` is seen within
    /// `f r sqrt(1 + q^2) / (z - r)` of it.
    pub(super) fn of_piece(camera: &Camera, ends: [Vec3; 2], radius_m: f32) -> Option<Self> {
        let nearest_m = -ends[0].z.max(ends[1].z) - radius_m;
        if nearest_m < NEAR_M {
            let behind = ends.iter().all(|end| radius_m < end.z);
            return (!behind).then_some(Self::EVERYWHERE);
        }
        let slope = ends.map(|end| end.truncate().abs().max_element() / -end.z);
        let slope = slope[0].max(slope[1]);
        let size = camera.focal_px.max_element() * radius_m / nearest_m;
        Some(Self {
            ends: [
                camera.film_from_camera(ends[0])?,
                camera.film_from_camera(ends[1])?,
            ],
            reach_px: size * (1.0 + slope * slope).sqrt() + SLACK_PX,
        })
    }

    /// Where a triangle shows; `None` behind the camera. Points are in camera space.
    ///
    /// Every point of a triangle is as near to its longest side as the corner across from it.
    pub(super) fn of_triangle(camera: &Camera, corners: [Vec3; 3]) -> Option<Self> {
        if corners.iter().all(|corner| -NEAR_M < corner.z) {
            return None;
        }
        if corners.iter().any(|corner| -NEAR_M < corner.z) {
            return Some(Self::EVERYWHERE);
        }
        let [a, b, c] = [
            camera.film_from_camera(corners[0])?,
            camera.film_from_camera(corners[1])?,
            camera.film_from_camera(corners[2])?,
        ];
        let sides = [[a, b, c], [b, c, a], [c, a, b]];
        let [a, b, c] = (sides.into_iter())
            .max_by(|x, y| x[0].distance(x[1]).total_cmp(&y[0].distance(y[1])))?;
        let along = (b - a).normalize_or_zero();
        Some(Self {
            ends: [a, b],
            reach_px: (c - a).perp_dot(along).abs() + SLACK_PX,
        })
    }

    /// First and last film row touched, clamped to `0..n_rows`; `None` outside.
    pub(super) fn rows(&self, n_rows: u32) -> Option<(u32, u32)> {
        let [a, b] = self.ends;
        clamped(
            a.y.min(b.y) - self.reach_px,
            a.y.max(b.y) + self.reach_px,
            n_rows,
        )
    }

    /// First and last column touched in a row, clamped to `0..n_columns`; `None` outside.
    pub(super) fn columns(&self, row: u32, n_columns: u32) -> Option<(u32, u32)> {
        let [a, b] = self.ends;
        let reach = self.reach_px;
        let (mut x_a, mut x_b) = (a.x, b.x);
        let rise = b.y - a.y;
        // Keep the part of the line that is within reach of the row.
        if 1e-6 < rise.abs() {
            let at = |y: f32| ((y - a.y) / rise).clamp(0.0, 1.0);
            let (low, high) = (row as f32 - reach, (row + 1) as f32 + reach);
            (x_a, x_b) = (a.x + at(low) * (b.x - a.x), a.x + at(high) * (b.x - a.x));
        }
        let slack = SLACK_PX;
        clamped(
            x_a.min(x_b) - reach - slack,
            x_a.max(x_b) + reach + slack,
            n_columns,
        )
    }
}

/// Indices of the unit cells that `[low, high]` touches, within `0..n`.
fn clamped(low: f32, high: f32, n: u32) -> Option<(u32, u32)> {
    if n == 0 || high < 0.0 || n as f32 <= low || low.is_nan() || high.is_nan() {
        return None;
    }
    let first = low.max(0.0) as u32;
    let last = (high as u32).min(n - 1);
    Some((first, last))
}
