//! Camera intent and posed body -> the final camera.
//!
//! The intent says how much of the frame the subject fills, from which side and through which
//! lens; where the camera stands follows from the projected extent of the posed person.

use bottega_geometry::math;
use bottega_people::Anatomy;
use bottega_render::scene::{Camera, CameraMotion};
use bottega_schemas::framing::Framing;
use bottega_schemas::params::CameraParams;
use glam::{Affine3A, Mat3, Vec2, Vec3};

/// Diagonal of 35 mm film (36 x 24 mm), in millimetres.
const FILM_DIAGONAL_MM: f32 = 43.266_6;

/// Largest circle of confusion on the person, in pixels, so that labels stay valid.
const MAX_CONFUSION_PX: f32 = 0.5;

/// Lowest camera position above the ground, in metres.
const MIN_HEIGHT_M: f32 = 0.12;

/// A placed camera and what the labels say of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PlacedCamera {
    /// The camera.
    pub camera: Camera,
    /// Distance to the centre of the framed extent, in metres.
    pub subject_distance_m: f32,
    /// Angular radius of the blur of things infinitely far, in radians.
    pub background_blur_rad: f32,
    /// Focal length as on 35 mm film after the limits on distance, in millimetres.
    pub focal_35mm: f32,
}

/// Places the camera so that the framed extent of the person fills the wanted share.
///
/// `points` are points of everything posed (hair and clothes included), in world space; they
/// decide the extent of a whole person and the depth of field.
pub fn place_camera(
    intent: &CameraParams,
    framing: Framing,
    anatomy: &Anatomy,
    points: &[Vec3],
) -> PlacedCamera {
    let [width_px, height_px] = intent.resolution_px.map(|n| n as f32);
    let diagonal_px = (width_px * width_px + height_px * height_px).sqrt();
    let (near_limit_m, far_limit_m) = distance_limits_m(framing);
    let framed = framed_points(framing, anatomy, points);

    let mut focal_35mm = intent.focal_35mm;
    let mut pitch_rad = intent.pitch_rad;
    let mut target = centroid(&framed);
    let mut distance_m = 2.0;
    let mut rotation = Mat3::IDENTITY;
    // Few rounds suffice: each corrects distance and aim by what the last projection showed.
    for _ in 0..12 {
        let focal_px = focal_35mm * diagonal_px / FILM_DIAGONAL_MM;
        rotation = camera_rotation(intent.subject_yaw_rad, pitch_rad, intent.roll_rad);
        let position = target + rotation.z_axis * distance_m;
        let extent = project_extent(&framed, position, rotation, focal_px);

        // Aim: bring the centre of the extent to the wanted place of the frame.
        let wanted = Vec2::new(intent.offset[0] * width_px, intent.offset[1] * height_px);
        let slack = Vec2::new(width_px, height_px) * 0.5 * 0.96 - extent.half_size;
        let wanted = match framing {
            Framing::FullBody => wanted.clamp(-slack.max(Vec2::ZERO), slack.max(Vec2::ZERO)),
            Framing::Face | Framing::UpperBody => wanted,
        };
        let shift_m = (extent.center - wanted) * (distance_m / focal_px);
        target += rotation.x_axis * shift_m.x - rotation.y_axis * shift_m.y;

        // Distance: scale so that the extent fills the share, and never spills sideways.
        let fill = (2.0 * extent.half_size.y / (intent.subject_share * height_px))
            .max(2.0 * extent.half_size.x / (0.94 * width_px));
        distance_m *= fill;

        // A distance out of the limits is met by another lens, as a photographer would.
        let clamped_m = distance_m.clamp(near_limit_m, far_limit_m);
        if clamped_m != distance_m {
            focal_35mm *= clamped_m / distance_m;
            distance_m = clamped_m;
        }
        let height_m = target.y + rotation.z_axis.y * distance_m;
        if height_m < MIN_HEIGHT_M {
            let sine = ((MIN_HEIGHT_M - target.y) / distance_m).clamp(-1.0, 1.0);
            pitch_rad = math::asin(sine).max(pitch_rad);
        }
    }

    let focal_px = focal_35mm * diagonal_px / FILM_DIAGONAL_MM;
    let position = target + rotation.z_axis * distance_m;
    let focus = 0.5 * (anatomy.eye_centers[0] + anatomy.eye_centers[1]);
    let focus_distance_m = (-(focus - position).dot(-rotation.z_axis)).abs().max(0.05);
    let focal_m = focal_35mm * 1e-3;
    let wide_radius_m = intent.f_number.map_or(0.0, |n| 0.5 * focal_m / n);
    let lens_radius_m = wide_radius_m.min(sharp_radius_m(
        points,
        position,
        rotation,
        focal_px,
        focus_distance_m,
    ));
    let camera = Camera {
        world_from_camera: Affine3A::from_mat3_translation(rotation, position),
        resolution_px: intent.resolution_px,
        focal_px: Vec2::splat(focal_px),
        center_px: Vec2::new(0.5 * width_px, 0.5 * height_px),
        lens_radius_m,
        focus_distance_m,
        motion: CameraMotion::NONE,
    };
    PlacedCamera {
        camera,
        subject_distance_m: distance_m,
        background_blur_rad: wide_radius_m / focus_distance_m,
        focal_35mm,
    }
}

/// Nearest and farthest the camera may stand, in metres.
fn distance_limits_m(framing: Framing) -> (f32, f32) {
    match framing {
        Framing::Face => (0.42, 6.0),
        Framing::UpperBody => (0.8, 12.0),
        Framing::FullBody => (1.6, 25.0),
    }
}

/// Points whose projection is the framed extent.
fn framed_points(framing: Framing, anatomy: &Anatomy, points: &[Vec3]) -> Vec<Vec3> {
    let skull_center = 0.5 * (anatomy.vertex + anatomy.chin);
    let skull_radius_m = 0.5 * anatomy.vertex.distance(anatomy.chin);
    let skull = sphere_points(skull_center, skull_radius_m);
    match framing {
        Framing::Face => skull,
        Framing::UpperBody => {
            let mut framed = skull;
            framed.push(anatomy.hip_center);
            framed
        }
        Framing::FullBody => points.to_vec(),
    }
}

fn sphere_points(center: Vec3, radius_m: f32) -> Vec<Vec3> {
    let axes = [Vec3::X, -Vec3::X, Vec3::Y, -Vec3::Y, Vec3::Z, -Vec3::Z];
    let corner = Vec3::splat(1.0 / 3.0_f32.sqrt());
    let corners = (0..8).map(|i| {
        let sign = |bit: i32| if i & bit == 0 { -1.0 } else { 1.0 };
        corner * Vec3::new(sign(1), sign(2), sign(4))
    });
    axes.into_iter()
        .chain(corners)
        .map(|d| center + d * radius_m)
        .collect()
}

fn centroid(points: &[Vec3]) -> Vec3 {
    let (mut lo, mut hi) = (Vec3::INFINITY, Vec3::NEG_INFINITY);
    for p in points {
        lo = lo.min(*p);
        hi = hi.max(*p);
    }
    0.5 * (lo + hi)
}

/// Axes of the camera in the world: columns are right, up and backward.
fn camera_rotation(subject_yaw_rad: f32, pitch_rad: f32, roll_rad: f32) -> Mat3 {
    let (sin_yaw, cos_yaw) = math::sin_cos(subject_yaw_rad);
    let (sin_pitch, cos_pitch) = math::sin_cos(pitch_rad);
    let (sin_roll, cos_roll) = math::sin_cos(roll_rad);
    // The camera stands on the side `backward` of the target; yaw 0 is in front of the person.
    let backward = Vec3::new(sin_yaw * cos_pitch, sin_pitch, cos_yaw * cos_pitch);
    let right = Vec3::new(cos_yaw, 0.0, -sin_yaw);
    let up = backward.cross(right);
    Mat3::from_cols(
        right * cos_roll + up * sin_roll,
        up * cos_roll - right * sin_roll,
        backward,
    )
}

/// Box of the projection, relative to the principal point: +x right, +y down, in pixels.
struct Extent {
    center: Vec2,
    half_size: Vec2,
}

fn project_extent(points: &[Vec3], position: Vec3, rotation: Mat3, focal_px: f32) -> Extent {
    let (mut lo, mut hi) = (Vec2::INFINITY, Vec2::NEG_INFINITY);
    for p in points {
        let c = rotation.transpose() * (*p - position);
        let depth_m = (-c.z).max(0.05);
        let px = Vec2::new(c.x, -c.y) * (focal_px / depth_m);
        lo = lo.min(px);
        hi = hi.max(px);
    }
    Extent {
        center: 0.5 * (lo + hi),
        half_size: (0.5 * (hi - lo)).max(Vec2::splat(1.0)),
    }
}

/// Widest lens radius that keeps every point of the person within the circle of confusion.
fn sharp_radius_m(
    points: &[Vec3],
    position: Vec3,
    rotation: Mat3,
    focal_px: f32,
    focus_m: f32,
) -> f32 {
    let mut radius_m = f32::INFINITY;
    for p in points {
        let depth_m = -(rotation.transpose() * (*p - position)).z;
        if depth_m <= 0.0 {
            continue;
        }
        let spread = (1.0 / depth_m - 1.0 / focus_m).abs();
        radius_m = radius_m.min(0.5 * MAX_CONFUSION_PX / (focal_px * spread.max(1e-9)));
    }
    radius_m
}

#[cfg(test)]
mod tests {
    use super::*;

    fn standing() -> (Anatomy, Vec<Vec3>) {
        let points = (0..=100)
            .flat_map(|i| {
                let y = 1.75 * i as f32 / 100.0;
                [Vec3::new(-0.3, y, -0.1), Vec3::new(0.3, y, 0.15)]
            })
            .collect();
        let anatomy = Anatomy {
            head_center: Vec3::new(0.0, 1.62, 0.05),
            vertex: Vec3::new(0.0, 1.75, 0.02),
            chin: Vec3::new(0.0, 1.52, 0.1),
            eye_centers: [Vec3::new(0.03, 1.64, 0.1), Vec3::new(-0.03, 1.64, 0.1)],
            face_forward: Vec3::Z,
            face_up: Vec3::Y,
            chest_forward: Vec3::Z,
            hip_center: Vec3::new(0.0, 0.9, 0.0),
            bounds: [Vec3::new(-0.3, 0.0, -0.1), Vec3::new(0.3, 1.75, 0.15)],
        };
        (anatomy, points)
    }

    fn intent() -> CameraParams {
        CameraParams {
            focal_35mm: 50.0,
            subject_share: 0.75,
            subject_yaw_rad: 0.4,
            pitch_rad: 0.1,
            roll_rad: 0.05,
            offset: [0.0, 0.0],
            f_number: Some(2.8),
            resolution_px: [384, 512],
        }
    }

    #[test]
    fn a_full_body_fills_the_wanted_share_and_stays_in_frame() {
        let (anatomy, points) = standing();
        let placed = place_camera(&intent(), Framing::FullBody, &anatomy, &points);
        let pose = placed.camera.world_from_camera;
        let rotation = Mat3::from(pose.matrix3);
        let extent = project_extent(
            &points,
            pose.translation.into(),
            rotation,
            placed.camera.focal_px.x,
        );
        assert!(
            (2.0 * extent.half_size.y / 512.0 - 0.75).abs() < 0.01,
            "{}",
            extent.half_size
        );
        assert!(extent.center.length() < 2.0, "{}", extent.center);
    }

    #[test]
    fn the_person_stays_within_the_circle_of_confusion() {
        let (anatomy, points) = standing();
        let camera = place_camera(&intent(), Framing::Face, &anatomy, &points).camera;
        let pose = camera.world_from_camera;
        for p in &points {
            let depth_m = -pose.inverse().transform_point3(*p).z;
            let spread = (1.0 / depth_m - 1.0 / camera.focus_distance_m).abs();
            assert!(2.0 * camera.lens_radius_m * camera.focal_px.x * spread <= 0.5001);
        }
    }

    #[test]
    fn the_camera_never_sinks_into_the_ground() {
        let (anatomy, points) = standing();
        let low = CameraParams {
            pitch_rad: -0.8,
            ..intent()
        };
        let placed = place_camera(&low, Framing::FullBody, &anatomy, &points);
        assert!(0.1 < placed.camera.world_from_camera.translation.y);
    }
}
