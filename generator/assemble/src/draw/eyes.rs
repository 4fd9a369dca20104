//! Draws the eyes.

use bottega_schemas::params::EyeParams;
use bottega_schemas::scene_spec::EyeSpec;

use super::quantiles::Quantiles;
use super::traits::Traits;

/// Draws the eyes of a person. Pupils get smaller with age.
pub(super) fn draw(spec: &EyeSpec, traits: &Traits, q: Quantiles) -> EyeParams {
    let years = (f64::from(traits.age_years) - 25.0).max(0.0);
    let pupil =
        spec.pupil_ratio.quantile(q.u("eyes/pupil")) - spec.pupil_loss_per_year.get() * years;
    EyeParams {
        color: traits.eye_color,
        color_variation: spec.color_variation.quantile(q.u("eyes/variation")) as f32,
        pupil_ratio: pupil.clamp(0.17, 0.65) as f32,
        lid_crease: spec.lid_crease.quantile(q.u("eyes/lid crease")) as f32,
    }
}
