//! Weighted choices among named things, and shares of a whole.

use std::collections::BTreeMap;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

use super::{locate, special, unit};

/// How far from one the shares of a choice may sum.
pub(crate) const SHARE_TOLERANCE: f64 = 1e-6;

/// Checks shares and cumulates them; the last entry is exactly 1.
pub(crate) fn cumulate(shares: &[f64]) -> Result<Vec<f64>, String> {
    if shares.is_empty() {
        return Err("found no share at all, wanted at least one".to_owned());
    }
    for share in shares {
        if !(0.0..=1.0 + SHARE_TOLERANCE).contains(share) {
            return Err(format!("found the share {share}, allowed is 0 to 1"));
        }
    }
    let total: f64 = shares.iter().sum();
    if (total - 1.0).abs() > SHARE_TOLERANCE {
        return Err(format!(
            "the shares sum to {total}, they must sum to 1 within 1e-6"
        ));
    }
    let mut sum = 0.0;
    let mut cumulative: Vec<f64> = shares
        .iter()
        .map(|share| {
            sum += share / total;
            sum
        })
        .collect();
    // Rounding must not leave a gap below one, nor let a share of zero be chosen there.
    let last = shares.iter().rposition(|share| *share > 0.0).unwrap_or(0);
    cumulative[last..].fill(1.0);
    Ok(cumulative)
}

/// A choice among named things, in a recipe
/// `{ law = "choice", shares = { brown = 0.7, blue = 0.3 } }`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Choice<T> {
    things: Vec<T>,
    shares: Vec<f64>,
    cumulative: Vec<f64>,
}

impl<T: Clone + Ord> Choice<T> {
    /// A choice with the given shares, which must sum to 1 within 1e-6.
    pub fn new(shares: &BTreeMap<T, f64>) -> Result<Self, String> {
        let values: Vec<f64> = shares.values().copied().collect();
        let cumulative = cumulate(&values)?;
        let total: f64 = values.iter().sum();
        Ok(Self {
            things: shares.keys().cloned().collect(),
            shares: values.iter().map(|v| v / total).collect(),
            cumulative,
        })
    }

    /// The thing at quantile `u` in `[0, 1)`.
    pub fn quantile(&self, u: f64) -> &T {
        &self.things[locate(&self.cumulative, unit(u)).0]
    }

    /// The share of `thing`.
    pub fn share(&self, thing: &T) -> f64 {
        self.things
            .iter()
            .position(|t| t == thing)
            .map_or(0.0, |idx| self.shares[idx])
    }

    /// Things and their shares, in order; shares may be zero.
    pub fn iter(&self) -> impl Iterator<Item = (&T, f64)> {
        self.things.iter().zip(self.shares.iter().copied())
    }

    /// The choice among those things that `keep` accepts, with their shares scaled up; `None` when
    /// nothing with a share is left.
    #[must_use]
    pub fn restrict(&self, keep: impl Fn(&T) -> bool) -> Option<Self> {
        let kept: Vec<(&T, f64)> = self
            .iter()
            .filter(|(t, share)| *share > 0.0 && keep(t))
            .collect();
        let total: f64 = kept.iter().map(|(_, share)| share).sum();
        let shares: BTreeMap<T, f64> = kept
            .into_iter()
            .map(|(t, share)| (t.clone(), share / total))
            .collect();
        Self::new(&shares).ok()
    }

    /// The mixture `(1 - weight) self + weight other`.
    #[must_use]
    pub fn blend(&self, other: &Self, weight: f64) -> Self {
        let mut shares: BTreeMap<T, f64> = BTreeMap::new();
        for (choice, w) in [(self, 1.0 - weight), (other, weight)] {
            for (thing, share) in choice.iter() {
                *shares.entry(thing.clone()).or_insert(0.0) += w * share;
            }
        }
        Self::new(&shares).unwrap_or_else(|_| self.clone())
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum ChoiceLaw {
    Choice,
}

/// What a choice looks like in a document.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, bound = "T: Deserialize<'de> + Ord")]
struct ChoiceFile<T> {
    #[serde(rename = "law")]
    _law: ChoiceLaw,
    shares: BTreeMap<T, f64>,
}

impl<'de, T: Deserialize<'de> + Clone + Ord> Deserialize<'de> for Choice<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let file = ChoiceFile::<T>::deserialize(deserializer)?;
        Self::new(&file.shares).map_err(D::Error::custom)
    }
}

#[cfg(feature = "json-schema")]
impl<T: schemars::JsonSchema> schemars::JsonSchema for Choice<T> {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        format!("ChoiceOf{}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let names = generator.subschema_for::<T>();
        schemars::json_schema!({
            "type": "object",
            "description": "One of a few named things; the shares sum to 1.",
            "properties": {
                "law": { "const": "choice" },
                "shares": {
                    "type": "object",
                    "propertyNames": names,
                    "additionalProperties": { "type": "number", "minimum": 0, "maximum": 1 }
                }
            },
            "required": ["law", "shares"],
            "additionalProperties": false
        })
    }
}

/// `N` shares that sum to one, in a recipe
/// `{ law = "dirichlet", concentrations = [0.5, 0.5, 0.5] }`.
#[derive(Clone, Debug, PartialEq)]
pub struct Dirichlet<const N: usize> {
    concentrations: [f64; N],
}

impl<const N: usize> Dirichlet<N> {
    /// A Dirichlet distribution; each concentration lies in 0.05 to 1000.
    pub fn new(concentrations: [f64; N]) -> Result<Self, String> {
        for c in concentrations {
            if !(0.05..=1000.0).contains(&c) {
                return Err(format!(
                    "found the concentration {c}, allowed is 0.05 to 1000"
                ));
            }
        }
        Ok(Self { concentrations })
    }

    /// The shares at the quantiles `u`, by breaking the stick piece by piece: piece `i` takes the
    /// share Beta(c_i, sum of the later c) of what is left. The last quantile is not used.
    pub fn quantile(&self, u: [f64; N]) -> [f64; N] {
        let mut rest = 1.0;
        let mut shares = [0.0; N];
        for i in 0..N {
            let later: f64 = self.concentrations[i + 1..].iter().sum();
            let part = if i + 1 == N {
                1.0
            } else {
                special::beta_quantile(unit(u[i]), self.concentrations[i], later)
            };
            shares[i] = rest * part;
            rest -= shares[i];
        }
        shares
    }
}

impl<const N: usize> Serialize for Dirichlet<N> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.concentrations.as_slice().serialize(serializer)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum DirichletLaw {
    Dirichlet,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DirichletFile {
    #[serde(rename = "law")]
    _law: DirichletLaw,
    concentrations: Vec<f64>,
}

impl<'de, const N: usize> Deserialize<'de> for Dirichlet<N> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let file = DirichletFile::deserialize(deserializer)?;
        let found = file.concentrations.len();
        let concentrations = file.concentrations.try_into().map_err(|_| {
            D::Error::custom(format_args!("found {found} concentrations, wanted {N}"))
        })?;
        Self::new(concentrations).map_err(D::Error::custom)
    }
}

#[cfg(feature = "json-schema")]
impl<const N: usize> schemars::JsonSchema for Dirichlet<N> {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        format!("Dirichlet{N}").into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "object",
            "description": "Shares of a whole.",
            "properties": {
                "law": { "const": "dirichlet" },
                "concentrations": {
                    "type": "array",
                    "items": { "type": "number", "minimum": 0.05, "maximum": 1000 },
                    "minItems": N,
                    "maxItems": N
                }
            },
            "required": ["law", "concentrations"],
            "additionalProperties": false
        })
    }
}
