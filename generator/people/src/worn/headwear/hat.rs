//! Hats with a brim all around: a blocked crown with a crease, a ribbon and a curved brim.

use std::f32::consts::TAU;

use bottega_geometry::math;
use bottega_schemas::params::HeadwearParams;
use glam::Vec2;

use super::{Crown, Headwear, RIM_ROW, Under, piece};

/// Thickness of felt or straw, in metres.
const FELT_M: f32 = 0.0022;

pub(super) fn build(params: &HeadwearParams, under: &Under<'_>) -> Headwear {
    let front_m = math::lerp(0.040, 0.020, params.depth);
    let mut crown = Crown::over(under, front_m, 0.006);
    let press = crown.press();
    let top_m = crown.fan.height_m[0] + 0.026;
    let rim_m: Vec<f32> = (0..crown.fan.n_columns)
        .map(|c| crown.fan.height_m[crown.fan.at(RIM_ROW, c)])
        .collect();
    let n_columns = rim_m.len();
    crown.shape(|phi, theta, tight_m| {
        // The block: steep sides, a flat top with rounded edges.
        let column = (phi / TAU * n_columns as f32 + 0.5) as usize % n_columns;
        let (sin_t, cos_t) = math::sin_cos(theta);
        let (side, top) = (sin_t / rim_m[column], cos_t / top_m);
        let block_m = math::pow(math::pow(side, 3.4) + math::pow(top, 3.4), -1.0 / 3.4);
        let wanted_m = tight_m.max(block_m);
        // The crease along the top, and a pinch on both sides in front.
        let (x, z) = (
            wanted_m * sin_t * math::sin(phi),
            wanted_m * sin_t * math::cos(phi),
        );
        let crease =
            0.020 * math::exp(-(x * x) / (0.022 * 0.022)) * math::smoothstep(0.95, 0.55, theta);
        let pinch_at = Vec2::new((x.abs() - 0.042) / 0.020, (z - 0.045) / 0.030);
        let pinch =
            0.010 * math::exp(-pinch_at.length_squared()) * math::smoothstep(1.25, 0.9, theta);
        wanted_m - crease - pinch
    });
    let mut surfaces = vec![piece("", crown.fan.shell(0..RIM_ROW + 1, 0.0, FELT_M))];
    surfaces.push(piece(
        "band",
        crown
            .fan
            .shell(RIM_ROW - 6..RIM_ROW + 1, FELT_M - 0.0004, 0.0012),
    ));
    surfaces.push(piece("", brim(params, &crown)));
    Headwear {
        surfaces,
        press: Some(press),
    }
}

/// The brim: turned up a little at the sides, down in front.
fn brim(params: &HeadwearParams, crown: &Crown) -> bottega_geometry::TriMesh {
    let width_m = 0.042 + 0.045 * params.fullness;
    crown.brim(14, [0.5 * FELT_M, FELT_M], |phi, v| {
        let (sin, cos) = math::sin_cos(phi);
        let raised_m = 0.30 * width_m * sin * sin * v * v
            - 0.26 * width_m * cos.max(0.0) * v * v
            - 0.05 * width_m * v;
        (width_m, raised_m)
    })
}
