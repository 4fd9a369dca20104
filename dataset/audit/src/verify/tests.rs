//! Whole datasets, sound ones and spoilt ones.

use std::fs;
use std::path::PathBuf;

use bottega_format::EncodedRow;

use crate::fixture::{row, write_dataset};

use super::*;

const SHARD: &str = "data/train-00000.parquet";

fn verify(path: &Path, checksums: bool) -> Verification {
    let config = VerifyConfig {
        checksums,
        ..VerifyConfig::default()
    };
    verify_dataset(path, &config, &AtomicU64::new(0)).unwrap()
}

fn dataset(rows: &[EncodedRow]) -> (tempfile::TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    write_dataset(dir.path(), 4, rows);
    let shard = dir.path().join(SHARD);
    (dir, shard)
}

fn sound_rows(n: i64) -> Vec<EncodedRow> {
    (0..n).map(|index| row(index, |_| {})).collect()
}

fn checks(verification: &Verification) -> BTreeSet<Check> {
    verification
        .findings
        .iter()
        .map(|finding| finding.check)
        .collect()
}

#[test]
fn a_sound_dataset_has_no_finding() {
    let (dir, shard) = dataset(&sound_rows(6));
    let found = verify(dir.path(), true);
    assert_eq!(found.findings, []);
    assert_eq!((found.shards, found.rows), (2, 6));
    assert_eq!(verify(&shard, true).findings, [], "a shard alone");
}

#[test]
fn a_flipped_byte_anywhere_is_found() {
    let (dir, shard) = dataset(&sound_rows(2));
    let good = fs::read(&shard).unwrap();
    for at in [4, good.len() / 3, good.len() / 2, good.len() - 9] {
        let mut bad = good.clone();
        bad[at] ^= 0x10;
        fs::write(&shard, bad).unwrap();
        assert!(!verify(dir.path(), true).findings.is_empty(), "byte {at}");
    }
}

#[test]
fn a_cut_shard_is_a_finding_at_any_length() {
    let (dir, shard) = dataset(&sound_rows(2));
    let good = fs::read(&shard).unwrap();
    for length in [0, 3, 7, good.len() / 5, good.len() / 2, good.len() - 1] {
        fs::write(&shard, &good[..length]).unwrap();
        let found = verify(dir.path(), true);
        assert!(
            checks(&found).contains(&Check::Readable),
            "{length}: {:?}",
            found.findings
        );
        assert!(
            checks(&verify(&shard, false)).contains(&Check::Readable),
            "{length}"
        );
    }
}

#[test]
fn stored_hashes_are_checked_unless_meaning_alone_is_judged() {
    let (_dir, shard) = dataset(&sound_rows(1));
    let reader = bottega_format::ShardReader::open(&shard).unwrap();
    let (row, good) = reader.row_and_hashes(0).unwrap();
    let found = |hashes: &BTreeMap<&'static str, String>, checksums| {
        let config = VerifyConfig {
            checksums,
            ..VerifyConfig::default()
        };
        let mut findings = Vec::new();
        rows::check_row((0, &row), hashes, true, &config, &mut findings);
        findings
    };
    assert_eq!(found(&good, true), []);
    for column in good.keys() {
        let mut bad = good.clone();
        bad.insert(column, "0".repeat(64));
        let findings = found(&bad, true);
        assert_eq!(findings.len(), 1, "{column}");
        assert!(findings[0].message.starts_with(column), "{}", findings[0]);
        assert_eq!(found(&bad, false), []);
        bad.remove(column);
        assert_eq!(found(&bad, true).len(), 1, "{column} is required");
    }
}

#[test]
fn a_wrong_label_names_its_row_and_sample() {
    let mut rows = sound_rows(3);
    rows[1] = row(1, |meta| meta.age_years = Some(17.0));
    let (dir, _) = dataset(&rows);
    let found = verify(dir.path(), true);
    assert_eq!(checks(&found), BTreeSet::from([Check::Label]));
    let finding = &found.findings[0];
    assert_eq!(
        (finding.row, finding.sample_id.as_deref()),
        (Some(1), Some("test-0000001"))
    );
    assert_eq!(finding.file.as_deref(), Some(SHARD));
}

#[test]
fn planes_of_another_sample_are_found_by_the_measured_columns() {
    let mut rows = sound_rows(9);
    let other = row(8, |_| {});
    rows[0].alpha.clone_from(&other.alpha);
    rows[0].depth_exr.clone_from(&other.depth_exr);
    rows[0].normal_exr.clone_from(&other.normal_exr);
    let (dir, _) = dataset(&rows);
    assert!(checks(&verify(dir.path(), false)).contains(&Check::Measured));
}

#[test]
fn swapped_depth_and_normal_files_are_found() {
    let mut rows = sound_rows(1);
    let EncodedRow {
        depth_exr,
        normal_exr,
        ..
    } = &mut rows[0];
    std::mem::swap(depth_exr, normal_exr);
    let (dir, _) = dataset(&rows);
    assert!(checks(&verify(dir.path(), false)).contains(&Check::Readable));
}

#[test]
fn missing_strange_and_changed_files_are_found() {
    let (dir, shard) = dataset(&sound_rows(6));
    fs::copy(&shard, dir.path().join("data/copy.parquet")).unwrap();
    fs::remove_file(dir.path().join("data/train-00001.parquet")).unwrap();
    let found = verify(dir.path(), true);
    let told = |text: &str| {
        found
            .findings
            .iter()
            .any(|finding| finding.message.contains(text))
    };
    assert!(
        told("train-00001.parquet is listed, but it is not there"),
        "{:?}",
        found.findings
    );
    assert!(told("copy.parquet is there, but it is not listed"));
    assert!(told("is in data/copy.parquet too"), "{:?}", found.findings);

    fs::write(dir.path().join(MANIFEST_NAME), "{").unwrap();
    assert!(checks(&verify(dir.path(), true)).contains(&Check::Manifest));
    fs::remove_file(dir.path().join(MANIFEST_NAME)).unwrap();
    assert!(checks(&verify(dir.path(), true)).contains(&Check::Manifest));
    assert!(!checks(&verify(dir.path(), false)).contains(&Check::Manifest));
}

#[test]
fn an_identity_in_two_splits_is_found() {
    let mut rows = sound_rows(2);
    rows[0] = row(0, |meta| meta.identity_id = Some("a".repeat(16)));
    rows[1] = row(1, |meta| {
        meta.identity_id = Some("a".repeat(16));
        meta.split = "test".to_owned();
    });
    let (dir, _) = dataset(&rows);
    let found = verify(dir.path(), true);
    assert!(
        found
            .findings
            .iter()
            .any(|finding| finding.message.contains("splits"))
    );
}

#[test]
fn many_findings_of_one_check_are_counted() {
    let rows: Vec<EncodedRow> = (0..4)
        .map(|index| row(index, |meta| meta.bmi = Some(5.0)))
        .collect();
    let (dir, _) = dataset(&rows);
    let config = VerifyConfig {
        findings_per_check: 3,
        ..VerifyConfig::default()
    };
    let found = verify_dataset(dir.path(), &config, &AtomicU64::new(0)).unwrap();
    assert_eq!(found.findings.len(), 4);
    assert!(found.findings[3].message.starts_with("1 more"));
}

#[test]
fn no_dataset_is_an_error_not_a_finding() {
    let dir = tempfile::tempdir().unwrap();
    let outcome = verify_dataset(dir.path(), &VerifyConfig::default(), &AtomicU64::new(0));
    assert!(matches!(outcome, Err(AuditError::NoDataset { .. })));
}
