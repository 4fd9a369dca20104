//! Draws what the camera makes of the light.

use bottega_geometry::math;
use bottega_render::exposure::PhysicalExposure;
use bottega_schemas::params::{CameraMotionParams, ExposureParams, FilmParams, SensorParams};
use bottega_schemas::scene_spec::{FilmSpec, ShakeSpec};
use glam::Vec3;

use super::quantiles::Quantiles;

/// Draws the film of one picture; what the recipe leaves out stays plain.
pub(super) fn draw(spec: &FilmSpec, q: Quantiles) -> FilmParams {
    let exposure = spec.exposure.as_ref().map(|set| ExposureParams {
        illuminance_lux: set.illuminance_lux.quantile(q.u("film/illuminance")) as f32,
        f_number: set.f_number.quantile(q.u("film/f number")) as f32,
        shutter_s: set.shutter_s.quantile(q.u("film/shutter")) as f32,
        iso: set.iso.quantile(q.u("film/iso")) as f32,
    });
    let sensor = (spec.sensor.as_ref()).filter(|s| q.happens("film/noise", s.share.get()));
    FilmParams {
        pixel_filter: (spec.pixel_filter.as_ref())
            .map(|choice| *choice.quantile(q.u("film/filter")))
            .unwrap_or_default(),
        tone_curve: (spec.tone_curve.as_ref())
            .map(|choice| *choice.quantile(q.u("film/tone")))
            .unwrap_or_default(),
        white_balance: (spec.white_balance.as_ref())
            .map_or(0.0, |law| law.quantile(q.u("film/white balance")) as f32),
        white_shift_mired: (spec.white_shift_mired.as_ref())
            .map_or(0.0, |law| law.quantile(q.u("film/white shift")) as f32),
        shutter_s: exposure.map(|set| set.shutter_s).or_else(|| {
            (spec.shutter_s.as_ref()).map(|law| law.quantile(q.u("film/shutter")) as f32)
        }),
        camera_motion: (spec.shake.as_ref())
            .filter(|shake| q.happens("film/shake", shake.share.get()))
            .map(|shake| draw_shake(shake, q)),
        sensor: sensor.map(|sensor| SensorParams {
            iso: exposure.map_or_else(
                || sensor.iso.quantile(q.u("film/iso")) as f32,
                |set| set.iso,
            ),
            electrons: sensor.electrons.quantile(q.u("film/electrons")) as f32,
            read_noise_e: sensor.read_noise_e.quantile(q.u("film/read noise")) as f32,
        }),
        exposure,
    }
}

/// Velocity and turn of a camera that moves.
fn draw_shake(shake: &ShakeSpec, q: Quantiles) -> CameraMotionParams {
    let speed_m_s = shake.speed_m_s.quantile(q.u("film/shake speed")) as f32;
    let turn_rad_s = shake.turn_deg_s.quantile(q.u("film/shake turn")) as f32;
    let direction = |name: &str| {
        let height = 2.0 * q.u(&format!("{name} height")) as f32 - 1.0;
        let azimuth_rad = std::f32::consts::TAU * q.u(&format!("{name} azimuth")) as f32;
        let (sin, cos) = math::sin_cos(azimuth_rad);
        let radius = (1.0 - height * height).max(0.0).sqrt();
        Vec3::new(radius * cos, radius * sin, height)
    };
    CameraMotionParams {
        velocity_m_s: (speed_m_s * direction("film/shake way")).to_array(),
        turn_rad_s: (turn_rad_s * direction("film/shake axis")).to_array(),
    }
}

/// By how many stops a camera of these settings exposes more than its meter would: with the meter
/// a card of 18 % shows as 0.18.
pub(super) fn stops_over_meter(set: &ExposureParams) -> f32 {
    let camera = PhysicalExposure {
        f_number: set.f_number,
        shutter_s: set.shutter_s,
        iso: set.iso,
    };
    math::log2(set.illuminance_lux / std::f32::consts::PI * camera.factor())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sunlight_at_the_speed_of_the_film_is_near_what_the_meter_says() {
        // f/16 at 1/100 s and ISO 100 in 80000 lux: the card of 18 % has 4584 cd/m2.
        let sunny = ExposureParams {
            illuminance_lux: 80_000.0,
            f_number: 16.0,
            shutter_s: 0.01,
            iso: 100.0,
        };
        let stops = stops_over_meter(&sunny);
        // 4584 / (1.2 * 2^14.644) = 0.1492, against 0.18.
        assert!((stops + 0.2705).abs() < 1e-3, "{stops}");
        let dim = ExposureParams {
            illuminance_lux: 40_000.0,
            ..sunny
        };
        assert!((stops - stops_over_meter(&dim) - 1.0).abs() < 1e-5);
    }
}
