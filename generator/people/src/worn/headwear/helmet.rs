//! Helmets: of cyclists, with vents and straps, and of builders, with a ridge and a peak.

use std::f32::consts::TAU;

use bottega_geometry::{TriMesh, math};
use bottega_schemas::params::HeadwearParams;
use glam::{Vec2, Vec3};

use super::{Crown, Headwear, N_COLUMNS, RIM_ROW, Under, piece};
use crate::{
    garment::finish::shell_of,
    worn::{
        head::side_sign,
        solid::{Section, Solid, clear, smooth_path},
    },
};

/// Thickness of the foam of a cycling helmet, in metres.
const FOAM_M: f32 = 0.020;

/// Distance between the vents, in metres.
const VENT_PITCH_M: f32 = 0.034;

/// A cycling helmet.
pub(super) fn cycling(params: &HeadwearParams, under: &Under<'_>) -> Headwear {
    let front_m = math::lerp(0.036, 0.018, params.depth);
    let mut crown = Crown::over(under, front_m, 0.014);
    let press = crown.press();
    let liner = crown.fan.shell(0..RIM_ROW, 0.004, 0.003);
    crown.shape(|phi, theta, tight_m| {
        // Drawn out to the back, highest behind the middle, thin at the rim.
        let back = (-math::cos(phi)).max(0.0) * math::sin(theta);
        let thick_m = 0.012 + FOAM_M * math::smoothstep(1.75, 1.0, theta);
        tight_m + thick_m + 0.014 * back * math::smoothstep(1.6, 1.0, theta)
    });
    let cloth = crown.fan.cloth(RIM_ROW + 1);
    let dome = &crown.dome;
    let local = |p: Vec3| {
        let d = p - dome.origin;
        Vec3::new(d.dot(dome.left), d.dot(dome.up), d.dot(dome.front))
    };
    let solid: Vec<f32> = (cloth.worn.iter())
        .map(|p| {
            let q = local(*p);
            // Vents run from front to back, pointed at both ends, broken by one cross rib.
            let lane = (q.x / VENT_PITCH_M).round().clamp(-2.0, 2.0);
            let along = (q.z + 0.004 * lane.abs()) / (0.128 - 0.016 * lane.abs());
            let open = (1.0 - along * along).max(0.0).sqrt();
            let rib = ((along - 0.30).abs() / 0.10).min((along + 0.28).abs() / 0.10);
            let half_m = 0.0122 * open * rib.min(1.0) - 0.0012;
            let vent = (q.x - lane * VENT_PITCH_M).abs() - half_m;
            let low = 0.026 - q.y;
            vent.max(low)
        })
        .collect();
    let shell = cloth.clip(&solid);
    let uvs = vec![Vec2::ZERO; shell.worn.len()];
    let outside = shell_of(&shell.worn, &uvs, &shell.triangles, 0.0, 0.012);
    let mut surfaces = vec![piece("shell", outside), piece("liner", liner)];
    surfaces.push(piece("strap", straps(&crown, under)));
    Headwear {
        surfaces,
        press: Some(press),
    }
}

/// Two straps on each side that meet below the ear and go under the chin.
fn straps(crown: &Crown, under: &Under<'_>) -> TriMesh {
    let head = under.head;
    let mut solid = Solid::default();
    let chin = head.chin + Vec3::new(0.0, -0.006, -0.024);
    let mut ribbon = |knots: &[Vec3], n: usize| {
        let mut path = smooth_path(knots, n);
        for _ in 0..5 {
            for p in &mut path[1..] {
                *p = head.push_out(*p, 0.0022);
            }
            let before = path.clone();
            for i in 1..n - 1 {
                path[i] = before[i].lerp(0.5 * (before[i - 1] + before[i + 1]), 0.4);
            }
        }
        for p in &mut path[1..] {
            *p = head.push_out(*p, 0.0022);
        }
        let mut sections: Vec<Section> = path
            .iter()
            .map(|at| {
                let outward = head.skin.query(*at, 0.05).map_or(Vec3::X, |hit| hit.normal);
                Section {
                    at: *at,
                    side: outward,
                    half_m: Vec2::new(0.0008, 0.0060),
                }
            })
            .collect();
        clear(&mut sections[1..], head, 0.0002);
        solid.rod(&sections, false, 4.0);
    };
    for side in 0..2 {
        let (sign, ear) = (side_sign(side), &head.ears[side]);
        let joint = Vec3::new(
            sign * (head.aside_m(side, ear.lowest.y - 0.012, ear.lowest.z + 0.010) + 0.003),
            ear.lowest.y - 0.012,
            ear.lowest.z + 0.010,
        );
        for (ahead_m, phi) in [(0.030, 1.15), (-0.032, 2.05)] {
            let (rim, _) = crown.rim(sign * phi, 0.004);
            let z = ear.center.z + ahead_m;
            let beside = Vec3::new(
                sign * (head.aside_m(side, ear.top.y - 0.004, z) + 0.004),
                ear.top.y - 0.004,
                z,
            );
            ribbon(&[rim, beside, joint], 24);
        }
        let jaw_y = 0.5 * (joint.y + chin.y);
        let jaw = Vec3::new(
            sign * (head.aside_m(side, jaw_y, 0.5 * (joint.z + chin.z)) + 0.003),
            jaw_y,
            0.5 * (joint.z + chin.z),
        );
        ribbon(&[joint, jaw, chin], 24);
    }
    solid.mesh
}

/// A hard hat.
pub(super) fn hard_hat(params: &HeadwearParams, under: &Under<'_>) -> Headwear {
    let front_m = math::lerp(0.044, 0.026, params.depth);
    let mut crown = Crown::over(under, front_m, 0.012);
    let press = crown.press();
    // The headband below the shell.
    let band = crown.fan.shell(RIM_ROW - 7..RIM_ROW + 1, 0.0008, 0.0022);
    let rim_m: Vec<f32> = (0..N_COLUMNS)
        .map(|c| crown.fan.height_m[crown.fan.at(RIM_ROW, c)] + 0.013)
        .collect();
    let top_m = crown.fan.height_m[0] + 0.036;
    crown.shape(|phi, theta, tight_m| {
        let column = (phi / TAU * N_COLUMNS as f32 + 0.5) as usize % N_COLUMNS;
        let (sin_t, cos_t) = math::sin_cos(theta);
        let (side, top) = (sin_t / rim_m[column], cos_t / top_m);
        let dome_m = math::pow(math::pow(side, 2.3) + math::pow(top, 2.3), -1.0 / 2.3);
        let x = dome_m * sin_t * math::sin(phi);
        // A broad ridge from front to back with a furrow on each side.
        let fade = math::smoothstep(1.45, 1.05, theta);
        let ridge = 0.0060 * math::smoothstep(0.019, 0.013, x.abs()) * fade;
        (tight_m + 0.009).max(dome_m) + ridge
    });
    let surfaces = vec![
        piece("shell", crown.fan.shell(0..RIM_ROW + 1, 0.0, 0.0028)),
        piece("shell", peak(params, &crown)),
        piece("liner", band),
    ];
    Headwear {
        surfaces,
        press: Some(press),
    }
}

/// The short brim of a hard hat, longer in front.
fn peak(params: &HeadwearParams, crown: &Crown) -> TriMesh {
    crown.brim(9, [0.0012, 0.0026], |phi, v| {
        let front = math::smoothstep(0.25, 0.95, math::cos(phi));
        let width_m = 0.008 + (0.030 + 0.014 * params.fullness) * front;
        let sunk_m = width_m * v * (0.12 + 0.34 * front * v) + 0.0012;
        (width_m, -sunk_m)
    })
}
