//! `cargo xtask bench`: the tables of `docs/benchmarks.md`, measured on this machine.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::{Context as _, Result};
use serde_json::Value;

use crate::run::{cargo, output, run as tool, target_dir};

/// What is measured.
#[derive(Debug, clap::Args)]
pub(crate) struct BenchArgs {
    /// Small pictures and short rounds: minutes instead of the better part of an hour
    #[arg(long)]
    quick: bool,

    /// Only these tables, of samples, denoisers, rays, materials and frames
    #[arg(long, value_delimiter = ',',
          value_parser = ["samples", "denoisers", "rays", "materials", "frames"])]
    only: Vec<String>,

    /// Open Image Denoise 2 for the table of denoisers; without it that row is left out
    #[arg(long, value_name = "FILE")]
    oidn: Option<PathBuf>,
}

/// One Criterion measurement.
#[derive(Clone, Debug, PartialEq)]
struct Measurement {
    /// Median of one round, in nanoseconds.
    round_ns: f64,
    /// Rays, calls or paths of a round; 1 where none are counted.
    elements: f64,
}

/// Measurements by group and name.
type Measurements = BTreeMap<(String, String), Measurement>;

/// Measures and prints Markdown.
pub(crate) fn run(args: &BenchArgs) -> Result<()> {
    let wants = |table: &str| args.only.is_empty() || args.only.iter().any(|one| one == table);
    let mut out = String::new();
    if wants("samples") {
        out += "## A sample, all stages\n\n";
        out += &example("measure", &samples_args(args.quick), false)?;
        out += "\n";
    }
    if wants("denoisers") {
        out += "## Denoisers\n\n";
        let mut words = denoise_args(args.quick);
        words.extend(
            (args.oidn.iter()).flat_map(|path| ["--oidn".into(), path.display().to_string()]),
        );
        out += &example("denoise", &words, args.oidn.is_some())?;
        out += "\n";
    }
    for (table, bench, title, print) in [
        (
            "rays",
            "intersect",
            "Rays",
            rays as fn(&Measurements) -> String,
        ),
        ("materials", "bsdf", "Materials", materials),
        ("frames", "paths", "Frames", frames),
    ] {
        if wants(table) {
            out += &format!("## {title}\n\n{}\n", print(&criterion(bench, args.quick)?));
        }
    }
    #[allow(clippy::print_stdout)]
    {
        print!("{out}");
    }
    Ok(())
}

fn samples_args(quick: bool) -> Vec<String> {
    let words: &[&str] = if quick {
        &[
            "--samples",
            "3",
            "--size",
            "96x128",
            "--reference-spp",
            "64",
        ]
    } else {
        &["--samples", "9", "--reference-spp", "256"]
    };
    words.iter().map(|&word| word.to_owned()).collect()
}

fn denoise_args(quick: bool) -> Vec<String> {
    let words: &[&str] = if quick {
        &[
            "--indices",
            "2,15,33",
            "--side",
            "64",
            "--converged",
            "64",
            "--paths",
            "16",
        ]
    } else {
        &[
            "--side",
            "128",
            "--converged",
            "256",
            "--paths",
            "16,32,48,128",
        ]
    };
    words.iter().map(|&word| word.to_owned()).collect()
}

/// What an example of `bottega_assemble` prints.
fn example(name: &str, args: &[String], with_oidn: bool) -> Result<String> {
    let mut command = cargo();
    command.args(["run", "--release", "--quiet", "-p", "bottega_assemble"]);
    if with_oidn {
        command.args(["--features", "oidn"]);
    }
    command.args(["--example", name, "--"]).args(args);
    eprintln!("> example {name} {}", args.join(" "));
    String::from_utf8(output(&mut command)?).context("an example prints text")
}

/// Runs a Criterion bench of `bottega_render` and reads what it measured.
fn criterion(bench: &str, quick: bool) -> Result<Measurements> {
    #[expect(
        clippy::disallowed_methods,
        reason = "tells fresh results from old ones; no dataset depends on it"
    )]
    let start = SystemTime::now();
    let mut command = cargo();
    // Cargo puts the bench's own talk on stdout, which is for the tables.
    command.args(["bench", "-p", "bottega_render", "--bench", bench, "--"]);
    if quick {
        command.arg("--quick");
    }
    command.stdout(std::io::stderr());
    tool(&mut command)?;
    let mut found = Measurements::new();
    collect(&target_dir()?.join("criterion"), start, &mut found)?;
    Ok(found)
}

/// Reads the results below `folder` that were written after `start`.
fn collect(folder: &Path, start: SystemTime, found: &mut Measurements) -> Result<()> {
    let entries =
        fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))?;
    for entry in entries {
        let path = entry
            .with_context(|| format!("cannot list {}", folder.display()))?
            .path();
        if !path.is_dir() {
            continue;
        }
        let estimates = path.join("estimates.json");
        let is_result = path.ends_with("new") && estimates.exists();
        if is_result && start <= fs::metadata(&estimates)?.modified()? {
            let (key, measurement) = read(
                &fs::read_to_string(path.join("benchmark.json"))?,
                &fs::read_to_string(&estimates)?,
            )
            .with_context(|| format!("{} is not as Criterion writes it", path.display()))?;
            found.insert(key, measurement);
        } else if !is_result {
            collect(&path, start, found)?;
        }
    }
    Ok(())
}

/// One result from the two documents that Criterion writes about it.
fn read(benchmark: &str, estimates: &str) -> Option<((String, String), Measurement)> {
    let benchmark: Value = serde_json::from_str(benchmark).ok()?;
    let estimates: Value = serde_json::from_str(estimates).ok()?;
    let text = |key: &str| Some(benchmark.get(key)?.as_str()?.to_owned());
    let elements = benchmark
        .get("throughput")
        .and_then(|throughput| throughput.get("Elements")?.as_f64());
    let measurement = Measurement {
        round_ns: estimates.get("median")?.get("point_estimate")?.as_f64()?,
        elements: elements.unwrap_or(1.0),
    };
    Some(((text("group_id")?, text("function_id")?), measurement))
}

/// Ray sets as columns, scenes as rows.
fn rays(found: &Measurements) -> String {
    let mut out = String::from(
        "One core, time on the wall: million rays a second; the tree's build in seconds.\n\n\
         | scene | build, s | primary | pixels | bounce | shadow |\n\
         | --- | --- | --- | --- | --- | --- |\n",
    );
    let mut scenes: Vec<&str> = found.keys().map(|(group, _)| group.as_str()).collect();
    scenes.dedup();
    for scene in scenes {
        out += &format!("| {} |", scene.replace('_', " "));
        for set in ["build", "primary", "pixels", "bounce", "shadow"] {
            let key = (scene.to_owned(), set.to_owned());
            out += &match found.get(&key) {
                Some(one) if set == "build" => format!(" {:.3} |", one.round_ns * 1e-9),
                Some(one) => format!(" {:.2} |", one.elements / one.round_ns * 1e3),
                None => " |".to_owned(),
            };
        }
        out += "\n";
    }
    out
}

/// Models as rows, nanoseconds of a value and of a draw as columns.
fn materials(found: &Measurements) -> String {
    let mut out = String::from(
        "Nanoseconds a call on one core.\n\n| model | value | draw |\n| --- | --- | --- |\n",
    );
    let models: BTreeMap<&str, ()> = (found.keys())
        .filter_map(|(_, name)| Some((name.split_once('/')?.0, ())))
        .collect();
    for model in models.keys() {
        out += &format!("| {model} |");
        for kind in ["eval", "sample"] {
            let key = ("bsdf".to_owned(), format!("{model}/{kind}"));
            out += &found.get(&key).map_or(" |".to_owned(), |one| {
                format!(" {:.0} |", one.round_ns / one.elements)
            });
        }
        out += "\n";
    }
    out
}

/// Scenes of a head as rows.
fn frames(found: &Measurements) -> String {
    let mut out = String::from(
        "A head of 100,000 triangles at 192 x 256, 4 paths a pixel, one core.\n\n\
         | scene | s a frame | thousand paths a second |\n| --- | --- | --- |\n",
    );
    for ((_, name), one) in found {
        out += &format!(
            "| {name} | {:.2} | {:.0} |\n",
            one.round_ns * 1e-9,
            one.elements / one.round_ns * 1e6
        );
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measured(group: &str, name: &str, round_ns: f64) -> ((String, String), Measurement) {
        let benchmark = format!(
            r#"{{"group_id":"{group}","function_id":"{name}","throughput":{{"Elements":1000}}}}"#
        );
        let estimates = format!(r#"{{"median":{{"point_estimate":{round_ns}}}}}"#);
        read(&benchmark, &estimates).expect("both documents are whole")
    }

    #[test]
    fn results_become_rows() {
        let found: Measurements = [
            measured("hair", "primary", 1e6),
            measured("hair", "build", 5e8),
            measured("triangles", "primary", 1e5),
        ]
        .into();
        let table = rays(&found);
        assert!(table.contains("| hair | 0.500 | 1.00 | | | |"), "{table}");
        assert!(table.contains("| triangles | | 10.00 | | | |"), "{table}");

        let found: Measurements = [
            measured("bsdf", "skin/eval", 1e5),
            measured("bsdf", "skin/sample", 2e5),
        ]
        .into();
        assert!(materials(&found).contains("| skin | 100 | 200 |"));
        let found: Measurements = [measured("paths", "coat", 1e9)].into();
        assert!(frames(&found).contains("| coat | 1.00 | 1 |"));
        assert_eq!(None, read("{}", "{}"));
    }
}
