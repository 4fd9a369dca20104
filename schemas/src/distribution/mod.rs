//! Distributions of numbers, drawn by quantile.
//!
//! A distribution maps a quantile `u` in `[0, 1)` to a value; it never sees a random number
//! generator. In a recipe each is a table that names its `law`, or a plain number for a constant:
//!
//! ```toml
//! pitch_deg = { law = "gaussian", mean = 0, sd = 12, min = -40, max = 40 }
//! ```
//!
//! What is written ([`LawFile`]) is checked once, scaled to metres and radians, and becomes a
//! [`Distribution`] inside a [`Law`].

mod choice;
mod file;
mod law;
mod special;

use serde::Serialize;

pub use choice::{Choice, Dirichlet};
pub use file::{LawFile, PartFile, TaggedLawFile};
pub use law::{Law, Quantity, Scalar, quantity};

pub(crate) use choice::cumulate;
pub(crate) use special::CutGaussian;

/// A checked distribution.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Distribution {
    /// Always this value.
    Constant(f64),
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
        /// Standard deviation before the cut.
        sd: f64,
        /// Lowest value.
        min: f64,
        /// Highest value.
        max: f64,
    },
    /// Gaussian in the logarithm, cut to the bounds.
    LogNormal {
        /// Median before the cut.
        median: f64,
        /// Standard deviation of the natural logarithm before the cut.
        sigma: f64,
        /// Lowest value, positive.
        min: f64,
        /// Highest value.
        max: f64,
    },
    /// Beta distribution stretched over the bounds.
    Beta {
        /// First shape parameter.
        alpha: f64,
        /// Second shape parameter.
        beta: f64,
        /// Lowest value.
        min: f64,
        /// Highest value.
        max: f64,
    },
    /// One of a few values.
    Choice {
        /// The values.
        values: Vec<f64>,
        /// Cumulated shares; the last is 1.
        cumulative: Vec<f64>,
    },
    /// Flat inside each of a few half-open bins.
    Bins {
        /// Bounds of the bins, ascending, one more than bins.
        edges: Vec<f64>,
        /// Cumulated shares; the last is 1.
        cumulative: Vec<f64>,
    },
    /// One of several distributions.
    Mixture {
        /// The distributions.
        parts: Vec<Self>,
        /// Cumulated shares; the last is 1.
        cumulative: Vec<f64>,
    },
}

impl Distribution {
    /// The value at quantile `u` in `[0, 1)`.
    pub fn quantile(&self, u: f64) -> f64 {
        let u = unit(u);
        match self {
            Self::Constant(value) => *value,
            Self::Uniform { min, max } => (min + u * (max - min)).clamp(*min, *max),
            Self::LogUniform { min, max } => {
                let (lo, hi) = (libm::log(*min), libm::log(*max));
                libm::exp(lo + u * (hi - lo)).clamp(*min, *max)
            }
            Self::Gaussian { mean, sd, min, max } => CutGaussian {
                mean: *mean,
                sd: *sd,
                min: *min,
                max: *max,
            }
            .quantile(u),
            Self::LogNormal {
                median,
                sigma,
                min,
                max,
            } => {
                let standard = |x: f64| libm::log(x / median) / sigma;
                let z = special::cut_gaussian_quantile(u, standard(*min), standard(*max));
                (median * libm::exp(sigma * z)).clamp(*min, *max)
            }
            Self::Beta {
                alpha,
                beta,
                min,
                max,
            } => {
                let x = special::beta_quantile(u, *alpha, *beta);
                (min + x * (max - min)).clamp(*min, *max)
            }
            Self::Choice { values, cumulative } => values[locate(cumulative, u).0],
            Self::Bins { edges, cumulative } => {
                let (idx, inner) = locate(cumulative, u);
                let (lo, hi) = (edges[idx], edges[idx + 1]);
                (lo + inner * (hi - lo)).clamp(lo, hi.next_down())
            }
            Self::Mixture { parts, cumulative } => {
                let (idx, inner) = locate(cumulative, u);
                parts[idx].quantile(inner)
            }
        }
    }

    /// Lowest and highest value that can come out.
    pub fn range(&self) -> (f64, f64) {
        match self {
            Self::Constant(value) => (*value, *value),
            Self::Uniform { min, max }
            | Self::LogUniform { min, max }
            | Self::Gaussian { min, max, .. }
            | Self::LogNormal { min, max, .. }
            | Self::Beta { min, max, .. } => (*min, *max),
            Self::Choice { values: all, .. } | Self::Bins { edges: all, .. } => {
                hull(all.iter().map(|v| (*v, *v)))
            }
            Self::Mixture { parts, .. } => hull(parts.iter().map(Self::range)),
        }
    }

    /// The bin that quantile `u` falls into and the number of bins, for laws made of parts.
    pub fn bin(&self, u: f64) -> (usize, usize) {
        match self {
            Self::Choice { cumulative, .. }
            | Self::Bins { cumulative, .. }
            | Self::Mixture { cumulative, .. } => (locate(cumulative, unit(u)).0, cumulative.len()),
            _ => (0, 1),
        }
    }
}

impl Distribution {
    /// The value at quantile `u` within the bin with number `bin`; for laws without parts as
    /// [`Self::quantile`].
    pub fn quantile_in_bin(&self, bin: usize, u: f64) -> f64 {
        match self {
            Self::Choice { cumulative, .. }
            | Self::Bins { cumulative, .. }
            | Self::Mixture { cumulative, .. } => {
                let hi = cumulative[bin.min(cumulative.len() - 1)];
                let lo = if bin == 0 {
                    0.0
                } else {
                    cumulative[bin.min(cumulative.len()) - 1]
                };
                // Keep off the edges, where rounding would fall into the neighbour.
                let inner = 1e-9 + unit(u) * (1.0 - 2e-9);
                self.quantile(lo + inner * (hi - lo))
            }
            _ => self.quantile(u),
        }
    }
}

fn hull(ranges: impl Iterator<Item = (f64, f64)>) -> (f64, f64) {
    ranges.fold((f64::INFINITY, f64::NEG_INFINITY), |(lo, hi), (a, b)| {
        (lo.min(a), hi.max(b))
    })
}

/// Brings any number into `[0, 1)`.
pub(crate) fn unit(u: f64) -> f64 {
    if u.is_nan() {
        0.0
    } else {
        u.clamp(0.0, 1.0_f64.next_down())
    }
}

/// The half-open interval of `cumulative` that holds `u`, and where in it `u` lies, in `[0, 1)`.
pub(crate) fn locate(cumulative: &[f64], u: f64) -> (usize, f64) {
    let last = cumulative.len() - 1;
    let idx = cumulative.partition_point(|&c| c <= u).min(last);
    let lo = if idx == 0 { 0.0 } else { cumulative[idx - 1] };
    let width = cumulative[idx] - lo;
    (
        idx,
        if width > 0.0 {
            unit((u - lo) / width)
        } else {
            0.0
        },
    )
}

#[cfg(test)]
mod tests;
