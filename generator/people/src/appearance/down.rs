//! Fine hair of the skin: the down of face and ears, and the hair of arms and legs.
//!
//! A picture shows it as a soft edge against the light and as a shade on limbs. Labels do not see
//! it: the surface under it is what a model should find.

use bottega_geometry::{StrandSet, Subdivision, math};
use bottega_schemas::{Seed, params::PersonParams};
use glam::{Quat, Vec3};
use rayon::prelude::*;

use super::masks::SkinMasks;
use crate::{
    body::{BodyModel, SkinDetail},
    error::PeopleError,
};

/// Palette index of down, which has next to no pigment; 0 and 1 are hair of limbs, pigmented and
/// grey.
pub(crate) const VELLUS: u8 = 2;

/// Hairs of a face by area, per square metre of the template: less than a tenth of what grows there
/// (Otberg et al. 2004 count 400 a square centimetre), which is as much as a picture shows.
const DOWN_PER_M2: f32 = 3.5e5;
/// Hairs of the limbs of somebody very hairy by area, per square metre of the template.
const LIMB_HAIR_PER_M2: f32 = 2.2e5;

/// Radius of a hair at its root, in metres: down, hair of limbs.
const DOWN_RADIUS_M: f32 = 1.2e-5;
const LIMB_RADIUS_M: f32 = 3.2e-5;

/// Lengths of the shortest and the longest hairs, in metres: down, hair of limbs.
const DOWN_LENGTH_M: [f32; 2] = [0.0012, 0.0035];
const LIMB_LENGTH_M: [f32; 2] = [0.006, 0.018];

/// Distance from the middle of an eye within which no down grows, on the template, in metres.
const SOCKET_M: f32 = 0.019;

/// Control points of a hair.
const N_POINTS: usize = 4;

/// Pictures of more than the face have fewer and thicker hairs: factor on their number, whose
/// inverse is that on their radius.
const FAR_SHARE: f32 = 0.5;

/// How much grows on each bone's skin, compared with the forearm.
const LIMBS: [(&str, f32); 8] = [
    ("upperarm01", 0.2),
    ("upperarm02", 0.35),
    ("lowerarm01", 0.9),
    ("lowerarm02", 1.0),
    ("wrist", 0.3),
    ("upperleg02", 0.6),
    ("lowerleg01", 1.0),
    ("lowerleg02", 0.9),
];

/// Where fine hair grows and which way it lies, per vertex, the same for everyone.
#[derive(Clone, Debug)]
pub(crate) struct DownMap {
    /// Density of down, in `[0, 1]`.
    down: Vec<f32>,
    /// Density of the hair of limbs, in `[0, 1]`.
    limbs: Vec<f32>,
    /// Which way hair lies on the template; not of unit length.
    comb: Vec<Vec3>,
}

impl DownMap {
    /// The map of the base mesh's body vertices, whose masks are `masks`.
    pub(crate) fn new(model: &BodyModel, masks: &SkinMasks) -> Result<Self, PeopleError> {
        let n = BodyModel::BODY_VERTICES.end;
        let (mut limbs, mut comb) = (vec![0.0f32; n], vec![Vec3::ZERO; n]);
        for (name, share) in LIMBS {
            for side in ["L", "R"] {
                let bone = model.bone(&format!("{name}.{side}"))?;
                let [head, tail] = [&model.rig.bones[bone].head, &model.rig.bones[bone].tail]
                    .map(|joint| joint.locate(&model.template));
                let along = (tail - head).normalize_or(Vec3::NEG_Y);
                for v in 0..n {
                    let of_bone = model.weights.of(v).filter(|(other, _)| *other == bone);
                    let weight: f32 = of_bone.map(|(_, weight)| weight).sum();
                    limbs[v] += share * weight * (1.0 - masks.palms[v]);
                    comb[v] += weight * along;
                }
            }
        }
        let mut eyes = Vec::new();
        for name in ["eye.L", "eye.R"] {
            let bone = model.bone(name)?;
            eyes.push(model.rig.bones[bone].head.locate(&model.template));
        }
        let down = (0..n)
            .map(|v| {
                let bare = [masks.lips[v], masks.lids[v], masks.inside_mouth[v]];
                let bare = bare.iter().fold(masks.lid_border[v], |a, b| a.max(*b));
                // The lining of the sockets lies closer to the eye than lids do.
                let near_m = (eyes.iter())
                    .map(|eye| eye.distance(model.template[v]))
                    .fold(f32::INFINITY, f32::min);
                let bare = if near_m < SOCKET_M { 1.0 } else { bare };
                let grown = masks.face[v].max(0.7 * masks.ears[v]);
                grown.max(0.6 * masks.forehead[v]) * (1.0 - bare)
            })
            .collect();
        for (comb, at_mm) in comb.iter_mut().zip(&masks.face_mm) {
            // From the middle of the face down and to the sides.
            let aside = (at_mm.x / 25.0).clamp(-1.0, 1.0);
            *comb += Vec3::new(0.8 * aside, -0.7, -0.4 * aside.abs());
        }
        Ok(Self { down, limbs, comb })
    }

    /// The map of a refined mesh.
    pub(crate) fn refine(&self, subdivision: &Subdivision) -> Self {
        Self {
            down: subdivision.apply(&self.down),
            limbs: subdivision.apply(&self.limbs),
            comb: subdivision.apply(&self.comb),
        }
    }
}

/// Finished skin, covered or not; arrays are by refined vertex.
#[derive(Clone, Copy)]
pub(crate) struct FinishedSkin<'a> {
    pub(crate) subdivision: &'a Subdivision,
    pub(crate) detail: SkinDetail,
    /// On the template, in decimetres.
    pub(crate) template_dm: &'a [Vec3],
    /// Posed, in metres.
    pub(crate) positions: &'a [Vec3],
    /// Unit normals.
    pub(crate) normals: &'a [Vec3],
    /// Density of the beard.
    pub(crate) beard: &'a [f32],
}

/// Grows it where `shown` says so of a face of the base mesh. A person has the same roots in every
/// pose. Pictures of more than the face do without down, which is finer than their pixels.
pub(crate) fn grow(
    map: &DownMap,
    skin: FinishedSkin<'_>,
    person: &PersonParams,
    grey_share: f32,
    seed: Seed,
    shown: impl Fn(usize) -> bool + Sync,
) -> StrandSet {
    let hairy = person.skin.body_hair.clamp(0.0, 1.0);
    let is_near = skin.detail == SkinDetail::Face;
    let far_share = if is_near { 1.0 } else { FAR_SHARE };
    let down_per_m2 = if is_near { DOWN_PER_M2 } else { 0.0 };
    let limbs_per_m2 = LIMB_HAIR_PER_M2 * hairy * far_share;
    // Those who shave have no down there either.
    let shaved = person.body_sex_param.clamp(0.0, 1.0);
    let seed = seed.child("down");

    let triangles = skin.subdivision.triangles();
    let hairs: Vec<Vec<Hair>> = (triangles.par_iter().enumerate())
        .zip(skin.subdivision.parents())
        .with_min_len(1024)
        .map(|((idx, triangle), &parent)| {
            let corners = triangle.map(|v| v as usize);
            let mean =
                |of: &dyn Fn(usize) -> f32| corners.iter().map(|&v| of(v)).sum::<f32>() / 3.0;
            let down = down_per_m2 * mean(&|v| map.down[v] * (1.0 - shaved * skin.beard[v]));
            let limbs = limbs_per_m2 * mean(&|v| map.limbs[v]);
            if down + limbs <= 0.0 || !shown(parent as usize) {
                return Vec::new();
            }
            let patch = Patch::new(map, skin, corners);
            let seed = seed.index(idx as u64);
            let wanted = (down + limbs) * patch.template_area_m2;
            let n = (wanted + seed.stream_f32(0)) as u64;
            (0..n)
                .map(|k| {
                    let u = |i: u64| seed.stream_f32(1 + 8 * k + i);
                    let is_down = u(0) * (down + limbs) < down;
                    patch.hair(is_down, grey_share, 1.0 / far_share, u)
                })
                .collect()
        })
        .collect();
    let mut strands = StrandSet::default();
    for hair in hairs.iter().flatten() {
        strands.push(&hair.points, &hair.radii, hair.palette);
    }
    strands
}

struct Hair {
    points: [Vec3; N_POINTS],
    radii: [f32; N_POINTS],
    palette: u8,
}

/// A triangle of skin.
struct Patch {
    positions: [Vec3; 3],
    normals: [Vec3; 3],
    /// Which way hair lies on the posed skin.
    comb: Vec3,
    template_area_m2: f32,
}

impl Patch {
    fn new(map: &DownMap, skin: FinishedSkin<'_>, corners: [usize; 3]) -> Self {
        let at = |values: &[Vec3]| corners.map(|v| values[v]);
        let [a, b, c] = at(skin.template_dm);
        let positions = at(skin.positions);
        let comb: Vec3 = at(&map.comb).into_iter().sum();
        // The direction in the plane of the template's triangle, carried to the posed one.
        let (ab, ac) = (b - a, c - a);
        let (aa, ab_ac, cc) = (ab.dot(ab), ab.dot(ac), ac.dot(ac));
        let determinant = aa * cc - ab_ac * ab_ac;
        let (x, y) = (comb.dot(ab), comb.dot(ac));
        let comb = if determinant <= 1e-14 {
            Vec3::ZERO
        } else {
            (x * cc - y * ab_ac) / determinant * (positions[1] - positions[0])
                + (y * aa - x * ab_ac) / determinant * (positions[2] - positions[0])
        };
        Self {
            positions,
            normals: at(skin.normals),
            comb: comb.normalize_or_zero(),
            template_area_m2: 0.5 * ab.cross(ac).length() * 0.01,
        }
    }

    /// A hair somewhere on the triangle; `u(1..=7)` are its whims.
    fn hair(&self, is_down: bool, grey_share: f32, thicker: f32, u: impl Fn(u64) -> f32) -> Hair {
        let (mut v, mut w) = (u(1), u(2));
        if 1.0 < v + w {
            (v, w) = (1.0 - v, 1.0 - w);
        }
        let mix = |[a, b, c]: [Vec3; 3]| a * (1.0 - v - w) + b * v + c * w;
        let (root, normal) = (mix(self.positions), mix(self.normals).normalize_or(Vec3::Y));
        let [shortest, longest] = if is_down {
            DOWN_LENGTH_M
        } else {
            LIMB_LENGTH_M
        };
        let length_m = math::lerp(shortest, longest, u(3));
        // Down stands up more than the hair of limbs.
        let (low, high) = if is_down { (0.35, 1.0) } else { (0.2, 0.6) };
        let lift_rad = math::lerp(low, high, u(4));
        let turn = Quat::from_axis_angle(normal, 1.1 * (u(5) - 0.5));
        let tangent = (turn * self.comb).reject_from(normal).normalize_or_zero();
        let mut points = [root; N_POINTS];
        for i in 1..N_POINTS {
            // It bends down to the skin toward its tip.
            let s = (i as f32 - 0.5) / (N_POINTS - 1) as f32;
            let (sin, cos) = math::sin_cos(lift_rad * (1.0 - 0.7 * s));
            let step_m = length_m / (N_POINTS - 1) as f32;
            points[i] = points[i - 1] + step_m * (sin * normal + cos * tangent);
        }
        let radius_m = if is_down {
            DOWN_RADIUS_M
        } else {
            LIMB_RADIUS_M
        };
        let radius_m = thicker * radius_m * math::lerp(0.7, 1.2, u(6));
        Hair {
            points,
            radii: std::array::from_fn(|i| {
                radius_m * (1.0 - 0.8 * i as f32 / (N_POINTS - 1) as f32)
            }),
            palette: match () {
                () if is_down => VELLUS,
                () => u8::from(u(7) < 0.5 * grey_share),
            },
        }
    }
}
