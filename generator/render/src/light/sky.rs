//! A cloudless sky and its sun, computed.
//!
//! After Preetham, Shirley and Smits 1999, "A Practical Analytic Model for Daylight": the
//! distribution of Perez et al. 1993 over luminance and chromaticity, with coefficients linear in
//! the turbidity, and the sun dimmed by Rayleigh and aerosol scattering and ozone on its way
//! through the air. The published luminance of the sky is known to be high: a clear sky gives
//! 27 klx under a sun at 60 degrees, where light meters find 10 to 20. Radiance is in kilocandela per square metre by its luminance. The ground is a
//! grey diffuse plane under that light.

use std::f64::consts::PI;

use glam::{Vec2, Vec3};

use super::environment::TexelGrid;
use crate::scene::{Environment, Light};
use crate::white_balance::rgb_of_chromaticity;

/// Angular radius of the sun, in radians.
const SUN_RADIUS_RAD: f32 = 0.004_65;
/// Illuminance of the sun outside the air, in kilolux.
const SUN_KLX: f64 = 133.3;
/// Chromaticity of the sun outside the air.
const SUN_XY: Vec2 = Vec2::new(0.3230, 0.3331);
/// Albedo of the ground.
const GROUND_ALBEDO: f32 = 0.2;
/// Wavelengths that stand for the three channels, in micrometres.
const WAVELENGTHS_UM: [f64; 3] = [0.610, 0.550, 0.465];
/// Absorption of ozone at those, per centimetre (5 mm of ozone would be 0.5).
const OZONE_PER_CM: [f64; 3] = [0.125, 0.085, 0.007];
/// Thickness of ozone, in centimetres at standard pressure.
const OZONE_CM: f64 = 0.35;

/// The sky over a grey ground as an environment `width` texels wide, and the sun.
///
/// `sun` points toward the sun, above the horizon; `turbidity` is 1.7 (very clear) to 10 (hazy).
pub fn sky(sun: Vec3, turbidity: f32, width: usize) -> (Environment, Light) {
    let sun = sun.normalize_or(Vec3::Y);
    let height = (width / 2).max(1);
    let grid = TexelGrid::new(width, height, 0.0);
    let model = Model::new(f64::from(sun.y), f64::from(turbidity.clamp(1.7, 10.0)));
    let mut radiance = vec![Vec3::ZERO; width * height];
    let mut irradiance = Vec3::ZERO;
    for y in 0..height {
        for x in 0..width {
            let d = grid.center(x, y);
            if 0.0 < d.y {
                let value = model.radiance(f64::from(d.y), f64::from(d.dot(sun)));
                radiance[y * width + x] = value;
                irradiance += value * (d.y * grid.solid_angle(y));
            }
        }
    }
    let sunlight = model.sunlight();
    irradiance += sunlight * sun.y.max(0.0);
    let ground = irradiance * (GROUND_ALBEDO / PI as f32);
    for y in 0..height {
        for x in 0..width {
            if grid.center(x, y).y <= 0.0 {
                radiance[y * width + x] = ground;
            }
        }
    }
    let environment = Environment {
        width,
        height,
        radiance,
        yaw_rad: 0.0,
        scale: 1.0,
        background_blur_rad: 0.0,
    };
    let sin = f64::from(SUN_RADIUS_RAD);
    let light = Light::Sun {
        direction: sun,
        radius_rad: SUN_RADIUS_RAD,
        radiance: sunlight / (PI * sin * sin) as f32,
    };
    (environment, light)
}

/// Coefficients A to E of Perez's distribution.
#[derive(Clone, Copy, Debug)]
struct Perez([f64; 5]);

impl Perez {
    /// Coefficients from pairs of slope over turbidity and offset.
    fn new(linear: [[f64; 2]; 5], turbidity: f64) -> Self {
        Self(linear.map(|[slope, offset]| slope * turbidity + offset))
    }

    /// The distribution at a height of cosine `cos_theta` and an angle `gamma` from the sun.
    fn at(&self, cos_theta: f64, cos_gamma: f64) -> f64 {
        let [a, b, c, d, e] = self.0;
        let gamma = libm::acos(cos_gamma.clamp(-1.0, 1.0));
        (1.0 + a * libm::exp(b / cos_theta.max(0.01)))
            * (1.0 + c * libm::exp(d * gamma) + e * cos_gamma * cos_gamma)
    }
}

/// The sky of one sun and turbidity: for luminance and both chromaticities the distribution, and
/// its factor.
struct Model {
    parts: [(Perez, f64); 3],
    sun_theta: f64,
    turbidity: f64,
}

impl Model {
    fn new(sun_height: f64, turbidity: f64) -> Self {
        let theta = libm::acos(sun_height.clamp(0.0, 1.0));
        let t = turbidity;
        let luminance = Perez::new(
            [
                [0.1787, -1.4630],
                [-0.3554, 0.4275],
                [-0.0227, 5.3251],
                [0.1206, -2.5771],
                [-0.0670, 0.3703],
            ],
            t,
        );
        let x = Perez::new(
            [
                [-0.0193, -0.2592],
                [-0.0665, 0.0008],
                [-0.0004, 0.2125],
                [-0.0641, -0.8989],
                [-0.0033, 0.0452],
            ],
            t,
        );
        let y = Perez::new(
            [
                [-0.0167, -0.2608],
                [-0.0950, 0.0092],
                [-0.0079, 0.2102],
                [-0.0441, -1.6537],
                [-0.0109, 0.0529],
            ],
            t,
        );
        let chi = (4.0 / 9.0 - t / 120.0) * (PI - 2.0 * theta);
        let zenith_luminance = (4.0453 * t - 4.9710) * libm::tan(chi) - 0.2155 * t + 2.4192;
        let cubic = |[a, b, c, d]: [f64; 4]| ((a * theta + b) * theta + c) * theta + d;
        let zenith = |rows: [[f64; 4]; 3]| {
            let [a, b, c] = rows.map(cubic);
            (a * t + b) * t + c
        };
        let zenith_x = zenith([
            [0.00166, -0.00375, 0.00209, 0.0],
            [-0.02903, 0.06377, -0.03202, 0.00394],
            [0.11693, -0.21196, 0.06052, 0.25886],
        ]);
        let zenith_y = zenith([
            [0.00275, -0.00610, 0.00317, 0.0],
            [-0.04214, 0.08970, -0.04153, 0.00516],
            [0.15346, -0.26756, 0.06670, 0.26688],
        ]);
        let scaled = |perez: Perez, zenith: f64| (perez, zenith / perez.at(1.0, libm::cos(theta)));
        Self {
            parts: [
                scaled(luminance, zenith_luminance.max(0.0)),
                scaled(x, zenith_x),
                scaled(y, zenith_y),
            ],
            sun_theta: theta,
            turbidity,
        }
    }

    /// Radiance of the sky at a height of cosine `cos_theta`.
    fn radiance(&self, cos_theta: f64, cos_gamma: f64) -> Vec3 {
        let [luminance, x, y] =
            (self.parts).map(|(perez, scale)| scale * perez.at(cos_theta, cos_gamma));
        let xy = Vec2::new(x as f32, y as f32);
        rgb_of_chromaticity(xy, luminance.max(0.0) as f32).max(Vec3::ZERO)
    }

    /// Irradiance of a surface that faces the sun.
    fn sunlight(&self) -> Vec3 {
        let height_deg = 90.0 - self.sun_theta.to_degrees();
        // Air mass after Kasten 1966.
        let mass = 1.0
            / (libm::cos(self.sun_theta) + 0.15 * libm::pow(height_deg + 3.885, -1.253)).max(1e-3);
        let aerosol = 0.046_08 * self.turbidity - 0.045_86;
        let outside = rgb_of_chromaticity(SUN_XY, SUN_KLX as f32);
        let passed = std::array::from_fn(|i| {
            let wavelength = WAVELENGTHS_UM[i];
            let rayleigh = 0.008_735 * libm::pow(wavelength, -4.08);
            let haze = aerosol * libm::pow(wavelength, -1.3);
            let depth = rayleigh + haze + OZONE_PER_CM[i] * OZONE_CM;
            libm::exp(-mass * depth) as f32
        });
        outside * Vec3::from_array(passed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::light::{irradiance, irradiance_of_lights};
    use crate::sampling::luminance;

    /// Illuminance on level ground from sky and sun, in kilolux, and the colour of the sun.
    fn daylight(height_deg: f32, turbidity: f32) -> (f32, f32, Vec3) {
        let (sin, cos) = crate::fast_math::sin_cos_turns(height_deg / 360.0);
        let (environment, sun) = sky(Vec3::new(0.0, sin, cos), turbidity, 128);
        let from_sky = luminance(irradiance(&environment, Vec3::Y));
        let from_sun = irradiance_of_lights(&[sun], Vec3::ZERO, Vec3::Y);
        (
            from_sky,
            luminance(from_sun),
            from_sun / luminance(from_sun),
        )
    }

    #[test]
    fn daylight_has_the_brightness_of_the_model_and_its_sun_that_of_light_meters() {
        // The sky's illuminance by an independent integration of the published formula.
        for (height_deg, turbidity, wanted) in
            [(60.0, 2.5, 27.17), (10.0, 2.5, 15.18), (60.0, 6.0, 56.08)]
        {
            let (sky, _, _) = daylight(height_deg, turbidity);
            assert!(
                (sky / wanted - 1.0).abs() < 0.01,
                "{height_deg}, {turbidity}: {sky} klx"
            );
        }
        // A clear noon sun throws 60 to 105 klx on level ground, haze takes some of it.
        let (_, sun, _) = daylight(60.0, 2.5);
        assert!((60.0..105.0).contains(&sun), "sun {sun} klx");
        let (_, low, _) = daylight(10.0, 2.5);
        let (_, hazy, _) = daylight(60.0, 6.0);
        assert!(low < 0.2 * sun && hazy < sun, "{low}, {hazy}");
    }

    #[test]
    fn the_sky_is_blue_and_a_low_sun_is_red() {
        let (environment, _) = sky(Vec3::new(0.0, 0.7, 0.7), 2.5, 64);
        let zenith = environment.radiance[16];
        assert!(1.5 * zenith.x < zenith.z, "{zenith}");
        let (_, _, high) = daylight(60.0, 2.5);
        let (_, _, low) = daylight(5.0, 2.5);
        assert!(high.x / high.z < 1.6, "{high}");
        assert!(3.0 < low.x / low.z, "{low}");
    }

    #[test]
    fn the_sky_is_brightest_about_the_sun_and_never_negative() {
        for (height_deg, turbidity) in [(1.0, 1.7), (30.0, 3.0), (89.0, 10.0)] {
            let (sin, cos) = crate::fast_math::sin_cos_turns(height_deg / 360.0);
            let sun = Vec3::new(cos, sin, 0.0);
            let (environment, _) = sky(sun, turbidity, 128);
            let grid = TexelGrid::new(128, 64, 0.0);
            let mut brightest = (0.0, Vec3::ZERO);
            for (i, texel) in environment.radiance.iter().enumerate() {
                assert!(texel.is_finite() && 0.0 <= texel.min_element());
                if brightest.0 < luminance(*texel) {
                    brightest = (luminance(*texel), grid.center(i % 128, i / 128));
                }
            }
            assert!(0.9 < brightest.1.dot(sun), "{height_deg}: {}", brightest.1);
        }
    }
}
