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

/// A field over places: a length in metres, positive inside the garment.
pub(crate) type Field<'a> = &'a dyn Fn(&Place) -> f32;

/// An edge of a garment: hem, cuff, neckline.
pub(crate) struct Edge<'a> {
    /// Distance from the edge in metres, positive inside the garment.
    pub(crate) inside: Field<'a>,
    /// Width of the band along the edge, in metres; 0 for none.
    pub(crate) band_m: f32,
}

/// How a part of a garment is finished.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Finish {
    /// Name of the material's variant.
    pub(crate) variant: &'static str,
    /// Height over the rest of the garment, in metres.
    pub(crate) raise_m: f32,
    /// Thickness, in metres.
    pub(crate) thickness_m: f32,
}

/// How a garment is cut and finished.
pub(crate) struct Sewing<'a> {
    /// Where it ends.
    pub(crate) edges: &'a [Edge<'a>],
    /// A part with a finish of its own, positive inside.
    pub(crate) panel: Option<(Field<'a>, Finish)>,
    /// The main part and the bands along the edges.
    pub(crate) finish: [Finish; 2],
}

impl<'a> Sewing<'a> {
    /// A garment without a panel.
    pub(crate) fn plain(edges: &'a [Edge<'a>], finish: [Finish; 2]) -> Self {
        Self {
            edges,
            panel: None,
            finish,
        }
    }
}

/// A garment on the body.
pub(crate) struct Worn {
    /// Its surfaces.
    pub(crate) surfaces: Vec<SurfacePart>,
    /// Its posed outer side, which garments above it keep off.
    pub(crate) outer: ClosestPoint,
    /// The cut cloth that lies next to the skin.
    pub(crate) cloth: Cloth,
    /// How far its inner side lies below its outer side, in metres.
    pub(crate) depth_m: f32,
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
                // Folds run aslant and wander.
                let slant = Vec3::new(p.at.x.abs(), 0.0, p.at.z).dot(Vec3::new(0.35, 0.0, 0.45));
                phase_m + slant + 0.030 * noise::value(p.at * 8.0, self.seed)
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
                for (side, turn) in turns.iter().enumerate() {
                    let share = math::smoothstep(0.3, 1.0, place.arm[side]);
                    if 0.0 < share {
                        let shoulder = self.marks.arms[side][0];
                        let turn = rotation::scaled(*turn, share);
                        p = shoulder + turn * (p - shoulder);
                    }
                }
                p
            })
            .collect()
    }

    /// The part of a shell that a garment with these edges needs, and a little around it.
    pub(crate) fn rough(&self, shell: &Cloth, edges: &[Edge<'_>]) -> Cloth {
        let field: Vec<f32> = self
            .marks
            .places(shell)
            .iter()
            .map(|p| {
                edges
                    .iter()
                    .fold(f32::MAX, |least, edge| least.min((edge.inside)(p)))
            })
            .collect();
        shell.rough(&field, -0.012)
    }

    /// Puts the cloth on the body, cuts it at its edges and finishes it: the main part, the bands
    /// along the edges, and a panel (a shirt's placket).
    ///
    /// It is cut last, since smoothing would move the irregular vertices of a cut along the cloth.
    pub(crate) fn make(
        &self,
        part: Part,
        mut cloth: Cloth,
        how: Wear,
        under: &[(&ClosestPoint, f32)],
        sewing: &Sewing<'_>,
    ) -> Worn {
        let Sewing {
            edges,
            panel,
            finish,
        } = *sewing;
        let phase = self.phase(&self.marks.places(&cloth));
        cloth.worn = wear(&cloth, self.maps, self.skin, under, how, &phase);
        for edge in edges {
            let field: Vec<f32> = self.marks.places(&cloth).iter().map(edge.inside).collect();
            cloth = cloth.clip(&field);
        }
        for edge in edges.iter().filter(|edge| 0.0 < edge.band_m) {
            let places = self.marks.places(&cloth);
            let field: Vec<f32> = places
                .iter()
                .map(|p| (edge.inside)(p) - edge.band_m)
                .collect();
            cloth = cloth.score(&field);
        }
        if let Some((inside, _)) = panel {
            let field: Vec<f32> = self.marks.places(&cloth).iter().map(inside).collect();
            cloth = cloth.score(&field);
        }
        let places = self.marks.places(&cloth);
        let in_band: Vec<f32> = places
            .iter()
            .map(|p| {
                let edges = edges.iter().filter(|edge| 0.0 < edge.band_m);
                edges.fold(-1.0, |most: f32, edge| {
                    most.max(edge.band_m - (edge.inside)(p))
                })
            })
            .collect();
        let normals = normals(&cloth.worn, &cloth.triangles);
        let pattern = self.pattern(&cloth, &places);
        let uvs: Vec<Vec2> = pattern.iter().map(|p| around(*p, self.marks)).collect();
        let mut surfaces: Vec<SurfacePart> = Vec::new();
        // 0 is the main part, 1 the bands, 2 the panel, which runs through the bands.
        let owner = |t: &[u32; 3]| {
            let sum =
                |values: &dyn Fn(usize) -> f32| t.iter().map(|&v| values(v as usize)).sum::<f32>();
            match panel {
                Some((inside, _)) if 0.0 < sum(&|v| inside(&places[v])) => 2,
                _ => usize::from(0.0 < sum(&|v| in_band[v])),
            }
        };
        let owners: Vec<usize> = cloth.triangles.iter().map(owner).collect();
        let looks = finish.into_iter().chain(panel.map(|(_, look)| look));
        for (index, look) in looks.enumerate() {
            let triangles: Vec<[u32; 3]> = cloth
                .triangles
                .iter()
                .zip(&owners)
                .filter(|(_, owner)| **owner == index)
                .map(|(t, _)| *t)
                .collect();
            if triangles.is_empty() {
                continue;
            }
            let sheet = Sheet {
                points: &cloth.worn,
                rest: &pattern,
                uvs: &uvs,
                normals: &normals,
                triangles: &triangles,
            };
            surfaces.push(SurfacePart {
                part,
                variant: look.variant,
                mesh: thicken(&sheet, look.raise_m, look.thickness_m),
            });
        }
        Worn {
            surfaces,
            outer: ClosestPoint::build(&cloth.worn, &cloth.triangles),
            cloth,
            depth_m: finish.iter().fold(0.0, |depth, f| {
                f.raise_m.max(f.thickness_m - f.raise_m).max(depth)
            }),
        }
    }
}

/// Cylindrical coordinates around the vertical axis of the trunk, in metres.
fn around(p: Vec3, marks: &Landmarks) -> Vec2 {
    let radius_m = 0.5 * marks.trunk_m * 0.5;
    Vec2::new(math::atan2(p.x, p.z) * radius_m, p.y)
}
