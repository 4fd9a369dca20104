//! Tests of the shipped recipes and of what is refused.

use std::path::Path;

use super::*;
use crate::seed::Seed;

fn face_text() -> &'static str {
    shipped_recipes()[0].1
}

fn read(text: &str) -> Result<SceneSpec, SchemaError> {
    SceneSpec::from_toml(text, "x.toml", Path::new(""), None)
}

fn refusal(text: &str) -> String {
    read(text).expect_err(text).to_string()
}

/// The face recipe with further lines at its end.
fn with(overrides: &str) -> String {
    format!("{}\n{overrides}", face_text())
}

#[test]
fn every_shipped_recipe_reads_with_every_shipped_profile() {
    for (name, _) in shipped_recipes() {
        for (profile, _) in shipped_profiles() {
            let spec = SceneSpec::load_with(name, Some(profile)).expect("shipped");
            assert_eq!(format!("profiles/{}", spec.profile_name), *profile);
        }
    }
}

#[test]
fn a_recipe_is_found_by_name_and_by_its_path_in_the_source_tree() {
    let by_name = SceneSpec::load("synthhuman").expect("shipped");
    assert_eq!(
        by_name,
        SceneSpec::load("scenes/synthhuman.toml").expect("shipped")
    );
    for framing in [Framing::Face, Framing::UpperBody, Framing::FullBody] {
        assert!((by_name.framing.share(&framing) - 1.0 / 3.0).abs() < 1e-9);
    }
    let message = SceneSpec::load("fase")
        .expect_err("not shipped")
        .to_string();
    assert!(
        message.contains("\"fase\"") && message.contains("synthhuman"),
        "{message}"
    );
}

#[test]
fn a_recipe_and_its_profile_are_read_from_files() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let profile = "schema_version = 1\nextends = 'balanced'\n[lighting]\ndark_share = 0.5\n";
    std::fs::write(folder.path().join("dark.toml"), profile).expect("written");
    let recipe = face_text().replace("profile = \"balanced\"", "profile = \"dark.toml\"");
    let path = folder.path().join("mine.toml");
    std::fs::write(&path, recipe).expect("written");
    let spec = SceneSpec::load(path.to_str().expect("UTF-8")).expect("the recipe is fine");
    assert_eq!(spec.profile_name, "dark");
    assert_eq!(spec.profile.lighting.dark_share.get(), 0.5);

    std::fs::write(
        folder.path().join("dark.toml"),
        profile.replace("dark_s", "drak_s"),
    )
    .expect("written");
    let message = SceneSpec::load(path.to_str().expect("UTF-8"))
        .expect_err("misspelt")
        .to_string();
    assert!(
        message.contains("dark.toml: unknown key `lighting.drak_share`"),
        "{message}"
    );
    std::fs::write(
        folder.path().join("dark.toml"),
        "schema_version = 1\nextends = 'dark.toml'",
    )
    .expect("written");
    let message = SceneSpec::load(path.to_str().expect("UTF-8"))
        .expect_err("a ring")
        .to_string();
    assert!(message.contains("extends"), "{message}");
}

#[test]
fn overrides_lie_on_top_of_the_profile() {
    let spec = read(&with(
        "[overrides.person]\nage_years = { law = 'uniform', min = 60, max = 90 }\n\
         [overrides.groom]\nhair_texture = { law = 'choice', shares = { coily = 1 } }",
    ))
    .expect("the recipe is fine");
    assert_eq!(
        spec.profile.person.age_years.distribution().range(),
        (60.0, 90.0)
    );
    assert_eq!(spec.profile.groom.hair_texture.iter().count(), 1);
    let plain = read(face_text()).expect("shipped");
    assert_eq!(
        spec.profile.person.stature_cm,
        plain.profile.person.stature_cm
    );
    assert_ne!(spec.hash(), plain.hash());
    assert_eq!(
        plain.hash(),
        read(&format!("# a comment\n{}", face_text()))
            .expect("same")
            .hash()
    );
}

#[test]
fn lengths_and_angles_are_metres_and_radians_inside() {
    let spec = read(face_text()).expect("shipped");
    let (lo, hi) = spec
        .profile
        .person
        .stature_cm
        .feminine
        .distribution()
        .range();
    assert!((lo - 1.38).abs() < 1e-12 && (hi - 1.88).abs() < 1e-12);
    let (lo, hi) = spec.profile.lighting.yaw_deg.distribution().range();
    assert!((hi - std::f64::consts::PI).abs() < 1e-12 && lo == -hi);
}

#[test]
fn mistakes_are_refused_with_key_found_and_allowed() {
    let replaced = |from: &str, to: &str| {
        assert!(face_text().contains(from), "{from}");
        refusal(&face_text().replace(from, to))
    };
    for (message, parts) in [
        (
            replaced("dataset", "datset"),
            ["`datset`", "did you mean `dataset`?"],
        ),
        (
            replaced("face = 1", "face = 0.9"),
            ["`framing`", "sum to 0.9"],
        ),
        (
            replaced("face = 1", "fase = 1"),
            ["`framing", "did you mean `face`?"],
        ),
        (replaced("seed = 0", "seed = -1"), ["`seed`", "-1"]),
        (
            replaced("[384, 512]", "[384, 5]"),
            ["`resolution_px`", "found 5, allowed is 16"],
        ),
        (
            replaced("\"draft\"", "\"drafty\""),
            ["`quality`", "did you mean `draft`?"],
        ),
        (
            replaced("spp = 16", "spp = 0"),
            ["`presets.draft.spp`", "found 0, allowed is 1"],
        ),
        (
            replaced("spp = 16", "spp = 16, error = 2"),
            ["`presets.draft.error`", "found 2, allowed is"],
        ),
        (
            refusal(&with("[overrides.film.sensor]\nshare = 1\niso = 5")),
            ["`overrides.film.sensor", "allowed is 25"],
        ),
        (
            refusal(&with(
                "[overrides.film]\nshake = { share = 1, speed_m_s = 0.1, turn_deg_s = 5 }",
            )),
            ["`overrides.film.shake`", "set `film.shutter_s`"],
        ),
        (
            refusal(&with(
                "[overrides.film]\nshutter_s = 0.01\nshake = { share = 1, speed_m_s = -1, turn_deg_s = 5 }",
            )),
            ["`overrides.film.shake.speed_m_s", "allowed is 0 to 10"],
        ),
        (
            replaced("\"balanced\"", "\"balance\""),
            ["profile \"balance\"", "census"],
        ),
        (
            replaced("schema_version = 1", "schema_version = 2"),
            ["schema_version", "found 2"],
        ),
        (
            replaced("\"face\"", "\"My Face\""),
            ["`dataset`", "lower-case"],
        ),
        (
            replaced("seed = 0", "seed = "),
            ["not a readable document", "line 4"],
        ),
        (
            refusal(&with(
                "[overrides.person]\nage_years = { law = 'uniform', min = 12, max = 30 }",
            )),
            [
                "`overrides.person.age_years`",
                "minimum 12, allowed is 18 to 90",
            ],
        ),
        (
            refusal(&with("[overrides.person.stature_cm]\nmasculine = 1.7")),
            [
                "`overrides.person.stature_cm.masculine`",
                "value 1.7, allowed is 120 to 220",
            ],
        ),
        (
            refusal(&with("[overrides.camera.face]\npich_deg = 3")),
            [
                "`overrides.camera.face.pich_deg`",
                "did you mean `pitch_deg`?",
            ],
        ),
        (
            refusal(&with("[overrides.camera.face]\ndistance_m = [3, 1]")),
            [
                "`overrides.camera.face.distance_m`",
                "nearest must be below",
            ],
        ),
        (
            refusal(&with("[overrides.person]\nfemale_share = [0.5, 0.5]")),
            ["`overrides.person.female_share`", "wanted one or 5"],
        ),
        (
            refusal(&with(
                "[overrides.face.presets]\nsmile = { mouthSmle = [0, 1] }",
            )),
            [
                "`overrides.face.presets.smile.mouthSmle`",
                "no such face unit",
            ],
        ),
        (
            refusal(&with("[overrides.person]\nconditional = true")),
            ["`overrides.person.region`", "missing"],
        ),
        (
            refusal(&with("[overrides.skin]\nita_center_deg = [1, 2]")),
            ["`overrides.skin.ita_center_deg`", "ten descending"],
        ),
        (
            refusal(&with(
                "[overrides.eyes]\ncolor = { law = 'choice', shares = { teal = 1 } }",
            )),
            ["`overrides.eyes.color", "\"teal\""],
        ),
        (
            refusal("overrides = 3"),
            ["`overrides`", "found integer, wanted a table"],
        ),
    ] {
        for part in parts {
            assert!(message.contains(part), "{part:?} is not in {message:?}");
        }
    }
}

#[test]
fn seeds_and_sizes_from_outside_are_checked() {
    let spec = read(face_text()).expect("shipped");
    assert_eq!(
        spec.clone().with_seed(MAX_SEED).expect("allowed").seed,
        MAX_SEED
    );
    assert!(spec.clone().with_seed(MAX_SEED + 1).is_err());
    assert!(spec.clone().with_resolution([8, 8]).is_err());
    assert_eq!(spec.preset(Some(Quality::Standard)), &spec.presets.standard);
}

#[test]
fn mutated_recipes_and_profiles_never_panic() {
    let texts = [
        shipped_recipes()[3].1,
        shipped_profiles()[0].1,
        shipped_profiles()[1].1,
    ];
    let words = [
        "nan",
        "-1",
        "1e308",
        "inf",
        "[]",
        "{}",
        "''",
        "true",
        "law",
        "=",
        "1979-05-27",
        "0",
    ];
    let mut refused = 0;
    for round in 0..400_u64 {
        let seed = Seed(round);
        let profile = round % 4 != 0;
        let text = texts[if profile { 1 + (round % 2) as usize } else { 0 }];
        let mut bytes = text.as_bytes().to_vec();
        for edit in 0..1 + round % 3 {
            let pick = |name: &str, n: usize| {
                ((seed.child(name).index(edit).unit_f64() * n as f64) as usize).min(n - 1)
            };
            let at = pick("at", bytes.len());
            match pick("kind", 4) {
                0 => bytes[at] = b" =[]{}\"'.,-0x\n"[pick("byte", 14)],
                1 => drop(bytes.drain(at..(at + pick("length", 40)).min(bytes.len()))),
                2 => drop(bytes.splice(at..at, words[pick("word", words.len())].bytes())),
                // Replace a number, where most of the meaning is.
                _ => {
                    let start = (at..bytes.len())
                        .find(|i| bytes[*i].is_ascii_digit())
                        .unwrap_or(at);
                    let end = (start..bytes.len())
                        .find(|i| !bytes[*i].is_ascii_digit() && bytes[*i] != b'.')
                        .unwrap_or(start);
                    drop(bytes.splice(start..end, words[pick("word", 4)].bytes()));
                }
            }
        }
        let mutated = String::from_utf8_lossy(&bytes).into_owned();
        let result = if profile {
            let result = document::parse(&mutated, "x").and_then(|mut table| {
                table.remove("schema_version");
                table.remove("extends");
                let mut base = document::parse(texts[1], "x").expect("shipped");
                base.remove("schema_version");
                document::merge(&mut base, table);
                document::read::<ProfileSpec>(base, "x", "")
            });
            result.and_then(|spec| check::profile(&spec, "x", ""))
        } else {
            read(&mutated).map(drop)
        };
        if let Err(error) = result {
            refused += 1;
            assert!(!error.to_string().is_empty());
        }
    }
    assert!(refused > 100, "mutations must bite: {refused}");
}

#[test]
fn regions_of_the_census_give_the_marginals_of_its_tables() {
    let spec = SceneSpec::load_with("face", Some("census")).expect("shipped");
    let person = &spec.profile.person;
    let regions = person.region.as_ref().expect("the census is conditional");
    let mixed = |share: &dyn Fn(&RegionSpec) -> f64| -> f64 {
        regions
            .iter()
            .map(|(name, weight)| weight * share(&person.regions[name]))
            .sum()
    };
    for (texture, share) in spec.profile.groom.hair_texture.iter() {
        let found = mixed(&|region| region.hair_texture.share(texture));
        assert!(
            (found - share).abs() < 1.5e-3,
            "{texture:?} {found} {share}"
        );
    }
    for (color, share) in spec.profile.groom.color.natural.iter() {
        let found = mixed(&|region| region.hair_color.share(color));
        assert!((found - share).abs() < 1.5e-3, "{color:?} {found} {share}");
    }
    for (color, share) in spec.profile.eyes.color.iter() {
        let found = mixed(&|region| region.eye_color.share(color));
        assert!((found - share).abs() < 1.5e-3, "{color:?} {found} {share}");
    }
    // The published marginals of the tone are rounded and were computed from rounded shares.
    for (tone, share) in spec.profile.skin.tone_mst.iter() {
        let found = mixed(&|region| region.tone_share(*tone));
        assert!((found - share).abs() < 5e-3, "{tone:?} {found} {share}");
    }
}

#[test]
fn film_sky_lamps_and_error_are_read_and_absent_ones_leave_no_trace() {
    let read = |text: &str| {
        SceneSpec::from_toml(text, "recipe", Path::new(""), None).expect("a sound recipe")
    };
    let plain = read(face_text());
    let json = serde_json::to_string(&plain).expect("a recipe is JSON");
    for key in [
        "\"sky\"",
        "\"lamps\"",
        "\"error\"",
        "clamp_indirect",
        "blue_noise",
    ] {
        assert!(!json.contains(key), "{key}: old recipes keep their hash");
    }
    let text = face_text().replace("spp = 16", "spp = 256, error = 0.02, clamp_indirect = 20, blue_noise = true")
        + "
[overrides.film]
tone_curve = { law = 'choice', shares = { agx = 0.5, filmic = 0.3, srgb = 0.2 } }
pixel_filter = { law = 'choice', shares = { gaussian = 1 } }
white_balance = { law = 'uniform', min = 0.5, max = 1 }
white_shift_mired = { law = 'gaussian', mean = 0, sd = 8, min = -25, max = 25 }
shutter_s = 0.01
shake = { share = 0.2, speed_m_s = 0.1, turn_deg_s = { law = 'uniform', min = 0, max = 30 } }
sensor = { share = 0.5, iso = { law = 'log_uniform', min = 100, max = 6400 }, electrons = 12000, read_noise_e = 3 }
exposure = { illuminance_lux = { law = 'log_uniform', min = 50, max = 50000 }, f_number = 4, shutter_s = 0.01, iso = 400 }
[overrides.lighting.sky]
share = 0.3
sun_height_deg = { law = 'uniform', min = 10, max = 70 }
sun_azimuth_deg = { law = 'uniform', min = -180, max = 180 }
turbidity = { law = 'uniform', min = 2, max = 6 }
[overrides.lighting.lamps]
share = { studio = 0.8, indoor = 0.2 }
count = { law = 'choice', values = [1, 2, 3], shares = [0.3, 0.4, 0.3] }
kind = { law = 'choice', shares = { softbox = 0.6, dish = 0.2, bulb = 0.1, spot = 0.1 } }
azimuth_deg = { law = 'uniform', min = -120, max = 120 }
height_deg = { law = 'uniform', min = 0, max = 60 }
distance_m = { law = 'uniform', min = 1.2, max = 3 }
size_m = { law = 'uniform', min = 0.2, max = 1.2 }
ratio_ev = { law = 'uniform', min = -1, max = 2 }
temperature_k = { law = 'uniform', min = 2800, max = 6500 }
";
    let full = read(&text);
    assert_eq!(full.presets.draft.error, Some(0.02));
    assert_eq!(full.presets.draft.clamp_indirect, 20.0);
    assert!(full.presets.draft.blue_noise);
    let lamps = full.profile.lighting.lamps.as_ref().expect("lamps");
    assert_eq!(lamps.share.len(), 2);
    let sky = full.profile.lighting.sky.as_ref().expect("a sky");
    assert!((sky.sun_height_deg.distribution().range().0 - 10_f64.to_radians()).abs() < 1e-12);
    assert!(full.profile.film.sensor.is_some());
    let shake = full.profile.film.shake.as_ref().expect("a shake");
    let fastest_rad_s = shake.turn_deg_s.distribution().range().1;
    assert!((fastest_rad_s - 30_f64.to_radians()).abs() < 1e-12);
    assert_ne!(full.hash(), plain.hash());
}
