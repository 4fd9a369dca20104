//! `bottega export-model`: a model for others.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Result, bail};
use serde::Serialize;

use bottega_schemas::Task;
use bottega_trainer::checkpoint::Checkpoint;
use bottega_trainer::export::write_onnx;
use bottega_trainer::weights::write_safetensors;

/// What is exported how.
#[derive(Debug, clap::Args)]
pub(crate) struct ExportModelArgs {
    /// The model: a checkpoint that `bottega train` wrote
    checkpoint: PathBuf,

    /// The file: `.onnx` for the published runtime, `.safetensors` for the weights alone
    #[arg(long)]
    out: PathBuf,

    /// Width and height that an ONNX model takes; the published runtime wants 512x512
    #[arg(long, default_value = "512x512", value_parser = super::size)]
    size: [usize; 2],

    /// Only these heads of an ONNX model, such as alpha; by default all
    #[arg(long, value_delimiter = ',', value_parser = super::task)]
    tasks: Vec<Task>,

    /// Write JSON for machines
    #[arg(long)]
    json: bool,
}

/// Exports.
pub(crate) fn run(args: &ExportModelArgs) -> Result<ExitCode> {
    let checkpoint = Checkpoint::read(&args.checkpoint)?;
    let (weights, mut card) = (checkpoint.weights(), checkpoint.info.card());
    if !args.tasks.is_empty() {
        let tasks = args.tasks.iter();
        if let Some(task) = tasks.clone().find(|task| !card.config.tasks.contains(task)) {
            bail!("--tasks: the model has no head for {}", task.name());
        }
        card.config.tasks = tasks.copied().collect();
    }
    let ending = args.out.extension().and_then(|ending| ending.to_str());
    let told = match ending {
        Some("onnx") => {
            let [width, height] = args.size;
            let report = write_onnx(&args.out, &card, &weights, [height, width])?;
            Exported {
                bytes: report.bytes,
                nodes: Some(report.nodes),
            }
        }
        Some("safetensors") => Exported {
            bytes: write_safetensors(&args.out, &weights, &card.metadata())?,
            nodes: None,
        },
        _ => bail!(
            "--out {}: wanted a name that ends in .onnx or .safetensors",
            args.out.display()
        ),
    };
    if args.json {
        super::print_json(&told)?;
    } else {
        let mib = told.bytes as f64 / f64::from(1_u32 << 20);
        super::print(&format!("{}: {mib:.2} MiB\n", args.out.display()))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// What was written.
#[derive(Debug, Serialize)]
struct Exported {
    /// Length of the file.
    bytes: u64,
    /// Operations of an ONNX graph.
    #[serde(skip_serializing_if = "Option::is_none")]
    nodes: Option<usize>,
}
