//! The commands, one file each.

pub(crate) mod doctor;
pub(crate) mod evaluate;
pub(crate) mod export_model;
pub(crate) mod predict;
pub(crate) mod train;

use std::collections::BTreeSet;
use std::io::{ErrorKind, Write as _};
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};

use bottega_schemas::Task;
use bottega_schemas::train::DeviceChoice;
use bottega_trainer::evaluate::PictureScores;

/// Longest text of a panic that is shown: LibTorch may print whole tensors.
const PANIC_TEXT_MAX: usize = 2000;

/// Warnings of the libraries on stderr.
pub(crate) fn start_log() {
    let filter = tracing_subscriber::EnvFilter::try_from_env("BOTTEGA_LOG");
    let filter = filter.unwrap_or_else(|_| "warn".into());
    let subscriber = tracing_subscriber::fmt().with_env_filter(filter);
    subscriber
        .with_writer(std::io::stderr)
        .without_time()
        .init();
}

/// LibTorch's errors arrive as panics: those that are the user's become errors, and none prints
/// megabytes.
pub(crate) fn quiet_panics() {
    std::panic::set_hook(Box::new(|info| {
        let text = info.to_string();
        if bottega_trainer::is_out_of_memory(&text) {
            // It is caught, and told with advice.
            return;
        }
        let cut: String = text.chars().take(PANIC_TEXT_MAX).collect();
        eprintln!("bug: {cut}");
    }));
}

/// An error as text: the chain of causes, one a line.
pub(crate) fn failed(error: &anyhow::Error) -> ExitCode {
    if let Some(io) = error.downcast_ref::<std::io::Error>()
        && io.kind() == ErrorKind::BrokenPipe
    {
        // Whoever read our output has seen enough, as `head` does.
        return ExitCode::SUCCESS;
    }
    let mut told = error.to_string();
    eprintln!("error: {told}");
    for cause in error.chain().skip(1) {
        let cause = cause.to_string();
        if !told.contains(&cause) {
            eprintln!("  because: {cause}");
        }
        told = cause;
    }
    ExitCode::from(2)
}

/// A device by its name.
pub(crate) fn device(name: &str) -> Result<DeviceChoice, String> {
    match name {
        "auto" => Ok(DeviceChoice::Auto),
        "cpu" => Ok(DeviceChoice::Cpu),
        "cuda" => Ok(DeviceChoice::Cuda),
        _ => Err("wanted auto, cpu or cuda".to_owned()),
    }
}

/// A task by its name.
pub(crate) fn task(name: &str) -> Result<Task, String> {
    let found = Task::ALL.into_iter().find(|task| task.name() == name);
    found.ok_or_else(|| "wanted depth, normal or alpha".to_owned())
}

/// A size such as `512x384`.
pub(crate) fn size(text: &str) -> Result<[usize; 2], String> {
    let sides = text.split_once('x');
    let sides = sides.and_then(|(width, height)| {
        let (width, height) = (width.parse().ok()?, height.parse().ok()?);
        (width > 0 && height > 0).then_some([width, height])
    });
    sides.ok_or_else(|| "wanted WIDTHxHEIGHT, such as 512x512".to_owned())
}

/// Refuses a label that no sample has.
pub(crate) fn check_labels(labels: &[String], scores: &[PictureScores]) -> Result<()> {
    for label in labels {
        if scores.iter().all(|one| !one.labels.contains_key(label)) {
            let known: BTreeSet<&str> = scores
                .iter()
                .flat_map(|one| one.labels.keys().map(String::as_str))
                .collect();
            let known: Vec<&str> = known.into_iter().collect();
            bail!(
                "--by {label}: no sample has it; labels are {}",
                known.join(", ")
            );
        }
    }
    Ok(())
}

/// Data to stdout.
pub(crate) fn print(text: &str) -> Result<()> {
    let mut stdout = std::io::stdout().lock();
    stdout.write_all(text.as_bytes())?;
    stdout.flush()?;
    Ok(())
}

/// A document as JSON for machines.
pub(crate) fn print_json(document: &impl serde::Serialize) -> Result<()> {
    let mut text = serde_json::to_string_pretty(document).context("cannot write JSON")?;
    text.push('\n');
    print(&text)
}
