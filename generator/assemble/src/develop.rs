//! From the scene-linear picture to the display-referred one: sensor, white balance, tone.
//!
//! The scene-linear picture itself is left as it is.

use bottega_render::scene::{Film, PixelFilter};
use bottega_render::sensor::Sensor;
use bottega_render::tone::{ToneCurve, encode, to_srgb8};
use bottega_render::white_balance::{adaptation, color_of_temperature};
use bottega_schemas::params::{FilmParams, PixelFilterName, ToneCurveName};
use glam::Vec3;

/// The display's white, in mireds.
const DISPLAY_WHITE_MIRED: f32 = 1e6 / 6504.0;

/// The pixel filter called so.
pub fn pixel_filter(name: PixelFilterName) -> PixelFilter {
    match name {
        PixelFilterName::Box => PixelFilter::Box,
        PixelFilterName::Gaussian => PixelFilter::Gaussian,
        PixelFilterName::BlackmanHarris => PixelFilter::BlackmanHarris,
    }
}

fn tone_curve(name: ToneCurveName) -> ToneCurve {
    match name {
        ToneCurveName::Agx => ToneCurve::AgX,
        ToneCurveName::Srgb => ToneCurve::Srgb,
        ToneCurveName::Filmic => ToneCurve::Filmic,
    }
}

/// The picture as rows of R, G, B bytes. `light` is the colour of the light on the head, `seed`
/// that of the sensor's noise.
pub fn develop(film: &Film, params: &FilmParams, light: Vec3, seed: u64) -> Vec<u8> {
    let curve = tone_curve(params.tone_curve);
    let is_plain =
        params.sensor.is_none() && params.white_balance == 0.0 && params.white_shift_mired == 0.0;
    if is_plain {
        return to_srgb8(film, curve);
    }
    let mut rgb = film.rgb.clone();
    if let Some(sensor) = &params.sensor {
        let sensor = Sensor {
            electrons: sensor.electrons.max(1.0),
            read_noise_e: sensor.read_noise_e,
            iso: sensor.iso,
        };
        sensor.expose(film.width, &mut rgb, seed);
    }
    // A warm picture comes from taking the light for bluer than it is.
    let taken_for =
        color_of_temperature(1e6 / (DISPLAY_WHITE_MIRED - params.white_shift_mired).max(40.0));
    let balance = adaptation(taken_for, 1.0) * adaptation(light, params.white_balance);
    for pixel in &mut rgb {
        *pixel = balance * *pixel;
    }
    encode(&rgb, curve)
}

#[cfg(test)]
mod tests {
    use super::*;
    use bottega_render::scene::Effort;
    use bottega_schemas::params::SensorParams;

    fn film(color: Vec3) -> Film {
        let n = 64 * 64;
        Film {
            width: 64,
            height: 64,
            rgb: vec![color; n],
            alpha: vec![1.0; n],
            depth_m: vec![1.0; n],
            normal: vec![Vec3::Z; n],
            part: vec![1; n],
            range_m: vec![1.0; n],
            effort: Effort::default(),
        }
    }

    fn mean(bytes: &[u8]) -> Vec3 {
        let sum: Vec3 = (bytes.chunks_exact(3))
            .map(|p| Vec3::new(f32::from(p[0]), f32::from(p[1]), f32::from(p[2])))
            .sum();
        sum / (bytes.len() / 3) as f32
    }

    #[test]
    fn white_balance_makes_a_grey_card_grey_and_its_error_tints_it() {
        let bulb = color_of_temperature(3000.0);
        let film = film(bulb * 0.18);
        let with = |white_balance, white_shift_mired| {
            let params = FilmParams {
                tone_curve: ToneCurveName::Srgb,
                white_balance,
                white_shift_mired,
                ..FilmParams::default()
            };
            mean(&develop(&film, &params, bulb, 1))
        };
        let balanced = with(1.0, 0.0);
        assert!(
            balanced.max_element() - balanced.min_element() <= 1.5,
            "{balanced}"
        );
        let half = with(0.5, 0.0);
        assert!(balanced.x < half.x && half.x < with(0.0, 0.0).x);
        let (warm, cold) = (with(1.0, 30.0), with(1.0, -30.0));
        assert!(
            warm.z + 5.0 < warm.x && cold.x + 5.0 < cold.z,
            "{warm}, {cold}"
        );
    }

    #[test]
    fn noise_moves_pixels_and_not_the_linear_picture() {
        let film = film(Vec3::splat(0.18));
        let noisy = FilmParams {
            tone_curve: ToneCurveName::Srgb,
            sensor: Some(SensorParams {
                iso: 1600.0,
                electrons: 12_000.0,
                read_noise_e: 3.0,
            }),
            ..FilmParams::default()
        };
        let plain = FilmParams {
            tone_curve: ToneCurveName::Srgb,
            ..FilmParams::default()
        };
        let (noisy, plain) = (
            develop(&film, &noisy, Vec3::ONE, 3),
            develop(&film, &plain, Vec3::ONE, 3),
        );
        assert!(film.rgb.iter().all(|p| *p == Vec3::splat(0.18)));
        assert!((mean(&noisy) - mean(&plain)).abs().max_element() < 1.5);
        let changed = noisy.iter().zip(&plain).filter(|(a, b)| a != b).count();
        assert!(noisy.len() / 2 < changed);
        assert_eq!(plain, to_srgb8(&film, ToneCurve::Srgb));
    }
}
