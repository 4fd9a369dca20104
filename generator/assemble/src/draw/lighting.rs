//! Draws light and background.

use bottega_schemas::params::{LampParams, LightingKind, LightingParams, SKY_ID, SkyParams};
use bottega_schemas::scene_spec::LightingSpec;

use super::error::DrawError;
use super::quantiles::Quantiles;

/// Most lamps about one person.
const MAX_LAMPS: f64 = 8.0;

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
    let sky = draw_sky(spec, kind, q);
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
    let environment_id = match sky {
        Some(_) => SKY_ID,
        None => names[idx.min(names.len() - 1)],
    };
    Ok(LightingParams {
        environment_id: environment_id.to_owned(),
        kind,
        yaw_rad: spec.yaw_deg.quantile(q.u("lighting/yaw")) as f32,
        exposure_ev: exposure.quantile(q.u("lighting/exposure")) as f32,
        sky,
        lamps: draw_lamps(spec, kind, q),
    })
}

/// The computed sky of a picture under the sky, if it has one.
fn draw_sky(spec: &LightingSpec, kind: LightingKind, q: Quantiles) -> Option<SkyParams> {
    let sky = (spec.sky.as_ref()).filter(|_| kind == LightingKind::Outdoor)?;
    q.happens("lighting/sky", sky.share.get())
        .then(|| SkyParams {
            sun_height_rad: sky.sun_height_deg.quantile(q.u("lighting/sun height")) as f32,
            sun_azimuth_rad: sky.sun_azimuth_deg.quantile(q.u("lighting/sun azimuth")) as f32,
            turbidity: sky.turbidity.quantile(q.u("lighting/turbidity")) as f32,
        })
}

/// The lamps of a picture.
fn draw_lamps(spec: &LightingSpec, kind: LightingKind, q: Quantiles) -> Vec<LampParams> {
    let Some(lamps) = &spec.lamps else {
        return Vec::new();
    };
    let share = lamps.share.get(&kind).map_or(0.0, |share| share.get());
    if !q.happens("lighting/lamps", share) {
        return Vec::new();
    }
    let count = lamps.count.quantile(q.u("lighting/lamp count"));
    (0..count.round().clamp(1.0, MAX_LAMPS) as u32)
        .map(|lamp| {
            let u = |what: &str| q.u(&format!("lighting/lamp {lamp} {what}"));
            LampParams {
                kind: *lamps.kind.quantile(u("kind")),
                azimuth_rad: lamps.azimuth_deg.quantile(u("azimuth")) as f32,
                height_rad: lamps.height_deg.quantile(u("height")) as f32,
                distance_m: lamps.distance_m.quantile(u("distance")) as f32,
                size_m: lamps.size_m.quantile(u("size")) as f32,
                ratio_ev: lamps.ratio_ev.quantile(u("ratio")) as f32,
                temperature_k: lamps.temperature_k.quantile(u("temperature")) as f32,
            }
        })
        .collect()
}
