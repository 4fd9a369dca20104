//! Turns the eyes to the camera, once it is known where the camera stands.

use bottega_geometry::math;
use bottega_people::Anatomy;
use bottega_schemas::params::FaceParams;
use glam::Vec3;

/// Farthest that eyes turn sideways and up or down toward a camera, in radians: beyond 35 and 25
/// degrees people turn the head.
const LIMITS_RAD: [f32; 2] = [0.610_865_2, 0.436_332_3];

/// The face with its eyes on the camera at `camera_position` (body space, metres) when it is meant
/// to look there and can; unchanged otherwise. The landmarks do not depend on the gaze.
pub fn aim_gaze(face: &FaceParams, anatomy: &Anatomy, camera_position: Vec3) -> FaceParams {
    let mut aimed = face.clone();
    if !face.gaze_at_camera {
        return aimed;
    }
    let between = 0.5 * (anatomy.eye_centers[0] + anatomy.eye_centers[1]);
    let toward = camera_position - between;
    let left = anatomy.face_up.cross(anatomy.face_forward);
    let [x, y, z] = [left, anatomy.face_up, anatomy.face_forward].map(|axis| toward.dot(axis));
    let yaw_rad = math::atan2(x, z);
    let pitch_rad = math::atan2(y, (x * x + z * z).sqrt());
    if yaw_rad.abs() <= LIMITS_RAD[0] && pitch_rad.abs() <= LIMITS_RAD[1] {
        aimed.gaze_yaw_rad = yaw_rad;
        aimed.gaze_pitch_rad = pitch_rad;
        aimed.vergence_m = toward.length().max(0.1);
    }
    aimed
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn eyes_meet_a_camera_in_front_and_leave_one_behind() {
        let anatomy = Anatomy {
            head_center: Vec3::new(0.0, 1.6, 0.0),
            vertex: Vec3::new(0.0, 1.7, 0.0),
            chin: Vec3::new(0.0, 1.5, 0.0),
            eye_centers: [Vec3::new(0.03, 1.6, 0.1), Vec3::new(-0.03, 1.6, 0.1)],
            face_forward: Vec3::Z,
            face_up: Vec3::Y,
            chest_forward: Vec3::Z,
            hip_center: Vec3::Y,
            bounds: [Vec3::ZERO, Vec3::ONE],
        };
        let face = FaceParams {
            expression_id: "neutral".to_owned(),
            units: BTreeMap::new(),
            gaze_yaw_rad: -0.1,
            gaze_pitch_rad: 0.05,
            vergence_m: 1.0,
            gaze_at_camera: true,
        };
        let aimed = aim_gaze(&face, &anatomy, Vec3::new(1.0, 1.6, 2.1));
        assert!(
            (aimed.gaze_yaw_rad - math::atan2(1.0, 2.0)).abs() < 1e-5,
            "left is positive"
        );
        assert!(aimed.gaze_pitch_rad.abs() < 1e-6);
        assert!((aimed.vergence_m - 5.0_f32.sqrt()).abs() < 1e-5);
        assert_eq!(aim_gaze(&face, &anatomy, Vec3::new(0.0, 1.6, -3.0)), face);
        let free = FaceParams {
            gaze_at_camera: false,
            ..face
        };
        assert_eq!(aim_gaze(&free, &anatomy, Vec3::new(0.0, 1.6, 3.0)), free);
    }
}
