//! What is drawn for the head.

use bottega_schemas::params::{HeadwearKind, LensKind};

use super::*;

fn kind(p: &SceneParams) -> Option<HeadwearKind> {
    p.worn.headwear.as_ref().map(|headwear| headwear.kind)
}

#[test]
fn shares_of_what_is_worn_meet_the_profile() {
    let all = draw_range(&load("face", "balanced"), 0..4096);
    let near = |what: &str, found: f64, wanted: f64, within: f64| {
        assert!(
            (found - wanted).abs() < within,
            "{what}: {found} wanted {wanted}"
        );
    };
    let has_sun = |p: &SceneParams| {
        let glasses = p.worn.glasses.as_ref();
        glasses.map(|glasses| glasses.lens == LensKind::Sun)
    };
    near(
        "clear",
        share(&all, |p| has_sun(p) == Some(false)),
        0.25,
        2e-3,
    );
    near("sun", share(&all, |p| has_sun(p) == Some(true)), 0.05, 2e-3);
    near("mask", share(&all, |p| p.worn.mask.is_some()), 0.03, 2e-3);
    near(
        "earrings",
        share(&all, |p| p.worn.earrings.is_some()),
        0.19,
        0.025,
    );
    for (wanted_kind, wanted) in [
        (HeadwearKind::Cap, 0.05),
        (HeadwearKind::Beanie, 0.03),
        (HeadwearKind::Headscarf, 0.04),
        (HeadwearKind::Turban, 0.02),
        (HeadwearKind::BrimmedHat, 0.03),
        (HeadwearKind::Headphones, 0.01),
    ] {
        let found = share(&all, |p| kind(p) == Some(wanted_kind));
        near(&format!("{wanted_kind:?}"), found, wanted, 0.008);
    }
    let helmets = [HeadwearKind::CyclingHelmet, HeadwearKind::HardHat];
    let found = share(&all, |p| {
        kind(p).is_some_and(|kind| helmets.contains(&kind))
    });
    near("helmets", found, 0.02, 0.006);

    let all = draw_range(&load("face", "census"), 0..4096);
    near(
        "headwear",
        share(&all, |p| p.worn.headwear.is_some()),
        0.10,
        2e-3,
    );
    let of_age = |from: f32, to: f32| {
        let some: Vec<_> = all
            .iter()
            .filter(|p| (from..to).contains(&p.person.age_years))
            .collect();
        share(&some, |p| has_sun(p) == Some(false))
    };
    near("young with glasses", of_age(18.0, 25.0), 0.355, 0.04);
    near("old with glasses", of_age(70.0, 91.0), 0.8, 0.05);
}

#[test]
fn nothing_is_worn_that_does_not_go_together_and_labels_say_what_is() {
    let mut n_worn = 0;
    for params in draw_range(&load("synthhuman", "balanced"), 0..3000) {
        let worn = &params.worn;
        let hides_ears = matches!(
            kind(&params),
            Some(HeadwearKind::Headscarf | HeadwearKind::Headphones)
        );
        assert!(!(hides_ears && worn.earrings.is_some()));
        assert!(kind(&params) != Some(HeadwearKind::Headscarf) || params.groom.beard.is_none());
        let mut meta = SampleMeta::default();
        labels::describe(&params, &mut meta);
        let word = |value: Option<serde_json::Value>| {
            let text = value.and_then(|v| v.as_str().map(str::to_owned));
            Some(text.unwrap_or_else(|| "none".to_owned()))
        };
        let json = serde_json::to_value(worn).expect("numbers are JSON");
        let said = |path: &str| word(json.pointer(path).cloned());
        assert_eq!(meta.head_covering, said("/headwear/kind"));
        assert_eq!(meta.face_covering, said("/mask/kind"));
        assert_eq!(meta.earrings, said("/earrings/kind"));
        assert_eq!(meta.eyewear_frame, said("/glasses/frame"));
        let eyewear = match &worn.glasses {
            None => "none",
            Some(glasses) if glasses.lens == LensKind::Sun => "sunglasses",
            Some(_) => "glasses",
        };
        assert_eq!(meta.eyewear.as_deref(), Some(eyewear));
        n_worn += u32::from(!worn.is_nothing());
        if let Some(glasses) = &worn.glasses {
            assert!((glasses.power_dpt != 0.0) == (glasses.lens == LensKind::Prescription));
            assert!(
                glasses
                    .transmittance
                    .iter()
                    .all(|t| (0.01..=1.0).contains(t))
            );
        }
    }
    assert!(1200 < n_worn, "{n_worn}");
}

#[test]
fn a_profile_without_it_dresses_no_head() {
    let mut spec = load("face", "balanced");
    spec.profile.worn = None;
    for params in draw_range(&spec, 0..50) {
        assert!(params.worn.is_nothing());
        let json = serde_json::to_string(&params).expect("numbers are JSON");
        assert!(!json.contains("\"worn\""), "older documents look the same");
    }
}
