//! Where scalp hair grows: the front hairline, the nape, and what age takes.
//!
//! All coordinates are template decimetres.

use bottega_geometry::math;
use bottega_schemas::params::ScalpHairParams;
use glam::{Vec2, Vec3};

/// Front limit: greatest `z` with hair at each `y`, from the sideburn up to the forehead.
const FRONT: [[f32; 2]; 10] = [
    [6.90, 0.60],
    [7.00, 0.66],
    [7.20, 0.72],
    [7.35, 0.80],
    [7.50, 0.88],
    [7.70, 0.95],
    [7.90, 1.05],
    [8.05, 1.20],
    [8.15, 1.34],
    [8.30, 2.00],
];

/// Lower limit: smallest `y` with hair at each `z`, from the nape to behind the ear.
const NAPE: [[f32; 2]; 5] = [
    [-0.5, 6.95],
    [0.1, 6.90],
    [0.3, 6.95],
    [0.45, 7.02],
    [0.7, 7.02],
];

/// Half width of the fringe of thinning hair along the hairline, in decimetres.
const SOFTNESS_DM: f32 = 0.07;
/// How far the front lies below the polyline, in decimetres: a forehead is as high as the nose is
/// long, about 62 mm from brow to hair (Farkas 1994).
const LOWERED_DM: f32 = 0.12;

/// The hairline of one person.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hairline {
    /// Forward shift of the front, in decimetres.
    shift_dm: f32,
    /// Recession of the temples, in decimetres.
    temples_dm: f32,
    /// Loss at the crown, in `[0, 1]`.
    crown: f32,
    /// Phase of the irregularities.
    phase: f32,
}

impl Hairline {
    /// The hairline that the parameters ask for; `phase` in `[0, 1)` varies its irregularities.
    pub fn new(params: &ScalpHairParams, phase: f32) -> Self {
        let thinning = params.thinning.clamp(0.0, 1.0);
        Self {
            shift_dm: 0.1 * params.hairline.clamp(-1.0, 1.0) - 0.06 * thinning,
            temples_dm: 0.10 * (-params.hairline).clamp(0.0, 1.0) + 0.26 * thinning,
            crown: thinning,
            phase: phase * std::f32::consts::TAU,
        }
    }

    /// Share of follicles with hair at a point of the scalp, ears not considered.
    pub fn density(&self, p_dm: Vec3) -> f32 {
        // Low waves and finer ones keep the line from looking drawn with a ruler.
        let wobble = 0.025 * math::sin(9.0 * p_dm.x + 3.0 * p_dm.y + self.phase)
            + 0.014 * math::sin(31.0 * p_dm.x - 17.0 * p_dm.y + 2.3 * self.phase);
        let temple = (p_dm.x.abs() - 0.42) / 0.16;
        let recession =
            self.temples_dm * math::exp(-temple * temple) * math::smoothstep(7.45, 7.8, p_dm.y);
        let front = polyline(&FRONT, p_dm.y + LOWERED_DM) + self.shift_dm - recession + wobble;
        let nape = polyline(&NAPE, p_dm.z) + 0.6 * wobble;
        let edge = |x: f32| math::smoothstep(-SOFTNESS_DM, SOFTNESS_DM, x);
        // The nape thins out over a finger's breadth.
        let line = edge(front - p_dm.z) * math::smoothstep(-0.05, 0.16, p_dm.y - nape);

        let off_crown = Vec2::new(p_dm.x, 0.8 * (p_dm.z - 0.05)).length();
        let bald = self.crown
            * math::smoothstep(8.0, 8.2, p_dm.y)
            * (1.0
                - math::smoothstep(0.15 + 0.25 * self.crown, 0.45 + 0.3 * self.crown, off_crown));
        line * (1.0 - 0.92 * bald)
    }
}

/// Piecewise linear interpolation; constant beyond the ends.
pub(crate) fn polyline(points: &[[f32; 2]], x: f32) -> f32 {
    if x <= points[0][0] {
        return points[0][1];
    }
    for pair in points.windows(2) {
        let ([x0, y0], [x1, y1]) = (pair[0], pair[1]);
        if x < x1 {
            return math::lerp(y0, y1, (x - x0) / (x1 - x0));
        }
    }
    points[points.len() - 1][1]
}
