//! The commands, one file each.

mod assets;
mod audit;
mod cache;
mod diff;
mod doctor;
mod export;
mod generate;
mod import;
mod inspect;
mod load;
mod model_info;
mod preview;
mod render;
mod report;
mod shard;
mod stats;
mod trainer;
mod verify;
mod view;

use anyhow::Result;

use crate::global::GlobalArgs;

/// How a command ended that did not fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// All is done.
    Done,
    /// A check found something.
    Found,
}

/// What to do.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// List or verify the assets that people and scenes are made of
    Assets(assets::AssetsArgs),
    /// Show what this machine offers, and how to mend what is missing
    Doctor(doctor::DoctorArgs),
    /// Render a range of a recipe's samples into a dataset
    Generate(generate::GenerateArgs),
    /// Draw a contact sheet of a recipe's samples, or of a dataset, with all planes
    Preview(preview::PreviewArgs),
    /// Render one sample again from its scene document alone
    Render(render::RenderArgs),
    /// Show channels, ranges and labels of an EXR sample, a shard or one of its rows
    Inspect(inspect::InspectArgs),
    /// Put a folder of EXR samples into a dataset of Parquet shards
    Shard(shard::ShardArgs),
    /// Make a dataset of samples that others made
    Import(import::ImportArgs),
    /// Write a dataset in a layout that others read
    Export(export::ExportArgs),
    /// Check that a dataset is whole and means what it says; exit code 1 on a finding
    Verify(verify::VerifyArgs),
    /// Compare two datasets: samples, labels, provenance; exit code 1 if they differ
    Diff(diff::DiffArgs),
    /// Check who is in a dataset and how they are pictured; exit code 1 past a limit
    Audit(audit::AuditArgs),
    /// Write one HTML page about a dataset that opens offline: pictures, charts, audit
    Report(report::ReportArgs),
    /// Show every sample of a dataset in a browser: filters, planes, point clouds, labels
    View(view::ViewArgs),
    /// Show how every sampled attribute of a dataset is distributed
    Stats(stats::StatsArgs),
    /// Write a local copy of a dataset's planes that is cheaper to decode, for training
    Cache(cache::CacheArgs),
    /// Read a dataset as training would, in a shuffled and resumable order, and tell how fast
    Load(load::LoadArgs),
    /// Show parameters and operations of the models that can be trained
    ModelInfo(model_info::ModelInfoArgs),
    /// Train a model on datasets, or go on with a run (bottega-train)
    Train(trainer::TrainerArgs),
    /// Measure a model on a dataset: the paper's metrics, by any label (bottega-train)
    Evaluate(trainer::TrainerArgs),
    /// Show depth, normals, alpha and cut-out of photographs (bottega-train)
    Predict(trainer::TrainerArgs),
    /// Write a model for others: safetensors or ONNX (bottega-train)
    ExportModel(trainer::TrainerArgs),
}

/// Runs a command.
pub(crate) fn run(command: Command, global: &GlobalArgs) -> Result<Outcome> {
    match command {
        Command::Assets(args) => assets::run(&args, global),
        Command::Cache(args) => cache::run(&args),
        Command::Diff(args) => diff::run(&args),
        Command::Doctor(args) => doctor::run(&args, global),
        Command::Inspect(args) => inspect::run(&args),
        Command::Load(args) => load::run(&args),
        Command::Preview(args) => preview::run(&args, global),
        Command::Render(args) => render::run(&args, global),
        Command::Generate(args) => generate::run(&args, global),
        Command::Shard(args) => shard::run(&args),
        Command::Import(args) => import::run(&args),
        Command::Export(args) => export::run(&args),
        Command::Verify(args) => verify::run(&args),
        Command::Audit(args) => audit::run(&args),
        Command::Report(args) => report::run(&args),
        Command::ModelInfo(args) => model_info::run(&args),
        Command::Train(args) => trainer::run("train", &args),
        Command::Evaluate(args) => trainer::run("evaluate", &args),
        Command::Predict(args) => trainer::run("predict", &args),
        Command::ExportModel(args) => trainer::run("export-model", &args),
        Command::Stats(args) => stats::run(&args),
        Command::View(args) => view::run(&args),
    }
}
