//! Albedo of the skin at each vertex.
//!
//! Differences from the person's base tone are added in optical density along the directions of
//! melanin and haemoglobin (Tsumura et al. 2003), so that they stay plausible on every tone. The
//! mean albedo of the face is that of the parameters whatever is drawn on it.

use bottega_geometry::math;
use bottega_schemas::{
    Seed,
    params::{MakeupParams, PersonParams},
};
use glam::Vec3;
use rayon::prelude::*;

use super::{color, masks::SkinMasks, noise, specks::Specks};

/// Unit directions in optical density.
const MELANIN: Vec3 = Vec3::new(0.41, 0.36, 0.84);
const MELANIN_DARK: Vec3 = Vec3::new(0.5, 0.58, 0.64);
const HAEMOGLOBIN: Vec3 = Vec3::new(0.30, 0.68, 0.67);

/// Change of optical density over veins: they take red away.
const VEIN: Vec3 = Vec3::new(0.9, 0.35, -0.1);
/// Colour of the line along the lashes.
const LINER: Vec3 = Vec3::new(0.02, 0.016, 0.015);

/// Lining of the mouth, by eye: cheeks, the paler palate, the throat.
const MOUTH: Vec3 = Vec3::new(0.36, 0.115, 0.105);
const PALATE: Vec3 = Vec3::new(0.44, 0.20, 0.17);
const THROAT: Vec3 = Vec3::new(0.20, 0.045, 0.045);
/// Standard deviation of one octave of gradient noise.
const NOISE_SIGMA: f32 = 0.27;

/// How dark a skin is against the lightest, in `[0, 1]`.
pub(crate) fn darkness(params: &PersonParams) -> f32 {
    math::smoothstep(58.0, 30.0, params.skin.albedo_lab[0])
}

/// What differs from person to person besides the parameters.
struct Traits {
    dark: f32,
    melanin: Vec3,
    redness: f32,
    /// Age from 30 to 80 years, in `[0, 1]`.
    age: f32,
    /// Shadow of shaved hair on the lower face.
    shadow: f32,
    cheek: f32,
    nose: f32,
    under_eye: f32,
    lip: f32,
    /// Visibility of veins.
    veins: f32,
    /// How blotched the skin is.
    uneven: f32,
    /// How much of the local differences foundation leaves.
    bare: f32,
    /// Blush.
    blush: f32,
}

impl Traits {
    fn new(params: &PersonParams, seed: Seed) -> Self {
        let dark = darkness(params);
        let masculine = math::smoothstep(0.55, 0.9, params.body_sex_param);
        let individual = |name: &str| 0.7 + 0.6 * seed.child(name).unit_f64() as f32;
        let makeup = params.skin.makeup.as_ref();
        Self {
            dark,
            melanin: MELANIN.lerp(MELANIN_DARK, dark).normalize_or(MELANIN),
            redness: params.skin.redness.clamp(0.0, 1.0),
            age: math::smoothstep(30.0, 80.0, params.age_years),
            shadow: masculine
                * (0.05 + 0.15 * seed.child("shadow").unit_f64() as f32)
                * (1.0 - 0.6 * dark),
            cheek: individual("cheek"),
            nose: individual("nose"),
            under_eye: individual("under-eye"),
            lip: individual("lip"),
            uneven: 0.9 + 1.2 * seed.child("uneven").unit_f64() as f32,
            veins: 0.07 * seed.child("veins").unit_f64() as f32 * (1.0 - dark),
            bare: 1.0 - 0.75 * makeup.map_or(0.0, |m| m.foundation.clamp(0.0, 1.0)),
            blush: 0.45 * makeup.map_or(0.0, |m| m.blush.clamp(0.0, 1.0)),
        }
    }
}

/// Colours of the skin's vertices; `rest` are their places on the blank face before posing.
pub(crate) fn skin_colors(
    masks: &SkinMasks,
    rest: &[Vec3],
    params: &PersonParams,
    specks: &Specks,
    seed: Seed,
) -> Vec<Vec3> {
    let seed = seed.child("skin");
    let base = color::density(color::linear_from_lab(params.skin.albedo_lab));
    let traits = Traits::new(params, seed);
    let noises = Noises::new(seed);
    let mut densities: Vec<Vec3> = (0..rest.len())
        .into_par_iter()
        .map(|v| local_density(masks, rest[v], v, &traits, &noises))
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

    (&mut densities, rest)
        .into_par_iter()
        .for_each(|(density, p)| {
            for (speck, share) in specks.near(*p) {
                let mark = traits.melanin * speck.melanin + HAEMOGLOBIN * speck.haemoglobin;
                *density += mark * (share * traits.bare);
            }
        });
    let vitiligo = params.skin.vitiligo.clamp(0.0, 1.0);
    let lips_z_mm = lips_z_mm(masks);
    densities
        .par_iter()
        .enumerate()
        .map(|(v, extra)| {
            let mut skin = color::albedo(base + *extra);
            if 0.0 < vitiligo {
                let lost = noises.without_pigment(masks, rest[v], v, vitiligo);
                skin = skin.lerp(skin.max(UNPIGMENTED), lost);
            }
            if let Some(makeup) = &params.skin.makeup {
                skin = made_up(skin, makeup, masks, v);
            }
            let nail = (skin * 1.12 + Vec3::new(0.03, 0.012, 0.010)).min(Vec3::splat(0.85));
            let skin = skin.lerp(nail, masks.nails[v].clamp(0.0, 1.0));
            let inside = masks.inside_mouth[v].clamp(0.0, 1.0);
            if inside <= 0.0 {
                return skin;
            }
            let blood = Noises::mottle(rest[v], &noises.blood) / 0.03;
            skin.lerp(mouth_lining(masks.face_mm[v], lips_z_mm, blood), inside)
        })
        .collect()
}

/// How far forward the lips are, in millimetres.
fn lips_z_mm(masks: &SkinMasks) -> f32 {
    let (mut sum, mut total) = (0.0, 1e-6);
    for (lip, at_mm) in masks.lips.iter().zip(&masks.face_mm) {
        sum += lip * at_mm.z;
        total += lip;
    }
    sum / total
}

/// Colour of the mouth's lining at a place on the template; `blood` is noise of deviation one.
fn mouth_lining(at_mm: Vec3, lips_z_mm: f32, blood: f32) -> Vec3 {
    let behind_mm = lips_z_mm - at_mm.z;
    let above = math::smoothstep(-64.0, -54.0, at_mm.y);
    let wall = MOUTH.lerp(PALATE, 0.8 * above);
    let color = wall.lerp(THROAT, math::smoothstep(18.0, 60.0, behind_mm));
    color * (1.0 + 0.12 * Vec3::new(0.4, 1.0, 0.9) * blood.clamp(-2.0, 2.0))
}

/// Noise of the skin's colour.
struct Noises {
    melanin: [Seed; 3],
    blood: [Seed; 3],
    veins: Seed,
    pigment: Seed,
    lip: Seed,
}

impl Noises {
    fn new(seed: Seed) -> Self {
        Self {
            melanin: ["m20", "m5", "m1"].map(|name| seed.child(name)),
            blood: ["k20", "k5", "k1"].map(|name| seed.child(name)),
            veins: seed.child("vein paths"),
            pigment: seed.child("pigment"),
            lip: seed.child("lip lines"),
        }
    }

    /// Octaves at 20, 5 and 1.5 mm with standard deviations of 0.03, 0.02 and 0.016.
    fn mottle(p: Vec3, seeds: &[Seed; 3]) -> f32 {
        (0.03 * noise::noise(p / 0.02, seeds[0])
            + 0.02 * noise::noise(p / 0.005, seeds[1])
            + 0.016 * noise::noise(p / 0.0015, seeds[2]))
            / NOISE_SIGMA
    }

    /// Where vitiligo takes the pigment: about eyes, mouth and joints first, alike on both sides.
    fn without_pigment(&self, masks: &SkinMasks, p: Vec3, v: usize, extent: f32) -> f32 {
        let mirrored = Vec3::new(p.x.abs(), p.y, p.z);
        let field = 1.6 * noise::noise(mirrored / 0.035, self.pigment)
            + 0.25 * noise::noise(p / 0.004, self.pigment);
        let face = masks.face_mm[v];
        let spot = |x: f32, y: f32, r: f32| {
            let d = Vec3::new(face.x.abs() - x, face.y - y, 0.0).length() / r;
            if -40.0 < face.z {
                math::exp(-d * d)
            } else {
                0.0
            }
        };
        let first = spot(33.0, 0.0, 26.0)
            .max(spot(0.0, -70.0, 28.0))
            .max(masks.joints[v]);
        math::smoothstep(0.42, 0.58, field + 0.75 * first + 0.9 * (extent - 0.5))
    }
}

/// Skin without pigment.
const UNPIGMENTED: Vec3 = Vec3::new(0.62, 0.47, 0.40);

/// Density at one vertex over that of the person.
fn local_density(masks: &SkinMasks, p: Vec3, v: usize, traits: &Traits, noises: &Noises) -> Vec3 {
    let &Traits {
        dark,
        redness,
        age,
        under_eye,
        ..
    } = traits;
    let mut m = Noises::mottle(p, &noises.melanin) * (traits.uneven + 1.2 * age);
    let mut k = Noises::mottle(p, &noises.blood) * (0.5 + traits.uneven);
    let mottled = 1.0 + 0.25 * noise::noise(p / 0.02, noises.blood[0]);
    // Fine vessels break on cheeks and nose as years go by.
    let broken = noise::noise(p / 0.0022, noises.veins).abs();
    let vessels = (1.0 - 5.0 * broken).max(0.0) * (0.2 + 0.8 * age) * redness;
    k += masks.cheeks[v] * ((0.06 + 0.26 * redness) * traits.cheek * mottled + 0.10 * vessels);
    k += masks.nose[v] * ((0.05 + 0.20 * redness) * traits.nose + 0.08 * vessels);
    k += masks.ears[v] * (0.07 + 0.12 * redness);
    k += masks.chin[v] * (0.02 + 0.08 * redness);
    k += masks.joints[v] * 0.10;
    // The border of the lids is red and darker, the upper one most.
    k += masks.lid_border[v] * 0.22;
    m += masks.lid_border[v] * (0.10 + 0.16 * math::smoothstep(-1.0, 3.0, masks.face_mm[v].y));
    // Thin skin shows its vessels: without them the parts that do not blush look green beside those
    // that do.
    k += masks.lids[v] * (0.06 + 0.10 * redness);
    k += masks.under_eyes[v] * (0.08 + 0.14 * redness) * under_eye;
    m += masks.under_eyes[v] * (0.05 + 0.10 * age) * under_eye;
    m += masks.joints[v] * (0.04 + 0.10 * dark);
    m += masks.forehead[v] * 0.03;
    m -= masks.palms[v] * (0.08 + 0.55 * dark);
    k += masks.palms[v] * 0.08;
    m *= traits.bare;
    k *= traits.bare;
    k += masks.cheeks[v] * traits.blush;
    // Lips have few pigment cells and many vessels: about 14 L* darker and 11 a* redder than the
    // cheek on fair skin, less red on dark skin.
    let vermilion = math::smoothstep(0.15, 0.75, masks.lips[v]);
    let across = Vec3::new(p.x / 0.0013, p.y / 0.008, p.z / 0.008);
    let furrow = (1.0 - 2.5 * noise::noise(across, noises.lip).abs()).max(0.0);
    // The red of lips fades with age.
    let red = (0.78 - 0.3 * dark) * (1.0 - 0.35 * age);
    k += vermilion * (red * traits.lip + 0.12 * furrow);
    m += vermilion * (0.25 * dark - 0.06);
    let grey = traits.shadow * masks.beard[v] * (1.0 - masks.lips[v]).max(0.0);
    let vein = (1.0 - 6.0 * noise::noise(p / 0.016, noises.veins).abs()).max(0.0);
    let thin = masks.lids[v]
        .max(masks.under_eyes[v])
        .max(0.3 * masks.forehead[v]);
    m * traits.melanin
        + k * HAEMOGLOBIN
        + Vec3::splat(grey)
        + VEIN * (vein * thin * traits.veins * traits.bare)
}

/// The skin at one vertex under make-up.
fn made_up(skin: Vec3, makeup: &MakeupParams, masks: &SkinMasks, v: usize) -> Vec3 {
    let lips = math::smoothstep(0.35, 0.65, masks.lips[v]) * makeup.lips_cover;
    let skin = skin.lerp(Vec3::from(makeup.lips), lips.clamp(0.0, 1.0));
    let face = masks.face_mm[v];
    // From the edge of the upper lid to below the brow.
    let upper = math::smoothstep(-1.0, 3.0, face.y) * (1.0 - math::smoothstep(6.0, 13.0, face.y));
    let aside = math::smoothstep(12.0, 20.0, face.x.abs())
        * (1.0 - math::smoothstep(46.0, 54.0, face.x.abs()));
    let front = math::smoothstep(0.0, 6.0, face.z);
    let lids = upper * aside * front * makeup.lids_cover;
    let skin = skin.lerp(Vec3::from(makeup.lids), lids.clamp(0.0, 1.0));
    let border = masks.lid_border[v];
    let line = math::smoothstep(0.08, 0.4, border) * math::smoothstep(-3.0, 1.0, face.y);
    skin.lerp(LINER, (0.85 * line * makeup.liner).clamp(0.0, 1.0))
}
