//! Eyebrows: hairs that stand up at the nose, sweep out along the arch and lie down at the tail.

use bottega_geometry::{StrandSet, math};
use bottega_schemas::{params::GroomParams, seed::Seed};
use glam::Vec3;

use super::{
    Ground, StrandBudget,
    hairline::polyline,
    root,
    short::{self, ShortHair},
};

/// Height of the middle of the brow at each |x|, in template decimetres.
const ARCH: [[f32; 2]; 9] = [
    [0.085, 7.335],
    [0.13, 7.352],
    [0.20, 7.383],
    [0.30, 7.416],
    [0.38, 7.426],
    [0.45, 7.412],
    [0.52, 7.376],
    [0.58, 7.336],
    [0.62, 7.305],
];

/// Half of the brow's width at each |x|, in template decimetres.
const HALF_WIDTH: [[f32; 2]; 7] = [
    [0.085, 0.030],
    [0.13, 0.052],
    [0.25, 0.053],
    [0.40, 0.044],
    [0.50, 0.031],
    [0.58, 0.020],
    [0.62, 0.010],
];

/// Radius of a hair at its root in a full brow, in metres.
const RADIUS_M: f32 = 0.000_048;
/// Hairs in a full brow.
const FULL_BROW: f32 = 700.0;

/// Grows both brows.
pub(crate) fn grow(
    ground: &Ground<'_>,
    groom: &GroomParams,
    budget: &StrandBudget,
    seed: Seed,
) -> StrandSet {
    let &Ground {
        surface,
        normals,
        field,
    } = ground;
    let brows = &groom.brows;
    let density = brows.density.clamp(0.0, 1.0);
    let thickness = brows.thickness.clamp(0.3, 2.0);
    let phase = std::f32::consts::TAU * seed.child("edge").unit_f64() as f32;
    // Place along the brow (0 at the nose, 1 at the tail) and across it (-1 below, 1 above).
    let place = |p: Vec3| {
        let x = p.x.abs();
        let across = (p.y - polyline(&ARCH, x)) / (polyline(&HALF_WIDTH, x) * thickness);
        ((x - 0.085) / 0.535, across)
    };
    let roots = root::spread(
        surface,
        normals,
        (2.0 * budget.brow_strands as f32 * density * (0.4 + 0.6 * thickness)) as usize,
        seed.child("roots"),
        |t| t.iter().any(|&v| 0.02 < surface.brow[v as usize]),
        |_, p| {
            let (along, across) = place(p);
            if !(0.0..=1.0).contains(&along) {
                return 0.0;
            }
            let ragged = across + 0.18 * math::sin(60.0 * p.x + phase);
            // The lower edge is sharper than the upper one, the beginning the softest of all.
            let edge = math::smoothstep(1.25, 0.65, ragged) * math::smoothstep(-1.1, -0.85, ragged);
            let begin = math::smoothstep(0.0, 0.12, along);
            // Toward the temple the brow thins out; it does not end in a line.
            let end = math::lerp(1.0, 0.16, math::smoothstep(0.62, 0.97, along));
            edge * math::lerp(0.4, 1.0, begin) * end
        },
    );
    let radius_m = (RADIUS_M * (FULL_BROW / budget.brow_strands as f32)).min(budget.max_radius_m);
    let draws = seed.child("hairs");
    short::grow(
        field,
        &roots,
        5,
        |idx, root| {
            let u = |k: u64| draws.stream_f32(idx as u64 * 8 + k);
            let (along, across) = place(root.template_dm);
            let fan = math::lerp(1.2, -0.3, math::smoothstep(0.0, 0.55, along));
            // The rows comb toward each other.
            let converge = -0.35 * across * math::smoothstep(0.1, 0.4, along);
            let angle_rad = fan + converge + 0.35 * (u(0) - 0.5);
            let (sin, cos) = math::sin_cos(angle_rad);
            let out = 1.0f32.copysign(root.template_dm.x);
            let growth = surface.carry(root.at.triangle, Vec3::new(out * cos, sin, -0.2 * cos));
            let size = math::lerp(0.65, 1.0, math::smoothstep(0.0, 0.3, along))
                * math::lerp(1.0, 0.5, math::smoothstep(0.6, 1.0, along));
            ShortHair {
                growth,
                lift_rad: math::lerp(0.45, 0.22, along) + 0.15 * u(1),
                length_m: brows.length_m.clamp(0.001, 0.03) * size * math::lerp(0.6, 1.0, u(2)),
                bend_m: 0.006,
                toward: growth - 0.6 * root.normal,
                radius_m: radius_m * math::lerp(0.8, 1.15, u(3)),
                palette: u8::from(u(4) < 0.6 * groom.color.grey_fraction),
            }
        },
        |_, _| {},
    )
}
