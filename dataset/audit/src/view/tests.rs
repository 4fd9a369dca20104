//! Queries against a count by brute force, and datasets with gaps.

use std::fs;
use std::path::Path;

use bottega_format::ShardReader;
use bottega_schemas::SampleMeta;
use bottega_schemas::column::Value;

use super::facet::Facet;
use super::filter::{Filter, SEARCH};
use super::index::Index;
use super::query::{Answers, Query};
use crate::files::DatasetFiles;
use crate::fixture::{row, write_dataset};

fn open(root: &Path) -> Index {
    Index::read(&DatasetFiles::find(root).unwrap(), false).unwrap()
}

/// Labels that vary, some of them unknown.
fn spoil(index: i64) -> impl FnOnce(&mut SampleMeta) {
    move |meta| {
        let framings = ["face", "upper_body", "full_body"];
        meta.framing = (index % 5 != 4).then(|| framings[index as usize % 3].to_owned());
        meta.bmi = (index % 4 != 3).then_some(18.0 + 0.7 * index as f32);
        meta.skin_tone_mst = (index % 6 != 5).then_some((index % 10) as i8 + 1);
        meta.seated = (index % 2 == 0).then_some(index % 4 == 0);
        meta.garments = (index % 3 != 0).then(|| {
            let all = ["shirt", "jeans", "hat"];
            all[..index as usize % 4 % 3]
                .iter()
                .map(|word| (*word).to_owned())
                .collect()
        });
        meta.hair_style = Some(format!("cut-{}", index * 7 % 5));
    }
}

fn dataset(root: &Path, n: i64) -> Vec<SampleMeta> {
    let rows: Vec<_> = (0..n).map(|index| row(index, spoil(index))).collect();
    write_dataset(root, 8, &rows);
    rows.into_iter().map(|row| row.meta).collect()
}

/// Whether a sample passes a filter, computed from its labels one by one.
fn passes(meta: &SampleMeta, filter: &Filter) -> bool {
    if filter.column == SEARCH {
        let names = [
            Some(&meta.sample_id),
            meta.identity_id.as_ref(),
            meta.source_name.as_ref(),
        ];
        let wanted = filter.text.as_ref().unwrap().to_lowercase();
        return names
            .into_iter()
            .flatten()
            .any(|name| name.to_lowercase().contains(&wanted));
    }
    match meta.value(&filter.column).unwrap() {
        Value::Null => filter.unknown,
        Value::Text(text) => match &filter.text {
            Some(wanted) => text.to_lowercase().contains(&wanted.to_lowercase()),
            None => filter.any.contains(&text),
        },
        Value::TextList(list) => list.iter().any(|word| filter.any.contains(word)),
        Value::Bool(truth) => filter.any.contains(&truth.to_string()),
        Value::Int(number) if !filter.any.is_empty() => filter.any.contains(&number.to_string()),
        number => {
            let number = number.as_f64().unwrap();
            let is_bounded = filter.from.is_some() || filter.to.is_some();
            is_bounded
                && filter.from.is_none_or(|from| from <= number)
                && filter.to.is_none_or(|to| number <= to)
        }
    }
}

fn filters() -> Vec<Filter> {
    let of = |column: &str| Filter {
        column: column.to_owned(),
        ..Filter::default()
    };
    let any = |column: &str, words: &[&str], unknown| Filter {
        any: words.iter().map(|word| (*word).to_owned()).collect(),
        unknown,
        ..of(column)
    };
    let range = |column: &str, from, to, unknown| Filter {
        from,
        to,
        unknown,
        ..of(column)
    };
    let text = |column: &str, text: &str| Filter {
        text: Some(text.to_owned()),
        ..of(column)
    };
    vec![
        any("framing", &["face"], false),
        any("framing", &["face", "full_body"], true),
        any("framing", &[], true),
        any("framing", &["nobody"], false),
        any("seated", &["true"], false),
        any("seated", &["false"], true),
        any("skin_tone_mst", &["1", "10"], false),
        any("garments", &["jeans"], false),
        any("garments", &["jeans"], true),
        any("hair_style", &["cut-2"], false),
        range("bmi", Some(20.0), Some(30.0), false),
        range("bmi", Some(25.0), None, true),
        range("bmi", None, Some(19.0), false),
        range("bmi", None, None, true),
        range("index", Some(3.0), Some(3.0), false),
        text("sample_id", "000001"),
        text(SEARCH, "TEST-000002"),
        text(SEARCH, "é"),
        text(SEARCH, ""),
    ]
}

#[test]
fn every_pair_of_filters_counts_as_brute_force_does() {
    let dir = tempfile::tempdir().unwrap();
    let metas = dataset(dir.path(), 37);
    let index = open(dir.path());
    assert_eq!((index.rows, index.shards.len()), (37, 5));
    let answers = Answers::default();
    let all = filters();
    for first in &all {
        for second in &all {
            let filters = vec![first.clone(), second.clone()];
            let of = |metas: &[SampleMeta], filters: &[Filter]| -> Vec<usize> {
                let passes =
                    |row: &usize| filters.iter().all(|filter| passes(&metas[*row], filter));
                (0..metas.len()).filter(passes).collect()
            };
            let query = Query {
                filters: filters.clone(),
                limit: 100,
                facets: vec!["framing".to_owned(), "bmi".to_owned()],
                ..Query::default()
            };
            let answer = answers.answer(&index, &query).unwrap();
            let found: Vec<usize> = answer.samples.iter().map(|sample| sample.row).collect();
            assert_eq!(found, of(&metas, &filters), "{filters:?}");
            assert_eq!(answer.matched, found.len());

            // Beside a filter stand the counts of a dataset without it: the first of its column.
            let own = filters.iter().position(|filter| filter.column == "framing");
            let mut others = filters.clone();
            own.map(|own| others.remove(own));
            let rows = of(&metas, &others);
            let Facet::Words { words, unknown, .. } = &answer.facets["framing"] else {
                panic!("framing is a category");
            };
            for (word, n) in words {
                let count = rows
                    .iter()
                    .filter(|row| metas[**row].framing.as_ref() == Some(word));
                assert_eq!(*n as usize, count.count(), "{word} {filters:?}");
            }
            let nameless = rows.iter().filter(|row| metas[**row].framing.is_none());
            assert_eq!(*unknown as usize, nameless.count());
            let Facet::Numbers { bars, unknown, .. } = &answer.facets["bmi"] else {
                panic!("the body-mass index is a number");
            };
            let own = filters.iter().position(|filter| filter.column == "bmi");
            let mut others = filters.clone();
            own.map(|own| others.remove(own));
            let n: u32 = bars.iter().sum::<u32>() + unknown;
            assert_eq!(n as usize, of(&metas, &others).len(), "{filters:?}");
        }
    }
}

#[test]
fn samples_are_ordered_by_any_column_and_the_unknown_come_last() {
    let dir = tempfile::tempdir().unwrap();
    let metas = dataset(dir.path(), 20);
    let index = open(dir.path());
    let answers = Answers::default();
    for (column, descending) in [
        ("bmi", false),
        ("bmi", true),
        ("framing", false),
        ("sample_id", true),
    ] {
        let query = Query {
            sort: Some(column.to_owned()),
            descending,
            limit: 100,
            show: vec![column.to_owned()],
            locate: Some(7),
            ..Query::default()
        };
        let answer = answers.answer(&index, &query).unwrap();
        assert_eq!(answer.samples.len(), 20);
        let place = answer.position.unwrap();
        assert_eq!(answer.samples[place].row, 7);
        let values = answer
            .samples
            .iter()
            .map(|sample| metas[sample.row].value(column).unwrap());
        let rank = |value: &Value| match value {
            Value::Text(text) if column == "framing" => ["face", "upper_body", "full_body"]
                .iter()
                .position(|w| w == text)
                .map(|at| at as f64),
            Value::Text(text) => text.rsplit('-').next().and_then(|n| n.parse().ok()),
            other => other.as_f64(),
        };
        let ranks: Vec<Option<f64>> = values.map(|value| rank(&value)).collect();
        let n_known = ranks.iter().flatten().count();
        assert!(
            ranks[n_known..].iter().all(Option::is_none),
            "{column}: {ranks:?}"
        );
        let known: Vec<f64> = ranks.iter().flatten().copied().collect();
        let in_order = |pair: &[f64]| {
            if descending {
                pair[0] >= pair[1]
            } else {
                pair[0] <= pair[1]
            }
        };
        assert!(known.windows(2).all(in_order), "{column}: {known:?}");
    }
}

#[test]
fn questions_without_sense_are_told() {
    let dir = tempfile::tempdir().unwrap();
    dataset(dir.path(), 3);
    let index = open(dir.path());
    let told = |query: Query| {
        Answers::default()
            .answer(&index, &query)
            .unwrap_err()
            .to_string()
    };
    let filter = |column: &str, words: &[&str], from| Query {
        filters: vec![Filter {
            column: column.to_owned(),
            any: words.iter().map(|word| (*word).to_owned()).collect(),
            from,
            ..Filter::default()
        }],
        ..Query::default()
    };
    assert!(told(filter("nonsense", &["a"], None)).contains("no column \"nonsense\""));
    assert!(told(filter("shape_params", &["a"], None)).contains("no column"));
    assert!(told(filter("bmi", &["a"], None)).contains("wants `from`"));
    assert!(told(filter("bmi", &[], None)).contains("wants `from`"));
    assert!(told(filter("framing", &["face"], Some(1.0))).contains("wants `any`"));
    assert!(told(filter("framing", &[], None)).contains("wants `any`"));
    let sort = Query {
        sort: Some("nonsense".to_owned()),
        ..Query::default()
    };
    assert!(told(sort).contains("to sort by"));
    let count = Query {
        facets: vec!["sample_id".to_owned()],
        ..Query::default()
    };
    assert!(told(count).contains("are not counted"));
    let many = Query {
        filters: vec![Filter::default(); 65],
        ..Query::default()
    };
    assert!(told(many).contains("64 are the most"));
}

#[test]
fn a_broken_shard_is_told_and_the_others_are_shown() {
    let dir = tempfile::tempdir().unwrap();
    dataset(dir.path(), 24);
    let broken = dir.path().join("data/train-00001.parquet");
    let bytes = fs::read(&broken).unwrap();
    fs::write(&broken, &bytes[..bytes.len() / 2]).unwrap();
    let index = open(dir.path());
    assert_eq!(index.rows, 16);
    assert!(index.shards[1].broken.is_some() && index.shards[2].broken.is_none());
    // The first sample behind the gap.
    assert_eq!(index.place(8), Some((2, 0)));
    assert_eq!(index.place(16), None);
    assert_eq!(index.ids().get(8), Some("test-0000016"));
    assert_eq!(index.ids().row_of("test-0000016"), Some(8));
}

#[cfg(unix)]
#[test]
fn a_link_out_of_the_dataset_is_not_followed() {
    let dir = tempfile::tempdir().unwrap();
    let outside = dir.path().join("outside");
    dataset(&outside, 4);
    let inside = dir.path().join("inside");
    dataset(&inside, 4);
    let target = outside.join("data/train-00000.parquet");
    std::os::unix::fs::symlink(&target, inside.join("data/train-00009.parquet")).unwrap();
    let files = DatasetFiles::find(&inside).unwrap();
    let index = Index::read(&files, false).unwrap();
    assert_eq!(index.rows, 4);
    let told = index.shards[1].broken.as_deref().unwrap();
    assert!(
        told.contains("link out of the dataset") && told.contains("--follow-links"),
        "{told}"
    );
    assert_eq!(Index::read(&files, true).unwrap().rows, 8);
}

#[test]
fn an_empty_dataset_and_one_sample_are_datasets_too() {
    let dir = tempfile::tempdir().unwrap();
    write_dataset(dir.path(), 8, &[]);
    let index = open(dir.path());
    assert_eq!((index.rows, index.place(0)), (0, None));
    let query = Query {
        facets: vec!["framing".to_owned(), "bmi".to_owned()],
        filters: filters(),
        limit: 10,
        ..Query::default()
    };
    let answer = Answers::default().answer(&index, &query).unwrap();
    assert_eq!((answer.total, answer.matched), (0, 0));

    let one = tempfile::tempdir().unwrap();
    dataset(one.path(), 1);
    let shard = one.path().join("data/train-00000.parquet");
    let index = open(&shard);
    assert_eq!(
        (index.rows, index.name.as_str()),
        (1, "train-00000.parquet")
    );
    assert_eq!(ShardReader::open(&shard).unwrap().rows(), 1);
}

#[test]
fn the_key_changes_with_the_files() {
    let dir = tempfile::tempdir().unwrap();
    dataset(dir.path(), 9);
    let before = open(dir.path()).key;
    assert_eq!(open(dir.path()).key, before);
    fs::remove_file(dir.path().join("data/train-00001.parquet")).unwrap();
    assert_ne!(open(dir.path()).key, before);
}
