//! The shard: rows come back as they were, the bytes are one, damage is told.

use std::path::Path;

use bottega_format::shard::writer::write_shard;
use bottega_format::{EncodedRow, FormatError, ShardFile, ShardInfo, ShardReader, synthetic};
use bottega_schemas::{DatasetPlan, OptionalPlanes};

const SIZE: (usize, usize) = (32, 40);

fn plan(shard_size: u64) -> DatasetPlan {
    DatasetPlan {
        shard_size,
        ..synthetic::plan("ball")
    }
}

fn rows(plan: &DatasetPlan, indices: std::ops::Range<u64>) -> Vec<EncodedRow> {
    indices
        .map(|index| {
            let sample = synthetic::sample("ball", index, SIZE);
            let mut row = EncodedRow::encode(&sample, plan.planes).expect("a ball can be encoded");
            // Some rows have points, as in a dataset of parts that were made at different times.
            if index % 3 != 0 {
                synthetic::add_points(&mut row.meta);
            }
            row
        })
        .collect()
}

fn write(path: &Path, plan: &DatasetPlan, shard_idx: u64, rows: &[EncodedRow]) -> ShardFile {
    let info = ShardInfo {
        plan: plan.clone(),
        shard_idx,
    };
    write_shard(path, info, rows.iter().cloned().map(Ok), 0).expect("the rows are in order")
}

#[test]
fn rows_come_back_as_they_were() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("train-00000.parquet");
    let plan = DatasetPlan {
        planes: OptionalPlanes::all(),
        ..plan(64)
    };
    let rows = rows(&plan, 64..110);
    let file = write(&path, &plan, 1, &rows);
    assert_eq!((file.index_start, file.index_end, file.rows), (64, 110, 46));
    assert_eq!(file.bytes, path.metadata().unwrap().len());
    assert_eq!(
        file.blake3,
        blake3::hash(&std::fs::read(&path).unwrap())
            .to_hex()
            .to_string()
    );

    let reader = ShardReader::open(&path).unwrap();
    assert_eq!((reader.rows(), reader.row_groups()), (46, 2));
    assert_eq!(reader.info(), Some(ShardInfo { plan, shard_idx: 1 }));
    for row in [0, 31, 32, 45] {
        assert_eq!(reader.row(row).unwrap(), rows[row], "{row}");
        assert_eq!(reader.planes(row).unwrap(), rows[row].decode().unwrap());
    }
    let metas: Vec<_> = reader.labels().map(|meta| meta.unwrap()).collect();
    assert!(metas.iter().eq(rows.iter().map(|row| &row.meta)));
    let texts: Vec<_> = reader.label_rows().map(|row| row.unwrap()).collect();
    assert_eq!(texts[40].scene_json.as_ref(), Some(&rows[40].scene_json));
    assert_eq!(
        texts[40].hashes["image_blake3"],
        blake3::hash(&rows[40].image).to_hex().as_str()
    );
    assert_eq!(reader.row_of_index(100).unwrap(), Some(36));
    assert_eq!(reader.row_of_index(12).unwrap(), None);
    assert!(matches!(reader.row(46), Err(FormatError::InFile { .. })));
}

#[test]
fn the_stored_planes_are_those_of_the_sample() {
    let sample = synthetic::sample("ball", 2, SIZE);
    let stored = EncodedRow::encode(&sample, OptionalPlanes::default())
        .unwrap()
        .decode()
        .unwrap();
    assert_eq!(stored.rgb8, sample.planes().rgb8);
    assert_eq!(stored.depth_m, sample.planes().depth_m);
    assert_eq!(stored.normal, sample.planes().normal);
    for (stored, exact) in stored.alpha8.iter().zip(&sample.planes().alpha) {
        assert!((f32::from(*stored) / 255.0 - exact).abs() <= 0.5 / 255.0 + 1e-6);
    }
}

#[test]
fn the_bytes_of_a_shard_are_pinned() {
    // Changes only with the format: then raise the schema version and say so under Data in the
    // changelog. A change without a reason means that a compression back end moved.
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.parquet");
    let plan = plan(8);
    let file = write(&path, &plan, 0, &rows(&plan, 0..8));
    assert_eq!(file.blake3, GOLDEN_SHARD_BLAKE3);
    let again = folder.path().join("b.parquet");
    assert_eq!(write(&again, &plan, 0, &rows(&plan, 0..8)), file);
}

const GOLDEN_SHARD_BLAKE3: &str =
    "908975e7cf2d14f366c8e3ba5a40b5cef88e15df7db38c817c82957a7cb7227c";

#[test]
fn a_checkpoint_comes_back_and_any_change_is_told() {
    let plan = plan(8);
    let row = rows(&plan, 3..4).remove(0);
    let bytes = row.to_bytes();
    assert_eq!(EncodedRow::from_bytes(&bytes).unwrap(), row);
    for n in 0..200 {
        let mut bytes = bytes.clone();
        let at = (n * 7919) % bytes.len();
        bytes[at] ^= 1 << (n % 8);
        assert!(EncodedRow::from_bytes(&bytes).is_err());
        assert!(EncodedRow::from_bytes(&bytes[..at]).is_err());
    }
}

#[test]
fn rows_out_of_order_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let plan = plan(8);
    let try_rows = |indices: &[u64]| {
        let rows = indices.iter().map(|&i| Ok(rows(&plan, i..i + 1).remove(0)));
        let info = ShardInfo {
            plan: plan.clone(),
            shard_idx: 1,
        };
        write_shard(&folder.path().join("a.parquet"), info, rows, 0)
    };
    assert!(try_rows(&[8, 9]).is_ok());
    for wrong in [&[9, 8][..], &[7], &[16], &[8, 8]] {
        let error = try_rows(wrong).unwrap_err().to_string();
        assert!(error.contains("comes next in the shard"), "{error}");
    }
    assert_eq!(
        std::fs::read_dir(folder.path()).unwrap().count(),
        1,
        "no temporary file is left"
    );
}

/// Reads everything there is; errors are fine, panics and wrong bytes are not.
fn read_all(path: &Path, truth: &[EncodedRow]) -> Result<(), FormatError> {
    let reader = ShardReader::open(path)?;
    for meta in reader.labels() {
        meta?;
    }
    if reader.rows() != truth.len() {
        return Ok(());
    }
    for (row, truth) in truth.iter().enumerate() {
        let found = reader.row(row)?;
        assert_eq!(found.image, truth.image);
        assert_eq!(found.depth_exr, truth.depth_exr);
        found.decode()?;
    }
    Ok(())
}

#[test]
fn a_shard_cut_anywhere_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.parquet");
    let plan = plan(8);
    let rows = rows(&plan, 0..4);
    write(&path, &plan, 0, &rows);
    let bytes = std::fs::read(&path).unwrap();
    let cut_path = folder.path().join("cut.parquet");
    let near_the_end = bytes.len().saturating_sub(40)..bytes.len();
    for length in (0..bytes.len())
        .step_by(bytes.len() / 80)
        .chain(near_the_end)
    {
        std::fs::write(&cut_path, &bytes[..length]).unwrap();
        let error = read_all(&cut_path, &rows).expect_err("a cut file cannot be whole");
        assert!(error.to_string().contains("cut.parquet"), "{error}");
    }
}

#[test]
fn flipped_bits_are_told_and_never_panic() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.parquet");
    let plan = plan(8);
    let rows = rows(&plan, 0..4);
    write(&path, &plan, 0, &rows);
    let bytes = std::fs::read(&path).unwrap();
    let footer_length =
        u32::from_le_bytes(*bytes[..bytes.len() - 4].last_chunk().unwrap()) as usize;
    let footer_start = bytes.len() - 8 - footer_length;
    let bad_path = folder.path().join("bad.parquet");
    let mut told = 0;
    for n in 0_usize..300 {
        // Half of the flips strike the pages, half the footer, where structure lies.
        let at = match n % 2 {
            0 => (n * 7919) % footer_start,
            _ => footer_start + (n * 31) % (bytes.len() - footer_start),
        };
        let mut bytes = bytes.clone();
        bytes[at] ^= 1 << (n % 8);
        std::fs::write(&bad_path, &bytes).unwrap();
        told += usize::from(read_all(&bad_path, &rows).is_err());
    }
    // Flips in padding, statistics or notes change nothing that is read here.
    assert!(told > 150, "{told} of 300 told");
}

#[test]
fn a_file_that_is_no_shard_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in [("a", &b""[..]), ("b", b"PAR1PAR1"), ("c", &[7; 3000])] {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        let error = ShardReader::open(&path).unwrap_err().to_string();
        assert!(error.contains("the shard is damaged or cut"), "{error}");
    }
    assert!(ShardReader::open(folder.path()).is_err());
    assert!(ShardReader::open(&folder.path().join("absent")).is_err());
}
