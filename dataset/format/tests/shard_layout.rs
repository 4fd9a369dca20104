//! How a shard lies on the disk: what makes one sample readable alone.

use std::fs::File;
use std::path::Path;

use bottega_format::shard::writer::write_shard;
use bottega_format::{EncodedRow, ShardInfo, synthetic};
use parquet::basic::{Compression, Encoding};
use parquet::file::metadata::{PageIndexPolicy, ParquetMetaData, ParquetMetaDataReader};

fn metadata(path: &Path) -> ParquetMetaData {
    let info = ShardInfo {
        plan: synthetic::plan("ball"),
        shard_idx: 0,
    };
    let planes = info.plan.planes;
    let row = |index| EncodedRow::encode(&synthetic::sample("ball", index, (192, 256)), planes);
    write_shard(path, info, (0..8).map(row), 0).expect("a ball breaks no rule");
    ParquetMetaDataReader::new()
        .with_page_index_policy(PageIndexPolicy::Required)
        .parse_and_finish(&File::open(path).expect("it was just written"))
        .expect("it has a page index")
}

#[test]
fn every_large_picture_has_a_page_of_its_own_and_labels_share_theirs() {
    let folder = tempfile::tempdir().unwrap();
    let metadata = metadata(&folder.path().join("a.parquet"));
    assert_eq!(metadata.num_row_groups(), 1);
    let offsets = &metadata.offset_index().unwrap()[0];
    for (leaf, column) in metadata.row_group(0).columns().iter().enumerate() {
        let path = column.column_path().string();
        let pages = offsets[leaf].page_locations.len();
        let is_blob = ["depth_exr", "normal_exr"].contains(&path.as_str());
        let bytes = column.uncompressed_size();
        assert!(
            !is_blob || bytes > 8 * 9000,
            "{path} has {bytes} bytes: too little to tell"
        );
        assert_eq!(pages, if is_blob { 8 } else { pages.min(8) }, "{path}");
        if !path.ends_with(".bytes") && !is_blob {
            assert_eq!(pages, 1, "{path}");
        }
    }
}

#[test]
fn numbers_are_split_by_bytes_and_words_share_a_dictionary() {
    let folder = tempfile::tempdir().unwrap();
    let metadata = metadata(&folder.path().join("a.parquet"));
    let group = metadata.row_group(0);
    let column = |name: &str| {
        let is_it = |column: &&parquet::file::metadata::ColumnChunkMetaData| {
            column.column_path().string() == name
        };
        group
            .columns()
            .iter()
            .find(is_it)
            .expect("the column is there")
    };
    let has = |name: &str, encoding| column(name).encodings().any(|found| found == encoding);
    assert!(has("fg_fraction", Encoding::BYTE_STREAM_SPLIT));
    assert!(has("framing", Encoding::RLE_DICTIONARY));
    assert!(!has("image_blake3", Encoding::RLE_DICTIONARY));
    assert_eq!(
        column("alpha.bytes").compression(),
        Compression::UNCOMPRESSED
    );
    assert!(column("image.bytes").statistics().is_none());
    assert!(column("index").statistics().is_some());
    assert!(column("sample_id").bloom_filter_offset().is_some());
    let sorting = group.sorting_columns().expect("the rows are sorted");
    let sorted_by = group.columns()[sorting[0].column_idx as usize]
        .column_path()
        .string();
    assert_eq!(sorted_by, "index");
}
