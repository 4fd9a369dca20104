//! Headphones: a band over the crown, cups on the ears with soft cushions.

use std::f32::consts::TAU;

use bottega_geometry::math;
use bottega_schemas::params::HeadwearParams;
use glam::{Vec2, Vec3};

use super::{Headwear, N_COLUMNS, Under, coat_m, piece};
use crate::worn::{
    head::{side_sign, trace},
    press::Dome,
    solid::{Section, Solid, smooth_path},
};

/// Half the width of the band, in metres.
const BAND_M: f32 = 0.0085;

/// Radius of the middle of the cushions, in metres.
const CUSHION_M: f32 = 0.035;

/// Depth of a cup beyond its cushion, in metres.
const CUP_M: f32 = 0.021;

pub(super) fn build(params: &HeadwearParams, under: &Under<'_>) -> Headwear {
    let head = under.head;
    let ears = &head.ears;
    let middle = 0.5 * (ears[0].center + ears[1].center);
    // The band runs a little before the middle of the ears, straight up.
    let origin = Vec3::new(0.0, middle.y + 0.020, middle.z + 0.006);
    let room_m = coat_m(under.groom) + 0.0012;
    let (mut shells, mut soft, mut metal) = (Solid::default(), Solid::default(), Solid::default());

    let mut cup_x = [0.0; 2];
    for side in 0..2 {
        let (sign, ear) = (side_sign(side), &ears[side]);
        let center = Vec3::new(0.0, ear.center.y + 0.002, ear.center.z);
        // The cushion follows the head all around the ear.
        let inner: Vec<(Vec3, f32)> = (0..40)
            .map(|k| {
                let (sin, cos) = math::sin_cos(TAU * k as f32 / 40.0);
                let at = center + Vec3::new(0.0, 1.12 * sin, cos) * CUSHION_M;
                let near = [-0.009, 0.0, 0.009].map(|d| {
                    let p = at + Vec3::new(0.0, 1.12 * sin, cos) * d;
                    head.aside_m(side, p.y, p.z)
                });
                (at, near.into_iter().fold(0.0, f32::max) + 0.0008)
            })
            .collect();
        let outermost = inner.iter().fold(0.0f32, |most, (_, x)| most.max(*x));
        let plane_m = (outermost + 0.006).max(ear.reach_m + 0.002);
        cup_x[side] = plane_m;
        let mut smooth: Vec<f32> = inner.iter().map(|(_, x)| *x).collect();
        for _ in 0..4 {
            let before = smooth.clone();
            for k in 0..40 {
                let mean = 0.5 * (before[(k + 39) % 40] + before[(k + 1) % 40]);
                smooth[k] = mean.max(inner[k].1);
            }
        }
        let cushion: Vec<Section> = inner
            .iter()
            .zip(&smooth)
            .map(|((at, _), inner_m)| {
                let half_m = 0.5 * (plane_m + 0.001 - inner_m).max(0.006);
                let x = sign * (plane_m + 0.001 - half_m);
                Section {
                    at: Vec3::new(x, at.y, at.z),
                    side: Vec3::X,
                    half_m: Vec2::new(half_m, 0.0095),
                }
            })
            .collect();
        soft.rod(&cushion, true, 2.6);
        // The cup: an oval shell closed on both sides.
        let profile = [
            (0.0, 0.0),
            (0.94, 0.0),
            (1.0, 0.10),
            (1.0, 0.42),
            (0.93, 0.68),
            (0.74, 0.86),
            (0.70, 0.84),
            (0.66, 0.90),
            (0.40, 0.985),
            (0.0, 1.0),
        ];
        let radius_m = CUSHION_M + 0.008;
        let profile: Vec<Vec2> = profile
            .iter()
            .map(|(r, h)| Vec2::new(r * radius_m, h * CUP_M))
            .collect();
        let start = center + Vec3::X * (sign * plane_m);
        let first = shells.mesh.positions.len();
        shells.turned(start, Vec3::X * sign, &profile);
        for p in &mut shells.mesh.positions[first..] {
            p.y = center.y + (p.y - center.y) * 1.12;
        }
    }

    // The band: taut over the hair, from cup to cup.
    let n = 61;
    let angle = |k: usize| {
        let t = k as f32 / (n - 1) as f32;
        math::lerp(-1.42, 1.42, t)
    };
    let ray = |k: usize| {
        let (sin, cos) = math::sin_cos(angle(k));
        Vec3::new(sin, cos, 0.0)
    };
    let least: Vec<f32> = (0..n)
        .map(|k| {
            let across = [-BAND_M, 0.0, BAND_M].map(|dz| {
                let start = origin + Vec3::Z * dz + ray(k) * 0.2;
                trace(&[&head.skin], start, -ray(k), 0.2).map_or(0.0, |t| 0.2 - t)
            });
            across.into_iter().fold(0.0, f32::max) + room_m + 0.004
        })
        .collect();
    let mut height = least.clone();
    // It springs out to the cups.
    for (k, h) in height.iter_mut().enumerate() {
        let side = usize::from(angle(k) < 0.0);
        let low = math::smoothstep(0.75, 1.42, angle(k).abs());
        let cup_m = (cup_x[side] + 0.6 * CUP_M) / math::sin(angle(k).abs()).max(0.3);
        *h = h.max(math::lerp(*h, cup_m, low));
    }
    for _ in 0..60 {
        let before = height.clone();
        for k in 1..n - 1 {
            let p = 0.5 * (ray(k - 1) * before[k - 1] + ray(k + 1) * before[k + 1]);
            height[k] = p.dot(ray(k)).max(least[k]);
        }
    }
    let path: Vec<Vec3> = (0..n).map(|k| origin + ray(k) * height[k]).collect();
    let band: Vec<Section> = path
        .iter()
        .enumerate()
        .map(|(k, at)| {
            let slim = 1.0 - 0.35 * math::smoothstep(0.8, 1.4, angle(k).abs());
            Section {
                at: *at + ray(k) * 0.002,
                side: Vec3::Z,
                half_m: Vec2::new(BAND_M * slim * (0.9 + 0.35 * params.fullness), 0.0026),
            }
        })
        .collect();
    shells.rod(&band, false, 3.0);
    let pad: Vec<Section> = (16..n - 16)
        .map(|k| Section {
            at: path[k] - ray(k) * 0.0015,
            side: Vec3::Z,
            half_m: Vec2::new(BAND_M * 0.95, 0.0024),
        })
        .collect();
    soft.rod(&pad, false, 2.6);
    for side in 0..2 {
        let end = if side == 0 { path[n - 1] } else { path[0] };
        let sign = side_sign(side);
        let center = &ears[side].center;
        for dz in [-1.0, 1.0] {
            let hinge = Vec3::new(
                sign * (cup_x[side] + 0.55 * CUP_M),
                center.y + 0.004,
                center.z + dz * (CUSHION_M + 0.0085),
            );
            let bend = Vec3::new(
                hinge.x + sign * 0.002,
                center.y + 1.12 * (CUSHION_M + 0.006),
                center.z + dz * 0.016,
            );
            let yoke: Vec<Section> = smooth_path(&[end, bend, hinge], 14)
                .iter()
                .map(|at| Section::round(*at, Vec3::X, 0.0022))
                .collect();
            metal.rod(&yoke, false, 2.0);
        }
    }

    let dome = Dome::new(origin, Vec3::Y, super::LAST_RAD, [super::N_ROWS, N_COLUMNS]);
    let mut fan = dome.fan();
    fan.measure(&[&head.skin], super::REACH_M);
    fan.height_m = fan.floor_m.iter().map(|floor| floor + room_m).collect();
    let below_band = |i: usize| {
        let p = fan.point(i, fan.floor_m[i]) - origin;
        p.z.abs() < BAND_M + 0.002 && -0.01 < p.y
    };
    let below_cup = |i: usize| {
        let p = fan.point(i, fan.floor_m[i]);
        let ear = &ears[usize::from(p.x < 0.0)];
        let aside = Vec2::new((p.y - ear.center.y) / 1.12, p.z - ear.center.z);
        0.03 < p.x.abs() && aside.length() < CUSHION_M + 0.012
    };
    let press = dome.press(&fan, |i| below_band(i) || below_cup(i), false);
    Headwear {
        surfaces: vec![
            piece("shell", shells.mesh),
            piece("soft", soft.mesh),
            piece("metal", metal.mesh),
        ],
        press: Some(press),
    }
}
