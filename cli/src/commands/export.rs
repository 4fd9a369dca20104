//! `bottega export`: a dataset in a layout that others read.

use std::path::PathBuf;

use anyhow::Result;

use bottega_format::layout::{Export, coco, face_synthetics, npz, synthhuman, webdataset};

use crate::commands::Outcome;
use crate::output;
use crate::progress::Progress;

/// What is exported.
#[derive(Debug, clap::Args)]
pub(crate) struct ExportArgs {
    #[command(subcommand)]
    layout: Layout,
}

#[derive(Debug, clap::Subcommand)]
enum Layout {
    /// Files rgb_, alpha_, depth_, normal_ and cam_NNNNNNN: depth in centimetres, 65504 for none
    Synthhuman(SynthHumanArgs),
    /// Tar archives with the files of a sample under one key: metres, as in the shards
    Webdataset(WebDatasetArgs),
    /// Pictures with boxes and run-length masks of persons and, where known, their parts
    Coco(PlainArgs),
    /// NumPy arrays, one file a sample, and labels as JSON lines
    Npz(PlainArgs),
    /// Pictures and segmentation maps, where parts are known
    Facesynthetics(FaceSyntheticsArgs),
}

/// What every layout needs.
#[derive(Debug, clap::Args)]
struct CommonArgs {
    /// Dataset folder, or a single shard
    dataset: PathBuf,

    /// Folder that receives the files; an export that was stopped is taken up again
    #[arg(long, value_name = "DIR")]
    out: PathBuf,

    /// Export the samples of this split alone
    #[arg(long, value_name = "NAME")]
    split: Option<String>,

    /// Replace another export in the folder
    #[arg(long)]
    overwrite: bool,

    /// Write JSON for machines
    #[arg(long)]
    json: bool,
}

#[derive(Debug, clap::Args)]
struct SynthHumanArgs {
    #[command(flatten)]
    common: CommonArgs,

    /// Write half floats: smaller, depth in steps of up to 5 mm at 10 m
    #[arg(long)]
    half: bool,

    /// Write zip archives of 5000 samples
    #[arg(long)]
    zip: bool,

    /// First part of the names of archives
    #[arg(long, default_value = "SynthHuman", requires = "zip")]
    prefix: String,
}

#[derive(Debug, clap::Args)]
struct PlainArgs {
    #[command(flatten)]
    common: CommonArgs,
}

#[derive(Debug, clap::Args)]
struct WebDatasetArgs {
    #[command(flatten)]
    common: CommonArgs,

    /// Samples in an archive
    #[arg(long, value_name = "N", default_value_t = 1000,
          value_parser = clap::builder::RangedU64ValueParser::<usize>::new().range(1..=1_000_000))]
    samples_per_archive: usize,
}

#[derive(Debug, clap::Args)]
struct FaceSyntheticsArgs {
    #[command(flatten)]
    common: CommonArgs,

    /// Go without landmarks, for samples that have none
    #[arg(long)]
    no_landmarks: bool,
}

impl CommonArgs {
    fn job(&self) -> Export<'_> {
        Export {
            dataset: &self.dataset,
            out: &self.out,
            split: self.split.as_deref(),
            overwrite: self.overwrite,
        }
    }
}

/// Exports.
pub(crate) fn run(args: &ExportArgs) -> Result<Outcome> {
    let mut progress = None;
    let watch = |done, total| {
        progress
            .get_or_insert_with(|| Progress::new("samples", total))
            .update(done, 0);
    };
    match &args.layout {
        Layout::Synthhuman(args) => {
            let job = synthhuman::ExportJob {
                is_half: args.half,
                is_zip: args.zip,
                prefix: &args.prefix,
                export: args.common.job(),
                ..synthhuman::ExportJob::new(&args.common.dataset, &args.common.out)
            };
            let report = synthhuman::export(&job, watch)?;
            tell(&args.common, &report, report.samples, &[])
        }
        Layout::Webdataset(args) => {
            let report = webdataset::export(&args.common.job(), args.samples_per_archive, watch)?;
            tell(&args.common, &report, report.samples, &report.left_out)
        }
        Layout::Coco(args) => {
            let report = coco::export(&args.common.job(), watch)?;
            tell(&args.common, &report, report.samples, &report.left_out)
        }
        Layout::Npz(args) => {
            let report = npz::export(&args.common.job(), watch)?;
            tell(&args.common, &report, report.samples, &report.left_out)
        }
        Layout::Facesynthetics(args) => {
            let job = args.common.job();
            let report = face_synthetics::export(&job, !args.no_landmarks, watch)?;
            tell(&args.common, &report, report.samples, &report.left_out)
        }
    }
}

fn tell(
    args: &CommonArgs,
    report: &impl serde::Serialize,
    samples: u64,
    left_out: &[&str],
) -> Result<Outcome> {
    if args.json {
        output::print_json(report)?;
        return Ok(Outcome::Done);
    }
    for what in left_out {
        eprintln!("left out: {what}");
    }
    eprintln!("{samples} samples in {}", args.out.display());
    Ok(Outcome::Done)
}
