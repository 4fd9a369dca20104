//! LibTorch from the pinned PyTorch wheel, in a local environment under the target folder.
//!
//! The wheel for Linux is built for CUDA and weighs 4 GB with what it needs. Where there is no
//! NVIDIA GPU, only the libraries that the CPU uses are kept (0.45 GB): `libtorch_cpu` needs two
//! small CUDA libraries to load, and nothing else of it.

#![allow(clippy::print_stdout, reason = "a shell reads the one line on stdout")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};

use crate::run::{cargo, output, run as run_command, target_dir};
use crate::test::make_environment;

/// The version that the pinned `tch` binds.
const TORCH: &str = "torch==2.11.0";

/// What `libtorch_cpu` of that wheel links besides itself.
const CPU_COMPANIONS: [&str; 2] = ["nvidia-cuda-runtime==13.0.96", "nvidia-cuda-cupti==13.0.85"];

/// Libraries of the wheel that only work with the CUDA packages, or with Python.
const NOT_FOR_CPU: [&str; 9] = [
    "libtorch.so",
    "libtorch_cuda.so",
    "libtorch_cuda_linalg.so",
    "libc10_cuda.so",
    "libtorch_nvshmem.so",
    "libcaffe2_nvrtc.so",
    "libtorch_python.so",
    "libtorch_global_deps.so",
    "libshm.so",
];

/// How the folder is told.
#[derive(Debug, clap::Args)]
pub(crate) struct LibTorchArgs {
    /// Install the CUDA build though no GPU is found here
    #[arg(long, conflicts_with = "cpu")]
    cuda: bool,

    /// Install the CPU cut though a GPU is found here
    #[arg(long)]
    cpu: bool,
}

/// Makes the environment and prints the line that a shell needs to build the trainer.
pub(crate) fn run(args: &LibTorchArgs) -> Result<()> {
    let cuda = args.cuda || (!args.cpu && has_gpu());
    println!("export LIBTORCH={}", environment(cuda)?.display());
    Ok(())
}

/// A cargo command with LibTorch, for whatever builds the trainer.
pub(crate) fn cargo_with_libtorch() -> Result<Command> {
    let mut command = cargo();
    command.env("LIBTORCH", folder()?);
    Ok(command)
}

/// The folder with `include` and `lib`: the caller's `LIBTORCH`, or a local environment.
fn folder() -> Result<PathBuf> {
    match std::env::var_os("LIBTORCH") {
        Some(folder) => Ok(folder.into()),
        None => environment(has_gpu()),
    }
}

fn has_gpu() -> bool {
    Path::new("/proc/driver/nvidia/version").exists()
}

/// Installs the wheel unless that was done before.
fn environment(cuda: bool) -> Result<PathBuf> {
    let dir = target_dir()?.join(if cuda {
        "libtorch-cuda"
    } else {
        "libtorch-cpu"
    });
    let stamp_path = dir.join("installed");
    if let Ok(stamp) = fs::read_to_string(&stamp_path)
        && let Some((TORCH, folder)) = stamp.split_once('\n')
        && Path::new(folder).join("lib/libtorch_cpu.so").exists()
    {
        return Ok(folder.into());
    }
    make_environment(&dir)?;
    let python = dir.join("bin/python");
    let mut pip = Command::new(&python);
    pip.args(["-m", "pip", "install", "--disable-pip-version-check"]);
    pip.arg("--quiet").arg(TORCH);
    if cuda {
        // torch-sys asks Python for the flags of the CUDA build.
        pip.args(["numpy", "setuptools"]);
    } else {
        pip.arg("--no-deps").args(CPU_COMPANIONS);
    }
    // Quiet or not, what is on stdout of this task is meant for a shell.
    pip.stdout(std::io::stderr());
    run_command(&mut pip).with_context(|| format!("cannot install {TORCH}"))?;

    let ask = "import sysconfig; print(sysconfig.get_path('purelib'), end='')";
    let site = output(Command::new(&python).args(["-c", ask]))?;
    let site = String::from_utf8(site).context("Python's folder of packages is not UTF-8")?;
    let folder = Path::new(&site).join("torch");
    if !cuda {
        cut(&folder.join("lib"))?;
    }
    let stamp = format!("{TORCH}\n{}", folder.display());
    fs::write(&stamp_path, stamp)
        .with_context(|| format!("cannot write {}", stamp_path.display()))?;
    Ok(folder)
}

/// Leaves in `lib` what works without the CUDA packages.
fn cut(lib: &Path) -> Result<()> {
    for name in NOT_FOR_CPU {
        let path = lib.join(name);
        if path.exists() {
            fs::remove_file(&path).with_context(|| format!("cannot remove {}", path.display()))?;
        }
    }
    // The wheel's libtorch.so names the CUDA library as needed; for the CPU it holds nothing else.
    #[cfg(unix)]
    std::os::unix::fs::symlink("libtorch_cpu.so", lib.join("libtorch.so"))
        .with_context(|| format!("cannot link libtorch.so in {}", lib.display()))?;
    Ok(())
}
