//! The answer of an audit, for machines.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::AuditConfig;

/// Value of [`AuditReport::format`].
pub const AUDIT_FORMAT: &str = "bottega-audit";

/// Version of the audit document.
pub const AUDIT_VERSION: u32 = 1;

/// A number that may be infinite (`"inf"`, `"-inf"`) or unknown (null).
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd)]
pub struct Number(pub f64);

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            v if v == f64::INFINITY => serializer.serialize_str("inf"),
            v if v == f64::NEG_INFINITY => serializer.serialize_str("-inf"),
            v if v.is_nan() => serializer.serialize_none(),
            v => serializer.serialize_f64(v),
        }
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            Number(f64),
            Text(String),
            Unknown(()),
        }
        match Written::deserialize(deserializer)? {
            Written::Number(v) => Ok(Self(v)),
            Written::Text(text) if text == "inf" => Ok(Self(f64::INFINITY)),
            Written::Text(text) if text == "-inf" => Ok(Self(f64::NEG_INFINITY)),
            Written::Text(text) => Err(serde::de::Error::custom(format!(
                "found {text:?}, wanted a number, inf or -inf"
            ))),
            Written::Unknown(()) => Ok(Self(f64::NAN)),
        }
    }
}

#[cfg(feature = "json-schema")]
impl schemars::JsonSchema for Number {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Number".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "A number; infinities are the texts inf and -inf, null is unknown.",
            "anyOf": [{ "type": "number" }, { "enum": ["inf", "-inf", null] }]
        })
    }
}

macro_rules! entry {
    ($(#[$outer:meta])* $name:ident { $($(#[$inner:meta])* $field:ident: $type:ty,)* }) => {
        $(#[$outer])*
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        #[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
        #[serde(deny_unknown_fields)]
        pub struct $name { $($(#[$inner])* pub $field: $type,)* }
    };
}

entry! {
    /// Everything an audit found.
    AuditReport {
        /// [`AUDIT_FORMAT`].
        format: String,
        /// [`AUDIT_VERSION`].
        version: u32,
        /// What was audited.
        dataset: AuditedDataset,
        /// With what.
        tool: ToolEntry,
        /// The verdicts, failures first.
        checks: Vec<CheckEntry>,
        /// Number of verdicts by status.
        summary: Summary,
        /// How each sensitive attribute is represented.
        representation: Vec<RepresentationEntry>,
        /// Cells where attributes meet.
        intersections: Vec<IntersectionEntry>,
        /// Association of sensitive attributes with everything else.
        association: Vec<AssociationEntry>,
        /// What the pictures do to groups.
        image: Vec<ImageEntry>,
        /// Errors of models by group.
        parity: Vec<ParityEntry>,
    }
}

entry! {
    /// What was audited.
    AuditedDataset {
        /// Names of the datasets.
        names: Vec<String>,
        /// Number of samples.
        rows: u64,
        /// Number of people; null where the dataset does not say.
        identities: Option<u64>,
        /// Number of shards.
        shards: u64,
        /// BLAKE3 of the recipes, one for each dataset.
        recipes_blake3: Vec<String>,
    }
}

entry! {
    /// With what it was audited.
    ToolEntry {
        /// Version of the program.
        version: String,
        /// The whole configuration.
        config: AuditConfig,
        /// Number of samples whose pixels were read.
        pixel_samples: u64,
    }
}

entry! {
    /// Number of verdicts by status.
    Summary {
        /// That pass.
        pass: u64,
        /// That warn.
        warn: u64,
        /// That fail.
        fail: u64,
        /// For which there is too little to say.
        insufficient: u64,
        /// For which the labels are missing.
        not_available: u64,
    }
}

/// A verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Beyond the second limit.
    Fail,
    /// Between the limits.
    Warn,
    /// Too few samples to tell.
    Insufficient,
    /// The labels or pixels it needs are missing.
    NotAvailable,
    /// Within the first limit.
    Pass,
}

entry! {
    /// A verdict and its reason.
    CheckEntry {
        /// Name of the check, such as REP-1.
        id: String,
        /// What it judges: an attribute, a pair, a metric.
        subject: String,
        /// The verdict.
        status: Status,
        /// The judged number.
        value: Number,
        /// Its interval, where it has one.
        interval: Option<[Number; 2]>,
        /// p-value, corrected for the number of questions where there are several.
        p: Option<Number>,
        /// First limit.
        pass: f64,
        /// Second limit.
        warn: f64,
        /// The finding in a sentence.
        message: String,
        /// Pointer into this document to what it rests on.
        evidence: String,
    }
}

entry! {
    /// How an attribute is represented.
    RepresentationEntry {
        /// Column.
        attribute: String,
        /// Samples that know it.
        n: u64,
        /// Categories, those that never occur included.
        categories: Vec<String>,
        /// Number of samples of each.
        counts: Vec<u64>,
        /// Share of each.
        shares: Vec<Number>,
        /// Wilson interval of each share.
        wilson: Vec<[Number; 2]>,
        /// Clopper-Pearson interval of each share.
        clopper_pearson: Vec<[Number; 2]>,
        /// Declared share of each.
        target_shares: Vec<Number>,
        /// Share by declared share.
        ratio: Vec<Number>,
        /// Shannon entropy, in nats.
        entropy: Number,
        /// Pielou's evenness.
        evenness: Number,
        /// Hill numbers of order 0, 1, 2: effective numbers of categories.
        hill: [Number; 3],
        /// Kullback-Leibler divergence from the target, in nats.
        kl_nats: Number,
        /// Jensen-Shannon divergence from the target, in bits.
        js_bits: Number,
        /// Total variation from the target.
        total_variation: Number,
        /// Hellinger distance to the target.
        hellinger: Number,
        /// Pearson's chi-square against the target.
        chi2: Number,
        /// Degrees of freedom.
        df: Number,
        /// Its p-value.
        p: Number,
        /// Cohen's w.
        cohen_w: Number,
        /// Largest share by smallest.
        max_min_ratio: Number,
        /// p-value where the counts lie closer to the target than chance would; quotas do that.
        too_even_p: Number,
    }
}

entry! {
    /// A cell by the categories that meet there.
    CellRef {
        /// One category for each attribute.
        categories: Vec<String>,
        /// Number of samples.
        count: u64,
    }
}

entry! {
    /// Cells where attributes meet.
    IntersectionEntry {
        /// The attributes.
        attributes: Vec<String>,
        /// Categories of each.
        categories: Vec<Vec<String>>,
        /// Counts of all cells; the last attribute runs fastest.
        counts: Vec<u64>,
        /// Samples a cell needs.
        support: u64,
        /// Number of cells that are expected to hold something.
        cells: u64,
        /// Share of those that have the support.
        coverage: Number,
        /// Evenness over them.
        evenness: Number,
        /// Those without a sample.
        empty: Vec<CellRef>,
        /// Those with too few.
        under: Vec<CellRef>,
    }
}

entry! {
    /// Association of two columns.
    AssociationEntry {
        /// The sensitive attribute.
        a: String,
        /// The other column.
        b: String,
        /// `categories` or `numbers`: what the other column holds.
        kind: String,
        /// Samples that know both.
        n: u64,
        /// Whether the two depend on each other by design.
        declared: bool,
        /// Test statistic: chi-square, or H of Kruskal and Wallis.
        statistic: Number,
        /// Its degrees of freedom.
        df: Number,
        /// Its p-value.
        p: Number,
        /// How the p-value was found: `chi2`, `permutation` or `kruskal`.
        p_method: String,
        /// p-value corrected for the number of pairs (Benjamini and Hochberg).
        p_bh: Number,
        /// p-value corrected for the number of pairs (Holm).
        p_holm: Number,
        /// The judged effect: Cramer's V without bias, or epsilon squared, not below 0.
        effect: Number,
        /// Effect that would be seen four times in five with so many samples.
        detectable: Number,
        /// Cramer's V, or eta squared.
        raw_effect: Number,
        /// Mutual information without bias, in nats; null for numbers.
        mutual_information: Number,
        /// Categories of the other column with their residuals beyond 3 in size: sensitive
        /// category, other category, residual.
        residuals: Vec<(String, String, Number)>,
        /// Medians of the numbers in each sensitive category; empty for categories.
        medians: Vec<(String, Number)>,
    }
}

entry! {
    /// One measure of pictures by group.
    ImageEntry {
        /// Name of the check.
        id: String,
        /// Column or quantity.
        measure: String,
        /// Attribute that makes the groups; empty where all samples are one.
        attribute: String,
        /// Samples that know both.
        n: u64,
        /// The number of the check.
        value: Number,
        /// Its bootstrap interval.
        interval: Option<[Number; 2]>,
        /// p-value of "no difference", where there is a test.
        p: Number,
        /// What each group shows.
        groups: Vec<GroupEntry>,
    }
}

entry! {
    /// A group.
    GroupEntry {
        /// Its category, or its categories joined by ` x `.
        group: String,
        /// Samples.
        n: u64,
        /// People; null where the dataset does not say.
        identities: Option<u64>,
        /// Mean, or share.
        mean: Number,
        /// Its interval.
        interval: [Number; 2],
        /// Median.
        median: Number,
        /// Standard deviation.
        deviation: Number,
    }
}

entry! {
    /// Errors of a model by group.
    ParityEntry {
        /// Name of the model.
        model: String,
        /// Task, such as depth.
        task: String,
        /// Metric.
        metric: String,
        /// `lower` or `higher`: which is better.
        direction: String,
        /// Attribute, or attributes joined by ` x `.
        attribute: String,
        /// The groups that have enough samples and people.
        groups: Vec<GroupEntry>,
        /// Groups with too little.
        thin: Vec<CellRef>,
        /// Mean over the judged groups together.
        overall: Number,
        /// Largest less smallest group mean.
        gap: Number,
        /// Its bootstrap interval.
        gap_interval: [Number; 2],
        /// Smallest by largest group mean.
        ratio: Number,
        /// Its bootstrap interval.
        ratio_interval: [Number; 2],
        /// Largest distance of a group mean from the overall.
        gap_to_overall: Number,
        /// Deviation of the group means by their mean.
        variation: Number,
        /// The worst group.
        worst: String,
        /// p-value of Kruskal and Wallis.
        kruskal_p: Number,
        /// p-value of Welch's analysis of variance.
        welch_p: Number,
        /// The same corrected over all metrics and attributes (Benjamini and Hochberg).
        kruskal_p_bh: Number,
        /// Difference of the two smallest groups that would be seen four times in five.
        detectable: Number,
        /// The pairs of groups.
        pairs: Vec<PairEntry>,
    }
}

entry! {
    /// Two groups against each other.
    PairEntry {
        /// First group.
        a: String,
        /// Second group.
        b: String,
        /// Mean of the first less that of the second.
        difference: Number,
        /// Its interval (Welch).
        interval: [Number; 2],
        /// Welch's p-value.
        p: Number,
        /// Corrected over the pairs of this attribute (Holm).
        p_holm: Number,
        /// Mann and Whitney's p-value.
        mann_whitney_p: Number,
        /// Cliff's delta.
        cliffs_delta: Number,
        /// Hedges's g.
        hedges_g: Number,
    }
}

impl AuditReport {
    /// Whether a limit was crossed.
    pub fn has_failed(&self) -> bool {
        self.checks.iter().any(|check| check.status == Status::Fail)
    }
}

impl Summary {
    /// The verdicts counted.
    pub fn of(checks: &[CheckEntry]) -> Self {
        let mut counts: BTreeMap<Status, u64> = BTreeMap::new();
        for check in checks {
            *counts.entry(check.status).or_default() += 1;
        }
        let count = |status: Status| counts.get(&status).copied().unwrap_or(0);
        Self {
            pass: count(Status::Pass),
            warn: count(Status::Warn),
            fail: count(Status::Fail),
            insufficient: count(Status::Insufficient),
            not_available: count(Status::NotAvailable),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_survive_json_whatever_they_are() {
        for (number, text) in [(1.5, "1.5"), (f64::INFINITY, "\"inf\""), (f64::NAN, "null")] {
            let written = serde_json::to_string(&Number(number)).unwrap();
            assert_eq!(written, text);
            let Number(read) = serde_json::from_str(&written).unwrap();
            assert!(read == number || (read.is_nan() && number.is_nan()));
        }
        assert!(serde_json::from_str::<Number>("\"many\"").is_err());
    }
}
