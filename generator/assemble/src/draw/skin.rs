//! Draws the skin: tone, albedo, marks, lines, make-up.
//!
//! The Monk tone gives a typology angle (ITA), the angle gives a* and b* on the curve of measured
//! skin, and L* follows from the definition `ITA = atan2(L* - 50, b*)`, so that the angle holds
//! exactly whatever the jitter.

use bottega_schemas::distribution::Choice;
use bottega_schemas::params::{MakeupParams, SkinParams};
use bottega_schemas::scene_spec::{MakeupSpec, NaturalHairColor, SkinSpec, SrgbHex};

use super::color::{Lab, linear_from_srgb};
use super::quantiles::Quantiles;
use super::traits::Traits;

/// Measured skin: typology angle, a*, b*; descending. The angles are those of the anchors'
/// L*, a*, b* themselves.
const ANCHORS: [(f64, f64, f64); 8] = [
    (61.39, 7.0, 12.0),
    (52.13, 8.5, 14.0),
    (35.22, 10.0, 17.0),
    (17.97, 11.0, 18.5),
    (-6.34, 12.0, 18.0),
    (-27.30, 11.5, 15.5),
    (-49.40, 10.5, 12.0),
    (-69.15, 8.0, 8.0),
];

/// Largest change of L* that the jitter of b* may bring with it.
const MAX_LIGHTNESS_STEP: f64 = 3.0;

/// Draws the skin of a person.
pub(super) fn draw(spec: &SkinSpec, traits: &Traits, q: Quantiles) -> SkinParams {
    let tone = traits.tone.number();
    let ita_deg = angle(
        spec,
        usize::from(tone) - 1,
        spec.ita_jitter.quantile(q.u("skin/ita")),
    );
    let lab = albedo(
        ita_deg,
        spec.a_jitter.quantile(q.u("skin/a")),
        spec.b_jitter.quantile(q.u("skin/b")),
    );
    let albedo_lab = lab.map(|v| v as f32);

    let freckled = spec.freckled_share.get() * freckle_weight(ita_deg, traits.hair_color);
    let freckles = if q.happens("skin/freckled", freckled) {
        spec.freckles.quantile(q.u("skin/freckles"))
    } else {
        0.0
    };
    let youth = (40.0 - f64::from(traits.age_years)).max(0.0);
    let roughness =
        spec.roughness.quantile(q.u("skin/roughness")) - spec.roughness_per_year.get() * youth;
    SkinParams {
        tone_mst: tone,
        // The angle of what is stored, so that label and albedo agree to the last digit.
        ita_deg: ita_of(albedo_lab) as f32,
        albedo_lab,
        redness: spec.redness.quantile(q.u("skin/redness")) as f32,
        freckles: freckles as u32,
        moles: spec.moles.quantile(q.u("skin/moles")) as u32,
        roughness: roughness.clamp(0.25, 0.8) as f32,
        blemishes: draw_blemishes(spec, traits, q),
        wrinkles: spec.wrinkles.quantile(q.u("skin/wrinkles")) as f32,
        vitiligo: if q.happens("skin/vitiligo", spec.vitiligo_share.get()) {
            (0.1 + 0.6 * q.u("skin/vitiligo extent")) as f32
        } else {
            0.0
        },
        scars: if q.happens("skin/scarred", spec.scarred_share.get()) {
            1 + (2.0 * q.u("skin/scars")) as u32
        } else {
            0
        },
        sweat: if q.happens("skin/sweating", spec.sweating_share.get()) {
            (0.3 + 0.7 * q.u("skin/sweat")) as f32
        } else {
            0.0
        },
        body_hair: {
            let masculine = f64::from(traits.sex_param.clamp(0.0, 1.0));
            let most = spec.body_hair.quantile(q.u("skin/body hair"));
            (most * (0.2 + 0.8 * masculine)) as f32
        },
        makeup: draw_makeup(&spec.makeup, traits, q),
    }
}

/// Number of blemishes: most in youth.
fn draw_blemishes(spec: &SkinSpec, traits: &Traits, q: Quantiles) -> u32 {
    let years = (f64::from(traits.age_years) - 18.0).max(0.0);
    let youth = libm::exp2(-years / 10.0);
    (spec.blemishes.quantile(q.u("skin/blemishes")) * youth).round() as u32
}

/// Make-up, if the person wears any.
fn draw_makeup(spec: &MakeupSpec, traits: &Traits, q: Quantiles) -> Option<MakeupParams> {
    let share = spec.share.of(traits.style).get();
    let color = |colors: &Choice<SrgbHex>, name: &str| {
        linear_from_srgb(*colors.quantile(q.u(name))).map(|v| v as f32)
    };
    q.happens("skin/makeup", share).then(|| MakeupParams {
        foundation: spec.foundation.quantile(q.u("skin/makeup/foundation")) as f32,
        blush: spec.blush.quantile(q.u("skin/makeup/blush")) as f32,
        lips: color(&spec.lip_colors, "skin/makeup/lips"),
        lips_cover: spec.lips_cover.quantile(q.u("skin/makeup/lips cover")) as f32,
        lids: color(&spec.lid_colors, "skin/makeup/lids"),
        lids_cover: spec.lids_cover.quantile(q.u("skin/makeup/lids cover")) as f32,
        liner: spec.liner.quantile(q.u("skin/makeup/liner")) as f32,
    })
}

/// Typology angle of a stored albedo, in degrees.
fn ita_of([l, _, b]: [f32; 3]) -> f64 {
    libm::atan2(f64::from(l) - 50.0, f64::from(b)).to_degrees()
}

/// Angle of tone `idx`, moved by `jitter` shares of the gap to the neighbour on that side.
fn angle(spec: &SkinSpec, idx: usize, jitter: f64) -> f64 {
    let centers = &spec.ita_center_deg;
    let lighter = if idx == 0 {
        centers[0] - centers[1]
    } else {
        centers[idx - 1] - centers[idx]
    };
    let last = centers.len() - 1;
    let darker = if idx == last {
        centers[last - 1] - centers[last]
    } else {
        centers[idx] - centers[idx + 1]
    };
    centers[idx] + jitter * if jitter > 0.0 { lighter } else { darker }
}

/// The albedo of this angle on the curve of measured skin, moved along a* and b*.
fn albedo(ita_deg: f64, a_step: f64, b_step: f64) -> Lab {
    let above = ANCHORS.iter().filter(|anchor| anchor.0 >= ita_deg).count();
    let idx = above.clamp(1, ANCHORS.len() - 1);
    let ((i0, a0, b0), (i1, a1, b1)) = (ANCHORS[idx - 1], ANCHORS[idx]);
    let t = (ita_deg - i0) / (i1 - i0);
    let slope = libm::tan(ita_deg.to_radians());
    let reach = MAX_LIGHTNESS_STEP / slope.abs().max(1e-6);
    let b = b0 + t * (b1 - b0) + b_step.clamp(-reach, reach);
    [50.0 + b * slope, a0 + t * (a1 - a0) + a_step, b]
}

/// How much likelier than usual freckles are: they show on light skin only, twice as often with
/// red hair.
fn freckle_weight(ita_deg: f64, hair: NaturalHairColor) -> f64 {
    let by_tone = match ita_deg {
        i if i > 28.0 => 1.0,
        i if i > 10.0 => 0.3,
        _ => 0.0,
    };
    if hair == NaturalHairColor::Red {
        2.0 * by_tone
    } else {
        by_tone
    }
}

#[cfg(test)]
mod tests {
    use super::super::color::linear_from_lab;
    use super::*;

    #[test]
    fn anchors_are_the_angles_of_measured_skin() {
        let lightness = [72.0, 68.0, 62.0, 56.0, 48.0, 42.0, 36.0, 29.0];
        for ((ita_deg, a, b), l) in ANCHORS.into_iter().zip(lightness) {
            let found: f64 = libm::atan2(l - 50.0, b);
            assert!(
                (found.to_degrees() - ita_deg).abs() < 0.01,
                "{}",
                found.to_degrees()
            );
            let lab = albedo(ita_deg, 0.0, 0.0);
            for (found, wanted) in lab.into_iter().zip([l, a, b]) {
                assert!((found - wanted).abs() < 0.01, "{lab:?}");
            }
        }
    }

    #[test]
    fn the_angle_holds_under_any_jitter_and_albedos_are_physical() {
        for i in -62..=66 {
            let ita_deg = f64::from(i);
            for a_step in [-2.4, 0.0, 2.4] {
                for b_step in [-3.0, 0.0, 3.0] {
                    let lab = albedo(ita_deg, a_step, b_step);
                    let found: f64 = libm::atan2(lab[0] - 50.0, lab[2]);
                    assert!((found.to_degrees() - ita_deg).abs() < 1e-9);
                    let linear = linear_from_lab(lab);
                    assert!(
                        linear.iter().all(|v| (0.02..0.75).contains(v)),
                        "{i} {linear:?}"
                    );
                    assert!(
                        linear[0] > linear[1] && linear[1] > linear[2],
                        "{i} {linear:?}"
                    );
                }
            }
        }
    }

    #[test]
    fn tones_do_not_overlap_in_angle() {
        let spec = bottega_schemas::SceneSpec::load("face")
            .unwrap()
            .profile
            .skin;
        for idx in 0..9 {
            let (low, high) = (angle(&spec, idx, -0.333), angle(&spec, idx + 1, 0.333));
            assert!(low > high, "{idx}: {low} {high}");
        }
        assert!(angle(&spec, 0, 0.333) < 65.0 && angle(&spec, 9, -0.333) > -66.0);
    }
}
