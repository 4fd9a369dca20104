//! Draws the pose of the body and the turn of the head.

use bottega_geometry::rotation;
use bottega_people::PeopleError;
use bottega_schemas::Framing;
use bottega_schemas::params::{PoseParams, ShapeParams};
use bottega_schemas::scene_spec::{PoseFamily, PoseSpec};
use glam::{Quat, Vec3};

use super::quantiles::Quantiles;

/// Share of the turn of the head that each bone of the neck takes, from below.
const NECK: [(&str, f32); 4] = [
    ("neck01", 0.20),
    ("neck02", 0.20),
    ("neck03", 0.25),
    ("head", 0.35),
];

/// Draws poses of the body and fits them to it.
pub trait PoseSource: Sync {
    /// A pose of `family` with the head straight on the chest; `draw` gives the quantile of each
    /// name.
    fn draw(
        &self,
        family: PoseFamily,
        draw: &mut dyn FnMut(&str) -> f64,
    ) -> Result<PoseParams, PeopleError>;

    /// Fits a pose to a body whose clothes stand off it by `clothes_m`, in metres.
    fn settle(
        &self,
        pose: &mut PoseParams,
        shape: &ShapeParams,
        clothes_m: f32,
    ) -> Result<(), PeopleError>;
}

/// Draws the pose of a person of this shape.
pub(super) fn draw(
    spec: &PoseSpec,
    framing: Framing,
    poses: &dyn PoseSource,
    shape: &ShapeParams,
    clothes_m: f32,
    q: Quantiles,
) -> Result<PoseParams, PeopleError> {
    let family = *spec.family.of(framing).quantile(q.u("pose/family"));
    let mut quantile = |name: &str| q.u(&format!("pose/{name}"));
    let mut pose = poses.draw(family, &mut quantile)?;
    let yaw_rad = spec.head_yaw_deg.quantile(q.u("pose/head yaw")) as f32;
    let pitch_rad = spec.head_pitch_deg.quantile(q.u("pose/head pitch")) as f32;
    let roll_rad = spec.head_roll_deg.quantile(q.u("pose/head roll")) as f32;
    turn_head(&mut pose, yaw_rad, pitch_rad, roll_rad);
    poses.settle(&mut pose, shape, clothes_m)?;
    Ok(pose)
}

/// Turns the head against the chest: yaw toward the person's left, pitch down, roll toward the
/// person's right, in radians.
fn turn_head(pose: &mut PoseParams, yaw_rad: f32, pitch_rad: f32, roll_rad: f32) {
    for (bone, share) in NECK {
        let turn = rotation::about_axis(Vec3::Y, yaw_rad * share)
            * rotation::about_axis(Vec3::X, pitch_rad * share)
            * rotation::about_axis(Vec3::Z, roll_rad * share);
        let rotation = pose
            .bones
            .entry(bone.to_owned())
            .or_insert([0.0, 0.0, 0.0, 1.0]);
        *rotation = (Quat::from_array(*rotation) * turn).to_array();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_neck_shares_the_turn_of_the_head() {
        let mut pose = PoseParams {
            pose_id: "stand".to_owned(),
            root_rotation: [0.0, 0.0, 0.0, 1.0],
            bones: Default::default(),
            seated: false,
        };
        turn_head(&mut pose, 0.8, 0.0, 0.0);
        let whole = NECK.iter().fold(Quat::IDENTITY, |sum, (bone, _)| {
            sum * Quat::from_array(pose.bones[*bone])
        });
        let facing = whole * Vec3::Z;
        // Positive yaw looks toward +X, the person's left.
        assert!((facing.x - libm::sinf(0.8)).abs() < 1e-5, "{facing}");
        turn_head(&mut pose, -0.8, 0.5, 0.0);
        let whole = NECK.iter().fold(Quat::IDENTITY, |sum, (bone, _)| {
            sum * Quat::from_array(pose.bones[*bone])
        });
        assert!((whole * Vec3::Z).y < -0.4, "positive pitch looks down");
    }
}
