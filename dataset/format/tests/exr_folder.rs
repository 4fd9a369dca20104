//! A folder of EXR samples becomes the dataset that its samples would have become at once.

use std::path::Path;

use bottega_format::{
    EncodedRow, FormatError, ShardJob, ShardReader, shard_exr_folder, synthetic, write_sample,
};
use bottega_schemas::OptionalPlanes;

const SIZE: (usize, usize) = (16, 20);

fn write_folder(folder: &Path, indices: impl IntoIterator<Item = u64>) {
    for index in indices {
        let sample = synthetic::sample("ball", index, SIZE);
        write_sample(&folder.join(format!("ball-{index:07}.exr")), &sample).expect("there is room");
    }
}

#[test]
fn every_sample_comes_through_bit_for_bit() {
    let (exr, out) = (
        tempfile::tempdir().expect("room"),
        tempfile::tempdir().expect("room"),
    );
    write_folder(exr.path(), 4..9);
    let job = ShardJob {
        exr_dir: exr.path(),
        out: out.path(),
        shard_size: 4,
        overwrite: false,
    };
    let mut last = (0, 0);
    let manifest = shard_exr_folder(&job, |done, total| last = (done, total)).expect("it is sound");
    assert_eq!(
        (manifest.rows(), manifest.shards.len(), last),
        (5, 2, (5, 5))
    );

    let reader = ShardReader::open(&out.path().join("data/train-00001.parquet")).expect("whole");
    let row = reader.row(2).expect("it has four rows");
    let planes = OptionalPlanes {
        range: true,
        depth_median: true,
        normal_mean: true,
        part_id: true,
    };
    let sample = synthetic::sample("ball", 6, SIZE);
    let expected = EncodedRow::encode(&sample, planes).expect("a ball can be encoded");
    assert!(row == expected, "the row differs from its sample");

    let again = shard_exr_folder(&job, |_, _| {}).expect("running again changes nothing");
    assert_eq!(again, manifest);
}

#[test]
fn gaps_misaligned_starts_and_empty_folders_are_refused() {
    let told = |indices: Vec<u64>| -> FormatError {
        let (exr, out) = (
            tempfile::tempdir().expect("room"),
            tempfile::tempdir().expect("room"),
        );
        write_folder(exr.path(), indices);
        let job = ShardJob {
            exr_dir: exr.path(),
            out: out.path(),
            shard_size: 4,
            overwrite: false,
        };
        shard_exr_folder(&job, |_, _| {}).expect_err("it is not sound")
    };
    assert!(
        told(vec![0, 2])
            .to_string()
            .contains("index 2 where 1 comes next")
    );
    assert!(matches!(
        told(vec![3, 4]),
        FormatError::Misaligned { start: 3, .. }
    ));
    assert!(told(vec![]).to_string().contains("no *.exr in"));
}
