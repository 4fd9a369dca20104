//! Draws what the camera makes of the light.

use bottega_schemas::params::{FilmParams, SensorParams};
use bottega_schemas::scene_spec::FilmSpec;

use super::quantiles::Quantiles;

/// Draws the film of one picture; what the recipe leaves out stays plain.
pub(super) fn draw(spec: &FilmSpec, q: Quantiles) -> FilmParams {
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
        shutter_s: (spec.shutter_s.as_ref()).map(|law| law.quantile(q.u("film/shutter")) as f32),
        sensor: sensor.map(|sensor| SensorParams {
            iso: sensor.iso.quantile(q.u("film/iso")) as f32,
            electrons: sensor.electrons.quantile(q.u("film/electrons")) as f32,
            read_noise_e: sensor.read_noise_e.quantile(q.u("film/read noise")) as f32,
        }),
    }
}
