//! `cargo xtask demo`: from a bare checkout to a verified dataset and a picture of it.

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::Instant;

use anyhow::{Context as _, Result};

use crate::run::{self as tool, build_bottega, root};

/// What the demo makes.
#[derive(Debug, clap::Args)]
pub(crate) struct DemoArgs {
    /// Folder that receives the dataset, its statistics and the contact sheet
    #[arg(long, value_name = "DIR", default_value = "out/demo")]
    out: PathBuf,

    /// Number of samples; every three of them hold one of each framing
    #[arg(long, default_value_t = 12, value_parser = clap::value_parser!(u64).range(1..))]
    samples: u64,

    /// Preset of the renderer
    #[arg(long, default_value = "draft", value_parser = ["draft", "standard"])]
    quality: String,

    /// Seed of the dataset, in place of the recipe's
    #[arg(long)]
    seed: Option<u64>,
}

/// Builds, generates, verifies, counts, draws.
pub(crate) fn run(args: &DemoArgs) -> Result<()> {
    let out = std::path::absolute(&args.out).context("cannot resolve the folder of the demo")?;
    fs::create_dir_all(&out).with_context(|| format!("cannot create {}", out.display()))?;
    let bottega = build_bottega()?;
    let command = |verb: &str| {
        let mut command = Command::new(&bottega);
        command.current_dir(root()).arg(verb);
        command
    };

    let dataset = out.join("dataset");
    let start = Instant::now();
    let mut generate = command("generate");
    generate
        .arg("scenes/synthhuman.toml")
        .arg("--out")
        .arg(&dataset);
    generate.args([
        "--count",
        &args.samples.to_string(),
        "--quality",
        &args.quality,
    ]);
    // A demo is run again with other numbers: what an earlier one left is replaced, not refused.
    generate.arg("--overwrite");
    if let Some(seed) = args.seed {
        generate.args(["--seed", &seed.to_string()]);
    }
    tool::run(&mut generate)?;
    let generated_s = start.elapsed().as_secs_f64();

    tool::run(command("verify").arg(&dataset))?;

    tool::run(command("stats").arg(&dataset))?;
    let stats = tool::output(command("stats").arg(&dataset).arg("--json"))?;
    let stats_path = out.join("stats.json");
    fs::write(&stats_path, stats)
        .with_context(|| format!("cannot write {}", stats_path.display()))?;

    let sheet_path = out.join("contact-sheet.png");
    tool::run(
        command("preview")
            .arg(&dataset)
            .arg("--out")
            .arg(&sheet_path),
    )?;

    eprintln!();
    eprintln!(
        "{} samples in {generated_s:.0} s ({:.1} s each) at the {} preset; verified without a finding",
        args.samples,
        generated_s / args.samples as f64,
        args.quality,
    );
    eprintln!("  look at the pictures   {}", sheet_path.display());
    eprintln!("  the dataset            {}", dataset.display());
    eprintln!("  its statistics         {}", stats_path.display());
    eprintln!(
        "  one sample, in detail  {} inspect {}",
        bottega.display(),
        first_shard(&dataset)
    );
    Ok(())
}

fn first_shard(dataset: &std::path::Path) -> String {
    format!("{}:0", dataset.join("data/train-00000.parquet").display())
}
