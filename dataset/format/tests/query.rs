//! SQL over shards: answers equal what the labels say, and nothing else can be done.

#![cfg(feature = "sql")]

use std::path::{Path, PathBuf};

use bottega_format::query::{Cell, Query, QueryFile, QueryOptions};
use bottega_format::shard::writer::write_shard;
use bottega_format::{
    EncodedRow, Prediction, ShardInfo, ShardReader, synthetic, write_predictions,
};
use bottega_schemas::{DatasetPlan, OptionalPlanes, SampleMeta};

const OPTIONS: QueryOptions = QueryOptions {
    threads: 2,
    memory_bytes: 64 << 20,
};

/// Three shards of 40 rows and less; the second was made before some columns were added.
fn shards(folder: &Path) -> Vec<QueryFile> {
    let plan = DatasetPlan {
        shard_size: 40,
        ..synthetic::plan("ball")
    };
    let write = |shard_idx: u64| {
        let rows = (40 * shard_idx..(40 * (shard_idx + 1)).min(110)).map(|index| {
            let sample = synthetic::sample("ball", index, (2, 2));
            EncodedRow::encode(&sample, OptionalPlanes::default())
        });
        let path = folder.join(format!("train-{shard_idx:05}.parquet"));
        let info = ShardInfo {
            plan: plan.clone(),
            shard_idx,
        };
        write_shard(&path, info, rows, 0).unwrap();
        path
    };
    let paths: Vec<PathBuf> = (0..3).map(write).collect();
    synthetic::drop_columns(&paths[1], &["bmi", "eye_color"]).unwrap();
    let file = |path| QueryFile {
        path,
        dataset: "balls".into(),
    };
    paths.into_iter().map(file).collect()
}

fn metas(shards: &[QueryFile]) -> Vec<SampleMeta> {
    let labels = |shard: &QueryFile| -> Vec<SampleMeta> {
        let reader = ShardReader::open(&shard.path).unwrap();
        reader.labels().map(Result::unwrap).collect()
    };
    shards.iter().flat_map(labels).collect()
}

fn ask(query: &Query, sql: &str) -> Vec<Vec<Cell>> {
    query.ask(sql).unwrap().map(Result::unwrap).collect()
}

fn refusal(query: &Query, sql: &str) -> String {
    let asked = query
        .ask(sql)
        .map(|rows| rows.map(|row| row.map(|_| ())).collect());
    let asked: Result<Result<Vec<()>, _>, _> = asked;
    match asked {
        Err(error) | Ok(Err(error)) => error.to_string(),
        Ok(Ok(rows)) => panic!("{sql} was answered with {} rows", rows.len()),
    }
}

#[test]
fn answers_are_what_the_labels_say() {
    let folder = tempfile::tempdir().unwrap();
    let shards = shards(folder.path());
    let metas = metas(&shards);
    let query = Query::new(shards, Vec::new(), OPTIONS).unwrap();
    assert_eq!(
        ask(&query, "SELECT count(*) FROM samples"),
        [[Cell::Int(110)]]
    );

    let sql = "SELECT skin_tone_mst, count(*) AS n, max(age_years) FROM samples \
               GROUP BY skin_tone_mst ORDER BY 1";
    let found = ask(&query, sql);
    assert_eq!(found.len(), 10);
    for (tone, row) in (1..=10).zip(&found) {
        let of_tone = || metas.iter().filter(|meta| meta.skin_tone_mst == Some(tone));
        let oldest = of_tone()
            .filter_map(|meta| meta.age_years)
            .fold(0.0, f32::max);
        let wanted = [
            Cell::Int(i64::from(tone)),
            Cell::Int(of_tone().count() as i64),
            Cell::Single(oldest),
        ];
        assert_eq!(*row, wanted);
    }

    // The shard without the column has nulls where the others have numbers, row by row.
    let found = ask(
        &query,
        "SELECT \"index\", bmi, seed, dataset FROM samples ORDER BY \"index\"",
    );
    for (meta, row) in metas.iter().zip(&found) {
        let bmi = meta.bmi.map_or(Cell::Null, Cell::Single);
        let (index, seed) = (Cell::Int(meta.index), Cell::Int(meta.seed.unwrap()));
        assert_eq!(*row, [index, bmi, seed, Cell::Text("balls".into())]);
    }
    let known = "SELECT count(bmi), count(*) - count(bmi) FROM samples";
    assert_eq!(ask(&query, known), [[Cell::Int(70), Cell::Int(40)]]);
}

#[test]
fn lists_quotes_documents_and_pixels_can_be_asked() {
    let folder = tempfile::tempdir().unwrap();
    let shards = shards(folder.path());
    let query = Query::new(shards, Vec::new(), OPTIONS).unwrap();
    let one = "SELECT garments, image IS NOT NULL, depth_exr, world_from_camera[1] \
               FROM samples WHERE SAMPLE_ID = 'ball-0000003'";
    let row = &ask(&query, one)[0];
    let words = ["shirt", "jeans", "sneaker"].map(|word| Cell::Text(word.into()));
    assert_eq!(row[0], Cell::List(words.to_vec()));
    assert_eq!((&row[1], &row[3]), (&Cell::Bool(true), &Cell::Float(1.0)));
    assert!(matches!(row[2], Cell::Bytes(n) if n > 100), "{:?}", row[2]);
    let with = "SELECT count(*) FROM samples WHERE array_has(garments, 'jeans')";
    assert_eq!(ask(&query, with), [[Cell::Int(110)]]);
    let scene = "SELECT count(*) FROM samples WHERE scene_json LIKE '%\"note\":\"été\"%'";
    assert_eq!(ask(&query, scene), [[Cell::Int(110)]]);
    let odd = "SELECT 'it''s', \"split\" AS \"a \"\"b\"\"\" FROM samples LIMIT 1";
    let mut answer = query.ask(odd).unwrap();
    assert_eq!(answer.columns()[1], "a \"b\"");
    assert_eq!(
        answer.next().unwrap().unwrap()[0],
        Cell::Text("it's".into())
    );
    let all = ask(&query, "SELECT * FROM samples LIMIT 3");
    assert_eq!(all.len(), 3);
    assert!(ask(&query, "DESCRIBE samples").len() > 100);
    let json = serde_json::to_string(&[Cell::Bytes(3), Cell::Float(f64::INFINITY), Cell::Null]);
    assert_eq!(json.unwrap(), r#"[{"bytes":3},"inf",null]"#);
}

#[test]
fn predictions_are_a_table_beside_the_samples() {
    let folder = tempfile::tempdir().unwrap();
    let shards = shards(folder.path());
    let predictions: Vec<Prediction> = (0..110_u32)
        .map(|index| Prediction {
            sample_id: format!("ball-{index:07}"),
            model: "net".into(),
            task: "depth".into(),
            metric: "abs_rel".into(),
            lower_is_better: true,
            value: f64::from(index % 10),
            ..Prediction::default()
        })
        .collect();
    let path = folder.path().join("predictions.parquet");
    write_predictions(&path, &predictions).unwrap();
    let file = QueryFile {
        path,
        dataset: "balls".into(),
    };
    let query = Query::new(shards, vec![file], OPTIONS).unwrap();
    let sql = "SELECT skin_tone_mst, avg(value) FROM samples JOIN predictions USING (sample_id) \
               WHERE metric = 'abs_rel' GROUP BY skin_tone_mst ORDER BY 1";
    let wanted: Vec<Vec<Cell>> = (0..10)
        .map(|tone| vec![Cell::Int(tone + 1), Cell::Float(tone as f64)])
        .collect();
    assert_eq!(ask(&query, sql), wanted);
}

#[test]
fn only_questions_are_answered_and_no_other_file_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let shards = shards(folder.path());
    let secret = folder.path().join("secret.csv");
    std::fs::write(&secret, "a,b\n1,2\n").unwrap();
    let (secret, shard) = (secret.display(), shards[0].path.display().to_string());
    let out = folder.path().join("out.csv");
    let query = Query::new(shards, Vec::new(), OPTIONS).unwrap();
    for sql in [
        format!("CREATE EXTERNAL TABLE t STORED AS CSV LOCATION '{secret}'"),
        format!("COPY samples TO '{}'", out.display()),
        format!("COPY (SELECT 1) TO '{}' STORED AS CSV", out.display()),
        "INSERT INTO samples SELECT * FROM samples".to_owned(),
        "CREATE TABLE t AS SELECT 1".to_owned(),
        "CREATE VIEW v AS SELECT 1".to_owned(),
        "DROP TABLE samples".to_owned(),
        "DELETE FROM samples".to_owned(),
        "UPDATE samples SET bmi = 1".to_owned(),
        "SET datafusion.execution.batch_size = 1".to_owned(),
        "EXPLAIN ANALYZE INSERT INTO samples SELECT * FROM samples".to_owned(),
        "PREPARE p AS SELECT 1".to_owned(),
        format!("SELECT * FROM '{secret}'"),
        format!("SELECT * FROM '{shard}'"),
        format!("SELECT * FROM \"file://{secret}\""),
        format!("SELECT * FROM read_csv('{secret}')"),
        "SELECT 1; SELECT 2".to_owned(),
    ] {
        let said = refusal(&query, &sql);
        assert!(!said.is_empty() && !said.contains("1,2"), "{sql}: {said}");
    }
    assert!(!out.exists());
    assert_eq!(
        ask(&query, "SELECT count(*) FROM samples"),
        [[Cell::Int(110)]]
    );
}

#[test]
fn errors_name_the_column_the_table_and_the_limit() {
    let folder = tempfile::tempdir().unwrap();
    let shards = shards(folder.path());
    let query = Query::new(shards.clone(), Vec::new(), OPTIONS).unwrap();
    for (sql, parts) in [
        (
            "SELECT skin_ton_mst FROM samples",
            vec!["`skin_ton_mst`", "`skin_tone_mst`?"],
        ),
        ("SELECT weather FROM samples", vec!["`weather`", "DESCRIBE"]),
        (
            "SELECT * FROM sample",
            vec!["no table `sample`", "`samples`"],
        ),
        ("SELEC 1", vec!["no SQL that is understood"]),
        ("", vec![""]),
        ("INSERT INTO samples VALUES (1)", vec![""]),
        ("SET a = 1", vec!["refused", "SELECT"]),
    ] {
        let said = refusal(&query, sql);
        assert!(
            parts.iter().all(|part| said.contains(part)),
            "{sql}: {said}"
        );
        assert!(!said.contains("DataFusion"), "{said}");
    }
    let tight = QueryOptions {
        memory_bytes: 1 << 16,
        ..OPTIONS
    };
    let query = Query::new(shards.clone(), Vec::new(), tight).unwrap();
    let sql = "SELECT a.sample_id, count(DISTINCT b.scene_json || a.scene_json) FROM samples a, \
               samples b GROUP BY a.sample_id ORDER BY 2";
    let said = refusal(&query, sql);
    assert!(said.contains("MiB"), "{said}");

    std::fs::write(&shards[2].path, b"no parquet").unwrap();
    let query = Query::new(shards, Vec::new(), OPTIONS).unwrap();
    let said = refusal(&query, "SELECT max(bmi) FROM samples");
    assert!(said.contains("train-00002.parquet"), "{said}");
}

#[test]
fn a_dataset_without_shards_has_no_rows() {
    let query = Query::new(Vec::new(), Vec::new(), OPTIONS).unwrap();
    assert_eq!(
        ask(&query, "SELECT count(*) FROM samples"),
        [[Cell::Int(0)]]
    );
    assert!(ask(&query, "SELECT sample_id FROM samples").is_empty());
}
