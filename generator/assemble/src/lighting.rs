//! Lighting parameters -> the environment and the exposure of the picture.

use bottega_geometry::math;
use bottega_render::light::exposure_of_grey_card;
use bottega_render::scene::Environment;
use bottega_schemas::params::LightingParams;
use glam::Vec3;

use crate::assets::EnvironmentMap;

/// The environment turned as the parameters say; its background blur is the camera's to set.
pub fn environment(map: EnvironmentMap, params: &LightingParams) -> Environment {
    Environment {
        width: map.width,
        height: map.height,
        radiance: map.radiance,
        yaw_rad: params.yaw_rad,
        scale: 1.0,
        background_blur_rad: 0.0,
    }
}

/// Factor from radiance to exposed linear value.
///
/// Metered on the light that falls on an 18 % card at the head, turned half to the camera and a
/// little to the sky, never on skin: no tone is lifted or lowered by the meter.
/// `toward_camera` points from the head to the camera.
pub fn exposure(environment: &Environment, params: &LightingParams, toward_camera: Vec3) -> f32 {
    let level = Vec3::new(toward_camera.x, 0.0, toward_camera.z).normalize_or(Vec3::Z);
    let card = (level + 0.4 * Vec3::Y).normalize_or(Vec3::Y);
    let metered = exposure_of_grey_card(environment, card).unwrap_or(1.0);
    metered * math::pow(2.0, params.exposure_ev)
}
