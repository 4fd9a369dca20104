//! Primary rays and their inverse.
//!
//! Film positions are pixels from the top-left corner; the centre of the first pixel is
//! `(0.5, 0.5)`. Camera space is right-handed and looks along -Z.

use bottega_geometry::{math, rotation};
use glam::{Affine3A, Vec2, Vec3};

use crate::ray::Ray;
use crate::scene::Camera;

/// How a camera moves evenly while its shutter is open: from half of it before the moment of
/// [`Camera::world_from_camera`] to half of it after. The scene stands still.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct CameraMotion {
    /// Way of the pinhole, in camera space of the middle, in metres.
    pub shift_m: Vec3,
    /// Turn about the pinhole: unit axis in camera space times the angle in radians.
    pub turn_rad: Vec3,
}

impl CameraMotion {
    /// The camera stands still.
    pub const NONE: Self = Self {
        shift_m: Vec3::ZERO,
        turn_rad: Vec3::ZERO,
    };

    /// Whether the camera stands still.
    pub fn is_none(&self) -> bool {
        *self == Self::NONE
    }
}

impl Camera {
    /// Unit direction, in camera space, of the pinhole ray through a film position.
    pub fn direction_camera(&self, film_px: Vec2) -> Vec3 {
        self.plane_point_camera(film_px).normalize()
    }

    /// Pinhole ray through a film position.
    pub fn ray(&self, film_px: Vec2) -> Ray {
        let direction = self.world_from_camera.matrix3 * self.direction_camera(film_px);
        Ray::new(self.position(), direction.normalize())
    }

    /// Ray through a film position and a point of the lens, drawn by `u` in `[0, 1)^2`.
    ///
    /// With a lens of radius zero it is the pinhole ray.
    pub fn lens_ray(&self, film_px: Vec2, u: Vec2) -> Ray {
        if self.lens_radius_m <= 0.0 {
            return self.ray(film_px);
        }
        let radius_m = self.lens_radius_m * u.x.sqrt();
        let (sin_phi, cos_phi) = math::sin_cos(std::f32::consts::TAU * u.y);
        let lens = Vec3::new(radius_m * cos_phi, radius_m * sin_phi, 0.0);
        let focus = self.plane_point_camera(film_px) * self.focus_distance_m;
        let direction = self.world_from_camera.matrix3 * (focus - lens);
        Ray::new(
            self.world_from_camera.transform_point3(lens),
            direction.normalize(),
        )
    }

    /// The camera at a moment of its open shutter, from -0.5 at its opening to 0.5 at its closing;
    /// it stands still there.
    #[must_use]
    pub fn at_moment(&self, moment: f32) -> Self {
        let CameraMotion { shift_m, turn_rad } = self.motion;
        let turn = rotation::from_vector(turn_rad * moment);
        let moved = Affine3A::from_rotation_translation(turn, shift_m * moment);
        Self {
            world_from_camera: self.world_from_camera * moved,
            motion: CameraMotion::NONE,
            ..*self
        }
    }

    /// Where the pinhole is, in world space.
    pub fn position(&self) -> Vec3 {
        self.world_from_camera.translation.into()
    }

    /// Distance along the optical axis of the point at distance `t` along the pinhole ray
    /// through a film position, in metres.
    pub fn depth_m(&self, film_px: Vec2, t: f32) -> f32 {
        -self.direction_camera(film_px).z * t
    }

    /// A world-space direction or normal, in camera space. The camera is rigid.
    pub fn camera_from_world_direction(&self, direction: Vec3) -> Vec3 {
        self.world_from_camera.matrix3.transpose() * direction
    }

    /// A world-space point, in camera space.
    pub fn camera_from_world_point(&self, point: Vec3) -> Vec3 {
        self.camera_from_world_direction(point - self.position())
    }

    /// Film position of a camera-space point before the camera; `None` at or behind its plane.
    pub fn film_from_camera(&self, point_camera: Vec3) -> Option<Vec2> {
        let depth_m = -point_camera.z;
        (0.0 < depth_m).then(|| {
            Vec2::new(
                self.center_px.x + self.focal_px.x * point_camera.x / depth_m,
                self.center_px.y - self.focal_px.y * point_camera.y / depth_m,
            )
        })
    }

    /// Size of a pixel at a distance along the optical axis, in metres: the smaller side.
    pub fn pixel_size_m(&self, depth_m: f32) -> f32 {
        depth_m / self.focal_px.max_element()
    }

    /// Point of the plane one metre before the camera, in camera space.
    fn plane_point_camera(&self, film_px: Vec2) -> Vec3 {
        Vec3::new(
            (film_px.x - self.center_px.x) / self.focal_px.x,
            (self.center_px.y - film_px.y) / self.focal_px.y,
            -1.0,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use glam::{Affine3A, Mat3};

    fn turned_camera(lens_radius_m: f32) -> Camera {
        // A rotation about Y with the exact sine 0.6 and cosine 0.8.
        let turn = Mat3::from_cols(Vec3::new(0.8, 0.0, -0.6), Vec3::Y, Vec3::new(0.6, 0.0, 0.8));
        Camera {
            world_from_camera: Affine3A::from_mat3_translation(turn, Vec3::new(0.3, 1.6, 2.0)),
            resolution_px: [384, 512],
            focal_px: Vec2::new(900.0, 910.0),
            center_px: Vec2::new(190.0, 260.0),
            lens_radius_m,
            focus_distance_m: 1.2,
            motion: CameraMotion::NONE,
        }
    }

    #[test]
    fn a_film_position_projects_back_to_itself() {
        let camera = turned_camera(0.0);
        for film_px in [[0.5, 0.5], [383.5, 511.5], [190.0, 260.0], [12.25, 400.0]] {
            let film_px = Vec2::from_array(film_px);
            let ray = camera.ray(film_px);
            let point = camera.camera_from_world_point(ray.at(1.7));
            let back = camera.film_from_camera(point).expect("before the camera");
            assert!((back - film_px).length() < 1e-3, "{film_px} became {back}");
            let depth_m = camera.depth_m(film_px, 1.7);
            assert!(
                (depth_m + point.z).abs() < 1e-6,
                "{depth_m} against {point}"
            );
        }
    }

    #[test]
    fn the_image_is_upright_and_not_mirrored() {
        let camera = Camera {
            world_from_camera: Affine3A::IDENTITY,
            ..turned_camera(0.0)
        };
        let top_right = camera.direction_camera(Vec2::new(383.0, 1.0));
        assert!(0.0 < top_right.x && 0.0 < top_right.y && top_right.z < 0.0);
    }

    #[test]
    fn lens_rays_meet_in_the_plane_of_focus_and_leave_from_the_lens() {
        let camera = turned_camera(0.01);
        let film_px = Vec2::new(40.0, 70.0);
        let pinhole = camera.ray(film_px);
        let in_focus = pinhole.at(1.2 / camera.depth_m(film_px, 1.0));
        for u in [[0.0, 0.0], [0.99, 0.1], [0.5, 0.6], [0.7, 0.9]] {
            let ray = camera.lens_ray(film_px, Vec2::from_array(u));
            let on_lens = camera.camera_from_world_point(ray.origin);
            assert!(on_lens.length() <= 0.0101 && on_lens.z.abs() < 1e-6);
            let miss = (in_focus - ray.origin).cross(ray.direction).length();
            assert!(miss < 1e-6, "{miss} m beside the point in focus");
        }
    }
}
