//! `bottega-train`: what needs LibTorch. `bottega train`, `evaluate`, `predict` and `export-model`
//! start it with their arguments.
//!
//! Exit codes: 0 all is done, 2 an error; a run that was interrupted ends with 130.

mod commands;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Trains, measures, uses and exports models that see depth, normals and soft foreground
#[derive(Debug, Parser)]
#[command(name = "bottega-train", version, max_term_width = 100)]
struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Train a model on datasets, or go on with a run
    Train(commands::train::TrainArgs),
    /// Measure a model on a dataset or a benchmark: the paper's metrics, by any label
    Evaluate(commands::evaluate::EvaluateArgs),
    /// Show depth, normals, alpha and cut-out of photographs
    Predict(commands::predict::PredictArgs),
    /// Write a model for others: safetensors, or ONNX for the published runtime
    ExportModel(commands::export_model::ExportModelArgs),
    /// Show which LibTorch is linked and which devices it sees
    Doctor(commands::doctor::DoctorArgs),
}

fn main() -> ExitCode {
    commands::quiet_panics();
    let args = Args::parse();
    commands::start_log();
    let outcome = match &args.command {
        Command::Train(args) => commands::train::run(args),
        Command::Evaluate(args) => commands::evaluate::run(args),
        Command::Predict(args) => commands::predict::run(args),
        Command::ExportModel(args) => commands::export_model::run(args),
        Command::Doctor(args) => commands::doctor::run(args),
    };
    match outcome {
        Ok(code) => code,
        Err(error) => commands::failed(&error),
    }
}
