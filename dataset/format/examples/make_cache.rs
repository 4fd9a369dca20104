//! Makes a training cache: `make_cache DATASET OUT [LEVEL]`. What `bottega cache` does, without
//! the rest of the command.

use bottega_format::cache::CacheJob;
use bottega_format::loader::PlaneSet;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let mut next = |what: &str| args.next().ok_or(format!("wanted {what}"));
    let job = CacheJob {
        dataset: next("a dataset")?.into(),
        out: next("a folder")?.into(),
        planes: PlaneSet::default(),
        level: next("a level").map_or(Ok(3), |level| level.parse())?,
    };
    let report = job.run(&|| {})?;
    eprintln!("{report:?}");
    Ok(())
}
