//! Points of the person as the camera sees them: places, film positions, what hides them.

use bottega_people::{Mark, Marks};
use bottega_render::accel::Accel;
use bottega_render::label::{SightPoint, in_sight};
use bottega_render::scene::{Camera, Scene};
use bottega_schemas::points::{Visibility, is_inside, project};
use bottega_schemas::{Part, SampleMeta};

/// Parts that hide nothing: the clear front of the eye, and the hair that grows where brow and lid
/// landmarks are.
const CLEAR_PARTS: [u8; 3] = [Part::Cornea as u8, Part::Brow as u8, Part::Lash as u8];

/// The columns of one list of points.
#[derive(Clone, Debug, PartialEq)]
struct Columns {
    camera_m: Vec<f32>,
    px: Vec<f32>,
    visibility: Vec<i8>,
}

/// All point labels of a sample.
#[derive(Clone, Debug, PartialEq)]
pub struct PointLabels {
    joints: Columns,
    landmarks: Columns,
    face_net: Columns,
}

impl PointLabels {
    /// Looks at the points of the person who stands in this scene.
    pub fn of(scene: &Scene, accel: &Accel, marks: &Marks) -> Self {
        let columns = |marks: &[Mark]| columns_of(scene, accel, marks);
        Self {
            joints: columns(&marks.joints),
            landmarks: columns(&marks.landmarks),
            face_net: columns(&marks.face_net),
        }
    }

    /// Fills the columns of points.
    pub fn store_in(self, meta: &mut SampleMeta) {
        let Self {
            joints,
            landmarks,
            face_net,
        } = self;
        meta.joints_camera_m = Some(joints.camera_m);
        meta.joints_px = Some(joints.px);
        meta.joints_visibility = Some(joints.visibility);
        meta.landmarks_camera_m = Some(landmarks.camera_m);
        meta.landmarks_px = Some(landmarks.px);
        meta.landmarks_visibility = Some(landmarks.visibility);
        meta.face_net_camera_m = Some(face_net.camera_m);
        meta.face_net_visibility = Some(face_net.visibility);
    }
}

fn columns_of(scene: &Scene, accel: &Accel, marks: &[Mark]) -> Columns {
    let points: Vec<SightPoint> = marks
        .iter()
        .map(|mark| SightPoint {
            position: mark.position,
            depth_m: mark.depth_m,
        })
        .collect();
    let seen = in_sight(scene, accel, &points, &CLEAR_PARTS);
    let mut columns = Columns {
        camera_m: Vec::with_capacity(3 * marks.len()),
        px: Vec::with_capacity(2 * marks.len()),
        visibility: Vec::with_capacity(marks.len()),
    };
    for (mark, is_seen) in marks.iter().zip(seen) {
        let camera = &scene.camera;
        // Adding zero turns -0 into +0.
        let place = camera.camera_from_world_point(mark.position).to_array();
        let place = place.map(|v| v + 0.0);
        let (px, visibility) = look(camera, place, is_seen);
        columns.camera_m.extend(place);
        columns.px.extend(px);
        columns.visibility.push(visibility as i8);
    }
    columns
}

/// Film position and visibility of a point of camera space.
fn look(camera: &Camera, place: [f32; 3], is_seen: bool) -> ([f32; 2], Visibility) {
    let pair = |v: glam::Vec2| v.to_array().map(f64::from);
    let size_px = camera.resolution_px.map(|n| n as f32);
    match project(place, pair(camera.focal_px), pair(camera.center_px)) {
        Some(px) if !is_inside(px, size_px) => (px, Visibility::Outside),
        Some(px) if is_seen => (px, Visibility::Visible),
        Some(px) => (px, Visibility::Hidden),
        None => ([0.0; 2], Visibility::Outside),
    }
}
