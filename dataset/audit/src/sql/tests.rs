//! Answers as text, JSON and CSV, beside what the statistics say.

use std::path::PathBuf;

use bottega_format::{EncodedRow, Prediction, write_predictions};

use super::*;
use crate::DatasetStats;
use crate::fixture::{row, write_dataset};
use crate::stats::Distribution;

fn dataset() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let rows: Vec<EncodedRow> = (0..20)
        .map(|index| {
            row(index, |meta| {
                meta.pose_id = Some(["stand", "sit, \"low\""][(index % 2) as usize].to_owned());
                meta.light_ev = (index != 3).then_some(index as f32 / 4.0);
            })
        })
        .collect();
    write_dataset(dir.path(), 8, &rows);
    dir
}

fn asked(paths: &[PathBuf], sql: &str, format: AnswerFormat) -> Result<String, AuditError> {
    let options = QueryOptions {
        threads: 2,
        memory_bytes: 64 << 20,
    };
    let mut text = String::new();
    ask(
        paths,
        sql,
        options,
        format,
        |piece| -> Result<(), AuditError> {
            text.push_str(piece);
            Ok(())
        },
    )?;
    Ok(text)
}

#[test]
fn an_answer_is_written_in_three_ways() {
    let dir = dataset();
    let paths = [dir.path().to_owned()];
    let sql =
        "SELECT pose_id, count(*) AS n, min(light_ev) AS low FROM samples GROUP BY 1 ORDER BY 1";
    let text = asked(&paths, sql, AnswerFormat::Text).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[0], "pose_id      n   low");
    assert_eq!(lines[2], "sit, \"low\"  10  0.25");
    assert_eq!(lines.len(), 4);

    let json = asked(&paths, sql, AnswerFormat::Json).unwrap();
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    let wanted = serde_json::json!([
        { "pose_id": "sit, \"low\"", "n": 10, "low": 0.25 },
        { "pose_id": "stand", "n": 10, "low": 0.0 },
    ]);
    assert_eq!(json, wanted);

    let csv = asked(&paths, sql, AnswerFormat::Csv).unwrap();
    let wanted = "pose_id,n,low\r\n\"sit, \"\"low\"\"\",10,0.25\r\nstand,10,0\r\n";
    assert_eq!(csv, wanted);
    let none = "SELECT pose_id FROM samples WHERE false";
    assert_eq!(asked(&paths, none, AnswerFormat::Json).unwrap(), "[\n]\n");
}

#[test]
fn counts_are_those_of_the_statistics() {
    let dir = dataset();
    let paths = [dir.path().to_owned()];
    let stats = DatasetStats::of_datasets(&paths).unwrap();
    for column in &stats.columns {
        let sql = format!("SELECT count(\"{}\") FROM samples", column.name);
        let text = asked(&paths, &sql, AnswerFormat::Csv).unwrap();
        assert_eq!(
            text.lines().nth(1),
            Some(column.known.to_string().as_str()),
            "{sql}"
        );
        if let Distribution::Counts { values } = &column.distribution
            && column.name != "garments"
        {
            for counted in values {
                let (name, word) = (column.name, counted.value.replace('\'', "''"));
                let sql = format!(
                    "SELECT count(*) FROM samples WHERE CAST(\"{name}\" AS VARCHAR) = '{word}'"
                );
                let text = asked(&paths, &sql, AnswerFormat::Csv).unwrap();
                let wanted = counted.count.to_string();
                assert_eq!(text.lines().nth(1), Some(wanted.as_str()), "{sql}");
            }
        }
    }
}

#[test]
fn datasets_are_asked_together_with_their_predictions() {
    let (a, b) = (dataset(), dataset());
    std::fs::create_dir_all(b.path().join("metadata")).unwrap();
    let prediction = Prediction {
        sample_id: "test-0000004".into(),
        model: "net".into(),
        task: "depth".into(),
        metric: "abs_rel".into(),
        lower_is_better: true,
        value: 0.5,
        ..Prediction::default()
    };
    write_predictions(&b.path().join(PREDICTIONS), &[prediction]).unwrap();
    let paths = [a.path().to_owned(), b.path().to_owned()];
    let sql = "SELECT count(*), count(DISTINCT dataset) FROM samples";
    let csv = asked(&paths, sql, AnswerFormat::Csv).unwrap();
    assert_eq!(csv.lines().nth(1), Some("40,2"));
    let sql = "SELECT s.sample_id, p.sample_id, value FROM samples s JOIN predictions p \
               ON s.sample_id = p.sample_id AND s.dataset = p.dataset";
    let json = asked(&paths, sql, AnswerFormat::Json).unwrap();
    let row = r#"{"sample_id":"test-0000004","sample_id_2":"test-0000004","value":0.5}"#;
    assert_eq!(json, format!("[\n{row}\n]\n"));
    let error = asked(&paths[..1], "SELECT * FROM predictions", AnswerFormat::Text).unwrap_err();
    assert!(error.to_string().contains("`predictions`"), "{error}");
}

#[test]
fn a_text_never_steers_the_terminal_and_shows_sizes_for_pixels() {
    let dir = dataset();
    let paths = [dir.path().to_owned()];
    let sql = "SELECT image, 'a\u{1b}[31m\nb' AS odd, scene_json || repeat('x', 99) AS long \
               FROM samples LIMIT 1";
    let text = asked(&paths, sql, AnswerFormat::Text).unwrap();
    assert!(
        text.contains(" bytes") && text.contains("a\\u{1b}[31m\\nb"),
        "{text}"
    );
    assert!(
        text.lines().count() == 3 && text.trim_end().ends_with('…'),
        "{text}"
    );
    assert!(!text.contains('\u{1b}'));
}
