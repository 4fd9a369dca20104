//! Lights without extent.

use bottega_geometry::gltf_scene::{GltfLight, GltfLightKind};
use bottega_geometry::math;
use bottega_render::scene::Light;

/// Angular radius of parallel light, in radians: that of the sun of the earth.
const SUN_RADIUS_RAD: f32 = 0.00465;

/// Radius of a point that shines all around, in metres: so mirrors see it too.
const BULB_RADIUS_M: f32 = 5e-3;

/// The light of the tracer.
pub(super) fn of(light: &GltfLight) -> Light {
    match light.kind {
        GltfLightKind::Directional => {
            let (sin, _) = math::sin_cos(SUN_RADIUS_RAD);
            Light::Sun {
                direction: -light.direction,
                radius_rad: SUN_RADIUS_RAD,
                radiance: light.intensity / (std::f32::consts::PI * sin * sin),
            }
        }
        GltfLightKind::Point => Light::Sphere {
            center: light.position,
            radius_m: BULB_RADIUS_M,
            radiance: light.intensity / (std::f32::consts::PI * BULB_RADIUS_M * BULB_RADIUS_M),
        },
        GltfLightKind::Spot {
            inner_rad,
            outer_rad,
        } => Light::Spot {
            position: light.position,
            direction: light.direction,
            cos_inner: math::sin_cos(inner_rad).1.max(2e-3),
            // A cone is narrower than a half space.
            cos_outer: math::sin_cos(outer_rad).1.max(1e-3),
            intensity: light.intensity,
        },
    }
}
