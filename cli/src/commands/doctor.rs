//! `bottega doctor`: what this machine offers, and how to mend what is missing.

use std::process::Command;

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
        trainer(),
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

/// The trainer's program is asked: it alone knows which LibTorch it loads.
fn trainer() -> Item {
    let name = "trainer";
    let absent = |found: String, remedy: &str| Item {
        name,
        state: State::Absent,
        found,
        remedy: Some(remedy.to_owned()),
    };
    let program = match super::trainer::find() {
        Ok(program) => program,
        Err(err) => {
            let remedy = "`eval \"$(cargo xtask libtorch)\" && cargo build --release -p \
                          bottega_trainer` builds it";
            return absent(format!("{err:#}; only training needs it"), remedy);
        }
    };
    let asked = Command::new(&program).args(["doctor", "--json"]).output();
    let told = asked.ok().filter(|asked| asked.status.success());
    let told: Option<serde_json::Value> =
        told.and_then(|told| serde_json::from_slice(&told.stdout).ok());
    match told {
        Some(told) => good(
            name,
            format!(
                "LibTorch {}, {} GPUs, in {}",
                told["libtorch"].as_str().unwrap_or("of unknown version"),
                told["gpus"],
                program.display()
            ),
        ),
        None => absent(
            format!("{} does not start", program.display()),
            "LibTorch 2.11.0 must lie where it was built, or in LD_LIBRARY_PATH: \
             <environment>/lib/python3.x/site-packages/torch/lib",
        ),
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
