//! Checks of an audit's configuration: every column exists and fits its place, every limit can be
//! met.

use super::config::{AuditConfig, Limits};
use crate::column::Kind;
use crate::error::SchemaError;
use crate::sample::{COLUMNS, column};
use crate::spelling;

/// Attributes that are classes of a number: name, and the column that each is computed from.
pub const DERIVED: [(&str, &str); 2] = [("ita_class", "skin_ita_deg"), ("bmi_class", "bmi")];

/// Replicates below which intervals and p-values mean nothing.
const REPLICATES_MIN: u32 = 100;

/// Refuses a configuration that cannot be carried out; `file` names it in messages.
pub(super) fn check(config: &AuditConfig, file: &str) -> Result<(), SchemaError> {
    let invalid = |(key, message): (String, String)| SchemaError::Invalid {
        file: file.into(),
        key: key.into(),
        message: message.into(),
    };
    version(config).map_err(invalid)?;
    columns(config).map_err(invalid)?;
    sampling(config).map_err(invalid)?;
    targets(config).map_err(invalid)?;
    limits(config).map_err(invalid)
}

/// A key and what is wrong with it.
type Wrong = (String, String);

fn version(config: &AuditConfig) -> Result<(), Wrong> {
    if config.schema_version == 1 {
        return Ok(());
    }
    let message = format!("found {}, this program reads 1", config.schema_version);
    Err(("schema_version".into(), message))
}

/// What a place in the configuration wants of a column.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wanted {
    Categories,
    CategoriesOrNumbers,
}

fn columns(config: &AuditConfig) -> Result<(), Wrong> {
    if config.sensitive.is_empty() {
        let message = "found no attribute, wanted at least one".to_owned();
        return Err(("sensitive".into(), message));
    }
    let one_by_one = [
        ("sensitive", &config.sensitive, Wanted::Categories),
        ("nuisance", &config.nuisance, Wanted::CategoriesOrNumbers),
        (
            "appearance",
            &config.appearance,
            Wanted::CategoriesOrNumbers,
        ),
    ];
    for (key, names, wanted) in one_by_one {
        for name in names {
            attribute(name, wanted).map_err(|message| (key.to_owned(), message))?;
        }
    }
    for (i, names) in config.intersections.iter().enumerate() {
        let key = format!("intersections.{i}");
        if names.len() < 2 {
            let message = format!("found {}, wanted at least two attributes", names.len());
            return Err((key, message));
        }
        for name in names {
            attribute(name, Wanted::Categories).map_err(|message| (key.clone(), message))?;
        }
    }
    for name in config.dependent.iter().flatten() {
        attribute(name, Wanted::CategoriesOrNumbers)
            .map_err(|message| ("dependent".to_owned(), message))?;
    }
    Ok(())
}

fn attribute(name: &str, wanted: Wanted) -> Result<(), String> {
    if DERIVED.iter().any(|(derived, _)| *derived == name) {
        return Ok(());
    }
    let Some(column) = column(name) else {
        let known = COLUMNS.iter().map(|column| column.name);
        let known = known.chain(DERIVED.iter().map(|(derived, _)| *derived));
        let hint = match spelling::nearest(name, known) {
            Some(best) => format!("did you mean `{best}`?"),
            None => "docs/formats.md lists them".to_owned(),
        };
        return Err(format!("there is no column `{name}`; {hint}"));
    };
    let is_category = matches!(column.kind, Kind::Category | Kind::Bool | Kind::I8);
    let is_number = matches!(column.kind, Kind::I32 | Kind::I64 | Kind::F32 | Kind::F64);
    match wanted {
        _ if is_category => Ok(()),
        Wanted::CategoriesOrNumbers if is_number => Ok(()),
        Wanted::Categories if is_number => {
            let derived = DERIVED.iter().find(|(_, source)| *source == name);
            let hint = derived.map_or(String::new(), |(derived, _)| {
                format!("; its classes are `{derived}`")
            });
            Err(format!("`{name}` holds numbers, wanted categories{hint}"))
        }
        _ => Err(format!(
            "`{name}` holds names or lists, wanted categories or numbers"
        )),
    }
}

fn sampling(config: &AuditConfig) -> Result<(), Wrong> {
    let sampling = &config.sampling;
    for (name, share) in [
        ("confidence", sampling.confidence),
        ("alpha", sampling.alpha),
    ] {
        if !(share > 0.0 && share < 1.0) {
            let message = format!("found {share}, allowed is more than 0 and less than 1");
            return Err((format!("sampling.{name}"), message));
        }
    }
    for (name, replicates) in [
        ("bootstrap", sampling.bootstrap),
        ("permutations", sampling.permutations),
    ] {
        if replicates < REPLICATES_MIN {
            let message = format!("found {replicates}, wanted at least {REPLICATES_MIN}");
            return Err((format!("sampling.{name}"), message));
        }
    }
    Ok(())
}

fn targets(config: &AuditConfig) -> Result<(), Wrong> {
    for (name, weights) in &config.targets {
        attribute(name, Wanted::Categories)
            .map_err(|message| (format!("targets.{name}"), message))?;
        let bad = weights.iter().find(|(_, w)| !(w.is_finite() && **w >= 0.0));
        if let Some((word, weight)) = bad {
            let message = format!("found {weight}, wanted a number from 0");
            return Err((format!("targets.{name}.{word}"), message));
        }
        if weights.values().sum::<f64>() <= 0.0 {
            let message = "found no weight above 0".to_owned();
            return Err((format!("targets.{name}"), message));
        }
        let known = words_of(name);
        let stranger = weights.keys().find(|word| !known.contains(word));
        if let Some(word) = stranger.filter(|_| !known.is_empty()) {
            let message = format!("no category of `{name}`; it has {}", known.join(", "));
            return Err((format!("targets.{name}.{word}"), message));
        }
    }
    Ok(())
}

/// The categories of an attribute; none where they are not declared.
fn words_of(name: &str) -> Vec<String> {
    match column(name) {
        Some(column) if column.kind == Kind::I8 => (1..=10).map(|step| step.to_string()).collect(),
        Some(column) if column.kind == Kind::Bool => ["false", "true"].map(str::to_owned).to_vec(),
        Some(column) => column.vocabulary.iter().map(|w| (*w).to_owned()).collect(),
        None => Vec::new(),
    }
}

fn limits(config: &AuditConfig) -> Result<(), Wrong> {
    let t = &config.thresholds;
    let at_least = [
        ("evenness", t.evenness),
        ("representation_ratio", t.representation_ratio),
        ("coverage", t.coverage),
        ("tone_correlation", t.tone_correlation),
        ("contrast_ratio", t.contrast_ratio),
        ("parity_ratio", t.parity_ratio),
    ];
    let at_most = [
        ("divergence_bits", t.divergence_bits),
        ("split_drift_bits", t.split_drift_bits),
        ("cramers_v", t.cramers_v),
        ("epsilon_squared", t.epsilon_squared),
        ("tone_slope_off", t.tone_slope_off),
        ("exposure_gap", t.exposure_gap),
        ("parity_gap", t.parity_gap),
    ];
    let all = at_least.map(|(name, limits)| (name, limits, true));
    let all = all
        .into_iter()
        .chain(at_most.map(|(name, limits)| (name, limits, false)));
    for (name, Limits { pass, warn }, is_higher_better) in all {
        let key = format!("thresholds.{name}");
        if !(pass.is_finite() && warn.is_finite()) {
            return Err((key, format!("found {pass} and {warn}, wanted numbers")));
        }
        let (is_ordered, wanted) = match is_higher_better {
            true => (warn <= pass, "at most"),
            false => (pass <= warn, "at least"),
        };
        if !is_ordered {
            let message = format!("found warn = {warn}, wanted {wanted} pass, which is {pass}");
            return Err((key, message));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mistake_is_named_with_its_key() {
        for (text, parts) in [
            (
                "sensitive = [\"skin_tone\"]",
                ["`sensitive`", "`skin_tone_mst`?"],
            ),
            ("sensitive = [\"bmi\"]", ["`sensitive`", "`bmi_class`"]),
            ("sensitive = []", ["`sensitive`", "at least one"]),
            ("nuisance = [\"sample_id\"]", ["`nuisance`", "names"]),
            ("intersections = [[]]", ["`intersections.0`", "two"]),
            (
                "intersections = [[\"age_bin\", \"light_ev\"]]",
                ["`intersections.0`", "numbers"],
            ),
            (
                "dependent = [[\"age_bin\", \"hat\"]]",
                ["`dependent`", "`hat`"],
            ),
            ("[sampling]\nbootstrap = 0", ["`sampling.bootstrap`", "100"]),
            (
                "[sampling]\nalpha = 1.0",
                ["`sampling.alpha`", "less than 1"],
            ),
            (
                "[targets.skin_tone_mst]\n11 = 1",
                ["`targets.skin_tone_mst.11`", "1, 2"],
            ),
            (
                "[targets.age_bin]\n\"18-29\" = 0",
                ["`targets.age_bin`", "above 0"],
            ),
            ("[targets.age]\nold = 1", ["`targets.age`", "no column"]),
            (
                "[thresholds]\ncramers_v = { pass = 0.1, warn = 0.05 }",
                ["`thresholds.cramers_v`", "at least"],
            ),
            (
                "[thresholds]\nevenness = { pass = 0.1, warn = 0.5 }",
                ["`thresholds.evenness`", "at most"],
            ),
            (
                "[thresholds]\nevenness = { pass = nan, warn = inf }",
                ["`thresholds.evenness`", "wanted numbers"],
            ),
        ] {
            let error = AuditConfig::from_toml(text, "a.toml")
                .unwrap_err()
                .to_string();
            assert!(
                parts.iter().all(|part| error.contains(part)),
                "{text}: {error}"
            );
        }
    }
}
