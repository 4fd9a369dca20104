//! Turbans: cloth wound around the head in bands that cross in front.

use bottega_geometry::math;
use bottega_schemas::params::HeadwearParams;

use super::{Crown, Headwear, RIM_ROW, Under, piece};
use crate::garment::noise;

/// Bands wound over each other.
const N_BANDS: usize = 9;

pub(super) fn build(params: &HeadwearParams, under: &Under<'_>) -> Headwear {
    let front_m = math::lerp(0.036, 0.016, params.depth);
    let mut crown = Crown::over(under, front_m, -0.010);
    let press = crown.press();
    let bulk_m = 0.009 + 0.018 * params.fullness;
    let seed = under.seed;
    crown.shape(|phi, theta, tight_m| {
        let (sin_p, cos_p) = math::sin_cos(phi);
        let (sin_t, cos_t) = math::sin_cos(theta);
        let elevation = std::f32::consts::FRAC_PI_2 - theta;
        let place = glam::Vec3::new(sin_t * sin_p, cos_t, sin_t * cos_p);
        let waver = 0.06 * noise::value(place * 2.6, seed);
        // Fullest a third of the way up; every second band leans the other way, so that they
        // cross in front and behind.
        let body = math::sin((1.9 * elevation + 0.35).clamp(0.0, std::f32::consts::PI));
        let mut band_m = 0.0f32;
        for k in 0..N_BANDS {
            let lean = if k % 2 == 0 { 0.34 } else { -0.34 };
            let middle = 0.02 + 1.35 * k as f32 / (N_BANDS - 1) as f32;
            let own = 0.05 * noise::value(glam::Vec3::splat(k as f32 * 3.7), seed.wrapping_add(9));
            let away =
                (elevation - middle - own - lean * sin_p * math::cos(elevation) - waver) / 0.125;
            if away.abs() < 1.0 {
                // Each band is round at its lower edge and slips under the next above.
                let section = (1.0 - away * away * away * away).sqrt() * (0.75 - 0.25 * away);
                band_m = band_m.max(0.0105 * section + 0.0016 * ((k * 5) % 3) as f32);
            }
        }
        // Fine folds run along the bands.
        let along = noise::value(
            glam::Vec3::new(phi * 1.4, (elevation + 0.3 * sin_p) * 26.0, 0.0),
            seed.wrapping_add(3),
        );
        let folds = 0.0015 * along * math::smoothstep(0.0, 0.15, elevation);
        tight_m + 0.006 + bulk_m * body.max(0.0) + band_m + folds
    });
    // Cloth has no corners: what was wound is smoothed once.
    let rounded: Vec<f32> = crown.fan.height_m.clone();
    for row in 1..=RIM_ROW {
        for column in 0..crown.fan.n_columns {
            let i = crown.fan.at(row, column);
            let left = crown.fan.at(row, column + crown.fan.n_columns - 1);
            let right = crown.fan.at(row, column + 1);
            crown.fan.height_m[i] = 0.7 * rounded[i] + 0.15 * (rounded[left] + rounded[right]);
        }
    }
    let surfaces = vec![piece("", crown.fan.shell(0..RIM_ROW + 1, -0.004, 0.004))];
    Headwear {
        surfaces,
        press: Some(press),
    }
}
