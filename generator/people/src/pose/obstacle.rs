//! What limbs must keep off: the posed trunk and legs, and how thick limbs are.

use std::collections::BTreeMap;

use bottega_geometry::closest_point::ClosestPoint;
use bottega_schemas::params::PoseParams;
use glam::{Affine3A, Quat, Vec3};

use super::skeleton::Skeleton;
use crate::body::{BodyModel, PosedBone};

/// The posed body without its arms.
pub(crate) struct Obstacle {
    surface: ClosestPoint,
}

impl Obstacle {
    /// Poses the body with its root where it is at rest and leaves out the arms, the head and, if
    /// not `with_legs`, the legs.
    pub(crate) fn around_trunk(
        model: &BodyModel,
        rest: &[Vec3],
        pose: &PoseParams,
        with_legs: bool,
    ) -> Self {
        let mut local: BTreeMap<usize, Quat> = BTreeMap::new();
        local.insert(0, Quat::from_array(pose.root_rotation));
        for (name, q) in &pose.bones {
            if let Some(bone) = model.rig.find(name) {
                local.insert(bone, Quat::from_array(*q));
            }
        }
        let maps: Vec<Affine3A> = model
            .rig
            .pose(rest, &local, None)
            .iter()
            .map(PosedBone::posed_from_rest)
            .collect();
        let kept = |name: &str| {
            let trunk = ["root", "pelvis", "spine", "breast", "clavicle"];
            let legs = ["upperleg", "lowerleg"];
            trunk.iter().any(|stem| name.starts_with(stem))
                || (with_legs && legs.iter().any(|stem| name.starts_with(stem)))
        };
        let kept: Vec<bool> = model
            .rig
            .bones
            .iter()
            .map(|bone| kept(&bone.name))
            .collect();
        let body = BodyModel::BODY_VERTICES;
        let inside: Vec<bool> = body
            .clone()
            .map(|v| {
                let of_kept = model.weights.of(v).filter(|(bone, _)| kept[*bone]);
                0.8 <= of_kept.map(|(_, w)| w).sum::<f32>()
            })
            .collect();
        let positions: Vec<Vec3> = body
            .map(|v| model.weights.blend(v, &maps).transform_point3(rest[v]))
            .collect();
        let faces = model.group("body").unwrap_or(0..0);
        let triangles: Vec<[u32; 3]> = model.faces[faces]
            .iter()
            .filter(|face| face.iter().all(|&v| inside.get(v as usize) == Some(&true)))
            .flat_map(|&[a, b, c, d]| [[a, b, c], [a, c, d]])
            .collect();
        Self {
            surface: ClosestPoint::build(&positions, &triangles),
        }
    }

    /// The shortest move that takes a ball of radius `radius_m` around `point` out of the obstacle.
    pub(crate) fn push(&self, point: Vec3, radius_m: f32) -> Vec3 {
        let Some(hit) = self.surface.query(point, 0.5) else {
            return Vec3::ZERO;
        };
        // The obstacle is open where arms and head were: a far inside is no inside.
        let missing_m = radius_m - hit.distance;
        if missing_m <= 0.0 || hit.distance < -0.12 {
            return Vec3::ZERO;
        }
        let away = (point - hit.point) * hit.distance.signum();
        away.normalize_or(hit.normal) * missing_m
    }
}

/// Typical radius of the limb between the heads of two bones on `side`, in metres: the mean
/// distance from its axis of the vertices that move with it, times 1.1.
pub(crate) fn limb_radius_m(
    model: &BodyModel,
    skeleton: &Skeleton,
    rest: &[Vec3],
    from: &str,
    to: &str,
    side: &str,
) -> f32 {
    let (from, to) = (format!("{from}{side}"), format!("{to}{side}"));
    let Some(bone) = model.rig.find(&from) else {
        return 0.0;
    };
    let (start, end) = (skeleton.rest(&from), skeleton.rest(&to));
    let axis = end - start;
    let (mut sum, mut n) = (0.0, 0);
    for v in BodyModel::BODY_VERTICES {
        if !model.weights.of(v).any(|(b, w)| b == bone && 0.5 < w) {
            continue;
        }
        let t = (rest[v] - start).dot(axis) / axis.length_squared();
        if (0.0..=1.0).contains(&t) {
            sum += rest[v].distance(start + axis * t);
            n += 1;
        }
    }
    1.1 * sum / n.max(1) as f32
}
