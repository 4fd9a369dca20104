//! `bottega predict`: photographs in; depth, normals, alpha, cut-out and a sheet of all out.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;

use bottega_schemas::train::{DeviceChoice, Precision, RunConfig};
use bottega_trainer::checkpoint::Checkpoint;
use bottega_trainer::evaluate::ModelPredictor;
use bottega_trainer::predict::{FileOptions, Picture, check_stems, predict, write_prediction};
use bottega_trainer::train::Compute;

/// What is looked at.
#[derive(Debug, clap::Args)]
pub(crate) struct PredictArgs {
    /// The model: a checkpoint that `bottega train` wrote
    checkpoint: PathBuf,

    /// Photographs: PNG, JPEG or WebP, of any size
    #[arg(required = true)]
    images: Vec<PathBuf>,

    /// Folder of the results
    #[arg(long)]
    out: PathBuf,

    /// Write no EXR files, which hold depth and normals in full precision
    #[arg(long)]
    no_exr: bool,

    /// Where it runs: auto, cpu, cuda
    #[arg(long, default_value = "auto", value_parser = super::device)]
    device: DeviceChoice,

    /// Write JSON for machines: the files of each photograph
    #[arg(long)]
    json: bool,
}

/// Predicts.
pub(crate) fn run(args: &PredictArgs) -> Result<ExitCode> {
    check_stems(&args.images)?;
    let checkpoint = Checkpoint::read(&args.checkpoint)?;
    let run = RunConfig {
        device: args.device,
        precision: Precision::Auto,
        ..RunConfig::default()
    };
    let compute = Compute::of_run(&run, 0)?;
    let predictor = ModelPredictor::new(&checkpoint, compute)?;
    let mut reports = Vec::new();
    for image in &args.images {
        let picture = Picture::read(image)?;
        let prediction = predict(&picture, &predictor)?;
        let options = FileOptions {
            is_exr: !args.no_exr,
        };
        let report = write_prediction(&args.out, image, &picture, &prediction, options)?;
        if !args.json {
            for file in report.files.values() {
                super::print(&format!("{}\n", args.out.join(file).display()))?;
            }
        }
        reports.push(report);
    }
    if args.json {
        super::print_json(&reports)?;
    }
    Ok(ExitCode::SUCCESS)
}
