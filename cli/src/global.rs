//! Options that every command understands.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use anyhow::{Context as _, Result};
use tracing_subscriber::EnvFilter;

/// Options of every command.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Global options")]
pub(crate) struct GlobalArgs {
    /// Asset pack, or folder of packs, that adds to the embedded one or replaces parts of it;
    /// may be given more than once [env: BOTTEGA_ASSETS, a list of paths]
    #[arg(long, value_name = "FILE|DIR", global = true)]
    assets: Vec<PathBuf>,

    /// Number of threads; all cores by default. The bytes do not depend on it
    #[arg(long, value_name = "N", global = true)]
    threads: Option<NonZeroUsize>,

    /// Say more; twice for details [env: BOTTEGA_LOG, a filter such as `bottega_render=debug`]
    #[arg(short, long, action = clap::ArgAction::Count, global = true)]
    verbose: u8,
}

impl GlobalArgs {
    /// Sets up the log and the threads.
    pub(crate) fn apply(&self) -> Result<()> {
        let level = ["warn", "info", "debug"][usize::from(self.verbose.min(2))];
        let filter = match std::env::var("BOTTEGA_LOG") {
            Ok(text) => EnvFilter::try_new(&text).context("cannot read BOTTEGA_LOG")?,
            Err(_) => EnvFilter::new(level),
        };
        tracing_subscriber::fmt()
            .with_env_filter(filter)
            .with_writer(std::io::stderr)
            .without_time()
            .init();
        let mut pool = rayon::ThreadPoolBuilder::new();
        if let Some(threads) = self.threads {
            pool = pool.num_threads(threads.get());
        }
        pool.build_global().context("cannot start the threads")
    }

    /// Packs beside the embedded one: those of the options, or else of the environment.
    pub(crate) fn asset_paths(&self) -> Vec<PathBuf> {
        if !self.assets.is_empty() {
            return self.assets.clone();
        }
        let listed = std::env::var_os("BOTTEGA_ASSETS").unwrap_or_default();
        std::env::split_paths(&listed)
            .filter(|path| !path.as_os_str().is_empty())
            .collect()
    }
}
