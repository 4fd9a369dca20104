//! `bottega model-info`: parameters and operations of the models, block by block.

use std::fmt::Write as _;

use anyhow::Result;
use serde::Serialize;

use bottega_schemas::model_size::{ModelInfo, published_models};

use crate::commands::Outcome;
use crate::output;

/// How the models are shown.
#[derive(Debug, clap::Args)]
pub(crate) struct ModelInfoArgs {
    /// Write JSON for machines
    #[arg(long)]
    json: bool,
}

/// All models as JSON.
#[derive(Debug, Serialize)]
struct Models {
    models: Vec<ModelInfo>,
}

/// Counts and prints.
pub(crate) fn run(args: &ModelInfoArgs) -> Result<Outcome> {
    let models = published_models();
    if args.json {
        output::print_json(&Models { models })?;
    } else {
        output::print(&table(&models))?;
    }
    Ok(Outcome::Done)
}

fn table(models: &[ModelInfo]) -> String {
    let mut text = String::new();
    for (i, model) in models.iter().enumerate() {
        if i > 0 {
            text.push('\n');
        }
        let [width, height] = model.picture_px;
        let line = |name: &str, params: u64, macs_g: f64| {
            format!("  {name:<10} {params:>12} {macs_g:>9.3}\n")
        };
        // Writing into a string cannot fail.
        let _ = writeln!(
            text,
            "{}: {:.2} MiB of 32-bit weights, {width} x {height} pixels",
            model.name, model.mib
        );
        let _ = writeln!(text, "  {:<10} {:>12} {:>9}", "block", "parameters", "GMAC");
        for block in &model.blocks {
            text += &line(block.name, block.params, block.macs_g);
        }
        text += &line("all", model.params, model.macs_g);
    }
    text
}
