//! Draws the color of hair: pigments, grey, dye.

use bottega_schemas::distribution::Distribution;
use bottega_schemas::labels::HairTexture;
use bottega_schemas::params::{HairColorLabel, HairColorParams, SecondColorParams};
use bottega_schemas::scene_spec::{GreySpec, HairColorSpec, NaturalHairColor};

use super::color;
use super::quantiles::Quantiles;
use super::traits::Traits;

/// From this grey share on hair is called grey.
const GREY_FROM: f64 = 0.5;

/// From this grey share on hair is called white.
const WHITE_FROM: f64 = 0.85;

/// Draws the color of all hair of a person.
pub(super) fn draw(
    spec: &HairColorSpec,
    traits: &Traits,
    has_scalp_hair: bool,
    q: Quantiles,
) -> HairColorParams {
    let pigments = &spec.pigments[&traits.hair_color];
    let eumelanin = pigments.eumelanin.quantile(q.u("groom/color/eumelanin")) as f32;
    let pheomelanin = pigments
        .pheomelanin
        .quantile(q.u("groom/color/pheomelanin")) as f32;
    let grey = grey_fraction(&spec.grey, traits, q);
    let dyed = q.happens("groom/color/dyed", spec.dyed_share.get());
    let mut second = None;
    if has_scalp_hair && dyed {
        let unnatural = q.happens("groom/color/unnatural", spec.unnatural_share.get());
        let dyes = if unnatural {
            &spec.unnatural_dyes
        } else {
            &spec.natural_dyes
        };
        let dye = *dyes.quantile(q.u("groom/color/dye"));
        let dye = color::as_albedo(color::linear_from_srgb(dye));
        if q.happens("groom/color/second", spec.second_share.get()) {
            let place = *spec.second_places.quantile(q.u("groom/color/second place"));
            second = Some(SecondColorParams { place, dye });
        } else {
            return HairColorParams {
                label: HairColorLabel::Dyed,
                eumelanin,
                pheomelanin,
                grey_fraction: 0.0,
                dye: Some(dye),
                second: None,
            };
        }
    }
    let label = if grey >= WHITE_FROM {
        HairColorLabel::White
    } else if grey >= GREY_FROM {
        HairColorLabel::Grey
    } else {
        match traits.hair_color {
            NaturalHairColor::Black => HairColorLabel::Black,
            NaturalHairColor::DarkBrown => HairColorLabel::DarkBrown,
            NaturalHairColor::LightBrown => HairColorLabel::LightBrown,
            NaturalHairColor::Blond => HairColorLabel::Blond,
            NaturalHairColor::Red => HairColorLabel::Red,
        }
    };
    HairColorParams {
        label,
        eumelanin,
        pheomelanin,
        grey_fraction: grey as f32,
        dye: None,
        second,
    }
}

/// Share of grey strands: none, or Beta-distributed about a mean that grows with age.
fn grey_fraction(spec: &GreySpec, traits: &Traits, q: Quantiles) -> f64 {
    let age = f64::from(traits.age_years);
    let late = traits.texture == HairTexture::Coily
        || (traits.texture == HairTexture::Straight
            && traits.hair_color == NaturalHairColor::Black);
    let center = spec.center_years.get() + if late { spec.later_years.get() } else { 0.0 };
    let any = 1.0 / (1.0 + libm::exp(-(age - center) / spec.scale_years.get()));
    if !q.happens("groom/grey", any) {
        return 0.0;
    }
    let mean = (spec.mean_at_55.get() + spec.mean_per_year.get() * (age - 55.0)).clamp(0.03, 0.95);
    let concentration = spec.concentration.get();
    let share = Distribution::Beta {
        alpha: (mean * concentration).max(0.05),
        beta: ((1.0 - mean) * concentration).max(0.05),
        min: 0.0,
        max: 1.0,
    };
    share.quantile(q.u("groom/grey/fraction"))
}

#[cfg(test)]
mod tests {
    use bottega_schemas::SceneSpec;
    use bottega_schemas::index::quota_cell;

    use super::*;

    #[test]
    fn grey_grows_with_age_as_surveys_found() {
        let spec = SceneSpec::load("face").unwrap();
        let cell = quota_cell(0, 0);
        let mut traits =
            super::super::traits::draw(&spec.profile, cell, Quantiles::of_identity(0, 0));
        traits.texture = HairTexture::Wavy;
        let n = 2048;
        let mut at = |age: f32| {
            traits.age_years = age;
            let grey: Vec<f64> = (0..n)
                .map(|i| {
                    grey_fraction(
                        &spec.profile.groom.color.grey,
                        &traits,
                        Quantiles::of_identity(0, i),
                    )
                })
                .collect();
            let some = grey.iter().filter(|g| **g > 0.0).count() as f64;
            (some / n as f64, grey.iter().sum::<f64>() / some)
        };
        // Medium hair: 34 % at 32.5, 70 % at 42.5, 96 % at 57.5 years; 40 % of it at 61 to 65.
        for (age, share) in [(32.5, 0.25), (42.5, 0.67), (57.5, 0.97)] {
            assert!((at(age).0 - share).abs() < 0.02, "{age} {:?}", at(age));
        }
        let (share, fraction) = at(63.0);
        assert!(
            share > 0.95 && (fraction - 0.38).abs() < 0.02,
            "{share} {fraction}"
        );
    }
}
