//! `bottega-train doctor`: which LibTorch is linked, and what it sees.

use std::process::ExitCode;

use anyhow::Result;
use serde::Serialize;
use tch::Cuda;

/// How the findings are told.
#[derive(Debug, clap::Args)]
pub(crate) struct DoctorArgs {
    /// Write JSON for machines
    #[arg(long)]
    json: bool,
}

/// What is found.
#[derive(Debug, Serialize)]
struct Findings {
    /// Version of LibTorch that this program was built for.
    libtorch: &'static str,
    /// Whether LibTorch sees a GPU.
    cuda: bool,
    /// Number of GPUs.
    gpus: i64,
    /// Whether cuDNN is there.
    cudnn: bool,
    /// Threads of one operation on the CPU.
    threads: i32,
    /// What carries gradients between processes.
    collectives: Vec<&'static str>,
}

/// The version that the pinned tch binds.
const LIBTORCH: &str = "2.11.0";

/// Looks and tells.
pub(crate) fn run(args: &DoctorArgs) -> Result<ExitCode> {
    let mut collectives = vec!["tcp"];
    if cfg!(feature = "mpi") {
        collectives.push("mpi");
    }
    if cfg!(feature = "nccl") {
        collectives.push("nccl");
    }
    let findings = Findings {
        libtorch: LIBTORCH,
        cuda: Cuda::is_available(),
        gpus: Cuda::device_count(),
        cudnn: Cuda::cudnn_is_available(),
        threads: tch::get_num_threads(),
        collectives,
    };
    if args.json {
        super::print_json(&findings)?;
    } else {
        let gpus = match (findings.cuda, findings.gpus) {
            (true, n) => format!(
                "{n}, cuDNN {}",
                if findings.cudnn { "there" } else { "missing" }
            ),
            (false, _) => "none".to_owned(),
        };
        super::print(&format!(
            "LibTorch {LIBTORCH}\nGPUs     {gpus}\nthreads  {}\nprocesses over {}\n",
            findings.threads,
            findings.collectives.join(", ")
        ))?;
    }
    Ok(ExitCode::SUCCESS)
}
