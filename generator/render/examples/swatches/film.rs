//! How pictures are developed: tone curves under a bright sky; a bulb of 2800 K balanced not at
//! all, by half and fully; a sensor at ISO 100, 800 and 3200.

use bottega_render::RenderError;
use bottega_render::light::sky;
use bottega_render::scene::Light;
use bottega_render::sensor::Sensor;
use bottega_render::tone::{ToneCurve, encode};
use bottega_render::white_balance::{adaptation, color_of_temperature};
use glam::Vec3;

use super::lights::{Lighting, night, still_life};
use super::picture::{Picture, expose};

const SIZE_PX: [u32; 2] = [300, 220];

/// The sheet.
pub(crate) fn sheet(spp: u32) -> Result<Picture, RenderError> {
    let (map, sun) = sky(Vec3::new(-0.6, 0.45, 0.5).normalize(), 3.0, 512);
    let outdoors = Lighting {
        environment: map,
        lights: vec![sun],
        shining: Vec::new(),
    };
    let (scene, exposure) = still_life(outdoors, SIZE_PX);
    let day = expose(&scene, 1.5 * exposure, spp)?;
    let bulb = color_of_temperature(2800.0);
    let indoors = Lighting {
        environment: night(),
        lights: vec![Light::Sphere {
            center: Vec3::new(-0.9, 1.2, 0.8),
            radius_m: 0.1,
            radiance: bulb * 9.0,
        }],
        shining: Vec::new(),
    };
    let (scene, exposure) = still_life(indoors, SIZE_PX);
    let evening = expose(&scene, exposure, spp)?;

    let picture = |linear: &[Vec3], curve: ToneCurve| Picture {
        size_px: SIZE_PX,
        rgb8: encode(linear, curve),
    };
    let curves = [ToneCurve::Srgb, ToneCurve::Filmic, ToneCurve::AgX];
    let mut pictures: Vec<Picture> = curves.map(|curve| picture(&day, curve)).to_vec();
    for degree in [0.0, 0.5, 1.0] {
        let balance = adaptation(bulb, degree);
        let balanced: Vec<Vec3> = evening.iter().map(|&pixel| balance * pixel).collect();
        pictures.push(picture(&balanced, ToneCurve::AgX));
    }
    for iso in [100.0, 800.0, 3200.0] {
        let mut noisy = day.clone();
        let sensor = Sensor {
            electrons: 10_000.0,
            read_noise_e: 3.0,
            iso,
        };
        sensor.expose(SIZE_PX[0], &mut noisy, 7);
        pictures.push(picture(&noisy, ToneCurve::AgX));
    }
    Ok(Picture::side_by_side(&pictures, 3))
}
