//! Shoes and socks: an upper from the foot of the body-hugging shell on a sole of its own.

use std::f32::consts::PI;

use bottega_geometry::{TriMesh, math};
use bottega_schemas::{
    params::{ShoeKind, ShoeParams},
    part::Part,
};
use glam::{Vec2, Vec3};

use super::{
    cloth::{Cloth, Neighbours, vertex_normals},
    drape::Wear,
    fitting::{Edge, Finish, Fitting, Sewing, Worn},
    region::{Landmarks, Place},
};
use crate::person::SurfacePart;

/// Measures of a kind of shoe, in metres.
#[derive(Clone, Copy, Debug)]
struct Last {
    /// Height of the opening over the sole of the foot.
    collar_m: f32,
    /// Thickness of the sole under the ball of the foot.
    sole_m: f32,
    /// How much the heel is raised over that by an own block.
    heel_gap_m: f32,
    /// How much the sole stands out from the upper.
    welt_m: f32,
    /// Room around the foot.
    room_m: f32,
    /// Rounds of smoothing that hide the toes.
    n_smooth: usize,
}

impl Last {
    fn of(kind: ShoeKind) -> Self {
        match kind {
            ShoeKind::Sneaker => Self {
                collar_m: 0.082,
                sole_m: 0.026,
                heel_gap_m: 0.0,
                welt_m: 0.004,
                room_m: 0.0065,
                n_smooth: 10,
            },
            ShoeKind::Leather => Self {
                collar_m: 0.070,
                sole_m: 0.021,
                heel_gap_m: 0.011,
                welt_m: 0.005,
                room_m: 0.005,
                n_smooth: 14,
            },
            ShoeKind::Boot => Self {
                collar_m: 0.165,
                sole_m: 0.029,
                heel_gap_m: 0.012,
                welt_m: 0.006,
                room_m: 0.007,
                n_smooth: 12,
            },
        }
    }
}

/// Cut of shoes and socks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ShoeCut {
    last: Last,
    sock_y: f32,
}

impl ShoeCut {
    pub(crate) fn of(params: &ShoeParams, marks: &Landmarks) -> Self {
        let last = Last::of(params.kind);
        let sock_y = marks.sole_y + last.collar_m.max(0.085) + 0.055;
        Self { last, sock_y }
    }

    /// Inside of the shoe.
    fn shoe(&self, marks: &Landmarks, p: &Place) -> f32 {
        if p.leg[0] + p.leg[1] < 0.5 {
            return -1.0;
        }
        marks.sole_y + self.last.collar_m - p.at.y + 0.35 * opening(p, marks)
    }

    /// Distance from the edge of what shoes and socks cover, in metres.
    pub(crate) fn inside(&self, p: &Place) -> f32 {
        if p.leg[0] + p.leg[1] < 0.5 {
            return -1.0;
        }
        self.sock_y - p.at.y
    }
}

/// The collar of a shoe dips at the ankle bones and rises at the tendon: a small offset by angle.
fn opening(p: &Place, marks: &Landmarks) -> f32 {
    let side = usize::from(p.at.x < 0.0);
    let d = p.at - marks.legs[side][2];
    let length = (d.x * d.x + d.z * d.z).sqrt().max(1e-4);
    0.02 * (d.z / length) * (d.z / length) * if d.z < 0.0 { 1.0 } else { 0.4 }
}

/// Makes both shoes.
pub(crate) fn make(fitting: &Fitting<'_>, params: &ShoeParams, tights: &Cloth) -> Worn {
    let marks = fitting.marks;
    let cut = ShoeCut::of(params, marks);
    let last = cut.last;

    // The sock, thin, from inside the shoe to above the ankle.
    let sock_rules: [&dyn Fn(&Place) -> f32; 2] = [&|p| cut.inside(p), &|p| {
        p.at.y - (marks.sole_y + last.collar_m - 0.03)
    }];
    let edges = sock_rules.map(|inside| Edge {
        inside,
        band_m: 0.0,
    });
    let how = Wear {
        gap_m: 0.0016,
        n_smooth: 1,
        folds: 0.0,
        fold_m: 0.05,
    };
    let thin = Finish {
        variant: "sock",
        raise_m: 0.0,
        thickness_m: 0.0008,
    };
    let sock = fitting.rough(tights, &edges);
    let sewing = Sewing::plain(&edges, [thin, thin]);
    let socks = fitting.make(Part::Shoe, sock, how, &[], &sewing);

    // The upper.
    let edges = [Edge {
        inside: &|p| cut.shoe(marks, p),
        band_m: 0.010,
    }];
    let mut upper = fitting.rough(tights, &edges);
    shape_upper(marks, last, &mut upper);
    let how = Wear {
        gap_m: 0.0035,
        n_smooth: 2,
        folds: 0.0,
        fold_m: 0.05,
    };
    let main = Finish {
        variant: "",
        raise_m: 0.0,
        thickness_m: 0.002,
    };
    let collar = Finish {
        variant: "collar",
        raise_m: 0.0008,
        thickness_m: 0.0035,
    };
    let under = [(&socks.outer, 0.002)];
    let sewing = Sewing::plain(&edges, [main, collar]);
    let mut worn = fitting.make(Part::Shoe, upper.clone(), how, &under, &sewing);
    for side in 0..2 {
        let mesh = sole(fitting, last, &upper, side);
        worn.surfaces.push(SurfacePart {
            part: Part::Shoe,
            variant: "sole",
            mesh,
        });
    }
    worn.surfaces.extend(socks.surfaces);
    // Bare skin ends in the sock.
    Worn {
        cloth: socks.cloth,
        depth_m: socks.depth_m,
        ..worn
    }
}

/// Rounds the foot into the shape of a shoe, at rest.
fn shape_upper(marks: &Landmarks, last: Last, upper: &mut Cloth) {
    let neighbours = Neighbours::of(upper.len(), &upper.triangles);
    let foot_m = upper.anchor.iter().fold(f32::MIN, |z, p| z.max(p.z));
    let heel_m = upper.anchor.iter().fold(f32::MAX, |z, p| z.min(p.z));
    let length_m = foot_m - heel_m;
    let normals = vertex_normals(&upper.rest, &upper.triangles);
    for (v, normal) in normals.iter().enumerate() {
        let z = ((upper.anchor[v].z - heel_m) / length_m).clamp(0.0, 1.0);
        let height_m = upper.anchor[v].y - marks.sole_y;
        let toe = math::smoothstep(0.6, 1.0, z);
        let low = 1.0 - math::smoothstep(0.05, 0.10, height_m);
        upper.rest[v] += *normal * (last.room_m * (0.55 + 0.45 * low));
        // Room before the toes, and a toe box that stays up.
        upper.rest[v].z += 0.010 * toe * toe;
        upper.rest[v].y +=
            0.006 * toe * (1.0 - toe) * 4.0 * math::smoothstep(0.008, 0.03, height_m);
    }
    let floor_y = marks.sole_y + 0.001;
    for _round in 0..last.n_smooth {
        neighbours.smooth(&mut upper.rest, |v| {
            if neighbours.border[v] { 0.0 } else { 0.5 }
        });
        upper.rest.iter_mut().for_each(|p| p.y = p.y.max(floor_y));
    }
}

/// Stations along the sole.
const N_STATIONS: usize = 24;

/// The sole of one shoe: the outline of the upper's lower part, extruded, its edges rounded.
fn sole(fitting: &Fitting<'_>, last: Last, upper: &Cloth, side: usize) -> TriMesh {
    let marks = fitting.marks;
    let sign = if side == 0 { 1.0 } else { -1.0 };
    let low: Vec<Vec3> = upper
        .rest
        .iter()
        .filter(|p| 0.0 < sign * p.x && p.y < marks.sole_y + 0.032)
        .copied()
        .collect();
    let front = low.iter().fold(f32::MIN, |z, p| z.max(p.z));
    let back = low.iter().fold(f32::MAX, |z, p| z.min(p.z));
    let outline = outline(&low, back, front, last.welt_m);

    // Rings from the middle of the top over the edge to the middle of the bottom: inset, height
    // over the bare sole.
    let sole_m = last.sole_m;
    let rings: [(f32, f32); 7] = [
        (0.007, 0.010),
        (0.002, 0.011),
        (0.0, 0.009),
        (0.0005, -0.35 * sole_m),
        (0.0, -sole_m + 0.004),
        (0.003, -sole_m),
        (0.007, -sole_m),
    ];
    let center = outline.iter().sum::<Vec2>() / outline.len() as f32;
    let n = outline.len();
    let mut mesh = TriMesh::default();
    for (inset_m, height_m) in rings {
        for k in 0..n {
            let (before, after) = (outline[(k + n - 1) % n], outline[(k + 1) % n]);
            let along = (after - before).normalize_or(Vec2::Y);
            let inward = Vec2::new(-along.y, along.x);
            let toward = if 0.0 < inward.dot(center - outline[k]) {
                inward
            } else {
                -inward
            };
            // Both sides of the outline pair up: n - 1 - k lies across from k.
            let half_m = 0.5 * outline[k].distance(outline[n - 1 - k]);
            let at = outline[k] + toward * inset_m.min(0.5 * half_m);
            let y =
                marks.sole_y + height_m + relief(last, (at.y - back) / (front - back), height_m);
            mesh.positions.push(Vec3::new(at.x, y, at.y));
        }
    }
    let wrap = |k: usize| ((k + 1) % n) as u32;
    let clockwise = area(&outline) < 0.0;
    let mut push = |t: [u32; 3]| {
        mesh.triangles
            .push(if clockwise { t } else { [t[0], t[2], t[1]] });
    };
    for ring in 0..rings.len() - 1 {
        let (r0, r1) = ((ring * n) as u32, ((ring + 1) * n) as u32);
        for k in 0..n {
            let (a, b) = (k as u32, wrap(k));
            push([r0 + a, r1 + a, r1 + b]);
            push([r0 + a, r1 + b, r0 + b]);
        }
    }
    let last_ring = ((rings.len() - 1) * n) as u32;
    // Caps pair the two sides of the outline, which runs up one side and down the other.
    for k in 1..n / 2 {
        let (a, b) = (k as u32, (k - 1) as u32);
        let (c, d) = ((n - k) as u32 % n as u32, (n - k - 1) as u32);
        for (ring, flip) in [(0u32, true), (last_ring, false)] {
            for t in [[a, b, c], [a, c, d]] {
                if t[0] == t[1] || t[1] == t[2] || t[0] == t[2] {
                    continue;
                }
                let t = t.map(|v| ring + v);
                push(if flip { [t[0], t[2], t[1]] } else { t });
            }
        }
    }
    let bone = marks.foot_bones[side];
    mesh.rest = mesh.positions.clone();
    let map = fitting.maps[bone];
    mesh.positions = mesh.rest.iter().map(|p| map.transform_point3(*p)).collect();
    mesh.normals = vertex_normals(&mesh.positions, &mesh.triangles);
    mesh.uvs = mesh.rest.iter().map(|p| Vec2::new(p.x, p.z)).collect();
    mesh
}

/// Toe spring, and the arch between ball and heel block, as heights added to the lower rings.
fn relief(last: Last, z: f32, height_m: f32) -> f32 {
    let spring_m = 0.009 * math::smoothstep(0.80, 1.02, z);
    if -0.5 * last.sole_m < height_m {
        return spring_m * 0.7;
    }
    let arch = math::smoothstep(0.23, 0.30, z) * (1.0 - math::smoothstep(0.40, 0.52, z));
    spring_m + last.heel_gap_m * arch
}

/// Outline of points seen from above as (x, z): up the left side from the heel, down the right.
fn outline(points: &[Vec3], back: f32, front: f32, welt_m: f32) -> Vec<Vec2> {
    let length_m = front - back;
    let mut sides = [Vec::new(), Vec::new()];
    for station in 0..=N_STATIONS {
        let share = 0.5 - 0.5 * math::cos(PI * station as f32 / N_STATIONS as f32);
        let z = back + length_m * share;
        let near = points.iter().filter(|p| (p.z - z).abs() < 0.009);
        let (low, high) = near.fold((f32::MAX, f32::MIN), |(low, high), p| {
            (low.min(p.x), high.max(p.x))
        });
        sides[0].push(low);
        sides[1].push(high);
    }
    for side in &mut sides {
        for _round in 0..2 {
            let before = side.clone();
            for k in 1..before.len() - 1 {
                side[k] = 0.25 * before[k - 1] + 0.5 * before[k] + 0.25 * before[k + 1];
            }
        }
    }
    // Widths where the rounded ends begin.
    let ends = [0.17, 0.74].map(|share: f32| {
        let angle = math::acos(1.0 - 2.0 * share);
        let k = (angle / PI * N_STATIONS as f32) as usize;
        [sides[0][k], sides[1][k]]
    });
    let station = |k: usize, x: f32| {
        let share = 0.5 - 0.5 * math::cos(PI * k as f32 / N_STATIONS as f32);
        let middle = 0.5 * (sides[0][k] + sides[1][k]);
        // Both ends close in half a superellipse, the heel rounder than the toes.
        let end = if share < 0.5 {
            share / 0.17
        } else {
            (1.0 - share) / 0.26
        };
        let open = (1.0 - end).max(0.0);
        // Never quite closed: coinciding sides would leave triangles without area.
        let round = (1.0 - open * open * open.sqrt()).max(0.0).sqrt().max(0.15);
        let at_end = usize::from(0.5 <= share);
        let full = ends[at_end];
        let side = usize::from(middle < x);
        let full = if end < 1.0 { full[side] } else { x };
        // Towards the end the outline leaves the foot's own, whose toes are blunt.
        let x = (middle + (full - middle) * round).clamp(x.min(middle), x.max(middle));
        let x = x + (x - middle).signum() * welt_m * round;
        let z = back - welt_m + (length_m + 2.0 * welt_m) * share;
        Vec2::new(x, z)
    };
    let up = (0..=N_STATIONS).map(|k| station(k, sides[0][k]));
    let down = (0..=N_STATIONS).rev().map(|k| station(k, sides[1][k]));
    up.chain(down).collect()
}

/// Signed area of a polygon.
fn area(polygon: &[Vec2]) -> f32 {
    let n = polygon.len();
    let doubled: f32 = (0..n)
        .map(|k| polygon[k].perp_dot(polygon[(k + 1) % n]))
        .sum();
    0.5 * doubled
}
