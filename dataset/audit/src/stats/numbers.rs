//! Quantiles of numbers, exact for few and within 0.01 % for many, in bounded memory.

use serde::{Serialize, Serializer};

use bottega_schemas::audit::Number;

use crate::statistics::quantile_sorted;

/// Summary of the numbers of a column; every field is zero where there is no number. In JSON an
/// infinite one is the text `inf` or `-inf`.
///
/// Quantiles interpolate linearly between the two nearest ranks (Hyndman and Fan 1996, type 7).
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct NumberSummary {
    /// Arithmetic mean.
    #[serde(serialize_with = "number")]
    pub mean: f64,
    /// Standard deviation over the samples themselves, not an estimate for more.
    #[serde(serialize_with = "number")]
    pub std: f64,
    /// Smallest.
    #[serde(serialize_with = "number")]
    pub min: f64,
    /// 5th percentile.
    #[serde(serialize_with = "number")]
    pub p05: f64,
    /// First quartile.
    #[serde(serialize_with = "number")]
    pub p25: f64,
    /// Median.
    #[serde(serialize_with = "number")]
    pub p50: f64,
    /// Third quartile.
    #[serde(serialize_with = "number")]
    pub p75: f64,
    /// 95th percentile.
    #[serde(serialize_with = "number")]
    pub p95: f64,
    /// Largest.
    #[serde(serialize_with = "number")]
    pub max: f64,
    /// How many are infinite: these have ranks, but no part in mean and deviation.
    pub infinite: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
fn number<S: Serializer>(value: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    Number(*value).serialize(serializer)
}

impl NumberSummary {
    /// The summary of `numbers`, none of which is NaN.
    pub fn of(numbers: Vec<f64>) -> Self {
        let mut sketch = NumberSketch::default();
        sketch.absorb(&numbers);
        sketch.summary()
    }
}

/// Numbers up to this many are kept as they are.
const EXACT_MAX: usize = 1 << 16;

/// Bits of a number that a bin leaves out: 13 of the 52 of its fraction tell bins apart, so a bin
/// is 0.012 % wide.
const BIN_SHIFT: u32 = 39;

/// Gathers numbers in bounded memory: bins of equal relative width, made where they are needed.
#[derive(Clone, Debug, Default)]
pub(crate) struct NumberSketch {
    kept: Vec<f64>,
    /// Bins in ascending order.
    bins: Vec<Bin>,
    /// How many there are, and how many of them are finite.
    n: f64,
    finite: f64,
    mean: f64,
    /// Sum of the squared distances from the mean.
    squares: f64,
    min: f64,
    max: f64,
}

#[derive(Clone, Copy, Debug)]
struct Bin {
    key: i64,
    n: u64,
    sum: f64,
}

impl NumberSketch {
    /// Takes more numbers, none of which is NaN.
    pub(crate) fn absorb(&mut self, numbers: &[f64]) {
        if numbers.is_empty() {
            return;
        }
        let finite = || numbers.iter().filter(|v| v.is_finite());
        let n = finite().count() as f64;
        if n > 0.0 {
            let mean = finite().sum::<f64>() / n;
            let squares: f64 = finite().map(|v| (v - mean) * (v - mean)).sum();
            // Chan, Golub and LeVeque (1983).
            let (off, all) = (mean - self.mean, self.finite + n);
            self.squares += squares + off * off * self.finite * n / all;
            self.mean += off * n / all;
            self.finite = all;
        }
        if self.n == 0.0 {
            (self.min, self.max) = (f64::INFINITY, f64::NEG_INFINITY);
        }
        self.n += numbers.len() as f64;
        for &v in numbers {
            self.min = self.min.min(v);
            self.max = self.max.max(v);
        }
        self.kept.extend_from_slice(numbers);
        if self.kept.len() > EXACT_MAX {
            self.spill();
        }
    }

    /// Sorts what is kept into bins.
    fn spill(&mut self) {
        self.kept.sort_unstable_by(f64::total_cmp);
        let mut bins: Vec<Bin> = Vec::with_capacity(self.bins.len());
        let mut old = self.bins.iter().copied().peekable();
        let mut add = |bin: Bin| match bins.last_mut() {
            Some(last) if last.key == bin.key => {
                last.n += bin.n;
                last.sum += bin.sum;
            }
            _ => bins.push(bin),
        };
        for &v in &self.kept {
            let bits = v.to_bits() as i64;
            // Bit patterns of floats in the order of their values.
            let key = (bits ^ (((bits >> 63) as u64) >> 1) as i64) >> BIN_SHIFT;
            while let Some(bin) = old.next_if(|bin| bin.key <= key) {
                add(bin);
            }
            add(Bin { key, n: 1, sum: v });
        }
        old.for_each(add);
        self.bins = bins;
        self.kept.clear();
    }

    /// The summary of what was taken.
    pub(crate) fn summary(mut self) -> NumberSummary {
        if self.n == 0.0 {
            return NumberSummary::default();
        }
        let quantiles = [0.05, 0.25, 0.5, 0.75, 0.95];
        let [p05, p25, p50, p75, p95] = if self.bins.is_empty() {
            self.kept.sort_unstable_by(f64::total_cmp);
            quantiles.map(|q| quantile_sorted(&self.kept, q))
        } else {
            self.spill();
            quantiles.map(|q| self.bin_at(q * (self.n - 1.0)))
        };
        NumberSummary {
            mean: self.mean,
            std: (self.squares / self.finite.max(1.0)).sqrt(),
            min: self.min,
            p05,
            p25,
            p50,
            p75,
            p95,
            max: self.max,
            infinite: (self.n - self.finite) as u64,
        }
    }

    /// Mean of the bin that holds the number of a rank, from 0.
    fn bin_at(&self, rank: f64) -> f64 {
        let mut below = 0;
        for bin in &self.bins {
            below += bin.n;
            if below as f64 > rank {
                return bin.sum / bin.n as f64;
            }
        }
        self.max
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_of_a_ramp_are_exact() {
        let summary = NumberSummary::of((0..=100).rev().map(f64::from).collect());
        assert_eq!((summary.min, summary.p50, summary.max), (0.0, 50.0, 100.0));
        assert_eq!(
            (summary.p05, summary.p25, summary.p75, summary.p95),
            (5.0, 25.0, 75.0, 95.0)
        );
        assert_eq!(summary.mean, 50.0);
        assert!((summary.std - 850.0f64.sqrt()).abs() < 1e-9);
    }

    #[test]
    fn many_numbers_keep_their_quantiles() {
        // A scrambled ramp from -100 to 100, beyond what is kept.
        let n = 200_003_u64;
        let value = |i: u64| (i * 7919 % n) as f64 / (n - 1) as f64 * 200.0 - 100.0;
        let mut sketch = NumberSketch::default();
        for chunk in (0..n).map(value).collect::<Vec<f64>>().chunks(1000) {
            sketch.absorb(chunk);
        }
        assert!(sketch.bins.len() > 1000 && sketch.kept.len() <= EXACT_MAX);
        let found = sketch.summary();
        for (found, wanted) in [
            (found.min, -100.0),
            (found.p05, -90.0),
            (found.p25, -50.0),
            (found.p75, 50.0),
            (found.p95, 90.0),
            (found.max, 100.0),
        ] {
            assert!((found - wanted).abs() <= 2e-4 * 100.0, "{found} {wanted}");
        }
        assert!(found.p50.abs() < 0.01 && found.mean.abs() < 1e-9);
        assert!((found.std - 57.735).abs() < 0.01);
    }

    #[test]
    fn many_equal_numbers_stay_exact() {
        let numbers: Vec<f64> = (0..200_000).map(|i| f64::from(i % 5) * 96.0).collect();
        let found = NumberSummary::of(numbers);
        assert_eq!((found.p25, found.p50, found.p75), (96.0, 192.0, 288.0));
    }

    #[test]
    fn infinite_numbers_have_ranks_but_no_part_in_the_mean() {
        let found = NumberSummary::of(vec![f64::INFINITY, 1.0, 3.0, f64::NEG_INFINITY, 2.0]);
        assert_eq!((found.mean, found.infinite), (2.0, 2));
        assert_eq!(
            (found.min, found.p50, found.max),
            (f64::NEG_INFINITY, 2.0, f64::INFINITY)
        );
        let json = serde_json::to_string(&found).unwrap();
        assert!(
            json.contains(r#""min":"-inf""#) && json.contains(r#""max":"inf""#),
            "{json}"
        );
        let all = NumberSummary::of(vec![f64::INFINITY; 3]);
        assert_eq!((all.mean, all.p50, all.infinite), (0.0, f64::INFINITY, 3));
    }
}
