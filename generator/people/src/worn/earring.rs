//! Earrings at the lobes: studs, hoops through them, pendants below.

use std::f32::consts::TAU;

use bottega_geometry::math;
use bottega_schemas::{
    params::{EarringKind, EarringParams},
    part::Part,
};
use glam::{Vec2, Vec3};

use super::{
    head::{Head, side_sign},
    solid::{Section, Solid},
};
use crate::person::SurfacePart;

/// How far above its lowest point a lobe is pierced, in metres.
const PIERCED_M: f32 = 0.0055;

/// Where an earring goes through: the front of the lobe and its outward direction.
pub(crate) struct Piercing {
    /// On the skin of the outer side.
    pub(crate) at: Vec3,
    /// Unit outward direction.
    pub(crate) outward: Vec3,
}

impl Piercing {
    /// The piercing of one ear.
    pub(crate) fn of(head: &Head, side: usize) -> Self {
        let (sign, ear) = (side_sign(side), &head.ears[side]);
        let aim = Vec3::new(sign * 0.2, ear.lowest.y + PIERCED_M, ear.lowest.z);
        let x = sign * head.aside_m(side, aim.y, aim.z);
        let at = Vec3::new(x, aim.y, aim.z);
        let hit = head.skin.query(at, 0.01);
        let outward = hit.map_or(Vec3::X * sign, |hit| hit.normal);
        // Never inward or toward the back: lobes show their front.
        let outward = (outward + Vec3::new(0.6 * sign, 0.0, 0.25)).normalize_or(Vec3::X * sign);
        Self { at, outward }
    }
}

/// Builds the pair, in head space.
pub(crate) fn build(params: &EarringParams, head: &Head) -> Vec<SurfacePart> {
    let (mut metal, mut stone) = (Solid::default(), Solid::default());
    for side in 0..2 {
        let piercing = Piercing::of(head, side);
        match params.kind {
            EarringKind::Stud => stud(&mut metal, &mut stone, &piercing, params.size_m),
            EarringKind::Hoop => hoop(&mut metal, head, side, &piercing, params.size_m),
            EarringKind::Drop => {
                pendant(&mut metal, &mut stone, head, side, &piercing, params.size_m)
            }
        }
    }
    let part = |variant, solid: Solid| SurfacePart {
        part: Part::Earring,
        variant,
        mesh: solid.mesh,
    };
    let mut surfaces = vec![part("", metal)];
    if !stone.is_empty() {
        surfaces.push(part("stone", stone));
    }
    surfaces
}

/// A setting with a stone.
fn stud(metal: &mut Solid, stone: &mut Solid, piercing: &Piercing, size_m: f32) {
    let radius_m = 0.5 * size_m;
    let start = piercing.at + piercing.outward * 0.0003;
    let profile = [
        (0.0, 0.0),
        (0.75, 0.0),
        (1.0, 0.35),
        (1.0, 0.5),
        (0.86, 0.62),
        (0.0, 0.55),
    ];
    let profile: Vec<Vec2> = profile
        .iter()
        .map(|(r, h)| Vec2::new(r * radius_m, h * radius_m))
        .collect();
    metal.turned(start, piercing.outward, &profile);
    let (a, _) = math::orthonormal_basis(piercing.outward);
    let center = start + piercing.outward * (0.52 * radius_m);
    let axes = [
        a * (0.86 * radius_m),
        piercing.outward * (0.5 * radius_m),
        a.cross(piercing.outward) * (0.86 * radius_m),
    ];
    stone.ellipsoid(center, axes);
}

/// A ring through the lobe that hangs by its weight.
fn hoop(metal: &mut Solid, head: &Head, side: usize, piercing: &Piercing, size_m: f32) {
    let sign = side_sign(side);
    let (radius_m, wire_m) = (0.5 * size_m, 0.0009 + 0.012 * size_m);
    let down = head.down();
    // The plane of the ring holds the way through the lobe, here mostly sideways and back.
    let through = Vec3::new(sign * 0.55, 0.0, 0.85)
        .reject_from(down)
        .normalize_or(Vec3::Z);
    let hole = piercing.at - Vec3::X * (sign * 0.0015);
    // Rings rest against the neck, not in it: they swing outward about the hole.
    let (mut turned, mut center, mut across) = (down, hole, through);
    for step in 0..12 {
        let swing = 0.08 * step as f32;
        turned = (down + Vec3::X * (sign * swing)).normalize_or(down);
        center = hole + turned * radius_m;
        across = through.reject_from(turned).normalize_or(Vec3::Z);
        let is_free = (0..48).all(|k| {
            let (sin, cos) = math::sin_cos(TAU * k as f32 / 48.0);
            let p = center + (across * cos + turned * sin) * radius_m;
            let hit = head.skin.query(p, 0.02);
            p.distance(hole) < 0.007 || hit.is_none_or(|hit| wire_m < hit.distance)
        });
        if is_free {
            break;
        }
    }
    let (down, through) = (turned, across);
    let sections: Vec<Section> = (0..72)
        .map(|k| {
            let (sin, cos) = math::sin_cos(TAU * k as f32 / 72.0);
            let out = through * cos + down * sin;
            Section::round(center + out * radius_m, out, wire_m)
        })
        .collect();
    metal.rod(&sections, true, 2.0);
}

/// A hook with a drop.
fn pendant(
    metal: &mut Solid,
    stone: &mut Solid,
    head: &Head,
    side: usize,
    piercing: &Piercing,
    size_m: f32,
) {
    let sign = side_sign(side);
    let down = head.down();
    let bead_m = (0.16 * size_m).clamp(0.0028, 0.0065);
    let start = piercing.at + piercing.outward * 0.0014;
    let mut end = start + down * (size_m - bead_m);
    if let Some(hit) = head.skin.query(end, 0.03) {
        let missing_m = bead_m + 0.0006 - hit.distance;
        if 0.0 < missing_m {
            end += Vec3::X * (sign * missing_m * 1.4);
        }
    }
    metal.ellipsoid(
        start - piercing.outward * 0.0001,
        [Vec3::X * 0.0016, Vec3::Y * 0.0016, Vec3::Z * 0.0016],
    );
    let wire: Vec<Section> = (0..8)
        .map(|k| Section::round(start.lerp(end, k as f32 / 7.0), Vec3::X, 0.0005))
        .collect();
    metal.rod(&wire, false, 2.0);
    let along = (start - end).normalize_or(Vec3::Y);
    let (a, _) = math::orthonormal_basis(along);
    stone.ellipsoid(
        end,
        [a * bead_m, along * (1.7 * bead_m), a.cross(along) * bead_m],
    );
}
