//! The recipe that an audit suggests fills the gaps that the audit found.
//!
//! Labels are drawn as `generate` draws them; bodies and poses are stand-ins, so that thousands of
//! people take no time.

#![allow(
    clippy::unwrap_used,
    reason = "the panic is the report, in helpers too"
)]

use std::collections::BTreeMap;
use std::path::Path;

use bottega_assemble::draw::{BodySolver, DrawContext, PoseSource, SolvedBody, draw_params};
use bottega_audit::fairness::{self, AuditInput};
use bottega_audit::labels::LabelTable;
use bottega_people::PeopleError;
use bottega_schemas::audit::{AuditConfig, AuditReport, AuditedDataset, Status};
use bottega_schemas::params::{LightingKind, PoseParams, ShapeParams};
use bottega_schemas::scene_spec::PoseFamily;
use bottega_schemas::{SampleMeta, SceneSpec, Value, labels};

struct AnyBody;

impl BodySolver for AnyBody {
    fn solve(
        &self,
        start: &ShapeParams,
        stature_m: f32,
        bmi: f32,
    ) -> Result<Option<SolvedBody>, PeopleError> {
        Ok(Some(SolvedBody {
            shape: start.clone(),
            stature_m,
            bmi,
        }))
    }
}

struct AnyPose;

impl PoseSource for AnyPose {
    fn draw(
        &self,
        family: PoseFamily,
        _: &mut dyn FnMut(&str) -> f64,
    ) -> Result<PoseParams, PeopleError> {
        Ok(PoseParams {
            pose_id: family.name().to_owned(),
            root_rotation: [0.0, 0.0, 0.0, 1.0],
            bones: BTreeMap::new(),
            seated: family == PoseFamily::Sit,
        })
    }

    fn settle(&self, _: &mut PoseParams, _: &ShapeParams, _: f32) -> Result<(), PeopleError> {
        Ok(())
    }
}

/// The labels of the first samples of a recipe.
fn drawn(spec: &SceneSpec, n: u64) -> Vec<SampleMeta> {
    let kinds = [
        LightingKind::Indoor,
        LightingKind::Outdoor,
        LightingKind::Studio,
        LightingKind::LowLight,
    ];
    let environments: Vec<(String, LightingKind)> = kinds
        .into_iter()
        .enumerate()
        .map(|(i, kind)| (format!("place_{i}"), kind))
        .collect();
    let context = DrawContext {
        bodies: &AnyBody,
        poses: &AnyPose,
        environments: &environments,
    };
    (0..n)
        .map(|index| {
            let params = draw_params(spec, &context, index).unwrap();
            let mut meta = SampleMeta {
                index: index as i64,
                ..SampleMeta::default()
            };
            labels::describe(&params, &mut meta);
            meta
        })
        .collect()
}

fn table(metas: &[SampleMeta]) -> LabelTable {
    let text = |name: &str| -> Vec<Option<String>> {
        let value = |meta: &SampleMeta| {
            meta.value(name)
                .and_then(|v| v.as_text().map(str::to_owned))
        };
        metas.iter().map(value).collect()
    };
    let number = |name: &str| -> Vec<f64> {
        let value = |meta: &SampleMeta| meta.value(name).as_ref().and_then(Value::as_f64);
        metas
            .iter()
            .map(|meta| value(meta).unwrap_or(f64::NAN))
            .collect()
    };
    let texts = [
        "age_bin",
        "body_presentation",
        "hair_texture",
        "lighting_kind",
        "framing",
    ];
    let numbers = ["skin_tone_mst", "body_sex_param", "bmi", "light_ev"];
    LabelTable::of_columns(
        metas.len(),
        texts
            .iter()
            .map(|name| ((*name).to_owned(), text(name)))
            .collect(),
        numbers
            .iter()
            .map(|name| ((*name).to_owned(), number(name)))
            .collect(),
    )
}

fn audited(labels: &LabelTable) -> AuditReport {
    let dataset = AuditedDataset {
        names: vec!["biased".into()],
        rows: labels.rows as u64,
        identities: None,
        shards: 0,
        recipes_blake3: Vec::new(),
    };
    let input = AuditInput {
        labels,
        pixels: &[],
        predictions: &[],
    };
    fairness::audit(&input, dataset, &AuditConfig::default())
}

fn status(report: &AuditReport, id: &str, subject: &str) -> Status {
    report
        .checks
        .iter()
        .find(|c| c.id == id && c.subject == subject)
        .unwrap()
        .status
}

/// Mostly light, mostly young, a third women, no coily hair.
const BIASED: &str = r#"
[overrides.person]
female_share = [0.33]
age_years = { law = "bins", edges = [18, 30, 45, 60, 75, 90], shares = [0.4, 0.3, 0.15, 0.1, 0.05] }
[overrides.skin]
tone_mst = { law = "choice", shares = { 1 = 0.1, 2 = 0.2, 3 = 0.2, 4 = 0.2, 5 = 0.1, 6 = 0.1, 7 = 0.05, 8 = 0.02, 9 = 0.02, 10 = 0.01 } }
[overrides.groom]
hair_texture = { law = "choice", shares = { straight = 0.6, wavy = 0.3, curly = 0.09, coily = 0.01 } }
"#;

#[test]
fn generating_from_the_suggested_recipe_fills_the_gaps() {
    let shipped = bottega_schemas::scene_spec::shipped_recipes();
    let (_, recipe) = shipped
        .iter()
        .find(|(name, _)| *name == "synthhuman")
        .unwrap();
    let folder = Path::new("");
    let biased =
        SceneSpec::from_toml(&format!("{recipe}\n{BIASED}"), "b.toml", folder, None).unwrap();
    let mut metas = drawn(&biased, 1500);
    let before = audited(&table(&metas));
    for attribute in ["skin_tone_mst", "age_bin", "hair_texture"] {
        assert_eq!(
            status(&before, "REP-1", attribute),
            Status::Fail,
            "{attribute}"
        );
    }
    let cells = "skin_tone_mst x body_presentation x age_bin";
    assert!(!before.intersections[3].empty.is_empty());

    let found = fairness::suggest(&table(&metas), &AuditConfig::default(), "biased").unwrap();
    let fill = SceneSpec::from_toml(&found.recipe_toml, "fill.toml", folder, None).unwrap();
    metas.extend(drawn(&fill, found.people));
    let after = audited(&table(&metas));
    // Every cell of tone, sex and age now has the same number of people.
    let mut counts: BTreeMap<(i8, String, bool), u64> = BTreeMap::new();
    for meta in &metas {
        let age = meta.age_bin.clone().unwrap();
        let key = (
            meta.skin_tone_mst.unwrap(),
            age,
            meta.body_sex_param.unwrap() >= 0.5,
        );
        *counts.entry(key).or_default() += 1;
    }
    assert_eq!(counts.len(), 100);
    assert!(
        counts.values().all(|count| *count == found.goal),
        "{counts:?}"
    );
    for (id, subject) in [
        ("REP-1", "skin_tone_mst"),
        ("REP-2", "skin_tone_mst"),
        ("REP-1", "age_bin"),
        ("REP-1", "hair_texture"),
        ("REP-4", cells),
    ] {
        let found = status(&after, id, subject);
        assert!(
            matches!(found, Status::Pass | Status::Warn),
            "{id} of {subject}: {found:?}"
        );
    }
}
