//! Which denoiser is worth its seconds: error and detail against converged pictures.
//!
//! ```sh
//! cargo run --release -p bottega_assemble --features oidn --example denoise -- \
//!     --oidn /path/to/libOpenImageDenoise.so.2 --keep out/denoise --crops out/denoise
//! ```
//!
//! Of each sample a window is rendered at the size of the recipe: converged (another seed, every
//! path followed to its end, the same bound on indirect light), then with few paths, as it is and
//! denoised. `--keep` holds what was rendered, so that another denoiser is judged in seconds.

mod detail;
mod window;

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::{Context as _, Result};
use bottega_assemble::Studio;
use bottega_assemble::assets::AssetStore;
use bottega_assemble::cost::Clock;
use bottega_render::compare;
use bottega_render::tone::{ToneCurve, quantize};
use bottega_schemas::scene_spec::SceneSpec;
use clap::Parser;
use glam::Vec3;

use detail::{Detail, REGIONS, Regions};
use window::Windows;

/// Compares denoisers on real samples
#[derive(Debug, Parser)]
struct Args {
    /// Recipe: a file, or the name of a shipped one
    #[arg(long, default_value = "synthhuman")]
    recipe: String,
    /// Which samples; these differ in framing, hair, skin, cloth and light
    #[arg(long, value_delimiter = ',', default_value = "0,15,21,2,5,23,10,33")]
    indices: Vec<u64>,
    /// Only tell what the samples show
    #[arg(long)]
    list: bool,
    /// Side of the window, in pixels
    #[arg(long, default_value_t = 192)]
    side: u32,
    /// Paths a pixel of the converged pictures
    #[arg(long, default_value_t = 384)]
    converged: u32,
    /// Paths a pixel of the noisy pictures
    #[arg(long, value_delimiter = ',', default_value = "16,32,48,64,128")]
    paths: Vec<u32>,
    /// Paths a pixel of the pictures that are shown
    #[arg(long, default_value_t = 48)]
    shown: u32,
    /// Folder that keeps what was rendered for the next run
    #[arg(long)]
    keep: Option<PathBuf>,
    /// Folder that receives the pictures side by side
    #[arg(long)]
    crops: Option<PathBuf>,
    /// Open Image Denoise 2, where the system does not find it
    #[arg(long)]
    oidn: Option<PathBuf>,
}

/// What was found for one picture.
#[derive(Clone, Debug)]
struct Finding {
    seconds: f64,
    error: f64,
    detail: [Detail; REGIONS.len()],
}

/// A way to take noise out, by its name.
type Denoiser = (
    &'static str,
    Box<dyn Fn(&window::Kept) -> Result<Vec<Vec3>>>,
);

fn denoisers(args: &Args) -> Vec<Denoiser> {
    #[cfg_attr(
        not(feature = "oidn"),
        expect(unused_mut, reason = "only that feature adds one")
    )]
    let mut all: Vec<Denoiser> = vec![
        ("none", Box::new(|kept| Ok(kept.noisy.picture()))),
        ("built-in", Box::new(|kept| Ok(kept.noisy.denoised()))),
    ];
    #[cfg(feature = "oidn")]
    {
        use bottega_render::denoise::oidn::{LIBRARY, OpenImageDenoise};
        let path = args.oidn.clone().unwrap_or_else(|| LIBRARY.into());
        match OpenImageDenoise::open(path.as_os_str()) {
            Ok(library) => {
                let denoise = move |kept: &window::Kept| Ok(library.denoise(&kept.noisy)?);
                all.push(("oidn", Box::new(denoise)));
            }
            Err(error) => eprintln!("left out: {error}"),
        }
    }
    #[cfg(not(feature = "oidn"))]
    if args.oidn.is_some() {
        eprintln!("left out: this build has no Open Image Denoise; add `--features oidn`");
    }
    all
}

fn main() -> Result<()> {
    let args = Args::parse();
    let spec = SceneSpec::load(&args.recipe)?;
    let studio = Studio::open(AssetStore::embedded()?)?;
    let denoisers = denoisers(&args);
    for folder in args.keep.iter().chain(&args.crops) {
        std::fs::create_dir_all(folder)
            .with_context(|| format!("cannot create {}", folder.display()))?;
    }
    let windows = Windows {
        studio: &studio,
        spec: &spec,
        side: args.side,
        keep: args.keep.clone(),
    };
    let mut table: BTreeMap<(u32, usize), Vec<Finding>> = BTreeMap::new();
    for &index in &args.indices {
        let window = windows.open(index)?;
        eprintln!("{index} {}", window.title());
        if args.list {
            continue;
        }
        let converged = window.converged(args.converged)?;
        let regions = Regions::new(&window.labels()?, args.side as usize);
        let mut shown = vec![converged.noisy.picture()];
        for &spp in &args.paths {
            let kept = window.noisy(spp)?;
            for (number, (name, denoise)) in denoisers.iter().enumerate() {
                let clock = Clock::now();
                let picture = denoise(&kept)?;
                let finding = Finding {
                    seconds: kept.seconds + clock.elapsed().seconds(),
                    error: error(&picture, &converged, args.side as usize),
                    detail: regions.detail(&picture, &converged.noisy),
                };
                let detail = finding.detail.each_ref().map(Detail::kept_and_wrong);
                eprintln!(
                    "{index} {spp} {name}: {:.2} s, relMSE {:.5}, detail {detail:.2?}",
                    finding.seconds, finding.error
                );
                table.entry((spp, number)).or_default().push(finding);
                if spp == args.shown {
                    shown.push(picture);
                }
            }
        }
        if let Some(folder) = &args.crops {
            let path = folder.join(format!("{index:03}.png"));
            save(&path, &shown, args.side as usize)?;
        }
    }
    print(&denoisers, &table);
    Ok(())
}

/// relMSE without the noise of the converged picture: its halves are independent, so that their
/// noise drops out of the product of both differences.
fn error(picture: &[Vec3], converged: &window::Kept, width: usize) -> f64 {
    let [a, b] = converged.noisy.halves.each_ref().map(|half| &half.color);
    let whole = compare::rel_mse(picture, &converged.noisy.picture(), width);
    // The mean of two halves has half of the variance of one, a quarter of their difference.
    whole - 0.5 * compare::rel_mse_of_pair(a, b, width)
}

/// Pictures side by side, twice as large.
fn save(path: &std::path::Path, pictures: &[Vec<Vec3>], side: usize) -> Result<()> {
    const ZOOM: usize = 2;
    let width = side * pictures.len() * ZOOM;
    let mut bytes = Vec::with_capacity(3 * width * side * ZOOM);
    for y in 0..side * ZOOM {
        for x in 0..width {
            let (picture, column) = (x / (side * ZOOM), (x % (side * ZOOM)) / ZOOM);
            let linear = pictures[picture][y / ZOOM * side + column];
            bytes.extend(quantize(ToneCurve::default().apply(linear)));
        }
    }
    let size = [width as u32, (side * ZOOM) as u32];
    image::save_buffer(path, &bytes, size[0], size[1], image::ColorType::Rgb8)
        .with_context(|| format!("cannot write {}", path.display()))
}

/// Prints means over the samples, as Markdown.
fn print(denoisers: &[Denoiser], table: &BTreeMap<(u32, usize), Vec<Finding>>) {
    let mut out = String::from("| paths | denoiser | s | relMSE | s x relMSE |");
    for (name, _) in REGIONS {
        out += &format!(" {name} |");
    }
    out += &format!("\n|{}\n", " --- |".repeat(5 + REGIONS.len()));
    for ((spp, number), findings) in table {
        let n = findings.len() as f64;
        let mean = |of: &dyn Fn(&Finding) -> f64| findings.iter().map(of).sum::<f64>() / n;
        let seconds = mean(&|finding| finding.seconds);
        let error = mean(&|finding| finding.error);
        out += &format!(
            "| {spp} | {} | {seconds:.2} | {error:.5} | {:.5} |",
            denoisers[*number].0,
            mean(&|finding| finding.seconds * finding.error)
        );
        for region in 0..REGIONS.len() {
            let mut sum = Detail::default();
            for finding in findings {
                sum.add(&finding.detail[region]);
            }
            let [kept, wrong] = sum.kept_and_wrong();
            out += &format!(" {kept:.2}, {wrong:.2} |");
        }
        out += "\n";
    }
    #[allow(clippy::print_stdout)]
    {
        print!("{out}");
    }
}
