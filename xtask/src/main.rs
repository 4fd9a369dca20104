//! Developer tasks, run as `cargo xtask TASK` from anywhere in the tree.
//!
//! Thin on purpose: a task starts cargo, Python or the built `bottega`, and depends on none of the
//! product's crates beyond what packing the assets needs.

mod bench;
mod demo;
mod libtorch;
mod pack_assets;
mod run;
mod schemas;
mod test;
mod tidy;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Developer tasks of bottega
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Args {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Build, generate a small dataset, verify it, count it and draw a contact sheet
    Demo(demo::DemoArgs),
    /// Run every check and every test that CI runs, but for formatting and lints
    Test(test::TestArgs),
    /// Measure, and print the tables of docs/benchmarks.md
    Bench(bench::BenchArgs),
    /// Install the LibTorch that the trainer links, and print the line that a shell needs to build it
    Libtorch(libtorch::LibTorchArgs),
    /// Check the rules of the house: imports, file sizes, links, words, recipes
    Tidy,
    /// Write the JSON Schemas of the documents people write, or check that they are current
    Schemas(schemas::SchemasArgs),
    /// Build the embedded asset pack from the pinned packages, or check that it is current
    PackAssets(pack_assets::PackAssetsArgs),
}

fn main() -> ExitCode {
    let args = Args::parse();
    let outcome = match args.task {
        Task::Demo(args) => demo::run(&args),
        Task::Test(args) => test::run(&args),
        Task::Bench(args) => bench::run(&args),
        Task::Libtorch(args) => libtorch::run(&args),
        Task::Tidy => tidy::run(),
        Task::Schemas(args) => schemas::run(&args),
        Task::PackAssets(args) => pack_assets::run(&args),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(err) => {
            eprintln!("error: {err:#}");
            ExitCode::FAILURE
        }
    }
}
