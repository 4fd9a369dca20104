//! What samples cost and how noisy they are, stage by stage: the first table of `docs/benchmarks.md`.
//!
//! ```sh
//! cargo run --release -p bottega_assemble --example measure -- --samples 3 --reference-spp 1024
//! ```
//!
//! Samples are made one after the other, so that processor seconds belong to one stage; each stage
//! still uses every thread.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};
use bottega_assemble::assets::AssetStore;
use bottega_assemble::cost::{Clock, peak_memory_bytes};
use bottega_assemble::job::{DEFAULT_SHARD_SIZE, Order};
use bottega_assemble::studio::settings;
use bottega_assemble::{Studio, lighting};
use bottega_format::EncodedRow;
use bottega_render::accel::Accel;
use bottega_render::label::render_labels;
use bottega_render::scene::{RenderSettings, Shortcuts};
use bottega_render::{compare, render, render_denoised, render_rgb};
use bottega_schemas::plane::OptionalPlanes;
use bottega_schemas::scene_spec::{Quality, QualityPreset, SceneSpec};
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
    /// Presets to measure, among draft, standard and reference
    #[arg(long, value_delimiter = ',', default_value = "draft,standard")]
    presets: Vec<String>,
    /// Width and height of the pictures, when not the recipe's
    #[arg(long, value_name = "WxH", value_parser = size)]
    size: Option<[u32; 2]>,
    /// Paths a pixel of the pictures that errors are measured against; 0 for none
    #[arg(long, default_value_t = 0)]
    reference_spp: u32,
    /// Given by `cargo bench`, and ignored
    #[arg(long, hide = true)]
    bench: bool,
}

/// Sums over samples, by column.
type Row = BTreeMap<&'static str, f64>;

/// Longest path of the pictures that errors are measured against.
const REFERENCE_BOUNCES: u32 = 24;

const STAGES: [&str; 6] = ["people", "accel", "picture", "labels", "encode", "total"];

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

/// Measures one sample at every preset.
fn measure(
    args: &Args,
    spec: &SceneSpec,
    studio: &Studio,
    index: u64,
    rows: &mut BTreeMap<(String, &'static str), Vec<Row>>,
) -> Result<()> {
    let presets = args.presets.iter().map(|name| {
        let quality = [Quality::Draft, Quality::Standard, Quality::Reference]
            .into_iter()
            .find(|quality| quality.name() == name.as_str())
            .with_context(|| format!("{name:?} is not a preset: draft, standard or reference"))?;
        Ok((name, spec.preset(Some(quality)).clone()))
    });
    let presets: Vec<(&String, QualityPreset)> = presets.collect::<Result<_>>()?;
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
            stop_error: None,
            max_bounces: REFERENCE_BOUNCES,
            shortcuts: Shortcuts::default(),
            seed: !params.noise_seed,
            ..settings(&params, &presets[0].1, exposure)
        };
        render_rgb(scene, &accel, &full)
    });
    for (name, preset) in &presets {
        let clock = Clock::now();
        let labels = render_labels(scene, &accel, preset.label_rays);
        let labels_s = clock.elapsed().seconds();
        drop(labels);

        let settings = settings(&params, preset, exposure);
        let clock = Clock::now();
        let film = if preset.denoise {
            render_denoised(scene, &accel, &settings)
        } else {
            render(scene, &accel, &settings)
        };
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
        if let Some(reference) = &reference {
            row.insert("relMSE", compare::rel_mse(&film.rgb, reference, width));
        } else if !preset.denoise {
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
    let mut out = String::from("| preset | framing | samples |");
    for stage in STAGES {
        out += &format!(" {stage}, s |");
    }
    out += " relMSE |\n";
    out += &format!("|{}\n", " --- |".repeat(STAGES.len() + 4));
    for name in &args.presets {
        for ((_, framing), rows) in rows.iter().filter(|((preset, _), _)| preset == name) {
            let mean = |column: &str| {
                let values: Vec<f64> = rows
                    .iter()
                    .filter_map(|row| row.get(column).copied())
                    .collect();
                (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
            };
            out += &format!("| {name} | {framing} | {} |", rows.len());
            for stage in STAGES {
                out += &format!(" {:.2} |", mean(stage).unwrap_or(f64::NAN));
            }
            out += &mean("relMSE").map_or(" |\n".into(), |noise| format!(" {noise:.4} |\n"));
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
