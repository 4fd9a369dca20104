//! From a number and two limits to a verdict and a sentence.

use bottega_schemas::audit::{CheckEntry, Limits, Number, Status};

use crate::statistics::special::chi2_sf;

/// Which way a number is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Better {
    Lower,
    Higher,
}

/// The verdict of a value by its limits alone.
pub(super) fn judge(value: f64, limits: Limits, better: Better) -> Status {
    let within = |limit: f64| match better {
        Better::Lower => value <= limit,
        Better::Higher => value >= limit,
    };
    if within(limits.pass) {
        Status::Pass
    } else if within(limits.warn) {
        Status::Warn
    } else if value.is_nan() {
        Status::NotAvailable
    } else {
        Status::Fail
    }
}

/// The same, but a value beyond its limits that chance explains is no verdict.
pub(super) fn judge_seen(status: Status, is_seen: bool) -> Status {
    match status {
        Status::Warn | Status::Fail if !is_seen => Status::Insufficient,
        status => status,
    }
}

/// A check with its numbers; the sentence is added by [`says`].
pub(super) fn check(
    id: &str,
    subject: &str,
    status: Status,
    value: f64,
    limits: Limits,
) -> CheckEntry {
    CheckEntry {
        id: id.to_owned(),
        subject: subject.to_owned(),
        status,
        value: Number(value),
        interval: None,
        p: None,
        pass: limits.pass,
        warn: limits.warn,
        message: String::new(),
        evidence: String::new(),
    }
}

/// Adds the sentence and the place of the evidence.
pub(super) fn says(mut check: CheckEntry, evidence: String, message: String) -> CheckEntry {
    check.evidence = evidence;
    check.message = message;
    check
}

/// Noncentrality that a chi-square test of size `alpha` finds four times in five.
///
/// The noncentral tail is that of a scaled central one (Patnaik 1949), good to a few per cent.
pub(super) fn detectable_noncentrality(df: f64, alpha: f64) -> f64 {
    if df <= 0.0 {
        return f64::NAN;
    }
    let critical = bisect(0.0, 50.0 + 10.0 * df, |x| chi2_sf(x, df) - alpha);
    let power = |lambda: f64| {
        let scale = (df + 2.0 * lambda) / (df + lambda);
        let freedom = (df + lambda) * (df + lambda) / (df + 2.0 * lambda);
        chi2_sf(critical / scale, freedom)
    };
    bisect(0.0, 100.0 + 10.0 * df, |lambda| 0.8 - power(lambda))
}

/// The zero of a falling function.
fn bisect(mut low: f64, mut high: f64, f: impl Fn(f64) -> f64) -> f64 {
    for _ in 0..100 {
        let middle = 0.5 * (low + high);
        if f(middle) > 0.0 {
            low = middle;
        } else {
            high = middle;
        }
    }
    0.5 * (low + high)
}

/// A share in words.
pub(crate) fn percent(share: f64) -> String {
    let percent = 100.0 * share;
    if percent != 0.0 && percent.abs() < 1.0 {
        format!("{percent:.2} %")
    } else {
        format!("{percent:.1} %")
    }
}

/// A p-value in words.
pub(super) fn p_words(p: f64) -> String {
    if p < 0.0001 {
        "p < 0.0001".to_owned()
    } else {
        format!("p = {p:.4}")
    }
}

/// How strong Cramer's V is, in Cohen's words.
pub(super) fn strength_of_v(v: f64) -> &'static str {
    match v {
        v if v < 0.1 => "very weak",
        v if v < 0.3 => "weak",
        v if v < 0.5 => "moderate",
        _ => "strong",
    }
}

/// How strong a share of explained variance is, in Cohen's words.
pub(super) fn strength_of_variance(share: f64) -> &'static str {
    match share {
        v if v < 0.01 => "very weak",
        v if v < 0.06 => "weak",
        v if v < 0.14 => "moderate",
        _ => "strong",
    }
}

/// A column's name as people say it.
pub(crate) fn say(column: &str) -> String {
    match column {
        "skin_tone_mst" => "skin tone".to_owned(),
        "age_bin" => "age".to_owned(),
        "body_presentation" => "body presentation".to_owned(),
        "bmi_class" => "body-mass index".to_owned(),
        "lighting_id" => "environment".to_owned(),
        "lighting_kind" => "kind of light".to_owned(),
        "light_ev" => "exposure offset".to_owned(),
        "pose_id" => "pose".to_owned(),
        "expression_id" => "expression".to_owned(),
        "focal_35mm" => "focal length".to_owned(),
        "fg_fraction" => "share of the picture that the person covers".to_owned(),
        "luma_mean" => "brightness of the person".to_owned(),
        "soft_fraction" => "share of half-covered pixels".to_owned(),
        "clip_low_fraction" => "share of crushed pixels".to_owned(),
        "clip_high_fraction" => "share of blown pixels".to_owned(),
        "skin_px" => "visible facial skin".to_owned(),
        other => {
            let plain = other.trim_end_matches("_deg").trim_end_matches("_id");
            plain.replace('_', " ")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_decide_both_ways() {
        let limits = Limits {
            pass: 0.9,
            warn: 0.8,
        };
        let verdicts = [0.95, 0.85, 0.7].map(|v| judge(v, limits, Better::Higher));
        assert_eq!(verdicts, [Status::Pass, Status::Warn, Status::Fail]);
        let limits = Limits {
            pass: 0.03,
            warn: 0.1,
        };
        assert_eq!(judge(0.2, limits, Better::Lower), Status::Fail);
        assert_eq!(judge(f64::NAN, limits, Better::Lower), Status::NotAvailable);
        assert_eq!(judge_seen(Status::Fail, false), Status::Insufficient);
        assert_eq!(judge_seen(Status::Pass, false), Status::Pass);
    }

    #[test]
    fn detectable_effects_are_those_of_the_tables() {
        // Noncentrality for a power of 0.8 at 0.05 (Cohen 1988): 7.85, 10.9, 15.65.
        for (df, wanted) in [(1.0, 7.85), (3.0, 10.9), (9.0, 15.65)] {
            let found = detectable_noncentrality(df, 0.05);
            assert!((found - wanted).abs() < 0.04 * wanted, "{df}: {found}");
        }
    }
}
