//! `bottega stats`: how every sampled attribute is distributed.

use std::path::PathBuf;

use anyhow::Result;

use bottega_audit::DatasetStats;

use crate::commands::Outcome;
#[cfg(not(feature = "sql"))]
use crate::failure::Advise as _;
use crate::output;

/// What is counted.
#[derive(Debug, clap::Args)]
pub(crate) struct StatsArgs {
    /// Dataset folders or single shards; several are counted together
    #[arg(value_name = "DATASET", required = true)]
    datasets: Vec<PathBuf>,

    /// Count two columns together, such as skin_tone_mst,age_bin; may be given more than once
    #[arg(long, value_name = "A,B", value_parser = parse_pair)]
    joint: Vec<(String, String)>,

    /// Read the pixels of at most this many samples too, evenly spaced
    #[arg(long, value_name = "N", num_args = 0..=1, default_missing_value = "2000")]
    pixels: Option<usize>,

    /// Answer a question in SQL: SELECT from the tables `samples` and `predictions`; needs a
    /// program with the feature `sql`
    #[arg(long, value_name = "QUESTION", conflicts_with_all = ["joint", "pixels"])]
    sql: Option<String>,

    /// Write JSON for machines
    #[arg(long)]
    json: bool,

    /// Write the answer of --sql as comma-separated values
    #[arg(long, requires = "sql", conflicts_with = "json")]
    csv: bool,
}

/// Counts and prints.
pub(crate) fn run(args: &StatsArgs) -> Result<Outcome> {
    if let Some(question) = &args.sql {
        return answer(question, args);
    }
    let mut stats = DatasetStats::of_datasets(&args.datasets)?;
    stats.add_joint(&args.datasets, &args.joint)?;
    if let Some(samples_max) = args.pixels {
        stats.add_pixels(&args.datasets, samples_max)?;
    }
    if args.json {
        output::print_json(&stats)?;
    } else {
        output::print(&stats.to_table())?;
    }
    Ok(Outcome::Done)
}

/// Bytes that an answer may take beside the columns at hand.
#[cfg(feature = "sql")]
const ANSWER_BYTES: usize = 1 << 30;

#[cfg(feature = "sql")]
fn answer(question: &str, args: &StatsArgs) -> Result<Outcome> {
    use bottega_audit::sql::{AnswerFormat, ask};
    use bottega_format::query::QueryOptions;

    let options = QueryOptions {
        threads: rayon::current_num_threads(),
        memory_bytes: ANSWER_BYTES,
    };
    let format = match (args.json, args.csv) {
        (true, _) => AnswerFormat::Json,
        (_, true) => AnswerFormat::Csv,
        _ => AnswerFormat::Text,
    };
    ask(&args.datasets, question, options, format, output::print)?;
    Ok(Outcome::Done)
}

#[cfg(not(feature = "sql"))]
fn answer(_: &str, _: &StatsArgs) -> Result<Outcome> {
    Err(anyhow::anyhow!("this program was built without SQL")).advise(|| {
        "released programs have it; from the source: cargo build --release -p bottega --features \
         sql; without it, DuckDB reads the shards as docs/formats.md shows"
            .to_owned()
    })
}

fn parse_pair(text: &str) -> Result<(String, String), String> {
    let (a, b) = text
        .split_once(',')
        .ok_or_else(|| "wanted two columns with a comma between them".to_owned())?;
    Ok((a.trim().to_owned(), b.trim().to_owned()))
}
