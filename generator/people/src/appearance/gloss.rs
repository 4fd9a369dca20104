//! Where the skin is oily, wet or dry: the gloss of each vertex, in `[-1, 1]`.
//!
//! Levels by eye after the regional fits of Weyrich et al. 2006: forehead, nose and lips are
//! smoother than cheeks, hands and joints drier. The border of the lids is wet, as the tear line
//! is; so is the inside of the mouth.

use bottega_geometry::math;
use bottega_schemas::{Seed, params::PersonParams};
use glam::Vec3;
use rayon::prelude::*;

use super::{masks::SkinMasks, noise};

/// Gloss of the skin's vertices; `rest` are their places before posing.
pub(crate) fn skin_gloss(
    masks: &SkinMasks,
    rest: &[Vec3],
    params: &PersonParams,
    seed: Seed,
) -> Vec<f32> {
    let seed = seed.child("gloss");
    let (patches, oil) = (seed.child("patches"), seed.child("oil").unit_f64() as f32);
    let (lip_balm, age) = (
        seed.child("lip").unit_f64() as f32,
        math::smoothstep(45.0, 85.0, params.age_years),
    );
    (0..rest.len())
        .into_par_iter()
        .map(|v| {
            let oily = masks.nose[v] + 0.6 * masks.forehead[v] + 0.4 * masks.chin[v];
            let dry = masks.joints[v] + 0.5 * masks.palms[v] + 0.3 * (1.0 - masks.face[v]);
            let mut gloss = 0.10 * noise::noise(rest[v] / 0.012, patches) - 0.15 * age;
            gloss += (0.10 + 0.25 * oil) * oily - 0.25 * dry;
            let wet =
                params.skin.sweat.clamp(0.0, 1.0) * (masks.face[v] + masks.forehead[v]).min(1.0);
            gloss += wet * (0.35 + 0.25 * noise::noise(rest[v] / 0.007, patches));
            gloss = gloss.clamp(-0.4, 0.5 + 0.35 * wet);
            for (mask, level) in [
                (&masks.nails, 0.65),
                (&masks.lips, 0.30 + 0.30 * lip_balm),
                (&masks.lid_border, 0.6),
                (&masks.inside_mouth, 1.0),
            ] {
                gloss = math::lerp(gloss, level, mask[v].clamp(0.0, 1.0));
            }
            gloss
        })
        .collect()
}
