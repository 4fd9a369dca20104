//! Where things are on a body at rest, and the fields whose zeros are hems, cuffs and necklines.
//!
//! Fields are lengths in metres, positive inside the garment; joints follow the shape, so that a
//! sleeve ends at the same share of everybody's arm.

use bottega_geometry::math;
use glam::Vec3;

use super::cloth::Cloth;
use crate::{
    body::{Body, BodyModel},
    error::PeopleError,
};

/// Joints and marked bones of a body at rest.
#[derive(Clone, Debug)]
pub(crate) struct Landmarks {
    /// Shoulder, elbow, wrist of both sides.
    pub(crate) arms: [[Vec3; 3]; 2],
    /// Hip, knee, ankle of both sides.
    pub(crate) legs: [[Vec3; 3]; 2],
    /// Bones of each arm, from the upper arm on.
    pub(crate) arm_bones: [Vec<bool>; 2],
    /// Bones of each leg, from the thigh on.
    pub(crate) leg_bones: [Vec<bool>; 2],
    /// Bone of each foot.
    pub(crate) foot_bones: [usize; 2],
    /// Upper bone of each thigh.
    pub(crate) thigh_bones: [usize; 2],
    /// Height of the crotch.
    pub(crate) crotch_y: f32,
    /// Centre of the ring around the base of the neck.
    pub(crate) neck: Vec3,
    /// Unit direction of the neck at its base, upward.
    pub(crate) neck_axis: Vec3,
    /// Half width and half depth of that ring, in metres.
    pub(crate) neck_m: [f32; 2],
    /// Height of the hip joints.
    pub(crate) hip_y: f32,
    /// Height of the base of the neck over the hip joints, in metres.
    pub(crate) trunk_m: f32,
    /// Height of the sole.
    pub(crate) sole_y: f32,
    /// Free height of the neck in front, from its base ring to the chin, in metres.
    pub(crate) throat_m: f32,
    /// How much the hips are bent: 0 standing, 1 sitting.
    pub(crate) bent: f32,
}

/// Fractions of the trunk (hip joints 0, base of the neck 1) at which garments end.
pub(crate) const WAISTBAND: f32 = 0.24;
const HEM_HIGH: f32 = 0.10;

impl Landmarks {
    /// Landmarks of `body`, whose body-hugging shell has the border `neck_ring` at the neck.
    pub(crate) fn of(
        model: &BodyModel,
        body: &Body,
        neck_ring: &[Vec3],
    ) -> Result<Self, PeopleError> {
        let joint = |bone: &str| -> Result<Vec3, PeopleError> {
            Ok(model.rig.bones[model.bone(bone)?]
                .head
                .locate(&body.neutral))
        };
        let chain = |bones: [&str; 3], side: &str| -> Result<[Vec3; 3], PeopleError> {
            let [a, b, c] = bones.map(|stem| joint(&format!("{stem}{side}")));
            Ok([a?, b?, c?])
        };
        let marked = |stems: &[&str], side: &str| -> Vec<bool> {
            let of = |name: &str| {
                name.ends_with(side) && stems.iter().any(|stem| name.starts_with(stem))
            };
            model.rig.bones.iter().map(|bone| of(&bone.name)).collect()
        };
        let arm = ["upperarm", "lowerarm", "wrist", "metacarpal", "finger"];
        let leg = ["upperleg", "lowerleg", "foot", "toe"];
        let mean: Vec3 = neck_ring.iter().sum::<Vec3>() / neck_ring.len().max(1) as f32;
        let half = |axis: fn(&Vec3) -> f32, center: f32| {
            let far = neck_ring.iter().map(|p| (axis(p) - center).abs());
            far.fold(0.03, f32::max)
        };
        let legs = [
            chain(["upperleg01", "lowerleg01", "foot"], ".L")?,
            chain(["upperleg01", "lowerleg01", "foot"], ".R")?,
        ];
        let thigh_y = |side: &str| -> Result<f32, PeopleError> {
            let hip = body.bones[model.bone(&format!("upperleg01{side}"))?].head;
            let knee = body.bones[model.bone(&format!("lowerleg01{side}"))?].head;
            Ok((knee - hip).normalize_or(Vec3::NEG_Y).y)
        };
        let bent = 1.0 + 0.5 * (thigh_y(".L")? + thigh_y(".R")?);
        let head = model.bone("head")?;
        let chin_y = BodyModel::BODY_VERTICES
            .filter(|&v| mean.z + 0.03 < body.neutral[v].z)
            .filter(|&v| model.weights.of(v).any(|(bone, w)| bone == head && 0.5 < w))
            .fold(f32::MAX, |low, v| low.min(body.neutral[v].y));
        let hip_y = 0.5 * (legs[0][0].y + legs[1][0].y);
        let crotch_y = BodyModel::BODY_VERTICES
            .map(|v| body.neutral[v])
            .filter(|p| p.x.abs() < 0.012 && (p.y - hip_y).abs() < 0.2)
            .fold(hip_y, |low, p| low.min(p.y));
        let sole_y = body.neutral[BodyModel::BODY_VERTICES]
            .iter()
            .fold(f32::MAX, |low, p| low.min(p.y));
        Ok(Self {
            arms: [
                chain(["upperarm01", "lowerarm01", "wrist"], ".L")?,
                chain(["upperarm01", "lowerarm01", "wrist"], ".R")?,
            ],
            legs,
            arm_bones: [marked(&arm, ".L"), marked(&arm, ".R")],
            leg_bones: [marked(&leg, ".L"), marked(&leg, ".R")],
            foot_bones: [model.bone("foot.L")?, model.bone("foot.R")?],
            thigh_bones: [model.bone("upperleg01.L")?, model.bone("upperleg01.R")?],
            crotch_y,
            neck: mean,
            neck_axis: (joint("neck03")? - joint("neck01")?).normalize_or(Vec3::Y),
            neck_m: [half(|p| p.x, mean.x), half(|p| p.z, mean.z)],
            hip_y,
            trunk_m: joint("neck01")?.y - hip_y,
            sole_y,
            throat_m: (chin_y - mean.y).clamp(0.0, 0.1),
            bent: bent.clamp(0.0, 1.0),
        })
    }

    /// Height at the share `h` of the trunk.
    pub(crate) fn trunk_y(&self, h: f32) -> f32 {
        self.hip_y + h * self.trunk_m
    }

    /// Height of a top's hem: `hem` 0 just over the hips, 1 at mid-thigh.
    pub(crate) fn hem_y(&self, hem: f32) -> f32 {
        let thigh_m = self.legs[0][0].y - self.legs[0][1].y;
        let high = self.trunk_y(HEM_HIGH);
        let hem_y = high + hem * (self.hip_y - 0.5 * thigh_m - high);
        // Sitting, a hem slides up to the fold of the groin.
        let seated_y = hem_y.max(self.trunk_y(0.05));
        hem_y + (seated_y - hem_y) * math::smoothstep(0.3, 0.8, self.bent)
    }
}

/// Distance along a bent limb from its root, in metres; negative before it.
pub(crate) fn along_limb(p: Vec3, [a, b, c]: [Vec3; 3]) -> f32 {
    let (upper, lower) = (b - a, c - b);
    let (upper_m, lower_m) = (upper.length(), lower.length());
    let first = (p - a).dot(upper) / upper_m;
    let second = (p - b).dot(lower) / lower_m;
    first.min(upper_m) + second.max(0.0)
}

/// Length of a bent limb, in metres.
pub(crate) fn limb_length(joints: [Vec3; 3]) -> f32 {
    joints[0].distance(joints[1]) + joints[1].distance(joints[2])
}

/// Distance of `p` from the axis of a bent limb, in metres.
pub(crate) fn from_axis(p: Vec3, [a, b, c]: [Vec3; 3]) -> f32 {
    let from = |s: Vec3, e: Vec3| {
        let axis = e - s;
        let t = ((p - s).dot(axis) / axis.length_squared()).clamp(-0.2, 1.2);
        p.distance(s + axis * t)
    };
    from(a, b).min(from(b, c))
}

/// A vertex as fields see it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    /// Where it lies at rest.
    pub(crate) at: Vec3,
    /// Share of each arm in its skin weights.
    pub(crate) arm: [f32; 2],
    /// Share of each leg.
    pub(crate) leg: [f32; 2],
    /// Share of the head.
    pub(crate) head: f32,
}

impl Landmarks {
    /// Places of all vertices of a cloth.
    pub(crate) fn places(&self, cloth: &Cloth) -> Vec<Place> {
        let share = |bones: &Vec<bool>| cloth.share(bones);
        let arms = [share(&self.arm_bones[0]), share(&self.arm_bones[1])];
        let legs = [share(&self.leg_bones[0]), share(&self.leg_bones[1])];
        (0..cloth.len())
            .map(|v| Place {
                at: cloth.anchor[v],
                arm: [arms[0][v], arms[1][v]],
                leg: [legs[0][v], legs[1][v]],
                head: 0.0,
            })
            .collect()
    }

    /// Places of the vertices of the body itself.
    pub(crate) fn body_places(&self, model: &BodyModel, body: &Body) -> Vec<Place> {
        // Everything that hangs on the head moves with it, the chin included.
        let mut head: Vec<bool> = Vec::with_capacity(model.rig.bones.len());
        for bone in &model.rig.bones {
            let of_head = bone.name == "head" || bone.parent.is_some_and(|parent| head[parent]);
            head.push(of_head);
        }
        BodyModel::BODY_VERTICES
            .map(|v| {
                let share = |bones: &[bool]| -> f32 {
                    let of = model.weights.of(v).filter(|(bone, _)| bones[*bone]);
                    of.map(|(_, w)| w).sum()
                };
                Place {
                    at: body.neutral[v],
                    arm: [share(&self.arm_bones[0]), share(&self.arm_bones[1])],
                    leg: [share(&self.leg_bones[0]), share(&self.leg_bones[1])],
                    head: share(&head),
                }
            })
            .collect()
    }

    /// Distance along the arm on `side` from its shoulder; off the arm it sinks below zero.
    pub(crate) fn arm_m(&self, p: &Place, side: usize) -> f32 {
        let w = p.arm[side];
        let length_m = limb_length(self.arms[side]);
        w * along_limb(p.at, self.arms[side]) - (1.0 - w) * 0.3 * length_m
    }

    /// Distance along the leg on `side` from its hip; off the leg it sinks below zero.
    pub(crate) fn leg_m(&self, p: &Place, side: usize) -> f32 {
        let w = p.leg[side];
        let length_m = limb_length(self.legs[side]);
        w * along_limb(p.at, self.legs[side]) - (1.0 - w) * 0.1 * length_m
    }

    /// Inside of a sleeve that ends at the share `t` of the arm.
    pub(crate) fn sleeve(&self, p: &Place, side: usize, t: f32) -> f32 {
        t * limb_length(self.arms[side]) - self.arm_m(p, side)
    }

    /// Inside of a trouser leg that ends at the share `t` of the leg.
    pub(crate) fn trouser_leg(&self, p: &Place, side: usize, t: f32) -> f32 {
        t * limb_length(self.legs[side]) - self.leg_m(p, side)
    }

    /// Above the height `y`; arms always are.
    pub(crate) fn above(&self, p: &Place, y: f32) -> f32 {
        let arm = p.arm[0] + p.arm[1];
        (p.at.y - y) * (1.0 - arm) + arm
    }

    /// Below the height `y`; arms never are.
    pub(crate) fn below(&self, p: &Place, y: f32) -> f32 {
        let arm = p.arm[0] + p.arm[1];
        (y - p.at.y) * (1.0 - arm) - arm
    }

    /// Outside of the neckline: an ellipsoid around the base of the neck, tipped forward, that
    /// reaches `depth_m` lower in front than a crew neck; `width_m` is its distance from the neck.
    pub(crate) fn neckline(&self, p: &Place, depth_m: f32, width_m: f32) -> f32 {
        let radii = Vec3::new(
            self.neck_m[0] + width_m,
            0.052 + 0.6 * depth_m + 0.5 * width_m,
            self.neck_m[1] + width_m + 0.25 * depth_m,
        );
        let center = self.neck + Vec3::new(0.0, -0.012 - 0.5 * depth_m, 0.012 + 0.35 * depth_m);
        let d = p.at - center;
        // Only what lies below the ring: the neck above it is out in any case.
        let d = Vec3::new(d.x, d.y.min(0.0), d.z);
        let scaled = d / radii;
        let q = scaled.length_squared();
        let gradient = 2.0 * (scaled / radii).length();
        // The head is out, however wide.
        ((q - 1.0) / gradient.max(1e-3)).min(self.neck.y + 0.01 - p.at.y)
    }
}
