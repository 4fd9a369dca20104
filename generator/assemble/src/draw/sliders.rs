//! Small shape details of face and body.
//!
//! Names are those of the positive targets of the base mesh; a `*` stands for the left and the
//! right one. Values of one look like caricatures, so laws are narrow and the number of large
//! values is bounded.

use std::collections::BTreeMap;

use bottega_schemas::scene_spec::SliderSpec;

use super::quantiles::Quantiles;
use super::traits::Traits;

/// Detail sliders of the face, and the share of the recipe's value that suits each: shifts and
/// scales of eyes and mouth look wrong sooner than noses do.
const FACE: [(&str, f64); 74] = [
    ("*cheek-bones-incr", 1.0),
    ("*cheek-inner-incr", 0.8),
    ("*cheek-trans-up", 0.6),
    ("*cheek-volume-incr", 1.0),
    ("chin-bones-incr", 0.9),
    ("chin-cleft-incr", 0.8),
    ("chin-height-incr", 0.8),
    ("chin-jaw-drop-incr", 0.9),
    ("chin-prognathism-incr", 0.6),
    ("chin-prominent-incr", 0.8),
    ("chin-width-incr", 0.9),
    ("*ear-flap-incr", 0.7),
    ("*ear-lobe-incr", 1.0),
    ("*ear-rot-forward", 0.7),
    ("*ear-scale-incr", 0.8),
    ("*ear-scale-vert-incr", 0.7),
    ("*ear-shape-round", 0.8),
    ("*ear-shape-triangle", 0.8),
    ("*ear-trans-forward", 0.5),
    ("*ear-trans-up", 0.6),
    ("*ear-wing-incr", 0.9),
    ("*eye-bag-height-incr", 0.7),
    ("*eye-bag-incr", 0.8),
    ("*eye-bag-out", 0.7),
    ("*eye-corner1-up", 0.7),
    ("*eye-corner2-up", 0.7),
    ("*eye-eyefold-angle-up", 0.8),
    ("*eye-height1-incr", 0.6),
    ("*eye-height2-incr", 0.6),
    ("*eye-height3-incr", 0.6),
    ("*eye-push1-out", 0.6),
    ("*eye-push2-out", 0.6),
    ("*eye-scale-incr", 0.6),
    ("*eye-trans-out", 0.5),
    ("*eye-trans-up", 0.5),
    ("eyebrows-angle-up", 0.8),
    ("eyebrows-trans-forward", 0.7),
    ("eyebrows-trans-up", 0.7),
    ("forehead-nubian-incr", 0.7),
    ("forehead-scale-vert-incr", 0.8),
    ("forehead-temple-incr", 0.9),
    ("forehead-trans-forward", 0.7),
    ("head-back-scale-depth-incr", 0.7),
    ("head-scale-depth-incr", 0.6),
    ("head-scale-horiz-incr", 0.6),
    ("head-scale-vert-incr", 0.6),
    ("mouth-angles-up", 0.5),
    ("mouth-cupidsbow-incr", 0.9),
    ("mouth-cupidsbow-width-incr", 0.8),
    ("mouth-laugh-lines-out", 0.7),
    ("mouth-lowerlip-height-incr", 0.9),
    ("mouth-lowerlip-volume-incr", 1.0),
    ("mouth-lowerlip-width-incr", 0.8),
    ("mouth-philtrum-volume-incr", 0.9),
    ("mouth-scale-horiz-incr", 0.7),
    ("mouth-trans-up", 0.5),
    ("mouth-upperlip-height-incr", 0.9),
    ("mouth-upperlip-volume-incr", 1.0),
    ("mouth-upperlip-width-incr", 0.8),
    ("nose-base-up", 0.8),
    ("nose-curve-convex", 0.9),
    ("nose-flaring-incr", 1.0),
    ("nose-greek-incr", 0.8),
    ("nose-hump-incr", 1.0),
    ("nose-nostrils-angle-up", 0.8),
    ("nose-nostrils-width-incr", 0.9),
    ("nose-point-up", 0.9),
    ("nose-point-width-incr", 0.9),
    ("nose-scale-depth-incr", 0.8),
    ("nose-scale-horiz-incr", 0.8),
    ("nose-scale-vert-incr", 0.8),
    ("nose-volume-incr", 0.9),
    ("nose-width1-incr", 0.9),
    ("nose-width3-incr", 0.9),
];

/// Detail sliders of the body.
const BODY: [&str; 14] = [
    "buttocks-volume-incr",
    "hip-scale-depth-incr",
    "hip-scale-horiz-incr",
    "hip-waist-up",
    "lowerlegs-height-incr",
    "measure-neck-height-incr",
    "measure-shoulder-dist-incr",
    "neck-scale-depth-incr",
    "neck-scale-horiz-incr",
    "torso-scale-depth-incr",
    "torso-scale-horiz-incr",
    "torso-scale-vert-incr",
    "torso-vshape-incr",
    "upperlegs-height-incr",
];

/// Above this a slider of the face counts as large.
const LARGE: f64 = 0.3;

/// Draws the details of a person; `attempt` counts draws of the same face.
pub(super) fn draw(
    spec: &SliderSpec,
    traits: &Traits,
    q: Quantiles,
    attempt: u32,
) -> BTreeMap<String, f32> {
    let u = |name: &str| q.attempt(name, attempt);
    let mut face: Vec<(&str, f64)> = FACE
        .iter()
        .map(|&(name, share)| {
            (
                name,
                share * spec.face.quantile(u(&format!("person/{name}"))),
            )
        })
        .collect();
    tame(&mut face, spec.max_large.get() as usize);
    face.push((
        "*eye-epicanthus-out",
        spec.epicanthus.quantile(u("person/epicanthus")),
    ));
    face.push((
        "*eye-eyefold-up",
        spec.eyefold.quantile(u("person/eyefold")),
    ));

    let mut details = BTreeMap::new();
    for (name, value) in face {
        match name.strip_prefix('*') {
            None => {
                details.insert(name.to_owned(), value as f32);
            }
            Some(stem) => {
                let tilt = spec
                    .asymmetry
                    .quantile(u(&format!("person/asymmetry/{stem}")));
                details.insert(format!("l-{stem}"), (value + 0.5 * tilt) as f32);
                details.insert(format!("r-{stem}"), (value - 0.5 * tilt) as f32);
            }
        }
    }
    for name in BODY {
        let value = spec.body.quantile(u(&format!("person/{name}")));
        details.insert(name.to_owned(), value as f32);
    }
    // The skull ages over the whole adult life, the `age` slider of the base mesh hardly does.
    let years = (f64::from(traits.age_years) - 25.0).max(0.0) / 65.0;
    let head_age = 0.8 * years + spec.head_age.quantile(u("person/head age"));
    details.insert("head-age-incr".to_owned(), head_age.clamp(-0.2, 0.9) as f32);
    details
}

/// Halves what exceeds [`LARGE`] in all but the `n` largest values.
fn tame(values: &mut [(&str, f64)], n: usize) {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|a, b| values[*b].1.abs().total_cmp(&values[*a].1.abs()));
    for idx in order.into_iter().skip(n) {
        let value = &mut values[idx].1;
        if value.abs() > LARGE {
            *value *= 0.5;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_largest_values_stay_large() {
        let mut values = vec![("a", 0.5), ("b", -0.45), ("c", 0.4), ("d", 0.1)];
        tame(&mut values, 2);
        assert_eq!(values, [("a", 0.5), ("b", -0.45), ("c", 0.2), ("d", 0.1)]);
    }

    #[test]
    fn every_slider_exists_in_the_human_model() {
        let assets = crate::assets::AssetStore::embedded().unwrap();
        let model = assets.body_model().unwrap();
        let spec = bottega_schemas::SceneSpec::load("face").unwrap();
        let q = Quantiles::of_identity(0, 0);
        let cell = bottega_schemas::index::quota_cell(0, 0);
        let traits = super::super::traits::draw(&spec.profile, cell, q);
        for name in draw(&spec.profile.person.sliders, &traits, q, 0).keys() {
            assert!(model.sliders.contains_key(name), "{name}");
        }
    }
}
