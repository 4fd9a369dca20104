//! A small dataset of synthetic samples.

use std::path::Path;

use bottega_format::synthetic;

/// Size of the samples, in pixels.
const SIZE: (usize, usize) = (16, 20);

/// Makes the first `rows` samples of the dataset `ball`, eight in a shard, or makes it longer.
pub(crate) fn dataset_of(root: &Path, rows: u64) {
    let plan = synthetic::plan("ball");
    synthetic::write_dataset(root, plan, rows, SIZE, |_| ()).expect("there is room");
}
