//! Collars: sheets that rise from the neckline and fold over.
//!
//! A collar is a profile swept around the neckline. It moves as the neckline under it does, keeps
//! off the neck, and its folded leaf lies on the shirt.

use std::f32::consts::{PI, TAU};

use bottega_geometry::{TriMesh, closest_point::ClosestPoint, math};
use bottega_schemas::part::Part;
use glam::{Vec2, Vec3};

use super::{
    cloth::{Cloth, Neighbours, border_loops, vertex_normals},
    drape::push,
    finish::{Sheet, thicken},
    fitting::Fitting,
    shell::Rows,
};
use crate::person::SurfacePart;

/// Which collar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Collar {
    /// Stand and leaf with two points in front.
    Shirt,
    /// High tube, folded over once.
    Roll,
}

/// Points around the neck.
const N_AROUND: usize = 72;

/// Makes a collar on the neckline of a worn top.
pub(crate) fn make(
    fitting: &Fitting<'_>,
    collar: Collar,
    top: &Cloth,
    outer: &ClosestPoint,
) -> Option<SurfacePart> {
    let ring = neckline(fitting, top)?;
    let open = collar == Collar::Shirt;
    // A shirt's collar stops short of the middle in front; angles run from front over the left.
    let gap_rad: f32 = if open { 0.055 } else { 0.0 };
    let n_columns = if open { N_AROUND + 1 } else { N_AROUND };
    let axis = fitting.marks.neck_axis;
    let mut sheet = Cloth {
        anchor: Vec::new(),
        rest: Vec::new(),
        worn: Vec::new(),
        skin: Rows::new(),
        triangles: Vec::new(),
    };
    let mut leaf = Vec::new();
    let n_rows = profile(collar, 0.0, 0.0).len();
    for column in 0..n_columns {
        let share = column as f32 / N_AROUND as f32;
        let angle = gap_rad + share * (TAU - 2.0 * gap_rad);
        let (base, vertex) = at_angle(&ring, angle);
        let outward = base - fitting.marks.neck - axis * (base - fitting.marks.neck).dot(axis);
        let outward = outward.normalize_or(Vec3::Z);
        let front = 0.5 + 0.5 * math::cos(angle);
        for (out_m, up_m, folded) in profile(collar, front, fitting.marks.throat_m) {
            sheet.anchor.push(base + axis * up_m);
            sheet.rest.push(base + outward * out_m + axis * up_m);
            sheet.skin.push_sorted(top.skin.row(vertex as usize));
            leaf.push(folded);
        }
    }
    let n_strips = if open { n_columns - 1 } else { n_columns };
    for column in 0..n_strips {
        let (left, right) = (column * n_rows, (column + 1) % n_columns * n_rows);
        for row in 0..n_rows - 1 {
            let [a, b] = [left + row, right + row].map(|v| v as u32);
            let [c, d] = [a + 1, b + 1];
            sheet.triangles.extend([[a, b, d], [a, d, c]]);
        }
    }
    sheet.worn = super::drape::pose(&sheet, fitting.maps);
    settle(fitting, collar, &mut sheet, &leaf, outer);
    let normals = vertex_normals(&sheet.worn, &sheet.triangles);
    let uvs: Vec<Vec2> = (0..sheet.len())
        .map(|v| Vec2::new((v / n_rows) as f32 * 0.006, (v % n_rows) as f32 * 0.006))
        .collect();
    let finish = Sheet {
        points: &sheet.worn,
        rest: &sheet.rest,
        uvs: &uvs,
        normals: &normals,
        triangles: &sheet.triangles,
    };
    let thickness_m = if open { 0.0012 } else { 0.0022 };
    Some(SurfacePart {
        part: Part::Top,
        variant: "collar",
        mesh: thicken(&finish, 0.5 * thickness_m, thickness_m),
    })
}

/// The collar's section from the neckline up and over: distance outward and up from the neckline
/// in metres, and whether the point belongs to the folded leaf. `front` is 1 in front, 0
/// behind; `throat_m` is the height of the neck that is free in front.
fn profile(collar: Collar, front: f32, throat_m: f32) -> Vec<(f32, f32, bool)> {
    let mut points = Vec::new();
    match collar {
        Collar::Shirt => {
            let stand_m = 0.026 - 0.006 * front;
            for k in 0..=5 {
                let t = k as f32 / 5.0;
                points.push((-0.013 * t, -0.004 + (stand_m + 0.004) * t, false));
            }
            // The leaf ends in points: longest a little off the middle in front.
            let leaf_m = 0.034 + 0.024 * math::smoothstep(0.72, 0.985, front);
            for k in 1..=8 {
                let t = k as f32 / 8.0;
                let turn = math::smoothstep(0.0, 0.2, t);
                points.push((
                    -0.010 + 0.010 * turn + 0.026 * t,
                    stand_m + 0.002 - leaf_m * t,
                    true,
                ));
            }
        }
        Collar::Roll => {
            let stand_m = (0.55 * throat_m).clamp(0.020, 0.046) * (1.1 - 0.3 * front);
            for k in 0..=8 {
                let t = k as f32 / 8.0;
                points.push((-0.012 * t, -0.006 + (stand_m + 0.006) * t, false));
            }
            for k in 0..=3 {
                let (sin, cos) = math::sin_cos(PI * k as f32 / 3.0);
                points.push((-0.012 + 0.0035 * (1.0 - cos), stand_m + 0.003 * sin, true));
            }
            for k in 1..=6 {
                let t = k as f32 / 6.0;
                points.push((-0.005 + 0.010 * t, stand_m - (stand_m - 0.012) * t, true));
            }
        }
    }
    points
}

/// Pushes the collar out of the neck, lays its leaf on what is below and smooths it.
fn settle(
    fitting: &Fitting<'_>,
    collar: Collar,
    sheet: &mut Cloth,
    leaf: &[bool],
    outer: &ClosestPoint,
) {
    let neighbours = Neighbours::of(sheet.len(), &sheet.triangles);
    let leaf_gap_m = if collar == Collar::Roll {
        0.0095
    } else {
        0.0065
    };
    let mut seen = Vec::new();
    for round in 0..4 {
        let mut points = std::mem::take(&mut sheet.worn);
        fitting.skin.push_out(
            sheet,
            &mut points,
            |v| if leaf[v] { leaf_gap_m } else { 0.004 },
            &mut seen,
        );
        for (p, folded) in points.iter_mut().zip(leaf) {
            if *folded {
                *p += push(outer, *p, 0.0042);
            }
        }
        if round < 3 {
            neighbours.smooth(
                &mut points,
                |v| if neighbours.border[v] { 0.15 } else { 0.45 },
            );
        }
        sheet.worn = points;
    }
}

/// The triangles of a collar that face away from the neck, whose posed direction is `axis`, or up
/// along it.
pub(crate) fn outer_side(collar: &TriMesh, axis: Vec3) -> ClosestPoint {
    let n = collar.positions.len().max(1) as f32;
    let center = collar.positions.iter().sum::<Vec3>() / n;
    let triangles: Vec<[u32; 3]> = collar
        .triangles
        .iter()
        .filter(|t| {
            let [a, b, c] = t.map(|v| collar.positions[v as usize]);
            let outward = ((a + b + c) / 3.0 - center).reject_from(axis);
            let normal = (b - a).cross(c - a).normalize_or_zero();
            0.1 < normal.dot(outward.normalize_or_zero() + axis)
        })
        .copied()
        .collect();
    ClosestPoint::build(&collar.positions, &triangles)
}

/// The neckline as (angle around the neck from the front over the left, vertex), angles ascending.
fn neckline(fitting: &Fitting<'_>, top: &Cloth) -> Option<Vec<(f32, u32, Vec3)>> {
    let neck = fitting.marks.neck;
    let ring = border_loops(&top.triangles).into_iter().min_by(|a, b| {
        let far = |ring: &[u32]| {
            let sum: Vec3 = ring.iter().map(|&v| top.anchor[v as usize]).sum();
            (sum / ring.len() as f32).distance(neck)
        };
        far(a).total_cmp(&far(b))
    })?;
    let mut ring: Vec<(f32, u32, Vec3)> = ring
        .iter()
        .map(|&v| {
            let p = top.rest[v as usize];
            let d = p - neck;
            let angle = math::atan2(d.x, d.z);
            (if angle < 0.0 { angle + TAU } else { angle }, v, p)
        })
        .collect();
    ring.sort_by(|a, b| a.0.total_cmp(&b.0));
    (8 <= ring.len()).then_some(ring)
}

/// The point of the neckline at an angle, and the vertex nearest to it.
fn at_angle(ring: &[(f32, u32, Vec3)], angle: f32) -> (Vec3, u32) {
    let after = ring.partition_point(|(a, _, _)| *a < angle) % ring.len();
    let before = (after + ring.len() - 1) % ring.len();
    let (a0, v0, p0) = ring[before];
    let (a1, v1, p1) = ring[after];
    let span = (a1 - a0).rem_euclid(TAU).max(1e-6);
    let t = ((angle - a0).rem_euclid(TAU) / span).clamp(0.0, 1.0);
    (p0.lerp(p1, t), if t < 0.5 { v0 } else { v1 })
}
