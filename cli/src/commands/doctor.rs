//! `bottega doctor`: what this machine offers, and how to mend what is missing.

use std::path::PathBuf;

use anyhow::Result;
use serde::Serialize;

use crate::commands::Outcome;
use crate::cpu;
use crate::global::GlobalArgs;
use crate::output;

/// How the findings are told.
#[derive(Debug, clap::Args)]
pub(crate) struct DoctorArgs {
    /// Write JSON for machines
    #[arg(long)]
    json: bool,
}

/// One thing that was looked at.
#[derive(Debug, Serialize)]
struct Item {
    name: &'static str,
    state: State,
    found: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    remedy: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum State {
    /// It is there.
    Good,
    /// It is not there, and nothing that this program does needs it.
    Absent,
    /// It is needed and missing or broken.
    Bad,
}

/// Looks, tells, and reports whether something that is needed is missing.
pub(crate) fn run(args: &DoctorArgs, global: &GlobalArgs) -> Result<Outcome> {
    let items = [
        version(),
        processor(),
        cores(),
        memory(),
        assets(global),
        libtorch(),
        cuda(),
    ];
    if args.json {
        output::print_json(&items)?;
    } else {
        let mut text = String::new();
        for item in &items {
            let mark = match item.state {
                State::Good => "ok",
                State::Absent => "--",
                State::Bad => "BAD",
            };
            text += &format!("{mark:>3}  {:<12} {}\n", item.name, item.found);
            if let Some(remedy) = &item.remedy {
                text += &format!("     {:<12} {remedy}\n", "");
            }
        }
        output::print(&text)?;
    }
    let is_bad = items.iter().any(|item| item.state == State::Bad);
    Ok(if is_bad {
        Outcome::Found
    } else {
        Outcome::Done
    })
}

fn good(name: &'static str, found: String) -> Item {
    Item {
        name,
        state: State::Good,
        found,
        remedy: None,
    }
}

fn version() -> Item {
    let (os, arch) = (std::env::consts::OS, std::env::consts::ARCH);
    good(
        "bottega",
        format!("{} on {os} {arch}", env!("CARGO_PKG_VERSION")),
    )
}

/// The program would not have come so far without its baseline.
fn processor() -> Item {
    good("processor", format!("has all of {}", cpu::BASELINE))
}

fn cores() -> Item {
    match std::thread::available_parallelism() {
        Ok(cores) => good(
            "cores",
            format!("{cores} available, {} used", rayon::current_num_threads()),
        ),
        Err(err) => Item {
            name: "cores",
            state: State::Bad,
            found: format!("cannot be counted: {err}"),
            remedy: Some("pass --threads N".to_owned()),
        },
    }
}

fn memory() -> Item {
    let kib = std::fs::read_to_string("/proc/meminfo")
        .ok()
        .and_then(|text| {
            let line = text
                .lines()
                .find(|line| line.starts_with("MemAvailable:"))?;
            line.split_whitespace().nth(1)?.parse::<f64>().ok()
        });
    match kib {
        Some(kib) => good(
            "memory",
            format!("{:.1} GiB available", kib / (1024.0 * 1024.0)),
        ),
        None => good("memory", "not known on this system".to_owned()),
    }
}

fn assets(global: &GlobalArgs) -> Item {
    let bad = |found: String| Item {
        name: "assets",
        state: State::Bad,
        found,
        remedy: Some("`bottega assets verify` names each damaged asset".to_owned()),
    };
    match super::assets::open(global) {
        Err(err) => bad(format!("{err:#}")),
        Ok(store) => match store.verify().len() {
            0 => {
                let n_environments = store.environments().len();
                let n_assets = store.list().len();
                good(
                    "assets",
                    format!("{n_assets}, of which {n_environments} environments"),
                )
            }
            n_findings => bad(format!("{n_findings} are damaged")),
        },
    }
}

/// LibTorch is looked for where its build scripts look.
fn libtorch() -> Item {
    let root = std::env::var_os("LIBTORCH").map(PathBuf::from);
    let name = "LibTorch";
    match root {
        None => Item {
            name,
            state: State::Absent,
            found: "LIBTORCH is not set; nothing here needs it".to_owned(),
            remedy: None,
        },
        Some(root) => {
            let has_library = ["so", "dylib"].iter().any(|ext| {
                root.join("lib")
                    .join(format!("libtorch_cpu.{ext}"))
                    .exists()
            });
            if has_library {
                let version = std::fs::read_to_string(root.join("build-version"));
                let version = version
                    .map_or_else(|_| "of unknown version".to_owned(), |v| v.trim().to_owned());
                good(name, format!("{version} in {}", root.display()))
            } else {
                Item {
                    name,
                    state: State::Absent,
                    found: format!("LIBTORCH is {}, which holds no library", root.display()),
                    remedy: Some(
                        "unset it, or name the folder that holds lib/libtorch_cpu".to_owned(),
                    ),
                }
            }
        }
    }
}

/// The driver's own file is read; no graphics card is touched.
fn cuda() -> Item {
    match std::fs::read_to_string("/proc/driver/nvidia/version") {
        Ok(text) => good("CUDA", text.lines().next().unwrap_or_default().to_owned()),
        Err(_) => Item {
            name: "CUDA",
            state: State::Absent,
            found: "no driver; nothing here needs one".to_owned(),
            remedy: None,
        },
    }
}
