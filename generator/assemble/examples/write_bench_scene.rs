//! Writes a sample of a recipe in the exchange format "bench-scene", for other renderers to show.
//!
//! ```sh
//! cargo run --release -p bottega_assemble --example write_bench_scene -- --out bench
//! target/release/bottega render --bench bench --spp 32 --out ours.exr
//! ```

use std::path::PathBuf;

use anyhow::Result;
use bottega_assemble::assets::AssetStore;
use bottega_assemble::bench_scene;
use bottega_assemble::job::{DEFAULT_SHARD_SIZE, Order};
use bottega_assemble::studio::settings;
use bottega_assemble::{Studio, lighting};
use bottega_schemas::plane::OptionalPlanes;
use bottega_schemas::scene_spec::SceneSpec;
use clap::Parser;

/// Writes a sample in the exchange format
#[derive(Debug, Parser)]
struct Args {
    /// Recipe: a file, or the name of a shipped one
    #[arg(long, default_value = "face")]
    recipe: String,
    /// Index of the sample
    #[arg(long, default_value_t = 0)]
    index: u64,
    /// Width and height of the picture, when not the recipe's
    #[arg(long, value_name = "WxH", value_parser = size)]
    size: Option<[u32; 2]>,
    /// Folder that receives the scene
    #[arg(long)]
    out: PathBuf,
}

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
    let order = Order {
        preset: spec.preset(None).clone(),
        spec,
        indices: args.index..args.index + 1,
        shard_size: DEFAULT_SHARD_SIZE,
        planes: OptionalPlanes::default(),
    };
    let params = studio.aim(&order.params(&studio, args.index)?)?;
    let (built, metered) = studio.scene(studio.person(&params)?, &params)?;
    let exposure = lighting::exposure(metered, &params.lighting);
    let mut scene = built.scene;
    // The format has no exposure: it goes into the light.
    scene.environment.scale *= exposure;
    let settings = settings(&params, &order.preset, 1.0);
    let light = studio
        .assets()
        .read(&format!("environment/{}", params.lighting.environment_id))?;
    bench_scene::write(&args.out, &scene, &settings, &light)?;
    eprintln!("{} holds the scene", args.out.display());
    Ok(())
}
