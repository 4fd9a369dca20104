//! Distributions as they are written in a document, and the check that turns them into
//! [`Distribution`]s.

use serde::de::value::MapAccessDeserializer;
use serde::de::{self, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::{Distribution, cumulate, special};

/// A distribution as written: a plain number or a table that names its law.
#[derive(Clone, Debug, PartialEq)]
pub enum LawFile {
    /// A plain number: always this value.
    Constant(f64),
    /// A table with the key `law`.
    Tagged(TaggedLawFile),
}

/// A distribution written as a table.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(tag = "law", rename_all = "snake_case", deny_unknown_fields)]
pub enum TaggedLawFile {
    /// Flat between the bounds.
    Uniform {
        /// Lowest value.
        min: f64,
        /// Supremum.
        max: f64,
    },
    /// Flat in the logarithm.
    LogUniform {
        /// Lowest value, positive.
        min: f64,
        /// Supremum.
        max: f64,
    },
    /// Gaussian cut to the bounds.
    Gaussian {
        /// Mean before the cut.
        mean: f64,
        /// Standard deviation before the cut, positive.
        sd: f64,
        /// Lowest value.
        min: f64,
        /// Highest value.
        max: f64,
    },
    /// Gaussian in the logarithm, cut to the bounds.
    LogNormal {
        /// Median before the cut, positive.
        median: f64,
        /// Standard deviation of the natural logarithm before the cut, positive.
        sigma: f64,
        /// Lowest value, positive.
        min: f64,
        /// Highest value.
        max: f64,
    },
    /// Beta distribution stretched over the bounds.
    Beta {
        /// First shape parameter, 0.05 to 1000.
        alpha: f64,
        /// Second shape parameter, 0.05 to 1000.
        beta: f64,
        /// Lowest value; 0 when absent.
        #[serde(default)]
        min: f64,
        /// Highest value; 1 when absent.
        #[serde(default = "one")]
        max: f64,
    },
    /// One of a few numbers.
    Choice {
        /// The numbers.
        values: Vec<f64>,
        /// Their shares, which sum to 1.
        shares: Vec<f64>,
    },
    /// Flat inside each of a few half-open bins.
    Bins {
        /// Bounds of the bins, ascending; one more than bins.
        edges: Vec<f64>,
        /// Shares of the bins, which sum to 1.
        shares: Vec<f64>,
    },
    /// One of several distributions.
    Mixture {
        /// The distributions and their shares, which sum to 1.
        parts: Vec<PartFile>,
    },
}

/// One part of a mixture.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PartFile {
    /// Its share.
    pub share: f64,
    /// Its distribution.
    pub of: LawFile,
}

fn one() -> f64 {
    1.0
}

impl<'de> Deserialize<'de> for LawFile {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NumberOrTable;

        impl<'de> Visitor<'de> for NumberOrTable {
            type Value = LawFile;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a number or a table with the key `law`")
            }

            fn visit_f64<E: de::Error>(self, value: f64) -> Result<LawFile, E> {
                Ok(LawFile::Constant(value))
            }

            fn visit_i64<E: de::Error>(self, value: i64) -> Result<LawFile, E> {
                Ok(LawFile::Constant(value as f64))
            }

            fn visit_u64<E: de::Error>(self, value: u64) -> Result<LawFile, E> {
                Ok(LawFile::Constant(value as f64))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<LawFile, A::Error> {
                TaggedLawFile::deserialize(MapAccessDeserializer::new(map)).map(LawFile::Tagged)
            }
        }

        deserializer.deserialize_any(NumberOrTable)
    }
}

#[cfg(feature = "json-schema")]
impl schemars::JsonSchema for LawFile {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Law".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let tagged = generator.subschema_for::<TaggedLawFile>();
        schemars::json_schema!({ "anyOf": [{ "type": "number" }, tagged] })
    }
}

impl LawFile {
    /// Checks the law, with every value in `[lowest, highest]`, and multiplies its values by
    /// `scale`. The message says what was found and what is allowed.
    pub fn resolve(&self, lowest: f64, highest: f64, scale: f64) -> Result<Distribution, String> {
        let within = |name: &str, value: f64| {
            if value.is_finite() && lowest <= value && value <= highest {
                Ok(value * scale)
            } else {
                Err(format!(
                    "found {name} {value}, allowed is {lowest} to {highest}"
                ))
            }
        };
        let bounds = |min: f64, max: f64| {
            let scaled = (within("the minimum", min)?, within("the maximum", max)?);
            if min < max {
                Ok(scaled)
            } else {
                Err(format!(
                    "found the minimum {min} not below the maximum {max}; write a plain number \
                     for a constant"
                ))
            }
        };
        let positive = |name: &str, value: f64| {
            if value.is_finite() && value > 0.0 {
                Ok(value)
            } else {
                Err(format!("found {name} {value}, it must be above 0"))
            }
        };
        // A cut that leaves nothing cannot be drawn from.
        let some_mass = |lo: f64, hi: f64| {
            if special::gaussian_mass(lo, hi) > 1e-9 {
                Ok(())
            } else {
                Err(
                    "the bounds cut off all of the distribution; move them nearer its middle"
                        .to_owned(),
                )
            }
        };
        let tagged = match self {
            Self::Constant(value) => {
                return within("the value", *value).map(Distribution::Constant);
            }
            Self::Tagged(tagged) => tagged,
        };
        match tagged {
            TaggedLawFile::Uniform { min, max } => {
                let (min, max) = bounds(*min, *max)?;
                Ok(Distribution::Uniform { min, max })
            }
            TaggedLawFile::LogUniform { min, max } => {
                positive("the minimum", *min)?;
                let (min, max) = bounds(*min, *max)?;
                Ok(Distribution::LogUniform { min, max })
            }
            TaggedLawFile::Gaussian { mean, sd, min, max } => {
                positive("the standard deviation", *sd)?;
                if !mean.is_finite() {
                    return Err(format!("found the mean {mean}, it must be a finite number"));
                }
                let scaled = bounds(*min, *max)?;
                some_mass((min - mean) / sd, (max - mean) / sd)?;
                let (min, max) = scaled;
                Ok(Distribution::Gaussian {
                    mean: mean * scale,
                    sd: sd * scale,
                    min,
                    max,
                })
            }
            TaggedLawFile::LogNormal {
                median,
                sigma,
                min,
                max,
            } => {
                positive("the median", *median)?;
                positive("sigma", *sigma)?;
                positive("the minimum", *min)?;
                let scaled = bounds(*min, *max)?;
                let standard = |x: f64| libm::log(x / median) / sigma;
                some_mass(standard(*min), standard(*max))?;
                let (min, max) = scaled;
                Ok(Distribution::LogNormal {
                    median: median * scale,
                    sigma: *sigma,
                    min,
                    max,
                })
            }
            TaggedLawFile::Beta {
                alpha,
                beta,
                min,
                max,
            } => {
                for (name, shape) in [("alpha", alpha), ("beta", beta)] {
                    if !(0.05..=1000.0).contains(shape) {
                        return Err(format!("found {name} {shape}, allowed is 0.05 to 1000"));
                    }
                }
                let (min, max) = bounds(*min, *max)?;
                Ok(Distribution::Beta {
                    alpha: *alpha,
                    beta: *beta,
                    min,
                    max,
                })
            }
            TaggedLawFile::Choice { values, shares } => {
                if values.len() != shares.len() {
                    return Err(format!(
                        "found {} values and {} shares, wanted as many of each",
                        values.len(),
                        shares.len()
                    ));
                }
                let cumulative = cumulate(shares)?;
                let values = values
                    .iter()
                    .map(|v| within("the value", *v))
                    .collect::<Result<_, _>>()?;
                Ok(Distribution::Choice { values, cumulative })
            }
            TaggedLawFile::Bins { edges, shares } => {
                if edges.len() != shares.len() + 1 {
                    return Err(format!(
                        "found {} edges and {} shares, wanted one edge more than shares",
                        edges.len(),
                        shares.len()
                    ));
                }
                let cumulative = cumulate(shares)?;
                for pair in edges.windows(2) {
                    bounds(pair[0], pair[1])?;
                }
                let edges = edges.iter().map(|e| e * scale).collect();
                Ok(Distribution::Bins { edges, cumulative })
            }
            TaggedLawFile::Mixture { parts } => {
                let shares: Vec<f64> = parts.iter().map(|p| p.share).collect();
                let cumulative = cumulate(&shares)?;
                let parts = parts
                    .iter()
                    .map(|p| p.of.resolve(lowest, highest, scale))
                    .collect::<Result<_, _>>()?;
                Ok(Distribution::Mixture { parts, cumulative })
            }
        }
    }
}
