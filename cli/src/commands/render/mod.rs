//! `bottega render`: renders one sample again from its scene document alone, a glTF file, or a bench
//! scene.

mod bench;
mod gltf;

use std::io::Read as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use bottega_assemble::job::RENDERER_VERSION;
use bottega_assemble::{LabelOrder, Studio};
use bottega_format::write_sample;
use bottega_schemas::scene_spec::{Denoiser, Quality, QualityPreset, SceneSpec};
use bottega_schemas::{LabelSpec, OptionalPlanes, SampleMeta, SceneParams};

use crate::commands::Outcome;
use crate::global::GlobalArgs;
use crate::recipe_args::{parse_denoiser, parse_error, parse_quality};

/// Recipe whose presets give the work where no option does.
const PRESETS_OF: &str = "synthhuman";

/// What is rendered.
#[derive(Debug, clap::Args)]
pub(crate) struct RenderArgs {
    /// Scene document, as `inspect --scene` prints it and every row holds it, `-` is stdin; or a
    /// glTF 2.0 file that others made
    #[arg(
        value_name = "SCENE.json|X.glb|X.gltf",
        required_unless_present = "bench"
    )]
    scene: Option<PathBuf>,

    /// Folder in the exchange format "bench-scene" (docs/formats.md): it is rendered twice, never
    /// denoised, and what that cost is printed as JSON
    #[arg(long, value_name = "DIR", conflicts_with = "scene")]
    bench: Option<PathBuf>,

    /// Seed of the noise: 0 by default, and for a scene document that which it holds; the second
    /// picture of a bench scene has the next one
    #[arg(long, value_name = "S")]
    seed: Option<u64>,

    /// A second scene of the same kind and of the same things, moved: the way of every point on the
    /// film until there becomes the plane `motion`
    #[arg(long, value_name = "NEXT")]
    motion_to: Option<PathBuf>,

    /// EXR file that receives the picture with all planes
    #[arg(long, value_name = "FILE.exr")]
    out: PathBuf,

    /// Trace as many paths in every pixel of a bench scene; else `--spp` is a mean, and more are
    /// traced where the noise is
    #[arg(long, requires = "bench", conflicts_with = "error")]
    even: bool,

    /// Preset of the renderer: draft, standard or reference
    #[arg(long, value_name = "PRESET", value_parser = parse_quality, default_value = "standard",
          conflicts_with = "bench")]
    quality: Quality,

    /// How noise is taken out of the picture, in place of the preset's: none, built-in or oidn;
    /// bench scenes are never denoised
    #[arg(long, value_name = "NAME", value_parser = parse_denoiser, conflicts_with = "bench")]
    denoiser: Option<Denoiser>,

    /// Light paths a pixel, in place of the preset's
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=65536))]
    spp: Option<u32>,

    /// Stop at this error; `--spp` is then the most
    #[arg(long, value_name = "E", value_parser = parse_error)]
    error: Option<f32>,

    /// Longest path, in bounces
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=64))]
    max_bounces: Option<u32>,

    /// Rays a pixel for coverage
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(64..=4096))]
    label_rays: Option<u32>,

    /// Further planes of a scene document, with commas between them, or `all`
    #[arg(long, value_name = "NAMES", value_parser = OptionalPlanes::parse,
          conflicts_with = "bench")]
    planes: Option<OptionalPlanes>,

    #[command(flatten)]
    gltf: gltf::GltfArgs,
}

/// Renders and writes.
pub(crate) fn run(args: &RenderArgs, global: &GlobalArgs) -> Result<Outcome> {
    let scene = match (&args.bench, &args.scene) {
        (Some(folder), _) => return bench::run(folder, args),
        (None, Some(scene)) => scene,
        (None, None) => bail!("nothing to render: give a scene document or --bench DIR"),
    };
    if gltf::is_gltf(scene) {
        return gltf::run(scene, args, global);
    }
    if let Some(option) = args.gltf.given() {
        bail!("{option} is for glTF files; {} is none", scene.display());
    }
    let mut params = read_scene(scene)?;
    params.noise_seed = args.seed.unwrap_or(params.noise_seed);
    let next = (args.motion_to.as_deref()).map(read_scene).transpose()?;
    let studio = Studio::open(super::assets::open(global)?)?;
    let name = args.out.file_stem().unwrap_or_default().to_string_lossy();
    let meta = SampleMeta {
        sample_id: name.into_owned(),
        split: "train".into(),
        renderer_version: Some(RENDERER_VERSION.into()),
        ..SampleMeta::default()
    };
    let labels = LabelOrder::new(&LabelSpec::default(), args.planes.unwrap_or_default());
    let preset = args.preset()?;
    let rendered = studio
        .render_until(&params, next.as_ref(), &preset, labels, meta)
        .with_context(|| args.what_failed(scene))?;
    write_sample(&args.out, &rendered.sample)?;
    eprintln!("{} holds the sample", args.out.display());
    Ok(Outcome::Done)
}

impl RenderArgs {
    /// What could not be done, of the scene at `path`.
    fn what_failed(&self, path: &Path) -> String {
        let path = path.display();
        match &self.motion_to {
            None => format!("cannot render {path}"),
            Some(next) => format!("cannot render {path} with the motion to {}", next.display()),
        }
    }

    fn preset(&self) -> Result<QualityPreset> {
        let mut preset = SceneSpec::load(PRESETS_OF)?
            .preset(Some(self.quality))
            .clone();
        preset.spp = self.spp.unwrap_or(preset.spp);
        preset.error = self.error.or(preset.error);
        preset.denoiser = self.denoiser.unwrap_or(preset.denoiser);
        preset.max_bounces = self.max_bounces.unwrap_or(preset.max_bounces);
        preset.label_rays = self.label_rays.unwrap_or(preset.label_rays);
        Ok(preset)
    }
}

fn read_scene(path: &Path) -> Result<SceneParams> {
    let mut text = String::new();
    if path == Path::new("-") {
        std::io::stdin()
            .read_to_string(&mut text)
            .context("cannot read the scene document from stdin")?;
    } else {
        text = std::fs::read_to_string(path)
            .with_context(|| format!("cannot read the scene document {}", path.display()))?;
    }
    serde_json::from_str(&text).with_context(|| format!("{} is no scene document", path.display()))
}
