//! Baseball caps: six panels, a button and a curved visor.

use std::f32::consts::{PI, TAU};

use bottega_geometry::math;
use bottega_schemas::params::HeadwearParams;
use glam::Vec2;

use super::{Crown, Headwear, RIM_ROW, Under, piece};
use crate::{garment::finish::shell_of, worn::solid::Solid};

/// Thickness of the cloth, in metres.
const CLOTH_M: f32 = 0.0018;

/// Half the angle that the visor takes of the rim, in radians.
const VISOR_RAD: f32 = 1.18;

pub(super) fn build(params: &HeadwearParams, under: &Under<'_>) -> Headwear {
    let front_m = math::lerp(0.034, 0.016, params.depth);
    let mut crown = Crown::over(under, front_m, 0.004);
    let press = crown.press();
    let turned = if params.backward { PI } else { 0.0 };
    crown.shape(|phi, theta, tight_m| {
        // Stiff front panels stand off the forehead; the top is a dome over the hair.
        let front = math::cos(phi - turned).max(0.0);
        let panels = 0.010 * front * math::sin((2.0 * theta).min(PI)).max(0.0);
        let top = 0.010 * math::smoothstep(1.35, 0.35, theta);
        // Seams between the panels sink in a little.
        let from_seam = (phi / (TAU / 6.0)).fract();
        let from_seam = from_seam.min(1.0 - from_seam) * math::sin(theta);
        let seam = 0.0008 * math::smoothstep(0.03, 0.0, from_seam);
        tight_m + panels + top - seam
    });
    let mut surfaces = vec![
        piece("", crown.fan.shell(0..RIM_ROW + 1, 0.0, CLOTH_M)),
        // The seam allowance of the rim.
        piece(
            "",
            crown.fan.shell(RIM_ROW - 3..RIM_ROW + 1, CLOTH_M, 0.0006),
        ),
    ];
    let top_m = crown.fan.height_m[0] + CLOTH_M;
    let up = crown.dome.up;
    let mut button = Solid::default();
    let center = crown.dome.origin + up * (top_m + 0.0006);
    let (a, _) = math::orthonormal_basis(up);
    button.ellipsoid(center, [a * 0.0075, up * 0.0035, a.cross(up) * 0.0075]);
    surfaces.push(piece("", button.mesh));
    surfaces.push(piece("visor", visor(params, &crown, turned)));
    Headwear {
        surfaces,
        press: Some(press),
    }
}

/// The visor: longest in the middle, its sides bent down.
fn visor(params: &HeadwearParams, crown: &Crown, turned: f32) -> bottega_geometry::TriMesh {
    const N_ACROSS: usize = 49;
    const N_OUT: usize = 14;
    let length_m = 0.060 + 0.016 * params.fullness;
    // Behind the ears a visor stays flat, and is narrow.
    let (flat, half_rad) = if params.backward {
        (0.35, 0.86 * VISOR_RAD)
    } else {
        (1.0, VISOR_RAD)
    };
    let bend = flat * (3.2 + 2.6 * (1.0 - params.fullness));
    let (up, left) = (crown.dome.up, crown.dome.left);
    let front = crown.dome.direction(turned, super::RIM_RAD);
    let aside = if turned == 0.0 { left } else { -left };
    let (mut points, mut uvs) = (Vec::new(), Vec::new());
    for j in 0..N_OUT {
        let v = j as f32 / (N_OUT - 1) as f32;
        for i in 0..N_ACROSS {
            let u = 2.0 * i as f32 / (N_ACROSS - 1) as f32 - 1.0;
            let (root, _) = crown.rim(turned + u * half_rad, -0.0004);
            // The edge is round: a flattened ellipse over the whole width.
            let reach_m = length_m * math::pow(1.0 - math::pow(u.abs(), 2.6), 0.55);
            let x = (root - crown.dome.origin).dot(aside);
            let out_m = reach_m * v;
            let wide = 1.0 + 0.10 * v * (1.0 - u * u);
            let sunk_m = bend * x * x * v * (2.0 - v) + 0.20 * out_m + 0.0012;
            points.push(root + front * out_m + aside * (x * (wide - 1.0)) - up * sunk_m);
            uvs.push(Vec2::new(x, out_m));
        }
    }
    let mut triangles = Vec::new();
    for j in 0..N_OUT - 1 {
        for i in 0..N_ACROSS - 1 {
            let a = (j * N_ACROSS + i) as u32;
            let (b, c, d) = (a + 1, a + N_ACROSS as u32 + 1, a + N_ACROSS as u32);
            // Upper side outward.
            triangles.extend([[a, d, c], [a, c, b]]);
        }
    }
    shell_of(&points, &uvs, &triangles, 0.0012, 0.0026)
}
