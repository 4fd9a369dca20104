//! The body that clothes are fitted to, with everything about it that all garments ask for.

use bottega_geometry::{closest_point::ClosestPoint, math, rotation};
use bottega_schemas::part::Part;
use glam::{Affine3A, Vec2, Vec3};

use super::{
    cloth::Cloth,
    drape::{Skin, Wear, wear},
    finish::{Sheet, normals, thicken},
    noise,
    region::{Landmarks, Place},
};
use crate::person::SurfacePart;

/// A posed body as garments see it.
pub(crate) struct Fitting<'a> {
    /// Joints at rest.
    pub(crate) marks: &'a Landmarks,
    /// Maps of the bones from rest to posed space.
    pub(crate) maps: &'a [Affine3A],
    /// The posed skin.
    pub(crate) skin: &'a Skin,
    /// Seed of the folds.
    pub(crate) seed: u32,
}

/// A part of a garment that is finished on its own.
pub(crate) struct Piece<'a> {
    /// Name of the material's variant.
    pub(crate) variant: &'static str,
    /// Where on the cloth the piece is: positive inside.
    pub(crate) inside: &'a dyn Fn(usize) -> f32,
    /// Height over the rest of the garment, in metres.
    pub(crate) raise_m: f32,
    /// Thickness, in metres.
    pub(crate) thickness_m: f32,
}

/// A garment on the body.
pub(crate) struct Worn {
    /// Its surfaces.
    pub(crate) surfaces: Vec<SurfacePart>,
    /// Its posed outer side, which garments above it keep off.
    pub(crate) outer: ClosestPoint,
}

impl Fitting<'_> {
    /// Distance of the folds' waves along limbs and trunk, with some wander, in metres.
    fn phase(&self, places: &[Place]) -> Vec<f32> {
        places
            .iter()
            .map(|p| {
                let mut phase_m = -p.at.y * (1.0 - p.arm[0] - p.arm[1] - p.leg[0] - p.leg[1]);
                for side in 0..2 {
                    phase_m += p.arm[side] * self.marks.arm_m(p, side);
                    phase_m += p.leg[side] * self.marks.leg_m(p, side);
                }
                phase_m + 0.018 * noise::value(p.at * 11.0, self.seed)
            })
            .collect()
    }

    /// Texture space: the garment at rest with its sleeves hanging straight down, so that stripes
    /// run around sleeves as they run around the trunk.
    fn pattern(&self, cloth: &Cloth, places: &[Place]) -> Vec<Vec3> {
        let turns = [0, 1].map(|side| {
            let [shoulder, _, wrist] = self.marks.arms[side];
            rotation::between((wrist - shoulder).normalize_or(Vec3::NEG_Y), Vec3::NEG_Y)
        });
        places
            .iter()
            .enumerate()
            .map(|(v, place)| {
                let mut p = cloth.rest[v];
                for side in 0..2 {
                    let share = math::smoothstep(0.3, 1.0, place.arm[side]);
                    if 0.0 < share {
                        let shoulder = self.marks.arms[side][0];
                        let turn = rotation::scaled(turns[side], share);
                        p = shoulder + turn * (p - shoulder);
                    }
                }
                p
            })
            .collect()
    }

    /// Poses the cloth and finishes its pieces.
    pub(crate) fn make(
        &self,
        part: Part,
        cloth: &Cloth,
        how: Wear,
        under: &[(&ClosestPoint, f32)],
        pieces: &[Piece<'_>],
    ) -> Worn {
        let places = self.marks.places(cloth);
        let points = wear(cloth, self.maps, self.skin, under, how, &self.phase(&places));
        let normals = normals(&points, &cloth.triangles);
        let pattern = self.pattern(cloth, &places);
        let uvs: Vec<Vec2> = pattern.iter().map(|p| around(*p, self.marks)).collect();
        let mut surfaces: Vec<SurfacePart> = Vec::new();
        let owner: Vec<usize> = cloth
            .triangles
            .iter()
            .map(|t| {
                let in_piece = |piece: &Piece<'_>| {
                    0.0 < t.iter().map(|&v| (piece.inside)(v as usize)).sum::<f32>()
                };
                pieces.iter().position(in_piece).unwrap_or(0)
            })
            .collect();
        for (piece_idx, piece) in pieces.iter().enumerate() {
            let triangles: Vec<[u32; 3]> = cloth
                .triangles
                .iter()
                .zip(&owner)
                .filter(|(_, owner)| **owner == piece_idx)
                .map(|(t, _)| *t)
                .collect();
            if triangles.is_empty() {
                continue;
            }
            let sheet = Sheet {
                points: &points,
                rest: &pattern,
                uvs: &uvs,
                normals: &normals,
                triangles: &triangles,
            };
            surfaces.push(SurfacePart {
                part,
                variant: piece.variant,
                mesh: thicken(&sheet, piece.raise_m, piece.thickness_m),
            });
        }
        Worn {
            surfaces,
            outer: ClosestPoint::build(&points, &cloth.triangles),
        }
    }
}

/// Cylindrical coordinates around the vertical axis of the trunk, in metres.
fn around(p: Vec3, marks: &Landmarks) -> Vec2 {
    let radius_m = 0.5 * marks.trunk_m * 0.5;
    Vec2::new(math::atan2(p.x, p.z) * radius_m, p.y)
}
