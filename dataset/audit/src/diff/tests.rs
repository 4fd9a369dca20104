//! Datasets compared with themselves and with others.

use bottega_format::EncodedRow;

use super::*;
use crate::fixture::{row, write_dataset};

fn dataset(rows: &[EncodedRow]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    write_dataset(dir.path(), 16, rows);
    dir
}

#[test]
fn a_dataset_is_the_same_as_itself_in_other_shards() {
    let rows: Vec<EncodedRow> = (0..6).map(|index| row(index, |_| {})).collect();
    let (a, b) = (dataset(&rows), tempfile::tempdir().unwrap());
    write_dataset(b.path(), 4, &rows);
    let diff = diff_datasets(a.path(), b.path()).unwrap();
    assert!(diff.is_same, "{diff:?}");
    assert_eq!((diff.samples.common, diff.samples.equal), (6, 6));
    assert_eq!(
        diff.provenance.len(),
        1,
        "the shard size: {:?}",
        diff.provenance
    );
    assert!(
        diff.attributes
            .iter()
            .all(|attribute| attribute.effect == 0.0)
    );
}

#[test]
fn one_changed_label_and_one_changed_plane_are_named() {
    let rows: Vec<EncodedRow> = (0..4).map(|index| row(index, |_| {})).collect();
    let mut changed = rows.clone();
    changed[1] = row(1, |meta| meta.bmi = Some(21.5));
    changed[2].depth_exr.clone_from(&rows[3].depth_exr);
    let diff = diff_datasets(dataset(&rows).path(), dataset(&changed).path()).unwrap();
    assert!(!diff.is_same);
    assert_eq!((diff.samples.common, diff.samples.equal), (4, 2));
    let examples: Vec<(&str, &[String])> = diff
        .samples
        .examples
        .iter()
        .map(|(id, names)| (id.as_str(), names.as_slice()))
        .collect();
    assert_eq!(
        examples,
        [
            ("test-0000001", &["bmi".to_owned()][..]),
            ("test-0000002", &["depth_blake3".to_owned()][..]),
        ]
    );
}

#[test]
fn a_shifted_distribution_has_a_large_effect_and_missing_rows_are_counted() {
    let rows = |shift: f32, n: i64| -> Vec<EncodedRow> {
        let spoil = |index: i64| {
            move |meta: &mut bottega_schemas::SampleMeta| {
                meta.light_ev = Some(0.1 * index as f32 + shift);
                meta.pose_id = Some(if shift > 0.0 { "sit" } else { "stand" }.to_owned());
            }
        };
        (0..n).map(|index| row(index, spoil(index))).collect()
    };
    let (a, b) = (dataset(&rows(0.0, 12)), dataset(&rows(9.0, 10)));
    let diff = diff_datasets(a.path(), b.path()).unwrap();
    assert_eq!((diff.samples.only_a, diff.samples.only_b), (2, 0));
    let of = |name: &str| {
        diff.attributes
            .iter()
            .find(|diff| diff.name == name)
            .unwrap()
    };
    assert!(of("light_ev").effect > 0.999 && of("pose_id").effect > 0.999);
    assert!(of("light_ev").p < 1e-3 && of("pose_id").p < 1e-3);
    assert!(of("skin_ita_deg").effect < 0.2 && of("skin_ita_deg").p > 0.9);
    let text = diff.to_string();
    assert!(
        text.contains("pose_id") && text.contains("only in A"),
        "{text}"
    );
}

#[test]
fn pictures_under_other_names_are_matched_and_their_labels_compared() {
    let rows: Vec<EncodedRow> = (0..4).map(|index| row(index, |_| {})).collect();
    let mut renamed = rows.clone();
    for row in &mut renamed {
        row.meta.sample_id = row.meta.sample_id.replace("test", "other");
        row.meta.age_years = None;
    }
    renamed[3].meta.bmi = Some(21.5);
    let (a, b) = (dataset(&rows), dataset(&renamed));
    let diff = diff_datasets(a.path(), b.path()).unwrap();
    assert_eq!(
        (
            diff.samples.common,
            diff.samples.only_a,
            diff.samples.renamed
        ),
        (0, 4, 4)
    );
    assert_eq!(
        diff.samples.renamed_examples["test-0000002"],
        "other-0000002"
    );
    assert_eq!(diff.samples.renamed_differs.len(), 0, "bmi is null in A");
    assert_eq!(diff.labels_only_a, ["age_years"]);
    assert_eq!(diff.labels_only_b, ["bmi"]);
    let text = diff.to_string();
    assert!(
        text.contains("test-0000000 as other-0000000")
            && text.contains("known only in A: age_years"),
        "{text}"
    );
}

#[test]
fn chance_is_not_told_as_a_difference() {
    // Two halves of one population: effects of a tenth, as few rows have them.
    let rows = |from: i64| -> Vec<EncodedRow> {
        (from..from + 24)
            .map(|index| {
                row(index, |meta| {
                    meta.light_ev = Some(((index * 37) % 48) as f32);
                })
            })
            .collect()
    };
    let (a, b) = (dataset(&rows(0)), tempfile::tempdir().unwrap());
    let moved: Vec<EncodedRow> = rows(24)
        .into_iter()
        .enumerate()
        .map(|(i, mut row)| {
            row.meta.index = i as i64;
            row
        })
        .collect();
    write_dataset(b.path(), 16, &moved);
    let diff = diff_datasets(a.path(), b.path()).unwrap();
    let light = diff.attributes.iter().find(|d| d.name == "light_ev");
    assert!(light.unwrap().effect > 0.05);
    assert!(!diff.to_string().contains("light_ev"), "{diff}");
}

#[test]
fn two_rows_of_one_name_are_no_equal_dataset() {
    let rows: Vec<EncodedRow> = (0..4).map(|index| row(index, |_| {})).collect();
    let mut repeated = rows.clone();
    repeated[3]
        .meta
        .sample_id
        .clone_from(&rows[2].meta.sample_id);
    let (a, b) = (dataset(&repeated), dataset(&repeated));
    let diff = diff_datasets(a.path(), b.path()).unwrap();
    assert_eq!(diff.samples.repeated_a, 1);
    assert!(!diff.is_same);
}
