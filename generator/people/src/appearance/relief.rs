//! Relief of the skin that is large enough to be geometry: lines, marks, the unevenness between
//! pores and features. Depth and normals of the labels have it as the picture does.

use bottega_geometry::math;
use bottega_schemas::{
    Seed,
    params::{FaceParams, PersonParams},
};
use glam::Vec3;
use rayon::prelude::*;

use super::{masks::SkinMasks, noise, specks::Specks, wrinkles::Wrinkles};

/// Height above the smooth skin at each vertex, in metres; `rest` are their places before posing.
pub(crate) fn skin_relief(
    masks: &SkinMasks,
    rest: &[Vec3],
    params: &PersonParams,
    face: &FaceParams,
    specks: &Specks,
    seed: Seed,
) -> Vec<f32> {
    let seed = seed.child("relief");
    let wrinkles = Wrinkles::new(params, face, seed);
    let [fine, middle, coarse, lip] =
        ["fine", "middle", "coarse", "lip"].map(|name| seed.child(name));
    // Skin loosens with age; some have coarse skin at any age.
    let age = math::smoothstep(35.0, 85.0, params.age_years);
    let coarseness = 0.6 + 0.8 * seed.child("coarseness").unit_f64() as f32 + 0.7 * age;
    (0..rest.len())
        .into_par_iter()
        .map(|v| {
            let p = rest[v];
            let bare = (1.0 - masks.inside_mouth[v] - masks.nails[v]).clamp(0.0, 1.0);
            let thin = (1.0 - masks.lid_border[v]) * (1.0 - 0.6 * masks.lids[v]);
            let pored = 0.7 + 0.6 * (masks.nose[v] + masks.cheeks[v] + masks.chin[v]).min(1.0);
            let lips = masks.lips[v].clamp(0.0, 1.0);
            let uneven_mm = coarseness
                * pored
                * (0.055 * noise::noise(p / 1.7e-3, fine)
                    + 0.09 * noise::noise(p / 3.6e-3, middle)
                    + 0.15 * age * noise::noise(p / 9e-3, coarse));
            // Furrows of the lips run down.
            let across = Vec3::new(p.x / 1.3e-3, p.y / 9e-3, p.z / 9e-3);
            let furrow_mm = 0.16 * -(1.0 - noise::noise(across, lip).abs() * 2.0).max(0.0);
            let skin_m = 1e-3 * math::lerp(uneven_mm, furrow_mm, lips);
            let marks_m: f32 = (specks.near(p))
                .map(|(speck, share)| speck.height_m * share)
                .sum();
            bare * thin * (skin_m + marks_m) + bare * wrinkles.height_m(masks.face_mm[v])
        })
        .collect()
}
