//! Whole columns of labels: the values of the rows, whoever wrote the shard and whatever it lacks.

#![allow(
    clippy::unwrap_used,
    reason = "helpers of tests fail as their tests would"
)]

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, RecordBatch};
use arrow::compute::{cast, concat_batches};
use arrow::datatypes::{DataType, Field, Schema};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::basic::Compression;
use parquet::file::properties::{WriterProperties, WriterPropertiesBuilder, WriterVersion};

use bottega_format::shard::writer::write_shard;
use bottega_format::{EncodedRow, LabelColumn, ShardInfo, ShardReader, synthetic};
use bottega_schemas::sample::COLUMNS;
use bottega_schemas::{DatasetPlan, OptionalPlanes, SampleMeta, Value};

const ROWS: u64 = 75;

/// A shard whose labels are known in some rows, unknown in others, and lists of all lengths.
fn shard(folder: &Path) -> PathBuf {
    let plan = DatasetPlan {
        shard_size: 128,
        ..synthetic::plan("ball")
    };
    let rows = (0..ROWS).map(|index| {
        let sample = synthetic::sample("ball", index, (2, 2));
        let mut row = EncodedRow::encode(&sample, OptionalPlanes::default())?;
        let known = |every: u64| index % every != 0;
        let numbers = |n: u64| {
            (0..n)
                .map(|i| (i * 31 % 17) as f32 + index as f32)
                .collect()
        };
        let meta = &mut row.meta;
        meta.shape_params = known(3).then(|| numbers(index % 41));
        meta.pose_params = known(5).then(|| numbers(220));
        meta.garments = known(4).then(|| {
            let words = ["shirt", "jeans", "hat", "été"];
            words[..(index % 5).min(4) as usize]
                .iter()
                .map(|w| (*w).into())
                .collect()
        });
        meta.world_from_camera = meta.world_from_camera.filter(|_| known(7));
        meta.eye_color = known(2).then(|| ["blue", "brown"][(index % 2) as usize].into());
        meta.lighting_id = Some(format!("place {}", index / 2));
        meta.seated = known(6).then_some(index % 2 == 0);
        meta.skin_tone_mst = meta.skin_tone_mst.filter(|_| known(9));
        meta.seed = Some(i64::MAX - index as i64);
        meta.light_ev = known(8).then_some(if index == 1 { f32::INFINITY } else { -0.5 });
        if known(3) {
            synthetic::add_points(meta);
        }
        meta.joints_visibility = known(5).then(|| vec![2; (index % 9) as usize]);
        meta.lamps = (index >= 40).then_some(index as i32 - 50);
        Ok(row)
    });
    let path = folder.join("train-00000.parquet");
    let info = ShardInfo { plan, shard_idx: 0 };
    write_shard(&path, info, rows, 0).unwrap();
    path
}

/// Writes a shard again with other settings and, if they are asked for, other types.
fn rewrite(
    from: &Path,
    to: &Path,
    settings: WriterPropertiesBuilder,
    retype: impl Fn(&DataType) -> DataType,
) {
    let reader = ParquetRecordBatchReaderBuilder::try_new(File::open(from).unwrap()).unwrap();
    let schema = reader.schema().clone();
    let batches: Vec<RecordBatch> = reader.build().unwrap().map(Result::unwrap).collect();
    let batch = concat_batches(&schema, &batches).unwrap();
    let columns: Vec<ArrayRef> = batch
        .columns()
        .iter()
        .map(|column| cast(column, &retype(column.data_type())).unwrap())
        .collect();
    let fields = schema.fields().iter().zip(&columns);
    let fields: Vec<Field> = fields
        .map(|(field, column)| Field::new(field.name(), column.data_type().clone(), true))
        .collect();
    let batch = RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).unwrap();
    let file = File::create(to).unwrap();
    let mut writer = ArrowWriter::try_new(file, batch.schema(), Some(settings.build())).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
}

fn names() -> Vec<&'static str> {
    COLUMNS.iter().map(|column| column.name).collect()
}

/// What a whole column says of a row, beside what the row says.
fn agrees(column: &LabelColumn, row: usize, value: &Value) -> bool {
    match column {
        LabelColumn::Words { codes, words } => {
            words.get(codes[row] as usize).map(String::as_str) == value.as_text()
        }
        LabelColumn::Numbers(numbers) => match value.as_f64() {
            Some(number) => numbers[row] == number,
            None => *value == Value::Null && numbers[row].is_nan(),
        },
        LabelColumn::WordLists { lists, words } => match (&lists[row], value) {
            (None, Value::Null) => true,
            (Some(codes), Value::TextList(list)) => {
                codes.iter().map(|code| &words[*code as usize]).eq(list)
            }
            _ => false,
        },
        LabelColumn::Lengths(lengths) => match value {
            Value::F32List(list) => lengths[row] == Some(list.len() as u32),
            Value::I8List(list) => lengths[row] == Some(list.len() as u32),
            Value::Matrix4(_) => lengths[row] == Some(16),
            _ => *value == Value::Null && lengths[row].is_none(),
        },
    }
}

fn check(path: &Path, wanted: &[SampleMeta]) {
    let reader = ShardReader::open_for_labels(path).unwrap();
    let columns = reader.label_columns(&names()).unwrap();
    assert_eq!(columns.len(), COLUMNS.len());
    for (row, meta) in wanted.iter().enumerate() {
        for (column, value) in COLUMNS.iter().zip(meta.values()) {
            let found = &columns[column.name];
            assert_eq!(found.len(), wanted.len(), "{}", column.name);
            assert!(
                agrees(found, row, &value),
                "{} of row {row}: {value:?}",
                column.name
            );
        }
    }
}

fn metas(path: &Path) -> Vec<SampleMeta> {
    let reader = ShardReader::open(path).unwrap();
    reader.labels().map(Result::unwrap).collect()
}

#[test]
fn columns_hold_the_values_of_the_rows() {
    let folder = tempfile::tempdir().unwrap();
    let path = shard(folder.path());
    let metas = metas(&path);
    assert_eq!(metas.len(), ROWS as usize);
    check(&path, &metas);
}

#[test]
fn shards_of_other_writers_are_read_alike() {
    let folder = tempfile::tempdir().unwrap();
    let path = shard(folder.path());
    let metas = metas(&path);
    let same = |found: &DataType| found.clone();
    let plain = || WriterProperties::builder();
    let wide = |found: &DataType| match found {
        DataType::Dictionary(_, _) | DataType::Utf8 => DataType::LargeUtf8,
        DataType::Float32 => DataType::Float64,
        DataType::Int8 | DataType::Int32 => DataType::Int64,
        found => found.clone(),
    };
    let unsigned = |found: &DataType| match found {
        DataType::Int64 => DataType::UInt64,
        found => found.clone(),
    };
    let versions = [WriterVersion::PARQUET_1_0, WriterVersion::PARQUET_2_0];
    for version in versions {
        for compression in [Compression::UNCOMPRESSED, Compression::SNAPPY] {
            for dictionary in [true, false] {
                let settings = plain()
                    .set_writer_version(version)
                    .set_compression(compression)
                    .set_dictionary_enabled(dictionary)
                    .set_data_page_row_count_limit(7)
                    .set_write_batch_size(7);
                let to = folder.path().join("other.parquet");
                rewrite(&path, &to, settings, same);
                check(&to, &metas);
            }
        }
    }
    for retype in [&wide as &dyn Fn(&DataType) -> DataType, &unsigned] {
        let to = folder.path().join("wide.parquet");
        rewrite(&path, &to, plain(), retype);
        check(&to, &metas);
    }
}

#[test]
fn a_column_that_the_shard_was_made_without_is_unknown_in_every_row() {
    let folder = tempfile::tempdir().unwrap();
    let path = shard(folder.path());
    let mut metas = metas(&path);
    let without = [
        "eye_color",
        "lamps",
        "seated",
        "shape_params",
        "light_yaw_deg",
    ];
    synthetic::drop_columns(&path, &without).unwrap();
    for meta in &mut metas {
        (meta.eye_color, meta.lamps, meta.seated) = (None, None, None);
        (meta.shape_params, meta.light_yaw_deg) = (None, None);
    }
    check(&path, &metas);
    let reader = ShardReader::open(&path).unwrap();
    assert!(reader.labels().map(Result::unwrap).eq(metas));
}

#[test]
fn damaged_labels_end_with_an_error_or_other_values_but_never_a_panic() {
    let folder = tempfile::tempdir().unwrap();
    let path = shard(folder.path());
    let bytes = std::fs::read(&path).unwrap();
    let broken = folder.path().join("broken.parquet");
    let mut errors = 0;
    for i in 0..400 {
        let mut damaged = bytes.clone();
        let at = (i * 7919) % (bytes.len() - 8);
        damaged[at] ^= 1 << (i % 8);
        std::fs::write(&broken, &damaged).unwrap();
        let read = ShardReader::open_for_labels(&broken)
            .and_then(|reader| Ok((reader.rows(), reader.label_columns(&names())?)));
        match read {
            Ok((rows, columns)) => assert!(columns.values().all(|c| c.len() == rows)),
            Err(_) => errors += 1,
        }
    }
    assert!(errors > 20, "{errors} of 400 flips were noticed");
}
