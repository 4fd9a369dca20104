//! Where on the body the skin differs: values in `[0, 1]` per vertex, the same for everyone.
//!
//! Lips, ears, nails and hair regions come with the base mesh; the rest are soft spots around
//! landmarks of the template.

use std::ops::Range;

use bottega_geometry::{Subdivision, math};
use glam::Vec3;

use crate::{
    body::{BodyModel, Regions},
    error::PeopleError,
    groom::ScalpShade,
};

/// One value per vertex for each kind of skin.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct SkinMasks {
    pub(crate) face: Vec<f32>,
    pub(crate) lips: Vec<f32>,
    pub(crate) inside_mouth: Vec<f32>,
    pub(crate) ears: Vec<f32>,
    pub(crate) lid_border: Vec<f32>,
    /// Lids and the skin around the eye.
    pub(crate) lids: Vec<f32>,
    pub(crate) nails: Vec<f32>,
    pub(crate) beard: Vec<f32>,
    pub(crate) cheeks: Vec<f32>,
    pub(crate) nose: Vec<f32>,
    pub(crate) under_eyes: Vec<f32>,
    pub(crate) forehead: Vec<f32>,
    pub(crate) chin: Vec<f32>,
    /// Palms and soles.
    pub(crate) palms: Vec<f32>,
    /// Knuckles, elbows, knees.
    pub(crate) joints: Vec<f32>,
    /// Scalp, which reaches down the forehead to the brows; ears left out.
    pub(crate) scalp: Vec<f32>,
    /// Places on the template, in decimetres.
    pub(crate) template_dm: Vec<Vec3>,
    /// Places on the template from the middle between the eyes: to the person's left, up, forward,
    /// in millimetres. The outer corner of an eye lies at about (45, 1), that of the mouth at
    /// (25, -68), the wing of the nose at (18, -44), the middle of a brow at (35, 16).
    pub(crate) face_mm: Vec<Vec3>,
}

const BODY: Range<usize> = BodyModel::BODY_VERTICES;

impl SkinMasks {
    /// Masks of the base mesh's body vertices.
    pub(crate) fn new(model: &BodyModel) -> Result<Self, PeopleError> {
        let n = BODY.end;
        let regions = &model.regions;
        let masks = &regions.mask_vertices;
        let dense = |list: &[(u32, f32)]| Regions::dense(list, n);
        let either = |a: Vec<f32>, b: Vec<f32>| -> Vec<f32> {
            a.iter().zip(&b).map(|(a, b)| a.max(*b)).collect()
        };
        let mut lids = vec![0.0; n];
        for face in Regions::faces(&regions.eyelid_faces) {
            model.faces[face]
                .iter()
                .for_each(|&v| lids[v as usize] = 1.0);
        }
        let face = dense(&masks.face);
        let ears = dense(&masks.ears);
        let marks = Landmarks::new(model, &face)?;
        Ok(Self {
            lips: dense(&masks.lips),
            inside_mouth: dense(&masks.inside_mouth),
            scalp: scalp(model, &ears),
            ears,
            lid_border: dense(&masks.eyelids),
            lids,
            nails: either(dense(&masks.fingernails), dense(&masks.toenails)),
            beard: either(
                dense(&regions.beard_vertices),
                dense(&regions.moustache_vertices),
            ),
            template_dm: model.template[BODY].iter().map(|p| 10.0 * *p).collect(),
            face_mm: (model.template[BODY].iter())
                .map(|p| 1e3 * (*p - marks.between_eyes))
                .collect(),
            cheeks: marks.spots(model, &[(0.041, -0.040)], 0.019),
            nose: marks.spots(model, &[(0.0, -0.042), (0.014, -0.044)], 0.010),
            under_eyes: marks.spots(model, &[(0.022, -0.017), (0.032, -0.018)], 0.008),
            forehead: marks.spots(model, &[(0.0, 0.052), (0.03, 0.05)], 0.028),
            chin: marks.spots(model, &[(0.0, -0.098)], 0.014),
            palms: palms(model)?,
            joints: joints(model)?,
            face,
        })
    }

    /// The masks of a refined mesh.
    pub(crate) fn refine(&self, subdivision: &Subdivision) -> Self {
        let refine = |mask: &Vec<f32>| subdivision.apply(mask);
        Self {
            face: refine(&self.face),
            lips: refine(&self.lips),
            inside_mouth: refine(&self.inside_mouth),
            ears: refine(&self.ears),
            lid_border: refine(&self.lid_border),
            lids: refine(&self.lids),
            nails: refine(&self.nails),
            beard: refine(&self.beard),
            cheeks: refine(&self.cheeks),
            nose: refine(&self.nose),
            under_eyes: refine(&self.under_eyes),
            forehead: refine(&self.forehead),
            chin: refine(&self.chin),
            palms: refine(&self.palms),
            joints: refine(&self.joints),
            scalp: refine(&self.scalp),
            template_dm: subdivision.apply(&self.template_dm),
            face_mm: subdivision.apply(&self.face_mm),
        }
    }

    /// Colours of the skin with the shade of the hair on the scalp.
    pub(crate) fn shaded(&self, mut colors: Vec<Vec3>, shade: &ScalpShade) -> Vec<Vec3> {
        for (v, color) in colors.iter_mut().enumerate() {
            if 0.0 < self.scalp[v] {
                *color = shade.over(*color, self.scalp[v], self.template_dm[v]);
            }
        }
        colors
    }
}

/// The scalp without the ears.
fn scalp(model: &BodyModel, ears: &[f32]) -> Vec<f32> {
    let mut scalp = vec![0.0; BODY.end];
    for face in Regions::faces(&model.regions.scalp.faces) {
        for v in model.faces[face] {
            scalp[v as usize] = 1.0 - ears[v as usize].clamp(0.0, 1.0);
        }
    }
    scalp
}

/// The face of the template, to place spots relative to the eyes.
struct Landmarks {
    /// Midway between the eyes.
    between_eyes: Vec3,
    /// Vertices of the front of the face.
    front: Vec<usize>,
}

impl Landmarks {
    fn new(model: &BodyModel, face: &[f32]) -> Result<Self, PeopleError> {
        let eyes = ["eye.L", "eye.R"].map(|name| -> Result<Vec3, PeopleError> {
            let bone = model.bone(name)?;
            Ok(model.rig.bones[bone].head.locate(&model.template))
        });
        let [left, right] = eyes;
        let between_eyes = 0.5 * (left? + right?);
        let inside = Regions::dense(&model.regions.mask_vertices.inside_mouth, BODY.end);
        let front = BODY
            .filter(|&v| {
                let p = model.template[v];
                let near = between_eyes.y - 0.12 < p.y && between_eyes.z < p.z + 0.02;
                let above = between_eyes.y + 0.02 < p.y && between_eyes.z - 0.02 < p.z;
                inside[v] < 0.1 && ((near && 0.2 < face[v]) || above)
            })
            .collect();
        Ok(Self {
            between_eyes,
            front,
        })
    }

    /// Soft spots of radius `sigma_m` on both sides, each given by its place left of and above the
    /// middle between the eyes, seen from the front.
    fn spots(&self, model: &BodyModel, places: &[(f32, f32)], sigma_m: f32) -> Vec<f32> {
        let mut mask = vec![0.0f32; BODY.end];
        for &(x, y) in places {
            for x in [x, -x] {
                let at = self.between_eyes + Vec3::new(x, y, 0.0);
                let Some(center) = self
                    .front
                    .iter()
                    .map(|&v| model.template[v])
                    .min_by(|a, b| {
                        let apart =
                            |p: &Vec3| (p.x - at.x) * (p.x - at.x) + (p.y - at.y) * (p.y - at.y);
                        apart(a).total_cmp(&apart(b))
                    })
                else {
                    continue;
                };
                add_spot(&mut mask, model, center, sigma_m);
            }
        }
        mask
    }
}

fn add_spot(mask: &mut [f32], model: &BodyModel, center: Vec3, sigma_m: f32) {
    for (value, p) in mask.iter_mut().zip(&model.template) {
        let d = p.distance_squared(center) / (sigma_m * sigma_m);
        if d < 16.0 {
            *value = value.max(math::exp(-0.5 * d));
        }
    }
}

/// Palms by the side of the hand away from the nails, soles by their direction.
fn palms(model: &BodyModel) -> Result<Vec<f32>, PeopleError> {
    let mut normals = vec![Vec3::ZERO; BODY.end];
    for face in &model.faces[model.group("body")?] {
        let [a, b, c, d] = face.map(|v| model.template[v as usize]);
        let normal = (c - a).cross(d - b);
        face.iter().for_each(|&v| normals[v as usize] += normal);
    }
    let nails = &model.regions.mask_vertices.fingernails;
    let mut mask = vec![0.0f32; BODY.end];
    for side in ["L", "R"] {
        let head = |name: &str| -> Result<Vec3, PeopleError> {
            let bone = model.bone(&format!("{name}.{side}"))?;
            Ok(model.rig.bones[bone].head.locate(&model.template))
        };
        let (wrist, knuckle) = (head("wrist")?, head("finger3-1")?);
        let across = head("finger5-1")? - head("finger2-1")?;
        let flat = (knuckle - wrist).cross(across).normalize_or(Vec3::Y);
        let of_side = |v: usize| 0.0 < model.template[v].x * wrist.x;
        let nail_side: f32 = nails
            .iter()
            .filter(|(v, _)| of_side(*v as usize))
            .map(|(v, weight)| weight * flat.dot(normals[*v as usize].normalize_or(Vec3::Y)))
            .sum();
        let palm = if 0.0 < nail_side { -flat } else { flat };
        let hand: Vec<usize> = (0..model.rig.bones.len())
            .filter(|&bone| {
                let name = &model.rig.bones[bone].name;
                let part = ["finger", "metacarpal", "wrist"]
                    .iter()
                    .any(|p| name.starts_with(p));
                part && name.ends_with(side)
            })
            .collect();
        for v in BODY.filter(|&v| of_side(v)) {
            let of_hand = model.weights.of(v).filter(|(bone, _)| hand.contains(bone));
            let weight: f32 = of_hand.map(|(_, weight)| weight).sum();
            let facing = normals[v].normalize_or(Vec3::Y).dot(palm);
            mask[v] = weight * math::smoothstep(-0.1, 0.45, facing);
        }
    }
    for v in BODY {
        let sole = model.template[v].y < -0.78;
        let facing = -normals[v].normalize_or(Vec3::Y).y;
        if sole {
            mask[v] = math::smoothstep(0.2, 0.7, facing);
        }
    }
    Ok(mask)
}

fn joints(model: &BodyModel) -> Result<Vec<f32>, PeopleError> {
    let mut mask = vec![0.0; BODY.end];
    let spots = [
        ("lowerarm01", 0.028),
        ("lowerleg01", 0.04),
        ("finger2-1", 0.008),
        ("finger3-1", 0.008),
        ("finger4-1", 0.008),
        ("finger5-1", 0.008),
        ("finger2-2", 0.007),
        ("finger3-2", 0.007),
        ("finger4-2", 0.007),
        ("finger5-2", 0.007),
    ];
    for (name, sigma_m) in spots {
        for side in ["L", "R"] {
            let bone = model.bone(&format!("{name}.{side}"))?;
            let joint = model.rig.bones[bone].head.locate(&model.template);
            add_spot(&mut mask, model, joint, sigma_m);
        }
    }
    Ok(mask)
}
