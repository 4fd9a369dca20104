//! What a preset costs and how noisy it leaves real samples: processor seconds times error.
//!
//! `cargo bench -p bottega_assemble --bench noise -- [key=value ...]` with
//! `recipe` (a shipped name), `index` (first and last, `0..3`), `size` (`192x256`), `converged`
//! (paths of the picture to compare with), and any number of
//! `at=SPP[,error=E][,denoise][,blue]`, the settings to compare. Prints one line of JSON a picture
//! and setting: paths a pixel, processor seconds, the error told and the error found.

#![expect(clippy::print_stdout, reason = "a program tells what it found")]

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use bottega_assemble::Studio;
use bottega_assemble::assets::AssetStore;
use bottega_assemble::develop::pixel_filter;
use bottega_assemble::draw::draw_params;
use bottega_assemble::lighting;
use bottega_render::accel::Accel;
use bottega_render::scene::{PixelOrder, RenderSettings, Shortcuts};
use bottega_render::{render, render_denoised};
use bottega_schemas::scene_spec::SceneSpec;
use glam::Vec3;

/// One way to make a picture.
#[derive(Clone, Copy, Debug)]
struct Setting {
    spp: u32,
    error: Option<f32>,
    denoise: bool,
    blue: bool,
}

impl Setting {
    fn parse(text: &str) -> Result<Self> {
        let mut words = text.split(',');
        let spp = words
            .next()
            .unwrap_or_default()
            .parse()
            .context("wanted at=SPP")?;
        let mut setting = Self {
            spp,
            error: None,
            denoise: false,
            blue: false,
        };
        for word in words {
            match word.split_once('=') {
                Some(("error", error)) => setting.error = Some(error.parse()?),
                None if word == "denoise" => setting.denoise = true,
                None if word == "blue" => setting.blue = true,
                _ => anyhow::bail!("{word:?} is no part of a setting"),
            }
        }
        Ok(setting)
    }
}

/// Processor time of this process so far, in seconds.
fn user_s() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit(") ").next().unwrap_or_default();
    let ticks: f64 = (fields.split(' ').nth(11))
        .and_then(|field| field.parse().ok())
        .unwrap_or(0.0);
    ticks / 100.0
}

/// Mean squared error relative to the squared brightness about each pixel plus 0.01.
fn error(width: usize, picture: &[Vec3], converged: &[Vec3]) -> f64 {
    let height = converged.len() / width;
    let mean_about = |x: usize, y: usize| {
        let (mut sum, mut n) = (Vec3::ZERO, 0.0);
        for row in y.saturating_sub(2)..=(y + 2).min(height - 1) {
            for column in x.saturating_sub(2)..=(x + 2).min(width - 1) {
                sum += converged[row * width + column];
                n += 1.0;
            }
        }
        sum / n
    };
    let sum: f64 = (0..converged.len())
        .map(|i| {
            let mean = mean_about(i % width, i / width);
            let difference = picture[i] - converged[i];
            let relative = difference * difference / (mean * mean + Vec3::splat(0.01));
            f64::from(relative.element_sum() / 3.0)
        })
        .sum();
    sum / converged.len() as f64
}

fn main() -> Result<()> {
    let mut options: BTreeMap<String, String> = BTreeMap::new();
    let mut settings = Vec::new();
    // `cargo bench` adds an argument of its own.
    for arg in std::env::args().skip(1).filter(|arg| arg != "--bench") {
        let (key, value) = arg.split_once('=').context("wanted key=value")?;
        if key == "at" {
            settings.push(Setting::parse(value)?);
        } else {
            options.insert(key.to_owned(), value.to_owned());
        }
    }
    let option = |key: &str, usual: &str| options.get(key).map_or(usual, String::as_str).to_owned();
    let (width, height) = (option("size", "192x256").split_once('x'))
        .map(|(w, h)| (w.parse::<u32>(), h.parse::<u32>()))
        .context("wanted size=WIDTHxHEIGHT")?;
    let (width, height) = (width?, height?);
    let spec =
        SceneSpec::load(&option("recipe", "synthhuman"))?.with_resolution([width, height])?;
    let (first, last) = (option("index", "0..3").split_once(".."))
        .map(|(a, b)| (a.parse::<u64>(), b.parse::<u64>()))
        .context("wanted index=FIRST..LAST")?;
    let converged_spp: u32 = option("converged", "1024").parse()?;
    let studio = Studio::open(AssetStore::embedded()?)?;
    for index in first?..last? {
        let params = studio.aim(&draw_params(&spec, &studio.draw_context(), index)?)?;
        let person = studio.person(&params)?;
        let (built, metered) = studio.scene(person, &params)?;
        let accel = Accel::build(&built.scene, Accel::chord_tolerance_m(&built.scene))?;
        let picture = |setting: Setting, seed: u64| {
            let settings = RenderSettings {
                spp: setting.spp,
                stop_error: setting.error,
                label_rays: 64,
                max_bounces: 12,
                clamp_indirect: 10.0,
                exposure: lighting::exposure(metered, &params.lighting),
                seed,
                shortcuts: Shortcuts::TRAINING,
                filter: pixel_filter(params.film.pixel_filter),
                pixel_order: if setting.blue {
                    PixelOrder::BlueNoise
                } else {
                    PixelOrder::Independent
                },
            };
            if setting.denoise {
                render_denoised(&built.scene, &accel, &settings)
            } else {
                render(&built.scene, &accel, &settings)
            }
        };
        let plain = Setting {
            spp: converged_spp,
            error: None,
            denoise: false,
            blue: false,
        };
        let converged = picture(plain, params.noise_seed ^ 1).rgb;
        let own_noise = 1.0 / f64::from(converged_spp);
        for setting in &settings {
            let start = user_s();
            let film = picture(*setting, params.noise_seed);
            let seconds = user_s() - start;
            let found = error(width as usize, &film.rgb, &converged);
            let spp = f64::from(film.effort.spp_mean);
            // A plain picture also shows the noise of the one that it is compared with.
            let found = found / (1.0 + spp * own_noise * f64::from(!setting.denoise));
            println!(
                "{{\"index\":{index},\"framing\":\"{}\",\"setting\":\"{setting:?}\",\"spp\":{spp:.1},\
                 \"cpu_s\":{seconds:.2},\"told\":{},\"found\":{found:.6},\"product\":{:.5}}}",
                params.framing.as_str(),
                film.effort
                    .error
                    .map_or("null".to_owned(), |e| format!("{e:.6}")),
                seconds * found,
            );
        }
    }
    Ok(())
}
