//! What samples cost and how noisy they are, stage by stage: the first table of `docs/benchmarks.md`.
//!
//! ```sh
//! cargo run --release -p bottega_assemble --example measure -- --samples 3 --reference-spp 1024
//! cargo run --release -p bottega_assemble --example measure -- --size 128x160 --reference-spp 384 \
//!     --at standard,spp=64,denoiser=none --at standard,spp=1024,error=0.002 --at standard,blue
//! ```
//!
//! Samples are made one after the other, so that processor seconds belong to one stage; each stage
//! still uses every thread.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, bail};
use bottega_assemble::assets::AssetStore;
use bottega_assemble::cost::{Clock, peak_memory_bytes};
use bottega_assemble::job::{DEFAULT_SHARD_SIZE, Order};
use bottega_assemble::studio::settings;
use bottega_assemble::{Studio, denoise, lighting};
use bottega_format::EncodedRow;
use bottega_render::accel::Accel;
use bottega_render::label::render_labels;
use bottega_render::scene::{Budget, RenderSettings, Shortcuts};
use bottega_render::{compare, render_noisy, render_rgb};
use bottega_schemas::plane::OptionalPlanes;
use bottega_schemas::scene_spec::{Denoiser, Quality, QualityPreset, SceneSpec};
use clap::Parser;

/// Measures what samples cost and how noisy they are
#[derive(Debug, Parser)]
struct Args {
    /// Recipe: a file, or the name of a shipped one
    #[arg(long, default_value = "synthhuman")]
    recipe: String,
    /// First index
    #[arg(long, default_value_t = 0)]
    start: u64,
    /// Number of samples; three in a row hold one of each framing
    #[arg(long, default_value_t = 3)]
    samples: u64,
    /// Ways to make a picture: `PRESET[,spp=N][,error=E][,denoiser=NAME][,blue]`, any number of
    /// them; draft and standard unless told
    #[arg(long = "at", value_name = "WAY", default_values = ["draft", "standard"])]
    ways: Vec<String>,
    /// Width and height of the pictures, when not the recipe's
    #[arg(long, value_name = "WxH", value_parser = size)]
    size: Option<[u32; 2]>,
    /// Paths a pixel of the pictures that errors are measured against; 0 for none
    #[arg(long, default_value_t = 0)]
    reference_spp: u32,
}

/// Sums over samples, by column.
type Row = BTreeMap<&'static str, f64>;

/// Longest path of the pictures that errors are measured against.
const REFERENCE_BOUNCES: u32 = 24;

const STAGES: [&str; 6] = ["people", "accel", "picture", "labels", "encode", "total"];
/// What is known of a picture besides: mean paths a pixel, the error that it tells of itself
/// before denoising, the error found, and this times the seconds of the picture.
const NOISE: [&str; 4] = ["paths", "told", "relMSE", "s x relMSE"];

/// `384x512` as width and height.
fn size(text: &str) -> Result<[u32; 2], String> {
    let sides = text
        .split_once('x')
        .and_then(|(w, h)| Some([w.parse().ok()?, h.parse().ok()?]));
    sides.ok_or_else(|| format!("{text:?} is no size; 384x512 is one"))
}

fn main() -> Result<()> {
    let args = Args::parse();
    let mut spec = SceneSpec::load(&args.recipe)?;
    if let Some(size) = args.size {
        spec = spec.with_resolution(size)?;
    }
    let studio = Studio::open(AssetStore::embedded()?)?;
    let mut rows: BTreeMap<(String, &'static str), Vec<Row>> = BTreeMap::new();
    for index in args.start..args.start + args.samples {
        measure(&args, &spec, &studio, index, &mut rows)?;
    }
    print(&args, &rows);
    Ok(())
}

/// A preset with changes, as `--at` names it.
fn parse_way(spec: &SceneSpec, way: &str) -> Result<QualityPreset> {
    let mut words = way.split(',');
    let name = words.next().unwrap_or_default();
    let quality = [Quality::Draft, Quality::Standard, Quality::Reference]
        .into_iter()
        .find(|quality| quality.name() == name)
        .with_context(|| format!("{name:?} is not a preset: draft, standard or reference"))?;
    let mut preset = spec.preset(Some(quality)).clone();
    for word in words {
        match word.split_once('=') {
            Some(("spp", spp)) => preset.spp = spp.parse()?,
            Some(("error", error)) => preset.error = Some(error.parse()?),
            Some(("denoiser", name)) => {
                preset.denoiser =
                    Denoiser::from_name(name).with_context(|| format!("no denoiser {name:?}"))?;
            }
            None if word == "blue" => preset.blue_noise = true,
            _ => bail!("{word:?} is not spp=N, error=E, denoiser=NAME or blue"),
        }
    }
    Ok(preset)
}

/// Measures one sample at every preset.
fn measure(
    args: &Args,
    spec: &SceneSpec,
    studio: &Studio,
    index: u64,
    rows: &mut BTreeMap<(String, &'static str), Vec<Row>>,
) -> Result<()> {
    let ways = args.ways.iter().map(|way| Ok((way, parse_way(spec, way)?)));
    let presets: Vec<(&String, QualityPreset)> = ways.collect::<Result<_>>()?;
    let order = |preset: &QualityPreset| Order {
        spec: spec.clone(),
        preset: preset.clone(),
        indices: index..index + 1,
        shard_size: DEFAULT_SHARD_SIZE,
        planes: OptionalPlanes::default(),
    };

    let clock = Clock::now();
    let params = order(&presets[0].1).params(studio, index)?;
    let params = studio.aim(&params)?;
    let person = studio.person(&params)?;
    let (built, metered) = studio.scene(person, &params)?;
    let exposure = lighting::exposure(metered, &params.lighting);
    let people = clock.elapsed().seconds();
    let scene = &built.scene;
    let clock = Clock::now();
    let accel = Accel::build(scene, Accel::chord_tolerance_m(scene))?;
    let accel_s = clock.elapsed().seconds();
    let width = scene.camera.resolution_px[0] as usize;

    // What errors are measured against follows every path to its end.
    let reference = (0 < args.reference_spp).then(|| {
        let full = RenderSettings {
            spp: args.reference_spp,
            budget: Budget::Even,
            max_bounces: REFERENCE_BOUNCES,
            shortcuts: Shortcuts::default(),
            seed: !params.noise_seed,
            ..settings(&params, &presets[0].1, exposure)
        };
        render_noisy(scene, &accel, &full).0
    });
    for (name, preset) in &presets {
        let clock = Clock::now();
        let labels = render_labels(scene, &accel, preset.label_rays);
        let labels_s = clock.elapsed().seconds();
        drop(labels);

        let settings = settings(&params, preset, exposure);
        let clock = Clock::now();
        let film = denoise::render(scene, &accel, &settings, preset.denoiser)?;
        let picture = clock.elapsed().seconds() - labels_s;

        // The whole way once more, for what encoding takes.
        let rendered = {
            let quick = QualityPreset {
                spp: 2,
                max_bounces: 1,
                ..preset.clone()
            };
            order(&quick).make(studio, index)?
        };
        let clock = Clock::now();
        EncodedRow::encode(&rendered.sample, OptionalPlanes::default())?;
        let encode = clock.elapsed().seconds();

        let mut row = Row::from([
            ("people", people),
            ("accel", accel_s),
            ("picture", picture),
            ("labels", labels_s),
            ("encode", encode),
            ("total", people + accel_s + picture + labels_s + encode),
        ]);
        row.insert("paths", film.effort.spp_mean.into());
        if let Some(told) = film.effort.error {
            row.insert("told", told.into());
        }
        if let Some(reference) = &reference {
            let found = compare::rel_mse(&film.rgb, &reference.picture(), width);
            let [a, b] = reference.halves.each_ref().map(|half| &half.color);
            // The noise of the reference itself: a quarter of the difference of its halves.
            let own = 0.5 * compare::rel_mse_of_pair(a, b, width);
            row.insert("relMSE", found - own);
        } else if preset.denoiser == Denoiser::None {
            let other = render_rgb(
                scene,
                &accel,
                &RenderSettings {
                    seed: !settings.seed,
                    ..settings
                },
            );
            row.insert("relMSE", compare::rel_mse_of_pair(&film.rgb, &other, width));
        }
        if let Some(found) = row.get("relMSE") {
            row.insert("s x relMSE", found * picture);
        }
        let key = |framing| ((*name).clone(), framing);
        let framing = params.framing.as_str();
        eprintln!("{index} {framing} {name}: {row:.4?}");
        rows.entry(key(framing)).or_default().push(row.clone());
        rows.entry(key("all")).or_default().push(row);
    }
    Ok(())
}

/// Prints a table of means.
fn print(args: &Args, rows: &BTreeMap<(String, &'static str), Vec<Row>>) {
    let mut out = String::from("| way | framing | samples |");
    for stage in STAGES {
        out += &format!(" {stage}, s |");
    }
    for column in NOISE {
        out += &format!(" {column} |");
    }
    out += &format!("\n|{}\n", " --- |".repeat(3 + STAGES.len() + NOISE.len()));
    for name in &args.ways {
        for ((_, framing), rows) in rows.iter().filter(|((way, _), _)| way == name) {
            let mean = |column: &str| {
                let values: Vec<f64> = rows
                    .iter()
                    .filter_map(|row| row.get(column).copied())
                    .collect();
                (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
            };
            let framing = framing.replace('_', " ");
            out += &format!("| {name} | {framing} | {} |", rows.len());
            for stage in STAGES {
                out += &format!(" {:.2} |", mean(stage).unwrap_or(f64::NAN));
            }
            for column in NOISE {
                let digits = if column == "paths" { 0 } else { 4 };
                out += &mean(column).map_or(" |".into(), |value| format!(" {value:.digits$} |"));
            }
            out += "\n";
        }
    }
    let peak = peak_memory_bytes().map_or("unknown".into(), |bytes| {
        format!("{:.0} MB", bytes as f64 / 1e6)
    });
    #[allow(clippy::print_stdout)]
    {
        println!("{out}\nProcessor seconds; one sample at a time. Peak memory: {peak}.");
    }
}
