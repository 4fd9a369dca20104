//! Face masks: a sheet drawn over nose, mouth and chin, with bound edges and loops around the ears.

use bottega_geometry::{TriMesh, closest_point::ClosestPoint, math};
use bottega_schemas::{
    params::{MaskKind, MaskParams},
    part::Part,
};
use glam::{Vec2, Vec3};

use super::{
    fan::{Fan, spherical},
    head::{Head, side_sign},
    press::{Dome, Press},
    solid::{Section, Solid, clear, smooth_path},
};
use crate::person::SurfacePart;

/// Rays from side to side.
const N_ACROSS: usize = 73;
/// Rays from nose to chin.
const N_DOWN: usize = 45;
/// Thickness of the sheet, in metres.
const SHEET_M: f32 = 0.0010;
/// Least height of its inner side over the skin, in metres.
const OFF_M: f32 = 0.0012;

/// Farthest that a face is from where the rays start, in metres; shoulders are farther.
const REACH_M: f32 = 0.142;

/// A finished mask, in head space.
pub(crate) struct Mask {
    /// Sheet, edges and loops.
    pub(crate) surfaces: Vec<SurfacePart>,
    /// Outer side of the sheet, for glasses to sit on.
    pub(crate) outer: ClosestPoint,
    /// What it does to a beard.
    pub(crate) press: Press,
}

/// Where the mask lies: angles of its edges seen from within the head.
struct Cut {
    origin: Vec3,
    half_phi: f32,
    /// Elevation of the upper and the lower edge in the middle, and at the corners.
    middle: [f32; 2],
    corner: [f32; 2],
}

impl Cut {
    fn of(head: &Head) -> Self {
        let nose_y = -0.011;
        let mouth_y = 0.5 * (nose_y + head.chin.y);
        let origin = Vec3::new(0.0, mouth_y, head.ears[0].z_range[1] - 0.006);
        let rise = |y: f32, z: f32| math::atan2(y - origin.y, z - origin.z);
        let nose = rise(nose_y, head.front_z(0.0, nose_y));
        let chin = rise(head.chin.y - 0.012, head.chin.z - 0.018);
        Self {
            origin,
            half_phi: 1.16,
            middle: [nose, chin],
            corner: [0.34 * nose + 0.06, 0.42 * chin],
        }
    }

    /// Elevation of the edges at an angle from the middle.
    fn edges(&self, phi: f32) -> [f32; 2] {
        let t = (phi / self.half_phi).abs().min(1.0);
        [0, 1].map(|k| {
            // The nose is a narrow peak, the chin a broad one.
            let share = if k == 0 {
                math::pow(1.0 - t, 1.5).mul_add(0.55, 0.45 * (1.0 - t * t))
            } else {
                1.0 - t * t
            };
            math::lerp(self.corner[k], self.middle[k], share)
        })
    }
}

/// Builds a mask on a head.
pub(crate) fn build(params: &MaskParams, head: &Head) -> Mask {
    let cut = Cut::of(head);
    let phi_of = |column: usize| cut.half_phi * (2.0 * column as f32 / (N_ACROSS - 1) as f32 - 1.0);
    let mut fan = Fan::new(N_DOWN, N_ACROSS, false, |row, column| {
        let phi = phi_of(column);
        let [top, bottom] = cut.edges(phi);
        let rise = math::lerp(top, bottom, row as f32 / (N_DOWN - 1) as f32);
        (
            cut.origin,
            spherical(phi, std::f32::consts::FRAC_PI_2 - rise),
        )
    });
    fan.measure(&[&head.skin], REACH_M);
    let least_m: Vec<f32> = fan.floor_m.iter().map(|floor| floor + OFF_M).collect();
    fan.height_m.clone_from(&least_m);
    // A wire holds the upper edge to the nose; everything else is taut.
    fan.tighten(
        120,
        |i| least_m[i],
        |i| {
            let (row, column) = (i / N_ACROSS, i % N_ACROSS);
            let wire = math::smoothstep(5.0, 0.0, row as f32)
                * math::smoothstep(0.55, 0.35, phi_of(column).abs());
            0.9 * (1.0 - 0.94 * wire)
        },
    );
    relief(params.kind, &mut fan, &least_m);

    let mut surfaces = vec![SurfacePart {
        part: Part::Facewear,
        variant: "",
        mesh: fan.shell(0..N_DOWN, 0.0, SHEET_M),
    }];
    surfaces.push(SurfacePart {
        part: Part::Facewear,
        variant: "loop",
        mesh: edges_and_loops(&fan, head),
    });
    let outer: Vec<Vec3> = (0..fan.origins.len())
        .map(|i| fan.point(i, fan.height_m[i] + SHEET_M))
        .collect();
    Mask {
        surfaces,
        outer: ClosestPoint::build(&outer, &fan.triangles(0..N_DOWN)),
        press: press(&cut, &fan, head),
    }
}

/// Pleats of a surgical mask, the seam of a shaped one.
fn relief(kind: MaskKind, fan: &mut Fan, least_m: &[f32]) {
    for row in 0..N_DOWN {
        for column in 0..N_ACROSS {
            let i = fan.at(row, column);
            let u = 2.0 * column as f32 / (N_ACROSS - 1) as f32 - 1.0;
            let v = row as f32 / (N_DOWN - 1) as f32;
            let more = match kind {
                MaskKind::SurgicalMask => {
                    // Three pleats open downward; each is a step over the next.
                    let pleats = [0.30, 0.50, 0.70].map(|at| {
                        let t = (v - at) / 0.13;
                        let step = math::smoothstep(-0.1, 0.0, t) * math::smoothstep(1.0, 0.1, t);
                        0.0022 * step
                    });
                    let open = 1.0 - 0.45 * u * u;
                    pleats.iter().sum::<f32>() * open
                }
                MaskKind::ClothMask => {
                    let seam = math::exp(-(u * u) / (0.16 * 0.16));
                    let body = math::sin(std::f32::consts::PI * v);
                    0.0045 * seam * body + 0.0006 * math::exp(-(u * u) / (0.02 * 0.02))
                }
            };
            fan.height_m[i] = (fan.height_m[i] + more).max(least_m[i]);
        }
    }
}

/// Bound edges, and loops from the corners around the ears.
fn edges_and_loops(fan: &Fan, head: &Head) -> TriMesh {
    let mut solid = Solid::default();
    let out = |row: usize, column: usize| {
        let i = fan.at(row, column);
        fan.point(i, fan.height_m[i] + 0.5 * SHEET_M)
    };
    let (last_row, last_column) = (N_DOWN - 1, N_ACROSS - 1);
    let borders: [Vec<Vec3>; 4] = [
        (0..N_ACROSS).map(|c| out(0, c)).collect(),
        (0..N_ACROSS).map(|c| out(last_row, c)).collect(),
        (0..N_DOWN).map(|r| out(r, 0)).collect(),
        (0..N_DOWN).map(|r| out(r, last_column)).collect(),
    ];
    for border in &borders {
        let mut sections: Vec<Section> = border
            .iter()
            .map(|at| Section {
                at: *at,
                side: (*at - fan.origins[0]).normalize_or(Vec3::Z),
                half_m: Vec2::new(0.0009, 0.0018),
            })
            .collect();
        clear(&mut sections, head, 0.0003);
        solid.rod(&sections, false, 2.6);
    }
    for side in 0..2 {
        let (sign, ear) = (side_sign(side), &head.ears[side]);
        let column = if side == 0 { last_column } else { 0 };
        let (upper, lower) = (out(1, column), out(last_row - 1, column));
        let mut knots = vec![upper];
        let root = &ear.root;
        if let Some(top) = root.first() {
            knots.push(*top + Vec3::new(sign * 0.0015, 0.0025, 0.004));
        }
        let lowest_y = root.last().map_or(ear.center.y, |p| p.y);
        let top_y = root.first().map_or(ear.top.y, |p| p.y);
        for k in 1..=4 {
            let y = math::lerp(top_y, lowest_y, k as f32 / 4.0);
            let near = root.iter().filter(|p| (p.y - y).abs() < 0.004);
            if let Some(p) = near.min_by(|a, b| a.z.total_cmp(&b.z)) {
                knots.push(Vec3::new(p.x + sign * 0.001, y, p.z - 0.001));
            }
        }
        let below = Vec3::new(0.0, ear.lowest.y - 0.004, ear.lowest.z + 0.004);
        knots.push(Vec3::new(
            sign * (head.aside_m(side, below.y, below.z) + 0.002),
            below.y,
            below.z,
        ));
        knots.push(lower);
        let n = 56;
        let mut path = smooth_path(&knots, n);
        for round in 0..6 {
            for p in &mut path[1..n - 1] {
                *p = head.push_out(*p, 0.0018);
            }
            if round < 5 {
                let before = path.clone();
                for i in 1..n - 1 {
                    path[i] = before[i].lerp(0.5 * (before[i - 1] + before[i + 1]), 0.5);
                }
            }
        }
        let mut sections: Vec<Section> = path
            .iter()
            .map(|at| Section::round(*at, Vec3::X, 0.0012))
            .collect();
        clear(&mut sections, head, 0.0002);
        solid.rod(&sections, false, 2.0);
    }
    solid.mesh
}

/// The ceiling over a beard.
fn press(cut: &Cut, mask: &Fan, head: &Head) -> Press {
    let dome = Dome::new(cut.origin, Vec3::Y, 2.75, [64, 96]);
    let mut fan = dome.fan();
    fan.measure(&[&head.skin], REACH_M);
    let mut covered = vec![false; fan.origins.len()];
    for (i, is_covered) in covered.iter_mut().enumerate() {
        fan.height_m[i] = fan.floor_m[i];
        let d = fan.directions[i];
        let phi = math::atan2(d.x, d.z);
        if cut.half_phi <= phi.abs() {
            continue;
        }
        let rise = math::asin(d.y);
        let [top, bottom] = cut.edges(phi);
        let v = (rise - top) / (bottom - top);
        if !(0.0..=1.0).contains(&v) {
            continue;
        }
        let column = (0.5 * (phi / cut.half_phi + 1.0) * (N_ACROSS - 1) as f32 + 0.5) as usize;
        let row = (v * (N_DOWN - 1) as f32 + 0.5) as usize;
        fan.height_m[i] = mask.height_m[mask.at(row, column)].max(fan.floor_m[i]);
        *is_covered = true;
    }
    dome.press(&fan, |i| covered[i], true)
}
