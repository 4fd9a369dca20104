//! Cornrows: braids that lie on the scalp from the front hairline to the nape, take up the hair
//! beside them on their way and hang from there.

use bottega_geometry::math;
use glam::{Vec2, Vec3};
use rayon::prelude::*;

use super::{
    curl::{arc_length, frames},
    cut::Cut,
    field::SkinField,
    hairline::Hairline,
    root::Root,
    tie::plait,
    walk::{Course, Pull, walk},
};

/// Angle between rows around the head's length, in radians; about 18 mm on the scalp.
const SPACING_RAD: f32 = 0.2;
/// Rows on each side of the middle one.
const BESIDE: i32 = 5;
/// Radius of a braid, in metres.
const RADIUS_M: f32 = 0.0036;
/// Distance between points of a row, in metres.
const STEP_M: f32 = 0.004;
/// Share of the strands that go on to the end of their braid.
const TO_THE_END: f32 = 0.3;

/// One braid.
struct Row {
    /// Its middle, from the hairline to the free end.
    core: Vec<Vec3>,
    frames: Vec<(Vec3, Vec3)>,
    /// Number of points that lie on the scalp.
    n_on_scalp: usize,
}

/// All braids of a head.
pub(crate) struct Cornrows {
    rows: Vec<Row>,
    /// For each root, its row and the place on it where its strand joins.
    joins: Vec<(u16, u16)>,
}

impl Cornrows {
    /// Lays the rows on the scalp within `hairline` and joins every root to the nearest.
    pub(crate) fn new(cut: &Cut, hairline: &Hairline, field: &SkinField, roots: &[Root]) -> Self {
        let rows: Vec<Row> = (-BESIDE..=BESIDE)
            .filter_map(|k| Row::lay(cut, hairline, field, SPACING_RAD * k as f32))
            .collect();
        let joins = roots
            .par_iter()
            .map(|root| {
                let mut nearest = (f32::INFINITY, (0, 0));
                for (k, row) in rows.iter().enumerate() {
                    for (i, p) in row.core[..row.n_on_scalp].iter().enumerate() {
                        let d = p.distance_squared(root.position);
                        if d < nearest.0 {
                            nearest = (d, (k as u16, i as u16));
                        }
                    }
                }
                nearest.1
            })
            .collect();
        Self { rows, joins }
    }

    /// The path of one strand. `u` are four numbers in `[0, 1)`.
    pub(crate) fn path(&self, strand_idx: usize, root: &Root, u: [f32; 4], path: &mut Vec<Vec3>) {
        path.clear();
        path.push(root.position);
        let (row, join) = self.joins[strand_idx];
        let Some(row) = self.rows.get(usize::from(row)) else {
            // A head without rows keeps its hair short.
            path.push(root.position + root.normal * 0.003);
            return;
        };
        // Hair is drawn to the braid a little behind its root.
        let first = (usize::from(join) + 2).min(row.core.len() - 2);
        let last = if u[0] < TO_THE_END {
            row.core.len() - 1
        } else {
            (first + 10 + (14.0 * u[1]) as usize).min(row.n_on_scalp + 4)
        };
        let last = last.clamp(first + 1, row.core.len() - 1);
        let lifted = root.position + root.normal * 0.0012;
        let target = row.core[first];
        for t in [0.25, 0.6] {
            path.push(lifted.lerp(target, t) + root.normal * (0.0016 * t));
        }
        let which = ((3.0 * u[2]) as usize).min(2);
        let (sin, cos) = math::sin_cos(std::f32::consts::TAU * u[3]);
        let own = Vec2::new(cos, sin) * (0.45 * u[1].sqrt());
        for i in first..=last {
            let to_end = (row.core.len() - 1 - i) as f32 * STEP_M;
            // What ends on the way ends inside the braid, and free braids taper.
            let inside = if last < row.core.len() - 1 {
                math::lerp(0.3, 1.0, math::smoothstep(0.0, 4.0, (last - i) as f32))
            } else {
                1.0
            };
            let radius_m = RADIUS_M * inside * math::smoothstep(-0.02, 0.05, to_end);
            let at = plait(which, i as f32 * STEP_M / (5.0 * RADIUS_M)) + own;
            let (a, b) = row.frames[i];
            path.push(row.core[i] + (a * at.x + b * at.y) * radius_m);
        }
    }
}

impl Row {
    /// The row whose top lies at this angle from the middle of the head.
    fn lay(cut: &Cut, hairline: &Hairline, field: &SkinField, angle_rad: f32) -> Option<Self> {
        let (sin, cos) = math::sin_cos(angle_rad);
        let middle_dm = Vec3::new(0.0, 7.6, 0.45);
        let on_scalp = |direction_dm: Vec3| {
            let far = cut.frame.to_world(middle_dm + 2.5 * direction_dm);
            let hit = field.mesh().query(far, f32::INFINITY)?;
            let bears = 0.5 < hairline.density(cut.frame.to_template(hit.point));
            bears.then(|| hit.point + (far - hit.point).normalize_or(Vec3::Y) * (0.8 * RADIUS_M))
        };
        let top = Vec3::new(sin, cos, 0.0);
        let front = Vec3::new(0.25 * sin, -0.1, 1.0);
        let nape = Vec3::new(0.35 * sin, -0.62, -0.78);
        let arc = |to: Vec3, t: f32| (top * (1.0 - t) + to.normalize_or(top) * t).normalize_or(top);
        let mut core: Vec<Vec3> = (1..40)
            .map_while(|i| on_scalp(arc(front, i as f32 / 40.0)))
            .collect();
        core.reverse();
        core.extend((0..=60).map_while(|i| on_scalp(arc(nape, i as f32 / 60.0))));
        if core.len() < 8 {
            return None;
        }
        let n_points = (arc_length(&core) / STEP_M).ceil().max(4.0) as usize;
        let mut on_head = vec![Vec3::ZERO; n_points];
        super::curl::resample(&core, &mut on_head);
        let mut core = on_head;
        let n_on_scalp = core.len();
        let end = core[n_on_scalp - 1];
        let course = Course {
            root: end,
            direction: (end - core[n_on_scalp - 3]).normalize_or(Vec3::NEG_Y),
            length_m: (cut.axis_m() - 0.2).clamp(0.02, 0.4),
            hover_m: 0.006,
            hover_onset_m: 0.03,
            adhesion: 0.0,
            margin_m: 0.003,
        };
        let weight = |_: Vec3, _: Vec3, _: f32| Pull {
            toward: Vec3::NEG_Y,
            bend_m: 0.02,
            coat: 1.0,
            press: 1.0,
        };
        let mut hanging = Vec::new();
        walk(field, &course, weight, |p, _| p, |_| false, &mut hanging);
        let n_free = (course.length_m / STEP_M).ceil().max(2.0) as usize;
        let mut free = vec![Vec3::ZERO; n_free + 1];
        super::curl::resample(&hanging, &mut free);
        core.extend_from_slice(&free[1..]);
        let outward = field.sample(core[0]).1;
        Some(Self {
            frames: frames(&core, outward),
            core,
            n_on_scalp,
        })
    }
}
