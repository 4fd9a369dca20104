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
use bottega_assemble::job::Order;
use bottega_audit::fairness::{self, AuditInput, RecipeSource, Suggestion};
use bottega_audit::labels::LabelTable;
use bottega_people::PeopleError;
use bottega_schemas::audit::{AuditConfig, AuditReport, AuditedDataset, Status};
use bottega_schemas::params::{LightingKind, PoseParams, ShapeParams};
use bottega_schemas::scene_spec::PoseFamily;
use bottega_schemas::{
    Manifest, OptionalPlanes, Plane, Quality, SampleMeta, SceneSpec, Value, labels,
};

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

fn shipped() -> &'static str {
    let shipped = bottega_schemas::scene_spec::shipped_recipes();
    let mut recipes = shipped.iter();
    recipes.find(|(name, _)| *name == "synthhuman").unwrap().1
}

/// Fills the gaps of `metas` with people of the suggested recipe: every cell of tone, sex and age
/// has the same number then, and the audit is content.
fn fill(mut metas: Vec<SampleMeta>, found: &Suggestion) -> SceneSpec {
    let fill = SceneSpec::from_toml(&found.recipe_toml, "fill.toml", Path::new(""), None).unwrap();
    metas.extend(drawn(&fill, found.people));
    let after = audited(&table(&metas));
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
        ("REP-4", "skin_tone_mst x body_presentation x age_bin"),
    ] {
        let found = status(&after, id, subject);
        assert!(
            matches!(found, Status::Pass | Status::Warn),
            "{id} of {subject}: {found:?}"
        );
    }
    fill
}

#[test]
fn generating_from_the_suggested_recipe_fills_the_gaps() {
    let folder = Path::new("");
    let biased = format!("{}\n{BIASED}", shipped());
    let biased = SceneSpec::from_toml(&biased, "b.toml", folder, None).unwrap();
    let metas = drawn(&biased, 1500);
    let before = audited(&table(&metas));
    for attribute in ["skin_tone_mst", "age_bin", "hair_texture"] {
        assert_eq!(
            status(&before, "REP-1", attribute),
            Status::Fail,
            "{attribute}"
        );
    }
    assert!(!before.intersections[3].empty.is_empty());
    let source = RecipeSource::usual();
    let config = AuditConfig::default();
    let found = fairness::suggest(&table(&metas), &config, "biased", &source).unwrap();
    let spec = fill(metas, &found);
    assert_eq!(
        (spec.resolution_px, spec.profile_name.as_str()),
        ([384, 512], "balanced")
    );
}

#[test]
fn the_suggested_recipe_is_that_of_the_dataset() {
    let folder = tempfile::tempdir().unwrap();
    let text = shipped().replace("[384, 512]", "[96, 160]")
        + "[overrides.lighting]\nexposure_ev = { law = \"uniform\", min = -0.5, max = 0.5 }\n";
    let census = SceneSpec::from_toml(&text, "c.toml", Path::new(""), Some("census")).unwrap();
    let mut preset = census.preset(Some(Quality::Standard)).clone();
    preset.spp = 24;
    let order = Order {
        preset: preset.clone(),
        spec: census.clone(),
        indices: 0..3000,
        shard_size: 256,
        planes: OptionalPlanes::of(&[Plane::PartId, Plane::Range]),
    };
    // As `generate` leaves it: the frozen recipe, and the plan with the planes.
    let recipe = order.frozen_recipe().unwrap();
    std::fs::write(folder.path().join("dataset.toml"), recipe).unwrap();
    let mut plan = bottega_format::synthetic::plan("world");
    plan.planes = order.planes;
    let manifest = serde_json::to_string(&Manifest::new(plan)).unwrap();
    std::fs::write(folder.path().join("manifest.json"), manifest).unwrap();

    let source = RecipeSource::of_datasets(&[folder.path().to_owned()]).unwrap();
    assert!(
        source.told.contains("96 x 160") && source.told.contains("census"),
        "{}",
        source.told
    );
    assert!(
        source.told.contains("lighting"),
        "what is lost is named: {}",
        source.told
    );
    assert!(!source.told.contains("skin.tone_mst"), "{}", source.told);

    let metas = drawn(&census, 3000);
    let config = AuditConfig::default();
    let found = fairness::suggest(&table(&metas), &config, "The World", &source).unwrap();
    let spec = fill(metas, &found);
    assert_eq!(
        (spec.resolution_px, spec.profile_name.as_str()),
        ([96, 160], "census")
    );
    assert_eq!(spec.preset(None).spp, 24);
    assert_eq!(spec.labels.planes, [Plane::Range]);
    assert_eq!(
        spec.profile.person.stature_cm,
        census.profile.person.stature_cm
    );
    assert_eq!(spec.dataset, "the-world-fill");
    assert_ne!(spec.seed, census.seed);
}
