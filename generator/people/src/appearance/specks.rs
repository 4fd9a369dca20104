//! Freckles, moles, blemishes, age spots, scars: small marks of the skin.

use bottega_geometry::math;
use bottega_schemas::{Seed, params::PersonParams};
use glam::Vec3;

use super::masks::SkinMasks;

/// Beyond so many radii a mark is not seen.
const REACH: f32 = 2.5;

/// One mark.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Speck {
    /// Centre, in rest space.
    center: Vec3,
    radius_m: f32,
    /// Optical density along the direction of melanin.
    pub(crate) melanin: f32,
    /// Optical density along the direction of haemoglobin.
    pub(crate) haemoglobin: f32,
    /// Height above the skin, in metres.
    pub(crate) height_m: f32,
}

/// All marks of one skin, found by their height: few are near any one place.
#[derive(Clone, Debug, Default)]
pub(crate) struct Specks {
    ascending: Vec<Speck>,
    reach_m: f32,
}

impl Specks {
    /// The marks near `p` with how much of each is there, in `(0, 1]`.
    pub(crate) fn near(&self, p: Vec3) -> impl Iterator<Item = (&Speck, f32)> + '_ {
        let first = (self.ascending).partition_point(|speck| speck.center.y < p.y - self.reach_m);
        self.ascending[first..]
            .iter()
            .take_while(move |speck| speck.center.y <= p.y + self.reach_m)
            .filter_map(move |speck| {
                let d = p.distance_squared(speck.center) / (speck.radius_m * speck.radius_m);
                (d < REACH * REACH).then(|| (speck, math::exp(-d)))
            })
    }
}

/// One kind of mark.
struct Kind<'a> {
    name: &'a str,
    count: u32,
    /// Least and greatest radius, in metres; small ones are more frequent.
    radius_m: [f32; 2],
    melanin: [f32; 2],
    haemoglobin: [f32; 2],
    height_m: [f32; 2],
    /// Share that stands out at all.
    raised: f32,
}

/// The marks of a person; `dark` is how dark the skin is, in `[0, 1]`.
pub(crate) fn specks(
    masks: &SkinMasks,
    rest: &[Vec3],
    params: &PersonParams,
    dark: f32,
    seed: Seed,
) -> Specks {
    let mut specks = Vec::new();
    let mut scatter = |kind: &Kind<'_>, allowed: &dyn Fn(usize) -> f32| {
        let places: Vec<usize> = (0..rest.len()).filter(|&v| 0.05 < allowed(v)).collect();
        if places.is_empty() {
            return;
        }
        let seed = seed.child(kind.name);
        for i in 0..u64::from(kind.count) {
            // A few tries for a place that the mask accepts; a draw without one is dropped.
            for attempt in 0..8 {
                let u = |k: u64| seed.stream_f32(i * 128 + attempt * 16 + k);
                let v = places[((u(0) * places.len() as f32) as usize).min(places.len() - 1)];
                if allowed(v) < u(1) {
                    continue;
                }
                let within = |[low, high]: [f32; 2], k: u64| math::lerp(low, high, u(k));
                let jitter = Vec3::new(u(2), u(3), u(4)) - Vec3::splat(0.5);
                specks.push(Speck {
                    center: rest[v] + 0.002 * jitter,
                    radius_m: math::lerp(kind.radius_m[0], kind.radius_m[1], u(5) * u(5)),
                    melanin: within(kind.melanin, 6),
                    haemoglobin: within(kind.haemoglobin, 7),
                    height_m: if u(8) < kind.raised {
                        within(kind.height_m, 9)
                    } else {
                        0.0
                    },
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
        &Kind {
            name: "freckles",
            count: params.skin.freckles.min(400),
            radius_m: [0.0008, 0.0018],
            melanin: [0.08 * strength, 0.35 * strength],
            haemoglobin: [0.0; 2],
            height_m: [0.0; 2],
            raised: 0.0,
        },
        &freckled,
    );
    let bare = |v: usize| {
        if masks.face[v] + masks.ears[v] + masks.joints[v] > 0.3 {
            not_lip(v)
        } else {
            0.25
        }
    };
    scatter(
        &Kind {
            name: "moles",
            count: params.skin.moles.min(60),
            radius_m: [0.0009, 0.0022],
            melanin: [0.5, 1.1],
            haemoglobin: [0.0; 2],
            height_m: [0.3e-3, 1.0e-3],
            raised: 0.3,
        },
        &bare,
    );
    let blemished = |v: usize| {
        let zones = (masks.forehead[v].max(masks.chin[v])).max(masks.cheeks[v]);
        zones.max(0.35 * masks.face[v]) * not_lip(v)
    };
    scatter(
        &Kind {
            name: "blemishes",
            count: params.skin.blemishes.min(80),
            radius_m: [0.0010, 0.0026],
            // What is healed stays brown on dark skin, red on fair skin.
            melanin: [0.0, 0.25 * dark],
            haemoglobin: [0.12, 0.45],
            height_m: [0.08e-3, 0.35e-3],
            raised: 0.6,
        },
        &blemished,
    );
    let n_spots = (30.0 * math::smoothstep(50.0, 85.0, params.age_years)) as u32;
    let aged = |v: usize| (masks.face[v] + masks.forehead[v]).min(1.0) * not_lip(v);
    scatter(
        &Kind {
            name: "age-spots",
            count: n_spots,
            radius_m: [0.0015, 0.0045],
            melanin: [0.06, 0.22],
            haemoglobin: [0.0; 2],
            height_m: [0.0; 2],
            raised: 0.0,
        },
        &aged,
    );
    for i in 0..params.skin.scars.min(6) {
        let seed = seed.child("scars").child(&i.to_string());
        add_scar(&mut specks, masks, rest, seed);
    }
    specks.sort_by(|a, b| a.center.y.total_cmp(&b.center.y));
    let largest_m = specks.iter().fold(0.0, |r, s| f32::max(r, s.radius_m));
    Specks {
        ascending: specks,
        reach_m: REACH * largest_m,
    }
}

/// Adds one scar of the face: a pale, slightly bent line, raised or sunk, of marks that overlap.
fn add_scar(specks: &mut Vec<Speck>, masks: &SkinMasks, rest: &[Vec3], seed: Seed) {
    let u = |k: u64| seed.stream_f32(k);
    let bears = |v: usize| 0.5 < masks.face[v] && masks.lips[v] + masks.inside_mouth[v] < 0.1;
    let places: Vec<usize> = (0..rest.len()).filter(|&v| bears(v)).collect();
    let Some(&middle) = places.get((u(0) * places.len() as f32) as usize) else {
        return;
    };
    let length_m = math::lerp(0.006, 0.030, u(1) * u(1));
    let radius_m = math::lerp(0.0007, 0.0013, u(2));
    let (sin, cos) = math::sin_cos(std::f32::consts::PI * u(3));
    let bend = 0.3 * (u(4) - 0.5);
    let height_m = if u(5) < 0.5 { -0.25e-3 } else { 0.2e-3 };
    let n = (length_m / (0.8 * radius_m)).ceil() as usize;
    for i in 0..=n {
        let t = i as f32 / n as f32 - 0.5;
        let aside = bend * length_m * (0.25 - t * t);
        let flat = Vec3::new(
            cos * t * length_m - sin * aside,
            sin * t * length_m + cos * aside,
            0.0,
        );
        // The face looks along Z: the line is laid on it from the front.
        let p = rest[middle] + flat;
        // What lies behind counts less: the line bends around the face.
        let away = |v: usize| ((rest[v] - p) * Vec3::new(1.0, 1.0, 0.22)).length_squared();
        let near = (places.iter()).min_by(|&&a, &&b| away(a).total_cmp(&away(b)));
        let Some(&v) = near else { return };
        let taper = 1.0 - 1.6 * t * t;
        specks.push(Speck {
            center: Vec3::new(p.x, p.y, rest[v].z),
            radius_m: radius_m * taper,
            melanin: -0.10 * taper,
            haemoglobin: 0.05 * (u(6) - 0.7),
            height_m: 0.5 * height_m * taper,
        });
    }
}
