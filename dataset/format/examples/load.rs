//! Reads a dataset as training would and prints how fast, as JSON: `load DATASET [--cache DIR]
//! [--epochs N] [--threads N]`. What `bottega load` does, without the rest of the command; the
//! comparison in `tests/peers/loaders` takes either.

use std::path::PathBuf;
use std::time::Instant;

use bottega_format::loader::{LoadReport, Loader, LoaderOptions, Source};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args()
        .skip(1)
        .filter(|arg| arg != "load" && arg != "--json");
    let dataset = PathBuf::from(args.next().ok_or("wanted a dataset")?);
    let mut cache = None;
    let mut options = LoaderOptions {
        epochs: Some(1),
        ..LoaderOptions::default()
    };
    while let Some(name) = args.next() {
        let value = args.next().ok_or("wanted a value behind each option")?;
        match name.as_str() {
            "--cache" => cache = Some(PathBuf::from(value)),
            "--epochs" => options.epochs = Some(value.parse()?),
            "--threads" => options.threads = value.parse()?,
            name => return Err(format!("no option {name}").into()),
        }
    }
    let source = match cache {
        Some(cache) => Source::open_cached(&dataset, &cache)?,
        None => Source::open(&dataset)?,
    };
    let mut loader = Loader::new(&source, options, None)?;
    let start = Instant::now();
    while loader.next_sample()?.is_some() {}
    let report = LoadReport::of(&loader, start.elapsed().as_secs_f64(), None);
    eprintln!("{}", report.to_table());
    serde_json::to_writer(std::io::stdout(), &report)?;
    Ok(())
}
