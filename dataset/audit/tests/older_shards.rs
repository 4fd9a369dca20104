//! Datasets whose shards were made at different times: some lack columns, some labels are unknown
//! everywhere; rows stay rows, and every command that reads labels works.

#![allow(
    clippy::unwrap_used,
    reason = "the panic is the report, in helpers too"
)]

use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicU64;

use bottega_audit::diff::diff_datasets;
use bottega_audit::fairness::{self, AuditInput, RecipeSource};
use bottega_audit::labels::LabelTable;
use bottega_audit::pixels::measure_pixels;
use bottega_audit::report::report;
use bottega_audit::stats::Distribution;
use bottega_audit::verify::verify_dataset;
use bottega_audit::{Check, DatasetStats, VerifyConfig};
use bottega_format::shard::writer::write_shard;
use bottega_format::{EncodedRow, ShardInfo, ShardReader, synthetic};
use bottega_schemas::audit::{AuditConfig, Status};
use bottega_schemas::sample::COLUMNS;
use bottega_schemas::shard_schema::{SCHEMA_VERSION, shard_path};
use bottega_schemas::{DatasetPlan, Group, OptionalPlanes, SampleMeta};

/// Rows of a shard, and of the dataset, whose last shard is not full.
const SHARD: u64 = 40;
const ROWS: u64 = 130;

fn write(root: &Path, spoil: impl Fn(u64, &mut SampleMeta)) -> Vec<PathBuf> {
    let plan = DatasetPlan {
        shard_size: SHARD,
        ..synthetic::plan("ball")
    };
    std::fs::create_dir_all(root.join("data")).unwrap();
    let write = |shard_idx: u64| {
        let first = shard_idx * SHARD;
        let rows = (first..(first + SHARD).min(ROWS)).map(|index| {
            let sample = synthetic::sample("ball", index, (8, 10));
            let mut row = EncodedRow::encode(&sample, OptionalPlanes::default())?;
            row.meta.eye_color = Some(["brown", "blue", "green"][(index % 3) as usize].into());
            row.meta.lamps = Some(index as i32);
            spoil(index, &mut row.meta);
            Ok(row)
        });
        let path = root.join(shard_path("train", shard_idx));
        let info = ShardInfo {
            plan: plan.clone(),
            shard_idx,
        };
        write_shard(&path, info, rows, 0).unwrap();
        path
    };
    (0..ROWS.div_ceil(SHARD)).map(write).collect()
}

/// Columns that the shards lack, by shard: the first, one in the middle, the last; one column is in
/// no shard.
const LACKING: [(usize, &[&str]); 4] = [
    (0, &["eye_color", "bmi", "sun_height_deg"]),
    (1, &["lamps", "sun_height_deg"]),
    (2, &["lamps", "eye_color", "seated", "sun_height_deg"]),
    (3, &["bmi", "shape_params", "sun_height_deg"]),
];

fn mixed(root: &Path) -> Vec<SampleMeta> {
    let shards = write(root, |_, _| {});
    for (shard, names) in LACKING {
        synthetic::drop_columns(&shards[shard], names).unwrap();
    }
    let labels = |shard: &PathBuf| -> Vec<SampleMeta> {
        let reader = ShardReader::open(shard).unwrap();
        reader.labels().map(Result::unwrap).collect()
    };
    shards.iter().flat_map(labels).collect()
}

#[test]
fn rows_of_mixed_shards_stay_aligned() {
    let folder = tempfile::tempdir().unwrap();
    let metas = mixed(folder.path());
    assert_eq!(metas.len() as u64, ROWS);
    let paths = [folder.path().to_owned()];
    let names = [
        "eye_color",
        "lamps",
        "bmi",
        "framing",
        "sample_id",
        "bmi_class",
        "sun_height_deg",
    ];
    let table = LabelTable::read(&paths, &names).unwrap();
    assert_eq!((table.rows as u64, table.shards), (ROWS, 4));
    for name in ["eye_color", "framing", "sample_id"] {
        let found = table.categories(name).unwrap();
        assert_eq!(found.codes.len() as u64, ROWS, "{name}");
        for (meta, code) in metas.iter().zip(&found.codes) {
            let value = meta.value(name).unwrap();
            let word = found.words.get(*code as usize).map(String::as_str);
            assert_eq!(word, value.as_text(), "{name} of {}", meta.sample_id);
        }
    }
    for name in ["lamps", "bmi", "sun_height_deg"] {
        let found = table.numbers(name).unwrap();
        assert_eq!(found.len() as u64, ROWS, "{name}");
        for (meta, number) in metas.iter().zip(found) {
            let wanted = meta.value(name).unwrap().as_f64();
            assert_eq!(
                Some(*number).filter(|n| !n.is_nan()),
                wanted,
                "{}",
                meta.sample_id
            );
        }
    }
}

#[test]
fn statistics_of_mixed_shards_are_those_of_their_rows() {
    let folder = tempfile::tempdir().unwrap();
    let metas = mixed(folder.path());
    let paths = [folder.path().to_owned()];
    let mut stats = DatasetStats::of_datasets(&paths).unwrap();
    assert_eq!(stats.samples, ROWS);
    for column in &stats.columns {
        let known = metas
            .iter()
            .filter(|meta| meta.value(column.name) != Some(bottega_schemas::Value::Null));
        assert_eq!(column.known, known.count() as u64, "{}", column.name);
        assert_eq!(column.known + column.unknown, ROWS, "{}", column.name);
    }
    let lamps = stats
        .columns
        .iter()
        .find(|column| column.name == "lamps")
        .unwrap();
    let Distribution::Numbers(lamps) = &lamps.distribution else {
        panic!("lamps are numbers");
    };
    assert_eq!((lamps.min, lamps.max), (0.0, 129.0));

    let pairs = [("eye_color".to_owned(), "framing".to_owned())];
    stats.add_joint(&paths, &pairs).unwrap();
    let joint = &stats.joint[0];
    for (eye, counts) in joint.row_values.iter().zip(&joint.counts) {
        for (framing, count) in joint.column_values.iter().zip(counts) {
            let is_both = |meta: &&SampleMeta| {
                meta.eye_color.as_ref() == Some(eye) && meta.framing.as_ref() == Some(framing)
            };
            assert_eq!(
                *count,
                metas.iter().filter(is_both).count() as u64,
                "{eye} {framing}"
            );
        }
    }
    // One shard alone, without the column at all.
    let one = [folder.path().join("data/train-00002.parquet")];
    let stats = DatasetStats::of_datasets(&one).unwrap();
    let eye = stats
        .columns
        .iter()
        .find(|column| column.name == "eye_color")
        .unwrap();
    assert_eq!((eye.known, eye.unknown), (0, SHARD));
}

#[test]
fn audit_report_and_diff_work_on_mixed_shards() {
    let folder = tempfile::tempdir().unwrap();
    mixed(folder.path());
    let whole = tempfile::tempdir().unwrap();
    write(whole.path(), |_, _| {});
    let paths = [folder.path().to_owned()];
    let config = AuditConfig::default();
    let labels = fairness::read_labels(&paths, &config, &[]).unwrap();
    let input = AuditInput {
        labels: &labels,
        pixels: &measure_pixels(&paths, 10).unwrap(),
        predictions: &[],
    };
    let found = fairness::audit(
        &input,
        fairness::describe(&paths, &labels).unwrap(),
        &config,
    );
    assert_eq!(found.dataset.rows, ROWS);
    let bmi = found
        .representation
        .iter()
        .find(|entry| entry.attribute == "bmi_class");
    assert_eq!(bmi.unwrap().n, 2 * SHARD);
    let html = report(&paths, &config, &[]).unwrap();
    assert!(html.contains("bmi") && html.contains("</html>"));

    let diff = diff_datasets(folder.path(), whole.path()).unwrap();
    assert!(!diff.is_same && diff.samples.common == ROWS);
    assert_eq!(diff.columns_only_b, ["sun_height_deg"]);
    assert_eq!(diff.samples.differs["eye_color"], 2 * SHARD);
    assert_eq!(diff.samples.differs.get("framing"), None);
}

#[test]
fn labels_that_nobody_knows_are_told_as_unknown() {
    let folder = tempfile::tempdir().unwrap();
    // As an import: who the people are is not known.
    write(folder.path(), |_, meta| {
        *meta = SampleMeta {
            sample_id: meta.sample_id.clone(),
            index: meta.index,
            split: meta.split.clone(),
            width: meta.width,
            height: meta.height,
            ..SampleMeta::default()
        };
    });
    let paths = [folder.path().to_owned()];
    let config = AuditConfig::default();
    let labels = fairness::read_labels(&paths, &config, &[]).unwrap();
    let input = AuditInput {
        labels: &labels,
        pixels: &[],
        predictions: &[],
    };
    let found = fairness::audit(
        &input,
        fairness::describe(&paths, &labels).unwrap(),
        &config,
    );
    assert!(!found.has_failed());
    let unknown = |check: &&bottega_schemas::audit::CheckEntry| {
        check.id == "REP-1" && check.status == Status::NotAvailable
    };
    assert_eq!(
        found.checks.iter().filter(unknown).count(),
        config.sensitive.len()
    );
    assert_eq!(found.dataset.identities, None);
    let source = RecipeSource::of_datasets(&paths).unwrap();
    assert!(fairness::suggest(&labels, &config, "balls", &source).is_none());
    let stats = DatasetStats::of_datasets(&paths).unwrap();
    assert!(stats.to_table().starts_with("130 samples"));
    assert!(report(&paths, &config, &[]).unwrap().contains("</html>"));
}

#[test]
fn shards_of_an_older_schema_are_whole_and_those_of_a_newer_one_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let points = COLUMNS.iter().filter(|c| c.group == Group::Points);
    let points: Vec<&str> = points.map(|column| column.name).collect();
    for (version, is_known) in [("1.0.0", true), (SCHEMA_VERSION, true), ("9.0.0", false)] {
        let path = folder.path().join("train-00000.parquet");
        let plan = DatasetPlan {
            schema_version: version.into(),
            ..synthetic::plan("ball")
        };
        let rows = (0..3).map(|index| {
            let sample = synthetic::sample("ball", index, (8, 10));
            let mut row = EncodedRow::encode(&sample, OptionalPlanes::default())?;
            synthetic::add_points(&mut row.meta);
            Ok(row)
        });
        write_shard(&path, ShardInfo { plan, shard_idx: 0 }, rows, 0).unwrap();
        if version == "1.0.0" {
            synthetic::drop_columns(&path, &points).unwrap();
            let meta = ShardReader::open(&path).unwrap().row(1).unwrap().meta;
            assert!(meta.joints_px.is_none() && meta.face_net_visibility.is_none());
        }
        let found = verify_dataset(&path, &VerifyConfig::default(), &AtomicU64::new(0)).unwrap();
        let mut of_schema = found.findings.iter().filter(|f| f.check == Check::Schema);
        assert_eq!(of_schema.next().is_none(), is_known, "{version}");
        let unreadable = found.findings.iter().find(|f| f.check == Check::Readable);
        assert!(unreadable.is_none(), "{version}: {unreadable:?}");
    }
}
