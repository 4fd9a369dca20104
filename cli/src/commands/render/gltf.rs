//! `bottega render X.glb`: a scene that others made.

use std::collections::BTreeMap;
use std::f32::consts::PI;
use std::path::Path;

use anyhow::{Context as _, Result, bail};

use bottega_assemble::assets::{AssetStore, EnvironmentMap};
use bottega_assemble::gltf_scene::{self, Request};
use bottega_assemble::to_sample::planes_of;
use bottega_assemble::{denoise, motion, studio};
use bottega_format::{write_atomically, write_planes};
use bottega_render::accel::Accel;
use bottega_render::exposure::PhysicalExposure;
use bottega_render::label::LabelRequest;
use bottega_render::tone::{ToneCurve, to_srgb8};
use bottega_schemas::params::LightingKind;

use super::RenderArgs;
use crate::commands::Outcome;
use crate::failure::Advise as _;
use crate::global::GlobalArgs;
use crate::recipe_args::parse_size;

/// Environment that lights files which bring no light, where no option says another.
const DEFAULT_ENVIRONMENT: &str = "studio_1k";

/// What only files of others need.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Options for glTF files")]
pub(super) struct GltfArgs {
    /// Camera by its name, or by its number from 0; the first by default, and one that shows
    /// everything where the file has none
    #[arg(long, value_name = "NAME|INDEX")]
    camera: Option<String>,

    /// Light from all around: an environment of the asset pack, an equirectangular .exr or .hdr
    /// file, or `none`; by default one of the pack where the file has no lights
    #[arg(long, value_name = "NAME|FILE")]
    environment: Option<String>,

    /// Turn of the environment about the vertical, in degrees; 0 by default
    #[arg(long, value_name = "DEG", allow_negative_numbers = true,
          value_parser = parse_degrees)]
    turn: Option<f32>,

    /// Size of the picture in pixels; by default 540 high and as wide as the camera says
    #[arg(long, value_name = "WxH", value_parser = parse_size)]
    size: Option<[u32; 2]>,

    /// Expose as a camera set to this exposure value at ISO 100, instead of by a grey card
    #[arg(long, value_name = "EV", allow_negative_numbers = true, value_parser = parse_ev)]
    ev100: Option<f32>,

    /// Tone curve of the display-referred picture: agx, filmic or srgb; agx by default
    #[arg(long, value_name = "CURVE", value_parser = parse_tone)]
    tone: Option<ToneCurve>,

    /// Write the display-referred picture too, as a PNG beside the EXR
    #[arg(long)]
    png: bool,
}

impl GltfArgs {
    /// The name of an option that was given and means nothing elsewhere.
    pub(super) fn given(&self) -> Option<&'static str> {
        let options = [
            ("--camera", self.camera.is_some()),
            ("--environment", self.environment.is_some()),
            ("--turn", self.turn.is_some()),
            ("--size", self.size.is_some()),
            ("--ev100", self.ev100.is_some()),
            ("--tone", self.tone.is_some()),
            ("--png", self.png),
        ];
        let given = options.into_iter().find(|(_, is_given)| *is_given);
        given.map(|(name, _)| name)
    }
}

/// Whether the file is one of glTF, by its name.
pub(super) fn is_gltf(path: &Path) -> bool {
    let extension = path.extension().unwrap_or_default().to_string_lossy();
    ["gltf", "glb"].contains(&extension.to_lowercase().as_str())
}

/// Renders the file and writes what was asked for.
pub(super) fn run(path: &Path, args: &RenderArgs, global: &GlobalArgs) -> Result<Outcome> {
    if args.planes.is_some() {
        bail!(
            "--planes is for scene documents; {} is none",
            path.display()
        );
    }
    let options = &args.gltf;
    let assets = super::super::assets::open(global)?;
    let request = Request {
        camera: options.camera.clone(),
        size_px: options.size,
        environment: match options.environment.as_deref() {
            Some("none") | None => None,
            Some(name) => Some(environment(name, &assets)?),
        },
        fallback_environment: match options.environment {
            None => Some(default_environment(&assets)?),
            Some(_) => None,
        },
        environment_yaw_rad: options.turn.unwrap_or_default() / 180.0 * PI,
        exposure: options.ev100.map(exposure_of),
    };
    let picture = gltf_scene::read(path, &request)?;
    for what in &picture.ignored {
        eprintln!("left out: {what}");
    }
    let preset = args.preset()?;
    let settings = studio::settings_of(&preset, picture.exposure, args.seed.unwrap_or_default());
    let accel = Accel::build(&picture.scene, Accel::chord_tolerance_m(&picture.scene))?;
    let motion = match &args.motion_to {
        None => BTreeMap::new(),
        Some(next) if !is_gltf(next) => {
            let [next, path] = [next.as_path(), path].map(Path::display);
            bail!("--motion-to {next} is no glTF file, as {path} is")
        }
        Some(next) => {
            let next = gltf_scene::read(next, &request)?;
            let labels = LabelRequest::new(settings.label_rays);
            motion::trace(&picture.scene, &accel, &next.scene, &labels)
                .with_context(|| args.what_failed(path))?
        }
    };
    let film = denoise::render(&picture.scene, &accel, &settings, preset.denoiser)?;
    let rgb8 = to_srgb8(&film, options.tone.unwrap_or_default());
    if options.png {
        let png = gltf_scene::png_of(film.width, film.height, &rgb8);
        write_atomically(&args.out.with_extension("png"), &png)?;
    }
    let mut planes = planes_of(film, rgb8);
    planes.optional.extend(motion);
    write_planes(&args.out, planes)?;
    eprintln!("{} holds the picture", args.out.display());
    Ok(Outcome::Done)
}

/// The environment in a file, or of this name in the asset pack.
fn environment(name: &str, assets: &AssetStore) -> Result<EnvironmentMap> {
    let path = Path::new(name);
    let extension = path.extension().unwrap_or_default().to_string_lossy();
    match extension.to_lowercase().as_str() {
        "exr" | "hdr" => {
            let bytes = std::fs::read(path)
                .with_context(|| format!("cannot read the environment {name}"))?;
            EnvironmentMap::decode_any(name, LightingKind::Studio, &bytes)
                .map_err(anyhow::Error::msg)
                .with_context(|| format!("{name} is no environment"))
        }
        _ => assets.environment(name).advise(|| {
            let names: Vec<String> = assets.environments().into_iter().map(|e| e.0).collect();
            format!(
                "the pack has {}; a file ends in .exr or .hdr",
                names.join(", ")
            )
        }),
    }
}

fn default_environment(assets: &AssetStore) -> Result<EnvironmentMap> {
    let all = assets.environments();
    let named = all.iter().find(|(name, _)| name == DEFAULT_ENVIRONMENT);
    let studio = || all.iter().find(|(_, kind)| *kind == LightingKind::Studio);
    let Some((name, _)) = named.or_else(studio).or_else(|| all.first()) else {
        bail!("the asset pack has no environment; give --environment");
    };
    Ok(assets.environment(name)?)
}

/// A camera at f/1 and one second: its sensitivity alone is set.
fn exposure_of(ev100: f32) -> PhysicalExposure {
    PhysicalExposure {
        f_number: 1.0,
        shutter_s: 1.0,
        iso: 100.0 / bottega_render::exposure::two_to(ev100),
    }
}

fn parse_ev(text: &str) -> Result<f32, String> {
    let value: Option<f32> = text.parse().ok();
    value
        .filter(|ev| (-20.0..=30.0).contains(ev))
        .ok_or_else(|| "wanted a number from -20 to 30".to_owned())
}

fn parse_degrees(text: &str) -> Result<f32, String> {
    let value: Option<f32> = text.parse().ok();
    value
        .filter(|degrees| (-360.0..=360.0).contains(degrees))
        .ok_or_else(|| "wanted a number from -360 to 360".to_owned())
}

fn parse_tone(text: &str) -> Result<ToneCurve, String> {
    match text {
        "agx" => Ok(ToneCurve::AgX),
        "filmic" => Ok(ToneCurve::Filmic),
        "srgb" => Ok(ToneCurve::Srgb),
        _ => Err("wanted agx, filmic or srgb".to_owned()),
    }
}
