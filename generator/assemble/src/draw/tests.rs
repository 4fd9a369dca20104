//! Tests of drawn parameters: shares, independence, rules of plausibility, and that names of
//! quantiles do not know of each other.
//!
//! Bodies and poses are stand-ins here, so that thousands of samples take no time; the real ones
//! are drawn in `tests/draw.rs`.

mod redrawn;
mod worn;

use std::collections::BTreeMap;

use bottega_people::PeopleError;
use bottega_schemas::params::{HairCut, HairStyle, HairType, PoseParams, ShapeParams};
use bottega_schemas::sample::{self, SampleMeta};
use bottega_schemas::scene_spec::{PoseFamily, shipped_recipes};
use bottega_schemas::{Framing, SceneSpec, labels};
use glam::Vec3;

use super::*;

/// Reaches every stature, and body-mass indices up to 42 only.
struct SomeBodies;

impl BodySolver for SomeBodies {
    fn solve(
        &self,
        start: &ShapeParams,
        stature_m: f32,
        bmi: f32,
    ) -> Result<Option<SolvedBody>, PeopleError> {
        let mut shape = start.clone();
        shape.height = (stature_m - 1.2) / 1.2;
        shape.weight = bmi / 50.0;
        Ok((bmi <= 42.0).then_some(SolvedBody {
            shape,
            stature_m,
            bmi,
        }))
    }
}

/// A pose with one bone.
struct SomePoses;

impl PoseSource for SomePoses {
    fn draw(
        &self,
        family: PoseFamily,
        draw: &mut dyn FnMut(&str) -> f64,
    ) -> Result<PoseParams, PeopleError> {
        let lean = draw("lean") as f32 * 0.1;
        Ok(PoseParams {
            pose_id: family.name().to_owned(),
            root_rotation: [0.0, 0.0, 0.0, 1.0],
            bones: BTreeMap::from([("spine01".to_owned(), [lean, 0.0, 0.0, 1.0])]),
            seated: family == PoseFamily::Sit,
        })
    }

    fn settle(&self, _: &mut PoseParams, _: &ShapeParams, _: f32) -> Result<(), PeopleError> {
        Ok(())
    }
}

fn environments() -> Vec<(String, LightingKind)> {
    vec![
        ("park".to_owned(), LightingKind::Outdoor),
        ("hall".to_owned(), LightingKind::Indoor),
        ("city".to_owned(), LightingKind::Outdoor),
        ("lamp".to_owned(), LightingKind::Studio),
        ("night".to_owned(), LightingKind::LowLight),
    ]
}

fn draw_range(spec: &SceneSpec, range: std::ops::Range<u64>) -> Vec<SceneParams> {
    let environments = environments();
    let context = DrawContext {
        bodies: &SomeBodies,
        poses: &SomePoses,
        environments: &environments,
    };
    range
        .map(|index| draw_params(spec, &context, index).expect("the recipe can be drawn"))
        .collect()
}

fn load(recipe: &str, profile: &str) -> SceneSpec {
    SceneSpec::load_with(recipe, Some(profile)).expect("shipped")
}

fn share<T>(all: &[T], test: impl Fn(&T) -> bool) -> f64 {
    all.iter().filter(|one| test(one)).count() as f64 / all.len() as f64
}

/// The face recipe with overrides.
fn face_with(overrides: &str) -> SceneSpec {
    let text = format!("{}\n{overrides}", shipped_recipes()[0].1);
    SceneSpec::from_toml(&text, "test", std::path::Path::new(""), None).expect("a fine recipe")
}

#[test]
fn every_shipped_recipe_draws_only_plausible_people() {
    for (name, _) in shipped_recipes() {
        for profile in ["balanced", "census"] {
            let spec = load(name, profile);
            let count = if name.starts_with("tiny/") { 50 } else { 1000 };
            for params in draw_range(&spec, 0..count) {
                check_plausible(&spec, &params);
            }
        }
    }
}

fn check_plausible(spec: &SceneSpec, params: &SceneParams) {
    let person = &params.person;
    assert!((18.0..=90.0).contains(&person.age_years));
    assert!((0.5..=1.0).contains(&person.shape.age), "no child shapes");
    assert!((1.2..=2.2).contains(&person.stature_m));
    assert!((15.5..=42.0).contains(&person.bmi), "{}", person.bmi);
    assert!((person.shape.ancestry.iter().sum::<f32>() - 1.0).abs() < 1e-5);
    for (name, value) in &person.shape.details {
        assert!(
            value.abs() <= 0.9 && (value.abs() <= 0.65 || name == "head-age-incr"),
            "{name}"
        );
    }

    let skin = &person.skin;
    assert!((1..=10).contains(&skin.tone_mst));
    let [l, _, b] = skin.albedo_lab.map(f64::from);
    let ita = libm::atan2(l - 50.0, b).to_degrees();
    assert!(
        (ita - f64::from(skin.ita_deg)).abs() < 4e-6,
        "the label is the angle of the albedo"
    );
    let centers = &spec.profile.skin.ita_center_deg;
    let nearest = (0..10)
        .min_by(|i, j| {
            (ita - centers[*i])
                .abs()
                .total_cmp(&(ita - centers[*j]).abs())
        })
        .expect("ten tones");
    assert_eq!(
        nearest + 1,
        usize::from(skin.tone_mst),
        "the angle belongs to the tone"
    );
    assert!(skin.freckles == 0 || ita > 10.0);

    if let Some(scalp) = &params.groom.scalp {
        assert!(scalp.cut != HairCut::Afro || scalp.hair_type >= HairType::T3C);
        assert!(scalp.cut != HairCut::SidePart || scalp.hair_type < HairType::T3C);
        assert!((0.003..=1.2).contains(&scalp.length_m));
        let severe = scalp.thinning > 0.15 + 0.8 * 0.41 && scalp.hairline < -0.2;
        assert!(!severe || matches!(labels::hair_length(&params.groom), "short"));
    }
    assert!(params.groom.beard.is_none() || params.garments.style != "feminine");
    let grey = params.groom.color.grey_fraction;
    assert!((0.0..=1.0).contains(&grey));
    assert!(params.groom.color.dye.is_none() || grey == 0.0);

    for fabric in [&params.garments.top.fabric, &params.garments.bottom.fabric] {
        for v in fabric.color.iter().chain(&fabric.second_color) {
            assert!((0.008..=0.85).contains(v));
        }
        assert!(fabric.period_m > 0.0);
    }
    assert!(params.garments.top.hem >= 0.4, "no bare waist");
    assert!(
        params.garments.bottom.length >= 0.38,
        "covered to mid-thigh at least"
    );

    for (unit, weight) in &params.face.units {
        assert!(
            bottega_schemas::face_unit::FACE_UNITS.contains(&unit.as_str()),
            "{unit}"
        );
        assert!(*weight > 0.0 && *weight <= 1.0);
    }
    let unit = |name: &str| params.face.units.get(name).copied().unwrap_or(0.0);
    assert!(unit("mouthClose") <= unit("jawOpen"));
    for side in ["Left", "Right"] {
        assert!(unit(&format!("eyeBlink{side}")) + unit(&format!("eyeWide{side}")) <= 1.0);
    }
    assert!(params.camera.focal_35mm >= 20.0 && params.camera.focal_35mm <= 200.0);
    assert!(params.camera.subject_share <= 0.95);
    assert!(params.detail_seed <= i64::MAX as u64 && params.noise_seed <= i64::MAX as u64);
}

#[test]
fn balanced_people_fill_every_cell_once_a_hundred() {
    let all = draw_range(&load("synthhuman", "balanced"), 0..300);
    for block in all.chunks(100) {
        let mut cells: Vec<_> = block
            .iter()
            .map(|p| {
                let age = sample::age_bin(p.person.age_years);
                (p.person.skin.tone_mst, p.person.body_sex_param < 0.5, age)
            })
            .collect();
        cells.sort_unstable();
        cells.dedup();
        assert_eq!(cells.len(), 100);
    }
    for thirds in all.chunks(3) {
        let mut framings: Vec<Framing> = thirds.iter().map(|p| p.framing).collect();
        framings.sort_unstable();
        assert_eq!(
            framings,
            [Framing::Face, Framing::UpperBody, Framing::FullBody]
        );
    }
}

#[test]
fn shares_meet_the_profile() {
    let all = draw_range(&load("face", "balanced"), 0..4096);
    let near = |what: &str, found: f64, wanted: f64, within: f64| {
        assert!(
            (found - wanted).abs() < within,
            "{what}: {found} wanted {wanted}"
        );
    };
    for texture in ["straight", "wavy", "curly", "coily"] {
        let with_hair: Vec<_> = all.iter().filter_map(|p| p.groom.scalp.as_ref()).collect();
        let found = share(&with_hair, |s| {
            let word = serde_json::to_value(labels::HairTexture::of(s.hair_type)).expect("a word");
            word == texture
        });
        near(texture, found, 0.25, 0.012);
    }
    near(
        "eyes",
        share(&all, |p| {
            p.person.eyes.color == bottega_schemas::params::EyeColor::Brown
        }),
        0.4,
        2e-3,
    );
    near(
        "neutral",
        share(&all, |p| p.face.expression_id == "neutral"),
        0.25,
        2e-3,
    );
    near(
        "random",
        share(&all, |p| p.face.expression_id == "random"),
        0.2,
        2e-3,
    );
    near(
        "camera gaze",
        share(&all, |p| p.face.gaze_at_camera),
        0.35,
        2e-3,
    );
    // Some expressions close the eyes of their own.
    let presets = &load("synthhuman", "balanced").profile.face.presets;
    let open: Vec<&SceneParams> = (all.iter())
        .filter(|p| {
            let units = presets.get(&p.face.expression_id);
            !units.is_some_and(|units| units.keys().any(|unit| unit.starts_with("eyeBlink")))
        })
        .collect();
    near(
        "eyes closed",
        share(&open, |p| {
            p.face.units.get("eyeBlinkLeft").is_some_and(|w| *w > 0.1)
        }),
        0.06,
        5e-3,
    );
    near(
        "studio",
        share(&all, |p| p.lighting.kind == LightingKind::Studio),
        0.12,
        2e-3,
    );
    near(
        "dark",
        share(&all, |p| p.lighting.exposure_ev < -1.55),
        0.05,
        4e-3,
    );
    near(
        "lens",
        share(&all, |p| p.camera.f_number.is_some()),
        0.5,
        2e-3,
    );
    near(
        "dyed",
        share(&all, |p| {
            p.groom.color.dye.is_some() || p.groom.color.second.is_some()
        }),
        0.15 * 0.97,
        8e-3,
    );
    let heavy = share(&all, |p| p.person.bmi >= 35.0);
    near("body-mass index over 35", heavy, 0.15, 2e-3);
    let men: Vec<_> = all
        .iter()
        .filter(|p| p.person.body_sex_param > 0.6 && p.garments.style == "masculine")
        .collect();
    near(
        "beards of men",
        share(&men, |p| p.groom.beard.is_some()),
        0.5,
        0.03,
    );
    let women: Vec<_> = all
        .iter()
        .filter(|p| p.person.body_sex_param < 0.4)
        .collect();
    near(
        "style of women",
        share(&women, |p| p.garments.style == "feminine"),
        0.75 + 0.25 * 0.34,
        0.02,
    );

    let all = draw_range(&load("face", "census"), 0..4096);
    near(
        "over 65",
        share(&all, |p| p.person.age_years >= 65.0),
        0.1379,
        0.01,
    );
    near(
        "women",
        share(&all, |p| p.person.body_sex_param < 0.5),
        0.503,
        0.01,
    );
    near(
        "brown eyes",
        share(&all, |p| {
            p.person.eyes.color == bottega_schemas::params::EyeColor::Brown
        }),
        0.869,
        0.01,
    );
    near(
        "tone 4",
        share(&all, |p| p.person.skin.tone_mst == 4),
        0.197,
        0.012,
    );
    let men: Vec<_> = all
        .iter()
        .filter(|p| p.person.body_sex_param > 0.5)
        .collect();
    let mean = men
        .iter()
        .map(|p| f64::from(p.person.stature_m))
        .sum::<f64>()
        / men.len() as f64;
    // 171 cm less 0.1 cm for each year over 40.
    near("stature of men", mean, 1.71 - 0.001 * 9.9, 0.004);
}

/// Chi-square of independence of two attributes, and its degrees of freedom.
fn chi_square(pairs: &[(String, String)]) -> (f64, f64) {
    let mut table: BTreeMap<(&str, &str), f64> = BTreeMap::new();
    let (mut rows, mut columns) = (BTreeMap::new(), BTreeMap::new());
    for (a, b) in pairs {
        *table.entry((a, b)).or_insert(0.0) += 1.0;
        *rows.entry(a.as_str()).or_insert(0.0) += 1.0;
        *columns.entry(b.as_str()).or_insert(0.0) += 1.0;
    }
    let total = pairs.len() as f64;
    let mut chi2 = 0.0;
    for (a, n_a) in &rows {
        for (b, n_b) in &columns {
            let expected: f64 = n_a * n_b / total;
            let found = table.get(&(*a, *b)).copied().unwrap_or(0.0);
            chi2 += (found - expected) * (found - expected) / expected;
        }
    }
    (
        chi2,
        (rows.len() as f64 - 1.0) * (columns.len() as f64 - 1.0),
    )
}

#[test]
fn attributes_that_should_be_independent_are() {
    let all = draw_range(&load("synthhuman", "balanced"), 0..5000);
    type Word = fn(&SceneParams) -> String;
    let attributes: [(&str, Word); 13] = [
        ("tone", |p| p.person.skin.tone_mst.to_string()),
        ("sex", |p| (p.person.body_sex_param < 0.5).to_string()),
        ("eyes", |p| format!("{:?}", p.person.eyes.color)),
        ("texture", |p| {
            p.groom.scalp.as_ref().map_or_else(
                || "none".to_owned(),
                |s| format!("{:?}", labels::HairTexture::of(s.hair_type)),
            )
        }),
        ("pigment", |p| {
            format!("{:.0}", p.groom.color.pheomelanin * 2.0)
        }),
        ("ancestry", |p| {
            (p.person.shape.ancestry[0] > 0.3).to_string()
        }),
        ("framing", |p| p.framing.as_str().to_owned()),
        ("light", |p| format!("{:?}", p.lighting.kind)),
        ("exposure", |p| (p.lighting.exposure_ev > 0.0).to_string()),
        ("expression", |p| p.face.expression_id.clone()),
        ("glasses", |p| {
            format!(
                "{:?}",
                p.worn.glasses.as_ref().map(|glasses| glasses.word())
            )
        }),
        ("headwear", |p| p.worn.headwear.is_some().to_string()),
        ("top color", |p| {
            (p.garments.top.fabric.color[1] > 0.1).to_string()
        }),
    ];
    for (i, (name_a, a)) in attributes.iter().enumerate() {
        for (name_b, b) in &attributes[..i] {
            // Who has no hair depends on age and sex; which hair the others have does not.
            let pairs: Vec<_> = all
                .iter()
                .map(|p| (a(p), b(p)))
                .filter(|(a, b)| a != "none" && b != "none")
                .collect();
            let (chi2, freedom) = chi_square(&pairs);
            // Wilson and Hilferty: 4 standard deviations above the mean, one in 30,000.
            let v = 2.0 / (9.0 * freedom);
            let bound = 1.0 - v + 4.0 * v.sqrt();
            let limit = freedom * bound * bound * bound;
            assert!(
                chi2 < limit,
                "{name_a} and {name_b}: {chi2} with {freedom} degrees"
            );
        }
    }
}

#[test]
fn changing_one_distribution_moves_no_other_parameter() {
    let plain = draw_range(&face_with(""), 0..60);
    type Blank = fn(&mut SceneParams);
    let cases: [(&str, Blank); 6] = [
        (
            "[overrides.person.stature_cm]\nfeminine = 165\nmasculine = 175",
            |p| {
                p.person.stature_m = 0.0;
                p.person.shape.height = 0.0;
                // The distance limits of the camera look at the stature.
                p.camera.focal_35mm = 0.0;
                p.camera.subject_share = 0.0;
            },
        ),
        (
            "[overrides.eyes]\ncolor = { law = 'choice', shares = { blue = 1 } }",
            |p| {
                p.person.eyes.color = bottega_schemas::params::EyeColor::Blue;
            },
        ),
        (
            "[overrides.lighting]\nexposure_ev = 0.5\ndark_share = 0",
            |p| p.lighting.exposure_ev = 0.0,
        ),
        ("[overrides.camera.face]\nroll_deg = 3", |p| {
            p.camera.roll_rad = 0.0
        }),
        (
            "[overrides.groom]\nfrizz = { straight = 0, wavy = 0, curly = 0, coily = 0 }",
            |p| {
                if let Some(scalp) = &mut p.groom.scalp {
                    scalp.frizz = 0.0;
                }
            },
        ),
        ("[overrides.garments.tops.t_shirt]\nsleeve = 0.3", |p| {
            p.garments.top.sleeve = 0.0
        }),
    ];
    for (overrides, blank) in cases {
        let changed = draw_range(&face_with(overrides), 0..60);
        assert_ne!(plain, changed, "{overrides}");
        for (mut a, mut b) in plain.iter().cloned().zip(changed) {
            blank(&mut a);
            blank(&mut b);
            assert_eq!(a, b, "{overrides}");
        }
    }
}

#[test]
fn framing_and_identity_keep_their_own_numbers() {
    let face = draw_range(&load("face", "balanced"), 0..30);
    let full = draw_range(&load("full_body", "balanced"), 0..30);
    for (a, b) in face.iter().zip(&full) {
        assert_eq!(
            (&a.person, &a.groom, &a.garments),
            (&b.person, &b.groom, &b.garments)
        );
        assert_eq!((&a.lighting, &a.face), (&b.lighting, &b.face));
    }
    let text = shipped_recipes()[0]
        .1
        .replace("frames_per_identity = 1", "frames_per_identity = 3");
    let spec = SceneSpec::from_toml(&text, "test", std::path::Path::new(""), None).expect("fine");
    let all = draw_range(&spec, 0..30);
    for (person, frames) in all.chunks(3).enumerate() {
        for frame in frames {
            assert_eq!(frame.person, face[person].person);
            assert_eq!(labels::identity_id(frame), labels::identity_id(&frames[0]));
            assert_eq!(frame.detail_seed, frames[0].detail_seed);
        }
        assert_ne!(frames[0].camera, frames[1].camera);
        assert_ne!(frames[0].noise_seed, frames[1].noise_seed);
    }
}

#[test]
fn the_seed_changes_everybody_and_zero_is_a_seed() {
    let at = |seed| {
        let spec = load("face", "balanced").with_seed(seed).expect("allowed");
        draw_range(&spec, 0..20)
    };
    let (zero, one) = (at(0), at(1));
    assert!(zero.iter().zip(&one).all(|(a, b)| a.person != b.person));
    assert_eq!(zero, at(0));
}

#[test]
fn a_body_mass_index_out_of_reach_is_drawn_again_in_its_class() {
    // The stand-in reaches 42 only, the last class goes to 45.
    let all = draw_range(&face_with(""), 0..1000);
    let found = share(&all, |p| p.person.bmi >= 35.0);
    assert!((found - 0.15).abs() < 4e-3, "{found}");

    let spec = face_with("[overrides.person.bmi]\nfeminine = 44\nmasculine = 44");
    let environments = environments();
    let context = DrawContext {
        bodies: &SomeBodies,
        poses: &SomePoses,
        environments: &environments,
    };
    let message = draw_params(&spec, &context, 0)
        .expect_err("nobody reaches 44")
        .to_string();
    assert!(message.contains("body-mass index 44.0"), "{message}");
}

#[test]
fn light_comes_from_what_the_packs_have() {
    let spec = load("face", "balanced");
    let only = vec![("hall".to_owned(), LightingKind::Indoor)];
    let context = DrawContext {
        bodies: &SomeBodies,
        poses: &SomePoses,
        environments: &only,
    };
    assert_eq!(
        draw_params(&spec, &context, 3)
            .expect("fine")
            .lighting
            .environment_id,
        "hall"
    );
    let context = DrawContext {
        bodies: &SomeBodies,
        poses: &SomePoses,
        environments: &[],
    };
    let message = draw_params(&spec, &context, 3)
        .expect_err("no light")
        .to_string();
    assert!(message.contains("--assets"), "{message}");
}

#[test]
fn parameters_come_back_from_their_json_to_the_last_bit() {
    for params in draw_range(&load("synthhuman", "census"), 0..60) {
        let json = serde_json::to_string(&params).expect("parameters are JSON");
        let back: SceneParams = serde_json::from_str(&json).expect("it is the same type");
        assert_eq!(params, back);
        assert_eq!(
            json,
            serde_json::to_string(&back).expect("parameters are JSON")
        );
    }
}

#[test]
fn labels_of_drawn_people_lie_in_their_vocabularies() {
    for params in draw_range(&load("synthhuman", "balanced"), 0..500) {
        let mut meta = SampleMeta::default();
        labels::describe(&params, &mut meta);
        for (column, value) in sample::COLUMNS.iter().zip(meta.values()) {
            if let bottega_schemas::Value::Text(word) = &value
                && !column.vocabulary.is_empty()
                && column.name != "split"
            {
                assert!(
                    column.vocabulary.contains(&word.as_str()),
                    "{}: {word}",
                    column.name
                );
            }
        }
        let subject_done = meta.missing_labels().iter().all(|name| {
            !["skin", "age", "body", "hair", "garments", "lighting_"]
                .iter()
                .any(|p| name.starts_with(p))
        });
        assert!(subject_done, "{:?}", meta.missing_labels());
    }
}

#[test]
fn every_style_of_hair_and_every_expression_is_drawn() {
    let spec = load("face", "balanced");
    let drawn = draw_range(&spec, 0..9000);
    let styles: std::collections::BTreeSet<HairStyle> = (drawn.iter())
        .filter_map(|params| params.groom.scalp.as_ref()?.style)
        .collect();
    let missing: Vec<_> = (HairStyle::ALL.iter())
        .filter(|style| !styles.contains(style))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
    for params in &drawn {
        let Some(scalp) = &params.groom.scalp else {
            continue;
        };
        let style = scalp.style();
        assert_eq!(Some(style), scalp.style, "the style is one of its cut");
        assert!(style.suits(scalp.hair_type), "{style:?}");
        let [least_m, most_m] = style.length_range_m();
        assert!((least_m..=most_m).contains(&scalp.length_m), "{style:?}");
    }
    let expressions: std::collections::BTreeSet<&str> = (drawn.iter())
        .map(|params| params.face.expression_id.as_str())
        .collect();
    assert!(60 <= expressions.len(), "{expressions:?}");
    let made_up = drawn.iter().filter(|p| p.person.skin.makeup.is_some());
    assert!((0.1..0.4).contains(&(made_up.count() as f64 / drawn.len() as f64)));
}

#[test]
fn film_sky_and_lamps_are_drawn_as_the_recipe_says_and_move_nothing_else() {
    let plain = load("face", "balanced");
    let toml = "
[film]
tone_curve = { law = 'choice', shares = { filmic = 0.5, srgb = 0.5 } }
white_balance = { law = 'uniform', min = 0.5, max = 1 }
shutter_s = 0.02
shake = { share = 0.25, speed_m_s = 0.05, turn_deg_s = { law = 'uniform', min = 5, max = 20 } }
sensor = { share = 0.5, iso = 800, electrons = 12000, read_noise_e = 3 }
[lighting.sky]
share = 0.5
sun_height_deg = { law = 'uniform', min = 10, max = 70 }
sun_azimuth_deg = { law = 'uniform', min = -180, max = 180 }
turbidity = 3
[lighting.lamps]
share = { indoor = 0.5 }
count = { law = 'choice', values = [1, 3], shares = [0.5, 0.5] }
kind = { law = 'choice', shares = { softbox = 0.5, spot = 0.5 } }
azimuth_deg = { law = 'uniform', min = -120, max = 120 }
height_deg = 30
distance_m = 2
size_m = 0.8
ratio_ev = 0
temperature_k = 5000
";
    let text = bottega_schemas::scene_spec::shipped_recipes()
        .iter()
        .find(|(name, _)| *name == "face")
        .expect("a shipped recipe")
        .1
        .to_owned()
        + &toml
            .replace("[film]", "[overrides.film]")
            .replace("[lighting", "[overrides.lighting");
    let spec = SceneSpec::from_toml(&text, "recipe", std::path::Path::new(""), Some("balanced"))
        .expect("a sound recipe");
    let drawn = draw_range(&spec, 0..400);
    let share = |of: &dyn Fn(&SceneParams) -> bool, among: &dyn Fn(&SceneParams) -> bool| {
        let all = drawn.iter().filter(|p| among(p)).count() as f64;
        drawn.iter().filter(|p| among(p) && of(p)).count() as f64 / all
    };
    let any = |_: &SceneParams| true;
    let outdoor = |p: &SceneParams| p.lighting.kind == LightingKind::Outdoor;
    let indoor = |p: &SceneParams| p.lighting.kind == LightingKind::Indoor;
    let near = |found: f64, wanted: f64| assert!((found - wanted).abs() < 0.08, "{found}");
    near(share(&|p| p.lighting.sky.is_some(), &outdoor), 0.5);
    near(share(&|p| !p.lighting.lamps.is_empty(), &indoor), 0.5);
    near(share(&|p| p.film.sensor.is_some(), &any), 0.5);
    near(
        share(
            &|p| p.film.tone_curve == bottega_schemas::params::ToneCurveName::Srgb,
            &any,
        ),
        0.5,
    );
    near(share(&|p| p.film.camera_motion.is_some(), &any), 0.25);
    let mut way = Vec3::ZERO;
    for motion in drawn.iter().filter_map(|p| p.film.camera_motion) {
        let [velocity, turn] = [motion.velocity_m_s, motion.turn_rad_s].map(Vec3::from);
        assert!((velocity.length() - 0.05).abs() < 1e-6, "{velocity}");
        let turn_deg = turn.length().to_degrees();
        assert!((4.999..20.001).contains(&turn_deg), "{turn_deg}");
        way += velocity / 0.05;
    }
    // About 100 unit vectors that point anywhere sum to a length of about 10.
    assert!(way.length() < 25.0, "{way}");
    for (with, without) in drawn.iter().zip(draw_range(&plain, 0..400)) {
        assert_eq!(
            with.lighting.sky.is_some(),
            with.lighting.environment_id == "sky"
        );
        assert!([0, 1, 3].contains(&with.lighting.lamps.len()));
        assert!((0.5..=1.0).contains(&with.film.white_balance));
        let mut stripped = with.clone();
        stripped.film = without.film;
        stripped.lighting = without.lighting.clone();
        assert_eq!(stripped, without);
        assert_eq!(with.lighting.exposure_ev, without.lighting.exposure_ev);
    }
}

#[test]
fn a_few_drawn_samples_have_known_hashes() {
    // A change here changes every dataset: say so in the change log.
    let hash = |recipe: &str, profile: &str, index: u64| {
        let params = draw_range(&load(recipe, profile), index..index + 1).remove(0);
        let json = serde_json::to_vec(&params).expect("parameters are JSON");
        blake3::hash(&json).to_hex()[..16].to_owned()
    };
    let found = [
        hash("face", "balanced", 0),
        hash("upper_body", "balanced", 7),
        hash("full_body", "census", 123_456),
        hash("synthhuman", "census", 2),
    ];
    assert_eq!(
        found,
        [
            "7ff1a4b6ccf5122f",
            "5129e9dc2367b1d0",
            "47a0a8be4095b0e8",
            "3e0191be45b5d86f"
        ]
    );
}
