//! How a top hangs: it falls from chest, belly and seat instead of following the body into every
//! hollow, and below the crotch it goes on as one tube where the body divides into legs.

use std::f32::consts::TAU;

use bottega_geometry::math;
use glam::Vec2;

use super::{
    cloth::{Cloth, border_loops},
    region::{Landmarks, Place},
};

/// Distance of the rows of the tube from each other, in metres.
const ROW_M: f32 = 0.012;
/// Angles around the trunk and the height of one row of the hull, in metres.
const N_ANGLES: usize = 72;
const HULL_ROW_M: f32 = 0.012;
/// Share of the trunk over which the cloth follows the body again.
const FREE: [f32; 2] = [0.60, 0.80];

/// The shell of a top that ends at `hem_y`: cut off above the crotch where it would divide, and
/// continued straight down from there.
pub(crate) fn tail(marks: &Landmarks, shell: &Cloth, hem_y: f32) -> Cloth {
    let from_y = marks.crotch_y + 0.035;
    if from_y <= hem_y {
        return shell.clone();
    }
    let places = marks.places(shell);
    let field: Vec<f32> = places.iter().map(|p| marks.above(p, from_y)).collect();
    let mut cloth = shell.clip(&field);
    let ring = border_loops(&cloth.triangles).into_iter().find(|ring| {
        let off = |v: &u32| (cloth.anchor[*v as usize].y - from_y).abs();
        8 <= ring.len() && ring.iter().all(|v| off(v) < 0.004)
    });
    let Some(ring) = ring else {
        return shell.clone();
    };
    let n_rows = ((from_y - hem_y + 0.02) / ROW_M).ceil() as u32;
    let half_m = 0.5 * (marks.legs[0][0].x - marks.legs[1][0].x).abs().max(0.05);
    let first = cloth.len() as u32;
    for row in 1..=n_rows {
        let down_m = ROW_M * row as f32;
        // Further down the cloth goes with the legs, each side with its own.
        let with_legs = 0.6 * math::smoothstep(0.0, 0.25, down_m);
        for &v in &ring {
            let v = v as usize;
            let mut anchor = cloth.anchor[v];
            let mut rest = cloth.rest[v];
            anchor.y -= down_m;
            rest.y -= down_m;
            let left = math::smoothstep(-half_m, half_m, anchor.x);
            let mut skin: Vec<(u32, f32)> = cloth
                .skin
                .row(v)
                .iter()
                .map(|&(bone, w)| (bone, w * (1.0 - with_legs)))
                .collect();
            for (thigh, share) in marks.thigh_bones.iter().zip([left, 1.0 - left]) {
                skin.push((*thigh as u32, with_legs * share));
            }
            cloth.anchor.push(anchor);
            cloth.rest.push(rest);
            cloth.worn.push(rest);
            cloth.skin.push(skin);
        }
    }
    let n = ring.len() as u32;
    let at = |row: u32, k: u32| match row {
        0 => ring[(k % n) as usize],
        _ => first + (row - 1) * n + k % n,
    };
    for row in 0..n_rows {
        for k in 0..n {
            // The cloth above runs from k to k + 1 along its border, so what hangs on it runs back.
            let (a, b) = (at(row, k), at(row, k + 1));
            let (c, d) = (at(row + 1, k), at(row + 1, k + 1));
            cloth.triangles.extend([[b, a, c], [b, c, d]]);
        }
    }
    cloth
}

/// Radii around the vertical axis of the trunk, by height and angle.
struct Hull {
    low_y: f32,
    axis_z: f32,
    rows: Vec<[f32; N_ANGLES]>,
}

impl Hull {
    /// Row and angle of a place, as positions between the samples.
    fn polar(&self, p: glam::Vec3) -> (f32, f32, f32) {
        let (x, z) = (p.x, p.z - self.axis_z);
        let turn = math::atan2(x, z) / TAU;
        let angle = (turn - turn.floor()) * N_ANGLES as f32;
        let row = (p.y - self.low_y) / HULL_ROW_M;
        (row, angle, (x * x + z * z).sqrt())
    }

    fn at(&self, row: f32, angle: f32) -> f32 {
        let row = row.clamp(0.0, (self.rows.len() - 1) as f32);
        let (r0, a0) = (row.floor() as usize, angle.floor() as usize);
        let r1 = (r0 + 1).min(self.rows.len() - 1);
        let (a0, a1) = (a0 % N_ANGLES, (a0 + 1) % N_ANGLES);
        let (t, s) = (row - row.floor(), angle - angle.floor());
        let of = |r: usize| math::lerp(self.rows[r][a0], self.rows[r][a1], s);
        math::lerp(of(r0), of(r1), t)
    }
}

/// Moves the trunk of a top out to where it hangs. `loose` is 0 for a close fit, 1 for a wide one.
pub(crate) fn hang(marks: &Landmarks, places: &[Place], loose: f32, cloth: &mut Cloth) {
    let (free_y, fixed_y) = (marks.trunk_y(FREE[0]), marks.trunk_y(FREE[1]));
    let on_trunk = |v: usize| {
        let p = &places[v];
        p.arm[0] + p.arm[1] < 0.3 && cloth.rest[v].y < fixed_y
    };
    let members: Vec<usize> = (0..cloth.len()).filter(|&v| on_trunk(v)).collect();
    if members.is_empty() {
        return;
    }
    let low_y = members
        .iter()
        .fold(f32::MAX, |low, &v| low.min(cloth.rest[v].y));
    let sum_z: f32 = members.iter().map(|&v| cloth.rest[v].z).sum();
    let n_rows = ((fixed_y - low_y) / HULL_ROW_M).ceil() as usize + 1;
    let mut body = Hull {
        low_y,
        axis_z: sum_z / members.len() as f32,
        rows: vec![[0.0; N_ANGLES]; n_rows],
    };
    for &v in &members {
        let (row, angle, radius_m) = body.polar(cloth.rest[v]);
        let (row, angle) = (row as usize, angle as usize % N_ANGLES);
        let slot = &mut body.rows[row.min(n_rows - 1)][angle];
        *slot = slot.max(radius_m);
    }
    body.rows.iter_mut().for_each(fill);

    // From above: cloth falls back only at a slope, and spans hollows.
    let fall = math::lerp(0.34, 0.10, loose) * HULL_ROW_M;
    let spanned = math::lerp(0.55, 0.9, loose);
    let mut hung = body.rows.clone();
    for row in (0..n_rows).rev() {
        let convex = convex(&hung[row]);
        for k in 0..N_ANGLES {
            let spans = math::lerp(hung[row][k], convex[k], spanned);
            let from_above = hung.get(row + 1).map_or(0.0, |above| above[k] - fall);
            hung[row][k] = spans.max(from_above);
        }
    }
    let mut rise = Hull {
        rows: Vec::with_capacity(n_rows),
        ..body
    };
    for (hung, own) in hung.iter().zip(&body.rows) {
        rise.rows
            .push(std::array::from_fn(|k| (hung[k] - own[k]).max(0.0)));
    }
    for _round in 0..4 {
        blur(&mut rise.rows);
    }
    let low = |y: f32| math::smoothstep(marks.trunk_y(0.45), marks.trunk_y(0.2), y);
    for v in members {
        let (row, angle, radius_m) = rise.polar(cloth.rest[v]);
        let p = &places[v];
        let arm = math::smoothstep(0.3, 0.05, p.arm[0] + p.arm[1]);
        let free = math::smoothstep(fixed_y, free_y, cloth.rest[v].y) * arm;
        let out = Vec2::new(cloth.rest[v].x, cloth.rest[v].z - rise.axis_z) / radius_m.max(0.02);
        let rise_m = free * rise.at(row, angle);
        // Under a belly the shell dips; cloth that hangs does not.
        cloth.rest[v].y += free * low(cloth.rest[v].y) * (cloth.anchor[v].y - cloth.rest[v].y);
        cloth.rest[v].x += out.x * rise_m;
        cloth.rest[v].z += out.y * rise_m;
    }
}

/// Fills angles without a vertex from their neighbours.
fn fill(row: &mut [f32; N_ANGLES]) {
    if row.iter().all(|r| *r == 0.0) {
        return;
    }
    let before = *row;
    for k in 0..N_ANGLES {
        if before[k] == 0.0 {
            let found = |step: usize| {
                (1..N_ANGLES)
                    .map(|d| (d, before[(k + step * d) % N_ANGLES]))
                    .find(|(_, r)| 0.0 < *r)
            };
            let ahead = found(1).unwrap_or((1, 0.0));
            let behind = found(N_ANGLES - 1).unwrap_or(ahead);
            let (d0, d1) = (behind.0 as f32, ahead.0 as f32);
            row[k] = (behind.1 * d1 + ahead.1 * d0) / (d0 + d1);
        }
    }
}

/// Radii of the convex hull of a section.
fn convex(row: &[f32; N_ANGLES]) -> [f32; N_ANGLES] {
    let corner = |k: usize, r: f32| {
        let (sin, cos) = math::sin_cos(TAU * (k as f32 + 0.5) / N_ANGLES as f32);
        Vec2::new(cos, sin) * r
    };
    let mut out = *row;
    for (k, radius_m) in out.iter_mut().enumerate() {
        let ray = corner(k, 1.0);
        // Chords between any two points on either side, up to half a turn apart.
        for before in 1..N_ANGLES / 2 {
            let a = (k + N_ANGLES - before) % N_ANGLES;
            let pa = corner(a, row[a]);
            for after in 1..(N_ANGLES / 2 - before) {
                let b = (k + after) % N_ANGLES;
                let pb = corner(b, row[b]);
                let along = pb - pa;
                let across = ray.perp_dot(along);
                if across.abs() < 1e-7 {
                    continue;
                }
                let reach = pa.perp_dot(along) / across;
                *radius_m = radius_m.max(reach);
            }
        }
    }
    out
}

/// One binomial step in both directions; rows end, angles go around.
fn blur(rows: &mut [[f32; N_ANGLES]]) {
    for row in rows.iter_mut() {
        let before = *row;
        for k in 0..N_ANGLES {
            let (a, b) = ((k + N_ANGLES - 1) % N_ANGLES, (k + 1) % N_ANGLES);
            row[k] = 0.25 * before[a] + 0.5 * before[k] + 0.25 * before[b];
        }
    }
    let before = rows.to_vec();
    for r in 0..rows.len() {
        let (low, high) = (
            &before[r.saturating_sub(1)],
            &before[(r + 1).min(before.len() - 1)],
        );
        for k in 0..N_ANGLES {
            rows[r][k] = 0.25 * low[k] + 0.5 * before[r][k] + 0.25 * high[k];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hull_of_a_section_spans_its_hollows_and_keeps_its_corners() {
        let mut row = [0.2; N_ANGLES];
        row[10] = 0.1;
        let hull = convex(&row);
        let chord = 0.2 * math::cos(TAU / N_ANGLES as f32);
        assert!((hull[10] - chord).abs() < 1e-4, "{}", hull[10]);
        assert!((hull[40] - 0.2).abs() < 1e-4, "{}", hull[40]);
    }

    #[test]
    fn angles_without_a_vertex_lie_between_their_neighbours() {
        let mut row = [0.0; N_ANGLES];
        row[0] = 0.1;
        row[4] = 0.3;
        fill(&mut row);
        assert!((row[2] - 0.2).abs() < 1e-6);
        assert!(row.iter().all(|r| (0.1..=0.3).contains(r)));
    }
}
