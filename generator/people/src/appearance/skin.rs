//! Albedo of the skin at each vertex.
//!
//! Differences from the person's base tone are added in optical density along the directions of
//! melanin and haemoglobin (Tsumura et al. 2003), so that they stay plausible on every tone. The
//! mean albedo of the face is that of the parameters whatever is drawn on it.

use bottega_geometry::math;
use bottega_schemas::{Seed, params::PersonParams};
use glam::Vec3;
use rayon::prelude::*;

use super::{color, masks::SkinMasks, noise};

/// Unit directions in optical density.
const MELANIN: Vec3 = Vec3::new(0.41, 0.36, 0.84);
const MELANIN_DARK: Vec3 = Vec3::new(0.5, 0.58, 0.64);
const HAEMOGLOBIN: Vec3 = Vec3::new(0.30, 0.68, 0.67);

/// Moist skin inside the mouth, by eye.
const MOUTH: Vec3 = Vec3::new(0.34, 0.11, 0.10);
/// Standard deviation of one octave of gradient noise.
const NOISE_SIGMA: f32 = 0.27;

/// A freckle or a mole.
struct Speck {
    center: Vec3,
    radius_m: f32,
    melanin: f32,
}

/// Colours of the skin's vertices; `rest` are their places on the blank face before posing.
pub(crate) fn skin_colors(
    masks: &SkinMasks,
    rest: &[Vec3],
    params: &PersonParams,
    seed: Seed,
) -> Vec<Vec3> {
    let seed = seed.child("skin");
    let base = color::density(color::linear_from_lab(params.skin.albedo_lab));
    let lightness = params.skin.albedo_lab[0];
    let dark = math::smoothstep(58.0, 30.0, lightness);
    let melanin = MELANIN.lerp(MELANIN_DARK, dark).normalize_or(MELANIN);
    let redness = params.skin.redness.clamp(0.0, 1.0);
    let masculine = math::smoothstep(0.55, 0.9, params.body_sex_param);
    let shadow =
        masculine * (0.05 + 0.15 * seed.child("shadow").unit_f64() as f32) * (1.0 - 0.6 * dark);
    let age = math::smoothstep(30.0, 80.0, params.age_years);
    let individual = |name: &str| 0.7 + 0.6 * seed.child(name).unit_f64() as f32;
    let (cheek, nose, under_eye, lip) = (
        individual("cheek"),
        individual("nose"),
        individual("under-eye"),
        individual("lip"),
    );
    let noise_seeds = ["m20", "m5", "k20", "k5"].map(|name| seed.child(name));

    let mut densities: Vec<Vec3> = (0..rest.len())
        .into_par_iter()
        .map(|v| {
            let at = |scale_m: f32, k: usize| noise::noise(rest[v] / scale_m, noise_seeds[k]);
            let mut m = (0.03 * at(0.02, 0) + 0.02 * at(0.005, 1)) / NOISE_SIGMA;
            let mut k = (0.03 * at(0.02, 2) + 0.02 * at(0.005, 3)) / NOISE_SIGMA;
            m *= 1.0 + 1.2 * age;
            let mottled = 1.0 + 0.25 * at(0.02, 2);
            k += masks.cheeks[v] * (0.06 + 0.26 * redness) * cheek * mottled;
            k += masks.nose[v] * (0.05 + 0.20 * redness) * nose;
            k += masks.ears[v] * (0.07 + 0.12 * redness);
            k += masks.chin[v] * (0.02 + 0.08 * redness);
            k += masks.joints[v] * 0.10;
            k += masks.lid_border[v] * 0.22;
            // Thin skin shows its vessels: without them the parts that do not blush look green
            // beside those that do.
            k += masks.lids[v] * (0.06 + 0.10 * redness);
            k += masks.under_eyes[v] * (0.08 + 0.14 * redness) * under_eye;
            m += masks.under_eyes[v] * (0.05 + 0.10 * age) * under_eye;
            m += masks.joints[v] * (0.04 + 0.10 * dark);
            m += masks.forehead[v] * 0.03;
            m -= masks.palms[v] * (0.08 + 0.55 * dark);
            k += masks.palms[v] * 0.08;
            // Lips have few pigment cells and many vessels: about 14 L* darker and 11 a* redder
            // than the cheek on fair skin, less red on dark skin.
            let vermilion = math::smoothstep(0.15, 0.75, masks.lips[v]);
            k += vermilion * (1.0 - 0.4 * dark) * lip;
            m += vermilion * (0.25 * dark - 0.12);
            let grey = shadow * masks.beard[v] * (1.0 - masks.lips[v]).max(0.0);
            m * melanin + k * HAEMOGLOBIN + Vec3::splat(grey)
        })
        .collect();

    // What is drawn on the face must not move its mean.
    let weight = |v: usize| (masks.face[v] - masks.lips[v] - masks.inside_mouth[v]).max(0.0);
    let (mut sum, mut total) = (glam::DVec3::ZERO, 0.0);
    for (v, extra) in densities.iter().enumerate() {
        sum += f64::from(weight(v)) * color::albedo(base + *extra).as_dvec3();
        total += f64::from(weight(v));
    }
    let drawn = color::density((sum / f64::max(total, 1e-9)).as_vec3());
    let base = base + (base - drawn);

    // Specks in order of height: few are near any one vertex.
    let mut specks = specks(masks, rest, params, dark, seed);
    specks.sort_by(|a, b| a.center.y.total_cmp(&b.center.y));
    let reach_m = 2.5
        * specks
            .iter()
            .fold(0.0, |r, speck| f32::max(r, speck.radius_m));
    (&mut densities, rest)
        .into_par_iter()
        .for_each(|(density, p)| {
            let first = specks.partition_point(|speck| speck.center.y < p.y - reach_m);
            let near = specks[first..].iter();
            for speck in near.take_while(|speck| speck.center.y <= p.y + reach_m) {
                let d = p.distance_squared(speck.center) / (speck.radius_m * speck.radius_m);
                if d < 6.0 {
                    *density += speck.melanin * math::exp(-d) * melanin;
                }
            }
        });
    densities
        .par_iter()
        .enumerate()
        .map(|(v, extra)| {
            let skin = color::albedo(base + *extra);
            let nail = (skin * 1.12 + Vec3::new(0.03, 0.012, 0.010)).min(Vec3::splat(0.85));
            let skin = skin.lerp(nail, masks.nails[v].clamp(0.0, 1.0));
            skin.lerp(MOUTH, masks.inside_mouth[v].clamp(0.0, 1.0))
        })
        .collect()
}

/// Freckles on cheeks and nose, moles on face, neck and arms, age spots.
fn specks(
    masks: &SkinMasks,
    rest: &[Vec3],
    params: &PersonParams,
    dark: f32,
    seed: Seed,
) -> Vec<Speck> {
    let mut specks = Vec::new();
    let mut scatter =
        |name: &str, n: u32, allowed: &dyn Fn(usize) -> f32, size: [f32; 2], melanin: [f32; 2]| {
            let places: Vec<usize> = (0..rest.len()).filter(|&v| 0.05 < allowed(v)).collect();
            if places.is_empty() {
                return;
            }
            let seed = seed.child(name);
            for i in 0..u64::from(n) {
                // A few tries for a place that the mask accepts; a draw without one is dropped.
                for attempt in 0..8 {
                    let u = |k: u64| seed.stream_f32(i * 64 + attempt * 8 + k);
                    let v = places[((u(0) * places.len() as f32) as usize).min(places.len() - 1)];
                    if allowed(v) < u(1) {
                        continue;
                    }
                    let jitter = Vec3::new(u(2), u(3), u(4)) - Vec3::splat(0.5);
                    specks.push(Speck {
                        center: rest[v] + 0.002 * jitter,
                        radius_m: math::lerp(size[0], size[1], u(5) * u(5)),
                        melanin: math::lerp(melanin[0], melanin[1], u(6)),
                    });
                    break;
                }
            }
        };
    let not_lip = |v: usize| 1.0 - masks.lips[v] - masks.inside_mouth[v];
    let freckled = |v: usize| {
        let spots = masks.cheeks[v]
            .max(masks.nose[v])
            .max(0.6 * masks.under_eyes[v]);
        spots.max(0.3 * masks.face[v]) * not_lip(v)
    };
    let strength = 1.0 - 0.7 * dark;
    scatter(
        "freckles",
        params.skin.freckles.min(400),
        &freckled,
        [0.0008, 0.0018],
        [0.08 * strength, 0.35 * strength],
    );
    let bare = |v: usize| {
        if masks.face[v] + masks.ears[v] + masks.joints[v] > 0.3 {
            not_lip(v)
        } else {
            0.25
        }
    };
    scatter(
        "moles",
        params.skin.moles.min(60),
        &bare,
        [0.0009, 0.0022],
        [0.5, 1.1],
    );
    let n_spots = (30.0 * math::smoothstep(50.0, 85.0, params.age_years)) as u32;
    let aged = |v: usize| (masks.face[v] + masks.forehead[v]).min(1.0) * not_lip(v);
    scatter("age-spots", n_spots, &aged, [0.0015, 0.0045], [0.06, 0.22]);
    specks
}
