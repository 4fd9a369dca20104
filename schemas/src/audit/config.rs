//! The configuration of an audit: what is compared, and which limits decide.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::check;
use crate::document;
use crate::error::SchemaError;

/// What an audit compares and what it tolerates; a document may leave any key out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct AuditConfig {
    /// Version of the document; 1.
    pub schema_version: u32,
    /// Sensitive attributes: columns of categories, or the derived `ita_class` and `bmi_class`.
    pub sensitive: Vec<String>,
    /// Circumstances that should be independent of the person: columns of categories or numbers.
    pub nuisance: Vec<String>,
    /// Looks that people choose: compared like circumstances, unless declared dependent.
    pub appearance: Vec<String>,
    /// Pairs of columns that depend on each other by design: reported, never judged.
    pub dependent: Vec<[String; 2]>,
    /// Target weights of the categories of an attribute; equal for all where an attribute is absent.
    pub targets: BTreeMap<String, BTreeMap<String, f64>>,
    /// Attributes whose cells are counted together.
    pub intersections: Vec<Vec<String>>,
    /// Sizes below which nothing is said.
    pub support: SupportConfig,
    /// Confidence, significance and drawing again.
    pub sampling: SamplingConfig,
    /// Limits of the checks.
    pub thresholds: Thresholds,
}

/// Sizes below which nothing is said.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct SupportConfig {
    /// Samples that a cell of two attributes needs.
    pub pair: u64,
    /// Samples that a cell of more attributes needs.
    pub triple: u64,
    /// Samples of the whole from which "no association" may be said.
    pub association_rows: u64,
    /// Samples from which a check of pictures is judged.
    pub image_rows: u64,
    /// Samples of a group from which its errors are judged.
    pub group_samples: u64,
    /// People of a group from which its errors are judged.
    pub group_identities: u64,
}

/// Confidence, significance and drawing again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct SamplingConfig {
    /// Coverage of the intervals.
    pub confidence: f64,
    /// Corrected p-value below which a difference counts as seen.
    pub alpha: f64,
    /// Replicates of a bootstrap.
    pub bootstrap: u32,
    /// Permutations where a table is too thin for chi-square.
    pub permutations: u32,
    /// Seed of both, 0 to 2^63 - 1.
    pub seed: u64,
}

/// Two limits: up to `pass` (or from it, where more is better) a check passes, beyond `warn` it
/// fails, between them it warns.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Passes up to here.
    pub pass: f64,
    /// Warns up to here.
    pub warn: f64,
}

/// Limits of the checks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Thresholds {
    /// REP-1: Jensen-Shannon divergence from the target, in bits, at most.
    pub divergence_bits: Limits,
    /// REP-2: evenness where the target is equal shares, at least.
    pub evenness: Limits,
    /// REP-3: smallest share by its target, at least (four fifths is the rule of EEOC 1978); the
    /// largest may be as far above.
    pub representation_ratio: Limits,
    /// REP-4: share of the cells with support, at least.
    pub coverage: Limits,
    /// REP-5: Jensen-Shannon divergence between splits, in bits, at most.
    pub split_drift_bits: Limits,
    /// IND-1 and IND-3: Cramer's V without bias, at most (Cohen calls 0.1 small).
    pub cramers_v: Limits,
    /// IND-2, IMG-6 and IMG-8: epsilon squared of ranks, at most (Cohen calls 0.01 small).
    pub epsilon_squared: Limits,
    /// IMG-1: rank correlation of sampled and measured skin tone, at least.
    pub tone_correlation: Limits,
    /// IMG-2: distance of the slope of measured on sampled tone from 1, at most.
    pub tone_slope_off: Limits,
    /// IMG-3: gap between tones in the share of crushed or blown skin, at most.
    pub exposure_gap: Limits,
    /// IMG-4: contrast of skin against background of the worst tone by that of the best, at least.
    pub contrast_ratio: Limits,
    /// PAR-1: mean error of the best group by that of the worst, at least.
    pub parity_ratio: Limits,
    /// PAR-2: gap of group means by the overall mean, at most.
    pub parity_gap: Limits,
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

/// The declared shares of attributes that are not meant to be even.
///
/// Presentation: half the sex parameters are Beta(2, 14), half Beta(14, 2), and 0.52 % of either
/// crosses 0.4 or 0.6. Body-mass index: the classes of the profile `balanced`. Textures: even among
/// those with hair; `none` comes with age.
pub fn default_targets() -> BTreeMap<String, BTreeMap<String, f64>> {
    let table = |rows: &[(&str, f64)]| -> BTreeMap<String, f64> {
        rows.iter()
            .map(|(word, share)| ((*word).to_owned(), *share))
            .collect()
    };
    BTreeMap::from([
        (
            "body_presentation".to_owned(),
            table(&[
                ("feminine", 0.4974),
                ("androgynous", 0.0052),
                ("masculine", 0.4974),
            ]),
        ),
        (
            "bmi_class".to_owned(),
            table(&[
                ("below 18.5", 0.1),
                ("18.5-25", 0.35),
                ("25-30", 0.25),
                ("30-35", 0.15),
                ("from 35", 0.15),
            ]),
        ),
        (
            "hair_texture".to_owned(),
            table(&[
                ("none", 0.08),
                ("straight", 0.23),
                ("wavy", 0.23),
                ("curly", 0.23),
                ("coily", 0.23),
            ]),
        ),
    ])
}

impl Default for AuditConfig {
    fn default() -> Self {
        let pair = |a: &str, b: &str| [a.to_owned(), b.to_owned()];
        Self {
            schema_version: 1,
            sensitive: words(&[
                "skin_tone_mst",
                "age_bin",
                "body_presentation",
                "hair_texture",
                "bmi_class",
            ]),
            nuisance: words(&[
                "framing",
                "lighting_kind",
                "lighting_id",
                "light_ev",
                "light_yaw_deg",
                "pose_id",
                "seated",
                "head_yaw_deg",
                "head_pitch_deg",
                "subject_yaw_deg",
                "camera_pitch_deg",
                "focal_35mm",
                "expression_id",
            ]),
            appearance: words(&[
                "clothing_style",
                "top_kind",
                "hair_length",
                "facial_hair",
                "eye_color",
                "eyewear",
                "head_covering",
            ]),
            dependent: vec![
                pair("body_presentation", "clothing_style"),
                pair("body_presentation", "top_kind"),
                pair("body_presentation", "hair_length"),
                pair("body_presentation", "facial_hair"),
                pair("body_presentation", "hair_texture"),
                pair("age_bin", "hair_texture"),
                pair("age_bin", "hair_length"),
                pair("hair_texture", "hair_length"),
            ],
            targets: default_targets(),
            intersections: [
                &["skin_tone_mst", "body_presentation"][..],
                &["skin_tone_mst", "age_bin"],
                &["skin_tone_mst", "hair_texture"],
                &["skin_tone_mst", "body_presentation", "age_bin"],
            ]
            .map(words)
            .to_vec(),
            support: SupportConfig::default(),
            sampling: SamplingConfig::default(),
            thresholds: Thresholds::default(),
        }
    }
}

impl Default for SupportConfig {
    fn default() -> Self {
        Self {
            pair: 30,
            triple: 10,
            association_rows: 2000,
            image_rows: 30,
            group_samples: 100,
            group_identities: 30,
        }
    }
}

impl Default for SamplingConfig {
    fn default() -> Self {
        Self {
            confidence: 0.95,
            alpha: 0.05,
            bootstrap: 2000,
            permutations: 1999,
            seed: 0,
        }
    }
}

impl Default for Thresholds {
    fn default() -> Self {
        let limits = |pass: f64, warn: f64| Limits { pass, warn };
        Self {
            divergence_bits: limits(0.005, 0.02),
            evenness: limits(0.98, 0.95),
            representation_ratio: limits(0.9, 0.8),
            coverage: limits(1.0, 0.95),
            split_drift_bits: limits(0.005, 0.02),
            cramers_v: limits(0.03, 0.1),
            epsilon_squared: limits(0.002, 0.01),
            tone_correlation: limits(0.9, 0.75),
            tone_slope_off: limits(0.3, 0.5),
            exposure_gap: limits(0.02, 0.05),
            contrast_ratio: limits(0.8, 0.6),
            parity_ratio: limits(0.9, 0.8),
            parity_gap: limits(0.05, 0.1),
        }
    }
}

impl AuditConfig {
    /// Reads a configuration; keys that it leaves out keep their usual values.
    pub fn load(path: &Path) -> Result<Self, SchemaError> {
        let text = document::read_text(path)?;
        Self::from_toml(&text, &path.display().to_string())
    }

    /// Reads a configuration from its text; `file` names it in messages.
    pub fn from_toml(text: &str, file: &str) -> Result<Self, SchemaError> {
        let over = document::parse(text, file)?;
        let usual = toml::Table::try_from(Self::default()).expect("the defaults are plain data");
        let mut table = usual;
        // Targets of an attribute are one value: half of a table would mean another target.
        let targets = over.get("targets").cloned();
        document::merge(&mut table, over);
        if let (Some(toml::Value::Table(targets)), Some(toml::Value::Table(merged))) =
            (targets, table.get_mut("targets"))
        {
            merged.extend(targets);
        }
        let config: Self = document::read(table, file, "")?;
        check::check(&config, file)?;
        Ok(config)
    }

    /// Whether two columns depend on each other by design.
    pub fn is_dependent(&self, a: &str, b: &str) -> bool {
        self.dependent
            .iter()
            .any(|[x, y]| (x == a && y == b) || (x == b && y == a))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_document_is_the_usual_audit() {
        assert_eq!(
            AuditConfig::from_toml("", "a.toml").unwrap(),
            AuditConfig::default()
        );
    }

    #[test]
    fn keys_replace_theirs_alone_and_targets_as_a_whole() {
        let text = "[thresholds]\nevenness = { pass = 0.5, warn = 0.4 }\n\
                    [targets.hair_texture]\nstraight = 1.0\n";
        let config = AuditConfig::from_toml(text, "a.toml").unwrap();
        assert_eq!(
            config.thresholds.evenness,
            Limits {
                pass: 0.5,
                warn: 0.4
            }
        );
        assert_eq!(config.thresholds.cramers_v, Thresholds::default().cramers_v);
        assert_eq!(config.targets["hair_texture"].len(), 1);
        assert!(config.targets.contains_key("body_presentation"));
    }

    #[test]
    fn mistakes_are_named_by_their_key() {
        let message = |text: &str| {
            AuditConfig::from_toml(text, "a.toml")
                .unwrap_err()
                .to_string()
        };
        assert!(message("sensitiv = []").contains("sensitiv"));
        assert!(message("[sampling]\nalpha = 2.0").contains("sampling.alpha"));
        assert!(message("[targets.age_bin]\na = -1.0").contains("targets.age_bin.a"));
    }
}
