//! Film, scene facts and labels -> a checked sample.

use std::collections::BTreeMap;

use bottega_format::{PlaneValues, Planes, Sample};
use bottega_geometry::math;
use bottega_people::{Anatomy, Measured};
use bottega_render::scene::{Camera, Film};
use bottega_schemas::params::SceneParams;
use bottega_schemas::{Part, Plane, SampleMeta};
use glam::{Mat3, Mat4, Vec3};

use crate::error::AssembleError;
use crate::place_camera::PlacedCamera;

/// Radius around the head centre, in skull heights, within which skin counts as facial.
const FACE_RADIUS: f32 = 0.75;

/// Turn of the head against the camera, in radians.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HeadPose {
    /// Positive toward the person's left.
    pub yaw_rad: f32,
    /// Positive up.
    pub pitch_rad: f32,
    /// Positive toward the person's left shoulder.
    pub roll_rad: f32,
}

/// The head in camera space; all angles are 0 for a head that faces the camera upright.
pub fn head_pose(anatomy: &Anatomy, camera: &Camera) -> HeadPose {
    let camera_from_world = Mat3::from(camera.world_from_camera.matrix3).transpose();
    let forward = camera_from_world * anatomy.face_forward;
    let up = camera_from_world * anatomy.face_up;
    let level_right = Vec3::Y.cross(forward).normalize_or(Vec3::X);
    let level_up = forward.cross(level_right);
    HeadPose {
        yaw_rad: math::atan2(forward.x, forward.z),
        pitch_rad: math::asin(forward.y),
        roll_rad: math::atan2(up.dot(level_right), up.dot(level_up)),
    }
}

/// Everything besides the film that becomes a label.
#[derive(Clone, Copy, Debug)]
pub struct SceneFacts<'a> {
    /// Numbers of the sample.
    pub params: &'a SceneParams,
    /// Points on the posed person.
    pub anatomy: &'a Anatomy,
    /// Measurements of the body.
    pub measured: &'a Measured,
    /// The camera that was used.
    pub placed: &'a PlacedCamera,
}

/// Fills the camera, head and body columns of `meta` and joins it with the planes.
///
/// `rgb8` is the display-referred picture, three bytes a pixel; `optional` holds the planes that
/// the dataset asks for besides the usual ones.
///
/// # Errors
/// When a plane breaks a rule of the sample contract, which is a bug of the renderer.
pub fn to_sample(
    film: Film,
    rgb8: Vec<u8>,
    optional: BTreeMap<Plane, PlaneValues>,
    mut meta: SampleMeta,
    facts: SceneFacts<'_>,
) -> Result<Sample, AssembleError> {
    fill_geometry(&mut meta, &facts);
    let face_skin = face_skin(&film, &facts);
    let mut planes = planes_of(film, rgb8);
    planes.optional.extend(optional);
    let params_json =
        serde_json::to_string(facts.params).map_err(|source| AssembleError::Json {
            what: "the scene parameters",
            source,
        })?;
    Ok(Sample::new(meta, planes, &params_json, Some(&face_skin))?)
}

/// The film as planes; `rgb8` is the display-referred picture.
pub fn planes_of(film: Film, rgb8: Vec<u8>) -> Planes {
    Planes {
        width: film.width as usize,
        height: film.height as usize,
        rgb_linear: film.rgb.iter().map(Vec3::to_array).collect(),
        rgb8,
        alpha: film.alpha,
        depth_m: film.depth_m,
        normal: film.normal.iter().map(Vec3::to_array).collect(),
        optional: BTreeMap::from([(Plane::PartId, PlaneValues::Byte(film.part))]),
    }
}

fn fill_geometry(meta: &mut SampleMeta, facts: &SceneFacts<'_>) {
    let camera = &facts.placed.camera;
    let intent = &facts.params.camera;
    let [_, height_px] = camera.resolution_px.map(|n| n as f32);
    let half_fov = math::atan2(0.5 * height_px, camera.focal_px.y);
    let pose = Mat4::from(camera.world_from_camera)
        .transpose()
        .to_cols_array();
    let position = Vec3::from(camera.world_from_camera.translation);
    let anchor = match facts.params.framing {
        bottega_schemas::Framing::Face => facts.anatomy.head_center,
        _ => facts.anatomy.hip_center,
    };
    let head = head_pose(facts.anatomy, camera);
    meta.fx = f64::from(camera.focal_px.x);
    meta.fy = f64::from(camera.focal_px.y);
    meta.cx = f64::from(camera.center_px.x);
    meta.cy = f64::from(camera.center_px.y);
    meta.world_from_camera = Some(pose.map(f64::from));
    meta.camera_distance_m = Some(position.distance(anchor));
    meta.fov_y_deg = (2.0 * half_fov).to_degrees();
    meta.focal_35mm = Some(facts.placed.focal_35mm);
    meta.f_number = intent.f_number;
    let backward = camera.world_from_camera.matrix3.z_axis;
    meta.camera_pitch_deg = Some(math::asin(backward.y).to_degrees());
    meta.camera_roll_deg = Some(intent.roll_rad.to_degrees());
    meta.head_yaw_deg = Some(head.yaw_rad.to_degrees());
    meta.head_pitch_deg = Some(head.pitch_rad.to_degrees());
    meta.head_roll_deg = Some(head.roll_rad.to_degrees());
    meta.height_m = Some(facts.measured.stature_m);
    meta.bmi = Some(facts.measured.bmi);
}

/// Pixels whose first hit is skin of the head.
fn face_skin(film: &Film, facts: &SceneFacts<'_>) -> Vec<bool> {
    let camera = &facts.placed.camera;
    let camera_from_world = camera.world_from_camera.inverse();
    let head = camera_from_world.transform_point3(facts.anatomy.head_center);
    let reach_m = FACE_RADIUS * facts.anatomy.vertex.distance(facts.anatomy.chin);
    let width = film.width as usize;
    film.part
        .iter()
        .zip(&film.depth_m)
        .enumerate()
        .map(|(i, (part, depth_m))| {
            if *part != Part::Skin as u8 || !depth_m.is_finite() {
                return false;
            }
            let x_px = (i % width) as f32 + 0.5 - camera.center_px.x;
            let y_px = camera.center_px.y - (i / width) as f32 - 0.5;
            let point = Vec3::new(x_px / camera.focal_px.x, y_px / camera.focal_px.y, -1.0);
            (point * *depth_m).distance(head) < reach_m
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use bottega_render::scene::CameraMotion;
    use glam::{Affine3A, Vec2};

    fn camera() -> Camera {
        Camera {
            world_from_camera: Affine3A::from_translation(Vec3::new(0.0, 1.6, 2.0)),
            resolution_px: [384, 512],
            focal_px: Vec2::splat(700.0),
            center_px: Vec2::new(192.0, 256.0),
            lens_radius_m: 0.0,
            focus_distance_m: 2.0,
            motion: CameraMotion::NONE,
        }
    }

    fn anatomy(forward: Vec3, up: Vec3) -> Anatomy {
        Anatomy {
            head_center: Vec3::new(0.0, 1.6, 0.0),
            vertex: Vec3::new(0.0, 1.72, 0.0),
            chin: Vec3::new(0.0, 1.5, 0.05),
            eye_centers: [Vec3::new(0.03, 1.62, 0.08), Vec3::new(-0.03, 1.62, 0.08)],
            face_forward: forward,
            face_up: up,
            chest_forward: Vec3::Z,
            hip_center: Vec3::new(0.0, 0.95, 0.0),
            bounds: [Vec3::ZERO, Vec3::ONE],
        }
    }

    #[test]
    fn a_head_toward_the_camera_has_no_turn() {
        let pose = head_pose(&anatomy(Vec3::Z, Vec3::Y), &camera());
        assert!(pose.yaw_rad.abs() + pose.pitch_rad.abs() + pose.roll_rad.abs() < 1e-6);
    }

    #[test]
    fn turning_to_the_own_left_is_a_positive_yaw() {
        // The person's left is +X for a person who faces +Z.
        let pose = head_pose(&anatomy(Vec3::new(0.6, 0.0, 0.8), Vec3::Y), &camera());
        assert!((pose.yaw_rad - math::asin(0.6)).abs() < 1e-5);
    }
}
