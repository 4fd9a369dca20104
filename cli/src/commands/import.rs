//! `bottega import`: samples that others made become a dataset.

use std::path::PathBuf;

use anyhow::Result;
use clap::ValueEnum;

use bottega_format::layout::synthhuman::{ImportJob, ImportReport, NormalOrder, import};

use crate::commands::Outcome;
use crate::output;
use crate::progress::Progress;

/// What is imported.
#[derive(Debug, clap::Args)]
pub(crate) struct ImportArgs {
    #[command(subcommand)]
    layout: Layout,
}

#[derive(Debug, clap::Subcommand)]
enum Layout {
    /// Files rgb_, alpha_, depth_, normal_ and cam_NNNNNNN, in a folder or in zip archives
    Synthhuman(SynthHumanArgs),
}

#[derive(Debug, clap::Args)]
struct SynthHumanArgs {
    /// Folders, zip archives (read without unpacking), or folders of archives
    #[arg(required = true, value_name = "DIR|ZIP")]
    sources: Vec<PathBuf>,

    /// Folder that receives the dataset; a run that was stopped is taken up again
    #[arg(long, value_name = "DIR")]
    out: PathBuf,

    /// Name of the dataset [default: the name of the folder]
    #[arg(long)]
    name: Option<String>,

    /// The files are the official SynthHuman: indices tell the framing, and the licence is
    /// CDLA-Permissive-2.0
    #[arg(long)]
    official: bool,

    /// Licence of the files, as an SPDX expression
    #[arg(long, value_name = "SPDX")]
    license: Option<String>,

    /// Split of the samples
    #[arg(long, default_value = "train", value_parser = ["train", "val", "test"])]
    split: String,

    /// Leave out samples of which files are missing, rather than stop
    #[arg(long)]
    allow_partial: bool,

    /// Axes of the channels R, G, B of normals; left out, they are found
    #[arg(long, value_name = "ORDER")]
    normal_order: Option<Order>,

    /// Samples in a shard
    #[arg(long, value_name = "K", default_value_t = 256,
          value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    shard_size: u64,

    /// Replace what another run left in the folder
    #[arg(long)]
    overwrite: bool,

    /// Write JSON for machines
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Order {
    /// R=X, G=Y, B=Z
    Xyz,
    /// R=Z, G=Y, B=X, as OpenCV writes (X, Y, Z)
    Zyx,
}

/// Imports; samples that were left out are told.
pub(crate) fn run(args: &ImportArgs) -> Result<Outcome> {
    let Layout::Synthhuman(args) = &args.layout;
    let folder = args.out.file_name().unwrap_or_default().to_string_lossy();
    let license = if args.official {
        "CDLA-Permissive-2.0"
    } else {
        "NOASSERTION"
    };
    let job = ImportJob {
        sources: &args.sources,
        out: &args.out,
        dataset: args.name.as_deref().unwrap_or(&folder),
        split: &args.split,
        license: args.license.as_deref().unwrap_or(license),
        is_official: args.official,
        allow_partial: args.allow_partial,
        normal_order: args.normal_order.map(|order| match order {
            Order::Xyz => NormalOrder::Xyz,
            Order::Zyx => NormalOrder::Zyx,
        }),
        shard_size: args.shard_size,
        overwrite: args.overwrite,
    };
    let mut progress = None;
    let report = import(&job, |done, total| {
        progress
            .get_or_insert_with(|| Progress::new("samples", total))
            .update(done, 0);
    })?;
    drop(progress);
    if args.json {
        output::print_json(&report)?;
    } else {
        eprint!("{}", describe(&report));
    }
    Ok(Outcome::Done)
}

fn describe(report: &ImportReport) -> String {
    let ImportReport {
        pixels, normals, ..
    } = report;
    let order = match normals.order {
        NormalOrder::Xyz => "R=X G=Y B=Z",
        NormalOrder::Zyx => "B=X G=Y R=Z",
    };
    let mut text = format!("{} samples, normals stored as {order}", report.samples);
    text += if normals.is_unsigned {
        ", as (n + 1) / 2"
    } else {
        ""
    };
    text += if normals.is_opencv {
        ", with Y down and Z forward"
    } else {
        ""
    };
    text += "\n";
    for sample in &report.incomplete {
        text += &format!(
            "left out {:07}: no {}\n",
            sample.index,
            sample.missing.join(", no ")
        );
    }
    let mut tell = |n: u64, what: &str| {
        if n > 0 {
            text += &format!("{n} {what}\n");
        }
    };
    tell(
        pixels.pictures_reencoded,
        "pictures were encoded again as 8-bit PNG",
    );
    tell(
        pixels.foreground_without_depth_px,
        "pixels of the person have no depth",
    );
    tell(
        pixels.surface_outside_alpha_px,
        "pixels with a surface outside alpha were cleared",
    );
    tell(
        pixels.normal_length_px,
        "normals had a length outside 0.9 to 1.1",
    );
    tell(
        pixels.normals_renormalized_px,
        "normals were made unit vectors",
    );
    tell(
        pixels.normal_code_differs,
        "samples seem to store normals in another way",
    );
    text
}
