//! The audit as a whole, on labels whose truth is planted.

use std::collections::BTreeMap;

use bottega_format::predictions::Prediction;
use bottega_schemas::SceneSpec;
use bottega_schemas::audit::{AuditConfig, AuditReport, AuditedDataset, CheckEntry, Status};

use super::{AuditInput, RecipeSource, audit, suggest};
use crate::labels::LabelTable;
use crate::statistics::bootstrap::uniform;

const LIGHTS: [&str; 4] = ["indoor", "outdoor", "studio", "low_light"];
const AGES: [&str; 5] = ["18-29", "30-44", "45-59", "60-74", "75-90"];

/// People in equal cells of tone, age and sex; `light` may follow the tone.
fn people(n: usize, light: impl Fn(usize, f64) -> usize) -> LabelTable {
    let draw = |row: usize, name: u64| uniform(name, row as u64);
    let text = |value: &dyn Fn(usize) -> String| (0..n).map(|row| Some(value(row))).collect();
    let tone = |row: usize| row % 10;
    let numbers = |value: &dyn Fn(usize) -> f64| (0..n).map(value).collect::<Vec<f64>>();
    LabelTable::of_columns(
        n,
        BTreeMap::from([
            ("sample_id".to_owned(), text(&|row| format!("a-{row:07}"))),
            (
                "identity_id".to_owned(),
                text(&|row| format!("{:016x}", row / 2)),
            ),
            ("split".to_owned(), text(&|_| "train".to_owned())),
            (
                "age_bin".to_owned(),
                text(&|row| AGES[row / 10 % 5].to_owned()),
            ),
            (
                "body_presentation".to_owned(),
                text(&|row| match row % 193 {
                    7 => "androgynous".to_owned(),
                    _ => ["feminine", "masculine"][row / 50 % 2].to_owned(),
                }),
            ),
            (
                "lighting_kind".to_owned(),
                text(&|row| LIGHTS[light(tone(row), draw(row, 1))].to_owned()),
            ),
        ]),
        BTreeMap::from([
            (
                "skin_tone_mst".to_owned(),
                numbers(&|row| tone(row) as f64 + 1.0),
            ),
            (
                "skin_ita_deg".to_owned(),
                numbers(&|row| 60.0 - 12.0 * tone(row) as f64),
            ),
            (
                "skin_ita_measured_deg".to_owned(),
                numbers(&|row| 55.0 - 11.0 * tone(row) as f64 + 4.0 * draw(row, 2)),
            ),
            ("light_ev".to_owned(), numbers(&|row| draw(row, 3))),
            ("fg_fraction".to_owned(), numbers(&|row| draw(row, 4))),
            (
                "body_sex_param".to_owned(),
                numbers(&|row| [0.1, 0.9][row / 50 % 2]),
            ),
        ]),
    )
}

fn audited(labels: &LabelTable, predictions: &[Prediction]) -> AuditReport {
    let dataset = AuditedDataset {
        names: vec!["a".into()],
        rows: labels.rows as u64,
        identities: None,
        shards: 1,
        recipes_blake3: Vec::new(),
    };
    let input = AuditInput {
        labels,
        pixels: &[],
        predictions,
    };
    audit(&input, dataset, &AuditConfig::default())
}

#[track_caller]
fn found<'a>(report: &'a AuditReport, id: &str, subject: &str) -> &'a CheckEntry {
    let check = report
        .checks
        .iter()
        .find(|check| check.id == id && check.subject == subject);
    check.unwrap_or_else(|| panic!("no check {id} of {subject}"))
}

fn any_light(_: usize, u: f64) -> usize {
    (4.0 * u) as usize
}

#[test]
fn drawn_people_who_are_balanced_and_independent_pass() {
    let report = audited(&people(6000, any_light), &[]);
    assert!(!report.has_failed(), "{:#?}", report.checks.first());
    for (id, subject) in [
        ("REP-1", "skin_tone_mst"),
        ("REP-2", "age_bin"),
        ("REP-4", "skin_tone_mst x body_presentation"),
        ("IND-1", "skin_tone_mst and lighting_kind"),
        ("IND-2", "skin_tone_mst and light_ev"),
        ("IND-3", "skin_tone_mst and age_bin"),
        ("IMG-1", "skin tone"),
        ("IMG-6", "skin_tone_mst and fg_fraction"),
    ] {
        let check = found(&report, id, subject);
        assert_eq!(check.status, Status::Pass, "{check:?}");
    }
    assert_eq!(report.summary.pass + report.summary.warn, {
        let judged = [Status::Pass, Status::Warn];
        report
            .checks
            .iter()
            .filter(|check| judged.contains(&check.status))
            .count() as u64
    });
}

#[test]
fn light_that_follows_the_tone_is_found_and_named() {
    let biased = |tone: usize, u: f64| {
        if tone >= 7 && u < 0.5 {
            3
        } else {
            any_light(tone, u)
        }
    };
    for n in [400, 6000] {
        let report = audited(&people(n, biased), &[]);
        let check = found(&report, "IND-1", "skin_tone_mst and lighting_kind");
        assert_eq!(check.status, Status::Fail, "{check:?}");
        assert!(
            check
                .message
                .contains("Skin tone and kind of light hang together")
        );
        assert!(
            check.message.contains("more often with low_light"),
            "{}",
            check.message
        );
        assert!(report.has_failed());
        assert_eq!(report.checks[0].status, Status::Fail, "failures come first");
    }
}

#[test]
fn too_few_samples_give_no_all_clear() {
    let report = audited(&people(200, any_light), &[]);
    let check = found(&report, "IND-1", "skin_tone_mst and lighting_kind");
    assert_eq!(check.status, Status::Insufficient, "{check:?}");
    assert!(
        check.message.contains("four times in five"),
        "{}",
        check.message
    );
    let cells = found(&report, "REP-4", "skin_tone_mst x body_presentation");
    assert_eq!(cells.status, Status::Insufficient);
    assert!(!report.has_failed(), "{:#?}", report.checks.first());
}

#[test]
fn a_group_that_is_missing_fails() {
    let all = people(6000, any_light);
    let dark: Vec<f64> = (0..6000).map(|row| (row % 8) as f64 + 1.0).collect();
    let mut numbers = BTreeMap::from([("skin_tone_mst".to_owned(), dark)]);
    numbers.insert(
        "body_sex_param".to_owned(),
        all.numbers("body_sex_param").unwrap().to_vec(),
    );
    let labels = LabelTable::of_columns(6000, BTreeMap::new(), numbers);
    let report = audited(&labels, &[]);
    for id in ["REP-1", "REP-2", "REP-3"] {
        assert_eq!(
            found(&report, id, "skin_tone_mst").status,
            Status::Fail,
            "{id}"
        );
    }
    assert_eq!(
        found(&report, "REP-1", "age_bin").status,
        Status::NotAvailable
    );
    assert_eq!(report.representation[0].max_min_ratio.0, f64::INFINITY);
}

fn errors(n: usize, of_tone: impl Fn(usize) -> f64) -> Vec<Prediction> {
    let prediction = |row: usize| Prediction {
        sample_id: format!("a-{row:07}"),
        model: "net".into(),
        task: "depth".into(),
        metric: "abs_rel".into(),
        lower_is_better: true,
        value: of_tone(row % 10) * (0.5 + uniform(9, row as u64)),
        ..Prediction::default()
    };
    (0..n).map(prediction).collect()
}

#[test]
fn a_model_that_errs_more_on_one_tone_is_found() {
    let labels = people(6000, any_light);
    let report = audited(
        &labels,
        &errors(6000, |tone| if tone == 9 { 0.02 } else { 0.01 }),
    );
    let check = found(&report, "PAR-1", "net depth abs_rel by skin_tone_mst");
    assert_eq!(check.status, Status::Fail, "{check:?}");
    let entry = report
        .parity
        .iter()
        .find(|e| e.attribute == "skin_tone_mst")
        .unwrap();
    assert_eq!(entry.worst, "10");
    assert!((entry.ratio.0 - 0.5).abs() < 0.05);
    assert!(entry.gap_interval[0].0 > 0.008 && entry.gap_interval[1].0 < 0.012);
    // Pictures of one person are drawn together: half as many people as pictures.
    assert_eq!(entry.groups[0].identities.unwrap(), entry.groups[0].n);
    let age = found(&report, "PAR-1", "net depth abs_rel by age_bin");
    assert_eq!(age.status, Status::Pass, "{age:?}");

    let even = audited(&labels, &errors(6000, |_| 0.01));
    assert!(!even.has_failed(), "{:#?}", even.checks.first());
}

#[test]
fn thin_groups_get_no_verdict_and_strangers_are_named() {
    let labels = people(300, any_light);
    let mut predictions = errors(300, |_| 0.01);
    predictions[0].sample_id = "b-0000000".into();
    predictions[1].value = f64::NAN;
    predictions.push(predictions[7].clone());
    let report = audited(&labels, &predictions);
    let check = found(&report, "PAR-3", "net depth abs_rel by skin_tone_mst");
    assert_eq!(check.status, Status::Insufficient);
    assert!(
        found(&report, "PAR-0", "predictions")
            .message
            .contains("2 of 301")
    );
    assert!(
        found(&report, "PAR-0", "predictions")
            .message
            .contains("1 are of a sample that has a value")
    );
}

#[test]
fn the_report_is_the_same_every_time_and_comes_back_from_json() {
    let labels = people(500, any_light);
    let one = audited(&labels, &errors(500, |_| 0.01));
    let two = audited(&labels, &errors(500, |_| 0.01));
    let text = serde_json::to_string(&one).unwrap();
    assert_eq!(text, serde_json::to_string(&two).unwrap());
    let read: AuditReport = serde_json::from_str(&text).unwrap();
    assert_eq!(serde_json::to_string(&read).unwrap(), text);
}

#[test]
fn the_suggested_recipe_asks_for_what_is_missing() {
    // Tones 1 to 8 only, 25 people in each of their cells: tones 9 and 10 are missing.
    let all = people(2500, any_light);
    let tones: Vec<f64> = all
        .numbers("skin_tone_mst")
        .unwrap()
        .iter()
        .map(|t| t.min(8.0))
        .collect();
    let age = all.categories("age_bin").unwrap();
    let words = age
        .codes
        .iter()
        .map(|c| Some(age.words[*c as usize].clone()))
        .collect();
    let labels = LabelTable::of_columns(
        2500,
        BTreeMap::from([("age_bin".to_owned(), words)]),
        BTreeMap::from([
            ("skin_tone_mst".to_owned(), tones),
            (
                "body_sex_param".to_owned(),
                all.numbers("body_sex_param").unwrap().to_vec(),
            ),
        ]),
    );
    let found = suggest(
        &labels,
        &AuditConfig::default(),
        "a",
        &RecipeSource::usual(),
    )
    .unwrap();
    // Tone 8 has 75 in each cell; the nine others are raised to it.
    assert_eq!((found.goal, found.cells), (75, 90));
    assert_eq!(found.people, 70 * 50 + 20 * 75);
    let folder = std::path::Path::new("");
    let spec = SceneSpec::from_toml(&found.recipe_toml, "fill.toml", folder, None).unwrap();
    assert_eq!(
        spec.profile
            .person
            .quota
            .iter()
            .map(|cell| cell.count)
            .sum::<u64>(),
        found.people
    );
}
