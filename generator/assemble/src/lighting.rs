//! Lighting parameters -> the environment, the lamps and the exposure of the picture.

use bottega_geometry::math;
use bottega_render::light::{exposure_of_irradiance, irradiance, irradiance_of_lights, sky};
use bottega_render::sampling::luminance;
use bottega_render::scene::{Environment, Light};
use bottega_render::white_balance::color_of_temperature;
use bottega_schemas::params::{LampKind, LampParams, LightingParams, SkyParams};
use glam::Vec3;

use crate::assets::EnvironmentMap;

/// Width of the map of a computed sky, in texels.
const SKY_WIDTH: usize = 512;
/// Lowest height of the centre of a lamp, in metres.
const LAMP_MIN_Y_M: f32 = 0.3;
/// Share of the radius of a spot's light at which it begins to fall.
const SPOT_CORE: f32 = 0.7;

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

/// The computed sky and its sun.
pub fn computed_sky(params: &SkyParams) -> (Environment, Light) {
    let (sin, cos) = math::sin_cos(params.sun_height_rad);
    let (sin_azimuth, cos_azimuth) = math::sin_cos(params.sun_azimuth_rad);
    let sun = Vec3::new(cos * sin_azimuth, sin, cos * cos_azimuth);
    sky(sun, params.turbidity, SKY_WIDTH)
}

/// Where light is metered: the head, and the way from there to the camera.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MeterPoint {
    /// Centre of the head.
    pub head: Vec3,
    /// From the head to the camera.
    pub toward_camera: Vec3,
}

impl MeterPoint {
    /// Level direction to the camera.
    fn level(&self) -> Vec3 {
        Vec3::new(self.toward_camera.x, 0.0, self.toward_camera.z).normalize_or(Vec3::Z)
    }

    /// Normal of the card that is metered: half to the camera and a little to the sky.
    fn card(&self) -> Vec3 {
        (self.level() + 0.4 * Vec3::Y).normalize_or(Vec3::Y)
    }
}

/// The lamps, each as bright as its ratio to the light of the environment and the sun asks for.
pub fn lamps(params: &[LampParams], ambient: Vec3, at: MeterPoint) -> Vec<Light> {
    (params.iter())
        .map(|lamp| {
            let light = lamp_of(lamp, at, color_of_temperature(lamp.temperature_k));
            let toward = position_of(&light) - at.head;
            let found = luminance(irradiance_of_lights(&[light], at.head, toward.normalize()));
            let wanted = luminance(ambient) * math::pow(2.0, lamp.ratio_ev);
            let scale = if 0.0 < found { wanted / found } else { 0.0 };
            lamp_of(lamp, at, color_of_temperature(lamp.temperature_k) * scale)
        })
        .collect()
}

fn lamp_of(lamp: &LampParams, at: MeterPoint, radiance: Vec3) -> Light {
    let level = at.level();
    let right = Vec3::Y.cross(level);
    let (sin, cos) = math::sin_cos(lamp.height_rad);
    let (sin_azimuth, cos_azimuth) = math::sin_cos(lamp.azimuth_rad);
    let away = (level * cos_azimuth + right * sin_azimuth) * cos + Vec3::Y * sin;
    let mut center = at.head + away * lamp.distance_m;
    center.y = center.y.max(LAMP_MIN_Y_M);
    let toward_head = (at.head - center).normalize_or(Vec3::NEG_Y);
    let half_m = 0.5 * lamp.size_m;
    match lamp.kind {
        LampKind::Softbox => {
            let (u, v) = math::orthonormal_basis(toward_head);
            Light::Rect {
                center,
                half_u: u * half_m,
                half_v: v * half_m,
                radiance,
            }
        }
        LampKind::Dish => Light::Disk {
            center,
            normal: toward_head,
            radius_m: half_m,
            radiance,
        },
        LampKind::Bulb => Light::Sphere {
            center,
            // The head must stay outside.
            radius_m: half_m.min(0.5 * lamp.distance_m),
            radiance,
        },
        LampKind::Spot => {
            let cos_of = |radius_m: f32| {
                lamp.distance_m / (lamp.distance_m * lamp.distance_m + radius_m * radius_m).sqrt()
            };
            Light::Spot {
                position: center,
                direction: toward_head,
                cos_inner: cos_of(SPOT_CORE * half_m),
                cos_outer: cos_of(half_m),
                intensity: radiance,
            }
        }
    }
}

fn position_of(light: &Light) -> Vec3 {
    match *light {
        Light::Rect { center, .. } | Light::Disk { center, .. } | Light::Sphere { center, .. } => {
            center
        }
        Light::Spot { position, .. } => position,
        Light::Sun { direction, .. } => direction,
    }
}

/// Light that falls on the card at the head.
///
/// Never on skin: no tone is lifted or lowered by the meter.
pub fn metered(environment: &Environment, lights: &[Light], at: MeterPoint) -> Vec3 {
    let card = at.card();
    irradiance(environment, card) + irradiance_of_lights(lights, at.head, card)
}

/// Factor from radiance to exposed linear value under this light on the card.
pub fn exposure(metered: Vec3, params: &LightingParams) -> f32 {
    exposure_of_irradiance(metered).unwrap_or(1.0) * math::pow(2.0, params.exposure_ev)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_lamp_throws_the_light_that_its_ratio_asks_for() {
        let at = MeterPoint {
            head: Vec3::new(0.1, 1.6, 0.0),
            toward_camera: Vec3::new(0.3, 0.1, 2.0),
        };
        let ambient = Vec3::new(2.0, 2.5, 3.0);
        for kind in [
            LampKind::Softbox,
            LampKind::Dish,
            LampKind::Bulb,
            LampKind::Spot,
        ] {
            let lamp = LampParams {
                kind,
                azimuth_rad: 0.8,
                height_rad: 0.5,
                distance_m: 1.7,
                size_m: 0.8,
                ratio_ev: 1.0,
                temperature_k: 4000.0,
            };
            let lights = lamps(&[lamp], ambient, at);
            let center = position_of(&lights[0]);
            assert!((center.distance(at.head) - 1.7).abs() < 1e-3);
            // To the right of the camera and above.
            assert!(at.head.x + 0.5 < center.x && at.head.y + 0.5 < center.y);
            let toward = (center - at.head).normalize();
            let found = irradiance_of_lights(&lights, at.head, toward);
            let ratio = luminance(found) / luminance(ambient);
            assert!((ratio - 2.0).abs() < 0.01, "{kind:?}: {ratio}");
            assert!(
                found.z < found.x,
                "4000 K is warmer than the display's white"
            );
        }
    }

    #[test]
    fn the_sun_stands_where_the_parameters_say() {
        let (_, light) = computed_sky(&SkyParams {
            sun_height_rad: 0.5,
            sun_azimuth_rad: std::f32::consts::FRAC_PI_2,
            turbidity: 3.0,
        });
        let Light::Sun { direction, .. } = light else {
            unreachable!("the light of a sky is a sun")
        };
        assert!((direction.y - math::sin(0.5)).abs() < 1e-5);
        assert!(0.8 < direction.x && direction.z.abs() < 1e-5);
    }
}
