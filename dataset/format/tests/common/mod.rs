//! A small dataset of synthetic samples.

use std::path::Path;

use bottega_format::{DatasetWriter, Documents, EncodedRow, synthetic};

/// Size of the samples, in pixels.
const SIZE: (usize, usize) = (16, 20);

/// Makes the first `rows` samples of the dataset `ball`, eight in a shard, or makes it longer.
pub(crate) fn dataset_of(root: &Path, rows: u64) {
    let plan = synthetic::plan("ball");
    let mut writer = DatasetWriter::open(root, plan, "seed = 0\n", false).expect("there is room");
    for task in writer.missing(0..rows).expect("the range is aligned") {
        for index in task.remaining().collect::<Vec<_>>() {
            let sample = synthetic::sample("ball", index, SIZE);
            let row = EncodedRow::encode(&sample, Default::default()).expect("a ball is sound");
            writer.keep(&row).expect("there is room");
        }
        writer.publish(&task).expect("every sample is kept");
    }
    let documents = Documents {
        card: "# Ball\n".into(),
        asset_licenses_json: "[]\n".into(),
    };
    writer.finish(&documents).expect("there is room");
}
