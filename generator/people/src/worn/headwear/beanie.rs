//! Beanies: knitted tubes with a cuff, slack at the top.

use bottega_geometry::math;
use bottega_schemas::params::HeadwearParams;

use super::{Crown, Headwear, RIM_ROW, Under, piece};
use crate::garment::noise;

/// Thickness of the knit, in metres.
const KNIT_M: f32 = 0.0030;

/// Rows that the cuff takes.
const CUFF_ROWS: usize = 13;

pub(super) fn build(params: &HeadwearParams, under: &Under<'_>) -> Headwear {
    let front_m = math::lerp(0.036, 0.014, params.depth);
    let ear_m = math::lerp(0.003, -0.016, params.depth);
    let mut crown = Crown::over(under, front_m, ear_m);
    let press = crown.press();
    let slack_m = 0.006 + 0.030 * params.fullness * params.fullness;
    let seed = under.seed;
    crown.shape(|phi, theta, tight_m| {
        let (sin_p, cos_p) = math::sin_cos(phi);
        let (sin_t, cos_t) = math::sin_cos(theta);
        // The slack hangs to the back of the top.
        let top = math::smoothstep(1.15, 0.2, theta) * (1.0 - 0.35 * cos_p * sin_t);
        let place = glam::Vec3::new(sin_t * sin_p, cos_t, sin_t * cos_p);
        let soft = 0.0022 * noise::value(place * 3.2, seed)
            + 0.0016 * noise::value(place * 7.0, seed.wrapping_add(1));
        let loose = math::smoothstep(1.45, 1.0, theta);
        tight_m + slack_m * top + soft * loose * (0.5 + params.fullness)
    });
    let mut surfaces = vec![piece("", crown.fan.shell(0..RIM_ROW + 1, 0.0, KNIT_M))];
    // The cuff: the rim turned up, thick at the fold and at its edge.
    let first = RIM_ROW - CUFF_ROWS;
    for row in first..=RIM_ROW {
        let t = (row - first) as f32 / CUFF_ROWS as f32;
        let round_m = 0.0022 * (1.0 - math::pow((2.0 * t - 1.0).abs(), 6.0));
        for column in 0..crown.fan.n_columns {
            let i = crown.fan.at(row, column);
            crown.fan.height_m[i] += KNIT_M + round_m;
        }
    }
    surfaces.push(piece(
        "cuff",
        crown.fan.shell(first..RIM_ROW + 1, -0.0008, 0.0030),
    ));
    Headwear {
        surfaces,
        press: Some(press),
    }
}
