//! The light meter: how much light falls on a card.

use std::f32::consts::PI;

use glam::{DVec3, Vec2, Vec3};

use super::emitter::Emitter;
use super::environment::TexelGrid;
use super::sun::Sun;
use crate::sampling::luminance;
use crate::scene::{Environment, Light};

/// Irradiance that the unshadowed environment throws on a surface with unit normal `normal`.
pub fn irradiance(environment: &Environment, normal: Vec3) -> Vec3 {
    let grid = TexelGrid::new(environment.width, environment.height, environment.yaw_rad);
    let mut sum = DVec3::ZERO;
    for y in 0..grid.height {
        let solid_angle = f64::from(grid.solid_angle(y));
        let row = &environment.radiance[y * grid.width..(y + 1) * grid.width];
        for (x, radiance) in row.iter().enumerate() {
            let cos = grid.center(x, y).dot(normal);
            if 0.0 < cos {
                sum += radiance.as_dvec3() * (f64::from(cos) * solid_angle);
            }
        }
    }
    sum.as_vec3() * environment.scale
}

/// Irradiance that the sun and the unshadowed lamps throw on a point of a surface with unit
/// normal `normal`; shining meshes are not counted.
pub fn irradiance_of_lights(lights: &[Light], position: Vec3, normal: Vec3) -> Vec3 {
    const STEPS: usize = 24;
    let mut sum = DVec3::ZERO;
    for light in lights {
        if let Light::Sun {
            direction,
            radius_rad,
            radiance,
        } = *light
        {
            if let Some(sun) = Sun::new(direction, radius_rad, radiance, 0.0) {
                let cos = sun.direction().dot(normal).max(0.0);
                sum += (sun.irradiance() * cos).as_dvec3();
            }
            continue;
        }
        let Some(emitter) = Emitter::new(light) else {
            continue;
        };
        let share = 1.0 / (STEPS * STEPS) as f32;
        for i in 0..STEPS * STEPS {
            let u = Vec2::new((i % STEPS) as f32 + 0.5, (i / STEPS) as f32 + 0.5) / STEPS as f32;
            if let Some(sample) = emitter.sample(position, u) {
                let cos = sample.wi.dot(normal).max(0.0);
                sum += (sample.radiance * (cos * share / sample.pdf)).as_dvec3();
            }
        }
    }
    sum.as_vec3()
}

/// Exposure with which an 18 % grey card of unit normal `card_normal` shows as 0.18: metered on
/// the light that falls in, never on the subject, so that no skin is made lighter or darker than
/// another. `None` when no light falls on the card.
pub fn exposure_of_grey_card(environment: &Environment, card_normal: Vec3) -> Option<f32> {
    exposure_of_irradiance(irradiance(environment, card_normal))
}

/// Exposure with which an 18 % grey card under this irradiance shows as 0.18.
pub fn exposure_of_irradiance(irradiance: Vec3) -> Option<f32> {
    // The card's radiance is 0.18 E / pi.
    let light = luminance(irradiance);
    (0.0 < light).then(|| PI / light)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_a_lit_sky_gives_the_irradiance_of_the_textbook() {
        // Radiance 1 where d.y > 0: a card that looks up receives pi, a card on edge half of it.
        let (width, height) = (128, 64);
        let radiance = (0..width * height)
            .map(|i| {
                if i / width < height / 2 {
                    Vec3::ONE
                } else {
                    Vec3::ZERO
                }
            })
            .collect();
        let environment = Environment {
            width,
            height,
            radiance,
            yaw_rad: 0.4,
            scale: 2.0,
            background_blur_rad: 0.0,
        };
        let up = irradiance(&environment, Vec3::Y).x;
        let side = irradiance(&environment, Vec3::Z).x;
        let down = irradiance(&environment, Vec3::NEG_Y).x;
        assert!((up / (2.0 * PI) - 1.0).abs() < 1e-3, "{up}");
        assert!((side / PI - 1.0).abs() < 1e-3, "{side}");
        assert!(down.abs() < 1e-6);
        let exposure = exposure_of_grey_card(&environment, Vec3::Y).expect("the card is lit");
        assert!((0.18 / PI * up * exposure - 0.18).abs() < 1e-6);
        assert_eq!(exposure_of_grey_card(&environment, Vec3::NEG_Y), None);
    }
}
