//! Joint limits: how far each bone turns from rest at most.
//!
//! Clinical ranges (American Academy of Orthopaedic Surgeons, Joint Motion, 1965) shared out over
//! the bones that make up a joint, from the template's rest pose, rounded up to what the
//! motion-capture frames show.

use bottega_geometry::rotation;
use bottega_schemas::params::PoseParams;
use glam::Quat;

use super::skeleton::set;

/// Beginning of the bone's name and its largest turn, in degrees; the first match counts.
const LARGEST_DEG: [(&str, f32); 15] = [
    ("root", 40.0),
    ("pelvis", 12.0),
    ("upperleg01", 115.0),
    ("upperleg02", 30.0),
    ("lowerleg01", 135.0),
    ("foot", 50.0),
    ("spine", 30.0),
    ("neck", 26.0),
    ("head", 30.0),
    ("shoulder", 36.0),
    ("upperarm01", 125.0),
    ("upperarm02", 50.0),
    ("lowerarm01", 110.0),
    ("lowerarm02", 60.0),
    ("wrist", 75.0),
];

/// Turns bones that exceed their limits back to them.
pub(crate) fn clamp(params: &mut PoseParams) {
    let names: Vec<String> = params.bones.keys().cloned().collect();
    for name in names {
        let Some((_, largest_deg)) = LARGEST_DEG.iter().find(|(stem, _)| name.starts_with(stem))
        else {
            continue;
        };
        let q = Quat::from_array(params.bones[&name]);
        let angle = rotation::to_vector(q).length();
        let largest = largest_deg.to_radians();
        if largest < angle {
            set(params, &name, rotation::scaled(q, largest / angle));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use glam::Vec3;

    use super::*;

    #[test]
    fn a_bone_beyond_its_limit_stops_there() {
        let twist = rotation::about_axis(Vec3::Y, 1.5);
        let mut params = PoseParams {
            pose_id: String::new(),
            root_rotation: [0.0, 0.0, 0.0, 1.0],
            bones: BTreeMap::from([("head".to_owned(), twist.to_array())]),
            seated: false,
        };
        clamp(&mut params);
        let angle = rotation::to_vector(Quat::from_array(params.bones["head"])).length();
        assert!((angle.to_degrees() - 30.0).abs() < 1e-3, "{angle}");
    }
}
