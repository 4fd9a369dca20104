//! A folder of EXR samples becomes the dataset that its samples would have become at once.

use std::path::Path;

use bottega_format::{
    DatasetWriter, EncodedRow, FormatError, ShardJob, ShardReader, shard_exr_folder, synthetic,
    write_sample, write_sample_of,
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
        shard_size: Some(4),
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
    let planes = OptionalPlanes::all();
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
            shard_size: Some(4),
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

#[test]
fn kept_samples_give_the_shards_that_were_made_directly() {
    let [kept, direct, out] = std::array::from_fn(|_| tempfile::tempdir().expect("room"));
    let plan = synthetic::plan("ball");
    let mut writer = DatasetWriter::open(direct.path(), plan.clone(), "", false).expect("room");
    for task in writer.missing(0..11).expect("it is aligned") {
        for index in task.remaining() {
            let sample = synthetic::sample("ball", index, SIZE);
            let path = kept.path().join(format!("ball-{index:07}.exr"));
            write_sample_of(&path, &sample, &plan).expect("there is room");
            let row = EncodedRow::encode(&sample, plan.planes).expect("a ball can be encoded");
            writer.keep(&row).expect("there is room");
        }
        writer.publish(&task).expect("every sample is kept");
    }
    let job = ShardJob {
        exr_dir: kept.path(),
        out: out.path(),
        shard_size: None,
        overwrite: false,
    };
    let manifest = shard_exr_folder(&job, |_, _| {}).expect("it is sound");
    assert_eq!(&manifest, writer.manifest());
    for shard in &manifest.shards {
        let [a, b] = [&out, &direct].map(|dir| std::fs::read(dir.path().join(&shard.path)).ok());
        assert!(a.is_some() && a == b, "{}", shard.path);
    }
}
