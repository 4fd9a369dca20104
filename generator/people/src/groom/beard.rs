//! Beard, moustache and stubble.

use bottega_geometry::{StrandSet, math};
use bottega_schemas::{
    params::{BeardParams, BeardStyle, GroomParams},
    seed::Seed,
};
use glam::Vec3;

use super::{
    Ground, StrandBudget, clump,
    curl::frames,
    root,
    short::{self, ShortHair},
};

/// Radius of a hair at its root in a full beard, in metres.
const RADIUS_M: f32 = 0.000_055;
/// Hairs in a full dense beard.
const FULL_BEARD: f32 = 14_000.0;

/// Grows the beard.
pub(crate) fn grow(
    ground: &Ground<'_>,
    groom: &GroomParams,
    beard: &BeardParams,
    budget: &StrandBudget,
    seed: Seed,
) -> StrandSet {
    let &Ground {
        surface,
        normals,
        field,
    } = ground;
    let edge_phase = std::f32::consts::TAU * seed.child("edge").unit_f64() as f32;
    let area_share = match beard.style {
        BeardStyle::Moustache => 0.13,
        BeardStyle::Goatee => 0.4,
        _ => 1.0,
    };
    let density = beard.density.clamp(0.0, 1.0);
    let roots = root::spread(
        surface,
        normals,
        (budget.beard_strands as f32 * density * area_share) as usize,
        seed.child("roots"),
        |t| {
            t.iter()
                .any(|&v| 0.02 < surface.beard[v as usize].max(surface.moustache[v as usize]))
        },
        |at, p| {
            let full = surface.scalar(&surface.beard, at);
            let upper_lip = surface.scalar(&surface.moustache, at)
                * math::smoothstep(6.64, 6.68, p.y)
                * math::smoothstep(1.30, 1.36, p.z)
                // A moustache alone ends over the corners of the mouth.
                * if beard.style == BeardStyle::Moustache {
                    math::smoothstep(0.31, 0.25, p.x.abs())
                } else {
                    1.0
                };
            let bare = 1.0 - math::smoothstep(0.05, 0.25, surface.scalar(&surface.lips, at));
            let wobble = 0.02 * math::sin(23.0 * p.x + 11.0 * p.y + edge_phase);
            // The cheek line falls from the sideburn to the corner of the mouth.
            let cheek_line = math::lerp(6.80, 7.2, math::smoothstep(1.35, 0.6, p.z)) + wobble;
            let cheeks = full * math::smoothstep(0.05, -0.05, p.y - cheek_line);
            let x = p.x.abs() + wobble;
            let chin = full * math::smoothstep(0.36, 0.30, x) * math::smoothstep(6.66, 6.60, p.y);
            bare * match beard.style {
                BeardStyle::Moustache => upper_lip,
                BeardStyle::Goatee => upper_lip.max(chin),
                _ => upper_lip.max(cheeks),
            }
        },
    );
    let radius_m = (RADIUS_M * (FULL_BEARD / budget.beard_strands as f32)).min(budget.max_radius_m);
    let radius_m = if beard.style == BeardStyle::Stubble {
        0.8 * radius_m
    } else {
        radius_m
    };
    let draws = seed.child("hairs");
    let long = beard.style == BeardStyle::LongBeard;
    let length_m = beard.length_m.clamp(0.0003, 0.35);
    let n_points = ((4.0 + 200.0 * length_m) * budget.detail).clamp(4.0, 24.0) as usize;
    // Locks of about three millimetres on about 0.02 m2.
    let sides = vec![0; roots.len()];
    let locks = clump::assign(&roots, &sides, 1500);
    short::grow(
        field,
        &roots,
        n_points,
        |idx, root| {
            let u = |k: u64| draws.stream_f32(idx as u64 * 8 + k);
            let p = root.template_dm;
            let upper_lip = 6.66 < p.y && 1.33 < p.z && p.x.abs() < 0.36;
            let aside = if upper_lip { 2.6 * p.x } else { 0.35 * p.x };
            let jitter = Vec3::new(u(0) - 0.5, 0.0, u(1) - 0.5) * 0.7;
            let growth = Vec3::new(aside, -1.0, if upper_lip { 0.1 } else { 0.25 }) + jitter;
            let growth = surface.carry(root.at.triangle, growth);
            // Long on the chin, short toward the sideburns; a moustache ends above the mouth.
            let chin = math::smoothstep(7.0, 6.5, p.y) * math::smoothstep(0.5, 1.2, p.z);
            let length_m = if upper_lip {
                length_m.min(math::lerp(
                    0.007,
                    0.013,
                    math::smoothstep(0.05, 0.3, p.x.abs()),
                ))
            } else if long {
                length_m * math::lerp(0.22, 1.0, chin)
            } else {
                length_m * math::lerp(0.7, 1.0, chin)
            };
            let down = if long { 1.0 } else { 0.5 };
            ShortHair {
                growth,
                lift_rad: if upper_lip { 0.32 } else { 0.75 } + 0.3 * (u(2) - 0.5),
                length_m: length_m * math::lerp(0.65, 1.0, u(3)),
                bend_m: math::lerp(0.012, 0.025, u(4)),
                toward: Vec3::NEG_Y * down + growth * 0.4,
                radius_m: radius_m * math::lerp(0.8, 1.2, u(5)),
                palette: u8::from(u(6) < (1.3 * groom.color.grey_fraction).min(1.0)),
            }
        },
        |idx, strand| {
            // Beard hair is crinkly: each lock winds a little, each hair in its own phase.
            let amount_m = (0.05 * length_m).min(0.0022);
            if length_m < 0.005 {
                return;
            }
            let lock = locks[idx];
            let (start, winding) = (
                draws.stream_f32(1_000_003 + u64::from(lock)),
                draws.stream_f32(idx as u64 * 8 + 7),
            );
            let turns_rad = std::f32::consts::TAU * (length_m / 0.018).min(2.0);
            let frames = frames(strand, Vec3::Y);
            let last = (strand.len() - 1) as f32;
            for (i, point) in strand.iter_mut().enumerate().skip(1) {
                let t = i as f32 / last;
                let phase = std::f32::consts::TAU * (start + 0.35 * winding) + turns_rad * t;
                let (sin, cos) = math::sin_cos(phase);
                let (a, b) = frames[i];
                *point += (a * cos + b * sin) * (amount_m * t);
            }
        },
    )
}
