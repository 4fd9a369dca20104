//! The pose prior: means and main directions of natural poses, as fitted by `fit_pose_prior`.
//!
//! A group is a set of bones whose local rotations, written as rotation vectors (axis times angle
//! in radians, body axes), vary together. Its poses are `mean + sum_k z_k sigma_k basis_k` with
//! standard normal `z_k`.

use std::collections::BTreeMap;

use bottega_geometry::rotation;
use glam::{Quat, Vec3};
use serde::{Deserialize, Serialize};

use super::quantile;
use crate::error::PeopleError;

/// Version of the document that this code reads.
pub const POSE_PRIOR_VERSION: u32 = 1;

/// Groups that a prior must have.
pub(crate) const GROUPS: [&str; 5] = ["arm_gesture", "arm_hang", "stance", "trunk", "walk"];

/// Means and main directions of natural poses.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PosePrior {
    /// Version of this document, [`POSE_PRIOR_VERSION`].
    pub version: u32,
    /// Where the numbers come from, in the words that the source asks for.
    pub acknowledgement: String,
    /// Groups by name.
    pub groups: BTreeMap<String, PoseGroup>,
}

/// Bones that vary together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PoseGroup {
    /// Frames that the group was fitted to, mirror images not counted.
    pub n_frames: usize,
    /// Bones; `root` is the whole person. Arm groups hold the left arm.
    pub bones: Vec<String>,
    /// Mean rotation vectors, three numbers a bone, in radians.
    pub mean: Vec<f32>,
    /// Standard deviation along each direction, in radians.
    pub sigma: Vec<f32>,
    /// Unit directions, each as long as the mean.
    pub basis: Vec<Vec<f32>>,
}

impl PosePrior {
    /// Reads a prior from its JSON text and checks that it is whole.
    pub fn from_json(json: &str) -> Result<Self, PeopleError> {
        let broken = |found: String| PeopleError::BrokenPrior { found };
        let prior: Self =
            serde_json::from_str(json).map_err(|source| broken(source.to_string()))?;
        if prior.version != POSE_PRIOR_VERSION {
            return Err(broken(format!("version {}", prior.version)));
        }
        for name in GROUPS {
            let group = prior
                .groups
                .get(name)
                .ok_or_else(|| broken(format!("no group {name:?}")))?;
            let n = 3 * group.bones.len();
            let whole = group.mean.len() == n
                && group.sigma.len() == group.basis.len()
                && group.basis.iter().all(|row| row.len() == n);
            if !whole {
                return Err(broken(format!(
                    "group {name:?} with arrays of unlike length"
                )));
            }
        }
        Ok(prior)
    }

    /// The group called `name`, one of those that every checked prior has.
    pub(crate) fn group(&self, name: &str) -> &PoseGroup {
        &self.groups[name]
    }
}

impl PoseGroup {
    /// Rotations of the group's bones, each direction at its own quantile: `draw` is asked for
    /// `prefix/0`, `prefix/1`, ... The deviations are scaled by `spread` and end at 1.5 of them.
    pub(crate) fn draw(
        &self,
        prefix: &str,
        spread: f32,
        draw: &mut dyn FnMut(&str) -> f64,
    ) -> BTreeMap<String, Quat> {
        let mut vector = self.mean.clone();
        for (k, (sigma, direction)) in self.sigma.iter().zip(&self.basis).enumerate() {
            let z = quantile::truncated(draw(&format!("{prefix}/{k}")), 1.0, 1.5) as f32;
            for (v, d) in vector.iter_mut().zip(direction) {
                *v += z * spread * sigma * d;
            }
        }
        self.bones
            .iter()
            .zip(vector.chunks_exact(3))
            .map(|(bone, v)| (bone.clone(), rotation::from_vector(Vec3::from_slice(v))))
            .collect()
    }
}

/// The prior that is shipped, for the tests of this crate.
#[cfg(test)]
pub(crate) fn shipped() -> &'static PosePrior {
    static PRIOR: std::sync::OnceLock<PosePrior> = std::sync::OnceLock::new();
    PRIOR.get_or_init(|| {
        PosePrior::from_json(include_str!("../../../../scenes/priors/pose_prior.json"))
            .expect("the shipped prior is whole")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_prior_has_orthonormal_directions() {
        for (name, group) in &shipped().groups {
            for (i, a) in group.basis.iter().enumerate() {
                for (j, b) in group.basis.iter().enumerate() {
                    let dot: f32 = a.iter().zip(b).map(|(x, y)| x * y).sum();
                    let want = if i == j { 1.0 } else { 0.0 };
                    assert!((dot - want).abs() < 1e-3, "{name} {i} {j}: {dot}");
                }
            }
        }
    }

    #[test]
    fn a_prior_without_a_group_is_refused_by_name() {
        let mut prior = shipped().clone();
        prior.groups.remove("walk");
        let json = serde_json::to_string(&prior).expect("a prior serialises");
        let error = PosePrior::from_json(&json).expect_err("a group is missing");
        assert!(error.to_string().contains("walk"), "{error}");
    }
}
