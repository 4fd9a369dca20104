//! Glasses: a front that sits before the face ([`fit`]), lenses, bridge and pads on the nose, and
//! temples that run to the ears and hook behind them ([`temple`]).

mod fit;
mod lens;
pub(crate) mod outline;
mod temple;

use bottega_geometry::{TriMesh, closest_point::ClosestPoint};
use bottega_schemas::{
    params::{FrameKind, FrameMaterial, GlassesParams},
    part::Part,
};
use glam::{Vec2, Vec3};

use self::{
    fit::Front,
    outline::{N_OUTLINE, Rim},
};
use super::{
    head::{Head, side_sign, trace},
    solid::{Section, Solid, clear, smooth_path},
};
use crate::person::SurfacePart;

/// Exponent of the sections of plastic.
const PLASTIC: f32 = 3.4;

/// The finished glasses, in head space.
pub(crate) struct Glasses {
    /// Frame, pads, tips and lenses.
    pub(crate) surfaces: Vec<SurfacePart>,
    /// Both temples, for what is worn over them.
    pub(crate) temples: TriMesh,
}

/// The solids of a frame by their look.
#[derive(Default)]
struct Pieces {
    /// Of the frame's own material.
    frame: Solid,
    /// Metal wire, whatever the frame is of.
    wire: Solid,
    /// Clear pads of the nose.
    pads: Solid,
}

/// Builds glasses on a head, over a mask if there is one.
pub(crate) fn build(params: &GlassesParams, head: &Head, mask: Option<&ClosestPoint>) -> Glasses {
    let wire = params.material == FrameMaterial::Metal
        || matches!(params.frame, FrameKind::Aviator | FrameKind::Rimless);
    let front_z = |x: f32, y: f32| {
        let from = Vec3::new(x, y, 0.15);
        let surfaces: Vec<&ClosestPoint> = std::iter::once(&head.skin).chain(mask).collect();
        trace(&surfaces, from, Vec3::NEG_Z, 0.35).map_or(-0.2, |t| 0.15 - t)
    };
    let front = Front::fit(params, head, wire, front_z);
    let mut pieces = Pieces::default();
    let mut temples = Solid::default();
    let mut tips = Solid::default();
    for side in 0..2 {
        rim(&mut pieces, &front, side, wire);
        pad(&mut pieces, &front, head, side, wire);
        temple::build(&mut temples, &mut tips, &front, head, side, wire);
    }
    bridge(&mut pieces, &front, wire);
    let mut bows = temples.mesh.clone();
    append(&mut bows, &tips.mesh);
    pieces.frame.append(&temples.mesh);

    let part = |variant, mesh| SurfacePart {
        part: Part::Glasses,
        variant,
        mesh,
    };
    let mut surfaces = Vec::new();
    for (variant, solid) in [
        ("", pieces.frame),
        ("wire", pieces.wire),
        ("pad", pieces.pads),
        ("tip", tips),
    ] {
        if !solid.is_empty() {
            surfaces.push(part(variant, solid.mesh));
        }
    }
    surfaces.push(SurfacePart {
        part: Part::Lens,
        variant: "",
        mesh: lens::build(params, &front),
    });
    Glasses {
        surfaces,
        temples: bows,
    }
}

fn append(mesh: &mut TriMesh, other: &TriMesh) {
    let mut solid = Solid {
        mesh: std::mem::take(mesh),
    };
    solid.append(other);
    *mesh = solid.mesh;
}

/// Sections of a rim of width `rim_m` over some points of the outline.
fn rim_sections(
    front: &Front,
    side: usize,
    points: impl Iterator<Item = usize>,
    rim_m: impl Fn(usize) -> f32,
    half_depth_m: f32,
) -> Vec<Section> {
    points
        .map(|k| {
            let width_m = rim_m(k);
            // The groove holds the lens, whose edge reaches half a millimetre into the rim.
            let (inner, outer) = (front.local(k, -0.0006), front.local(k, width_m));
            let middle = 0.5 * (inner + outer);
            let normal = front.normal(side, middle);
            let back_m = 0.5 * front.thickness_at(middle).min(0.0028);
            Section {
                at: front.on_lens(side, middle) - normal * back_m,
                side: front.on_lens(side, outer) - front.on_lens(side, inner),
                half_m: Vec2::new(0.5 * (outer - inner).length(), half_depth_m),
            }
        })
        .collect()
}

fn rim(pieces: &mut Pieces, front: &Front, side: usize, wire: bool) {
    let (rim_m, depth_m) = (front.rim_m, front.half_depth_m);
    let square = if wire { 2.0 } else { PLASTIC };
    // From a little below one corner over the brow to a little below the other.
    let upper = || (N_OUTLINE - 3..N_OUTLINE + N_OUTLINE / 2 + 4).map(|k| k % N_OUTLINE);
    let fade = |k: usize| {
        let from_end = (k + 3) % N_OUTLINE;
        let n = N_OUTLINE / 2 + 6;
        let edge = from_end.min(n.saturating_sub(from_end)) as f32 / 6.0;
        rim_m * (0.45 + 0.55 * edge.min(1.0))
    };
    match front.style.rim {
        Rim::Full => {
            let sections = rim_sections(front, side, 0..N_OUTLINE, |_| rim_m, depth_m);
            pieces.frame.rod(&sections, true, square);
        }
        Rim::Upper => {
            let sections = rim_sections(front, side, upper(), fade, depth_m);
            pieces.frame.rod(&sections, false, square);
        }
        Rim::Browline => {
            let sections = rim_sections(front, side, upper(), fade, depth_m);
            pieces.frame.rod(&sections, false, square);
            let sections = rim_sections(front, side, 0..N_OUTLINE, |_| 0.0011, 0.0009);
            pieces.wire.rod(&sections, true, 2.0);
        }
        Rim::None => {}
    }
}

/// The bridge over the nose, and the bar above it where there is one.
fn bridge(pieces: &mut Pieces, front: &Front, wire: bool) {
    let (half_m, square) = if wire || front.style.rim == Rim::None {
        (Vec2::new(0.0011, 0.0009), 2.0)
    } else {
        (Vec2::new(0.0011, 0.0017) + 0.25 * front.rim_m, PLASTIC)
    };
    let mut span = |k: usize, middle: Vec3, half_m: Vec2| {
        let ends = [0, 1].map(|side| {
            let local = front.local(k, 0.4 * front.rim_m);
            let back_m = 0.5 * front.thickness_at(local).min(0.0028);
            front.on_lens(side, local) - front.normal(side, local) * back_m
        });
        let path = smooth_path(&[ends[0], middle, ends[1]], 15);
        let sections: Vec<Section> = path
            .iter()
            .map(|at| Section {
                at: *at,
                side: Vec3::Y,
                half_m,
            })
            .collect();
        let solid = if front.style.rim == Rim::None || front.style.rim == Rim::Browline {
            &mut pieces.wire
        } else {
            &mut pieces.frame
        };
        solid.rod(&sections, false, square);
    };
    span(32, front.bridge() + Vec3::new(0.0, 0.0012, 0.0004), half_m);
    if front.style.brow_bar {
        let top = front.bridge() + Vec3::new(0.0, 0.42 * front.half_m.y, 0.0006);
        span(24, top, Vec2::new(0.0010, 0.0010));
    }
}

/// The pad that rests on one side of the nose, with its arm.
fn pad(pieces: &mut Pieces, front: &Front, head: &Head, side: usize, wire: bool) {
    let sign = side_sign(side);
    let local = front.local(40, 0.5 * front.rim_m);
    let rim = front.on_lens(side, local) - Vec3::Z * front.half_depth_m;
    let aim = Vec3::new(sign * 0.0085, rim.y - 0.001, rim.z - 0.007);
    let Some(hit) = head.skin.query(aim, 0.03) else {
        return;
    };
    let outward = if hit.normal.x * sign < 0.1 {
        Vec3::new(sign, 0.2, 0.5).normalize()
    } else {
        hit.normal
    };
    let along = Vec3::new(0.0, 1.0, -0.25)
        .reject_from(outward)
        .normalize_or(Vec3::Y);
    let aside = along.cross(outward);
    let mut center = hit.point + outward * 0.0012;
    let size = if wire { 1.0 } else { 0.85 };
    let axes = [
        aside * (0.0032 * size),
        along * (0.0058 * size),
        outward * 0.0009,
    ];
    // The pad lies on the nose: nothing of it goes below the skin.
    let mut deepest = f32::MAX;
    for (u, v) in [(0.0, 1.0), (0.0, -1.0), (1.0, 0.0), (-1.0, 0.0), (0.0, 0.0)] {
        let p = center + axes[0] * u + axes[1] * v - axes[2] * 0.6;
        if let Some(hit) = head.skin.query(p, 0.02) {
            deepest = deepest.min(hit.distance);
        }
    }
    if deepest < 0.0002 {
        center += outward * (0.0002 - deepest);
    }
    if wire || matches!(front.style.rim, Rim::None | Rim::Browline) {
        let mut solid = Solid::default();
        solid.ellipsoid(center, axes);
        pieces.pads.append(&solid.mesh);
        let back = center + outward * 0.0012;
        let bend = rim.lerp(back, 0.5) + Vec3::new(0.0, 0.0, -0.002);
        let arm: Vec<Section> = smooth_path(&[rim, bend, back], 9)
            .iter()
            .map(|at| {
                let off = head.push_out(*at, 0.0007);
                Section::round(off, Vec3::Y, 0.0005)
            })
            .collect();
        pieces.wire.rod(&arm, false, 2.0);
    } else {
        // Plastic pads grow out of the rim.
        let mut stem: Vec<Section> = (0..6)
            .map(|k| {
                let t = k as f32 / 5.0;
                let at = (rim - Vec3::Z * 0.0002).lerp(center + outward * 0.0003, t);
                Section {
                    at: head.push_out(at, 0.0014),
                    side: Vec3::Y,
                    half_m: Vec2::new(0.0042 - 0.0008 * t, 0.0013),
                }
            })
            .collect();
        clear(&mut stem, head, 0.0001);
        pieces.frame.rod(&stem, false, 2.4);
    }
}
