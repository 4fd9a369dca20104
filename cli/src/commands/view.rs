//! `bottega view`: a dataset in a browser.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::Result;

use bottega_audit::view::Viewer;

use crate::commands::Outcome;
use crate::output;

/// What is shown, and where.
#[derive(Debug, clap::Args)]
pub(crate) struct ViewArgs {
    /// A dataset folder, or one shard
    #[arg(value_name = "DATASET")]
    dataset: PathBuf,

    /// Port of 127.0.0.1; the first free one from 8390 on if not given
    #[arg(long, value_name = "N")]
    port: Option<u16>,

    /// Open the page in the browser of this machine
    #[arg(long)]
    open: bool,

    /// Also show shards that are links to files outside the dataset
    #[arg(long)]
    follow_links: bool,
}

/// Serves until Ctrl-C.
pub(crate) fn run(args: &ViewArgs) -> Result<Outcome> {
    let viewer = Viewer::bind(&args.dataset, args.port, args.follow_links)?;
    let url = viewer.url();
    output::print(&format!("{url}\n"))?;
    eprintln!("the dataset is shown there, to this machine alone; Ctrl-C ends it");
    if args.open && !open(&url) {
        eprintln!("no browser could be started; open the address yourself");
    }
    viewer.run()?;
    eprintln!("ended");
    Ok(Outcome::Done)
}

/// Asks the desktop to open an address.
fn open(url: &str) -> bool {
    let opener: &[&str] = if cfg!(target_os = "macos") {
        &["open"]
    } else if cfg!(windows) {
        &["rundll32", "url.dll,FileProtocolHandler"]
    } else {
        &["xdg-open"]
    };
    Command::new(opener[0])
        .args(&opener[1..])
        .arg(url)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .is_ok()
}
