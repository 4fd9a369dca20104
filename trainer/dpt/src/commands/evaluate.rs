//! `bottega evaluate`: the paper's metrics of a model on a dataset, by any label.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;

use bottega_format::write_predictions;
use bottega_schemas::TrainConfig;
use bottega_schemas::train::{DeviceChoice, Precision, RunConfig};
use bottega_trainer::benchmark::{Benchmark, Layout};
use bottega_trainer::checkpoint::Checkpoint;
use bottega_trainer::data::{DataSources, Evaluation, HeldOut, planes_of};
use bottega_trainer::evaluate::{EvaluationReport, Subject, measure, sizing};
use bottega_trainer::train::Compute;

/// What is measured on what.
#[derive(Debug, clap::Args)]
pub(crate) struct EvaluateArgs {
    /// The model: a checkpoint that `bottega train` wrote
    checkpoint: PathBuf,

    /// The dataset, or the folder of a benchmark
    dataset: PathBuf,

    /// Layout of a benchmark that others made: hi4d, ppm100, p3m500, aim500, photomatte85, or plain
    /// for folders rgb, depth, normal, alpha, mask, trimap
    #[arg(long, value_parser = Layout::parse, conflicts_with_all = ["held_out", "samples"])]
    layout: Option<Layout>,

    /// Labels that samples are grouped by, such as framing,skin_tone_mst; by default framing, for a
    /// benchmark its subsets
    #[arg(long, value_delimiter = ',')]
    by: Vec<String>,

    /// Only the people that the run of the model held out of this dataset
    #[arg(long)]
    held_out: bool,

    /// At most this many samples, chosen by a hash of their names
    #[arg(long)]
    samples: Option<u64>,

    /// Write the value of every metric of every sample, for `bottega audit --predictions`
    #[arg(long, value_name = "FILE.parquet")]
    predictions: Option<PathBuf>,

    /// Name of the model in tables and predictions; by default the checkpoint's file name
    #[arg(long)]
    name: Option<String>,

    /// Where it runs: auto, cpu, cuda
    #[arg(long, default_value = "auto", value_parser = super::device)]
    device: DeviceChoice,

    /// Write JSON for machines
    #[arg(long)]
    json: bool,
}

/// Measures.
pub(crate) fn run(args: &EvaluateArgs) -> Result<ExitCode> {
    let checkpoint = Checkpoint::read(&args.checkpoint)?;
    let info = &checkpoint.info;
    let run = RunConfig {
        device: args.device,
        precision: Precision::Auto,
        ..RunConfig::default()
    };
    let compute = Compute::of_run(&run, 0)?;
    let model = checkpoint.model(compute.device, compute.kind)?;
    let sizing = sizing(&info.config);
    let mut scores = Vec::new();
    let mut take = |subject: &Subject<'_>| -> Result<()> {
        scores.push(measure(&model, sizing, None, subject)?.scores);
        if scores.len().is_multiple_of(100) {
            eprintln!("{} pictures measured", scores.len());
        }
        Ok(())
    };
    if let Some(layout) = args.layout {
        for sample in Benchmark::open(layout, &args.dataset)?.samples() {
            take(&(&sample?).into())?;
        }
    } else {
        let planes = planes_of(&info.model.tasks);
        for sample in Evaluation::new(&rows(args, &info.config)?, planes, 0, (0, 1))? {
            take(&(&sample?).into())?;
        }
    }
    let usual = match args.layout {
        None => "framing",
        Some(_) => "subset",
    };
    let mut by = args.by.clone();
    if by.is_empty() && scores.iter().any(|one| one.labels.contains_key(usual)) {
        by.push(usual.to_owned());
    }
    let stem = |path: &PathBuf| {
        let name = path.file_stem().unwrap_or(path.as_os_str());
        name.to_string_lossy().into_owned()
    };
    let name = args.name.clone().unwrap_or_else(|| stem(&args.checkpoint));
    super::check_labels(&by, &scores)?;
    if let Some(path) = &args.predictions {
        let rows: Vec<_> = scores
            .iter()
            .flat_map(|one| one.predictions(&name))
            .collect();
        write_predictions(path, &rows)?;
    }
    let report = EvaluationReport::new(&name, &stem(&args.dataset), &by, &scores);
    if args.json {
        super::print_json(&report)?;
    } else {
        super::print(&report.to_table())?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The rows that are asked for.
fn rows(args: &EvaluateArgs, trained: &TrainConfig) -> Result<Vec<HeldOut>> {
    let mut rows = vec![HeldOut::whole(&args.dataset)?];
    if args.held_out {
        let mut data = trained.data.clone();
        data.datasets.truncate(1);
        data.datasets[0].path.clone_from(&args.dataset);
        data.datasets[0].cache = None;
        data.quota = None;
        rows = DataSources::open(&data, trained.run.seed)?.held_out;
    }
    if let Some(samples) = args.samples {
        rows = HeldOut::some(&rows, samples, trained.run.seed)?;
    }
    Ok(rows)
}
