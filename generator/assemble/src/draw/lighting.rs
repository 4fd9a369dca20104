//! Draws light and background.

use bottega_schemas::params::{LightingKind, LightingParams};
use bottega_schemas::scene_spec::LightingSpec;

use super::error::DrawError;
use super::quantiles::Quantiles;

/// Draws the light of one picture: a kind among those that the environments (name and kind) have,
/// then one of its environments, all equally likely.
pub(super) fn draw(
    spec: &LightingSpec,
    environments: &[(String, LightingKind)],
    q: Quantiles,
) -> Result<LightingParams, DrawError> {
    let choice = spec
        .kind
        .restrict(|kind| environments.iter().any(|(_, k)| k == kind))
        .ok_or(DrawError::NoEnvironment)?;
    let kind = *choice.quantile(q.u("lighting/kind"));
    let mut names: Vec<&str> = environments
        .iter()
        .filter(|(_, k)| *k == kind)
        .map(|(name, _)| name.as_str())
        .collect();
    names.sort_unstable();
    let idx = (q.u("lighting/environment") * names.len() as f64) as usize;
    let dark = q.happens("lighting/dark", spec.dark_share.get());
    let exposure = if dark {
        &spec.dark_ev
    } else {
        &spec.exposure_ev
    };
    Ok(LightingParams {
        environment_id: names[idx.min(names.len() - 1)].to_owned(),
        kind,
        yaw_rad: spec.yaw_deg.quantile(q.u("lighting/yaw")) as f32,
        exposure_ev: exposure.quantile(q.u("lighting/exposure")) as f32,
    })
}
