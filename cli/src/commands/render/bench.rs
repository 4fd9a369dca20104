//! `bottega render --bench`: a scene of the exchange format, and what it cost.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context as _, Result};
use serde::Serialize;

use bottega_assemble::cost::{Clock, peak_memory_bytes};
use bottega_assemble::to_sample::planes_of;
use bottega_assemble::{bench_scene, motion};
use bottega_format::write_planes;
use bottega_render::accel::{Accel, rays_traced};
use bottega_render::compare;
use bottega_render::label::{LabelRequest, render_labels};
use bottega_render::render_rgb;
use bottega_render::scene::{Budget, Effort, Film, RenderSettings};
use bottega_render::tone::{ToneCurve, to_srgb8};

use super::RenderArgs;
use crate::commands::Outcome;

/// What is printed. Seconds are processor seconds of all threads.
#[derive(Debug, Serialize)]
struct Report {
    width: u32,
    height: u32,
    /// Paths a pixel on average; the most of them with `--error`.
    spp: u32,
    seed: u64,
    triangles: usize,
    strands: usize,
    threads: usize,
    /// Reading, building, tracing and labels: all it takes to have this picture.
    cpu_s: f64,
    read_cpu_s: f64,
    build_cpu_s: f64,
    trace_cpu_s: f64,
    labels_cpu_s: f64,
    trace_wall_s: f64,
    /// Of this picture, by a second one of another seed.
    relmse: f64,
    srgb_rmse: f64,
    /// Price: independent of the number of paths.
    cpu_s_times_relmse: f64,
    rays: u64,
    mrays_per_cpu_s: f64,
    tree_bytes: usize,
    peak_memory_bytes: Option<u64>,
}

/// Fewest paths a pixel of which some can be kept back until the noise is known.
const FEWEST_TO_SHARE: u32 = 8;

/// How many paths a pixel, unless the command line says so.
const DEFAULT_SPP: u32 = 32;

fn budget(args: &RenderArgs) -> Budget {
    match args.error {
        Some(error) => Budget::Error(error),
        None if args.even || args.spp.unwrap_or(DEFAULT_SPP) < FEWEST_TO_SHARE => Budget::Even,
        None => Budget::Mean,
    }
}

/// Renders the folder twice, writes the first picture, prints the report.
pub(super) fn run(folder: &Path, args: &RenderArgs) -> Result<Outcome> {
    let clock = Clock::now();
    let bench = bench_scene::read(folder)?;
    let read_cpu_s = clock.elapsed().seconds();
    for what in &bench.ignored {
        eprintln!("left out: {what}");
    }
    let scene = &bench.scene;
    let settings = RenderSettings {
        spp: args.spp.unwrap_or(DEFAULT_SPP),
        budget: budget(args),
        seed: args.seed.unwrap_or_default(),
        max_bounces: args.max_bounces.unwrap_or(bench.settings.max_bounces),
        label_rays: args.label_rays.unwrap_or(bench.settings.label_rays),
        ..bench.settings
    };

    let clock = Clock::now();
    let accel = Accel::build(scene, Accel::chord_tolerance_m(scene))?;
    let build_cpu_s = clock.elapsed().seconds();

    let motion = match &args.motion_to {
        None => BTreeMap::new(),
        Some(next) => {
            let request = LabelRequest::new(settings.label_rays);
            let next = bench_scene::read(next)?;
            motion::trace(scene, &accel, &next.scene, &request)
                .with_context(|| args.what_failed(folder))?
        }
    };
    let (clock, before) = (Clock::now(), rays_traced());
    let rgb = render_rgb(scene, &accel, &settings);
    let (trace, rays) = (clock.elapsed(), rays_traced() - before);

    let clock = Clock::now();
    let labels = render_labels(scene, &accel, settings.label_rays);
    let labels_cpu_s = clock.elapsed().seconds();
    let peak_memory_bytes = peak_memory_bytes();

    let again = RenderSettings {
        seed: settings.seed.wrapping_add(1),
        ..settings
    };
    let other = render_rgb(scene, &accel, &again);
    let [width, height] = scene.camera.resolution_px;
    let relmse = compare::rel_mse_of_pair(&rgb, &other, width as usize);
    let cpu_s = read_cpu_s + build_cpu_s + trace.seconds() + labels_cpu_s;
    let report = Report {
        width,
        height,
        spp: settings.spp,
        seed: settings.seed,
        triangles: scene
            .meshes
            .iter()
            .map(|object| object.mesh.triangles.len())
            .sum(),
        strands: scene
            .strands
            .iter()
            .map(|object| object.strands.len())
            .sum(),
        threads: rayon::current_num_threads(),
        cpu_s,
        read_cpu_s,
        build_cpu_s,
        trace_cpu_s: trace.seconds(),
        labels_cpu_s,
        trace_wall_s: trace.wall.as_secs_f64(),
        relmse,
        srgb_rmse: compare::srgb_rmse_of_pair(&rgb, &other),
        cpu_s_times_relmse: cpu_s * relmse,
        rays,
        mrays_per_cpu_s: rays as f64 / 1e6 / trace.seconds(),
        tree_bytes: accel.memory_bytes(),
        peak_memory_bytes,
    };

    let film = Film {
        width,
        height,
        rgb,
        alpha: labels.alpha,
        depth_m: labels.depth_m,
        normal: labels.normal,
        part: labels.part,
        range_m: labels.range_m,
        effort: Effort::default(),
    };
    let rgb8 = to_srgb8(&film, ToneCurve::Srgb);
    let mut planes = planes_of(film, rgb8);
    planes.optional.extend(motion);
    write_planes(&args.out, planes)?;
    crate::output::print_json(&report)?;
    Ok(Outcome::Done)
}
